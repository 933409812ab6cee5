//! The databases that the commands fill with the program `followup`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Where a database is to be, with nothing left there of an earlier one.
///
/// # Errors
/// If a file of the earlier one cannot be removed.
pub(crate) fn fresh(folder: &Path, name: &str) -> Result<PathBuf> {
    for suffix in ["", "-wal", "-shm"] {
        let file = folder.join(format!("{name}{suffix}"));
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    Ok(folder.join(name))
}
