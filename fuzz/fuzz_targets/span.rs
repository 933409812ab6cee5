//! A span is taken or refused; what is taken reads back as itself.
#![no_main]

use followup_core::Span;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(span) = text.parse::<Span>() {
        assert_eq!(span.to_string().parse::<Span>().expect("what was written reads back"), span);
    }
});
