//! Where chance comes from: a number that is printed when something fails, and can be given.

use std::env;

/// The variable of the environment by which a seed is given.
pub(crate) const VARIABLE: &str = "FOLLOWUP_TESTKIT_SEED";

/// The seed that is given, or else another.
///
/// # Panics
/// If what is given is no number.
pub(crate) fn or(other: u64) -> u64 {
    match env::var(VARIABLE) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{VARIABLE} has to be a number, not {text:?}")),
        Err(_) => other,
    }
}
