//! Does the custom store pass the suite, and is it as short as promised?

#[path = "../custom_store/store.rs"]
mod store;

use followup::BookId;
use followup_store_testkit::{Subject, suite};
use store::OwnStore;

fn own_store() -> Subject {
    Subject::new(OwnStore::default().book(BookId::default()), OwnStore::book)
}

suite!(contract, own_store, volatile, scans);

/// The maximum number of lines of code.
const LINES_MAX: usize = 130;

#[test]
fn the_store_has_at_most_the_promised_number_of_lines() {
    let text = include_str!("../custom_store/store.rs");
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let lines = text.lines().filter(is_code).count();
    assert!(lines <= LINES_MAX, "it has {lines} lines of code");
    assert!(!text.contains("rustfmt::skip") && !text.contains("followup_store"));
}
