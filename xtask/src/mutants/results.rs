//! The results page: figures, and the reason why each survivor is accepted.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::cargo::workspace_root;
use crate::machine::machine;

const PAGE: &str = "MUTANTS.md";
/// R17: minimum share of mutants that are caught, in percent of those that compile.
const PERCENT_MIN: f64 = 96.0;

/// Prints the figures, and writes the page if the sample is the usual one.
///
/// # Errors
/// If too few mutants are caught, or if a survivor on the page has no reason.
pub(super) fn write(command: &str, commit: &str, outcomes: &Value, is_usual: bool) -> Result<()> {
    let number = |name: &str| outcomes[name].as_u64().with_context(|| format!("the results have no {name}"));
    let (total, unviable) = (number("total_mutants")?, number("unviable")?);
    let (caught, timed_out, missed) = (number("caught")?, number("timeout")?, number("missed")?);
    let viable = total - unviable;
    let percent = (viable - missed) as f64 * 100.0 / viable.max(1) as f64;
    let mut page = format!(
        "# Mutants\n\nMutants of `followup-core` against the tests of `followup-core` and `followup` (R17), by cargo-mutants. Written by the\ncommand below; the last column is written by hand and kept.\n\n\
         - command: `{command}`\n- commit: {commit}\n- machine: {}\n- mutants: {total}, of which {unviable} do not compile\n\
         - caught: {caught}; timed out: {timed_out}; missed: {missed}\n- caught or timed out, of those that compile: {percent:.1} %\n",
        machine(),
    );
    let path = workspace_root().join(PAGE);
    let reasons = reasons(&fs::read_to_string(&path).unwrap_or_default());
    let survivors = survivors(outcomes);
    let (table, without) = table(&survivors.iter().map(String::as_str).collect::<Vec<_>>(), &reasons);
    page += &table;
    print!("{page}");
    if is_usual {
        fs::write(&path, &page)?;
        println!("written to {PAGE}");
        ensure!(without == 0, "{without} survivors in {PAGE} have no reason");
    }
    ensure!(
        percent >= PERCENT_MIN,
        "only {percent:.1} % of the mutants are caught; expected at least {PERCENT_MIN} %"
    );
    Ok(())
}

/// The names of the mutants that no test caught, sorted.
fn survivors(outcomes: &Value) -> Vec<String> {
    let missed = |outcome: &&Value| outcome["summary"] == "MissedMutant";
    let name = |outcome: &Value| Some(outcome["scenario"]["Mutant"]["name"].as_str()?.to_owned());
    let list = outcomes["outcomes"].as_array().into_iter().flatten();
    let mut names: Vec<String> = list.filter(missed).filter_map(name).collect();
    names.sort_unstable();
    names
}

/// Builds the table of survivors and counts those without a reason.
fn table(survivors: &[&str], reasons: &HashMap<String, String>) -> (String, usize) {
    if survivors.is_empty() {
        return (String::new(), 0);
    }
    let mut without = 0;
    let mut table = "\n| survivor | why it is accepted |\n|---|---|\n".to_owned();
    for survivor in survivors {
        let survivor = survivor.replace('|', "\\|");
        let reason = reasons.get(&key(&survivor)).map_or("", String::as_str);
        without += usize::from(reason.is_empty());
        table += &format!("| `{survivor}` | {reason} |\n");
    }
    (table, without)
}

/// Reads the reasons on a page, by survivor.
fn reasons(page: &str) -> HashMap<String, String> {
    let row = |line: &str| {
        let (survivor, reason) = line.strip_prefix("| `")?.split_once("` | ")?;
        let reason = reason.strip_suffix('|')?.trim();
        (!reason.is_empty()).then(|| (key(survivor), reason.to_owned()))
    };
    page.lines().filter_map(row).collect()
}

/// The name of a survivor without its line number, which changes with other edits. The column distinguishes neighbours.
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
        let old = "| survivor | why it is accepted |\n|---|---|\n| `a.rs:7:3: replace \\|\\| with && in f` | Both are the same. |\n| `a.rs:8:3: delete ! in f` |  |\n";
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
