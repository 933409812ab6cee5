//! Files of many people, made once and copied for each bench that wants one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use followup_store_sqlite::{SqliteStore, Synchronous};

use crate::disk::Folder;
use crate::raw_chain::RawChain;
use crate::raw_minimal::RawMinimal;
use crate::{automatic, people};

/// Whose tables a file has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tables {
    /// The library's.
    Ours,
    /// The library's, and what is due is sent without a person.
    Automatic,
    /// Those of [`RawMinimal`].
    Minimal,
    /// Those of [`RawChain`].
    Chain,
}

/// Files that are made when they are first wanted.
pub struct Bases {
    folder: Folder,
    made: RefCell<BTreeMap<(Tables, u64), PathBuf>>,
}

impl Bases {
    /// With none yet.
    ///
    /// # Errors
    /// If there is no place for them.
    pub fn make() -> Result<Bases> {
        Ok(Bases { folder: Folder::make()?, made: RefCell::default() })
    }

    /// Where they lie.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The file with so many people; nobody has it open, and it stays as it is.
    ///
    /// # Errors
    /// Those of the store.
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

    /// A copy of it under a name.
    ///
    /// # Errors
    /// As [`Bases::base`].
    pub fn copy(&self, tables: Tables, people: u64, name: &str) -> Result<PathBuf> {
        self.folder.copy(&self.base(tables, people)?, name)
    }
}
