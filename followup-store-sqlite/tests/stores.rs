//! Do memory and SQLite keep the same contract? One list of cases, each run over every store.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use followup_core::{
    Append, BookId, Due, DueOrder, DueQuery, Erase, HeadQuery, ProspectId, Record, Revision, Snapshot, Store,
    StoreErrorKind,
};
use followup_store_memory::MemoryStore;
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

fn id(text: &str) -> ProspectId {
    ProspectId::new(text).expect("an id")
}

/// An instant so many microseconds after the beginning of 2026.
fn at(micros: i64) -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().expect("an instant") + TimeDelta::microseconds(micros)
}

fn record(key: &str, micros: i64) -> Record {
    let mut record = Record::new(key, at(micros), "noted", "{\"text\":\"*\"}");
    record.hash = [7; 16];
    record
}

fn change(prospect: &str, expected: u64, keys: &[&str]) -> Append {
    let records: Vec<_> = keys.iter().enumerate().map(|(n, key)| record(key, n as i64)).collect();
    Append::new(id(prospect), Revision(expected), records, Snapshot::new(1, vec![expected as u8, 9]))
}

/// A change whose due entry stands at the same instant in every order.
fn due(prospect: &str, expected: u64, key: &str, micros: i64) -> Append {
    let mut change = change(prospect, expected, &[key]);
    let mut entry = Due::new(id(prospect), change.revision());
    entry.owner = Some("kim".to_owned());
    entry.automatic = true;
    for place in [
        &mut entry.earliest,
        &mut entry.target,
        &mut entry.latest,
        &mut entry.rank_at,
        &mut entry.wake_at,
        &mut entry.appointment_at,
    ] {
        *place = Some(at(micros));
    }
    entry.obligation = format!("answer:{key}");
    entry.planned_by = "test".to_owned();
    change.due = Some(entry);
    change
}

const ORDERS: [DueOrder; 5] =
    [DueOrder::Rank, DueOrder::WakeAt, DueOrder::Latest, DueOrder::Automatic, DueOrder::Appointment];

fn append(store: &dyn Store, change: Append) {
    block_on(store.append(vec![change])).expect("it is appended");
}

fn refused(store: &dyn Store, changes: Vec<Append>, naming: &str) {
    let error = block_on(store.append(changes)).expect_err("it is refused");
    assert_eq!(error.kind(), StoreErrorKind::Conflict);
    assert!(error.to_string().contains(naming), "{naming} is not in: {error}");
}

fn revision(store: &dyn Store, prospect: &str) -> Option<u64> {
    let heads = block_on(store.head(vec![HeadQuery::new(id(prospect), Vec::new())])).expect("it is read");
    heads.into_iter().next().flatten().map(|head| head.revision.0)
}

fn found(store: &dyn Store, query: DueQuery) -> Vec<String> {
    let page = block_on(store.due(query)).expect("it is read");
    page.entries.iter().map(|entry| entry.prospect.to_string()).collect()
}

mod cases {
    use super::*;

    pub(super) fn an_empty_store_has_nothing(store: &dyn Store) {
        assert_eq!(revision(store, "p"), None);
        assert!(block_on(store.history(&id("p"))).expect("it is read").is_empty());
        assert!(block_on(store.scan(None, 10)).expect("it is read").is_empty());
        assert!(block_on(store.changes(0, 10)).expect("it is read").is_empty());
        for order in ORDERS {
            let page = block_on(store.due(DueQuery::new(order, 10))).expect("it is read");
            assert!(page.entries.is_empty() && page.newest_event_at.is_none());
        }
    }

    pub(super) fn a_first_append_is_all_there(store: &dyn Store) {
        let mut first = due("p", 0, "a", 5);
        first.profile = Some("{\"name\":\"Ada\"}".to_owned());
        append(store, first.clone());
        let query = HeadQuery::new(id("p"), vec!["a".to_owned(), "b".to_owned()]);
        let head = block_on(store.head(vec![query])).expect("it is read").remove(0).expect("it is there");
        assert_eq!(
            (head.revision, &head.snapshot, &head.profile),
            (Revision(1), &first.snapshot, &first.profile)
        );
        assert_eq!((head.since, head.known), (at(0), vec![Some([7; 16]), None]));
        assert_eq!(block_on(store.history(&id("p"))).expect("it is read"), first.records);
        let page = block_on(store.due(DueQuery::new(DueOrder::Rank, 10))).expect("it is read");
        assert_eq!((page.entries, page.newest_event_at), (vec![first.due.expect("it is due")], Some(at(0))));
    }

    pub(super) fn a_stale_writer_gets_a_conflict_and_changes_nothing(store: &dyn Store) {
        append(store, change("p", 0, &["a"]));
        refused(store, vec![change("p", 0, &["b"])], "p");
        refused(store, vec![change("p", 2, &["b"])], "p");
        append(store, change("p", 1, &["b"]));
        assert_eq!(revision(store, "p"), Some(2));
    }

    pub(super) fn a_key_is_there_once(store: &dyn Store) {
        append(store, change("p", 0, &["a"]));
        refused(store, vec![change("p", 1, &["a"])], "p");
        assert_eq!(revision(store, "p"), Some(1));
        append(store, change("q", 0, &["a"]));
    }

    pub(super) fn a_batch_is_written_whole_or_not_at_all(store: &dyn Store) {
        append(store, change("c", 0, &["a"]));
        refused(store, vec![change("a", 0, &["x"]), change("c", 0, &["y"]), change("d", 0, &["z"])], "c");
        assert_eq!((revision(store, "a"), revision(store, "c"), revision(store, "d")), (None, Some(1), None));
        block_on(store.append(vec![change("a", 0, &["x"]), change("c", 1, &["y"])])).expect("it is appended");
        assert_eq!((revision(store, "a"), revision(store, "c")), (Some(1), Some(2)));
    }

    pub(super) fn a_history_is_ordered_by_instant_then_seq_then_key(store: &dyn Store) {
        let mut records = vec![record("d", 9), record("b", 3), record("c", 3), record("a", 3)];
        records[2].seq = -1;
        append(store, Append::new(id("p"), Revision(0), records, Snapshot::new(1, Vec::new())));
        let keys: Vec<_> = block_on(store.history(&id("p")))
            .expect("it is read")
            .into_iter()
            .map(|record| record.key)
            .collect();
        assert_eq!(keys, ["c", "a", "b", "d"]);
    }

    pub(super) fn due_entries_are_paged_in_every_order_also_at_equal_instants(store: &dyn Store) {
        for (prospect, micros) in [("e", 10), ("b", 20), ("a", 20), ("c", 20), ("d", 30)] {
            append(store, due(prospect, 0, "k", micros));
        }
        for order in ORDERS {
            assert_eq!(found(store, DueQuery::new(order, 10)), ["e", "a", "b", "c", "d"], "{order:?}");
            assert!(found(store, DueQuery::new(order, 0)).is_empty());
            let mut query = DueQuery::new(order, 1);
            let mut one_by_one = Vec::new();
            while let Some(last) = block_on(store.due(query.clone())).expect("it is read").entries.pop() {
                query.after = last.place(order).map(|place| (place, last.prospect.clone()));
                one_by_one.push(last.prospect.to_string());
            }
            assert_eq!(one_by_one, ["e", "a", "b", "c", "d"], "{order:?}");
        }
    }

    pub(super) fn bounds_of_a_due_query_are_exclusive_to_the_microsecond(store: &dyn Store) {
        append(store, due("p", 0, "k", 20));
        for order in ORDERS {
            for (bound, there) in [(19, false), (20, false), (21, true)] {
                let mut query = DueQuery::new(order, 10);
                query.before = Some(at(bound));
                assert_eq!(found(store, query).len(), usize::from(there), "{order:?} before {bound}");
                let mut query = DueQuery::new(order, 10);
                query.opens_before = Some(at(bound));
                assert_eq!(found(store, query).len(), usize::from(there), "{order:?} opens before {bound}");
            }
        }
    }

    pub(super) fn a_due_query_finds_the_few_that_are_open_and_only_an_owners(store: &dyn Store) {
        for person in 0..3_000 {
            let mut far = due(&format!("far{person:04}"), 0, "k", 1_000 + person);
            let entry = far.due.as_mut().expect("it is due");
            entry.earliest = Some(at(1_000_000));
            entry.owner = Some(if person % 2 == 0 { "kim" } else { "lee" }.to_owned());
            append(store, far);
        }
        append(store, due("late", 0, "k", 900_000));
        let mut query = DueQuery::new(DueOrder::Rank, 10);
        query.opens_before = Some(at(1_000_000));
        assert_eq!(found(store, query.clone()), ["late"]);
        query.owner = Some("lee".to_owned());
        assert!(found(store, query.clone()).is_empty());
        query.opens_before = None;
        query.limit = 2;
        assert_eq!(found(store, query), ["far0001", "far0003"]);
    }

    pub(super) fn a_due_entry_is_replaced_and_cleared(store: &dyn Store) {
        append(store, due("p", 0, "a", 20));
        append(store, due("p", 1, "b", 40));
        let page = block_on(store.due(DueQuery::new(DueOrder::Rank, 10))).expect("it is read");
        let places: Vec<_> = page.entries.iter().map(|entry| (entry.revision.0, entry.rank_at)).collect();
        assert_eq!(places, [(2, Some(at(40)))]);
        append(store, change("p", 2, &["c"]));
        for order in ORDERS {
            assert!(found(store, DueQuery::new(order, 10)).is_empty());
        }
        append(store, due("p", 3, "d", 10));
        assert_eq!(found(store, DueQuery::new(DueOrder::WakeAt, 10)), ["p"]);
    }

    pub(super) fn a_scan_goes_by_the_bytes_of_the_id(store: &dyn Store) {
        let ids = ["Z", "a", "a b", "b", "é", "日本"];
        for prospect in ids.iter().rev() {
            append(store, change(prospect, 0, &["k"]));
        }
        let mut seen = Vec::new();
        let mut after = None;
        while let Some(head) = block_on(store.scan(after.as_ref(), 1)).expect("it is read").pop() {
            seen.push(head.prospect.to_string());
            after = Some(head.prospect);
        }
        assert_eq!(seen, ids);
        assert!(block_on(store.scan(None, 0)).expect("it is read").is_empty());
    }

    pub(super) fn the_feed_has_each_prospect_at_its_newest_change(store: &dyn Store) {
        append(store, change("a", 0, &["k"]));
        append(store, change("b", 0, &["k"]));
        append(store, change("a", 1, &["l"]));
        let feed = block_on(store.changes(0, 10)).expect("it is read");
        let seen: Vec<_> =
            feed.iter().map(|changed| (changed.prospect.to_string(), changed.revision.0)).collect();
        assert_eq!(seen, [("b".to_owned(), 1), ("a".to_owned(), 2)]);
        let rest = block_on(store.changes(feed[0].cursor, 10)).expect("it is read");
        assert_eq!(rest, feed[1..]);
        assert!(block_on(store.changes(feed[1].cursor, 10)).expect("it is read").is_empty());
        assert!(block_on(store.changes(0, 0)).expect("it is read").is_empty());
    }

    pub(super) fn long_and_foreign_text_and_extreme_instants_come_back_as_they_were(store: &dyn Store) {
        let long = "ö".repeat(32);
        let key = "k".repeat(200);
        let mut extreme = due(&long, 0, &key, 0);
        extreme.records[0].at = followup_core::time::MIN_INSTANT;
        extreme.records[0].seq = i64::MIN;
        extreme.records[0].body = format!("{{\"text\":\"{}\"}}", "𝄞\\n".repeat(5_000));
        extreme.profile = Some(String::new());
        let entry = extreme.due.as_mut().expect("it is due");
        entry.latest = Some(followup_core::time::MAX_INSTANT - TimeDelta::microseconds(1));
        append(store, extreme.clone());
        assert_eq!(block_on(store.history(&id(&long))).expect("it is read"), extreme.records);
        let page = block_on(store.due(DueQuery::new(DueOrder::Latest, 1))).expect("it is read");
        assert_eq!(page.entries, [extreme.due.expect("it is due")]);
    }

    pub(super) fn an_erased_person_leaves_the_journal(store: &dyn Store) {
        let mut first = due("p", 0, "a", 5);
        first.profile = Some("{\"name\":\"Ada\"}".to_owned());
        append(store, first);
        let last = change("p", 1, &["erased"]);
        let erase = Erase::new(last, vec![("a".to_owned(), "{}".to_owned())]);
        block_on(store.erase(erase.clone())).expect("it is erased");
        let head = block_on(store.head(vec![HeadQuery::new(id("p"), Vec::new())])).expect("it is read");
        let head = head.into_iter().next().flatten().expect("it is there");
        assert_eq!((head.revision, head.profile), (Revision(2), None));
        let bodies: Vec<_> = block_on(store.history(&id("p")))
            .expect("it is read")
            .into_iter()
            .map(|record| record.body)
            .collect();
        assert!(bodies.contains(&"{}".to_owned()), "{bodies:?}");
        assert!(found(store, DueQuery::new(DueOrder::Rank, 10)).is_empty());
        let again = block_on(store.erase(erase)).expect_err("the journal has moved on");
        assert_eq!(again.kind(), StoreErrorKind::Conflict);
    }

    pub(super) fn a_dropped_future_leaves_all_or_nothing(store: &dyn Store) {
        for step in 0..20 {
            drop(store.append(vec![change(&format!("p{step}"), 0, &["a", "b"])]));
        }
        append(store, change("after", 0, &["k"]));
        for step in 0..20 {
            let there = revision(store, &format!("p{step}"));
            assert!(there.is_none_or(|revision| revision == 2), "{there:?}");
        }
    }
}

/// Many at once, each on the same prospect: every revision is written by one of them.
fn many_at_once(store: Arc<dyn Store>) {
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let store = Arc::clone(&store);
            std::thread::spawn(move || {
                for step in 0..25 {
                    let key = format!("{thread}-{step}");
                    loop {
                        let expected = revision(&*store, "p").unwrap_or(0);
                        match block_on(store.append(vec![change("p", expected, &[&key])])) {
                            Ok(()) => break,
                            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}"),
                        }
                    }
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("no thread panics"));
    assert_eq!(revision(&*store, "p"), Some(200));
    assert_eq!(block_on(store.history(&id("p"))).expect("it is read").len(), 200);
}

macro_rules! over_every_store {
    ($($case:ident,)*) => {
        mod memory {
            use super::*;
            $(#[test] fn $case() { cases::$case(&MemoryStore::new()); })*
            #[test]
            fn every_revision_is_written_by_one_of_many() { many_at_once(Arc::new(MemoryStore::new())); }
            #[test]
            fn books_are_kept_apart() {
                let store = MemoryStore::new();
                let other = store.book(BookId::new("other").expect("a book"));
                append(&store, due("p", 0, "k", 1));
                cases::an_empty_store_has_nothing(&other);
                append(&other, change("p", 0, &["k"]));
                assert_eq!((revision(&store, "p"), revision(&other, "p")), (Some(1), Some(1)));
            }
        }

        mod sqlite_in_memory {
            use super::*;
            fn store() -> SqliteStore { SqliteStore::in_memory().expect("it opens") }
            $(#[test] fn $case() { cases::$case(&store()); })*
            #[test]
            fn every_revision_is_written_by_one_of_many() { many_at_once(Arc::new(store())); }
        }

        mod sqlite_file {
            use super::*;
            fn with(case: impl FnOnce(SqliteStore)) {
                let folder = tempfile::tempdir().expect("a folder");
                case(SqliteStore::open(folder.path().join("crm.db")).expect("it opens"));
            }
            $(#[test] fn $case() { with(|store| cases::$case(&store)); })*
            #[test]
            fn every_revision_is_written_by_one_of_many() { with(|store| many_at_once(Arc::new(store))); }
            #[test]
            fn books_are_kept_apart() {
                with(|store| {
                    let other = store.book(BookId::new("other").expect("a book"));
                    append(&store, due("p", 0, "k", 1));
                    cases::an_empty_store_has_nothing(&other);
                    append(&other, change("p", 0, &["k"]));
                    assert_eq!((revision(&store, "p"), revision(&other, "p")), (Some(1), Some(1)));
                });
            }
        }
    };
}

over_every_store! {
    an_empty_store_has_nothing,
    a_first_append_is_all_there,
    a_stale_writer_gets_a_conflict_and_changes_nothing,
    a_key_is_there_once,
    a_batch_is_written_whole_or_not_at_all,
    a_history_is_ordered_by_instant_then_seq_then_key,
    due_entries_are_paged_in_every_order_also_at_equal_instants,
    bounds_of_a_due_query_are_exclusive_to_the_microsecond,
    a_due_query_finds_the_few_that_are_open_and_only_an_owners,
    a_due_entry_is_replaced_and_cleared,
    a_scan_goes_by_the_bytes_of_the_id,
    the_feed_has_each_prospect_at_its_newest_change,
    long_and_foreign_text_and_extreme_instants_come_back_as_they_were,
    an_erased_person_leaves_the_journal,
    a_dropped_future_leaves_all_or_nothing,
}
