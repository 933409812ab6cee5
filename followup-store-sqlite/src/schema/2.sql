-- Version 2. The file may be shared with a host's own tables, so every name says whose it is. Claims, suppressions and
-- documents are added, and the feed has a table of its own. Instants are microseconds since 1970 (UTC). A `sum` is a
-- checksum of what a row says: a damaged row is an error, never another answer.

-- The version of the schema. The file's `user_version` is not ours to use where the file is a host's. `settled` counts
-- commits that had nothing to say but that the one before them, which failed, is not there.
CREATE TABLE followup_schema(version INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO followup_schema(version) VALUES (2);

-- One row for each book of business.
ALTER TABLE book RENAME TO followup_book;

-- Texts that many rows share: owners, kinds of events, what plans were made by. Never changed, never deleted.
ALTER TABLE word RENAME TO followup_word;

-- What is personal lies apart, so that erasing it is a delete. Its sum stands with the prospect: a row that is lost is
-- missed.
ALTER TABLE profile RENAME TO followup_profile;

-- The journals. Keyed so that one prospect's history lies together and a key is there once. `n` is the place in the
-- order in which they were recorded, from 1 to the prospect's revision.
ALTER TABLE record RENAME TO followup_record;

-- A prospect: where the journal stands, what is due, who has claimed it, and the state. One row, because all of it
-- changes together, and each page that a change touches is written to the log in full. The snapshot is last, so that
-- reading what is due stops before it. Without a due entry, all from planned_at to due_sum is NULL. `changed` is the
-- place in the feed. `fence` is the number of the newest claim, ended or not; `leased_until` the end of its lease, NULL
-- once it has ended; `claim_at` when it may be claimed, the later of the opening and the end of the lease, NULL if it is
-- not automatic.
CREATE TABLE followup_prospect(
    pk INTEGER PRIMARY KEY,
    book INTEGER NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    since INTEGER NOT NULL,
    changed INTEGER NOT NULL,
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
    fence INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER,
    claim_at INTEGER,
    claim_sum INTEGER,
    profile_sum INTEGER,
    fold_version INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    snapshot BLOB NOT NULL,
    UNIQUE(book, id)
) STRICT;

INSERT INTO followup_prospect(pk, book, id, revision, since, changed, planned_at, owner, automatic, earliest, target,
                              latest, rank_at, wake_at, appointment_at, obligation, planned_by, due_sum, claim_at,
                              profile_sum, fold_version, sum, snapshot)
    SELECT pk, book, id, revision, since, changed, planned_at, owner, automatic, earliest, target, latest, rank_at,
           wake_at, appointment_at, obligation, planned_by, due_sum, iif(automatic, earliest, NULL), profile_sum,
           fold_version, sum, snapshot
    FROM prospect ORDER BY pk;

-- The feed: every change that was made, in order. A prospect stands in it once, at its newest change; what it stood at
-- before is passed over. To take it away would write a page somewhere in the middle with each change, where a new one is
-- written at the end. `newest_event_at` is the newest instant of any event in the book at that place: the last place
-- has the book's.
CREATE TABLE followup_feed(
    book INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    prospect INTEGER NOT NULL,
    newest_event_at INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY(book, changed)
) STRICT, WITHOUT ROWID;

-- One index for each order in which due entries are read. The identity is in each, because it decides between equal
-- instants, and thousands may be due at the close of one working day. After it comes what a query passes rows over by.
-- By rank for each owner, and for those without; for everybody's, the owners are merged.
CREATE INDEX followup_due_by_rank ON followup_prospect(book, owner, rank_at, id, earliest) WHERE rank_at IS NOT NULL;
CREATE INDEX followup_due_by_wake ON followup_prospect(book, wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX followup_due_by_appointment ON followup_prospect(book, appointment_at, id, owner)
    WHERE appointment_at IS NOT NULL;
-- By opening: the short way to a rank when little is open.
CREATE INDEX followup_due_by_opening ON followup_prospect(book, earliest, id, rank_at, owner)
    WHERE earliest IS NOT NULL;
-- What may be handed out, those who wait longest first.
CREATE INDEX followup_claimable ON followup_prospect(book, claim_at, id) WHERE claim_at IS NOT NULL;

-- Addresses that nothing is sent to, as keyed hashes.
CREATE TABLE followup_suppression(
    book INTEGER NOT NULL,
    address BLOB NOT NULL,
    since INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY(book, address)
) STRICT, WITHOUT ROWID;

-- Published playbooks and other texts that hold for a whole book. Never changed.
CREATE TABLE followup_document(
    book INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY(book, kind, name, version)
) STRICT, WITHOUT ROWID;
