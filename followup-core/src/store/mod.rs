//! The contract between the engine and the places where its data is kept.
//!
//! A store never decides and never reads a clock. It keeps, for each prospect of its book: the journal, a
//! snapshot of the state, the profile, and at most one due entry; and it changes them in one atomic step, if and
//! only if the journal is still at the expected revision.

mod error;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use error::{StoreError, StoreErrorKind};

use crate::prospect::ProspectId;

/// How many records the journal of a prospect has: 0 before the first. It only grows, by one a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Revision(pub u64);

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One event as it is kept. The store reads none of it but the key and the order.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Record {
    /// The event's key, unique within its prospect. At most 200 bytes.
    pub key: String,
    /// When it happened, to the microsecond.
    pub at: DateTime<Utc>,
    /// Its place among events at the same instant; then the key decides.
    pub seq: i64,
    /// The name of its kind.
    pub kind: String,
    /// Its particulars as a JSON object, without name and address.
    pub body: String,
    /// A keyed hash of the whole event, by which a repetition with another body is known.
    pub hash: [u8; 16],
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl Record {
    /// A record of an event.
    pub fn new(
        key: impl Into<String>,
        at: DateTime<Utc>,
        kind: impl Into<String>,
        body: impl Into<String>,
    ) -> Record {
        Record {
            key: key.into(),
            at,
            seq: 0,
            kind: kind.into(),
            body: body.into(),
            hash: [0; 16],
            recorded_at: at,
        }
    }
}

/// A state as it is kept: bytes that only the engine reads.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// The version of the fold that made it.
    pub fold_version: u32,
    /// The state.
    pub bytes: Vec<u8>,
}

impl Snapshot {
    /// A snapshot.
    pub fn new(fold_version: u32, bytes: Vec<u8>) -> Snapshot {
        Snapshot { fold_version, bytes }
    }
}

/// What is due for a prospect: the one entry by which it is found.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Due {
    /// Whose it is.
    pub prospect: ProspectId,
    /// The revision that it was planned at.
    pub revision: Revision,
    /// Who follows up.
    pub owner: Option<String>,
    /// Whether it is to be sent without a person.
    pub automatic: bool,
    /// The earliest instant of all that is owed; `None` while waiting.
    pub earliest: Option<DateTime<Utc>>,
    /// The target of the next action.
    pub target: Option<DateTime<Utc>>,
    /// The latest instant of the next action.
    pub latest: Option<DateTime<Utc>>,
    /// The foremost place in the agenda of all that is owed.
    pub rank_at: Option<DateTime<Utc>>,
    /// When time alone changes the plan.
    pub wake_at: Option<DateTime<Utc>>,
    /// When the appointment begins that is set.
    pub appointment_at: Option<DateTime<Utc>>,
    /// The obligation of the next action; empty while waiting.
    pub obligation: String,
    /// What it was planned by.
    pub planned_by: String,
}

impl Due {
    /// An entry for a prospect at a revision, with nothing in it yet.
    pub fn new(prospect: ProspectId, revision: Revision) -> Due {
        Due {
            prospect,
            revision,
            owner: None,
            automatic: false,
            earliest: None,
            target: None,
            latest: None,
            rank_at: None,
            wake_at: None,
            appointment_at: None,
            obligation: String::new(),
            planned_by: String::new(),
        }
    }
}

/// A change to one prospect.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Append {
    /// Whose.
    pub prospect: ProspectId,
    /// The revision that the journal must be at.
    pub expected: Revision,
    /// The new records, in the order in which they were recorded. Not empty.
    pub records: Vec<Record>,
    /// The state after them.
    pub snapshot: Snapshot,
    /// The profile as JSON, if it changes.
    pub profile: Option<String>,
    /// What is due now; `None` at rest.
    pub due: Option<Due>,
}

impl Append {
    /// A change to one prospect.
    pub fn new(prospect: ProspectId, expected: Revision, records: Vec<Record>, snapshot: Snapshot) -> Append {
        Append { prospect, expected, records, snapshot, profile: None, due: None }
    }

    /// The revision after the change.
    pub fn revision(&self) -> Revision {
        Revision(self.expected.0 + self.records.len() as u64)
    }
}

/// Whose head is wanted, and which keys are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct HeadQuery {
    /// Whose.
    pub prospect: ProspectId,
    /// Keys that may be in the journal.
    pub keys: Vec<String>,
}

impl HeadQuery {
    /// Asks for a prospect's head.
    pub fn new(prospect: ProspectId, keys: Vec<String>) -> HeadQuery {
        HeadQuery { prospect, keys }
    }
}

/// Where a prospect's journal stands.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Head {
    /// Whose.
    pub prospect: ProspectId,
    /// How far the journal is.
    pub revision: Revision,
    /// The state.
    pub snapshot: Snapshot,
    /// The profile as JSON; `None` if there is none (any more).
    pub profile: Option<String>,
    /// When the first record was recorded: since then the engine has had this prospect in its care.
    pub since: DateTime<Utc>,
    /// For each key that was asked for, the hash of its record if the journal has it.
    pub known: Vec<Option<[u8; 16]>>,
}

impl Head {
    /// A head without keys.
    pub fn new(prospect: ProspectId, revision: Revision, snapshot: Snapshot, since: DateTime<Utc>) -> Head {
        Head { prospect, revision, snapshot, profile: None, since, known: Vec::new() }
    }
}

/// How due entries are looked for. Each order is total: by the instant, then by prospect id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DueOrder {
    /// By place in the agenda; entries without one are not in this order.
    Rank,
    /// By when time alone changes the plan; entries without are not in this order.
    WakeAt,
    /// By latest instant; entries without are not in this order.
    Latest,
    /// By earliest instant, those that are sent without a person only.
    Automatic,
    /// By the beginning of the appointment; entries without are not in this order.
    Appointment,
}

/// A question about what is due.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct DueQuery {
    /// The order, which says what is looked for.
    pub order: DueOrder,
    /// Only this owner's.
    pub owner: Option<String>,
    /// Only what is earlier, in the order's own instant, than this (exclusive).
    pub before: Option<DateTime<Utc>>,
    /// Only what opens earlier than this (exclusive).
    pub opens_before: Option<DateTime<Utc>>,
    /// Only what comes after this place in the order.
    pub after: Option<(DateTime<Utc>, ProspectId)>,
    /// At most so many; 0 gives none.
    pub limit: usize,
}

impl DueQuery {
    /// The first so many in an order.
    pub fn new(order: DueOrder, limit: usize) -> DueQuery {
        DueQuery { order, owner: None, before: None, opens_before: None, after: None, limit }
    }
}

impl Due {
    /// The instant by which an order sorts it; `None` if it is not in that order.
    pub fn place(&self, order: DueOrder) -> Option<DateTime<Utc>> {
        match order {
            DueOrder::Rank => self.rank_at,
            DueOrder::WakeAt => self.wake_at,
            DueOrder::Latest => self.latest,
            DueOrder::Automatic => self.earliest.filter(|_| self.automatic),
            DueOrder::Appointment => self.appointment_at,
        }
    }
}

/// Some of what is due.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct DuePage {
    /// The entries, in order. Fewer than the limit means that there are no more.
    pub entries: Vec<Due>,
    /// The newest instant of any event in the book, by which a view of the past is known.
    pub newest_event_at: Option<DateTime<Utc>>,
}

impl DuePage {
    /// A page.
    pub fn new(entries: Vec<Due>, newest_event_at: Option<DateTime<Utc>>) -> DuePage {
        DuePage { entries, newest_event_at }
    }
}

/// A prospect that has changed.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Changed {
    /// Its place in the feed: later changes have larger ones. Not every number is taken.
    pub cursor: u64,
    /// Who has changed.
    pub prospect: ProspectId,
    /// How far their journal is.
    pub revision: Revision,
}

impl Changed {
    /// A change.
    pub fn new(cursor: u64, prospect: ProspectId, revision: Revision) -> Changed {
        Changed { cursor, prospect, revision }
    }
}

/// The removal of a person.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Erase {
    /// The last change, after which nothing is due.
    pub append: Append,
    /// New bodies of records that held free text, by key.
    pub redacted: Vec<(String, String)>,
}

impl Erase {
    /// A removal.
    pub fn new(append: Append, redacted: Vec<(String, String)>) -> Erase {
        Erase { append, redacted }
    }
}

/// Where prospects are kept. A handle is scoped to one book.
///
/// For those who implement it; those who call it use a [`Desk`](crate::Desk).
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes changes to one or many prospects: all of them or none.
    ///
    /// Once it returns, they are as durable as the store promises. Each prospect may stand in the list once.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`], naming the prospect, if a journal is not at the expected revision or has one
    /// of the keys already; nothing is written then. [`StoreErrorKind::Unknown`] if it may or may not have been
    /// written: ask for the head with the same keys.
    ///
    /// # Cancel safety
    /// A dropped future leaves all or nothing written.
    async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError>;

    /// Where journals stand, in the order asked; `None` for prospects that are not there.
    async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError>;

    /// The whole journal of a prospect, by instant, `seq` and key; empty if it is not there.
    async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError>;

    /// What is due.
    async fn due(&self, query: DueQuery) -> Result<DuePage, StoreError>;

    /// Heads of all prospects by prospect id (in the order of its bytes), after an id, at most so many. No keys.
    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError>;

    /// Prospects that have changed after a cursor (0: from the beginning), each once, at its newest change,
    /// oldest change first, at most so many.
    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError>;

    /// Removes a person: writes the last change, drops the profile and the due entry, and replaces bodies.
    ///
    /// # Errors
    /// As [`Store::append`].
    async fn erase(&self, erase: Erase) -> Result<(), StoreError>;
}

#[async_trait]
impl<S: Store + ?Sized> Store for std::sync::Arc<S> {
    async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError> {
        (**self).append(changes).await
    }
    async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError> {
        (**self).head(wanted).await
    }
    async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError> {
        (**self).history(prospect).await
    }
    async fn due(&self, query: DueQuery) -> Result<DuePage, StoreError> {
        (**self).due(query).await
    }
    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError> {
        (**self).scan(after, limit).await
    }
    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError> {
        (**self).changes(after, limit).await
    }
    async fn erase(&self, erase: Erase) -> Result<(), StoreError> {
        (**self).erase(erase).await
    }
}
