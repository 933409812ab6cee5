//! Building blocks for writing more cases: values to write, and ways to read a store.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, TimeDelta, Utc};
use followup_core::store::{
    AddressHash, Append, Claim, Claimed, DocumentKind, DocumentQuery, Due, DueOrder, DueQuery, Erase, Head,
    HeadQuery, Record, Revision, Snapshot, StoreErrorKind,
};
use followup_core::{ProspectId, Store, StoreError};

/// The result of a case: an error if the store failed where the contract promises success.
pub type Outcome = Result<(), StoreError>;

/// All orders of the contract.
pub const ORDERS: [DueOrder; 3] = [DueOrder::Rank, DueOrder::WakeAt, DueOrder::Appointment];

/// The resolution of instants in a store.
pub const MICRO: TimeDelta = TimeDelta::microseconds(1);

/// Returns the id with this text, which has to be valid.
pub fn id(id: &str) -> ProspectId {
    ProspectId::new(id).expect("the id is valid")
}

/// Returns the instant that is a number of microseconds after noon on a day in March.
pub fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_772_798_400_000_000 + micros).expect("the instant is in range")
}

/// Returns a record of an event at [`at`] this number of microseconds.
pub fn record(key: &str, micros: i64) -> Record {
    let mut record = Record::new(key, at(micros), "noted", format!("{{\"key\":\"{key}\"}}"));
    record.hash = [key.len() as u8; 16];
    record.recorded_at = at(micros + 7);
    record
}

/// Returns a change with one record, and a snapshot, a profile and a due entry of its own.
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

/// Returns a change as from [`change`] whose due entry is automatic and opens at [`at`] this number of microseconds.
pub fn automatic(prospect: &str, expected: u64, key: &str, opens_micros: i64) -> Append {
    let mut change = change(prospect, expected, key);
    let due = change.due.as_mut().expect("the change has a due entry");
    (due.automatic, due.earliest) = (true, Some(at(opens_micros)));
    change
}

/// Claims entries at an instant, on leases until another.
///
/// # Errors
/// Those of the store.
pub async fn claim(
    store: &dyn Store,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<Claimed>, StoreError> {
    Ok(store.claim(Claim::new(now, until, limit)).await?.claimed)
}

/// Polls a future once and drops it. Returns its output if it was ready.
pub fn polled_once<T>(mut future: Pin<Box<dyn Future<Output = T> + Send + '_>>) -> Option<T> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(given) => Some(given),
        Poll::Pending => None,
    }
}

/// Adds a prospect with this due entry.
pub async fn add_due(store: &dyn Store, due: Due) -> Outcome {
    let mut change = change(due.prospect.as_str(), 0, "added");
    change.due = Some(due);
    store.append(vec![change]).await
}

/// Returns the head of one prospect.
pub async fn head(store: &dyn Store, prospect: &str) -> Result<Option<Head>, StoreError> {
    Ok(store.head(vec![HeadQuery::new(id(prospect), vec![])]).await?.pop().expect("one query has one answer"))
}

/// Returns the due entries of a query, without the newest event instant.
pub async fn due(store: &dyn Store, query: DueQuery) -> Result<Vec<Due>, StoreError> {
    Ok(store.due(query).await?.entries)
}

/// Returns the prospect ids of the due entries of a query.
pub async fn due_ids(store: &dyn Store, query: DueQuery) -> Result<Vec<String>, StoreError> {
    Ok(due(store, query).await?.into_iter().map(|due| due.prospect.to_string()).collect())
}

/// Asserts that a call is refused with an error of this kind, whose message contains `named`.
///
/// # Panics
/// If the call succeeded, or the kind is another, or the message does not contain `named`.
#[track_caller]
pub fn assert_refused<T>(result: Result<T, StoreError>, kind: StoreErrorKind, named: &str) {
    let Err(error) = result else { panic!("expected {kind:?} naming {named}, but the call succeeded") };
    assert_eq!(error.kind(), kind, "wrong kind of error: {error}");
    assert!(error.to_string().contains(named), "the message does not name {named}: {error}");
}

/// Returns everything that can be read from a book without changing it, except suppressions of addresses that
/// [`address`] does not return.
///
/// # Errors
/// Those of the store.
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

/// Returns a removal whose last record has this key.
pub fn erase(prospect: &str, expected: u64, key: &str, redacted: &[(&str, &str)]) -> Erase {
    let redacted = redacted.iter().map(|(key, body)| ((*key).to_owned(), (*body).to_owned()));
    Erase::new(change(prospect, expected, key), redacted.collect())
}

/// Returns the hash of an address, one for each number.
pub fn address(n: u8) -> AddressHash {
    AddressHash([n; 16])
}

/// A small, portable random number generator with a seed (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// Returns a number below a bound, which has to be greater than 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    /// Returns one of the choices, which must not be empty.
    pub fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }
}
