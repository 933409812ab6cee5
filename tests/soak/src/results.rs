//! The results file: one section per proof, with the machine, the commit and the command.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::Report;

const HEADER: &str = "\
# Results of the long-running proofs

Each section is written by the command that it names, with `--results tests/soak/RESULTS.md` added.
";

/// Writes the section of a proof and replaces an existing one.
pub(crate) fn write(path: &Path, report: &Report, command: &str) -> Result<()> {
    let title = format!("## {} ({})", report.proof, report.promise);
    let section = format!("{title}\n\n{}", section(report, command));
    let text = fs::read_to_string(path).unwrap_or_else(|_| HEADER.to_owned());
    let mut sections: Vec<String> = text.split("\n## ").map(str::to_owned).collect();
    let header = sections.remove(0);
    let mut sections: Vec<String> = sections.into_iter().map(|section| format!("## {section}")).collect();
    match sections.iter_mut().find(|section| section.lines().next() == Some(&title)) {
        Some(old) => *old = section,
        None => sections.push(section),
    }
    let mut text = format!("{}\n", header.trim_end());
    for section in sections {
        text += &format!("\n{}\n", section.trim_end());
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn section(report: &Report, command: &str) -> String {
    let outcome =
        format!("{} points, {} violations, {:.0} s", report.points, report.violations, report.seconds);
    let mut lines = vec![
        format!("- command: `{command}`"),
        format!("- outcome: {outcome}"),
        format!("- commit: {}", commit()),
        format!("- machine: {}", machine()),
    ];
    let figures = report.figures.iter().map(|(name, count)| format!("- {name}: {count}"));
    lines.extend(figures);
    lines.join("\n")
}

/// The commit, with a note if Rust sources differ from it.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let changed = git(&["status", "--porcelain", "--untracked-files=no", "--", "*.rs"]);
    if changed.is_some_and(|changed| !changed.is_empty()) {
        format!("{commit}, with changes")
    } else {
        commit
    }
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown CPU", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{model}, {cores} cores, Linux {}", kernel.trim())
}
