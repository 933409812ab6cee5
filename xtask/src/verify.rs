//! `cargo xtask verify`: all checks that a change must pass before it is merged.

use std::process::Command;
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::{Cargo, workspace_root};
use crate::{core_alone, soak};

/// The arguments of the tests that need the shared data. This is the only place that defines them.
const SHARED_DATA_TESTS: &str = "test --workspace --features followup-examples/shared-data,followup-formats/shared-data --test shared_data";

/// A file whose existence shows that the shared data is present, relative to the workspace root.
const SHARED_DATA: &str = "../shared/data/expected.json";

/// The command that installs the cargo-deny version for which `deny.toml` is written. `.ci/run` installs the same one.
const INSTALL_CARGO_DENY: &str = "cargo install --locked cargo-deny@0.20.2";

/// The published crates.
pub(crate) const PUBLISHED: &[&str] = &[
    "followup",
    "followup-core",
    "followup-formats",
    "followup-insight",
    "followup-store-memory",
    "followup-store-sqlite",
    "followup-store-testkit",
    "followup-testing",
];

struct Step {
    name: &'static str,
    check: fn() -> Result<()>,
}

/// The steps, in this order: those that fail fast and often come first.
const STEPS: &[Step] = &[
    Step { name: "formatting", check: formatting },
    Step { name: "lints", check: lints },
    Step { name: "tests", check: test },
    Step { name: "documentation", check: documentation },
    Step { name: "core alone builds", check: core_alone::builds },
    Step { name: "core alone is pure", check: core_alone::is_pure },
    Step { name: "licences, bans and sources", check: dependencies },
    Step { name: "the oldest Rust", check: oldest_rust },
    Step { name: "packages can be published", check: publishing },
    Step { name: "shared data", check: shared_data },
    Step { name: "long-running proofs, a twentieth of each", check: long_proofs },
];

/// Runs all steps in order and stops at the first failure. Changes no source file.
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
        result.with_context(|| format!("verify failed at \"{name}\""))?;
    }
    println!("\n=== verified: {} steps in {:.1} s", STEPS.len(), start.elapsed().as_secs_f64());
    Ok(())
}

fn formatting() -> Result<()> {
    Cargo::new("fmt --all --check").run().context("some sources are not formatted (run `cargo xtask fix`)")
}

fn lints() -> Result<()> {
    Cargo::new("clippy --workspace --all-targets --all-features -- -D warnings")
        .run()
        .context("Clippy has warnings (`cargo xtask fix` applies its suggestions)")
}

fn test() -> Result<()> {
    Cargo::new("test --workspace").run()
}

fn documentation() -> Result<()> {
    Cargo::new("doc --workspace --no-deps --all-features").env("RUSTDOCFLAGS", "-D warnings").run()
}

/// Checks the dependencies against `deny.toml`, except for advisories; that file explains why.
fn dependencies() -> Result<()> {
    ensure!(
        Cargo::new("deny --version").succeeds()?,
        "cargo-deny is missing: install it with `{INSTALL_CARGO_DENY}`"
    );
    Cargo::new("deny check licenses bans sources").run()
}

/// Checks the published crates with the oldest Rust that they promise to build with, if it is installed.
fn oldest_rust() -> Result<()> {
    let manifest = fs::read_to_string(workspace_root().join("Cargo.toml"))?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'));
    let version = version.context("Cargo.toml has no rust-version")?;
    let rustup = |arguments: &[&str]| {
        let mut command = Command::new("rustup");
        command.args(["run", version]).args(arguments).current_dir(workspace_root());
        command
    };
    if !rustup(&["rustc", "--version"]).output().is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: Rust {version} is not installed with rustup, so nothing was checked with it");
        return Ok(());
    }
    println!("$ rustup run {version} cargo check of the published crates");
    let mut check = rustup(&["cargo", "check", "--all-features", "--target-dir", "target/oldest-rust"]);
    // The toolchain of this process must not reach the other one.
    check.env_remove("CARGO").env_remove("RUSTC").env_remove("RUSTUP_TOOLCHAIN");
    check.args(PUBLISHED.iter().flat_map(|package| ["-p", package]));
    ensure!(check.status()?.success(), "the published crates do not build with Rust {version}");
    Ok(())
}

/// Packages every published crate and builds it from its package, with the others in place of the registry's. Each
/// package has the README and both licence texts.
fn publishing() -> Result<()> {
    for package in PUBLISHED {
        let files = Cargo::new(&format!("package --list --allow-dirty -p {package}")).read()?;
        for needed in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
            ensure!(files.lines().any(|file| file == needed), "the package of {package} has no {needed}");
        }
    }
    // Cargo takes a packaged crate of a version that it has built before as unchanged, so nothing of the last time may be
    // left.
    let built = "target/published";
    match fs::remove_dir_all(workspace_root().join(built)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let packages: Vec<_> = PUBLISHED.iter().map(|package| format!("-p {package}")).collect();
    Cargo::new(&format!("publish --dry-run --allow-dirty --target-dir {built} {}", packages.join(" "))).run()
}

/// Runs the tests that read the shared data, which is beside the clone and not part of the repository.
fn shared_data() -> Result<()> {
    if workspace_root().join(SHARED_DATA).is_file() {
        return Cargo::new(SHARED_DATA_TESTS).run();
    }
    if env::var_os("CI").is_some_and(|value| value == "true") {
        bail!("{SHARED_DATA} is missing, but continuous integration (CI=true) requires it");
    }
    println!("SKIPPED, NOTHING WAS CHECKED against the shared data: {SHARED_DATA} is missing");
    Ok(())
}

/// Runs one in twenty points of each long-running proof, and each proof with all of its planted bugs.
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
