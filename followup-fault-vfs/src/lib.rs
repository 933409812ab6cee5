//! A disk under SQLite that fails when it is told to, and remembers what a loss of power would leave. For tests only.
//!
//! SQLite reaches its files through a VFS, a table of functions. [`Disk::watch`] puts one in front of SQLite's own, as
//! the default of the process; it looks after the files of one directory and leaves all others alone, so that a store
//! needs no word about it.
//!
//! ```
//! use followup_fault_vfs::{Call, Disk, Error, Fault};
//!
//! let directory = tempfile::tempdir()?;
//! let disk = Disk::watch(directory.path())?;
//! let connection = rusqlite::Connection::open(directory.path().join("a.db"))?;
//! disk.arm(Fault::once(Call::Write, 3, Error::Full));
//! let refused = connection.execute_batch("CREATE TABLE t(a)").expect_err("the third write fails");
//! assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull));
//! connection.execute_batch("CREATE TABLE t(a)")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is lost with the power
//!
//! A write, or a new size, is safe once a sync of its file has succeeded. A name that was made or taken away is safe once
//! its directory was synced, which SQLite does with the first sync of a journal or log that it has opened, and with a
//! deletion if it is asked to. [`Log::image`] builds the files as they may be after a loss of power between any two
//! calls. Shared memory (`-shm`) is never among them.

mod disk;
mod fault;
mod image;
mod log;
mod methods;
mod random;
mod vfs;

pub use disk::Disk;
pub use fault::{Call, Error, Fault};
pub use image::{Image, Loss};
pub use log::{Change, Log};
pub use random::Random;
pub use vfs::seed_randomness;
