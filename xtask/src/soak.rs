//! `cargo xtask soak`: runs the long-running proofs, built in release mode.

use anyhow::Result;

use crate::cargo::Cargo;

/// Runs the soak program with the given arguments.
///
/// # Errors
/// If the program cannot be built, or if a proof does not hold.
pub(crate) fn soak(arguments: &[&str]) -> Result<()> {
    Cargo::new(&format!("run --quiet --release -p followup-soak -- {}", arguments.join(" "))).run()
}
