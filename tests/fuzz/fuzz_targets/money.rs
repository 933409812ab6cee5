//! Amounts of money: an accepted amount round-trips through its text.
#![no_main]

use followup_core::Money;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(money) = text.parse::<Money>() {
        assert_eq!(money.to_string().parse::<Money>().expect("a written amount can be read back"), money);
    }
});
