//! `cargo xtask coverage`: measures which lines of core are covered by the tests of core and of the memory store.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::cargo::{Cargo, workspace_root};

const INSTALL: &str = "cargo install --locked cargo-llvm-cov@0.9.1";
/// The folder of the reports and the list of uncovered lines.
const FOLDER: &str = "target/coverage";
/// Minimum share of covered lines, in percent.
const PERCENT_MIN: f64 = 97.0;

/// Runs the tests, prints the share of covered lines of each file, and lists the uncovered lines.
///
/// # Errors
/// If a tool is missing, a test fails, or too few lines are covered.
pub(crate) fn coverage() -> Result<()> {
    ensure!(
        Cargo::new("llvm-cov --version").succeeds()?,
        "cargo-llvm-cov is missing: install it with `{INSTALL}`"
    );
    let folder = workspace_root().join(FOLDER);
    fs::create_dir_all(&folder)?;
    let (cov, profdata) = tools()?;
    let run = |arguments: &str| {
        Cargo::new(&format!("llvm-cov {arguments}")).env("LLVM_COV", &cov).env("LLVM_PROFDATA", &profdata)
    };
    run("test --package followup-core --package followup --package followup-insight --lib --tests --no-report").run()?;
    let (summary, lines) = (format!("{FOLDER}/summary.json"), format!("{FOLDER}/lines.txt"));
    run(&format!("report --json --summary-only --output-path {summary}")).run()?;
    run(&format!("report --text --output-path {lines}")).run()?;

    let read = |name: &str| {
        let path = workspace_root().join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let files = files(&serde_json::from_str(&read(&summary)?)?)?;
    ensure!(!files.is_empty(), "the report has no files of core");
    let uncovered = format!("{FOLDER}/uncovered.txt");
    fs::write(workspace_root().join(&uncovered), uncovered_lines(&read(&lines)?))?;
    let (mut all, mut reached) = (0, 0);
    for file in &files {
        println!("{:6.2} %  {:4} of {:4}  {}", file.percent(), file.reached, file.lines, file.name);
        (all, reached) = (all + file.lines, reached + file.reached);
    }
    let total = Covered { name: CRATES.join(", "), lines: all, reached };
    println!("{:6.2} %  {reached} of {all}  {}; uncovered lines: {uncovered}", total.percent(), total.name);
    ensure!(
        total.percent() >= PERCENT_MIN,
        "only {:.2} % of the lines are covered; expected at least {PERCENT_MIN} %",
        total.percent()
    );
    Ok(())
}

/// Finds llvm-cov and llvm-profdata of a version that matches the compiler: from the environment, from the component
/// `llvm-tools`, or from the system.
fn tools() -> Result<(String, String)> {
    if let (Ok(cov), Ok(profdata)) = (env::var("LLVM_COV"), env::var("LLVM_PROFDATA")) {
        return Ok((cov, profdata));
    }
    let rustc = |arguments: &[&str]| -> Result<String> {
        let output = Command::new("rustc").args(arguments).current_dir(workspace_root()).output()?;
        Ok(String::from_utf8(output.stdout)?)
    };
    let said = rustc(&["-vV"])?;
    let field = |name: &str| {
        let value = said.lines().find_map(|line| line.strip_prefix(name));
        value.with_context(|| format!("`rustc -vV` does not print `{name}`"))
    };
    let (host, version) = (field("host: ")?, field("LLVM version: ")?);
    let major = version.split('.').next().unwrap_or(version);
    let sysroot = rustc(&["--print", "sysroot"])?;
    let component = format!("{}/lib/rustlib/{host}/bin", sysroot.trim_end());
    let debian = format!("/usr/lib/llvm-{major}/bin");
    for folder in [component, debian] {
        let pair = ["llvm-cov", "llvm-profdata"].map(|tool| format!("{folder}/{tool}"));
        if pair.iter().all(|tool| Path::new(tool).is_file()) {
            let [cov, profdata] = pair;
            return Ok((cov, profdata));
        }
    }
    bail!(
        "llvm-cov of LLVM {major} is missing: install it with `rustup component add llvm-tools` or \
         `apt-get install llvm-{major}`"
    )
}

struct Covered {
    name: String,
    lines: u64,
    reached: u64,
}

impl Covered {
    fn percent(&self) -> f64 {
        self.reached as f64 * 100.0 / self.lines.max(1) as f64
    }
}

/// The crates whose lines are counted.
const CRATES: [&str; 3] = ["followup-core", "followup", "followup-insight"];

/// The name of a source file of these crates, relative to the workspace root; `None` for other files.
fn counted(path: &str) -> Option<&str> {
    CRATES.iter().find_map(|name| Some(&path[path.find(&format!("/{name}/src/"))? + 1..]))
}

fn files(report: &Value) -> Result<Vec<Covered>> {
    let files = report["data"][0]["files"].as_array().context("the report has no list of files")?;
    let read = |file: &Value| {
        let name = counted(file["filename"].as_str()?)?.to_owned();
        let lines = &file["summary"]["lines"];
        Some(Covered { name, lines: lines["count"].as_u64()?, reached: lines["covered"].as_u64()? })
    };
    Ok(files.iter().filter_map(read).collect())
}

/// Lists the lines of core that no test runs, as `FILE:LINE: CODE`.
fn uncovered_lines(report: &str) -> String {
    let mut file = None;
    let mut list = String::new();
    for line in report.lines() {
        if line.starts_with('/') && line.ends_with(".rs:") {
            file = counted(line.trim_end_matches(':'));
        }
        let mut columns = line.splitn(3, '|');
        let (number, count, code) = (columns.next(), columns.next(), columns.next());
        let number = number.and_then(|number| number.trim().parse::<u32>().ok());
        if let (Some(file), Some(number), Some("0"), Some(code)) = (file, number, count.map(str::trim), code)
        {
            list += &format!("{file}:{number}: {}\n", code.trim());
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_core_that_never_run_are_listed() {
        let report = "/x/followup-core/src/a.rs:\n    1|       |//! A.\n    2|      3|fn a() {\n    3|      0|    b(\"|\");\n\
                      /x/followup-testing/src/b.rs:\n    9|      0|x\n/x/other/src/c.rs:\n    9|      0|x\n";
        assert_eq!(uncovered_lines(report), "followup-core/src/a.rs:3: b(\"|\");\n");
    }
}
