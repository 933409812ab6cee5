//! `cargo xtask verify`: everything that has to hold before a change is taken in.

use std::env;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::{Cargo, workspace_root};
use crate::{core_alone, soak};

/// The tests that need the shared data. Only this line says how they are run.
const SHARED_DATA_TESTS: &str = "test --workspace --features followup-examples/shared-data,followup-formats/shared-data --test shared_data";

/// The file that the shared data is recognised by, seen from the root of the workspace.
const SHARED_DATA: &str = "../shared/data/expected.json";

/// How to get the cargo-deny whose configuration format `deny.toml` has; `.ci/run` installs the same.
const INSTALL_CARGO_DENY: &str = "cargo install --locked cargo-deny@0.20.2";

struct Step {
    name: &'static str,
    check: fn() -> Result<()>,
}

/// What is checked, in this order: what fails fast and often comes first.
const STEPS: &[Step] = &[
    Step { name: "formatting", check: formatting },
    Step { name: "lints", check: lints },
    Step { name: "tests", check: test },
    Step { name: "documentation", check: documentation },
    Step { name: "core alone builds", check: core_alone::builds },
    Step { name: "core alone is pure", check: core_alone::is_pure },
    Step { name: "licences, bans and sources", check: dependencies },
    Step { name: "shared data", check: shared_data },
    Step { name: "long proofs, a twentieth of each", check: long_proofs },
];

/// Runs all steps in order and stops at the first that fails. No source file is changed.
///
/// # Errors
/// If a step fails; the error names it.
pub(crate) fn verify() -> Result<()> {
    let start = Instant::now();
    for (index, Step { name, check }) in STEPS.iter().enumerate() {
        println!("\n=== {}/{} {name}", index + 1, STEPS.len());
        let step_start = Instant::now();
        let result = check();
        println!("=== {name}: {:.1} s", step_start.elapsed().as_secs_f64());
        result.with_context(|| format!("verify stops at \"{name}\""))?;
    }
    println!("\n=== verified: {} steps in {:.1} s", STEPS.len(), start.elapsed().as_secs_f64());
    Ok(())
}

fn formatting() -> Result<()> {
    Cargo::new("fmt --all --check").run().context("some code is not formatted (`cargo xtask fix` formats it)")
}

fn lints() -> Result<()> {
    Cargo::new("clippy --workspace --all-targets --all-features -- -D warnings")
        .run()
        .context("Clippy objects (`cargo xtask fix` applies what it suggests)")
}

fn test() -> Result<()> {
    Cargo::new("test --workspace").run()
}

fn documentation() -> Result<()> {
    Cargo::new("doc --workspace --no-deps --all-features").env("RUSTDOCFLAGS", "-D warnings").run()
}

/// Holds the dependencies against `deny.toml`. Advisories are left out: see there.
fn dependencies() -> Result<()> {
    ensure!(
        Cargo::new("deny --version").succeeds()?,
        "cargo-deny is missing: install it with `{INSTALL_CARGO_DENY}`"
    );
    Cargo::new("deny check licenses bans sources").run()
}

/// Runs the tests that read the shared data, which lies beside the clone and is no part of the repository.
fn shared_data() -> Result<()> {
    if workspace_root().join(SHARED_DATA).is_file() {
        return Cargo::new(SHARED_DATA_TESTS).run();
    }
    if env::var_os("CI").is_some_and(|value| value == "true") {
        bail!("{SHARED_DATA} is missing, and continuous integration (CI=true) has to have it");
    }
    println!("SKIPPED: {SHARED_DATA} is missing, so NOTHING was checked against the shared data");
    Ok(())
}

/// What disks, damage, kills and many at once can do: one in twenty points of each proof, and all its planted bugs.
fn long_proofs() -> Result<()> {
    soak::soak(&["all", "--part", "20"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ci_script_installs_the_cargo_deny_that_the_error_message_names() {
        let (_, wanted) = INSTALL_CARGO_DENY.split_once('@').unwrap();
        let script = include_str!("../../.ci/run");
        assert!(script.contains(&format!("cargo_deny_version={wanted}\n")), "{wanted} is not in .ci/run");
    }
}
