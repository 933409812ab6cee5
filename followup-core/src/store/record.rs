//! Journals: records, and the snapshot of the state that they lead to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The number of records in a prospect's journal: 0 before the first. It grows by one with each record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl std::fmt::Display for Revision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// An event as it is stored. A store uses only the key and the order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The key of the event, unique within its prospect. At most 200 bytes.
    pub key: String,
    /// When the event happened, to the microsecond.
    pub at: DateTime<Utc>,
    /// The order among events at the same instant; events with the same `seq` are ordered by key.
    pub seq: i64,
    /// The name of the event's kind.
    pub kind: String,
    /// The event's fields as a JSON object, without name and address.
    pub body: String,
    /// A keyed hash of the whole event, which tells a repetition from another event with the same key.
    pub hash: [u8; 16],
    /// When the event was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl Record {
    /// Creates a record that was recorded when it happened, with a `seq` of 0 and an empty hash.
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

/// A state as it is stored: bytes that only the engine reads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// The version of the fold that made the state.
    pub fold_version: u32,
    /// The state.
    pub bytes: Vec<u8>,
}

impl Snapshot {
    /// Creates a snapshot.
    pub fn new(fold_version: u32, bytes: Vec<u8>) -> Snapshot {
        Snapshot { fold_version, bytes }
    }
}
