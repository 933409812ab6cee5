//! A playbook is taken or refused; what is taken reads back as itself.
#![no_main]

use followup_core::Playbook;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok((playbook, _)) = Playbook::parse_with_warnings(text) {
        let again = Playbook::parse(&playbook.to_toml()).expect("what was written reads back");
        assert_eq!(again.hash(), playbook.hash());
    }
});
