//! Detects panics in any thread, including the threads of a store.

use std::panic;
use std::sync::{Mutex, PoisonError};

/// The panics since the last call of [`take`].
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Collects panic messages instead of printing them.
pub(crate) fn watch() {
    panic::set_hook(Box::new(|info| {
        let thread = std::thread::current();
        let seen = format!("thread {}: {info}", thread.name().unwrap_or("without a name"));
        SEEN.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }));
}

/// Returns the panics since the last call.
pub(crate) fn take() -> Vec<String> {
    std::mem::take(&mut SEEN.lock().unwrap_or_else(PoisonError::into_inner))
}
