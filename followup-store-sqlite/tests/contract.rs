//! Runs the conformance suite over SQLite in a file and in memory, and tests what only a file can do.

mod file;

use followup_store_sqlite::SqliteStore;
use followup_store_testkit::{Subject, suite};

fn sqlite_file() -> Subject {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let path = directory.path().join("store.db");
    let open = move || SqliteStore::open(&path).expect("the file opens");
    Subject::reopening(open, SqliteStore::book).upon(directory)
}

fn sqlite_memory() -> Subject {
    Subject::new(SqliteStore::in_memory().expect("memory opens"), SqliteStore::book)
}

suite!(in_a_file, sqlite_file);
suite!(in_memory, sqlite_memory, volatile);
