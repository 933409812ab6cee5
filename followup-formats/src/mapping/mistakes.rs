//! Mistakes in a mapping file, collected and located.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::excerpt;

/// A value in the file, with its position.
pub(super) type Node<'v> = Spanned<DeValue<'v>>;

/// A mistake in a mapping file.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct MappingProblem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The setting, such as `event.0.fields.channel`.
    pub setting: String,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for MappingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        match self.setting.as_str() {
            "" => f.write_str(&self.message),
            setting => write!(f, "{setting}: {}", self.message),
        }
    }
}

/// The mistakes in a mapping file that cannot be used.
///
/// # Examples
/// ```
/// use followup_formats::{Mapping, MappingError, MappingProblem};
///
/// let text = "prospect = \"ticket\"\ntime = 7\n[[event]]\nevent = \"smiled\"\n";
/// let error: MappingError = Mapping::parse(text).unwrap_err();
/// let place = |problem: &MappingProblem| (problem.line, problem.setting.clone());
/// let places: Vec<_> = error.problems().iter().map(place).collect();
/// assert_eq!(places, [(2, "time".to_owned()), (4, "event.0".to_owned())]);
/// assert!(error.to_string().contains("unknown event \"smiled\""));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MappingError {
    problems: Vec<MappingProblem>,
}

impl MappingError {
    /// Returns every mistake, ordered by line and column.
    pub fn problems(&self) -> &[MappingProblem] {
        &self.problems
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.problems.iter().map(MappingProblem::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for MappingError {}

/// The maximum number of mistakes collected; a file with more is hardly a mapping.
const MISTAKES_MAX: usize = 100;

/// A collector of the mistakes found while a mapping is parsed.
#[derive(Default)]
pub(super) struct Mistakes {
    found: Vec<(Range<usize>, String, String)>,
    path: Vec<String>,
}

impl Mistakes {
    pub(super) fn add(&mut self, place: Range<usize>, message: impl Into<String>) {
        if self.found.len() < MISTAKES_MAX {
            self.found.push((place, self.path.join("."), message.into()));
        }
    }

    pub(super) fn enter(&mut self, key: impl Into<String>) {
        self.path.push(key.into());
    }

    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// Returns the mistakes with lines and columns; `None` if there are none.
    pub(super) fn into_error(self, source: &str) -> Option<MappingError> {
        let located = self.found.into_iter().map(|(place, setting, message)| {
            let before = source.get(..place.start).unwrap_or(source);
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let line = before.matches('\n').count() + 1;
            MappingProblem { line, column: before[line_start..].chars().count() + 1, setting, message }
        });
        let mut problems: Vec<_> = located.collect();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        // A setting of the whole file is checked for every event, and would be reported each time.
        problems.dedup_by(|later, earlier| {
            later.message == earlier.message && later.line == earlier.line && later.column == earlier.column
        });
        (!problems.is_empty()).then_some(MappingError { problems })
    }

    fn expected<T>(&mut self, node: &Node<'_>, what: &str, found: Option<T>) -> Option<T> {
        if found.is_none() {
            let kind = node.get_ref().type_str();
            let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            self.add(node.span(), format!("expected {what}, found {article} {kind}"));
        }
        found
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node<'_>, what: &str) -> Option<&'n str> {
        let text = self.expected(node, what, node.get_ref().as_str())?;
        if text.is_empty() {
            self.add(node.span(), format!("expected {what}, found an empty string"));
            return None;
        }
        Some(text)
    }

    pub(super) fn flag(&mut self, node: &Node<'_>) -> Option<bool> {
        self.expected(node, "true or false", node.get_ref().as_bool())
    }

    /// Returns the value of a cell: text, or a number or Boolean as it would be written in the cell.
    pub(super) fn cell(&mut self, node: &Node<'_>) -> Option<String> {
        let text = match node.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            DeValue::Boolean(flag) => Some(flag.to_string()),
            DeValue::Datetime(datetime) => Some(datetime.to_string()),
            _ => None,
        };
        self.expected(node, "the text of a cell", text)
    }

    /// Returns the values of one cell or a list of cells.
    pub(super) fn cells(&mut self, node: &Node<'_>) -> Option<Vec<String>> {
        let Some(items) = node.get_ref().as_array() else {
            return self.cell(node).map(|cell| vec![cell]);
        };
        if items.is_empty() {
            self.add(node.span(), "empty list; expected at least one value");
            return None;
        }
        items.iter().map(|item| self.cell(item)).collect()
    }

    /// Returns a table with any keys.
    pub(super) fn any_table<'n, 'v>(&mut self, node: &'n Node<'v>) -> Option<&'n DeTable<'v>> {
        self.expected(node, "a table", node.get_ref().as_table())
    }

    /// Returns a table. Unknown keys are mistakes.
    pub(super) fn table<'n, 'v>(&mut self, node: &'n Node<'v>, known: &[&str]) -> Option<&'n DeTable<'v>> {
        let table = self.any_table(node)?;
        for (key, _) in table {
            if !known.contains(&key.get_ref().as_ref()) {
                let name = excerpt(key.get_ref());
                self.add(
                    key.span(),
                    format!("unknown key \"{name}\"; expected one of: {}", known.join(", ")),
                );
            }
        }
        Some(table)
    }

    pub(super) fn list<'n, 'v>(
        &mut self,
        node: &'n Node<'v>,
        what: &str,
    ) -> Option<&'n toml::de::DeArray<'v>> {
        self.expected(node, what, node.get_ref().as_array())
    }
}
