//! What every store has to do, as plain functions over a store: one list, run over each.

pub(crate) mod due;
pub(crate) mod journal;
pub(crate) mod reading;
pub(crate) mod together;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use followup_core::{
    Append, BookId, Due, DueQuery, Erase, Head, HeadQuery, ProspectId, Record, Revision, Snapshot, Store,
    StoreError, StoreErrorKind,
};
use followup_store_memory::MemoryStore;
use followup_store_sqlite::SqliteStore;
use tempfile::TempDir;

pub(crate) type Outcome = Result<(), StoreError>;

/// A store to be tried, with nothing in it.
pub(crate) struct Subject {
    pub(crate) store: Arc<dyn Store>,
    /// The same store, another book.
    pub(crate) other_book: Arc<dyn Store>,
    /// Removes the file when the store is gone.
    _directory: Option<TempDir>,
}

impl Subject {
    pub(crate) fn memory() -> Subject {
        let store = MemoryStore::new();
        Subject { other_book: Arc::new(store.book(other_book())), store: Arc::new(store), _directory: None }
    }

    pub(crate) fn sqlite_file() -> Subject {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let store = SqliteStore::open(directory.path().join("store.db")).expect("a new file opens");
        Subject {
            other_book: Arc::new(store.book(other_book())),
            store: Arc::new(store),
            _directory: Some(directory),
        }
    }

    pub(crate) fn sqlite_memory() -> Subject {
        let store = SqliteStore::in_memory().expect("memory opens");
        Subject { other_book: Arc::new(store.book(other_book())), store: Arc::new(store), _directory: None }
    }
}

fn other_book() -> BookId {
    BookId::new("agency").expect("it is a book")
}

pub(crate) fn id(id: &str) -> ProspectId {
    ProspectId::new(id).expect("it is an id")
}

/// An instant, so many microseconds after noon of a day in March.
pub(crate) fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_772_798_400_000_000 + micros).expect("it is an instant")
}

pub(crate) const MICRO: TimeDelta = TimeDelta::microseconds(1);

pub(crate) fn record(key: &str, micros: i64) -> Record {
    let mut record = Record::new(key, at(micros), "noted", format!("{{\"key\":\"{key}\"}}"));
    record.hash = [key.len() as u8; 16];
    record.recorded_at = at(micros + 7);
    record
}

/// A change by one record, which has its own snapshot, profile and due entry.
pub(crate) fn change(prospect: &str, expected: u64, key: &str) -> Append {
    let records = vec![record(key, expected as i64 * 10)];
    let snapshot = Snapshot::new(3, format!("{prospect}/{key}").into_bytes());
    let mut change = Append::new(id(prospect), Revision(expected), records, snapshot);
    change.profile = Some(format!("{{\"name\":\"{key}\"}}"));
    let mut due = Due::new(change.prospect.clone(), change.revision());
    due.rank_at = Some(at(expected as i64));
    due.obligation = format!("touch:{key}");
    due.planned_by = "1/abc/2026b".to_owned();
    change.due = Some(due);
    change
}

/// Adds a prospect that has this due entry.
pub(crate) async fn add_due(store: &dyn Store, due: Due) -> Outcome {
    let mut change = change(due.prospect.as_str(), 0, "added");
    change.due = Some(due);
    store.append(vec![change]).await
}

pub(crate) async fn head(store: &dyn Store, prospect: &str) -> Result<Option<Head>, StoreError> {
    Ok(store
        .head(vec![HeadQuery::new(id(prospect), vec![])])
        .await?
        .pop()
        .expect("one answer to one question"))
}

pub(crate) async fn due(store: &dyn Store, query: DueQuery) -> Result<Vec<Due>, StoreError> {
    Ok(store.due(query).await?.entries)
}

/// The ids of what is due.
pub(crate) async fn due_ids(store: &dyn Store, query: DueQuery) -> Result<Vec<String>, StoreError> {
    Ok(due(store, query).await?.into_iter().map(|due| due.prospect.to_string()).collect())
}

/// That a change is refused, and why.
pub(crate) fn assert_refused<T: std::fmt::Debug>(
    result: Result<T, StoreError>,
    kind: StoreErrorKind,
    named: &str,
) {
    let error = result.expect_err("it should be refused");
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(named), "{error}");
}

/// All that can be seen of a book.
pub(crate) async fn observe(store: &dyn Store) -> Result<String, StoreError> {
    let heads = store.scan(None, usize::MAX).await?;
    let mut seen = format!("{heads:?} {:?}", store.changes(0, usize::MAX).await?);
    for head in heads {
        seen += &format!("{:?}", store.history(&head.prospect).await?);
    }
    for order in due::ORDERS {
        seen += &format!("{:?}", store.due(DueQuery::new(order, usize::MAX)).await?);
    }
    Ok(seen)
}

/// A removal whose last record has this key.
pub(crate) fn erase(prospect: &str, expected: u64, key: &str, redacted: &[(&str, &str)]) -> Erase {
    let redacted = redacted.iter().map(|(key, body)| ((*key).to_owned(), (*body).to_owned()));
    Erase::new(change(prospect, expected, key), redacted.collect())
}

/// Small, and the same everywhere (splitmix64).
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    pub(crate) fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }
}
