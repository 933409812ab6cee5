-- Version 2. The file may be shared with a host's own tables, so every name says whose it is. Claims, suppressions and
-- documents are added.

ALTER TABLE book RENAME TO followup_book;
ALTER TABLE word RENAME TO followup_word;
ALTER TABLE prospect RENAME TO followup_prospect;
ALTER TABLE profile RENAME TO followup_profile;
ALTER TABLE record RENAME TO followup_record;

-- The version of the schema. The file's `user_version` is not ours to use where the file is a host's.
CREATE TABLE followup_schema(version INTEGER NOT NULL) STRICT;
INSERT INTO followup_schema(version) VALUES (2);

-- `fence` is the number of the newest claim, ended or not; `leased_until` the end of its lease, NULL once it has ended.
-- `claim_at` is when it may be claimed: the later of the opening and the end of the lease, NULL if it is not automatic.
ALTER TABLE followup_prospect ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE followup_prospect ADD COLUMN leased_until INTEGER;
ALTER TABLE followup_prospect ADD COLUMN claim_at INTEGER;
ALTER TABLE followup_prospect ADD COLUMN claim_sum INTEGER;
UPDATE followup_prospect SET claim_at = earliest WHERE automatic = 1 AND earliest IS NOT NULL;

DROP INDEX changed;
DROP INDEX due_by_rank;
DROP INDEX due_by_owner;
DROP INDEX due_by_wake;
DROP INDEX due_by_latest;
DROP INDEX due_by_appointment;
DROP INDEX due_by_opening;

-- The feed: each prospect at its newest change.
CREATE INDEX followup_changed ON followup_prospect(book, changed);

-- One index for each order in which due entries are read. The identity is in each, because it decides between equal
-- instants, and thousands may be due at the close of one working day. After it comes what a query passes rows over by.
CREATE INDEX followup_due_by_rank ON followup_prospect(book, rank_at, id, earliest) WHERE rank_at IS NOT NULL;
CREATE INDEX followup_due_by_owner ON followup_prospect(book, owner, rank_at, id, earliest)
    WHERE rank_at IS NOT NULL AND owner IS NOT NULL;
CREATE INDEX followup_due_by_wake ON followup_prospect(book, wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX followup_due_by_latest ON followup_prospect(book, latest, id, owner) WHERE latest IS NOT NULL;
CREATE INDEX followup_due_by_appointment ON followup_prospect(book, appointment_at, id, owner)
    WHERE appointment_at IS NOT NULL;
-- By opening: the order of what is sent without a person, and the short way to a rank when little is open.
CREATE INDEX followup_due_by_opening ON followup_prospect(book, automatic, earliest, id, rank_at, owner)
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
