//! Backups made while others write, and integrity checks.

mod damage;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use followup_core::store::{
    AddressHash, Claim, Document, DocumentKind, DocumentQuery, StoreErrorKind, Suppression, UnderClaim,
};
use followup_core::{BookId, Store};
use followup_store_sqlite::{File, Integrity, SqliteStore};
use pollster::block_on;

use super::{directory, number, sql};
use followup_store_testkit::tools::{assert_refused, at, change, erase, id, observe};

/// Fills a book with rows in every table: journals, due entries, claims, suppressions, a document.
fn furnish(store: &SqliteStore) {
    for (prospect, revisions) in [("p-1", 3), ("p-2", 1), ("p-3", 2)] {
        for revision in 0..revisions {
            let mut change = change(prospect, revision, &format!("k{revision}"));
            let due = change.due.as_mut().expect("the change has a due entry");
            due.owner = Some("ines".to_owned());
            due.earliest = Some(at(revision as i64));
            due.automatic = true;
            change.suppressions = vec![Suppression::of(AddressHash([revision as u8; 16]), at(0))];
            block_on(store.append(vec![change])).expect("the store can be written");
        }
    }
    let claimed = block_on(store.claim(Claim::new(at(9), at(99), 2))).expect("the entries are due").claimed;
    let mut done = change(claimed[0].due.prospect.as_str(), claimed[0].due.revision.0, "sent");
    done.claim = Some(UnderClaim::Ends(claimed[0].fence));
    block_on(store.append(vec![done])).expect("the store can be written");
    let document = Document::new(DocumentKind::OwnerAway, "ines", 1, "{}", at(0));
    block_on(store.save(document)).expect("the store can be written");
}

fn furnished(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path).expect("the store opens");
    furnish(&store);
    furnish(&store.book(BookId::new("agency").expect("the book id is valid")));
    store
}

fn files(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory)
        .expect("the directory can be read")
        .map(|entry| entry.expect("the entry can be read"));
    let mut names: Vec<_> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Returns the whole content of a book.
fn all_of(store: &SqliteStore) -> String {
    let documents = block_on(store.documents(DocumentQuery::new(DocumentKind::OwnerAway)));
    let suppressed = block_on(store.suppressed((0..4).map(|n| AddressHash([n; 16])).collect()));
    format!("{} {documents:?} {suppressed:?}", block_on(observe(store)).expect("the store can be read"))
}

#[test]
fn a_copy_is_the_same_store() {
    let (directory, path) = directory();
    let in_file = furnished(&path);
    let in_memory = SqliteStore::in_memory().unwrap();
    furnish(&in_memory);
    furnish(&in_memory.book(BookId::new("agency").unwrap()));
    for (store, name) in [(in_file, "of a file.db"), (in_memory, "of memory.db")] {
        let copy = directory.path().join(name);
        store.backup(&copy).unwrap();
        let again = SqliteStore::open(&copy).unwrap();
        let agency = BookId::new("agency").unwrap();
        assert_eq!(all_of(&again), all_of(&store));
        assert_eq!(all_of(&again.book(agency.clone())), all_of(&store.book(agency)));
        assert!(again.check_integrity().unwrap().is_sound());
        block_on(again.append(vec![change(
            "p-2",
            block_on(again.history(&id("p-2"))).unwrap().len() as u64,
            "x",
        )]))
        .unwrap();
    }
    assert_eq!(files(directory.path()), ["of a file.db", "of memory.db", "store.db"]);
}

#[test]
fn a_copy_is_of_one_moment_while_others_write() {
    const WRITERS: usize = 3;
    let (directory, path) = directory();
    let store = SqliteStore::open(&path).unwrap();
    let (written, is_over) = ([const { AtomicU64::new(0) }; WRITERS], AtomicBool::new(false));
    let names = |writer: usize| [format!("a-{writer}"), format!("b-{writer}")];
    thread::scope(|scope| {
        for (writer, written) in written.iter().enumerate() {
            let (store, is_over) = (store.clone(), &is_over);
            scope.spawn(move || {
                for revision in 0.. {
                    // Two prospects change together, so a copy that has only one of the changes is not of one moment.
                    let both = names(writer).map(|name| change(&name, revision, &format!("k{revision}")));
                    block_on(store.append(both.to_vec())).unwrap();
                    written.store(revision + 1, Ordering::SeqCst);
                    if is_over.load(Ordering::SeqCst) {
                        break;
                    }
                }
            });
        }
        let mut last = [0; WRITERS];
        for n in 0..12 {
            let counts = || written.each_ref().map(|written| written.load(Ordering::SeqCst));
            let before = counts();
            let copy = directory.path().join(format!("{n}.db"));
            store.backup(&copy).unwrap();
            // The copy may also have changes that were acknowledged meanwhile, and one in progress of each writer.
            let after = counts().map(|count| count + 1);
            let copy = SqliteStore::open(&copy).unwrap();
            assert!(copy.check_integrity().unwrap().is_sound());
            let mut changes = 0;
            for writer in 0..WRITERS {
                let [a, b] = names(writer).map(|name| block_on(copy.history(&id(&name))).unwrap());
                assert_eq!(a, b);
                assert!((before[writer]..=after[writer]).contains(&(a.len() as u64)));
                assert!(a.iter().enumerate().all(|(n, record)| record.key == format!("k{n}")));
                changes += 2 * a.len() as u64;
                last[writer] = a.len();
            }
            // Each change takes the next place in the feed, without gaps.
            let newest = block_on(copy.changes(0, 99)).unwrap().last().map_or(0, |changed| changed.cursor);
            assert_eq!(newest, changes);
        }
        is_over.store(true, Ordering::SeqCst);
        assert!(last.iter().all(|count| *count > 0), "all writers have written: {last:?}");
    });
}

#[test]
fn a_copy_overwrites_no_file() {
    let (directory, path) = directory();
    let store = furnished(&path);
    let taken = directory.path().join("taken");
    fs::write(&taken, "somebody's").unwrap();
    for target in [&taken, &path, &directory.path().to_owned()] {
        assert_refused(store.backup(target), StoreErrorKind::Other, "already");
    }
    assert_eq!(fs::read_to_string(&taken).unwrap(), "somebody's");
    // SQLite would take the log of a removed file for that of the copy.
    fs::write(directory.path().join("gone.db-wal"), "").unwrap();
    assert_refused(store.backup(directory.path().join("gone.db")), StoreErrorKind::Other, "gone.db-wal");
    assert_refused(
        store.backup(directory.path().join("missing/copy.db")),
        StoreErrorKind::Unavailable,
        "back up the store",
    );
    assert!(store.check_integrity().unwrap().is_sound());
    drop(store);
    assert_eq!(files(directory.path()), ["gone.db-wal", "store.db", "taken"]);
}

#[test]
fn one_of_several_concurrent_copies_to_one_name_wins() {
    let (directory, path) = directory();
    let store = furnished(&path);
    let copy = directory.path().join("copy.db");
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| store.backup(&copy))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refused in outcomes.into_iter().filter(Result::is_err) {
        assert_refused(refused, StoreErrorKind::Other, "already");
    }
    drop(store);
    assert_eq!(files(directory.path()), ["copy.db", "store.db"]);
    assert_eq!(all_of(&SqliteStore::open(&copy).unwrap()), all_of(&SqliteStore::open(&path).unwrap()));
}

#[cfg(unix)]
#[test]
fn a_copy_has_the_permissions_of_the_store() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, path) = directory();
    let store = furnished(&path);
    for mode in [0o600, 0o640] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let copy = directory.path().join(format!("{mode:o}.db"));
        store.backup(&copy).unwrap();
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, mode);
    }
}

#[test]
fn a_hosts_tables_are_copied_with_the_store() {
    let (directory, path) = directory();
    sql(&path, "CREATE TABLE call(minutes INTEGER); INSERT INTO call VALUES (12); PRAGMA user_version = 7");
    let store = SqliteStore::options().file(File::Shared).open(&path).unwrap();
    furnish(&store);
    let copy = directory.path().join("copy.db");
    store.backup(&copy).unwrap();
    let found = SqliteStore::options().file(File::Shared).open(&copy).unwrap();
    assert_eq!(all_of(&found), all_of(&store));
    assert_eq!((number(&copy, "SELECT minutes FROM call"), number(&copy, "PRAGMA user_version")), (12, 7));
}

#[test]
fn erased_data_is_not_in_a_copy() {
    let (directory, path) = directory();
    let store = SqliteStore::open(&path).unwrap();
    let mut told = change("p-1", 0, "told");
    told.profile = Some("{\"name\":\"Wilhelmine\"}".to_owned());
    block_on(store.append(vec![told])).unwrap();
    block_on(store.erase(erase("p-1", 1, "erased", &[]))).unwrap();
    let copy = directory.path().join("copy.db");
    store.backup(&copy).unwrap();
    let bytes = fs::read(&copy).unwrap();
    assert!(!bytes.windows(10).any(|window| window == b"Wilhelmine"));
}

#[test]
fn a_sound_store_passes_and_everything_is_checked() {
    let (_directory, path) = directory();
    let in_memory = SqliteStore::in_memory().unwrap();
    assert_eq!(in_memory.check_integrity().unwrap(), Integrity::default());
    furnish(&in_memory);
    furnish(&in_memory.book(BookId::new("agency").unwrap()));
    for store in [furnished(&path), in_memory] {
        let report = store.check_integrity().unwrap();
        assert!(report.is_sound(), "{:?}", report.findings);
        let checked = report.checked;
        let counts = [
            checked.books,
            checked.prospects,
            checked.records,
            checked.due_entries,
            checked.claims,
            checked.profiles,
            checked.suppressions,
            checked.documents,
        ];
        assert_eq!(counts, [2, 6, 14, 6, 4, 6, 6, 2]);
    }
}

#[test]
fn a_store_is_checked_as_of_one_moment_while_others_write() {
    let (_directory, path) = directory();
    let store = furnished(&path);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for revision in 0.. {
                block_on(store.append(vec![change("busy", revision, &format!("k{revision}"))])).unwrap();
                if is_over.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        for _ in 0..30 {
            let report = store.check_integrity().unwrap();
            assert!(report.is_sound(), "{:?}", report.findings);
        }
        is_over.store(true, Ordering::SeqCst);
    });
}
