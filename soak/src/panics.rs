//! No thread may panic, whoever's it is: a store's own threads are looked after too.

use std::panic;
use std::sync::{Mutex, PoisonError};

/// What panicked since it was asked last.
static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what panics say, instead of printing it.
pub(crate) fn watch() {
    panic::set_hook(Box::new(|info| {
        let thread = std::thread::current();
        let seen = format!("thread {}: {info}", thread.name().unwrap_or("without a name"));
        SEEN.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }));
}

/// What panicked since the last call.
pub(crate) fn take() -> Vec<String> {
    std::mem::take(&mut SEEN.lock().unwrap_or_else(PoisonError::into_inner))
}
