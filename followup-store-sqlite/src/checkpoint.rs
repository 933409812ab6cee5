//! Putting the write-ahead log into the file, away from those who wait for a commit.
//!
//! A thread with a connection of its own copies what has gathered, while the writer goes on. As long as the writer is
//! ahead, the log cannot begin anew; so once it is long, the writer copies the short rest itself, and its next commit
//! stands at the beginning of the log again.

use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use followup_core::StoreErrorKind;
use rusqlite::Connection;

use crate::errors::Failure;
use crate::open::{self, LOG_PAGES, Setting};

/// After how many new pages of 4 KiB in the log they are copied.
const COPIED_PAGES: i64 = LOG_PAGES / 4;

/// After how many changed prospects it is worth looking at the length of the log. A change writes about five pages,
/// twenty at most unless its texts are long.
const LOOK_PROSPECTS: usize = 32;

/// A handle on the thread. Dropping it ends the thread after what it is at.
pub(crate) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Prospects changed since the log was looked at.
    changed: usize,
}

/// How long the log is, in pages, and how much of it is in the file.
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
                // Whatever stands in its way, the log keeps all there is, and the writer comes to it.
                let _ = checkpoint(&connection, "PASSIVE");
            }
        });
        let thread = thread.map_err(|error| {
            let why = format!("no thread can be started to copy its log: {error}");
            Failure::Own(StoreErrorKind::Unavailable, why)
        })?;
        Ok(Checkpointer { wake: Some(wake), thread: Some(thread), changed: 0 })
    }

    /// After a commit on the connection that writes.
    pub(crate) fn after_commit(&mut self, writer: &Connection, prospects: usize) {
        // A claim counts by its limit, which may be the largest number there is.
        self.changed = self.changed.saturating_add(prospects);
        if self.changed < LOOK_PROSPECTS {
            return;
        }
        self.changed = 0;
        // A length that cannot be read is looked at again after the next commits.
        let Ok(log) = checkpoint(writer, "NOOP") else { return };
        if log.pages >= LOG_PAGES {
            let _ = checkpoint(writer, "PASSIVE");
        } else if log.pages - log.copied >= COPIED_PAGES {
            // Full means that it has been told already.
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

/// When the store closes: SQLite does this too when the last connection to the file closes, but others may be open. What
/// is still being read stays in the log, so there is no need to wait.
pub(crate) fn close(connection: &Connection) {
    let _ = connection.busy_timeout(Duration::ZERO);
    let _ = checkpoint(connection, "TRUNCATE");
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use followup_core::{Append, ProspectId, Record, Revision, Snapshot, Store};
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
