//! All stores behave the same (R13): long random lists of operations run on each store and on the reference model.

use std::sync::Arc;

use anyhow::Result;
use followup::{BookId, Store};
use followup_store_memory::MemoryStore;
use followup_store_sqlite::SqliteStore;
use followup_store_testkit::{Subject, model};

use crate::buggy::{Bug, plant};
use crate::engines::ENGINES;
use crate::proof::Proof;
use crate::scratch::Scratch;

/// Number of lists per store in a full run, and number of operations per list.
const FULL: usize = 2_000;
const OPERATIONS: usize = 200;

pub(crate) struct Stores {
    seed: u64,
    bug: Option<Bug>,
}

impl Proof for Stores {
    const NAME: &'static str = "stores";
    const PROMISE: &'static str = "R13";
    const PLANTED: &'static [&'static str] = &["forgets-revisions", "forgets-keys", "forgets-fences"];

    fn prepare(seed: u64, planted: Option<&str>) -> Result<Stores> {
        Ok(Stores { seed, bug: planted.and_then(Bug::named) })
    }

    fn points(&self) -> usize {
        FULL * ENGINES.len()
    }

    fn name_of(&self, point: usize) -> String {
        format!("{}/{}", ENGINES[point % ENGINES.len()], point / ENGINES.len())
    }

    fn check(&self, point: usize, scratch: &Scratch) -> Result<()> {
        let (engine, list) = (ENGINES[point % ENGINES.len()], point / ENGINES.len());
        let bug = self.bug;
        let path = scratch.store();
        // Removes the files of the previous list, which have the same names.
        let file = move || {
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{end}", path.display()));
            }
            SqliteStore::open(&path).expect("a new file opens")
        };
        let factory = move || match engine {
            "memory" => subject(MemoryStore::new(), MemoryStore::book, bug),
            "sqlite-file" => subject(file(), SqliteStore::book, bug),
            _ => subject(SqliteStore::in_memory().expect("an in-memory store opens"), SqliteStore::book, bug),
        };
        // Every store gets the same lists.
        model::check(&factory, self.seed.wrapping_add(list as u64), 1, OPERATIONS);
        Ok(())
    }
}

fn subject<S: Store + 'static>(store: S, book: fn(&S, BookId) -> S, bug: Option<Bug>) -> Subject {
    Subject::new(store, move |store, id| plant(bug, Arc::new(book(store, id))))
}
