//! `cargo xtask mutants`: runs cargo-mutants over a sample of core's mutants, and writes its results down.

mod results;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::cargo::{Cargo, workspace_root};

const TOOLS: [(&str, &str); 2] = [
    ("mutants", "cargo install --locked cargo-mutants@27.1.0"),
    ("nextest", "cargo install --locked cargo-nextest"),
];
/// Core's mutants, against the tests of core and those that drive the desk.
const ARGUMENTS: &str = "mutants --package followup-core --test-package followup-core --test-package followup \
                         --test-tool nextest --profile mutants --minimum-test-timeout 120 --no-shuffle \
                         --output target/mutants --colors never";
/// The share of all mutants that is tested unless another one is asked for: about 400.
const SHARD: &str = "0/7";

/// Tests a sample of the mutants, and writes the results to `MUTANTS.md` if it is the usual one. `--shard K/N` tests
/// another sample; everything else is passed on to cargo-mutants.
///
/// # Errors
/// If a tool is missing, the tests fail without a mutant, too few mutants are caught, or a survivor has no reason.
pub(crate) fn mutants(options: &[&str]) -> Result<()> {
    for (tool, install) in TOOLS {
        ensure!(
            Cargo::new(&format!("{tool} --version")).succeeds()?,
            "cargo-{tool} is missing: install it with `{install}`"
        );
    }
    let shard = if options.contains(&"--shard") { String::new() } else { format!(" --shard {SHARD}") };
    let line = format!("{ARGUMENTS}{shard} {}", options.join(" "));
    // A status other than success says that some mutants survived; the results say whether there are any.
    let tested = Cargo::new(line.trim_end())
        .env("PROPTEST_CASES", "32")
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")
        .env("NEXTEST_PROFILE", "mutants")
        .run();
    let file = workspace_root().join("target/mutants/mutants.out/outcomes.json");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()));
    let text = text.map_err(|missing| tested.err().unwrap_or(missing))?;
    let outcomes: Value = serde_json::from_str(&text).context("cannot read the results of cargo-mutants")?;
    let command = format!("cargo xtask mutants {}", options.join(" "));
    results::write(command.trim_end(), &commit()?, &outcomes, options.is_empty())
}

/// The commit that is tested.
fn commit() -> Result<String> {
    let output = Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .current_dir(workspace_root())
        .output()
        .context("cannot start git")?;
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}
