//! Files with many people, created once and copied for each bench that needs one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use followup_store_sqlite::{SqliteStore, Synchronous};

use crate::disk::Folder;
use crate::raw_chain::RawChain;
use crate::raw_minimal::RawMinimal;
use crate::{automatic, people};

/// The schema of a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tables {
    /// The library's tables.
    Ours,
    /// The library's tables, with due entries that are sent automatically.
    Automatic,
    /// The tables of [`RawMinimal`].
    Minimal,
    /// The tables of [`RawChain`].
    Chain,
}

/// Base files, each created when it is first needed.
pub struct Bases {
    folder: Folder,
    made: RefCell<BTreeMap<(Tables, u64), PathBuf>>,
}

impl Bases {
    /// Creates a folder without files.
    ///
    /// # Errors
    /// If the folder cannot be created.
    pub fn make() -> Result<Bases> {
        Ok(Bases { folder: Folder::make()?, made: RefCell::default() })
    }

    /// The folder of the files.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The file with the given number of people. It is closed, and callers must not change it.
    ///
    /// # Errors
    /// If the store reports an error.
    pub fn base(&self, tables: Tables, people: u64) -> Result<PathBuf> {
        if let Some(path) = self.made.borrow().get(&(tables, people)) {
            return Ok(path.clone());
        }
        let path = self.folder.fresh(&format!("base-{tables:?}-{people}.db"))?;
        let store = || SqliteStore::options().synchronous(Synchronous::Normal).open(&path);
        match tables {
            Tables::Ours => people::import(&people::desk(store()?), people)?,
            Tables::Automatic => automatic::fill(&store()?, people)?,
            Tables::Minimal => {
                let mut raw = RawMinimal::open(&path, people, "NORMAL")?;
                raw.enrol(people)?;
                raw.checkpoint()?;
            }
            Tables::Chain => {
                let mut raw = RawChain::open(&path, "NORMAL")?;
                raw.enrol(people)?;
                raw.checkpoint()?;
            }
        }
        self.made.borrow_mut().insert((tables, people), path.clone());
        Ok(path)
    }

    /// Copies a base file to a new name.
    ///
    /// # Errors
    /// As [`Bases::base`].
    pub fn copy(&self, tables: Tables, people: u64, name: &str) -> Result<PathBuf> {
        self.folder.copy(&self.base(tables, people)?, name)
    }
}
