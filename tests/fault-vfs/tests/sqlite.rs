//! SQLite on a watched disk.

use std::fs;
use std::path::Path;

use followup_fault_vfs::{Call, Change, Disk, Error, Fault, Image, Log, Loss, Random};
use rusqlite::{Connection, ErrorCode};
use tempfile::TempDir;

/// Opens a WAL database, created by an earlier connection, in a watched directory.
fn watched() -> (TempDir, Disk, Connection) {
    let directory = tempfile::tempdir().expect("a directory can be created");
    let path = directory.path().join("a.db");
    let made = Connection::open(&path).expect("the file opens");
    let mode = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    made.query_row("PRAGMA journal_mode = WAL", [], mode).expect("WAL mode can be set");
    made.execute_batch("CREATE TABLE t(a)").expect("the table can be created");
    drop(made);
    let disk = Disk::watch(directory.path()).expect("the directory exists");
    disk.record().expect("the files can be read");
    let connection = Connection::open(&path).expect("the file opens");
    connection.execute_batch("PRAGMA synchronous = FULL").expect("the pragma can be set");
    (directory, disk, connection)
}

fn insert(connection: &Connection, number: i64) -> rusqlite::Result<usize> {
    connection.execute("INSERT INTO t VALUES (?1)", [number])
}

/// Reads all files except shared memory.
fn files(directory: &Path) -> Image {
    let entries =
        fs::read_dir(directory).expect("the directory exists").map(|entry| entry.expect("it can be read"));
    let name = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let files = entries.filter(|entry| !name(entry).ends_with("-shm"));
    files.map(|entry| (name(&entry), fs::read(entry.path()).expect("the file can be read"))).collect()
}

/// Number of rows after a power loss; `None` if SQLite finds the files damaged.
fn rows_after(log: &Log, changes: usize, loss: Loss) -> Option<i64> {
    let directory = tempfile::tempdir().expect("a directory can be created");
    for (name, content) in log.image(changes, loss, &mut Random::new(changes as u64)) {
        fs::write(directory.path().join(name), content).expect("the file can be written");
    }
    let connection = Connection::open(directory.path().join("a.db")).expect("the file opens");
    connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).ok()
}

#[test]
fn the_log_matches_the_files() {
    let (directory, disk, connection) = watched();
    for number in 0..20 {
        insert(&connection, number).unwrap();
        assert!(disk.recorded() > 0);
    }
    let open = files(directory.path());
    let recorded = disk.recorded();
    drop(connection);
    let closed = files(directory.path());
    let log = disk.take_log();
    assert_eq!(log.image(recorded, Loss::Nothing, &mut Random::new(1)), open);
    assert_eq!(log.image(log.changes().len(), Loss::Nothing, &mut Random::new(1)), closed);
    let deleted = Change::Delete { name: "a.db-wal".to_owned(), directory: false };
    assert_eq!(log.changes().last(), Some(&deleted));
}

#[test]
fn committed_changes_survive_a_power_loss() {
    let (_directory, disk, connection) = watched();
    let mut committed = vec![];
    for number in 0..5 {
        insert(&connection, number).unwrap();
        committed.push(disk.recorded());
    }
    drop(connection);
    let log = disk.take_log();
    for changes in 0..=log.changes().len() {
        let at_least = committed.iter().filter(|at| **at <= changes).count() as i64;
        for loss in Loss::ALL {
            let rows = rows_after(&log, changes, loss).expect("the files are intact");
            assert!((at_least..=at_least + 1).contains(&rows), "{rows} rows after {changes}, {loss:?}");
        }
    }
}

#[test]
fn without_syncs_committed_changes_are_lost() {
    let (_directory, disk, connection) = watched();
    disk.ignore_syncs();
    insert(&connection, 1).unwrap();
    let recorded = disk.recorded();
    assert_eq!(rows_after(&disk.take_log(), recorded, Loss::Unsynced), Some(0));
}

#[test]
fn a_call_fails_once_or_for_good() {
    let (_directory, disk, connection) = watched();
    insert(&connection, 0).unwrap();
    disk.arm(Fault::once(Call::Write, 1, Error::Io));
    let failed = insert(&connection, 1).unwrap_err();
    assert_eq!(failed.sqlite_error_code(), Some(ErrorCode::SystemIoFailure));
    assert!(disk.has_fired());
    insert(&connection, 1).unwrap();

    disk.arm(Fault::lasting(Call::Sync, 1, Error::Io));
    insert(&connection, 2).unwrap_err();
    insert(&connection, 2).unwrap_err();
    disk.lift();
    insert(&connection, 2).unwrap();

    disk.arm(Fault::once(Call::Write, 2, Error::Full));
    let failed = insert(&connection, 3).unwrap_err();
    assert_eq!(failed.sqlite_error_code(), Some(ErrorCode::DiskFull));
    assert_eq!(disk.calls(Call::Write), 2);
}

#[test]
fn other_directories_are_left_alone() {
    let (_directory, disk, connection) = watched();
    let other = tempfile::tempdir().unwrap();
    disk.arm(Fault::lasting(Call::Write, 1, Error::Io));
    let unwatched = Connection::open(other.path().join("a.db")).unwrap();
    unwatched.execute_batch("CREATE TABLE t(a)").unwrap();
    assert!(!disk.has_fired());
    insert(&connection, 1).unwrap_err();
}
