//! Writing inside a transaction of the host.

use followup_core::StoreError;
use followup_core::store::Append;
use rusqlite::Transaction;

use crate::SqliteStore;
use crate::change::{Batch, Change, What};
use crate::dictionary::Dictionary;
use crate::errors::Failure;
use crate::open;

impl SqliteStore {
    /// Writes changes to the handle's book inside a transaction of the host, on the host's connection to the same file:
    /// they are committed together with the host's own rows, or not at all.
    ///
    /// The changes come from `Desk::prepare` of the crate `followup`. Begin the transaction with `BEGIN
    /// IMMEDIATE`: the first write of a deferred one may fail because another connection has written meanwhile. The
    /// host's connection determines how durable the commit is (`PRAGMA synchronous`, FULL by default).
    ///
    /// ```
    /// use followup::Desk;
    /// use followup_core::{Channel, Event, Playbook, Prospect};
    /// use followup_store_sqlite::{File, SqliteStore};
    /// use rusqlite::{Connection, TransactionBehavior};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("crm.db");
    /// # pollster::block_on(async {
    /// let mut host = Connection::open(&path)?;
    /// host.execute_batch("CREATE TABLE call(prospect TEXT, minutes INTEGER)")?;
    ///
    /// let store = SqliteStore::options().file(File::Shared).open(&path)?;
    /// let desk = Desk::new(store.clone(), Playbook::default());
    /// let now = "2026-03-06T14:00:00Z".parse()?;
    /// desk.add(Prospect::new("p-17")?, now).await?;
    ///
    /// let prepared = desk.prepare("p-17", Event::replied(now, Channel::PHONE), now).await?;
    /// let transaction = host.transaction_with_behavior(TransactionBehavior::Immediate)?;
    /// transaction.execute("INSERT INTO call VALUES ('p-17', 12)", [])?;
    /// store.append_in(&transaction, prepared.changes())?;
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Store::append`](followup_core::Store::append); on
    /// [`StoreErrorKind::Conflict`](followup_core::store::StoreErrorKind::Conflict) prepare again.
    /// [`StoreErrorKind::Unsupported`](followup_core::store::StoreErrorKind::Unsupported) if the connection's file has no store
    /// of the current schema version. After any error the transaction contains none of the changes, and the host may
    /// continue with it unless SQLite itself has rolled it back.
    pub fn append_in(&self, transaction: &Transaction<'_>, changes: &[Append]) -> Result<(), StoreError> {
        let change = Change { book: self.book.clone(), what: What::Appends(changes.to_vec()) };
        write(transaction, &change).map_err(|failure| failure.into_error(change.attempt()))?
    }
}

fn write(transaction: &Transaction<'_>, change: &Change) -> Result<Result<(), StoreError>, Failure> {
    open::check_version(transaction)?;
    transaction.execute_batch("SAVEPOINT followup_append")?;
    let written = Batch::new(transaction, &mut Dictionary::default()).write(change);
    if written.is_err() {
        // If SQLite has rolled back the whole transaction, the savepoint no longer exists and there is nothing to undo.
        let _ = transaction.execute_batch("ROLLBACK TO followup_append");
    }
    let released = transaction.execute_batch("RELEASE followup_append");
    let written = written?;
    released?;
    Ok(written)
}
