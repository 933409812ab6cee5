//! Tests of what only happens to files: reopened, foreign, damaged, locked, full, shared.

mod schemas;
mod stops;
mod upkeep;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use followup_core::store::{DueOrder, DueQuery, StoreErrorKind};
use followup_core::{BookId, Store};
use followup_store_sqlite::{APPLICATION_ID, SqliteStore, Synchronous};
use followup_store_testkit::tools::{Random, assert_refused, change, head, id, observe};
use pollster::block_on;
use rusqlite::Connection;
use tempfile::TempDir;

fn directory() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let path = directory.path().join("store.db");
    (directory, path)
}

/// Runs statements on the file as another program would.
fn sql(path: &Path, statements: &str) {
    let connection = Connection::open(path).expect("the file opens");
    connection.execute_batch(statements).expect("the statements run");
}

fn number(path: &Path, query: &str) -> i64 {
    let connection = Connection::open(path).expect("the file opens");
    connection.query_row(query, [], |row| row.get(0)).expect("the query has an answer")
}

/// Asserts that a file is neither opened nor changed.
fn assert_left_alone(path: &Path, kind: StoreErrorKind, named: &str) {
    let before = fs::read(path).expect("the file can be read");
    assert_refused(SqliteStore::open(path), kind, named);
    assert_eq!(fs::read(path).expect("the file can be read"), before);
}

/// Adds some prospects with a history to two books.
fn fill(store: &SqliteStore) {
    let agency = store.book(BookId::new("agency").expect("the book id is valid"));
    for (prospect, revisions) in [("p-1", 3), ("p-2", 1), ("p-3", 2)] {
        for revision in 0..revisions {
            let mut change = change(prospect, revision, &format!("k{revision}"));
            change.due.as_mut().expect("the change has a due entry").owner = Some("ines".to_owned());
            block_on(store.append(vec![change.clone()])).expect("the change can be written");
            block_on(agency.append(vec![change])).expect("the change can be written");
        }
    }
}

#[test]
fn a_store_opened_again_is_as_it_was() {
    let (_directory, path) = directory();
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let store = SqliteStore::options().synchronous(synchronous).open(&path).unwrap();
        let agency = store.book(BookId::new("agency").unwrap());
        if synchronous == Synchronous::Full {
            fill(&store);
        }
        let seen = (block_on(observe(&store)).unwrap(), block_on(observe(&agency)).unwrap());
        drop((store, agency));
        assert!(!path.with_extension("db-wal").exists(), "closing copies the log into the file");
        let again = SqliteStore::options().book(BookId::new("agency").unwrap()).open(&path).unwrap();
        let main = again.book(BookId::default());
        assert_eq!((block_on(observe(&main)).unwrap(), block_on(observe(&again)).unwrap()), seen);
        block_on(main.append(vec![change("p-1", 3 + synchronous as u64, &format!("{synchronous:?}"))]))
            .unwrap();
    }
}

#[test]
fn a_new_file_has_the_ids_of_this_library() {
    let (_directory, path) = directory();
    drop(SqliteStore::open(&path).unwrap());
    assert_eq!(number(&path, "PRAGMA application_id"), i64::from(APPLICATION_ID));
    assert_eq!(number(&path, "PRAGMA user_version"), 2);
    assert_eq!(&fs::read(&path).unwrap()[68..72], b"Flup");
    let before = fs::read(&path).unwrap();
    drop(SqliteStore::open(&path).unwrap());
    assert_eq!(fs::read(&path).unwrap(), before, "opening alone writes nothing");
}

#[test]
fn concurrent_creators_of_a_file_all_open_it() {
    for _ in 0..20 {
        let (_directory, path) = directory();
        thread::scope(|scope| {
            for n in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    let store = SqliteStore::options().busy_timeout(Duration::MAX).open(path).unwrap();
                    block_on(store.append(vec![change(&format!("p-{n}"), 0, "a")])).unwrap();
                });
            }
        });
        assert_eq!(number(&path, "SELECT count(*) FROM followup_prospect"), 4);
        assert_eq!(number(&path, "SELECT count(*) FROM followup_book"), 1);
    }
}

#[test]
fn an_empty_file_becomes_a_store() {
    let (_directory, path) = directory();
    fs::write(&path, "").unwrap();
    fill(&SqliteStore::open(&path).unwrap());
    assert_eq!(number(&path, "SELECT count(*) FROM followup_record"), 12);
}

#[test]
fn a_newer_schema_is_refused() {
    let (_directory, path) = directory();
    fill(&SqliteStore::open(&path).unwrap());
    sql(&path, "UPDATE followup_schema SET version = 3");
    assert_left_alone(&path, StoreErrorKind::Unsupported, "version 3");
    sql(&path, "UPDATE followup_schema SET version = -1");
    assert_left_alone(&path, StoreErrorKind::Corrupt, "version -1");
}

#[test]
fn a_database_of_another_program_is_refused() {
    for statements in ["CREATE TABLE theirs(a)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"] {
        for mode in ["DELETE", "WAL"] {
            let (_directory, path) = directory();
            sql(&path, &format!("PRAGMA journal_mode = {mode}; {statements}"));
            assert_left_alone(&path, StoreErrorKind::Unsupported, "another program");
        }
    }
}

#[test]
fn the_log_of_another_program_is_kept() {
    let (_directory, path) = directory();
    let theirs = Connection::open(&path).unwrap();
    theirs
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE theirs(a); INSERT INTO theirs VALUES (1)")
        .unwrap();
    let log = fs::read(path.with_extension("db-wal")).unwrap();
    assert!(!log.is_empty());
    assert_left_alone(&path, StoreErrorKind::Unsupported, "another program");
    assert_eq!(fs::read(path.with_extension("db-wal")).unwrap(), log);
}

#[test]
fn a_file_that_is_not_a_database_is_refused() {
    let (_directory, path) = directory();
    for content in ["no database, but long enough for one: ".repeat(100), "short".to_owned()] {
        fs::write(&path, content).unwrap();
        assert_left_alone(&path, StoreErrorKind::Unsupported, "not a SQLite database");
    }
}

#[test]
fn a_file_that_was_cut_off_is_damaged() {
    let (_directory, path) = directory();
    fill(&SqliteStore::open(&path).unwrap());
    let whole = fs::read(&path).unwrap();
    for pages in [1, 5, whole.len() / 4096 - 1] {
        fs::write(&path, &whole[..pages * 4096]).unwrap();
        assert_left_alone(&path, StoreErrorKind::Corrupt, "damaged");
    }
}

#[test]
fn an_impossible_path_is_unavailable() {
    let (directory, path) = directory();
    fs::write(&path, "").unwrap();
    for nowhere in
        [directory.path(), &directory.path().join("missing/store.db"), &path.join("store.db"), Path::new("")]
    {
        assert_refused(SqliteStore::open(nowhere), StoreErrorKind::Unavailable, "cannot open the store");
    }
}

#[test]
fn a_file_name_with_a_meaning_to_sqlite_is_only_a_name() {
    let (directory, _) = directory();
    for name in [":memory:", "file:store.db?mode=memory", "a b%20c'\"#?.db"] {
        let path = directory.path().join(name);
        fill(&SqliteStore::open(&path).unwrap());
        assert!(path.exists());
        assert_eq!(block_on(SqliteStore::open(&path).unwrap().scan(None, 9)).unwrap().len(), 3);
    }
}

#[test]
fn a_file_with_another_writer_is_busy() {
    let (_directory, path) = directory();
    let impatient = SqliteStore::options().busy_timeout(Duration::ZERO);
    let store = impatient.clone().open(&path).unwrap();
    fill(&store);
    let seen = block_on(observe(&store)).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = block_on(store.append(vec![change("p-1", 3, "x"), change("p-2", 1, "x")]));
    assert!(refused.as_ref().is_err_and(|error| error.is_retryable()));
    assert_refused(refused, StoreErrorKind::Busy, "append to 2 prospects");
    assert_eq!(block_on(observe(&store)).unwrap(), seen, "reading still works");
    other.execute_batch("ROLLBACK").unwrap();
    block_on(store.append(vec![change("p-1", 3, "x")])).unwrap();
    drop(store);

    other
        .execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM followup_word WHERE pk = -1",
        )
        .unwrap();
    assert_refused(impatient.open(&path), StoreErrorKind::Busy, "cannot open the store");
}

#[test]
fn a_full_disk_leaves_the_old_state_and_a_store_that_works() {
    let (_directory, path) = directory();
    let store = SqliteStore::open(&path).unwrap();
    fill(&store);
    let seen = block_on(observe(&store)).unwrap();
    store.limit_pages(1).unwrap();
    let mut big = change("p-1", 3, "big");
    big.records[0].body = "x".repeat(1_000_000);
    for _ in 0..2 {
        let refused = block_on(store.append(vec![change("p-9", 0, "a"), big.clone(), change("p-2", 1, "b")]));
        assert_refused(refused, StoreErrorKind::Full, "append to 3 prospects");
        assert_eq!(block_on(observe(&store)).unwrap(), seen);
    }
    // A change that needs no more room is still written, and a new word of the refused change is not taken as known.
    block_on(store.append(vec![change("p-2", 1, "small")])).unwrap();
    let mut named = big.clone();
    named.records[0].kind = "kind of its own".to_owned();
    assert_refused(block_on(store.append(vec![named.clone()])), StoreErrorKind::Full, "prospect p-1");
    store.limit_pages(u32::MAX - 1).unwrap();
    block_on(store.append(vec![named.clone()])).unwrap();
    let seen = block_on(observe(&store)).unwrap();
    assert!(seen.contains("kind of its own"));
    drop(store);
    assert_eq!(block_on(observe(&SqliteStore::open(&path).unwrap())).unwrap(), seen);
    assert_eq!(number(&path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

/// Sends changes while another connection locks the file, so that they wait and are written together.
fn send_together(
    store: &SqliteStore,
    path: &Path,
    changes: Vec<Vec<followup_core::store::Append>>,
) -> Vec<Option<StoreErrorKind>> {
    let other = Connection::open(path).expect("the file opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody else writes");
    let mut futures: Vec<_> = changes.into_iter().map(|changes| store.append(changes)).collect();
    for future in &mut futures {
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    other.execute_batch("ROLLBACK").expect("the transaction has begun");
    futures.into_iter().map(|future| block_on(future).err().map(|error| error.kind())).collect()
}

#[test]
fn calls_that_are_written_together_fail_separately() {
    let (_directory, path) = directory();
    let store = SqliteStore::open(&path).unwrap();
    fill(&store);
    let sent = vec![
        vec![change("p-1", 3, "a")],
        vec![change("p-1", 3, "b")],
        vec![change("p-2", 1, "a"), change("p-3", 0, "a")],
        vec![change("p-1", 4, "c")],
        vec![change("p-2", 1, "d")],
    ];
    let conflict = Some(StoreErrorKind::Conflict);
    assert_eq!(send_together(&store, &path, sent), [None, conflict, conflict, None, None]);
    assert_eq!(block_on(head(&store, "p-1")).unwrap().unwrap().revision.0, 5);

    store.limit_pages(1).unwrap();
    let mut big = change("p-1", 5, "big");
    big.records[0].body = "x".repeat(1_000_000);
    let sent = vec![
        vec![change("p-2", 2, "e")],
        vec![big],
        vec![change("p-3", 2, "f")],
        vec![change("p-3", 2, "g")],
    ];
    assert_eq!(send_together(&store, &path, sent), [None, Some(StoreErrorKind::Full), None, conflict]);
    assert_eq!(block_on(store.history(&id("p-3"))).unwrap().len(), 3);
}

#[test]
fn pending_changes_are_written_before_the_store_is_dropped() {
    let (_directory, path) = directory();
    let store = SqliteStore::open(&path).unwrap();
    for n in 0..200 {
        let mut future = store.append(vec![change(&format!("p-{n}"), 0, "a")]);
        let _ = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    drop(store);
    assert_eq!(number(&path, "SELECT count(*) FROM followup_prospect"), 200);
}

#[test]
fn two_stores_on_one_file_take_turns() {
    const EACH: u64 = 40;
    let (_directory, path) = directory();
    let stores: Vec<Arc<dyn Store>> =
        (0..2).map(|_| Arc::new(SqliteStore::open(&path).unwrap()) as Arc<dyn Store>).collect();
    thread::scope(|scope| {
        for (n, store) in stores.iter().enumerate() {
            scope.spawn(move || {
                for m in 0..EACH {
                    loop {
                        let revision =
                            block_on(head(&**store, "p-1")).unwrap().map_or(0, |head| head.revision.0);
                        let mut change = change("p-1", revision, &format!("s{n}-{m}"));
                        change.records[0].kind = format!("kind {}", m % 7);
                        match block_on(store.append(vec![change])) {
                            Ok(()) => break,
                            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}"),
                        }
                    }
                }
            });
        }
    });
    let journal = block_on(stores[0].history(&id("p-1"))).unwrap();
    assert_eq!(journal.len() as u64, 2 * EACH);
    assert_eq!(block_on(observe(&*stores[0])).unwrap(), block_on(observe(&*stores[1])).unwrap());
    assert_eq!(number(&path, "SELECT count(*) FROM followup_word"), 7 + 1);
}

#[test]
fn a_damaged_row_is_an_error() {
    let damage = [
        "UPDATE followup_prospect SET snapshot = x'00'",
        "UPDATE followup_prospect SET since = since + 1",
        "UPDATE followup_prospect SET revision = revision + 1",
        "UPDATE followup_prospect SET id = 'p-4' WHERE id = 'p-2'",
        "UPDATE followup_prospect SET id = char(7) WHERE id = 'p-2'",
        "UPDATE followup_prospect SET rank_at = rank_at + 1",
        "UPDATE followup_prospect SET obligation = 'x' WHERE id = 'p-2'",
        "UPDATE followup_prospect SET automatic = 7",
        "UPDATE followup_profile SET json = '{}' WHERE prospect = 1",
        "DELETE FROM followup_profile WHERE prospect = 1",
        "UPDATE followup_prospect SET profile_sum = NULL WHERE pk = 1",
        "DELETE FROM followup_record WHERE prospect = 1 AND key = 'k1'",
        "UPDATE followup_record SET body = '{}' WHERE key = 'k0'",
        "UPDATE followup_record SET at = 9223372036854775807 WHERE key = 'k0'",
        "UPDATE followup_record SET hash = x'00' WHERE key = 'k0'",
        "UPDATE followup_word SET text = 'jo' WHERE text = 'ines'",
        "DELETE FROM followup_word",
    ];
    for statement in damage {
        let (_directory, path) = directory();
        fill(&SqliteStore::open(&path).unwrap());
        sql(&path, statement);
        let store = SqliteStore::open(&path).unwrap();
        assert_refused(block_on(observe(&store)), StoreErrorKind::Corrupt, "restore a backup");
    }
}

/// This holds for rows only: a row that is missing from an index is found by SQLite's own check.
#[test]
fn a_flipped_byte_gives_an_error_or_the_same_rows() {
    const SEED: u64 = 7;
    let (_directory, path) = directory();
    fill(&SqliteStore::open(&path).unwrap());
    let (whole, mut random) = (fs::read(&path).unwrap(), Random(SEED));
    let rows = |path: &Path| {
        let store = SqliteStore::open(path).ok()?;
        let heads = block_on(store.scan(None, 9)).ok()?;
        let due = block_on(store.due(DueQuery::new(DueOrder::Rank, 9))).ok()?.entries;
        let journals = heads.iter().map(|head| block_on(store.history(&head.prospect)));
        let journals = journals.collect::<Result<Vec<_>, _>>().ok()?;
        (heads.len() == 3 && due.len() == 3).then_some((heads, due, journals))
    };
    let (expected, mut seen) = (rows(&path).unwrap(), 0);
    let written: Vec<usize> = (0..whole.len()).filter(|byte| whole[*byte] != 0).collect();
    for _ in 0..400 {
        let (byte, bit) = (random.one_of(&written), random.below(8));
        let mut damaged = whole.clone();
        damaged[byte] ^= 1 << bit;
        for extension in ["db-wal", "db-shm"] {
            let _ = fs::remove_file(path.with_extension(extension));
        }
        fs::write(&path, damaged).unwrap();
        if let Some(found) = rows(&path) {
            assert!(found == expected, "bit {bit} of byte {byte}, seed {SEED}");
            seen += 1;
        }
    }
    assert!((1..399).contains(&seen), "some bytes matter and some do not: {seen}");
}
