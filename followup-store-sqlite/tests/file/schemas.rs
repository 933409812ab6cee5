//! Files of every released schema, kept beside this test as they were written. They open with the same content.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use followup_core::store::{Claim, Due, DueOrder, DueQuery};
use followup_core::{BookId, Store};
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

use super::{directory, number};

/// Returns the visible content of a book as text that does not change with the types.
fn describe(store: &dyn Store) -> String {
    let mut text = String::new();
    let heads = block_on(store.scan(None, usize::MAX)).expect("the store can be read");
    for head in &heads {
        writeln!(
            text,
            "{} at {} since {} fold {} state {} profile {}",
            head.prospect,
            head.revision,
            head.since.to_rfc3339(),
            head.snapshot.fold_version,
            hex(&head.snapshot.bytes),
            head.profile.as_deref().unwrap_or("-")
        )
        .expect("writing cannot fail");
        for record in block_on(store.history(&head.prospect)).expect("the store can be read") {
            writeln!(
                text,
                "  {} {} {} {} {} {} recorded {}",
                record.at.to_rfc3339(),
                record.seq,
                record.key,
                record.kind,
                record.body,
                hex(&record.hash),
                record.recorded_at.to_rfc3339()
            )
            .expect("writing cannot fail");
        }
    }
    for change in block_on(store.changes(0, usize::MAX)).expect("the store can be read") {
        writeln!(text, "change {} {} {}", change.cursor, change.prospect, change.revision)
            .expect("writing cannot fail");
    }
    for order in [DueOrder::Rank, DueOrder::WakeAt, DueOrder::Appointment] {
        let page = block_on(store.due(DueQuery::new(order, usize::MAX))).expect("the store can be read");
        writeln!(text, "{order:?}, newest event {:?}", page.newest_event_at).expect("writing cannot fail");
        for due in page.entries {
            writeln!(
                text,
                "  {} at {} of {:?} automatic {} {:?} {:?} {:?} {:?} {:?} {:?} {} by {}",
                due.prospect,
                due.revision,
                due.owner,
                due.automatic,
                due.earliest,
                due.target,
                due.latest,
                due.rank_at,
                due.wake_at,
                due.appointment_at,
                due.obligation,
                due.planned_by
            )
            .expect("writing cannot fail");
        }
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn a_file_of_the_first_schema_opens_with_the_same_content() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/file/schemas");
    let (_directory, path) = directory();
    fs::copy(kept.join("schema_1.db"), &path).unwrap();
    assert_eq!(number(&path, "PRAGMA user_version"), 1);
    for _ in 0..2 {
        let store = SqliteStore::open(&path).unwrap();
        let agency = store.book(BookId::new("agency").unwrap());
        for (store, text) in [(&store, "schema_1.main.txt"), (&agency, "schema_1.agency.txt")] {
            assert_eq!(describe(store), fs::read_to_string(kept.join(text)).unwrap());
        }
        drop((store, agency));
        assert_eq!(number(&path, "PRAGMA user_version"), 2);
    }
    // The first schema had no claims: the one automatic entry can be claimed now.
    let store = SqliteStore::open(&path).unwrap();
    let opens = block_on(store.due(DueQuery::new(DueOrder::Rank, 9)))
        .unwrap()
        .entries
        .iter()
        .find_map(Due::claimable_at)
        .unwrap();
    let later = opens + chrono::TimeDelta::minutes(1);
    let claimed = block_on(store.claim(Claim::new(opens, later, 9))).unwrap().claimed;
    assert_eq!(claimed.iter().map(|claimed| claimed.due.prospect.as_str()).collect::<Vec<_>>(), ["ben"]);
}
