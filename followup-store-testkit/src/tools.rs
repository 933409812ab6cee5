//! What cases are made of, for those who write more of them: values to write, and ways to look.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, TimeDelta, Utc};
use followup_core::{
    AddressHash, Append, Claim, Claimed, DocumentKind, DocumentQuery, Due, DueOrder, DueQuery, Erase, Head,
    HeadQuery, ProspectId, Record, Revision, Snapshot, Store, StoreError, StoreErrorKind,
};

/// What a case gives: an error where the contract promises success.
pub type Outcome = Result<(), StoreError>;

/// All orders of the contract.
pub const ORDERS: [DueOrder; 3] = [DueOrder::Rank, DueOrder::WakeAt, DueOrder::Appointment];

/// The smallest step of time that a store tells apart.
pub const MICRO: TimeDelta = TimeDelta::microseconds(1);

/// An id from text that is one.
pub fn id(id: &str) -> ProspectId {
    ProspectId::new(id).expect("it is an id")
}

/// An instant, so many microseconds after noon of a day in March.
pub fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_772_798_400_000_000 + micros).expect("it is an instant")
}

/// A record that happened so many microseconds after noon.
pub fn record(key: &str, micros: i64) -> Record {
    let mut record = Record::new(key, at(micros), "noted", format!("{{\"key\":\"{key}\"}}"));
    record.hash = [key.len() as u8; 16];
    record.recorded_at = at(micros + 7);
    record
}

/// A change by one record, which has its own snapshot, profile and due entry.
pub fn change(prospect: &str, expected: u64, key: &str) -> Append {
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

/// A change as [`change`] makes it, whose due entry opens so many microseconds after noon and is sent without a person.
pub fn automatic(prospect: &str, expected: u64, key: &str, opens_micros: i64) -> Append {
    let mut change = change(prospect, expected, key);
    let due = change.due.as_mut().expect("a change has one");
    (due.automatic, due.earliest) = (true, Some(at(opens_micros)));
    change
}

/// What is handed out at an instant, on leases until another.
///
/// # Errors
/// The store's own.
pub async fn claim(
    store: &dyn Store,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<Claimed>, StoreError> {
    store.claim(Claim::new(now, until, limit)).await
}

/// What a future gives when it is polled once and then dropped, if it gives anything.
pub fn polled_once<T>(mut future: Pin<Box<dyn Future<Output = T> + Send + '_>>) -> Option<T> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(given) => Some(given),
        Poll::Pending => None,
    }
}

/// Adds a prospect that has this due entry.
pub async fn add_due(store: &dyn Store, due: Due) -> Outcome {
    let mut change = change(due.prospect.as_str(), 0, "added");
    change.due = Some(due);
    store.append(vec![change]).await
}

/// Where one journal stands.
pub async fn head(store: &dyn Store, prospect: &str) -> Result<Option<Head>, StoreError> {
    Ok(store
        .head(vec![HeadQuery::new(id(prospect), vec![])])
        .await?
        .pop()
        .expect("one answer to one question"))
}

/// What is due, without the newest event.
pub async fn due(store: &dyn Store, query: DueQuery) -> Result<Vec<Due>, StoreError> {
    Ok(store.due(query).await?.entries)
}

/// The ids of what is due.
pub async fn due_ids(store: &dyn Store, query: DueQuery) -> Result<Vec<String>, StoreError> {
    Ok(due(store, query).await?.into_iter().map(|due| due.prospect.to_string()).collect())
}

/// That a change is refused, and why.
///
/// # Panics
/// If it is not, or for another reason, or without naming what it is about.
#[track_caller]
pub fn assert_refused<T>(result: Result<T, StoreError>, kind: StoreErrorKind, named: &str) {
    let Err(error) = result else { panic!("it has to be refused as {kind:?}, naming {named}, and was done") };
    assert_eq!(error.kind(), kind, "the kind of: {error}");
    assert!(error.to_string().contains(named), "the message has to name {named}: {error}");
}

/// All that can be seen of a book without changing it, but for suppressions of other addresses than [`address`] gives.
///
/// # Errors
/// The store's own.
pub async fn observe(store: &dyn Store) -> Result<String, StoreError> {
    let heads = store.scan(None, usize::MAX).await?;
    let mut seen = format!("{heads:?} {:?}", store.changes(0, usize::MAX).await?);
    for head in heads {
        seen += &format!("{:?}", store.history(&head.prospect).await?);
    }
    for order in ORDERS {
        seen += &format!("{:?}", store.due(DueQuery::new(order, usize::MAX)).await?);
    }
    for kind in [DocumentKind::Playbook, DocumentKind::OwnerAway] {
        seen += &format!("{:?}", store.documents(DocumentQuery::new(kind)).await?);
    }
    seen += &format!("{:?}", store.suppressed((0..=u8::MAX).map(address).collect()).await?);
    Ok(seen)
}

/// A removal whose last record has this key.
pub fn erase(prospect: &str, expected: u64, key: &str, redacted: &[(&str, &str)]) -> Erase {
    let redacted = redacted.iter().map(|(key, body)| ((*key).to_owned(), (*body).to_owned()));
    Erase::new(change(prospect, expected, key), redacted.collect())
}

/// The hash of an address that there may be.
pub fn address(n: u8) -> AddressHash {
    AddressHash([n; 16])
}

/// Chance from a seed. Small, and the same everywhere (splitmix64).
pub struct Random(pub u64);

impl Random {
    /// A number below a bound, which is more than 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    /// One of some choices, of which there is at least one.
    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }
}
