//! A copy of what is committed, with a build directory of its own, in which mutants are tested.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use super::cargo;
use super::mutant::{Mutant, Outcome};
use crate::cargo::workspace_root;

/// What the mutants are of, and what they are built with.
const SOURCES: [&str; 6] = [
    "Cargo.lock",
    "Cargo.toml",
    "followup-core/Cargo.toml",
    "followup-core/src",
    "followup-core/playbooks",
    "followup-store-memory/src",
];

pub(super) struct Tree {
    path: PathBuf,
    build: PathBuf,
    log: PathBuf,
    fingerprint: String,
}

/// The commit.
pub(super) fn head() -> Result<String> {
    Ok(String::from_utf8(git(&["rev-parse", "--short", "HEAD"])?)?.trim_end().to_owned())
}

fn git(arguments: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new("git").args(arguments).current_dir(workspace_root()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git {} failed: {}", arguments.join(" "), said.trim_end());
    Ok(output.stdout)
}

impl Tree {
    /// Brings a job's copy up to what is committed. Files that are as they should be keep their age, so that
    /// nothing is built again for them.
    pub(super) fn of_head(folder: &Path, job: usize) -> Result<Tree> {
        let path = folder.join(format!("tree-{job}"));
        fs::create_dir_all(&path)?;
        let listed = String::from_utf8(git(&["ls-tree", "-r", "--name-only", "-z", "HEAD"])?)?;
        let names: Vec<&str> = listed.split_terminator('\0').collect();
        for name in &names {
            let (content, file) = (git(&["show", &format!("HEAD:{name}")])?, path.join(name));
            if fs::read(&file).ok().as_ref() != Some(&content) {
                fs::create_dir_all(file.parent().context("a file lies in a folder")?)?;
                fs::write(&file, content)?;
            }
        }
        let names: HashSet<PathBuf> = names.into_iter().map(|name| path.join(name)).collect();
        remove_others(&path, &names)?;
        let fingerprint = SOURCES
            .iter()
            .map(|name| {
                let id = String::from_utf8(git(&["rev-parse", &format!("HEAD:{name}")])?)?;
                Ok(id[..6].to_owned())
            })
            .collect::<Result<Vec<_>>>()?
            .join("-");
        let (build, log) = (folder.join(format!("build-{job}")), folder.join(format!("log-{job}.txt")));
        Ok(Tree { path, build, log, fingerprint })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What the newest test printed.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Stands for the content of the sources.
    pub(super) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Does something while a mutant is in place.
    pub(super) fn with<T>(&self, mutant: &Mutant, act: impl FnOnce(&Tree) -> Result<T>) -> Result<T> {
        let file = self.path.join(&mutant.file);
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", mutant.file))?;
        fs::write(&file, mutant.applied(&text)?)?;
        let done = act(self);
        fs::write(&file, text)?;
        done
    }

    /// Builds and runs tests that a filter of nextest lets through, until the first that fails.
    pub(super) fn test(&self, tests: &[&str], filter: &str) -> Result<Outcome> {
        let mut command = cargo(&self.path);
        command
            .args([
                "nextest",
                "run",
                "--cargo-profile",
                "mutants",
                "--profile",
                "mutants",
                "--color",
                "never",
            ])
            .args(tests)
            .args(["--filterset", filter])
            .env("CARGO_TARGET_DIR", &self.build)
            // An eighth of the usual cases; a failure is not made smaller, and not kept for the next mutant.
            .env("PROPTEST_CASES", "32")
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
        let log = File::create(&self.log)?;
        let status = command.stdout(log.try_clone()?).stderr(log).status().context("cannot start cargo")?;
        match status.code() {
            Some(0) => Ok(Outcome::Missed),
            Some(100) if fs::read_to_string(&self.log)?.contains(" TIMEOUT [") => Ok(Outcome::TimedOut),
            Some(100) => Ok(Outcome::Caught),
            Some(101) => Ok(Outcome::Unviable),
            _ => bail!("the tests did not run ({status}): {}", self.log.display()),
        }
    }
}

/// Removes what is in no commit, such as what a test that was killed has left.
fn remove_others(folder: &Path, names: &HashSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, names)?;
        } else if !names.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
