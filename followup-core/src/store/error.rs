//! What can go wrong in a store.

use std::error::Error;
use std::fmt;

/// An error of a store: opaque, with a kind to decide by and a source to look into.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    detail: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What sort of error it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Somebody else has changed the prospect in between. Read again and decide again.
    Conflict,
    /// Somebody else has claimed the prospect in between, or the claim has ended. Whoever gets this is late: it is not
    /// theirs any more.
    Fenced,
    /// What was read is not what was written.
    Corrupt,
    /// Somebody else holds it. Try again.
    Busy,
    /// There is no room.
    Full,
    /// It cannot be reached, or may not be written.
    Unavailable,
    /// It may or may not have been written. Ask again with the same key.
    Unknown,
    /// It is something else than a store of this version.
    Unsupported,
    /// Anything else.
    Other,
}

impl StoreError {
    /// An error of a kind; the detail says what was attempted and what would be right, without personal data.
    pub fn new(kind: StoreErrorKind, detail: impl Into<String>) -> StoreError {
        StoreError { kind, detail: detail.into(), source: None }
    }

    /// The same error with what it comes from.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        self.source = Some(source.into());
        self
    }

    /// What sort of error it is.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later, as it is.
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
