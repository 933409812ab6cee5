//! `cargo xtask soak`: the long proofs, built with optimisation.

use anyhow::Result;

use crate::cargo::Cargo;

/// Runs the program of the long proofs with these arguments.
///
/// # Errors
/// If it cannot be built, or if a proof does not hold.
pub(crate) fn soak(arguments: &[&str]) -> Result<()> {
    Cargo::new(&format!("run --quiet --release -p followup-soak -- {}", arguments.join(" "))).run()
}
