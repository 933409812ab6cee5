//! Whether all that lies in the file is what was written: the report. Looking is in [`scan`].

mod scan;

use std::fmt;

use followup_core::{BookId, ProspectId, StoreError};

use crate::SqliteStore;
use crate::open;

/// How many findings a report lists. A file that is damaged all over is not read better for a longer list.
const FINDINGS_MAX: usize = 10_000;

/// What looking at every row of a store has found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Integrity {
    /// What is wrong, at most 10,000 of it: first what SQLite itself finds, then row by row.
    pub findings: Vec<Unsound>,
    /// How much more is wrong than is listed.
    pub omitted: u64,
    /// How much was looked at.
    pub checked: Checked,
}

impl Integrity {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn note(&mut self, place: Place, what: String) {
        match self.findings.len() {
            FINDINGS_MAX.. => self.omitted += 1,
            _ => self.findings.push(Unsound { place, what }),
        }
    }
}

/// How many rows were looked at, in all books.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Checked {
    /// Books.
    pub books: u64,
    /// Prospects.
    pub prospects: u64,
    /// Records of all journals.
    pub records: u64,
    /// Due entries.
    pub due_entries: u64,
    /// Claims, in force or not.
    pub claims: u64,
    /// Profiles.
    pub profiles: u64,
    /// Suppressed addresses.
    pub suppressions: u64,
    /// Versions of documents.
    pub documents: u64,
}

/// Something that is not as it was written. It holds no personal data.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Unsound {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub what: String,
}

/// A place in a store.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Place {
    /// The file as a whole.
    File,
    /// A book.
    Book(BookId),
    /// A prospect of a book, with its journal.
    Prospect(BookId, ProspectId),
    /// A row of a table by its `rowid`; where it has none, by its place in the order of the primary key, from 1.
    Row(&'static str, i64),
}

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File => write!(f, "the file: {}", self.what),
            Place::Book(book) => write!(f, "book {book}: {}", self.what),
            Place::Prospect(book, id) => write!(f, "prospect {id} of book {book}: {}", self.what),
            Place::Row(table, row) => write!(f, "row {row} of {table}: {}", self.what),
        }
    }
}

impl SqliteStore {
    /// Looks at every row of every book, as they are at one moment, while others read and write: at SQLite's own
    /// structures and its indexes, at all checksums, at whether journals are whole and in their order, at rows that
    /// belong to nobody, and at what is kept twice.
    ///
    /// It runs on the caller's thread and reads the whole file twice. As long as it runs, the log beside the file is
    /// not shortened. It keeps one journal's numbers in memory at a time, and a few numbers for each book. A store in
    /// memory takes no changes meanwhile.
    ///
    /// # Errors
    /// What is damaged is a finding, not an error. [`StoreErrorKind`](followup_core::StoreErrorKind)`::Busy` or
    /// `::Unavailable` if it cannot be read for other reasons.
    pub fn check_integrity(&self) -> Result<Integrity, StoreError> {
        let report = match &self.connections.readers {
            Some(readers) => {
                open::reader(readers.setting()).and_then(|connection| scan::inspect(&connection))
            }
            None => self.connections.writer.connection().and_then(|reader| scan::inspect(&reader.connection)),
        };
        report.map_err(|failure| failure.into_error("check the integrity of the store"))
    }
}
