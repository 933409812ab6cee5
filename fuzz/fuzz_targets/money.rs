//! An amount is taken or refused; what is taken reads back as itself.
#![no_main]

use followup_core::Money;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(money) = text.parse::<Money>() {
        assert_eq!(money.to_string().parse::<Money>().expect("what was written reads back"), money);
    }
});
