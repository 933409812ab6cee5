//! Writes: a change to one prospect, and the removal of a person.

use serde::{Deserialize, Serialize};

use super::{Due, Record, Revision, Snapshot, Suppression, UnderClaim};
use crate::prospect::ProspectId;

/// A change to one prospect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Append {
    /// The prospect that changes.
    pub prospect: ProspectId,
    /// The revision that the journal must be at.
    pub expected: Revision,
    /// The new records, in the order in which they were recorded. Not empty.
    pub records: Vec<Record>,
    /// The state after the records.
    pub snapshot: Snapshot,
    /// The new profile as JSON; `None` leaves the profile as it is.
    pub profile: Option<String>,
    /// The new due entry; `None` clears the entry.
    pub due: Option<Due>,
    /// The claim that the change is made under. It must be the prospect's newest claim and must not have ended. A
    /// change without a claim is made no matter who has claimed the prospect, and leaves the claim as it is.
    pub claim: Option<UnderClaim>,
    /// Changes to the suppressions of the book.
    pub suppressions: Vec<Suppression>,
}

impl Append {
    /// Creates a change that leaves the profile and suppressions as they are, clears the due entry, and is made
    /// without a claim.
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

    /// Returns the revision after the change.
    pub fn revision(&self) -> Revision {
        Revision(self.expected.0 + self.records.len() as u64)
    }
}

/// The removal of a person.
///
/// # Examples
/// ```
/// use followup_core::ProspectId;
/// use followup_core::store::{Append, Erase, Record, Revision, Snapshot};
///
/// let erased = Record::new("crm-9", "2026-03-06T14:00:00Z".parse()?, "erased", "{}");
/// let change = Append::new(ProspectId::new("p-17")?, Revision(1), vec![erased], Snapshot::new(1, vec![7]));
/// let erase = Erase::new(change, vec![("crm-1".to_owned(), "{}".to_owned())]);
/// assert!(erase.check(|key| key == "crm-1").is_ok());
/// let unknown = erase.check(|_| false).unwrap_err();
/// assert!(unknown.to_string().ends_with("cannot replace the body of crm-1: the journal has no such key"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Erase {
    /// The last change. Its own profile and due entry are ignored.
    pub append: Append,
    /// The new bodies of records that had free text, as pairs of key and body.
    pub redacted: Vec<(String, String)>,
}

impl Erase {
    /// Creates a removal.
    pub fn new(append: Append, redacted: Vec<(String, String)>) -> Erase {
        Erase { append, redacted }
    }
}
