//! Which call fails, and how.

use std::ffi::c_int;

use rusqlite::ffi;

/// What SQLite asks of a file system.
///
/// Locks that are given back are not among them: that cannot fail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Call {
    /// Opening a file, which may make it.
    Open,
    /// Asking whether a file is there.
    Access,
    /// Deleting a file.
    Delete,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Cutting a file off.
    Truncate,
    /// Waiting until what was written is on the disk.
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
    /// All of them.
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

    /// What SQLite is told when such a call fails.
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
    /// With the I/O error of its kind; nothing of it is done.
    Io,
    /// Because the disk is full. Of a write, the first half is done: that much had room.
    Full,
    /// Without a word: nothing of it is done, and SQLite is told that it was. No disk does that; a checker that does
    /// not notice checks nothing.
    Swallowed,
}

/// The call that fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fault {
    call: Call,
    number: u64,
    error: Error,
    lasting: bool,
}

impl Fault {
    /// The n-th such call from now on fails, counted from 1, and no other.
    pub fn once(call: Call, number: u64, error: Error) -> Fault {
        Fault { call, number, error, lasting: false }
    }

    /// The n-th such call from now on fails, counted from 1, and every one after it.
    pub fn lasting(call: Call, number: u64, error: Error) -> Fault {
        Fault { call, number, error, lasting: true }
    }

    /// What becomes of a call, if it is hit.
    pub(crate) fn hits(&self, call: Call, number: u64) -> Option<Hit> {
        let hit = self.call == call && (number == self.number || self.lasting && number > self.number);
        hit.then_some(match self.error {
            Error::Io => Hit { code: call.failure(), half: false },
            Error::Full => Hit { code: ffi::SQLITE_FULL, half: true },
            Error::Swallowed => Hit { code: ffi::SQLITE_OK, half: false },
        })
    }
}

/// What becomes of a call that is hit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    /// What SQLite is told.
    pub(crate) code: c_int,
    /// Whether half of a write is done.
    pub(crate) half: bool,
}
