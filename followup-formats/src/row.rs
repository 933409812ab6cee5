//! What a file of events yields, row by row.

use followup_core::Event;

/// One thing that a file of events yields.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every row is an event, so that a box would only cost time"
)]
pub enum Row {
    /// An event.
    Imported {
        /// The line on which its row begins, from 1.
        line: u64,
        /// Whose event it is.
        prospect: String,
        /// What happened. Its key is empty if the row has none; its `seq` as the reader's documentation says.
        event: Event,
    },
    /// A row that is wrong; the next ones are read nevertheless.
    Rejected(Reject),
}

/// A row that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Reject {
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// The column, or the field of the JSON object, where one of them is to blame.
    pub column: Option<String>,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl Reject {
    /// A row that is wrong as a whole.
    pub fn new(line: u64, reason: impl Into<String>) -> Reject {
        Reject { line, column: None, reason: reason.into() }
    }

    /// Names the column that is to blame.
    #[must_use]
    pub fn at(self, column: impl Into<String>) -> Reject {
        Reject { column: Some(column.into()), ..self }
    }
}

impl std::fmt::Display for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, {column}: {}", self.line, self.reason),
            None => write!(f, "line {}: {}", self.line, self.reason),
        }
    }
}
