//! Errors of stores.

use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An error of a store: an opaque message, with a kind to decide by and a source.
///
/// # Examples
/// ```
/// use std::error::Error;
/// use std::io;
/// use followup_core::store::{StoreError, StoreErrorKind};
///
/// let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
/// let error = StoreError::new(StoreErrorKind::Unavailable, "cannot read heads: no connection").caused_by(refused);
/// assert!(error.is_retryable());
/// assert_eq!(error.to_string(), "cannot read heads: no connection");
/// assert_eq!(error.source().map(|source| source.to_string()).as_deref(), Some("connection refused"));
/// ```
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    detail: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kind of an error.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Another writer has changed the prospect in between. Read again and decide again.
    Conflict,
    /// Another worker has claimed the prospect in between, or the claim has ended. The worker must stop.
    Fenced,
    /// The stored data is damaged.
    Corrupt,
    /// Another process holds a lock. Try again.
    Busy,
    /// The disk or the volume is full.
    Full,
    /// The store cannot be reached, or cannot be written to.
    Unavailable,
    /// The change may or may not have been written. Ask again with the same key.
    Unknown,
    /// The data is not a store of this version, or the request is one that this store does not support.
    Unsupported,
    /// Any other error.
    Other,
}

impl StoreError {
    /// Creates an error of a kind. The detail says what was attempted and what was expected, without personal data.
    pub fn new(kind: StoreErrorKind, detail: impl Into<String>) -> StoreError {
        StoreError { kind, detail: detail.into(), source: None }
    }

    /// Adds the error that caused this one.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        self.source = Some(source.into());
        self
    }

    /// Returns the kind of error.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Returns true if the same call may succeed later without a change.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, StoreErrorKind::Busy | StoreErrorKind::Unavailable)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}
