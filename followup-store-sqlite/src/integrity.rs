//! The report of an integrity check. The check itself is in [`scan`].

mod scan;

use std::fmt;

use followup_core::{BookId, ProspectId, StoreError};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::SqliteStore;
use crate::open;

/// Maximum number of findings in a report. For a file that is damaged all over, a longer list is of no more use.
const FINDINGS_MAX: usize = 10_000;

/// The result of checking every row of a store.
///
/// # Examples
/// ```
/// use followup_core::store::{Append, Record, Revision, Snapshot};
/// use followup_core::{ProspectId, Store};
/// use followup_store_sqlite::{Checked, Integrity, Place, SqliteStore, Unsound};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("crm.db");
/// # pollster::block_on(async {
/// let store = SqliteStore::open(&path)?;
/// let ada = ProspectId::new("p-17")?;
/// let added = Record::new("crm-1", "2026-03-06T14:00:00Z".parse()?, "added", "{}");
/// store.append(vec![Append::new(ada, Revision(0), vec![added], Snapshot::new(1, vec![7]))]).await?;
/// let report: Integrity = store.check_integrity()?;
/// let Checked { books, prospects, records, .. } = report.checked;
/// assert_eq!((report.is_sound(), books, prospects, records), (true, 1, 1, 1));
///
/// // Damage one record, behind the back of the store.
/// # let connection = rusqlite::Connection::open(&path)?;
/// connection.execute("UPDATE followup_record SET body = '[]'", [])?;
/// let report = store.check_integrity()?;
/// let Unsound { place, what, .. } = &report.findings[0];
/// assert!(matches!(place, Place::Prospect(_, id) if id.as_str() == "p-17"), "{place:?}: {what}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Integrity {
    /// The findings, at most 10,000: first those of SQLite itself, then those of each row.
    pub findings: Vec<Unsound>,
    /// Number of further findings that are not listed.
    pub omitted: u64,
    /// Numbers of rows that were checked.
    pub checked: Checked,
}

impl Integrity {
    /// Returns true if there are no findings.
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

/// Numbers of rows that were checked, in all books.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
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
    /// Claims, in force or ended.
    pub claims: u64,
    /// Profiles.
    pub profiles: u64,
    /// Suppressed addresses.
    pub suppressions: u64,
    /// Versions of documents.
    pub documents: u64,
}

/// A finding: data that is not as it was written. It contains no personal data.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Unsound {
    /// Where it was found.
    pub place: Place,
    /// Description of the damage.
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
    /// A row of a table, by its `rowid` or, in a table without one, by its position in primary-key order, from 1.
    Row(&'static str, i64),
}

/// Serializes with `sound`, whether there are no findings.
impl Serialize for Integrity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Integrity", 4)?;
        fields.serialize_field("sound", &self.is_sound())?;
        fields.serialize_field("checked", &self.checked)?;
        fields.serialize_field("findings", &self.findings)?;
        fields.serialize_field("omitted", &self.omitted)?;
        fields.end()
    }
}

/// Serializes the place as `book`, `prospect`, `table` and `row`, null where they do not apply.
impl Serialize for Unsound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (book, prospect, table, row) = match &self.place {
            Place::File => (None, None, None, None),
            Place::Book(book) => (Some(book), None, None, None),
            Place::Prospect(book, prospect) => (Some(book), Some(prospect), None, None),
            Place::Row(table, row) => (None, None, Some(*table), Some(*row)),
        };
        let mut fields = serializer.serialize_struct("Unsound", 5)?;
        fields.serialize_field("book", &book)?;
        fields.serialize_field("prospect", &prospect)?;
        fields.serialize_field("table", &table)?;
        fields.serialize_field("row", &row)?;
        fields.serialize_field("what", &self.what)?;
        fields.end()
    }
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
    /// Checks every row of every book as of one moment, while others read and write: SQLite's own structures and its
    /// indexes, all checksums, that journals are complete and in order, that no row is orphaned, and that data which
    /// is stored twice agrees.
    ///
    /// The check runs on the caller's thread and reads the whole file twice. While it runs, the write-ahead log is not
    /// truncated. It keeps one journal's numbers in memory at a time, and a few numbers for each book. A store in
    /// memory accepts no changes meanwhile.
    ///
    /// # Errors
    /// Damage is a finding, not an error. [`StoreErrorKind`](followup_core::store::StoreErrorKind)`::Busy` or
    /// `::Unavailable` if the store cannot be read for other reasons.
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
