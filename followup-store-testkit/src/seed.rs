//! The seed of random cases: it is printed when a case fails, and can be set.

use std::env;

/// The environment variable that sets the seed.
pub(crate) const VARIABLE: &str = "FOLLOWUP_TESTKIT_SEED";

/// Returns the seed that is set, or else another.
///
/// # Panics
/// If the variable is not a number.
pub(crate) fn or(other: u64) -> u64 {
    match env::var(VARIABLE) {
        Ok(text) => {
            text.parse().unwrap_or_else(|_| panic!("invalid value for {VARIABLE}: {text:?} is not a number"))
        }
        Err(_) => other,
    }
}
