//! One mutant: a place, and what stands there instead.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::cargo;

/// What cargo-mutants would change.
pub(super) struct Mutant {
    /// File, line, column and what is changed.
    pub(super) name: String,
    pub(super) file: String,
    /// Line and column, from 1.
    start: (usize, usize),
    end: (usize, usize),
    replacement: String,
}

impl Mutant {
    /// Its file, seen from the sources of core.
    pub(super) fn place(&self) -> &str {
        self.file.strip_prefix("followup-core/src/").unwrap_or(&self.file)
    }
}

/// What came of testing a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A test failed.
    Caught,
    /// A test did not end.
    TimedOut,
    /// It cannot be compiled.
    Unviable,
    /// All tests pass.
    Missed,
}

impl Outcome {
    pub(super) fn name(self) -> &'static str {
        match self {
            Outcome::Caught => "caught",
            Outcome::TimedOut => "timed out",
            Outcome::Unviable => "unviable",
            Outcome::Missed => "missed",
        }
    }

    pub(super) fn named(name: &str) -> Option<Outcome> {
        let all = [Outcome::Caught, Outcome::TimedOut, Outcome::Unviable, Outcome::Missed];
        all.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// All mutants of core.
pub(super) fn list(tree: &Path) -> Result<Vec<Mutant>> {
    let arguments = ["mutants", "--list", "--json", "--package", "followup-core"];
    let output = cargo(tree).args(arguments).output().context("cannot start cargo mutants")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo mutants lists nothing: {}", said.trim_end());
    let listed: Vec<Value> = serde_json::from_slice(&output.stdout).context("cannot read the list")?;
    let read = |value: &Value| Mutant::read(value).with_context(|| format!("cannot read the mutant {value}"));
    listed.iter().map(read).collect()
}

impl Mutant {
    fn read(value: &Value) -> Option<Mutant> {
        let text = |name: &str| Some(value[name].as_str()?.to_owned());
        let place = |name: &str| {
            let place = &value["span"][name];
            Some((place["line"].as_u64()? as usize, place["column"].as_u64()? as usize))
        };
        Some(Mutant {
            name: text("name")?,
            file: text("file")?,
            start: place("start")?,
            end: place("end")?,
            replacement: text("replacement")?,
        })
    }

    /// The tests that can find it. The slowest ones walk through civil time minute by minute, and call nothing
    /// that lies outside of it.
    pub(super) fn filter(&self) -> &'static str {
        if self.file.starts_with("followup-core/src/time/") { "all()" } else { "not test(/^time::oracle::/)" }
    }

    /// The file with the mutant in it.
    pub(super) fn applied(&self, text: &str) -> Result<String> {
        let (start, end) = (offset(text, self.start), offset(text, self.end));
        let (start, end) =
            start.zip(end).with_context(|| format!("there is no such place: {}", self.name))?;
        // A word that is put in place of another must not run into its neighbours.
        Ok(format!("{} {} {}", &text[..start], self.replacement, &text[end..]))
    }

    #[cfg(test)]
    pub(super) fn sample(name: &str) -> Mutant {
        let (name, file) = (name.to_owned(), String::new());
        Mutant { name, file, start: (1, 1), end: (1, 1), replacement: String::new() }
    }
}

/// Where a line and a column, counted in characters, are.
fn offset(text: &str, (line, column): (usize, usize)) -> Option<usize> {
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(before..)?.split_inclusive('\n').next()?;
    let width: usize = rest.chars().take(column - 1).map(char::len_utf8).sum();
    Some(before + width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_replaced_over_lines_and_beside_letters_of_several_bytes() {
        let mutant = |start, end, replacement: &str| {
            let replacement = replacement.to_owned();
            Mutant { start, end, replacement, ..Mutant::sample("m") }
        };
        let text = "let ä = a\n    + b;\n";
        assert_eq!(mutant((2, 5), (2, 6), "-").applied(text).unwrap(), "let ä = a\n     -  b;\n");
        assert_eq!(mutant((1, 9), (2, 8), "0").applied(text).unwrap(), "let ä =  0 ;\n");
        assert!(mutant((4, 1), (4, 2), "0").applied(text).is_err());
    }
}
