//! `cargo xtask fix`: repairs what can be repaired without a person.

use anyhow::Result;

use crate::cargo::Cargo;

/// Applies the suggestions of Clippy, then formats.
///
/// # Errors
/// If one of the two commands fails.
pub(crate) fn fix() -> Result<()> {
    // A suggestion is not always formatted as it should be, so formatting comes last.
    Cargo::new("clippy --fix --allow-dirty --allow-staged --workspace --all-targets --all-features").run()?;
    Cargo::new("fmt --all").run()
}
