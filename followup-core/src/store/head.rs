//! Heads of journals, and the feed of changes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Revision, Snapshot};
use crate::prospect::ProspectId;

/// A query for the head of a prospect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HeadQuery {
    /// The prospect.
    pub prospect: ProspectId,
    /// Event keys to look up in the journal.
    pub keys: Vec<String>,
}

impl HeadQuery {
    /// Creates a query for a prospect's head.
    pub fn new(prospect: ProspectId, keys: Vec<String>) -> HeadQuery {
        HeadQuery { prospect, keys }
    }
}

/// The head of a prospect: its newest revision, state and profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Head {
    /// The prospect.
    pub prospect: ProspectId,
    /// The revision of the journal.
    pub revision: Revision,
    /// The state.
    pub snapshot: Snapshot,
    /// The profile as JSON; `None` if there is none, or after a removal.
    pub profile: Option<String>,
    /// When the first record was recorded.
    pub since: DateTime<Utc>,
    /// For each key of the query, in the same order, the hash of its record; `None` if the journal does not have it.
    pub known: Vec<Option<[u8; 16]>>,
}

impl Head {
    /// Creates a head without a profile and without keys.
    pub fn new(prospect: ProspectId, revision: Revision, snapshot: Snapshot, since: DateTime<Utc>) -> Head {
        Head { prospect, revision, snapshot, profile: None, since, known: Vec::new() }
    }
}

/// A prospect in the feed of changes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changed {
    /// The place in the feed: later changes have larger cursors. Numbers may be skipped.
    pub cursor: u64,
    /// The prospect that changed.
    pub prospect: ProspectId,
    /// The revision of its journal.
    pub revision: Revision,
}

impl Changed {
    /// Creates an entry of the feed.
    pub fn new(cursor: u64, prospect: ProspectId, revision: Revision) -> Changed {
        Changed { cursor, prospect, revision }
    }
}
