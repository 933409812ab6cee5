//! Prepares the files of a scenario, runs checkpoints, and sends changes of simultaneous callers.

use std::path::Path;
use std::task::{Context as Polling, Poll, Waker};

use anyhow::{Context, Result};
use followup::StoreError;
use pollster::block_on;
use rusqlite::{Connection, OpenFlags};

use crate::books::Books;
use crate::changes::Change;
use crate::scratch::Scratch;
use crate::script::Script;

/// Clears the directory and puts the files into it that exist when the scenario begins.
pub(crate) fn prepare(script: &Script, scratch: &Scratch) -> Result<()> {
    scratch.clear()?;
    if script.before == 0 {
        return Ok(());
    }
    let made = Scratch::new()?;
    let books = Books::sqlite(&made.store())?;
    for change in &script.changes[..script.before] {
        change.send(&books)?;
    }
    if script.hot {
        return scratch.put(&made.image()?);
    }
    drop(books);
    scratch.put(&made.image()?)
}

/// Runs a WAL checkpoint in the given mode.
pub(crate) fn checkpoint(path: &Path, mode: &str) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
}

/// Sends changes while another connection holds the write lock, so that they wait and are written together, in this
/// order. A change that fails before it waits returns its error at once.
pub(crate) fn send_together(
    books: &Books,
    path: &Path,
    changes: &[Change],
) -> Result<Vec<Result<(), StoreError>>> {
    // The connection that holds the lock is not under test, so it uses SQLite's own VFS.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let holder = Connection::open_with_flags_and_vfs(path, flags, c"unix").context("cannot open the file")?;
    holder.execute_batch("BEGIN IMMEDIATE").context("cannot lock the file")?;
    let mut futures: Vec<_> = changes.iter().map(|change| Box::pin(change.start(books))).collect();
    let mut polling = Polling::from_waker(Waker::noop());
    let answers: Vec<_> = futures.iter_mut().map(|future| future.as_mut().poll(&mut polling)).collect();
    holder.execute_batch("ROLLBACK").context("cannot unlock the file")?;
    let wait = |(future, answer)| match answer {
        Poll::Ready(answer) => answer,
        Poll::Pending => block_on(future),
    };
    Ok(futures.into_iter().zip(answers).map(wait).collect())
}
