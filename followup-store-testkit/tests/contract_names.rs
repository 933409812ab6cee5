//! Every case that the contract names exists, under exactly that name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use followup_store_testkit::CASES;

/// Returns the names in backticks that have the form `module::case`.
fn named(text: &str) -> BTreeSet<&str> {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|name| name.split_once("::").is_some_and(|(module, case)| is_word(module) && is_word(case)))
        .collect()
}

#[test]
fn every_case_that_the_contract_names_is_in_the_suite() {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../followup-core/src/store/mod.rs");
    let Ok(text) = fs::read_to_string(&contract) else {
        eprintln!("skipped: the contract is not beside this crate, as it is in the project's repository");
        return;
    };
    // Comments only, so that backticks pair up.
    let comments: String = text
        .lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let named = named(&comments);
    assert!(named.len() > 30, "the contract names its cases: {named:?}");
    let cases: BTreeSet<&str> = CASES.iter().map(|case| case.name).collect();
    let missing: Vec<_> = named.difference(&cases).collect();
    assert!(missing.is_empty(), "the contract names cases that are not in the suite: {missing:?}");
}

#[test]
fn case_names_are_unique() {
    let names: BTreeSet<&str> = CASES.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), CASES.len());
}
