//! The files of a bench, and the speed of the disk.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A temporary folder. Dropping it removes the folder.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// Creates a folder in the directory named by `FOLLOWUP_BENCH_DATA`, or in the directory for temporary files. It
    /// should be on a disk of the kind that users store their files on.
    ///
    /// # Errors
    /// If the folder cannot be created.
    pub fn make() -> Result<Folder> {
        let place = std::env::var_os("FOLLOWUP_BENCH_DATA").map_or_else(std::env::temp_dir, PathBuf::from);
        let folder = tempfile::Builder::new().prefix("followup-bench-").tempdir_in(&place);
        folder.map(Folder).with_context(|| format!("cannot create a folder in {}", place.display()))
    }

    /// Returns the path of a file that does not exist. An older database of this name is removed.
    ///
    /// # Errors
    /// If an older file cannot be removed.
    pub fn fresh(&self, name: &str) -> Result<PathBuf> {
        let path = self.0.path().join(name);
        for suffix in ["", "-wal", "-shm"] {
            let file = with_suffix(&path, suffix);
            if file.exists() {
                fs::remove_file(file)?;
            }
        }
        Ok(path)
    }

    /// Copies a closed database and syncs the copy to the disk.
    ///
    /// # Errors
    /// If the database cannot be copied.
    pub fn copy(&self, base: &Path, name: &str) -> Result<PathBuf> {
        let path = self.fresh(name)?;
        fs::copy(base, &path)?;
        File::open(&path)?.sync_all()?;
        Ok(path)
    }
}

/// The path of a database with a suffix, such as `-wal`.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Flushes pending writes of earlier steps, so that they do not slow down the next step.
pub fn settle() {
    rustix::fs::sync();
    std::thread::sleep(std::time::Duration::from_millis(100));
}

/// Appends blocks of 4 KiB to a new file and syncs after each: the minimal cost of a durable commit.
///
/// # Errors
/// If the file cannot be written.
pub fn append_and_sync(path: &Path, blocks: usize) -> Result<()> {
    let mut file = File::create(path)?;
    for _ in 0..blocks {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
    }
    Ok(())
}

/// Drops the pages of a file from the cache of the operating system, so that the next reader reads from the disk.
///
/// # Errors
/// If the file cannot be opened or synced, or the cache cannot be dropped.
pub fn evict(path: &Path) -> Result<()> {
    let file = File::open(path)?;
    file.sync_all()?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    Ok(())
}
