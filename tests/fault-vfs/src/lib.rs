//! A SQLite VFS that injects I/O errors and records the files that a power loss would leave. For tests only.
//!
//! SQLite accesses its files through a VFS, a table of functions. [`Disk::watch`] installs a VFS in front of SQLite's
//! own as the default of the process. It watches the files of one directory and passes all others through, so a store
//! needs no configuration.
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
//! # Power loss
//!
//! A write or a new size is safe once its file has been synced successfully. A created or deleted name is safe once its
//! directory has been synced. SQLite syncs the directory with the first sync of a journal or log that it has opened,
//! and with a deletion if requested. [`Log::image`] builds the files as they may be after a power loss between any two
//! calls. Shared memory (`-shm`) is never included.

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
