//! Directories for files that are needed for a moment.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use followup_fault_vfs::Image;
use tempfile::TempDir;

/// The name of the file that stores are opened by.
const STORE: &str = "store.db";

/// A directory that is gone when this is dropped.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// A new directory: in memory where there is such a place, since no file in it has to outlast the machine.
    pub(crate) fn new() -> Result<Scratch> {
        let memory = Path::new("/dev/shm");
        let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Ok(Scratch(made.context("cannot make a directory for a moment")?))
    }

    /// A new directory in another one.
    pub(crate) fn within(directory: &Path) -> Result<Scratch> {
        Ok(Scratch(tempfile::tempdir_in(directory).context("cannot make a directory for a moment")?))
    }

    /// Leaves the directory where it is, for a person to look into.
    pub(crate) fn keep(self) -> PathBuf {
        self.0.keep()
    }

    pub(crate) fn directory(&self) -> &Path {
        self.0.path()
    }

    /// Where the store is.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.path().join(STORE)
    }

    /// Removes all that is in it.
    pub(crate) fn clear(&self) -> Result<()> {
        for entry in fs::read_dir(self.directory())? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Puts these files in it and no others.
    pub(crate) fn put(&self, image: &Image) -> Result<()> {
        self.clear()?;
        for (name, content) in image {
            fs::write(self.directory().join(name), content)?;
        }
        Ok(())
    }

    /// The files that are in it, but for shared memory: the files as they are after the end of a process.
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
