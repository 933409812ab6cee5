//! The items that a reader of events yields.

use followup_core::Event;

/// An item that a reader of events yields.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "nearly every row is an event, so a box would only cost time")]
pub enum Row {
    /// An event.
    Imported {
        /// The line on which the row begins, counted from 1.
        line: u64,
        /// The id of the prospect.
        prospect: String,
        /// The event. Its key is empty if the row has none. Its `seq` is set as documented for the reader.
        event: Event,
    },
    /// A row that cannot be used. Reading continues with the next row.
    Rejected(Reject),
}

/// A row that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Reject {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// The column, or the field of the JSON object, if a single one is at fault.
    pub column: Option<String>,
    /// What is wrong, and what was expected.
    pub reason: String,
}

impl Reject {
    /// Creates a reject without a column.
    pub fn new(line: u64, reason: impl Into<String>) -> Reject {
        Reject { line, column: None, reason: reason.into() }
    }

    /// Sets the column that is at fault.
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
