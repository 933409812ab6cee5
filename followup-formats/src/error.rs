//! Errors about a file as a whole.

use std::io;

/// An error that ends the reading of a file. A single row that cannot be used is a [`Reject`](crate::Reject) instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// An I/O error. The rows before it have been returned.
    #[error("failed to read the file after line {line}")]
    Io {
        /// The last line that was read completely.
        line: u64,
        /// The cause.
        source: io::Error,
    },
    /// The file has another format.
    #[error("cannot read the file: it is {what}; {instead}")]
    Unreadable {
        /// The format that the file seems to have.
        what: String,
        /// What to provide instead.
        instead: String,
    },
    /// The file is empty and has no header.
    #[error("the file is empty; expected a header line, or one JSON object per line")]
    Empty,
    /// The header cannot be used.
    #[error("line {line}: {why}; the header is: {}", listed(.header))]
    Header {
        /// The line of the header.
        line: u64,
        /// What is wrong, and what was expected.
        why: String,
        /// The columns in the header.
        header: Vec<String>,
    },
}

impl ReadError {
    pub(crate) fn unreadable(what: impl Into<String>, instead: impl Into<String>) -> ReadError {
        ReadError::Unreadable { what: what.into(), instead: instead.into() }
    }
}

/// The maximum number of columns that a message lists.
const LISTED_MAX: usize = 80;

fn listed(header: &[String]) -> String {
    let mut names: Vec<String> = header.iter().take(LISTED_MAX).map(|name| excerpt(name)).collect();
    if header.len() > LISTED_MAX {
        names.push(format!("and {} more", header.len() - LISTED_MAX));
    }
    names.join(", ")
}

/// Returns at most forty characters of an external text, without line breaks and other control characters.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
