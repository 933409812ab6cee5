//! A store with its books, and all that can be seen of it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use followup_core::{
    BookId, DueOrder, DuePage, DueQuery, Head, ProspectId, Record, Revision, Store, StoreError,
};
use followup_store_memory::MemoryStore;
use followup_store_sqlite::SqliteStore;
use pollster::block_on;
use rusqlite::Connection;

use crate::changes::Change;

/// The books that are written to.
const BOOKS: [&str; 3] = ["main", "agency", "shop"];

const ORDERS: [DueOrder; 5] =
    [DueOrder::Rank, DueOrder::WakeAt, DueOrder::Latest, DueOrder::Automatic, DueOrder::Appointment];

/// A handle on each book of a store. The store is closed with the last of them.
pub(crate) struct Books(Vec<Arc<dyn Store>>);

impl Books {
    /// An empty store in memory.
    pub(crate) fn memory() -> Books {
        let store = MemoryStore::new();
        Books(names().map(|name| Arc::new(store.book(name)) as Arc<dyn Store>).collect())
    }

    /// The store in a file, as durable as a user gets it who says nothing about it.
    pub(crate) fn sqlite(path: &Path) -> Result<Books, StoreError> {
        let store = SqliteStore::open(path)?;
        Ok(Books(names().map(|name| Arc::new(store.book(name)) as Arc<dyn Store>).collect()))
    }

    /// The handle on a book.
    pub(crate) fn book(&self, book: usize) -> &dyn Store {
        &*self.0[book]
    }

    /// All that can be seen.
    pub(crate) fn look(&self) -> Result<Seen, StoreError> {
        let books = self.0.iter().map(|store| block_on(look(&**store)));
        Ok(Seen(books.collect::<Result<_, _>>()?))
    }

    /// Whether a change is there, which is or is not there as a whole.
    pub(crate) fn has(&self, change: &Change) -> Result<bool, StoreError> {
        let first = &change.appends()[0];
        let records = block_on(self.book(change.book()).history(&first.prospect))?;
        Ok(records.iter().any(|record| record.key == first.records[0].key))
    }
}

fn names() -> impl Iterator<Item = BookId> {
    BOOKS.into_iter().map(|name| BookId::new(name).expect("it is a book"))
}

/// All that can be seen of a store, book by book.
#[derive(Clone, PartialEq)]
pub(crate) struct Seen(Vec<SeenBook>);

/// All that can be seen of a book. Of the feed, the order alone: not every number is taken.
#[derive(Clone, PartialEq, Default)]
struct SeenBook {
    heads: Vec<Head>,
    journals: Vec<Vec<Record>>,
    due: Vec<DuePage>,
    feed: Vec<(ProspectId, Revision)>,
}

async fn look(store: &dyn Store) -> Result<SeenBook, StoreError> {
    let mut seen = SeenBook { heads: store.scan(None, usize::MAX).await?, ..SeenBook::default() };
    for head in &seen.heads {
        seen.journals.push(store.history(&head.prospect).await?);
    }
    for order in ORDERS {
        seen.due.push(store.due(DueQuery::new(order, usize::MAX)).await?);
    }
    let mut owned = DueQuery::new(DueOrder::Rank, usize::MAX);
    owned.owner = Some("ines".to_owned());
    seen.due.push(store.due(owned).await?);
    let feed = store.changes(0, usize::MAX).await?;
    seen.feed = feed.into_iter().map(|changed| (changed.prospect, changed.revision)).collect();
    Ok(seen)
}

impl Seen {
    /// Where two differ, in few words; `None` if they are the same.
    pub(crate) fn difference(&self, other: &Seen) -> Option<String> {
        let (book, (a, b)) = self.0.iter().zip(&other.0).enumerate().find(|(_, (a, b))| a != b)?;
        let what = if a.heads != b.heads {
            let revisions = |book: &SeenBook| {
                let heads = book.heads.iter().map(|head| format!("{}@{}", head.prospect, head.revision));
                heads.collect::<Vec<_>>().join(" ")
            };
            format!("heads [{}] and [{}]", revisions(a), revisions(b))
        } else if a.journals != b.journals {
            "the records of a journal".to_owned()
        } else if a.due != b.due {
            let orders =
                a.due.iter().zip(&b.due).map(|(a, b)| format!("{}/{}", a.entries.len(), b.entries.len()));
            format!("what is due ({})", orders.collect::<Vec<_>>().join(" "))
        } else {
            "the order of the feed".to_owned()
        };
        Some(format!("in the book {}: {what}", BOOKS[book]))
    }
}

/// Lets SQLite check a file that nobody has open.
pub(crate) fn check_integrity(path: &Path) -> Result<()> {
    let connection = Connection::open(path).context("cannot open the file to check it")?;
    let said: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .context("cannot check the file")?;
    ensure!(said == "ok", "SQLite finds the file damaged: {said}");
    Ok(())
}
