//! Where journals stand, and which of them have changed.

use chrono::{DateTime, Utc};

use super::{Revision, Snapshot};
use crate::prospect::ProspectId;

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
