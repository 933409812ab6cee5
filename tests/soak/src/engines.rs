//! The stores that proofs over a desk use in turn.

use std::sync::Arc;

use anyhow::Result;
use followup::{Desk, Playbook, Store};
use followup_store_memory::MemoryStore;
use followup_store_sqlite::SqliteStore;
use followup_test_support::playbooks::mailing;

use crate::buggy::{Bug, plant};
use crate::scratch::Scratch;

/// The names of the stores.
pub(crate) const ENGINES: [&str; 3] = ["memory", "sqlite-file", "sqlite-memory"];

/// Opens an empty store, optionally with a planted bug.
pub(crate) fn open(engine: usize, bug: Option<Bug>, scratch: &Scratch) -> Result<Arc<dyn Store>> {
    let store: Arc<dyn Store> = match ENGINES[engine] {
        "memory" => Arc::new(MemoryStore::new()),
        "sqlite-file" => {
            scratch.clear()?;
            Arc::new(SqliteStore::open(scratch.store())?)
        }
        _ => Arc::new(SqliteStore::in_memory()?),
    };
    Ok(plant(bug, store))
}

/// A playbook whose first touch is sent automatically at any hour.
pub(crate) fn automatic() -> Result<Playbook> {
    Ok(Playbook::parse(&mailing(r#"off = ["C16", "C5", "W7"]"#, &[("P0D", "first")]))?)
}

/// Builds a desk over a store.
pub(crate) fn desk(store: Arc<dyn Store>, playbook: Playbook) -> Desk {
    Desk::builder(store).playbook(playbook).secret([5; 32]).build()
}
