//! From what SQLite says to what the contract says.

use std::fmt::Display;
use std::sync::Arc;

use followup_core::{StoreError, StoreErrorKind};
use rusqlite::ErrorCode;

/// Why something did not work, before it is known for whom. It can be copied, because all whose changes were in one
/// transaction are told.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// SQLite refused.
    Sqlite(Arc<rusqlite::Error>),
    /// The store refused: the kind, and what is wrong and what would be right.
    Own(StoreErrorKind, String),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        Failure::Sqlite(Arc::new(error))
    }
}

impl Failure {
    /// What was read cannot have been written.
    pub(crate) fn corrupt(what: impl Into<String>) -> Failure {
        Failure::Own(StoreErrorKind::Corrupt, what.into())
    }

    /// The error as the caller gets it; the attempt reads on from "cannot".
    pub(crate) fn into_error(self, attempt: impl Display) -> StoreError {
        let kind = self.kind();
        match self {
            Failure::Sqlite(error) => {
                StoreError::new(kind, format!("cannot {attempt}: {}", advice(kind))).caused_by(error)
            }
            Failure::Own(_, why) => StoreError::new(kind, format!("cannot {attempt}: {why}")),
        }
    }

    /// The same after a commit whose outcome is open.
    pub(crate) fn into_unknown(self, attempt: impl Display) -> StoreError {
        let why = "the commit failed and may have reached the disk; ask for the head with the same keys";
        let error = StoreError::new(StoreErrorKind::Unknown, format!("cannot {attempt}: {why}"));
        match self {
            Failure::Sqlite(source) => error.caused_by(source),
            Failure::Own(..) => error,
        }
    }

    pub(crate) fn kind(&self) -> StoreErrorKind {
        match self {
            Failure::Sqlite(error) => kind_of(error),
            Failure::Own(kind, _) => *kind,
        }
    }
}

/// Whether a failed commit has left nothing. After any other error than these two, the last page of the transaction
/// may have reached the disk.
pub(crate) fn is_undone(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy))
}

fn kind_of(error: &rusqlite::Error) -> StoreErrorKind {
    use rusqlite::Error;
    match error {
        Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreErrorKind::Busy,
            ErrorCode::DatabaseCorrupt => StoreErrorKind::Corrupt,
            ErrorCode::NotADatabase => StoreErrorKind::Unsupported,
            ErrorCode::DiskFull => StoreErrorKind::Full,
            ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::ReadOnly
            | ErrorCode::SystemIoFailure
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::NoLargeFileSupport => StoreErrorKind::Unavailable,
            _ => StoreErrorKind::Other,
        },
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::Utf8Error(..)
        | Error::InvalidColumnType(..) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Other,
    }
}

fn advice(kind: StoreErrorKind) -> &'static str {
    match kind {
        StoreErrorKind::Busy => "somebody else holds the file; ask again",
        StoreErrorKind::Corrupt => "the file is damaged; restore a copy",
        StoreErrorKind::Full => "there is no room; make room and ask again",
        StoreErrorKind::Unavailable => "the file cannot be reached or may not be written",
        StoreErrorKind::Unsupported => "the file is no SQLite database; name a store's file or a new one",
        _ => "SQLite refused",
    }
}
