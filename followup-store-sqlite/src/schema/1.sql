-- Version 1. Instants are microseconds since 1970 (UTC). `sum` is a checksum of a row's content: a damaged row causes
-- an error, never a wrong answer.

-- One row for each book of business.
CREATE TABLE book(
    pk INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- Texts that many rows share: owners, kinds of events, values of `planned_by`. Never changed, never deleted.
CREATE TABLE word(
    pk INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- A prospect: the revision of its journal, its due entry, and its state. One row, because all of it changes together,
-- and each page that a change touches is written to the log in full. The snapshot is the last column, so that reading a
-- due entry stops before it. Without a due entry, all columns from planned_at to due_sum are NULL. `changed` is the
-- place in the feed, and `newest_event_at` the newest instant of any event in the book at that place: the last place
-- has that of the book, without a row that every change would have to write.
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

-- One index for each order in which due entries are read. Each includes the id, which decides between equal instants:
-- thousands of entries may be due at the close of one working day. The id is followed by the columns that queries
-- filter by.
CREATE INDEX due_by_rank ON prospect(book, rank_at, id, earliest) WHERE rank_at IS NOT NULL;
CREATE INDEX due_by_owner ON prospect(book, owner, rank_at, id, earliest)
    WHERE rank_at IS NOT NULL AND owner IS NOT NULL;
CREATE INDEX due_by_wake ON prospect(book, wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX due_by_latest ON prospect(book, latest, id, owner) WHERE latest IS NOT NULL;
CREATE INDEX due_by_appointment ON prospect(book, appointment_at, id, owner) WHERE appointment_at IS NOT NULL;
-- By opening: the order of automatic entries, and the short way to a page by rank when few entries are open.
CREATE INDEX due_by_opening ON prospect(book, automatic, earliest, id, rank_at, owner) WHERE earliest IS NOT NULL;

-- Personal data is in a table of its own, so that erasing it is a delete. Its checksum is stored with the prospect, so
-- that a lost row is noticed.
CREATE TABLE profile(
    prospect INTEGER PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;

-- The journals. The primary key keeps one prospect's history together and makes each event key unique. `n` is the
-- position in the order of recording, from 1 to the prospect's revision.
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
