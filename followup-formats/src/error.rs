//! Files that cannot be read at all.

use std::io;

/// Why a file cannot be read, or not to its end. A row that is wrong is a [`Reject`](crate::Reject) instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Reading failed; what came before was handed out.
    #[error("reading failed after line {line}")]
    Io {
        /// The last line that was read whole.
        line: u64,
        /// What failed.
        source: io::Error,
    },
    /// The file is something else.
    #[error("it cannot be read: it is {what}; {instead}")]
    Unreadable {
        /// What it is.
        what: String,
        /// What would be right.
        instead: String,
    },
    /// The file holds nothing, not even a header.
    #[error("the file is empty: it takes a header line, or one JSON object a line")]
    Empty,
    /// The header cannot be used.
    #[error("line {line}: {why}; the header is: {}", listed(.header))]
    Header {
        /// The line on which it stands.
        line: u64,
        /// What is wrong and what would be right.
        why: String,
        /// The columns that it names.
        header: Vec<String>,
    },
}

impl ReadError {
    pub(crate) fn unreadable(what: impl Into<String>, instead: impl Into<String>) -> ReadError {
        ReadError::Unreadable { what: what.into(), instead: instead.into() }
    }
}

/// The most columns of a header that a message lists.
const LISTED_MAX: usize = 80;

fn listed(header: &[String]) -> String {
    let mut names: Vec<String> = header.iter().take(LISTED_MAX).map(|name| excerpt(name)).collect();
    if header.len() > LISTED_MAX {
        names.push(format!("and {} more", header.len() - LISTED_MAX));
    }
    names.join(", ")
}

/// At most forty characters of a text that came from outside, without line breaks and other controls.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
