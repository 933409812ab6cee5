//! `cargo xtask bench`: measures the cost of the library relative to raw SQL, ordered maps and plain dates.
//!
//! Each measurement writes its own section of `benches/RESULTS.md`, with the commit and the machine, and leaves the
//! other sections unchanged.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::cargo::{Cargo, workspace_root};
use crate::machine::machine;

const RESULTS: &str = "benches/RESULTS.md";
const TITLE: &str = "# Results\n\nWritten by `cargo xtask bench`. Baselines and candidates run alternately in one process. A ratio is the median over all\nrounds, with the lower and upper quartile. \"Minimal\" is raw SQL over the smallest possible tables; \"same schema\" is\nraw SQL over the library's own tables.\n";
/// The paths of the measured code.
const MEASURED: &str = "Cargo.lock Cargo.toml benches/benches benches/src followup followup-core followup-store-memory followup-store-sqlite";
/// The command that installs the runner. Its version must be that of the crate in `Cargo.lock`.
const INSTALL_RUNNER: &str = "cargo install --locked gungraun-runner --version";

/// Measures all ratios and writes them to the results, or only prints the named rows.
///
/// # Errors
/// If a bench cannot be built or fails.
pub(crate) fn ratios(rows: &[&str]) -> Result<()> {
    Cargo::new("build --release --package followup-benches --bins").run()?;
    let run = format!("run --quiet --release --package followup-benches --bin ratios -- {}", rows.join(" "));
    let disk = syncs_a_second()?;
    let table = Cargo::new(run.trim_end()).read()?;
    let head = "| what | ours | raw | ratio | goal | met |\n|---|---|---|---|---|---|";
    let body = format!(
        "{}\nThe disk: {disk:.0} fdatasync calls of 4 KiB per second.\n\n{head}\n{table}",
        measured("")?
    );
    if !rows.is_empty() {
        println!("{body}");
        return Ok(());
    }
    write("Ratios", &body)
}

/// Counts instructions and writes them to the results.
///
/// # Errors
/// If Valgrind or the runner is missing, or a bench fails.
pub(crate) fn instructions() -> Result<()> {
    let valgrind = Command::new("valgrind").arg("--version").output();
    ensure!(valgrind.is_ok_and(|said| said.status.success()), "valgrind is missing: install it with apt-get");
    let version = runner_version()?;
    let runner = Command::new("gungraun-runner").arg("--version").output();
    ensure!(
        runner.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).trim_end().ends_with(&version)),
        "gungraun-runner {version} is missing: install it with `{INSTALL_RUNNER} {version}`"
    );
    let said = Cargo::new("bench --quiet --package followup-benches --bench instructions").read()?;
    let counts = counts(&said)?;
    let mut body = measured(" --instructions")?;
    body += "\n| operation | instructions |\n|---|---|\n";
    let count = |wanted: &str| -> Result<u64> {
        let found = counts.iter().find(|(name, _)| name == wanted);
        Ok(found.with_context(|| format!("no count of {wanted}"))?.1)
    };
    for (name, count) in &counts {
        body += &format!("| {} | {count} |\n", name.replace('_', " "));
    }
    let (ours, plan) = (count("record_over_sqlite")?, count("plan_with_why")?);
    body += "\n| what | ratio | goal | met |\n|---|---|---|---|\n";
    for raw in ["raw_minimal", "raw_same_schema"] {
        let ratio = ours as f64 / (count(raw)? + plan) as f64;
        let met = if ratio <= 1.25 { "yes" } else { "**no**" };
        let name = raw.replace('_', " ");
        body += &format!(
            "| record over sqlite, relative to {name} and one plan | {ratio:.2} | ≤ 1.25 | {met} |\n"
        );
    }
    write("Instructions", &body)
}

/// The instructions of one operation of each bench: a hundredth of the difference between `many` and `few`.
fn counts(said: &str) -> Result<Vec<(String, u64)>> {
    let mut counts = Vec::new();
    let (mut name, mut few) = (None, 0);
    for line in said.lines() {
        if let Some((path, id)) = line.split_once(' ').filter(|(path, _)| path.contains("::")) {
            name = path.rsplit("::").next().map(|bench| (bench.to_owned(), id.starts_with("many")));
        }
        let Some(count) = line.trim_start().strip_prefix("Instructions:") else { continue };
        let number = count.trim_start().split('|').next().unwrap_or_default();
        let number: u64 = number.parse().with_context(|| format!("cannot read `{line}`"))?;
        match name.take() {
            Some((name, true)) => counts.push((name, number.saturating_sub(few) / 100)),
            _ => few = number,
        }
    }
    ensure!(!counts.is_empty(), "no instructions were counted:\n{said}");
    Ok(counts)
}

fn runner_version() -> Result<String> {
    let id = Cargo::new("pkgid gungraun-runner").read()?;
    let version = id.trim_end().rsplit(['@', '#']).next().map(str::to_owned);
    version.with_context(|| format!("cannot find a version in {id}"))
}

/// The first line of a section: the command, the commit and the machine.
fn measured(flag: &str) -> Result<String> {
    let commit = git("rev-parse --short HEAD")?;
    let changed = git(&format!("status --porcelain -- {MEASURED}"))?;
    let and = if changed.trim().is_empty() { "" } else { " with later changes" };
    Ok(format!("`cargo xtask bench{flag}` at commit {}{and}, on {}.\n", commit.trim_end(), machine()))
}

fn git(arguments: &str) -> Result<String> {
    let mut command = Command::new("git");
    let output = command.args(arguments.split_whitespace()).current_dir(workspace_root()).output()?;
    ensure!(output.status.success(), "`git {arguments}` failed");
    Ok(String::from_utf8(output.stdout)?)
}

/// Measures how many blocks of 4 KiB per second can be appended and synced in the folder of the benches.
fn syncs_a_second() -> Result<f64> {
    const BLOCKS: u32 = 2_000;
    let folder = env::var_os("FOLLOWUP_BENCH_DATA").map_or_else(env::temp_dir, Into::into);
    let path = folder.join(format!("followup-syncs-{}", std::process::id()));
    let mut file = File::create(&path)?;
    let start = Instant::now();
    for _ in 0..BLOCKS {
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
    }
    let rate = f64::from(BLOCKS) / start.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(rate)
}

fn write(heading: &str, body: &str) -> Result<()> {
    let path = workspace_root().join(RESULTS);
    let before = fs::read_to_string(&path).unwrap_or_else(|_| TITLE.to_owned());
    fs::write(&path, with_section(&before, heading, body))?;
    println!("{body}\nwritten to {RESULTS}");
    Ok(())
}

/// Returns the text with one section replaced, or added at the end.
fn with_section(text: &str, heading: &str, body: &str) -> String {
    let section = format!("## {heading}\n\n{}\n", body.trim_end());
    let mut parts: Vec<String> = text.split("\n## ").map(str::to_owned).collect();
    for part in parts.iter_mut().skip(1) {
        part.insert_str(0, "## ");
    }
    match parts.iter_mut().find(|part| part.starts_with(&format!("## {heading}\n"))) {
        Some(part) => *part = section,
        None => parts.push(section),
    }
    let parts: Vec<&str> = parts.iter().map(|part| part.trim_end()).collect();
    parts.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_the_others_stay() {
        let text = with_section("# Title\n\nWords.\n", "One", "first\n");
        assert_eq!(text, "# Title\n\nWords.\n\n## One\n\nfirst\n");
        let text = with_section(&text, "Two", "second");
        let text = with_section(&text, "One", "other\n\n### Part\n");
        assert_eq!(text, "# Title\n\nWords.\n\n## One\n\nother\n\n### Part\n\n## Two\n\nsecond\n");
    }

    #[test]
    fn one_operation_is_a_hundredth_of_the_difference() {
        let said = "instructions::one::plan few:(10)\n  Instructions:   1500|N/A  (*)\n  L1 Hits: 3|N/A\n\
                    instructions::one::plan many:(110)\n  Instructions:   21500|1|+3\n";
        assert_eq!(counts(said).unwrap(), [("plan".to_owned(), 200)]);
    }
}
