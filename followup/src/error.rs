//! What can go wrong at a desk.

use followup_core::prospect::{IdError, ProspectId};
use followup_core::state::Finding;
use followup_core::store::{DocumentKind, StoreError, StoreErrorKind};

/// What can go wrong at a desk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The event breaks rules. Record it as observed if it has happened nevertheless.
    #[error("{prospect}: {event} is refused: {}", list(.findings))]
    Refused {
        /// Whose event.
        prospect: ProspectId,
        /// The event's name.
        event: &'static str,
        /// Every rule that it breaks, and what is missing.
        findings: Vec<Finding>,
    },
    /// There is no such prospect.
    #[error("there is no prospect \"{0}\"; add it first")]
    UnknownProspect(ProspectId),
    /// There is such a prospect already, with other particulars.
    #[error(
        "there is a prospect \"{0}\" already, added with other particulars or at another time; record what changed"
    )]
    Exists(ProspectId),
    /// The key stands for another event already.
    #[error(
        "{prospect}: the key \"{key}\" stands for another event already; give each event a key of its own"
    )]
    KeyConflict {
        /// Whose event.
        prospect: ProspectId,
        /// The key.
        key: String,
    },
    /// A wish for hours that never open.
    #[error("{0}: the wish never opens within our hours; state weekdays and times that do (C11)")]
    NeverOpens(ProspectId),
    /// A version that is not higher than what is published.
    #[error("the playbook {name} is at version {newest} already, and yours is {version}; give it version {}", .newest.saturating_add(1))]
    NotNewer {
        /// What it is called.
        name: String,
        /// The version that was to be published.
        version: u32,
        /// The highest that there is.
        newest: u32,
    },
    /// A version that is there and says something else.
    #[error("version {version} of the playbook {name} says something else already, and never changes; give yours version {}", .version.saturating_add(1))]
    PublishedOtherwise {
        /// What it is called.
        name: String,
        /// The version.
        version: u32,
    },
    /// A prospect id that is none.
    #[error(transparent)]
    Id(#[from] IdError),
    /// What is stored cannot be read.
    #[error("{prospect}: the stored {what} cannot be read: {why}")]
    Corrupt {
        /// Whose.
        prospect: ProspectId,
        /// What cannot be read.
        what: &'static str,
        /// Why not.
        why: String,
    },
    /// A document of the book cannot be read.
    #[error("the {} {name} cannot be read: {why}", .kind.as_str())]
    Document {
        /// What it is about.
        kind: DocumentKind,
        /// What it is called.
        name: String,
        /// Why not.
        why: String,
    },
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(Finding::to_string).collect::<Vec<_>>().join("; ")
}

impl From<std::convert::Infallible> for DeskError {
    fn from(never: std::convert::Infallible) -> DeskError {
        match never {}
    }
}

impl DeskError {
    /// Whether somebody else changed the prospect in between, so that deciding again may succeed.
    pub fn is_conflict(&self) -> bool {
        matches!(self, DeskError::Store(error) if error.kind() == StoreErrorKind::Conflict)
    }

    /// Whether it may or may not have been written. Record the same with the same key again: that tells, and writes it
    /// if it was not.
    pub fn is_unknown(&self) -> bool {
        matches!(self, DeskError::Store(error) if error.kind() == StoreErrorKind::Unknown)
    }
}
