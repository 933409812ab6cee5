//! A copy of the file as of one moment, made while others read and write.

use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use followup_core::StoreError;
use followup_core::store::StoreErrorKind;
use rusqlite::Connection;

use crate::SqliteStore;
use crate::errors::Failure;
use crate::open;

/// Suffixes of files that SQLite would take for part of the copy if they were left over from an earlier file.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

impl SqliteStore {
    /// Copies the whole store, all books, to a new file as of one moment, while others read and write. Tables of a host
    /// in the same file are copied too.
    ///
    /// The copy is a store like any other: open it, or move it to the place of the old file after removing the old file
    /// and the `-wal` and `-shm` files beside it. The copy has the permissions of the original file and contains no
    /// erased data. It appears under its name when it is complete and on disk; until then it is a file beside it whose
    /// name ends in `.part`, which is left over only if the process is killed.
    ///
    /// The copy is made on the caller's thread and takes as long as reading and writing the file takes. Meanwhile, the
    /// write-ahead log of the store is not truncated, and a store in memory accepts no changes.
    ///
    /// ```
    /// use followup_store_sqlite::SqliteStore;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// let store = SqliteStore::open(directory.path().join("crm.db"))?;
    /// let copy = directory.path().join("crm-2026-03-06.db");
    /// store.backup(&copy)?;
    /// assert!(SqliteStore::open(&copy)?.check_integrity()?.is_sound());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// - [`StoreErrorKind::Other`] if a file with that name, or with a name that belongs to it, already exists; it is
    ///   left unchanged. Also if the path is not UTF-8.
    /// - [`StoreErrorKind::Corrupt`] if the store is too damaged to be copied.
    /// - [`StoreErrorKind::Full`] if the disk has no room for the copy.
    /// - [`StoreErrorKind::Unavailable`] if the store cannot be read or the copy cannot be written.
    pub fn backup(&self, path: impl AsRef<Path>) -> Result<(), StoreError> {
        let path = path.as_ref();
        let copied = open::absolute(path).and_then(|target| self.copy_to(&target));
        copied.map_err(|failure| failure.into_error(format_args!("back up the store to {}", path.display())))
    }

    fn copy_to(&self, target: &Path) -> Result<(), Failure> {
        // This early check avoids making a copy that cannot be published. The check in `publish` is the decisive one.
        for taken in [target.to_owned()].into_iter().chain(BESIDE.map(|ending| beside(target, ending))) {
            if fs::symlink_metadata(&taken).is_ok() {
                return Err(there_already(&taken));
            }
        }
        match self.connections.readers.as_ref().map(|readers| readers.setting()) {
            Some(setting) => {
                let source = setting.path.as_deref().and_then(|path| fs::metadata(path).ok());
                let part = Part::make(target, source.map(|source| source.permissions()))?;
                part.fill(&open::copier(setting)?)?;
                part.publish(target)
            }
            None => {
                let part = Part::make(target, None)?;
                part.fill(&self.connections.writer.connection()?.connection)?;
                part.publish(target)
            }
        }
    }
}

fn there_already(path: &Path) -> Failure {
    let name = path.file_name().unwrap_or_default().display();
    let why = format!("the file {name} already exists; pass another path, or move the file away");
    Failure::Own(StoreErrorKind::Other, why)
}

/// Returns the failure for an error of the file system.
fn refused(error: &io::Error) -> Failure {
    let kind = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => StoreErrorKind::Full,
        _ => StoreErrorKind::Unavailable,
    };
    Failure::Own(kind, format!("the copy cannot be written: {error}"))
}

fn beside(target: &Path, ending: impl AsRef<OsStr>) -> PathBuf {
    let mut name = OsString::from(target);
    name.push(ending);
    name.into()
}

/// A copy that is not complete yet. Dropping it removes the file.
struct Part {
    path: PathBuf,
}

impl Part {
    /// Creates an empty file beside the target, readable by no more users than the store's file.
    fn make(target: &Path, permissions: Option<Permissions>) -> Result<Part, Failure> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = beside(target, format!(".{}-{number}.part", process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    let part = Part { path };
                    let permitted =
                        permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions));
                    permitted.map_err(|error| refused(&error))?;
                    return Ok(part);
                }
                // A file left over from a killed process with the same id.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(refused(&error)),
            }
        }
    }

    fn fill(&self, connection: &Connection) -> Result<(), Failure> {
        let path = self.path.to_str().ok_or_else(|| {
            Failure::Own(StoreErrorKind::Other, "the path is not UTF-8; pass one that is".to_owned())
        })?;
        connection.execute("VACUUM INTO ?1", [path])?;
        Ok(())
    }

    /// Gives the copy its name, unless a file with that name exists. An incomplete copy never has that name.
    fn publish(self, target: &Path) -> Result<(), Failure> {
        // The file is closed before it gets its name: on Unix, closing it later would release the locks of a store that
        // this process has opened on it.
        let synced = OpenOptions::new().write(true).open(&self.path).and_then(|file| file.sync_all());
        synced.map_err(|error| refused(&error))?;
        let named = match fs::hard_link(&self.path, target) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => rename_to_new(&self.path, target),
            linked => linked,
        };
        named.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => there_already(target),
            _ => refused(&error),
        })?;
        drop(self);
        sync_directory_of(target).map_err(|error| refused(&error))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After a rename there is nothing to remove.
        let _ = fs::remove_file(&self.path);
    }
}

/// Renames on file systems without hard links. A crash between the two steps leaves an empty file.
fn rename_to_new(part: &Path, target: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(target)?;
    fs::rename(part, target).inspect_err(|_| {
        let _ = fs::remove_file(target);
    })
}

/// Syncs the directory of a file, since a crash could otherwise lose the new name. Only Unix can sync a directory.
fn sync_directory_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if cfg!(unix) => fs::File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_hard_links_nothing_is_overwritten_either() {
        let directory = tempfile::tempdir().unwrap();
        let [part, target] = ["part", "target"].map(|name| directory.path().join(name));
        fs::write(&part, "new").unwrap();
        rename_to_new(&part, &target).unwrap();
        assert_eq!((fs::read_to_string(&target).unwrap().as_str(), part.exists()), ("new", false));
        fs::write(&part, "newer").unwrap();
        assert_eq!(rename_to_new(&part, &target).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!((fs::read_to_string(&target).unwrap().as_str(), part.exists()), ("new", true));
        fs::remove_file(&target).unwrap();
        fs::remove_file(&part).unwrap();
        assert!(
            rename_to_new(&part, &target).is_err() && !target.exists(),
            "the reserved name is free again"
        );
    }
}
