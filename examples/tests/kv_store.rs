//! Does the store over a key-value engine pass the suite, and is it as short as promised?

#[path = "../kv_store/store.rs"]
mod store;

use followup_store_testkit::{Subject, suite};
use store::KvStore;

fn kv_store() -> Subject {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("followup.redb");
    let open = move || KvStore::open(&path).expect("the file opens");
    Subject::reopening(open, KvStore::book).upon(folder)
}

suite!(contract, kv_store);

/// The maximum number of lines of code.
const LINES_MAX: usize = 256;

#[test]
fn the_store_has_at_most_the_promised_number_of_lines() {
    let text = include_str!("../kv_store/store.rs");
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let lines = text.lines().filter(is_code).count();
    assert!(lines <= LINES_MAX, "it has {lines} lines of code");
    assert!(!text.contains("rustfmt::skip") && !text.contains("followup_store"));
}
