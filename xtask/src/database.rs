//! Database files that commands fill with the program `followup`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// Removes an earlier database of this name, with its log and shared memory, and returns the path for a new one.
///
/// # Errors
/// If a file of the earlier database cannot be removed.
pub(crate) fn fresh(folder: &Path, name: &str) -> Result<PathBuf> {
    for suffix in ["", "-wal", "-shm"] {
        let file = folder.join(format!("{name}{suffix}"));
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    Ok(folder.join(name))
}
