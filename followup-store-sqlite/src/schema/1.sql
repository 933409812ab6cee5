-- Version 1. Instants are microseconds since 1970 (UTC). A `sum` is a checksum of what a row says: a damaged row is
-- an error, never another answer.

-- One row for each book of business.
CREATE TABLE book(
    pk INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Texts that many rows share: owners, kinds of events, what plans were made by. Never changed, never deleted.
CREATE TABLE word(
    pk INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- A prospect: where the journal stands, what is due, and the state. One row, because all of it changes together, and
-- each page that a change touches is written to the log in full. The snapshot is last, so that reading what is due
-- stops before it. Without a due entry, all from planned_at to due_sum is NULL. `changed` is the place in the feed, and
-- `newest_event_at` the newest instant of any event in the book at that place: the last place has the book's, without a
-- row that every change would have to write.
CREATE TABLE prospect(
    pk INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    since INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    newest_event_at INTEGER NOT NULL,
    planned_at INTEGER,
    owner INTEGER,
    automatic INTEGER,
    earliest INTEGER,
    target INTEGER,
    latest INTEGER,
    rank_at INTEGER,
    wake_at INTEGER,
    appointment_at INTEGER,
    obligation TEXT,
    planned_by INTEGER,
    due_sum INTEGER,
    profile_sum INTEGER,
    fold_version INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    snapshot BLOB NOT NULL,
    UNIQUE(book, id)
) STRICT;

-- The feed: each prospect at its newest change.
CREATE INDEX changed ON prospect(book, changed);

-- One index for each order in which due entries are read. The identity is in each, because it decides between equal
-- instants, and thousands may be due at the close of one working day. After it comes what a query passes rows over by.
CREATE INDEX due_by_rank ON prospect(book, rank_at, id, earliest) WHERE rank_at IS NOT NULL;
CREATE INDEX due_by_owner ON prospect(book, owner, rank_at, id, earliest)
    WHERE rank_at IS NOT NULL AND owner IS NOT NULL;
CREATE INDEX due_by_wake ON prospect(book, wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX due_by_latest ON prospect(book, latest, id, owner) WHERE latest IS NOT NULL;
CREATE INDEX due_by_appointment ON prospect(book, appointment_at, id, owner) WHERE appointment_at IS NOT NULL;
-- By opening: the order of what is sent without a person, and the short way to a rank when little is open.
CREATE INDEX due_by_opening ON prospect(book, automatic, earliest, id, rank_at, owner) WHERE earliest IS NOT NULL;

-- What is personal lies apart, so that erasing it is a delete. Its sum stands with the prospect: a row that is lost is
-- missed.
CREATE TABLE profile(
    prospect INTEGER PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;

-- The journals. Keyed so that one prospect's history lies together and a key is there once. `n` is the place in the
-- order in which they were recorded, from 1 to the prospect's revision.
CREATE TABLE record(
    prospect INTEGER NOT NULL,
    key TEXT NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    hash BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY(prospect, key)
) STRICT, WITHOUT ROWID;
