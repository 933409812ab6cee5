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
///
/// # Examples
/// ```
/// use followup_core::ProspectId;
/// use followup_core::store::{Head, HeadQuery, Revision, Snapshot};
///
/// let query = HeadQuery::new(ProspectId::new("p-17")?, vec!["crm-1".to_owned(), "crm-2".to_owned()]);
/// let since = "2026-03-06T14:00:00Z".parse()?;
/// let mut head = Head::new(query.prospect, Revision(1), Snapshot::new(1, vec![7]), since);
/// head.known = query.keys.iter().map(|key| (key == "crm-1").then_some([0; 16])).collect();
/// assert_eq!(head.known, [Some([0; 16]), None], "the journal does not have crm-2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// # Examples
/// ```
/// use followup_core::ProspectId;
/// use followup_core::store::{Changed, Revision};
///
/// let page = [
///     Changed::new(4, ProspectId::new("p-17")?, Revision(2)),
///     Changed::new(7, ProspectId::new("p-18")?, Revision(1)),
/// ];
/// let read_on_after = page.last().map(|changed| changed.cursor);
/// assert_eq!(read_on_after, Some(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
