//! Files of a bench: where they lie, and what the disk gives.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A folder that is gone when the bench is over.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// Makes one where `FOLLOWUP_BENCH_DATA` says, else among the temporary files: it should be a disk, and the one
    /// that a user's file would lie on.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make() -> Result<Folder> {
        let place = std::env::var_os("FOLLOWUP_BENCH_DATA").map_or_else(std::env::temp_dir, PathBuf::from);
        let folder = tempfile::Builder::new().prefix("followup-bench-").tempdir_in(&place);
        folder.map(Folder).with_context(|| format!("cannot make a folder in {}", place.display()))
    }

    /// A file of it, with nothing there.
    ///
    /// # Errors
    /// If an older one cannot be removed.
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

    /// A copy of a database that nobody has open, and on the disk before it is used.
    ///
    /// # Errors
    /// If it cannot be copied.
    pub fn copy(&self, base: &Path, name: &str) -> Result<PathBuf> {
        let path = self.fresh(name)?;
        fs::copy(base, &path)?;
        File::open(&path)?.sync_all()?;
        Ok(path)
    }
}

/// A database's file, or one of those that lie beside it.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Writes back what other steps have left to write, so that it costs none of the next step's time.
pub fn settle() {
    rustix::fs::sync();
    std::thread::sleep(std::time::Duration::from_millis(100));
}

/// Appends blocks of 4 KiB to a new file and syncs after each: the least that a durable commit costs.
///
/// # Errors
/// If the disk refuses.
pub fn append_and_sync(path: &Path, blocks: usize) -> Result<()> {
    let mut file = File::create(path)?;
    for _ in 0..blocks {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
    }
    Ok(())
}

/// Has the operating system forget a file's pages, so that the next reader finds them on the disk.
///
/// # Errors
/// If it cannot be told to.
pub fn evict(path: &Path) -> Result<()> {
    let file = File::open(path)?;
    file.sync_all()?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    Ok(())
}
