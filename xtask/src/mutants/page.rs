//! The page of the outcome: figures, and why each survivor may live.

use std::collections::HashMap;
use std::fs;

use anyhow::{Result, ensure};

use super::mutant::{Mutant, Outcome};
use crate::cargo::workspace_root;
use crate::machine::machine;

const PAGE: &str = "MUTANTS.md";
/// R17: of those that can be compiled, at least so many of a hundred are found.
const PERCENT_MIN: f64 = 95.0;

/// Prints the figures, and writes the page if asked to.
///
/// # Errors
/// If too few are found, or if a survivor on the page has no reason.
pub(super) fn write(
    command: &str,
    commits: &str,
    outcomes: &[(&Mutant, Outcome, f64)],
    full: bool,
) -> Result<()> {
    let count = |wanted| outcomes.iter().filter(|(_, outcome, _)| *outcome == wanted).count();
    let viable = outcomes.len() - count(Outcome::Unviable);
    let percent = (viable - count(Outcome::Missed)) as f64 * 100.0 / viable.max(1) as f64;
    let seconds: f64 = outcomes.iter().map(|(_, _, seconds)| seconds).sum();
    let mut page = format!(
        "# Mutants\n\nDo the tests of `followup-core` and `followup-store-memory` bite (R17)? Written by the command below; the last\ncolumn is written by hand and kept.\n\n\
         - command: `{command}`\n- commits whose tests they met: {commits}\n- machine: {}\n- mutants: {}, of which {} cannot be compiled\n\
         - caught: {}; timed out: {}; missed: {}\n- found of those that can be compiled: {percent:.1} %\n\
         - seconds a mutant: {:.1}\n",
        machine(),
        outcomes.len(),
        count(Outcome::Unviable),
        count(Outcome::Caught),
        count(Outcome::TimedOut),
        count(Outcome::Missed),
        seconds / outcomes.len().max(1) as f64,
    );
    let path = workspace_root().join(PAGE);
    let reasons = reasons(&fs::read_to_string(&path).unwrap_or_default());
    let mut survivors: Vec<&str> = Vec::new();
    survivors.extend(
        outcomes
            .iter()
            .filter(|(_, outcome, _)| *outcome == Outcome::Missed)
            .map(|(mutant, ..)| &*mutant.name),
    );
    survivors.sort_unstable();
    let (table, without) = table(&survivors, &reasons);
    page += &table;
    print!("{page}");
    if full {
        fs::write(&path, &page)?;
        println!("written to {PAGE}");
        ensure!(without == 0, "{without} survivors have no reason in {PAGE} why they may live");
    }
    ensure!(percent >= PERCENT_MIN, "{percent:.1} % are found, and {PERCENT_MIN} % have to be");
    Ok(())
}

/// The table of survivors, and how many have no reason.
fn table(survivors: &[&str], reasons: &HashMap<String, String>) -> (String, usize) {
    if survivors.is_empty() {
        return (String::new(), 0);
    }
    let mut without = 0;
    let mut table = "\n| survivor | why it may live |\n|---|---|\n".to_owned();
    for survivor in survivors {
        let survivor = survivor.replace('|', "\\|");
        let reason = reasons.get(&key(&survivor)).map_or("", String::as_str);
        without += usize::from(reason.is_empty());
        table += &format!("| `{survivor}` | {reason} |\n");
    }
    (table, without)
}

/// The reasons of a page, by survivor.
fn reasons(page: &str) -> HashMap<String, String> {
    let row = |line: &str| {
        let (survivor, reason) = line.strip_prefix("| `")?.split_once("` | ")?;
        let reason = reason.strip_suffix('|')?.trim();
        (!reason.is_empty()).then(|| (key(survivor), reason.to_owned()))
    };
    page.lines().filter_map(row).collect()
}

/// A survivor without its line, which other changes move; the column tells neighbours apart.
fn key(survivor: &str) -> String {
    let mut parts: Vec<&str> = survivor.splitn(4, ':').collect();
    if parts.len() == 4 {
        parts.remove(1);
    }
    parts.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_kept_when_the_line_moves_and_asked_for_when_there_is_none() {
        let old = "| survivor | why it may live |\n|---|---|\n| `a.rs:7:3: replace \\|\\| with && in f` | Both are the same. |\n| `a.rs:8:3: delete ! in f` |  |\n";
        let survivors = ["a.rs:9:3: replace || with && in f", "a.rs:10:3: delete ! in f"];
        let (table, without) = table(&survivors, &reasons(old));
        assert_eq!(without, 1);
        assert!(
            table.contains("| `a.rs:9:3: replace \\|\\| with && in f` | Both are the same. |\n"),
            "{table}"
        );
        assert!(table.ends_with("| `a.rs:10:3: delete ! in f` |  |\n"), "{table}");
    }
}
