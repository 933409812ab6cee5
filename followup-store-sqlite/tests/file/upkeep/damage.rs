//! Every kind of damage is found.

use std::fs;

use followup_core::Store;
use followup_core::store::{DueOrder, DueQuery};
use followup_store_sqlite::{Place, SqliteStore};
use followup_store_testkit::tools::change;
use pollster::block_on;
use rusqlite::Connection;

use super::furnished;
use crate::file::{directory, number, sql};

/// Statements of another program that damage the file, the place of the finding, and its text.
#[rustfmt::skip]
const DAMAGE: &[(&str, &str, &str)] = &[
    ("UPDATE followup_prospect SET snapshot = x'00' WHERE pk = 1", "p-1", "the state is damaged"),
    ("UPDATE followup_prospect SET since = since + 1 WHERE pk = 2", "p-2", "the state is damaged"),
    ("UPDATE followup_prospect SET revision = 4 WHERE pk = 2", "p-2", "the state is damaged"),
    ("UPDATE followup_prospect SET revision = 4 WHERE pk = 2", "p-2", "are not numbered 1 to 4"),
    ("UPDATE followup_prospect SET id = char(7) WHERE pk = 2", "row 2 of followup_prospect", "invalid prospect id"),
    ("UPDATE followup_prospect SET id = 'p-9' WHERE pk = 2", "p-9", "the state is damaged"),
    ("UPDATE followup_prospect SET rank_at = rank_at + 1 WHERE pk = 4", "agency", "the due entry is damaged"),
    ("UPDATE followup_prospect SET due_sum = NULL WHERE pk = 2", "p-2", "cannot be read|Invalid column type Null"),
    ("UPDATE followup_prospect SET planned_at = NULL WHERE pk = 2", "p-2", "Invalid column type Null"),
    ("UPDATE followup_prospect SET automatic = 0 WHERE pk = 1", "p-1", "the due entry is damaged"),
    ("UPDATE followup_prospect SET claim_at = claim_at + 1 WHERE pk = 1", "p-1", "claimed does not match its opening"),
    ("UPDATE followup_prospect SET claim_at = NULL WHERE pk = 1", "p-1", "claimed does not match its opening"),
    ("UPDATE followup_prospect SET fence = fence + 1 WHERE pk = 2", "p-2", "the claim is damaged"),
    ("UPDATE followup_prospect SET leased_until = 7 WHERE fence > 0 AND pk < 4", "main", "the claim is damaged"),
    ("UPDATE followup_prospect SET claim_sum = NULL", "main", "the claim is damaged"),
    ("UPDATE followup_prospect SET book = 9 WHERE pk = 2", "row 2 of followup_prospect", "its book is missing"),
    ("UPDATE followup_prospect SET changed = 0 WHERE pk = 2", "p-2", "it has no feed entry"),
    ("UPDATE followup_prospect SET changed = 5 WHERE pk = 1", "p-1", "it has no feed entry"),
    ("UPDATE followup_feed SET prospect = 2 WHERE prospect = 1", "p-1", "it has no feed entry"),
    ("UPDATE followup_feed SET changed = changed + 100", "row 1 of followup_feed", "was last changed before this entry"),
    ("UPDATE followup_feed SET prospect = 99", "row 1 of followup_feed", "its prospect is missing"),
    ("DELETE FROM followup_feed", "p-1", "it has no feed entry"),
    ("UPDATE followup_feed SET newest_event_at = 0", "book main", "the newest event instant in its feed"),
    ("DELETE FROM followup_prospect WHERE pk = 1", "row 1 of followup_prospect", "it is missing, but 3 records"),
    ("DELETE FROM followup_prospect WHERE pk = 6", "row 6 of followup_prospect", "it is missing, but "),
    ("DELETE FROM followup_prospect WHERE pk = 1", "row 1 of followup_profile", "it belongs to a missing prospect"),
    ("UPDATE followup_profile SET json = '{}' WHERE prospect = 1", "p-1", "the profile is damaged"),
    ("DELETE FROM followup_profile WHERE prospect = 1", "p-1", "the profile is damaged"),
    ("UPDATE followup_prospect SET profile_sum = NULL WHERE pk = 1", "p-1", "the profile is damaged"),
    ("DELETE FROM followup_record WHERE prospect = 1 AND n = 1", "p-1", "are not numbered 1 to "),
    ("DELETE FROM followup_record WHERE prospect = 3", "p-3", "its 0 records are not numbered"),
    ("UPDATE followup_record SET n = 9 WHERE prospect = 1 AND n = 1", "p-1", "are not numbered 1 to "),
    ("UPDATE followup_record SET n = 1 WHERE prospect = 1 AND n = 2", "p-1", "are not numbered 1 to "),
    ("UPDATE followup_record SET prospect = 5 WHERE prospect = 1 AND n = 3", "p-1", "are not numbered 1 to "),
    ("UPDATE followup_record SET body = '{}' WHERE prospect = 1 AND n = 2", "p-1", "record 2: the journal is damaged"),
    ("UPDATE followup_record SET at = 9223372036854775807 WHERE prospect = 1 AND n = 2", "p-1", "invalid instant"),
    ("UPDATE followup_record SET hash = x'00' WHERE prospect = 1 AND n = 2", "p-1", "record 2: "),
    ("UPDATE followup_record SET key = 'k9' WHERE prospect = 1 AND n = 2", "p-1", "record 2: the journal is damaged"),
    ("UPDATE followup_word SET text = 'jo' WHERE text = 'ines'", "p-1", "the due entry is damaged"),
    ("DELETE FROM followup_word WHERE text = 'ines'", "p-1", "the word "),
    ("UPDATE followup_suppression SET since = since + 1", "row 1 of followup_suppression", "checksum does not match"),
    ("UPDATE followup_suppression SET address = x'00' WHERE book = 1 AND address = zeroblob(16)", "row 1 of followup_suppression", "Conversion error"),
    ("UPDATE followup_suppression SET book = 9 WHERE book = 2", "row 6 of followup_suppression", "its book is missing"),
    ("UPDATE followup_document SET body = '[]' WHERE book = 2", "row 2 of followup_document", "checksum does not match"),
    ("UPDATE followup_document SET version = -1", "row 1 of followup_document", "invalid revision"),
    ("UPDATE followup_document SET kind = 'menu'", "row 1 of followup_document", "checksum does not match"),
    ("UPDATE followup_book SET name = char(7) WHERE pk = 2", "row 2 of followup_book", "invalid book name"),
    ("DELETE FROM followup_book WHERE pk = 2", "row 4 of followup_prospect", "its book is missing"),
    ("DROP INDEX followup_due_by_rank", "the file", "the index followup_due_by_rank is missing"),
    ("DROP INDEX followup_claimable; CREATE INDEX followup_claimable ON followup_prospect(claim_at)", "the file", "defined differently"),
    ("DROP TABLE followup_suppression", "the file", "the table followup_suppression is missing"),
];

#[test]
fn each_kind_of_damage_is_found() {
    let (directory, path) = directory();
    drop(furnished(&path));
    for (n, (statements, place, what)) in DAMAGE.iter().enumerate() {
        let damaged = directory.path().join(format!("{n}.db"));
        fs::copy(&path, &damaged).unwrap();
        sql(&damaged, statements);
        let report = SqliteStore::open(&damaged).unwrap().check_integrity().unwrap();
        let found: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
        let said =
            |finding: &&String| finding.contains(place) && what.split('|').any(|what| finding.contains(what));
        assert!(found.iter().any(|finding| said(&finding)), "{statements}: {found:?}");
        assert!(!report.is_sound());
        assert!(found.iter().all(|finding| !finding.contains("ines") && !finding.contains("name\":")));
        fs::remove_file(damaged).unwrap();
    }
}

#[test]
fn an_index_that_has_lost_a_row_is_found() {
    let (_directory, path) = directory();
    drop(furnished(&path));
    // The index loses its rows without SQLite's knowledge, as in a crash with a disk that acknowledges syncs too early.
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "PRAGMA writable_schema = ON;
             CREATE TABLE empty(a, b, c, d, e, f); CREATE INDEX of_empty ON empty(a, b, c, d, e);
             UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'of_empty')
                 WHERE name = 'followup_due_by_rank';
             DELETE FROM sqlite_schema WHERE name = 'of_empty'",
        )
        .unwrap();
    drop(connection);
    let store = SqliteStore::open(&path).unwrap();
    assert!(block_on(store.due(DueQuery::new(DueOrder::Rank, 9))).unwrap().entries.is_empty(), "not noticed");
    let report = store.check_integrity().unwrap();
    let lines = report.findings.iter().filter(|finding| finding.place == Place::File);
    let lines: Vec<_> = lines.map(|finding| finding.what.clone()).collect();
    let lost = lines.iter().filter(|line| line.contains("missing from index followup_due_by_rank"));
    assert_eq!(lost.count(), 6, "one line for each row: {lines:?}");
}

#[test]
fn a_damaged_page_is_a_finding_and_not_an_error() {
    let (_directory, path) = directory();
    drop(furnished(&path));
    let whole = fs::read(&path).unwrap();
    let root = number(&path, "SELECT rootpage FROM sqlite_schema WHERE name = 'followup_record'") as usize;
    let mut damaged = whole.clone();
    damaged[(root - 1) * 4096..][..64].fill(0xFF);
    fs::write(&path, damaged).unwrap();
    let report = SqliteStore::open(&path).unwrap().check_integrity().unwrap();
    let found: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    assert!(
        found.iter().any(|finding| finding.contains("the journals cannot be read completely")),
        "{found:?}"
    );
    assert_eq!((report.checked.suppressions, report.checked.documents), (6, 2), "the rest was checked");
}

#[test]
fn a_file_damaged_all_over_gives_a_short_list_and_a_count() {
    let (_directory, path) = directory();
    let store = SqliteStore::open(&path).unwrap();
    let mut many = change("p-1", 0, "k");
    let record = many.records[0].clone();
    many.records = (0..12_000)
        .map(|n| {
            let mut record = record.clone();
            record.key = format!("k{n}");
            record
        })
        .collect();
    block_on(store.append(vec![many])).unwrap();
    drop(store);
    sql(&path, "UPDATE followup_record SET seq = 1");
    let report = SqliteStore::open(&path).unwrap().check_integrity().unwrap();
    // One finding more than there are records: no readable record has the newest event instant.
    assert_eq!((report.findings.len(), report.omitted), (10_000, 2_001));
    assert_eq!(report.checked.records, 12_000);
}
