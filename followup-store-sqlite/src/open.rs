//! Opening a file: checking that it is a store, and migrating it to the current schema.

use std::path::{Path, PathBuf};
use std::time::Duration;

use followup_core::store::StoreErrorKind;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::errors::Failure;
use crate::{change, checksum};

/// The SQLite `application_id` of a store's file: "Flup" in ASCII.
pub const APPLICATION_ID: i32 = 0x466C_7570;

/// A migration of a file from one schema version to the next.
type Migration = fn(&Connection) -> Result<(), Failure>;

/// The migrations from version 0 on. A released migration is never changed.
const MIGRATIONS: [Migration; 2] = [
    |connection| Ok(connection.execute_batch(include_str!("schema/1.sql"))?),
    |connection| {
        connection.execute_batch(include_str!("schema/2.sql"))?;
        fill_feed(connection)
    },
];

/// The durability of an acknowledged change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Synchronous {
    /// A change survives a power failure: each commit waits for the disk.
    #[default]
    Full,
    /// A change survives the end of the process. A power failure may lose the newest changes, but damages nothing.
    Normal,
}

/// The owner of a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum File {
    /// The store. A file of another program is refused.
    #[default]
    Own,
    /// A host, which has its own tables beside those of the store. The file's `application_id` and `user_version` are
    /// left unchanged. Its journal mode becomes WAL.
    Shared,
}

/// The location of the data, and the settings of connections to it.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The path of the file; `None` for a database in memory.
    pub(crate) path: Option<PathBuf>,
    pub(crate) file: File,
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
}

/// Returns a path as it is passed to SQLite. An absolute path can be neither `:memory:` nor a `file:` URI, and it stays
/// the same when the process changes its working directory.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::Own(StoreErrorKind::Unavailable, format!("the path is invalid: {error}")))
}

/// Number of pages of 4 KiB after which the log restarts. SQLite's default of 1,000 makes bulk writes half as fast.
pub(crate) const LOG_PAGES: i64 = 16_384;

/// Opens the connection that writes, with the file migrated to the current schema.
pub(crate) fn writer(setting: &Setting) -> Result<Connection, Failure> {
    check_sqlite(rusqlite::version_number())?;
    let mut connection = connect(setting, OpenFlags::SQLITE_OPEN_CREATE)?;
    // SQLite checkpoints when the last connection closes; a file that is not a store must stay unchanged.
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
    // A separate thread copies the log into the file.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // A log that has grown because of a long read is truncated to its usual size.
    connection.pragma_update(None, "journal_size_limit", LOG_PAGES * 4096)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    // Erased data is overwritten, not only unlinked. This costs about 1 % of the work.
    connection.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(()))?;
    if found < MIGRATIONS.len() {
        migrate(&mut connection, setting.file)?;
    }
    Ok(connection)
}

/// Opens a connection that reads what the writer has committed.
pub(crate) fn reader(setting: &Setting) -> Result<Connection, Failure> {
    // It writes to the shared-memory file, which reading beside a writer requires, but it never writes data.
    let connection = connect(setting, OpenFlags::empty())?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -2 * 1024)?;
    Ok(connection)
}

/// Opens a connection that copies the log into the file.
pub(crate) fn checkpointer(setting: &Setting) -> Result<Connection, Failure> {
    let connection = connect(setting, OpenFlags::empty())?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// Opens a connection that copies the file to another one, which a `query_only` connection could not write.
pub(crate) fn copier(setting: &Setting) -> Result<Connection, Failure> {
    connect(setting, OpenFlags::empty())
}

/// Returns an empty database with the current schema.
pub(crate) fn empty() -> Result<Connection, Failure> {
    let setting =
        Setting { path: None, file: File::Own, synchronous: Synchronous::Full, busy_timeout: Duration::ZERO };
    writer(&setting)
}

fn connect(setting: &Setting, more: OpenFlags) -> Result<Connection, Failure> {
    // Rust ensures that each connection is used by one thread at a time, so SQLite does not have to.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = match &setting.path {
        Some(path) => Connection::open_with_flags(path, flags)?,
        None => Connection::open_in_memory_with_flags(flags)?,
    };
    // SQLite stores the milliseconds in 31 bits.
    connection.busy_timeout(setting.busy_timeout.min(Duration::from_millis(i32::MAX as u64)))?;
    connection.set_prepared_statement_cache_capacity(64);
    // The file may come from anywhere, so no code in its schema is run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // Without this, a statement whose LIMIT is a parameter is compiled again each time it is run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// Returns the schema version, 0 if the file has no schema yet. Needs a transaction, since another connection may be
/// creating the schema.
fn version(connection: &Connection, file: File) -> Result<usize, Failure> {
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let unsupported = |why: String| Err(Failure::Own(StoreErrorKind::Unsupported, why));
    let application = number("PRAGMA application_id")?;
    let version = if number("SELECT count(*) FROM sqlite_schema WHERE name = 'followup_schema'")? > 0 {
        number("SELECT version FROM followup_schema")?
    } else if application == i64::from(APPLICATION_ID) {
        // Version 1 was stored only in the file header.
        number("PRAGMA user_version")?
    } else {
        let objects = number("SELECT count(*) FROM sqlite_schema")?;
        let is_new = application == 0 && objects == 0 && number("PRAGMA user_version")? == 0;
        return match file {
            File::Shared => Ok(0),
            File::Own if is_new => Ok(0),
            File::Own => unsupported(
                "the file is a database of another program; pass a store's file or a new one, or share it"
                    .to_owned(),
            ),
        };
    };
    match usize::try_from(version) {
        Ok(version) if version > MIGRATIONS.len() => unsupported(format!(
            "unknown schema version {version}; this program knows versions up to {}; use a newer program",
            MIGRATIONS.len()
        )),
        Ok(version) if version > 0 => Ok(version),
        _ => Err(Failure::corrupt(format!("invalid schema version {version}; restore a backup"))),
    }
}

/// Returns an error if the connection's file does not have the current schema version.
pub(crate) fn check_version(connection: &Connection) -> Result<(), Failure> {
    match version(connection, File::Shared)? {
        version if version == MIGRATIONS.len() => Ok(()),
        _ => Err(Failure::Own(
            StoreErrorKind::Unsupported,
            "the file has no store of the current schema version; open the store first".to_owned(),
        )),
    }
}

/// Enables the write-ahead log, with which readers continue beside a writer and a commit is one write and one sync.
fn keep_log(connection: &Connection) -> Result<(), Failure> {
    let turn_on =
        || connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
    let mut mode = turn_on();
    while mode.as_ref().is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)) {
        // For this step alone, SQLite ignores the busy timeout. An exclusive transaction respects it; after that,
        // either another connection has enabled the log or this one can.
        connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK")?;
        mode = turn_on();
    }
    if mode? == "wal" {
        return Ok(());
    }
    let why = "the file does not support a write-ahead log; move it to a local disk".to_owned();
    Err(Failure::Own(StoreErrorKind::Unavailable, why))
}

fn migrate(connection: &mut Connection, file: File) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another connection may have migrated the file meanwhile.
    let found = version(&transaction, file)?;
    MIGRATIONS[found..].iter().try_for_each(|step| step(&transaction))?;
    let number = |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let is_own = match found {
        0 => file == File::Own,
        // A host that shares a file that was once the store's own may have set its own values.
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

/// Fills the feed of version 2 from version 1, where the feed was part of the prospect table and had no checksums.
fn fill_feed(connection: &Connection) -> Result<(), Failure> {
    let sql = "SELECT book, changed, pk, newest_event_at FROM prospect ORDER BY book, changed";
    {
        let (mut old, mut new) = (connection.prepare(sql)?, connection.prepare(change::FEED)?);
        let mut rows = old.query([])?;
        while let Some(row) = rows.next()? {
            let [book, changed, prospect, newest] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
            new.execute((
                book,
                changed,
                prospect,
                newest,
                checksum::of_feed(book, changed, prospect, newest),
            ))?;
        }
    }
    Ok(connection.execute_batch("DROP TABLE prospect")?)
}

/// Returns an error for a SQLite version that may lose committed changes when two connections write and checkpoint at
/// the same moment (the "WAL-reset bug", fixed in 3.51.3 and, for two older release lines, in 3.50.7 and 3.44.6).
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
