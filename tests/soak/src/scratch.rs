//! Temporary directories for the files of a store.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use followup_fault_vfs::Image;
use tempfile::TempDir;

/// The name of the store's main file.
const STORE: &str = "store.db";

/// A temporary directory. Dropping it removes the directory.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// Creates a directory, in memory where possible, because its files need not survive the machine.
    pub(crate) fn new() -> Result<Scratch> {
        let memory = Path::new("/dev/shm");
        let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Ok(Scratch(made.context("cannot create a temporary directory")?))
    }

    /// Creates a directory inside another one.
    pub(crate) fn within(directory: &Path) -> Result<Scratch> {
        Ok(Scratch(tempfile::tempdir_in(directory).context("cannot create a temporary directory")?))
    }

    /// Keeps the directory for inspection and returns its path.
    pub(crate) fn keep(self) -> PathBuf {
        self.0.keep()
    }

    pub(crate) fn directory(&self) -> &Path {
        self.0.path()
    }

    /// The path of the store's main file.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.path().join(STORE)
    }

    /// Removes all files.
    pub(crate) fn clear(&self) -> Result<()> {
        for entry in fs::read_dir(self.directory())? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Replaces all files with those of an image.
    pub(crate) fn put(&self, image: &Image) -> Result<()> {
        self.clear()?;
        for (name, content) in image {
            fs::write(self.directory().join(name), content)?;
        }
        Ok(())
    }

    /// Reads all files except shared memory: the files that a process leaves when it ends.
    pub(crate) fn image(&self) -> Result<Image> {
        let mut image = Image::new();
        for entry in fs::read_dir(self.directory())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.ends_with("-shm") {
                image.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(image)
    }
}
