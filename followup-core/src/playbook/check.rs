//! Checking a playbook: all mistakes at once, each at its place.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::contradictions::{Contradiction, contradictions};
use super::format::{Reader, Setting};
use super::settings::Settings;
use crate::stage::text_enum;

/// The largest playbook that is read, in bytes.
const BYTES_MAX: usize = 1 << 20;

/// Something that is wrong with a playbook, or may be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Whether the playbook can be used nevertheless.
    pub severity: Severity,
    /// The line, from 1; 0 if the playbook does not come from a file or does not say it.
    pub line: usize,
    /// The column in characters, from 1; 0 likewise.
    pub column: usize,
    /// The setting, such as `cadence.hot.from`.
    pub setting: String,
    /// What is wrong and what would be right.
    pub message: String,
}

text_enum! {
    /// Whether a playbook with a problem can be used.
    Severity, "severity" {
        /// It cannot be used.
        Error = "error",
        /// It can be used.
        Warning = "warning",
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        match self.setting.as_str() {
            "" => write!(f, "{}: {}", self.severity, self.message),
            setting => write!(f, "{}: {setting}: {}", self.severity, self.message),
        }
    }
}

/// A playbook that cannot be used, with every mistake in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaybookError {
    problems: Vec<Problem>,
}

impl PlaybookError {
    /// Every mistake and every warning, by line and column.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(super) fn unless_fine(problems: Vec<Problem>) -> Result<Vec<Problem>, PlaybookError> {
        if problems.iter().any(|problem| problem.severity == Severity::Error) {
            Err(PlaybookError { problems })
        } else {
            Ok(problems)
        }
    }
}

impl fmt::Display for PlaybookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.problems.iter().map(Problem::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for PlaybookError {}

/// Reads settings from TOML, with all that is wrong with them.
pub(super) fn read(toml: &str) -> (Settings, Vec<Problem>) {
    let mut reader = Reader::new(toml);
    if toml.len() > BYTES_MAX {
        reader.mistake(0..0, format!("the file is larger than {BYTES_MAX} bytes"));
        return (Settings::default(), located(Vec::new(), Some(reader)));
    }
    let (table, syntax) = DeTable::parse_recoverable(toml);
    for error in &syntax {
        reader.mistake(error.span().unwrap_or(0..0), error.message().to_owned());
    }
    // After a mistake in the syntax the rest of the file may read as something that was not meant.
    if !syntax.is_empty() {
        return (Settings::default(), located(Vec::new(), Some(reader)));
    }
    let span = table.span();
    let root = Spanned::new(span, DeValue::Table(table.into_inner()));
    let settings = Settings::read(&root, &mut reader).unwrap_or_default();
    let contradictions = contradictions(&settings);
    (settings, located(contradictions, Some(reader)))
}

/// Gives each contradiction the place of the setting that it names.
pub(super) fn located(contradictions: Vec<Contradiction>, reader: Option<Reader<'_>>) -> Vec<Problem> {
    let (source, mistakes, places) = match reader {
        Some(reader) => (reader.source, reader.mistakes, reader.places),
        None => ("", Vec::new(), BTreeMap::new()),
    };
    let mistakes = mistakes.into_iter().map(|(span, setting, message)| {
        let (line, column) = line_and_column(source, &span);
        Problem { severity: Severity::Error, line, column, setting, message }
    });
    let contradictions = contradictions.into_iter().map(|contradiction| {
        let Contradiction { severity, setting, other, message } = contradiction;
        let exact = places.get(&setting).or_else(|| places.get(other?));
        let place = exact.or_else(|| nearest(&places, &setting));
        let (line, column) = place.map_or((0, 0), |span| line_and_column(source, span));
        Problem { severity, line, column, setting, message }
    });
    let mut problems: Vec<Problem> = mistakes.chain(contradictions).collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

/// The place of a setting, or of the nearest section around it that the file has.
fn nearest<'p>(places: &'p BTreeMap<String, Range<usize>>, setting: &str) -> Option<&'p Range<usize>> {
    let mut path = setting;
    loop {
        if let Some(place) = places.get(path) {
            return Some(place);
        }
        path = path.rsplit_once('.')?.0;
    }
}

fn line_and_column(source: &str, span: &Range<usize>) -> (usize, usize) {
    let before = source.get(..span.start).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
