//! Core on its own: it has to build with and without its features, and no dependency may bring a clock, the
//! machine's zone or the machine's zone files into it.
//!
//! A build of the whole workspace cannot show either: there, Cargo gives every crate the features that any
//! member asks for, and the command line asks for chrono's clock.

use anyhow::{Result, ensure};

use crate::cargo::Cargo;

/// A feature of a dependency that core must not enable.
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

/// Builds core without features, with each, and with all.
///
/// # Errors
/// If one of them does not build.
pub(crate) fn builds() -> Result<()> {
    Cargo::new("check -p followup-core --no-default-features").run()?;
    Cargo::new("check -p followup-core --no-default-features --features proptest").run()?;
    Cargo::new("check -p followup-core --all-features").run()
}

/// Looks through everything that core depends on, on every platform and with all its features, for a
/// forbidden feature; and without features, for what only tests need.
///
/// # Errors
/// If there is one, or if the tree cannot be read.
pub(crate) fn is_pure() -> Result<()> {
    let tree = Cargo::new(
        "tree -p followup-core --no-default-features --edges normal --target all --no-dedupe --prefix none",
    )
    .read()?;
    ensure!(
        !tree.lines().any(|line| line.starts_with("proptest ")),
        "core without features depends on proptest, which is for tests: make it optional"
    );
    let tree = Cargo::new(
        "tree -p followup-core --all-features --edges normal --target all --no-dedupe --prefix none --format {p}={f}",
    )
    .read()?;
    ensure!(tree.starts_with("followup-core "), "cargo tree did not begin with followup-core:\n{tree}");
    let found: Vec<_> = forbidden_in(&tree)
        .map(|Forbidden { package, feature, because }| {
            format!("\n  feature \"{feature}\" of {package}, but {because}")
        })
        .collect();
    ensure!(
        found.is_empty(),
        "core has to be without clock and machine, and its dependencies enable:{}\n\
         `cargo tree -p followup-core -e normal,features --all-features` shows who asks for it",
        found.concat()
    );
    Ok(())
}

/// Finds the forbidden features in a tree whose lines read `name version …=feature,feature`.
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
    fn a_clock_is_found_wherever_it_stands_in_the_tree() {
        let tree = "followup-core v0.1.0 (core)=default\n\
                    chrono v0.4.45=alloc,clock,iana-time-zone,now,std\n\
                    chrono v0.4.45=alloc,clock,iana-time-zone,now,std\n\
                    jiff v0.2.46=alloc,std,tz-system\n";
        assert_eq!(names(tree), ["chrono/clock", "chrono/now", "jiff/tz-system"]);
    }
}
