//! Mapping files: a rejected file has at least one problem, each with a line and a column.
#![no_main]

use followup_formats::Mapping;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = Mapping::parse(text) {
        assert!(!error.problems().is_empty());
        assert!(error.problems().iter().all(|problem| problem.line >= 1 && problem.column >= 1));
    }
});
