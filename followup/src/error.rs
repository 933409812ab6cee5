//! The error type of a desk.

use followup_core::prospect::{IdError, ProspectId};
use followup_core::state::Finding;
use followup_core::store::{DocumentKind, StoreError, StoreErrorKind};

/// An error of a [`Desk`](crate::Desk) call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The event breaks a rule. Record it with [`Desk::observe`](crate::Desk::observe) if it has happened nevertheless.
    #[error("{prospect}: {event} is refused: {}", list(.findings))]
    Refused {
        /// The prospect.
        prospect: ProspectId,
        /// The name of the event.
        event: &'static str,
        /// Each rule that the event breaks, with what is missing.
        findings: Vec<Finding>,
    },
    /// No prospect has this id.
    #[error("unknown prospect \"{0}\"; add it first")]
    UnknownProspect(ProspectId),
    /// A prospect with this id already exists, with other fields or another time of adding.
    #[error(
        "prospect \"{0}\" already exists with other fields or another time; record what changed as events"
    )]
    Exists(ProspectId),
    /// The key already belongs to another event.
    #[error("{prospect}: the key \"{key}\" already belongs to another event; give each event its own key")]
    KeyConflict {
        /// The prospect.
        prospect: ProspectId,
        /// The key.
        key: String,
    },
    /// The hours that a prospect prefers never overlap the working hours (C11).
    #[error(
        "{0}: the preferred hours never overlap our working hours; give weekdays and times that do (C11)"
    )]
    NeverOpens(ProspectId),
    /// The version to publish is lower than the newest one.
    #[error("cannot publish version {version} of playbook \"{name}\": the newest is {newest}; use version {}", .newest.saturating_add(1))]
    NotNewer {
        /// The name of the playbook.
        name: String,
        /// The version to publish.
        version: u32,
        /// The newest version.
        newest: u32,
    },
    /// The version already exists with other settings.
    #[error("version {version} of playbook \"{name}\" already exists with other settings; use version {}", .version.saturating_add(1))]
    PublishedOtherwise {
        /// The name of the playbook.
        name: String,
        /// The version.
        version: u32,
    },
    /// A prospect id is invalid.
    #[error(transparent)]
    Id(#[from] IdError),
    /// Stored data of a prospect cannot be read.
    #[error("{prospect}: cannot read the stored {what}: {why}")]
    Corrupt {
        /// The prospect.
        prospect: ProspectId,
        /// The kind of data: `event`, `profile` or `snapshot`.
        what: &'static str,
        /// The reason.
        why: String,
    },
    /// A document of the book cannot be read.
    #[error("cannot read the {} \"{name}\": {why}", .kind.as_str())]
    Document {
        /// The kind of document.
        kind: DocumentKind,
        /// The name of the document.
        name: String,
        /// The reason.
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
    /// Whether the prospect was changed by another writer in between. Repeating the call may succeed.
    ///
    /// # Examples
    /// ```
    /// use followup::DeskError;
    /// use followup::store::{StoreError, StoreErrorKind};
    ///
    /// let error = DeskError::from(StoreError::new(StoreErrorKind::Conflict, "the journal has moved on"));
    /// assert!(error.is_conflict() && !error.is_unknown());
    /// ```
    pub fn is_conflict(&self) -> bool {
        matches!(self, DeskError::Store(error) if error.kind() == StoreErrorKind::Conflict)
    }

    /// Whether it is unknown if the change was written. Repeat the call with the same key: it writes the change unless
    /// it is already written.
    ///
    /// # Examples
    /// See [`DeskError::is_conflict`].
    pub fn is_unknown(&self) -> bool {
        matches!(self, DeskError::Store(error) if error.kind() == StoreErrorKind::Unknown)
    }
}
