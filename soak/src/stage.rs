//! Setting the stage for a scenario, and callers who come at once.

use std::path::Path;
use std::task::{Context as Polling, Poll, Waker};

use anyhow::{Context, Result};
use followup_core::StoreError;
use pollster::block_on;
use rusqlite::{Connection, OpenFlags};

use crate::books::Books;
use crate::changes::Change;
use crate::scratch::Scratch;
use crate::script::Script;

/// Puts what is there when a scenario begins into an empty directory.
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

/// Puts the log into the file.
pub(crate) fn checkpoint(path: &Path, mode: &str) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
}

/// Sends changes while somebody else holds the file, so that they wait and are written together, in this order. One that
/// cannot even wait is answered at once.
pub(crate) fn send_together(
    books: &Books,
    path: &Path,
    changes: &[Change],
) -> Result<Vec<Result<(), StoreError>>> {
    // Whoever holds the file is no part of what is tried: it goes by SQLite's own way to the disk.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let holder = Connection::open_with_flags_and_vfs(path, flags, c"unix").context("cannot open the file")?;
    holder.execute_batch("BEGIN IMMEDIATE").context("cannot hold the file")?;
    let mut futures: Vec<_> = changes.iter().map(|change| Box::pin(change.start(books))).collect();
    let mut polling = Polling::from_waker(Waker::noop());
    let answers: Vec<_> = futures.iter_mut().map(|future| future.as_mut().poll(&mut polling)).collect();
    holder.execute_batch("ROLLBACK").context("cannot let go of the file")?;
    let wait = |(future, answer)| match answer {
        Poll::Ready(answer) => answer,
        Poll::Pending => block_on(future),
    };
    Ok(futures.into_iter().zip(answers).map(wait).collect())
}
