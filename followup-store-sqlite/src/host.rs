//! Writing inside a transaction of the host's own.

use followup_core::{Append, StoreError};
use rusqlite::Transaction;

use crate::SqliteStore;
use crate::change::{Batch, Change, What};
use crate::errors::Failure;
use crate::open;
use crate::words::Words;

impl SqliteStore {
    /// Writes changes to the handle's book inside a transaction of the host's, on a connection of the host's to the
    /// same file: they are committed together with the host's own rows, or none of them is.
    ///
    /// The changes come from [`Desk::prepare`](followup_core::Desk::prepare). Begin the transaction with `BEGIN
    /// IMMEDIATE`: a deferred one may find at its first write that somebody else was faster. How durable the commit
    /// is, the host's connection decides (`PRAGMA synchronous`, FULL unless it is changed).
    ///
    /// ```
    /// use followup_core::{Channel, Desk, Event, Playbook, Prospect};
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
    /// let prepared = desk.prepare(&"p-17".parse()?, Event::replied(now).via(Channel::PHONE), now).await?;
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
    /// [`StoreErrorKind::Conflict`](followup_core::StoreErrorKind::Conflict) prepare again.
    /// [`StoreErrorKind::Unsupported`](followup_core::StoreErrorKind::Unsupported) if the connection's file has no store
    /// of this version. After any error nothing of the changes is in the transaction, and the host may go on with it
    /// unless SQLite itself has rolled it back.
    pub fn append_in(&self, transaction: &Transaction<'_>, changes: &[Append]) -> Result<(), StoreError> {
        let change = Change { book: self.book.clone(), what: What::Appends(changes.to_vec()) };
        write(transaction, &change).map_err(|failure| failure.into_error(change.attempt()))?
    }
}

fn write(transaction: &Transaction<'_>, change: &Change) -> Result<Result<(), StoreError>, Failure> {
    open::check_version(transaction)?;
    transaction.execute_batch("SAVEPOINT followup_append")?;
    let written = Batch::new(transaction, &mut Words::default()).write(change);
    if written.is_err() {
        // Where SQLite has rolled the whole transaction back there is no savepoint any more, and nothing to undo.
        let _ = transaction.execute_batch("ROLLBACK TO followup_append");
    }
    let released = transaction.execute_batch("RELEASE followup_append");
    let written = written?;
    released?;
    Ok(written)
}
