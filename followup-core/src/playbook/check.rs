//! Checks a playbook and reports all mistakes at once, each with its place.

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

/// The maximum size of a playbook, in bytes.
const BYTES_MAX: usize = 1 << 20;

/// A mistake in a playbook, or a warning about it.
///
/// # Examples
/// ```
/// use followup_core::Playbook;
/// use followup_core::playbook::Problem;
///
/// let error = Playbook::parse("version = 1\nnurture = 1\n").unwrap_err();
/// let problem: &Problem = &error.problems()[0];
/// assert_eq!((problem.line, problem.column, problem.setting.as_str()), (2, 11, "nurture"));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Whether the playbook can be used.
    pub severity: Severity,
    /// The line, counted from 1; 0 if the playbook does not come from a file or the file does not have the setting.
    pub line: usize,
    /// The column in characters, counted from 1; 0 if the line is 0.
    pub column: usize,
    /// The setting, such as `cadence.hot.from`; empty for a problem of the whole file.
    pub setting: String,
    /// The message: what is wrong, and what is expected.
    pub message: String,
}

text_enum! {
    /// Whether a playbook with a problem can be used.
    Severity, "severity" {
        /// The playbook cannot be used.
        Error = "error",
        /// The playbook can be used.
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

/// The error for a playbook that cannot be used, with all its mistakes.
///
/// # Examples
/// ```
/// use followup_core::Playbook;
///
/// let error = Playbook::parse("nurture = 1\nversion = \"1\"\n").unwrap_err();
/// assert_eq!(error.problems().len(), 2);
/// assert_eq!(
///     error.problems()[0].to_string(),
///     "1:11: error: nurture: expected true or false, found an integer"
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaybookError {
    problems: Vec<Problem>,
}

impl PlaybookError {
    /// Returns all mistakes and warnings, by line and column.
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

/// Reads settings from TOML and returns them with all problems.
pub(super) fn read(toml: &str) -> (Settings, Vec<Problem>) {
    let mut reader = Reader::new(toml);
    if toml.len() > BYTES_MAX {
        let message = format!("the playbook is larger than {BYTES_MAX} bytes");
        reader.mistake(0..0, message);
        return (Settings::default(), located(Vec::new(), Some(reader)));
    }
    let (table, syntax) = DeTable::parse_recoverable(toml);
    for error in &syntax {
        reader.mistake(error.span().unwrap_or(0..0), error.message().to_owned());
    }
    // After a syntax error, the rest of the file may read as something that was not meant.
    if !syntax.is_empty() {
        return (Settings::default(), located(Vec::new(), Some(reader)));
    }
    let span = table.span();
    let root = Spanned::new(span, DeValue::Table(table.into_inner()));
    let settings = Settings::read(&root, &mut reader).unwrap_or_default();
    let contradictions = contradictions(&settings);
    (settings, located(contradictions, Some(reader)))
}

/// Places each contradiction at the setting that it names.
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

/// Returns the place of a setting, or of the nearest enclosing section that the file has.
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
