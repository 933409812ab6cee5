//! Spans: an accepted span round-trips through its text.
#![no_main]

use followup_core::Span;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(span) = text.parse::<Span>() {
        assert_eq!(span.to_string().parse::<Span>().expect("a written span can be read back"), span);
    }
});
