//! What a journal is made of: records, and the state that they lead to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How many records the journal of a prospect has: 0 before the first. It only grows, by one a record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
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
