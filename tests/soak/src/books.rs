//! A store with its books, and everything that can be read from it.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use followup::store::{
    Document, DocumentQuery, DueOrder, DuePage, DueQuery, Head, HeadQuery, Record, Revision,
};
use followup::{BookId, ProspectId, Store, StoreError};
use followup_store_memory::MemoryStore;
use followup_store_sqlite::SqliteStore;
use pollster::block_on;
use rusqlite::Connection;

use crate::draft::{KINDS, addresses};

/// The names of the books.
const BOOKS: [&str; 3] = ["main", "agency", "shop"];

const ORDERS: [DueOrder; 3] = [DueOrder::Rank, DueOrder::WakeAt, DueOrder::Appointment];

/// A handle to each book of a store. The store closes when the last handle is dropped.
pub(crate) struct Books(Vec<Arc<dyn Store>>);

impl Books {
    /// Creates an empty store in memory.
    pub(crate) fn memory() -> Books {
        let store = MemoryStore::new();
        Books(names().map(|name| Arc::new(store.book(name)) as Arc<dyn Store>).collect())
    }

    /// Opens the store in a file with the default durability.
    pub(crate) fn sqlite(path: &Path) -> Result<Books, StoreError> {
        let store = SqliteStore::open(path)?;
        Ok(Books(names().map(|name| Arc::new(store.book(name)) as Arc<dyn Store>).collect()))
    }

    /// The handle to a book.
    pub(crate) fn book(&self, book: usize) -> &dyn Store {
        &*self.0[book]
    }

    /// Reads everything.
    pub(crate) fn look(&self) -> Result<Seen, StoreError> {
        let books = self.0.iter().map(|store| block_on(look(&**store)));
        Ok(Seen(books.collect::<Result<_, _>>()?))
    }

    /// Reads everything, with a separate result for each question.
    pub(crate) fn answers(&self, prospects: &[Vec<ProspectId>]) -> Vec<Answer> {
        let books = self.0.iter().zip(prospects);
        books.flat_map(|(store, prospects)| block_on(answers(&**store, prospects))).collect()
    }
}

/// The answer to a question: its rows or an error.
pub(crate) struct Answer {
    /// The name of the question.
    pub(crate) question: &'static str,
    pub(crate) rows: Result<Vec<String>, StoreError>,
}

impl Answer {
    fn new<T: Debug>(question: &'static str, rows: Result<Vec<T>, StoreError>) -> Answer {
        Answer { question, rows: rows.map(|rows| rows.iter().map(|row| format!("{row:?}")).collect()) }
    }
}

fn names() -> impl Iterator<Item = BookId> {
    BOOKS.into_iter().map(|name| BookId::new(name).expect("the book id is valid"))
}

/// Everything that can be read from a store, book by book.
#[derive(Clone, PartialEq)]
pub(crate) struct Seen(Vec<SeenBook>);

/// Everything that can be read from a book. The feed is kept without its numbers, because they may have gaps.
#[derive(Clone, PartialEq, Default)]
struct SeenBook {
    heads: Vec<Head>,
    journals: Vec<Vec<Record>>,
    due: Vec<DuePage>,
    feed: Vec<(ProspectId, Revision)>,
    suppressed: Vec<Option<DateTime<Utc>>>,
    documents: Vec<Document>,
}

async fn look(store: &dyn Store) -> Result<SeenBook, StoreError> {
    let mut seen = SeenBook { heads: store.scan(None, usize::MAX).await?, ..SeenBook::default() };
    for head in &seen.heads {
        seen.journals.push(store.history(&head.prospect).await?);
    }
    for query in queries() {
        seen.due.push(store.due(query).await?);
    }
    let feed = store.changes(0, usize::MAX).await?;
    seen.feed = feed.into_iter().map(|changed| (changed.prospect, changed.revision)).collect();
    seen.suppressed = store.suppressed(addresses()).await?;
    for kind in KINDS {
        seen.documents.extend(store.documents(DocumentQuery::new(kind)).await?);
    }
    Ok(seen)
}

/// One query per order, and one for a single owner.
fn queries() -> impl Iterator<Item = DueQuery> {
    let mut owned = DueQuery::new(DueOrder::Rank, usize::MAX);
    owned.owner = Some("ines".to_owned());
    ORDERS.into_iter().map(|order| DueQuery::new(order, usize::MAX)).chain([owned])
}

async fn answers(store: &dyn Store, prospects: &[ProspectId]) -> Vec<Answer> {
    let mut answers = vec![Answer::new("scan", store.scan(None, usize::MAX).await)];
    for prospect in prospects {
        let head = store.head(vec![HeadQuery::new(prospect.clone(), vec![])]).await;
        // An unknown prospect has no row.
        answers.push(Answer::new("head", head.map(|heads| heads.into_iter().flatten().collect())));
        answers.push(Answer::new("history", store.history(prospect).await));
    }
    for query in queries() {
        let (newest, entries) = match store.due(query).await {
            Ok(page) => (Ok(page.newest_event_at.into_iter().collect()), Ok(page.entries)),
            Err(error) => (Err(StoreError::new(error.kind(), error.to_string())), Err(error)),
        };
        answers.extend([Answer::new("newest event", newest), Answer::new("due", entries)]);
    }
    answers.push(Answer::new("feed", store.changes(0, usize::MAX).await));
    let suppressed = store.suppressed(addresses()).await;
    let suppressed =
        suppressed.map(|since| since.into_iter().zip(addresses()).filter(|(since, _)| since.is_some()));
    answers.push(Answer::new("suppressed", suppressed.map(Iterator::collect)));
    for kind in KINDS {
        answers.push(Answer::new("documents", store.documents(DocumentQuery::new(kind)).await));
    }
    answers
}

impl Seen {
    /// Describes the first difference briefly; `None` if both are equal.
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
            format!("due entries ({})", orders.collect::<Vec<_>>().join(" "))
        } else if a.feed != b.feed {
            "the order of the feed".to_owned()
        } else {
            "suppressions or documents".to_owned()
        };
        Some(format!("in the book {}: {what}", BOOKS[book]))
    }

    /// The prospects of each book.
    pub(crate) fn prospects(&self) -> Vec<Vec<ProspectId>> {
        let ids = |book: &SeenBook| book.heads.iter().map(|head| head.prospect.clone()).collect();
        self.0.iter().map(ids).collect()
    }

    /// The same without the order of the feed, which is undefined for concurrent writers.
    pub(crate) fn without_feed_order(mut self) -> Seen {
        self.0.iter_mut().for_each(|book| book.feed.sort());
        self
    }
}

/// Runs SQLite's integrity check on a closed file.
pub(crate) fn check_integrity(path: &Path) -> Result<()> {
    let connection = Connection::open(path).context("cannot open the file to check it")?;
    let said: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .context("cannot check the file")?;
    ensure!(said == "ok", "SQLite reports a damaged file: {said}");
    Ok(())
}
