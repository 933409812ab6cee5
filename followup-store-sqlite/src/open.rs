//! Opening a file: whether it is one of ours, and bringing it up to this version.

use std::path::{Path, PathBuf};
use std::time::Duration;

use followup_core::StoreErrorKind;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::errors::Failure;

/// What stands in a store's file as SQLite's `application_id`: "Flup" in ASCII.
pub const APPLICATION_ID: i32 = 0x466C_7570;

/// One script for each version of the schema, from 1. What has been released is never changed.
const MIGRATIONS: [&str; 1] = [include_str!("schema.sql")];

/// How durable an acknowledged change is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Synchronous {
    /// It survives the loss of power: each commit waits for the disk.
    #[default]
    Full,
    /// It survives the end of the process. The loss of power may take the newest changes, but damages nothing.
    Normal,
}

/// Where the data lies, and how connections to it are set up.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The file; `None` for a database in memory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
}

/// A path as SQLite takes it. An absolute one can be neither `:memory:` nor a `file:` address, and it stays the same
/// when the process changes its directory.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::Own(StoreErrorKind::Unavailable, format!("its path has no place: {error}")))
}

/// Pages of 4 KiB in the log before they are put into the file. A thousand, SQLite's own, halves bulk work.
const CHECKPOINT_PAGES: i64 = 16_384;

/// The connection that writes, with the file at this version's schema.
pub(crate) fn writer(setting: &Setting) -> Result<Connection, Failure> {
    check_sqlite(rusqlite::version_number())?;
    let mut connection = connect(setting, OpenFlags::SQLITE_OPEN_CREATE)?;
    if setting.path.is_some() {
        // SQLite tidies up when the last connection closes; a file that is not ours stays as it is.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        version(&connection)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        keep_log(&connection)?;
    }
    let synchronous = match setting.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // A log that a long reader made grow is cut back to what it usually needs.
    connection.pragma_update(None, "journal_size_limit", CHECKPOINT_PAGES * 4096)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    // What is erased is overwritten, not only forgotten. It costs about a hundredth of the work.
    connection.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(()))?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// A connection that reads what the writer has committed.
pub(crate) fn reader(setting: &Setting) -> Result<Connection, Failure> {
    // It may write to the file of shared memory, without which there is no reading beside a writer, but no data.
    let connection = connect(setting, OpenFlags::empty())?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -2 * 1024)?;
    Ok(connection)
}

fn connect(setting: &Setting, more: OpenFlags) -> Result<Connection, Failure> {
    // Each connection is used by one thread at a time, which Rust checks, so SQLite need not.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = match &setting.path {
        Some(path) => Connection::open_with_flags(path, flags)?,
        None => Connection::open_in_memory_with_flags(flags)?,
    };
    connection.busy_timeout(setting.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(64);
    // A file may come from anywhere: nothing that its schema names is run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// The schema's version: 0 for a new file.
fn version(connection: &Connection) -> Result<usize, Failure> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let unsupported = |why: String| Err(Failure::Own(StoreErrorKind::Unsupported, why));
    if application == APPLICATION_ID {
        return match usize::try_from(version) {
            Ok(version) if version > MIGRATIONS.len() => unsupported(format!(
                "its schema is version {version} and this program knows none after {}; use a newer program",
                MIGRATIONS.len()
            )),
            Ok(version) if version > 0 => Ok(version),
            _ => Err(Failure::corrupt(format!("its schema cannot be version {version}; restore a copy"))),
        };
    }
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != 0 || version != 0 || objects != 0 {
        return unsupported(
            "it is a database of another program; name a store's file or a new one".to_owned(),
        );
    }
    Ok(0)
}

/// Turns the write-ahead log on: it lets readers go on beside a writer, and a commit is one write and one sync.
fn keep_log(connection: &Connection) -> Result<(), Failure> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode == "wal" {
        return Ok(());
    }
    let why = "no write-ahead log can be kept beside it; put it on a local disk".to_owned();
    Err(Failure::Own(StoreErrorKind::Unavailable, why))
}

fn migrate(connection: &mut Connection) -> Result<(), Failure> {
    if version(connection)? == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Somebody else may have been faster.
    for script in &MIGRATIONS[version(&transaction)?..] {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()?;
    Ok(())
}

/// Refuses an SQLite that may lose committed changes when two connections write and checkpoint at the same moment
/// (the "WAL-reset bug", mended in 3.51.3 and, for two older lines, in 3.50.7 and 3.44.6).
fn check_sqlite(number: i32) -> Result<(), Failure> {
    if number >= 3_051_003
        || (3_050_007..3_051_000).contains(&number)
        || (3_044_006..3_045_000).contains(&number)
    {
        return Ok(());
    }
    let (major, minor, patch) = (number / 1_000_000, number / 1000 % 1000, number % 1000);
    let why = format!("SQLite {major}.{minor}.{patch} may lose committed changes; link 3.51.3 or newer");
    Err(Failure::Own(StoreErrorKind::Unsupported, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_that_may_lose_changes_is_refused() {
        for lossy in [3_007_000, 3_044_005, 3_045_000, 3_046_001, 3_050_006, 3_051_000, 3_051_002] {
            assert_eq!(check_sqlite(lossy).unwrap_err().kind(), StoreErrorKind::Unsupported, "{lossy}");
        }
        for mended in [3_044_006, 3_050_007, 3_051_003, 3_052_000, 3_053_002, rusqlite::version_number()] {
            assert!(check_sqlite(mended).is_ok(), "{mended}");
        }
    }
}
