//! Opening a file: whether it is one of ours, and bringing it up to this version.

use std::path::{Path, PathBuf};
use std::time::Duration;

use followup_core::StoreErrorKind;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::errors::Failure;
use crate::{change, sum};

/// What stands in a store's file as SQLite's `application_id`: "Flup" in ASCII.
pub const APPLICATION_ID: i32 = 0x466C_7570;

/// Brings a file from a version of the schema to the next.
type Migration = fn(&Connection) -> Result<(), Failure>;

/// The steps from version 0 on. What has been released is never changed.
const MIGRATIONS: [Migration; 2] = [
    |connection| Ok(connection.execute_batch(include_str!("schema/1.sql"))?),
    |connection| {
        connection.execute_batch(include_str!("schema/2.sql"))?;
        fill_feed(connection)
    },
];

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

/// Whose the file is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum File {
    /// The store's: a file of another program is refused.
    #[default]
    Own,
    /// A host's, which has tables of its own beside those of the store. Its `application_id` and `user_version` are
    /// left alone. It is turned to the write-ahead log.
    Shared,
}

/// Where the data lies, and how connections to it are set up.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The file; `None` for a database in memory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) file: File,
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
}

/// A path as SQLite takes it. An absolute one can be neither `:memory:` nor a `file:` address, and it stays the same
/// when the process changes its directory.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::Own(StoreErrorKind::Unavailable, format!("its path has no place: {error}")))
}

/// Pages of 4 KiB after which the log begins anew. A thousand, SQLite's own, halves bulk work.
pub(crate) const LOG_PAGES: i64 = 16_384;

/// The connection that writes, with the file at this version's schema.
pub(crate) fn writer(setting: &Setting) -> Result<Connection, Failure> {
    check_sqlite(rusqlite::version_number())?;
    let mut connection = connect(setting, OpenFlags::SQLITE_OPEN_CREATE)?;
    // SQLite tidies up when the last connection closes; a file that is not ours stays as it is.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let transaction = connection.transaction()?;
    let found = version(&transaction, setting.file)?;
    drop(transaction);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    if setting.path.is_some() {
        keep_log(&connection)?;
    }
    let synchronous = match setting.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    // The log is put into the file by a thread of its own.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // A log that a long reader made grow is cut back to what it usually needs.
    connection.pragma_update(None, "journal_size_limit", LOG_PAGES * 4096)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    // What is erased is overwritten, not only forgotten. It costs about a hundredth of the work.
    connection.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(()))?;
    if found < MIGRATIONS.len() {
        migrate(&mut connection, setting.file)?;
    }
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

/// A connection that puts the log into the file.
pub(crate) fn checkpointer(setting: &Setting) -> Result<Connection, Failure> {
    let connection = connect(setting, OpenFlags::empty())?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// A connection that copies the file: what it writes to is another one, which a connection that only reads could not.
pub(crate) fn copier(setting: &Setting) -> Result<Connection, Failure> {
    connect(setting, OpenFlags::empty())
}

/// An empty database of this version's schema.
pub(crate) fn empty() -> Result<Connection, Failure> {
    let setting =
        Setting { path: None, file: File::Own, synchronous: Synchronous::Full, busy_timeout: Duration::ZERO };
    writer(&setting)
}

fn connect(setting: &Setting, more: OpenFlags) -> Result<Connection, Failure> {
    // Each connection is used by one thread at a time, which Rust checks, so SQLite need not.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = match &setting.path {
        Some(path) => Connection::open_with_flags(path, flags)?,
        None => Connection::open_in_memory_with_flags(flags)?,
    };
    // SQLite counts milliseconds in 31 bits.
    connection.busy_timeout(setting.busy_timeout.min(Duration::from_millis(i32::MAX as u64)))?;
    connection.set_prepared_statement_cache_capacity(64);
    // A file may come from anywhere: nothing that its schema names is run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // Without it, a statement whose limit is a parameter is compiled anew each time it is run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// The schema's version: 0 where there is none yet. In a transaction, since somebody else may be making it.
fn version(connection: &Connection, file: File) -> Result<usize, Failure> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let unsupported = |why: String| Err(Failure::Own(StoreErrorKind::Unsupported, why));
    let application = number("PRAGMA application_id")?;
    let version = if number("SELECT count(*) FROM sqlite_schema WHERE name = 'followup_schema'")? > 0 {
        number("SELECT version FROM followup_schema")?
    } else if application == i64::from(APPLICATION_ID) {
        // The first version stood in the file's head alone.
        number("PRAGMA user_version")?
    } else {
        let objects = number("SELECT count(*) FROM sqlite_schema")?;
        let is_new = application == 0 && objects == 0 && number("PRAGMA user_version")? == 0;
        return match file {
            File::Shared => Ok(0),
            File::Own if is_new => Ok(0),
            File::Own => unsupported(
                "it is a database of another program; name a store's file or a new one, or share it"
                    .to_owned(),
            ),
        };
    };
    match usize::try_from(version) {
        Ok(version) if version > MIGRATIONS.len() => unsupported(format!(
            "its schema is version {version} and this program knows none after {}; use a newer program",
            MIGRATIONS.len()
        )),
        Ok(version) if version > 0 => Ok(version),
        _ => Err(Failure::corrupt(format!("its schema cannot be version {version}; restore a copy"))),
    }
}

/// Refuses a connection whose file does not have the schema of this version.
pub(crate) fn check_version(connection: &Connection) -> Result<(), Failure> {
    match version(connection, File::Shared)? {
        version if version == MIGRATIONS.len() => Ok(()),
        _ => Err(Failure::Own(
            StoreErrorKind::Unsupported,
            "its file has no store of this version; open the store first".to_owned(),
        )),
    }
}

/// Turns the write-ahead log on: it lets readers go on beside a writer, and a commit is one write and one sync.
fn keep_log(connection: &Connection) -> Result<(), Failure> {
    let turn_on =
        || connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
    let mut mode = turn_on();
    while mode.as_ref().is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)) {
        // For this step, and no other, SQLite does not wait for those who are at it too. An exclusive transaction
        // does, as long as it was told to. Then somebody else has turned it on, or it is our turn.
        connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK")?;
        mode = turn_on();
    }
    if mode? == "wal" {
        return Ok(());
    }
    let why = "no write-ahead log can be kept beside it; put it on a local disk".to_owned();
    Err(Failure::Own(StoreErrorKind::Unavailable, why))
}

fn migrate(connection: &mut Connection, file: File) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Somebody else may have been faster.
    let found = version(&transaction, file)?;
    MIGRATIONS[found..].iter().try_for_each(|step| step(&transaction))?;
    let number = |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let is_own = match found {
        0 => file == File::Own,
        // Whoever shares a file that was ours may have put something of its own there.
        _ => {
            number("application_id")? == i64::from(APPLICATION_ID)
                && number("user_version")? == i64::try_from(found).unwrap_or(0)
        }
    };
    if is_own {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    }
    transaction.commit()?;
    Ok(())
}

/// From the first version to the second: the feed stood in the table of prospects, and had no checksums.
fn fill_feed(connection: &Connection) -> Result<(), Failure> {
    let sql = "SELECT book, changed, pk, newest_event_at FROM prospect ORDER BY book, changed";
    {
        let (mut old, mut new) = (connection.prepare(sql)?, connection.prepare(change::FEED)?);
        let mut rows = old.query([])?;
        while let Some(row) = rows.next()? {
            let [book, changed, prospect, newest] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
            new.execute((book, changed, prospect, newest, sum::of_feed(book, changed, prospect, newest)))?;
        }
    }
    Ok(connection.execute_batch("DROP TABLE prospect")?)
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
