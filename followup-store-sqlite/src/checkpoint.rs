//! Copying the write-ahead log into the file without delaying commits.
//!
//! A thread with its own connection copies the new pages while the writer continues. As long as the writer is ahead,
//! the log cannot restart. So once the log is long, the writer copies the short rest itself, and its next commit is
//! written at the beginning of the log again.

use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use followup_core::store::StoreErrorKind;
use rusqlite::Connection;

use crate::errors::Failure;
use crate::open::{self, LOG_PAGES, Setting};

/// Number of new pages of 4 KiB in the log after which they are copied.
const COPIED_PAGES: i64 = LOG_PAGES / 4;

/// Number of changed prospects after which the length of the log is checked. A change writes about five pages, twenty
/// at most unless its texts are long.
const LOOK_PROSPECTS: usize = 32;

/// A handle on the thread. Dropping it ends the thread after its current checkpoint.
pub(crate) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Number of prospects changed since the length of the log was checked.
    changed: usize,
}

/// The length of the log in pages, and how many of them are in the file.
struct Log {
    pages: i64,
    copied: i64,
}

impl Checkpointer {
    pub(crate) fn start(setting: &Setting) -> Result<Checkpointer, Failure> {
        let connection = open::checkpointer(setting)?;
        let (wake, awake) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("followup-checkpoint".to_owned()).spawn(move || {
            while awake.recv() == Ok(()) {
                // If this fails, the log keeps all its pages, and the writer copies them later.
                let _ = checkpoint(&connection, "PASSIVE");
            }
        });
        let thread = thread.map_err(|error| {
            let why = format!("the checkpoint thread cannot be started: {error}");
            Failure::Own(StoreErrorKind::Unavailable, why)
        })?;
        Ok(Checkpointer { wake: Some(wake), thread: Some(thread), changed: 0 })
    }

    /// Starts a checkpoint if the log is long enough. Called after a commit on the writer's connection.
    pub(crate) fn after_commit(&mut self, writer: &Connection, prospects: usize) {
        // A claim counts by its limit, which may be `usize::MAX`.
        self.changed = self.changed.saturating_add(prospects);
        if self.changed < LOOK_PROSPECTS {
            return;
        }
        self.changed = 0;
        // If the length cannot be read, it is checked again after the next commits.
        let Ok(log) = checkpoint(writer, "NOOP") else { return };
        if log.pages >= LOG_PAGES {
            let _ = checkpoint(writer, "PASSIVE");
        } else if log.pages - log.copied >= COPIED_PAGES {
            // A full channel means that the thread has already been woken.
            let _ = self.wake.as_ref().map(|wake| wake.try_send(()));
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<Log> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    connection.prepare_cached(&sql)?.query_row([], |row| Ok(Log { pages: row.get(1)?, copied: row.get(2)? }))
}

/// Copies the log when the store closes. SQLite does this too when the last connection to the file closes, but others
/// may be open. Pages that are still being read stay in the log, so there is no need to wait.
pub(crate) fn close(connection: &Connection) {
    let _ = connection.busy_timeout(Duration::ZERO);
    let _ = checkpoint(connection, "TRUNCATE");
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use followup_core::store::{Append, Record, Revision, Snapshot};
    use followup_core::{ProspectId, Store};
    use pollster::block_on;

    use crate::SqliteStore;

    #[test]
    fn the_log_stays_short_however_much_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        let store = SqliteStore::open(&path).unwrap();
        for batch in 0..100 {
            let changes = (0..100).map(|n| {
                let prospect = ProspectId::new(format!("p-{batch}-{n}")).unwrap();
                let record = Record::new("added", DateTime::UNIX_EPOCH, "added", "{}");
                Append::new(prospect, Revision(0), vec![record], Snapshot::new(1, vec![7; 16_000]))
            });
            block_on(store.append(changes.collect())).unwrap();
        }
        let log = std::fs::metadata(directory.path().join("store.db-wal")).unwrap().len();
        let file = std::fs::metadata(&path).unwrap().len();
        assert!(file > 100_000_000, "most of 160 MB is in the file: {file}");
        assert!(log < 100_000_000, "a log of 64 MB and a few commits: {log}");
    }
}
