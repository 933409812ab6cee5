//! `cargo xtask fuzz`: runs the fuzz targets of all text readers, starting from a small committed corpus.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::workspace_root;

const FOLDER: &str = "tests/fuzz";

/// Runs each target for the given time, a minute by default.
///
/// # Errors
/// If a tool is missing or a target fails; the error names the directory of the failing input.
pub(crate) fn fuzz(options: &[&str]) -> Result<()> {
    let seconds: u32 = match options {
        [] => 60,
        ["--seconds", seconds] => {
            seconds.parse().with_context(|| format!("invalid --seconds `{seconds}`; expected an integer"))?
        }
        _ => bail!("unknown option `{}`; expected --seconds N", options.join(" ")),
    };
    ensure!(
        succeeds(&["+nightly", "--version"]),
        "a nightly toolchain is missing: install it with `rustup toolchain install nightly --profile minimal`"
    );
    ensure!(
        succeeds(&["fuzz", "--version"]),
        "cargo-fuzz is missing: install it with `cargo install --locked cargo-fuzz@0.13.2`"
    );
    let folder = workspace_root().join(FOLDER);
    for target in targets(&folder)? {
        // New inputs are kept in the target directory; the committed corpus is not changed.
        let found = workspace_root().join("target/fuzz-corpus").join(&target);
        fs::create_dir_all(&found)?;
        println!("$ cargo +nightly fuzz run {target}, {seconds} s");
        let status = cargo()
            .args(["+nightly", "fuzz", "run", "--fuzz-dir", FOLDER, "--target-dir", "target/fuzz", &target])
            .args([&found, &folder.join("corpus").join(&target)])
            .args(["--", &format!("-max_total_time={seconds}"), "-timeout=10", "-rss_limit_mb=2048"])
            .args(["-max_len=16384", "-verbosity=0", "-print_final_stats=1"])
            .status()
            .context("cannot start cargo fuzz")?;
        ensure!(status.success(), "fuzz target {target} failed: see tests/fuzz/artifacts/{target}");
    }
    Ok(())
}

/// The names of the targets, in order.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// A `cargo` command whose toolchain rustup chooses. The cargo that runs this program sets variables that would
/// override the choice.
fn cargo() -> Command {
    let mut command = Command::new("cargo");
    for name in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "CARGO_TARGET_DIR"] {
        command.env_remove(name);
    }
    command.current_dir(workspace_root());
    command
}

fn succeeds(arguments: &[&str]) -> bool {
    cargo().args(arguments).output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_target_is_named_in_the_manifest_and_has_a_corpus() {
        let folder = workspace_root().join(FOLDER);
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let targets = targets(&folder).unwrap();
        assert!(!targets.is_empty());
        for target in targets {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
            let corpus = fs::read_dir(folder.join("corpus").join(&target)).unwrap();
            assert!(corpus.count() > 0, "{target}");
        }
    }
}
