//! Conversion of SQLite's errors to those of the store contract.

use std::fmt::Display;
use std::sync::Arc;

use followup_core::StoreError;
use followup_core::store::StoreErrorKind;
use rusqlite::ErrorCode;

/// The cause of an error, before it is known which caller gets it. It is `Clone` because all callers whose changes were
/// in one transaction get it.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// An error of SQLite.
    Sqlite(Arc<rusqlite::Error>),
    /// An error of the store: its kind, what is wrong, and what would be right.
    Own(StoreErrorKind, String),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        Failure::Sqlite(Arc::new(error))
    }
}

impl Failure {
    /// Returns a failure for data that is not as it was written.
    pub(crate) fn corrupt(what: impl Into<String>) -> Failure {
        Failure::Own(StoreErrorKind::Corrupt, what.into())
    }

    /// Returns the error for the caller. The attempt completes the sentence "cannot …".
    pub(crate) fn into_error(self, attempt: impl Display) -> StoreError {
        let kind = self.kind();
        match self {
            Failure::Sqlite(error) => {
                StoreError::new(kind, format!("cannot {attempt}: {}", advice(kind))).caused_by(error)
            }
            Failure::Own(_, why) => StoreError::new(kind, format!("cannot {attempt}: {why}")),
        }
    }

    /// Returns the error for the caller after a commit whose outcome is open.
    pub(crate) fn into_unknown(self, attempt: impl Display) -> StoreError {
        let why = "the commit failed and may have reached the disk; read the head with the same keys";
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

/// Returns true if a failed commit has written nothing. After any error other than these two, the last page of the
/// transaction may have reached the disk.
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
        StoreErrorKind::Busy => "another connection has locked the file; try again",
        StoreErrorKind::Corrupt => "the file is damaged; restore a backup",
        StoreErrorKind::Full => "the disk is full; free some space and try again",
        StoreErrorKind::Unavailable => "the file cannot be opened, read or written",
        StoreErrorKind::Unsupported => "the file is not a SQLite database; pass a store's file or a new one",
        _ => "SQLite returned an error",
    }
}
