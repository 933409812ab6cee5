//! What is written: a change to one prospect, and the removal of a person.

use super::{Due, Record, Revision, Snapshot, Suppression, UnderClaim};
use crate::prospect::ProspectId;

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
    /// The claim that the change is made under, which must still be the prospect's newest and not have ended. A
    /// change without one is made whoever has claimed the prospect, and leaves the claim as it is.
    pub claim: Option<UnderClaim>,
    /// What changes in the book's suppressions.
    pub suppressions: Vec<Suppression>,
}

impl Append {
    /// A change to one prospect.
    pub fn new(prospect: ProspectId, expected: Revision, records: Vec<Record>, snapshot: Snapshot) -> Append {
        Append {
            prospect,
            expected,
            records,
            snapshot,
            profile: None,
            due: None,
            claim: None,
            suppressions: Vec::new(),
        }
    }

    /// The revision after the change.
    pub fn revision(&self) -> Revision {
        Revision(self.expected.0 + self.records.len() as u64)
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
