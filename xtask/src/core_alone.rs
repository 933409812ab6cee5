//! Checks of core alone: it must build, and no dependency may give it access to a clock,
//! the machine's zone or the machine's zone files.
//!
//! A build of the whole workspace can show neither: there, Cargo enables the features that any member requests, and the
//! command line requests chrono's clock.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cargo::Cargo;

/// A feature of a dependency that must not be enabled for core.
struct Forbidden {
    package: &'static str,
    feature: &'static str,
    because: &'static str,
}

const FORBIDDEN: &[Forbidden] = &[
    Forbidden { package: "chrono", feature: "clock", because: "it reads the clock and the machine's zone" },
    Forbidden { package: "chrono", feature: "now", because: "it reads the clock" },
    Forbidden { package: "jiff", feature: "tz-system", because: "it reads the machine's zone" },
    Forbidden { package: "jiff", feature: "tzdb-zoneinfo", because: "it reads the machine's zone files" },
    Forbidden { package: "jiff", feature: "tzdb-concatenated", because: "it reads the machine's zone files" },
];

/// Packages that core must not depend on: executors, serializers of stores, and what only tests need.
const UNWANTED: &[&str] = &["futures-executor", "futures-util", "pollster", "postcard", "proptest", "tokio"];

/// Checks that core builds alone; and for WebAssembly, with the store in memory, if that target is installed.
///
/// # Errors
/// If one of the builds fails.
pub(crate) fn builds() -> Result<()> {
    Cargo::new("check -p followup-core").run()?;
    if target_is_installed(WASM)? {
        Cargo::new(&format!("check -p followup-core -p followup-store-memory --target {WASM}")).run()?;
    } else {
        println!("SKIPPED: the target {WASM} is not installed, so nothing was checked for it");
    }
    Ok(())
}

const WASM: &str = "wasm32-unknown-unknown";

/// Whether the standard library of a target is installed.
fn target_is_installed(target: &str) -> Result<bool> {
    let output = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output()?;
    let folder = String::from_utf8(output.stdout).context("the path of a library is not UTF-8")?;
    Ok(output.status.success() && Path::new(folder.trim_end()).is_dir())
}

/// Checks that no dependency of core, on any platform, has a forbidden feature enabled, and that core depends on no
/// unwanted package.
///
/// # Errors
/// If there is one, or if the tree cannot be read.
pub(crate) fn is_pure() -> Result<()> {
    let tree = Cargo::new(
        "tree -p followup-core --edges normal --target all --no-dedupe --prefix none --format {p}={f}",
    )
    .read()?;
    ensure!(
        tree.starts_with("followup-core "),
        "the output of cargo tree does not begin with followup-core:\n{tree}"
    );
    let unwanted: Vec<_> = unwanted_in(&tree).collect();
    ensure!(unwanted.is_empty(), "core must not depend on {}", unwanted.join(", "));
    let found: Vec<_> = forbidden_in(&tree)
        .map(|Forbidden { package, feature, because }| {
            format!("\n  feature \"{feature}\" of {package}: {because}")
        })
        .collect();
    ensure!(
        found.is_empty(),
        "core must not depend on a clock or the machine's zones, but its dependencies enable:{}\n\
         `cargo tree -p followup-core -e normal,features` shows which package requests it",
        found.concat()
    );
    Ok(())
}

/// Finds the unwanted packages in a tree.
fn unwanted_in(tree: &str) -> impl Iterator<Item = &'static str> {
    let is_in = move |package: &&str| tree.lines().any(|line| line.starts_with(&format!("{package} ")));
    UNWANTED.iter().copied().filter(is_in)
}

/// Finds the forbidden features in a tree whose lines have the form `name version …=feature,feature`.
fn forbidden_in(tree: &str) -> impl Iterator<Item = &'static Forbidden> {
    FORBIDDEN.iter().filter(move |forbidden| {
        tree.lines().filter_map(|line| line.rsplit_once('=')).any(|(package, features)| {
            package.split_whitespace().next() == Some(forbidden.package)
                && features.split(',').any(|feature| feature.trim() == forbidden.feature)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(tree: &str) -> Vec<String> {
        forbidden_in(tree).map(|found| format!("{}/{}", found.package, found.feature)).collect()
    }

    #[test]
    fn a_tree_without_a_clock_passes() {
        let tree = "followup-core v0.1.0 (core)=clock,default\n\
                    chrono v0.4.45=alloc,serde,std\n\
                    jiff v0.2.46=alloc,std,tzdb-bundle-always\n\
                    num-traits v0.2.19=\n";
        assert_eq!(names(tree), [""; 0]);
    }

    #[test]
    fn an_executor_is_found() {
        let tree = "followup-core v0.1.0 (core)=\npollster v0.4.0=\nserde v1.0.0=std\n";
        assert_eq!(unwanted_in(tree).collect::<Vec<_>>(), ["pollster"]);
    }

    #[test]
    fn a_clock_is_found_anywhere_in_the_tree() {
        let tree = "followup-core v0.1.0 (core)=default\n\
                    chrono v0.4.45=alloc,clock,iana-time-zone,now,std\n\
                    chrono v0.4.45=alloc,clock,iana-time-zone,now,std\n\
                    jiff v0.2.46=alloc,std,tz-system\n";
        assert_eq!(names(tree), ["chrono/clock", "chrono/now", "jiff/tz-system"]);
    }
}
