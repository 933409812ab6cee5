-- Version 2. The file may be shared with a host's own tables, so every name begins with `followup_`. This version adds
-- claims, suppressions and documents, and moves the feed to a table of its own. Instants are microseconds since 1970
-- (UTC). `sum` is a checksum of a row's content: a damaged row causes an error, never a wrong answer.

-- The version of the schema. It is not in the file's `user_version`, because that belongs to the host if the file is
-- shared. `settled` counts commits whose only purpose is to overwrite a failed commit before them.
CREATE TABLE followup_schema(version INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO followup_schema(version) VALUES (2);

-- One row for each book of business.
ALTER TABLE book RENAME TO followup_book;

-- Texts that many rows share: owners, kinds of events, values of `planned_by`. Never changed, never deleted.
ALTER TABLE word RENAME TO followup_word;

-- Personal data is in a table of its own, so that erasing it is a delete. Its checksum is stored with the prospect, so
-- that a lost row is noticed.
ALTER TABLE profile RENAME TO followup_profile;

-- The journals. The primary key keeps one prospect's history together and makes each event key unique. `n` is the
-- position in the order of recording, from 1 to the prospect's revision.
ALTER TABLE record RENAME TO followup_record;

-- A prospect: the revision of its journal, its due entry, its newest claim, and its state. One row, because all of it
-- changes together, and each page that a change touches is written to the log in full. The snapshot is the last column,
-- so that reading a due entry stops before it. Without a due entry, all columns from planned_at to due_sum are NULL.
-- `changed` is the place in the feed. `fence` is the number of the newest claim, ended or not. `leased_until` is the
-- end of its lease, NULL once the claim has ended. `claim_at` is the instant from which the entry may be claimed, the
-- later of its opening and the end of the lease; NULL if the entry is not automatic.
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

-- The feed: every change, in order. Only the row of a prospect's newest change counts; readers skip its earlier rows.
-- Deleting these would write a page in the middle of the table with each change, while a new row is written at the end.
-- `newest_event_at` is the newest instant of any event in the book at that place: the last place has that of the book.
CREATE TABLE followup_feed(
    book INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    prospect INTEGER NOT NULL,
    newest_event_at INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY(book, changed)
) STRICT, WITHOUT ROWID;

-- One index for each order in which due entries are read. Each includes the id, which decides between equal instants:
-- thousands of entries may be due at the close of one working day. The id is followed by the columns that queries
-- filter by. By rank for each owner, and for entries without an owner; a query for all owners merges them.
CREATE INDEX followup_due_by_rank ON followup_prospect(book, owner, rank_at, id, earliest) WHERE rank_at IS NOT NULL;
CREATE INDEX followup_due_by_wake ON followup_prospect(book, wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX followup_due_by_appointment ON followup_prospect(book, appointment_at, id, owner)
    WHERE appointment_at IS NOT NULL;
-- By opening: the short way to a page by rank when few entries are open.
CREATE INDEX followup_due_by_opening ON followup_prospect(book, earliest, id, rank_at, owner)
    WHERE earliest IS NOT NULL;
-- Entries that may be claimed, those that have waited longest first.
CREATE INDEX followup_claimable ON followup_prospect(book, claim_at, id) WHERE claim_at IS NOT NULL;

-- Addresses to which nothing is sent, as keyed hashes.
CREATE TABLE followup_suppression(
    book INTEGER NOT NULL,
    address BLOB NOT NULL,
    since INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY(book, address)
) STRICT, WITHOUT ROWID;

-- Published playbooks and other texts of a whole book. Never changed.
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
