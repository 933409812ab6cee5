//! Faults: the call that fails, and how it fails.

use std::ffi::c_int;

use rusqlite::ffi;

/// A call of SQLite to its VFS.
///
/// Unlocking is not included, because it cannot fail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Call {
    /// Opening a file, which may create it.
    Open,
    /// Asking whether a file exists.
    Access,
    /// Deleting a file.
    Delete,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Truncating a file.
    Truncate,
    /// Syncing a file to the disk.
    Sync,
    /// Asking for the size of a file.
    Size,
    /// Locking a file.
    Lock,
    /// Mapping shared memory.
    ShmMap,
    /// Locking shared memory.
    ShmLock,
}

impl Call {
    /// All calls.
    pub const ALL: [Call; 11] = [
        Call::Open,
        Call::Access,
        Call::Delete,
        Call::Read,
        Call::Write,
        Call::Truncate,
        Call::Sync,
        Call::Size,
        Call::Lock,
        Call::ShmMap,
        Call::ShmLock,
    ];

    /// The error code that SQLite receives when the call fails.
    fn failure(self) -> c_int {
        match self {
            Call::Open => ffi::SQLITE_CANTOPEN,
            Call::Access => ffi::SQLITE_IOERR_ACCESS,
            Call::Delete => ffi::SQLITE_IOERR_DELETE,
            Call::Read => ffi::SQLITE_IOERR_READ,
            Call::Write => ffi::SQLITE_IOERR_WRITE,
            Call::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Call::Sync => ffi::SQLITE_IOERR_FSYNC,
            Call::Size => ffi::SQLITE_IOERR_FSTAT,
            Call::Lock => ffi::SQLITE_IOERR_LOCK,
            Call::ShmMap => ffi::SQLITE_IOERR_SHMMAP,
            Call::ShmLock => ffi::SQLITE_IOERR_SHMLOCK,
        }
    }
}

/// How a call fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Error {
    /// The call returns the I/O error of its kind and has no effect.
    Io,
    /// The disk is full. A write stores its first half, for which there was room.
    Full,
    /// The call has no effect but reports success. No real disk does this; it serves as a planted bug that a checker
    /// must notice.
    Swallowed,
}

/// A fault: which call fails, and how.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fault {
    call: Call,
    number: u64,
    error: Error,
    lasting: bool,
}

impl Fault {
    /// Only the n-th such call fails, counted from 1 after arming.
    pub fn once(call: Call, number: u64, error: Error) -> Fault {
        Fault { call, number, error, lasting: false }
    }

    /// The n-th such call and every later one fail, counted from 1 after arming.
    pub fn lasting(call: Call, number: u64, error: Error) -> Fault {
        Fault { call, number, error, lasting: true }
    }

    /// Returns how the call fails, or `None` if the fault does not hit it.
    pub(crate) fn hits(&self, call: Call, number: u64) -> Option<Hit> {
        let hit = self.call == call && (number == self.number || self.lasting && number > self.number);
        hit.then_some(match self.error {
            Error::Io => Hit { code: call.failure(), half: false },
            Error::Full => Hit { code: ffi::SQLITE_FULL, half: true },
            Error::Swallowed => Hit { code: ffi::SQLITE_OK, half: false },
        })
    }
}

/// How a call that is hit fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    /// The result code that SQLite receives.
    pub(crate) code: c_int,
    /// Whether the first half of a write is stored.
    pub(crate) half: bool,
}
