//! Playbooks: an accepted playbook round-trips through TOML.
#![no_main]

use followup_core::Playbook;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok((playbook, _)) = Playbook::parse_with_warnings(text) {
        let again = Playbook::parse(&playbook.to_toml()).expect("a written playbook can be read back");
        assert_eq!(again.hash(), playbook.hash());
    }
});
