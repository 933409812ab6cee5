//! Playbooks: check, show, schema.

use std::io::Write;

use anyhow::Context as _;
use followup_core::{Playbook, PlaybookError, Problem, Severity};
use serde_json::{Value, json};

use crate::args::{self, Common};
use crate::office::{self, Ended, wrong};

pub(crate) fn run(common: &Common, command: args::Playbook) -> anyhow::Result<Ended> {
    let mut out = std::io::stdout().lock();
    match command {
        args::Playbook::Check { file } => {
            let text =
                std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let (problems, fine) = match Playbook::parse_with_warnings(&text) {
                Ok((_, warnings)) => (warnings, true),
                Err(error) => (PlaybookError::problems(&error).to_vec(), false),
            };
            for problem in &problems {
                match common.json {
                    true => writeln!(out, "{}", problem_json(problem))?,
                    false => writeln!(out, "{}:{problem}", file.display())?,
                }
            }
            anyhow::ensure!(fine, "{} cannot be used; the mistakes are listed above", file.display());
            if !common.json {
                writeln!(out, "{}: a good playbook", file.display())?;
            }
        }
        args::Playbook::Show { name } => {
            let playbook = office::playbook(common)?;
            if name != playbook.name() {
                return Err(wrong(format!("there is no playbook \"{name}\"; known is {}", playbook.name())));
            }
            match common.json {
                true => writeln!(out, "{}", playbook.to_json())?,
                false => write!(out, "{}", playbook.to_toml())?,
            }
        }
        args::Playbook::Schema => match common.json {
            true => writeln!(out, "{}", Playbook::schema())?,
            false => writeln!(out, "{:#}", Playbook::schema())?,
        },
    }
    Ok(Ended::Done)
}

fn problem_json(problem: &Problem) -> Value {
    let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
    json!({
        "severity": severity,
        "line": problem.line,
        "column": problem.column,
        "setting": problem.setting,
        "message": problem.message,
    })
}
