//! `cargo xtask fix`: fixes everything that can be fixed automatically.

use anyhow::Result;

use crate::cargo::Cargo;

/// Applies the suggestions of Clippy, then formats.
///
/// # Errors
/// If one of the two commands fails.
pub(crate) fn fix() -> Result<()> {
    // Suggestions are not always well formatted, so formatting comes last.
    Cargo::new("clippy --fix --allow-dirty --allow-staged --workspace --all-targets --all-features").run()?;
    Cargo::new("fmt --all").run()
}
