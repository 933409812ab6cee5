//! A followup store in memory: the readable form of the store contract, for tests and for data that does not have to
//! outlive the process.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use followup_core::{ProspectId, Store};
//! use followup_core::store::{Append, HeadQuery, Record, Revision, Snapshot};
//! use followup_store_memory::MemoryStore;
//!
//! # pollster::block_on(async {
//! let store = MemoryStore::new();
//! let ada = ProspectId::new("p-17")?;
//! let at = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
//! let added = Record::new("crm-1", at, "added", "{}");
//! let change = Append::new(ada.clone(), Revision(0), vec![added], Snapshot::new(1, vec![7]));
//! store.append(vec![change]).await?;
//!
//! let heads = store.head(vec![HeadQuery::new(ada, vec![])]).await?;
//! assert_eq!(heads[0].as_ref().map(|head| head.revision), Some(Revision(1)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod book;
mod orders;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use async_trait::async_trait;
use book::Book;
use followup_core::store::{
    AddressHash, Append, Changed, Claim, ClaimPage, Document, DocumentQuery, DuePage, DueQuery, Erase, Head,
    HeadQuery, Record, Renewal, Since,
};
use followup_core::{BookId, ProspectId, Store, StoreError};

/// A store in memory. A clone is another handle on the same data.
///
/// A handle is scoped to one book, `main` unless it comes from [`MemoryStore::book`]. The data is lost when the last
/// handle is dropped.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    books: Arc<RwLock<BTreeMap<BookId, Book>>>,
    book: BookId,
}

impl MemoryStore {
    /// Returns an empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// Returns a handle on another book of the same store.
    #[must_use]
    pub fn book(&self, book: BookId) -> MemoryStore {
        MemoryStore { books: Arc::clone(&self.books), book }
    }

    fn read<T: Default>(&self, answer: impl FnOnce(&Book) -> T) -> T {
        let books = self.books.read().expect("nothing panics under the lock");
        books.get(&self.book).map(answer).unwrap_or_default()
    }

    fn write<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        let mut books = self.books.write().expect("nothing panics under the lock");
        change(books.entry(self.book.clone()).or_default())
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError> {
        self.write(|book| {
            // All changes are checked before the first is made, so that a refusal changes nothing.
            book.check(&changes)?;
            changes.into_iter().for_each(|change| book.apply(change));
            Ok(())
        })
    }

    async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError> {
        let none = vec![None; wanted.len()];
        let heads = self.read(|book| Some(wanted.iter().map(|query| book.head(query)).collect()));
        Ok(heads.unwrap_or(none))
    }

    async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError> {
        Ok(self.read(|book| book.history(prospect)))
    }

    async fn due(&self, query: DueQuery) -> Result<DuePage, StoreError> {
        self.read(|book| Some(book.due(&query))).unwrap_or_else(|| Ok(DuePage::default()))
    }

    async fn claim(&self, claim: Claim) -> Result<ClaimPage, StoreError> {
        Ok(self.write(|book| book.claim(claim)))
    }

    async fn renew(&self, renewal: Renewal) -> Result<(), StoreError> {
        self.write(|book| book.renew(renewal))
    }

    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Result<Vec<Option<Since>>, StoreError> {
        let none = vec![None; addresses.len()];
        Ok(self.read(|book| Some(book.suppressed(&addresses))).unwrap_or(none))
    }

    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError> {
        Ok(self.read(|book| book.scan(after, limit)))
    }

    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError> {
        Ok(self.read(|book| book.changes(after, limit)))
    }

    async fn erase(&self, mut erase: Erase) -> Result<(), StoreError> {
        (erase.append.due, erase.append.profile) = (None, None);
        self.write(|book| {
            book.check(std::slice::from_ref(&erase.append))?;
            erase.check(|key| book.has_key(&erase.append.prospect, key))?;
            book.erase(erase);
            Ok(())
        })
    }

    async fn save(&self, document: Document) -> Result<(), StoreError> {
        self.write(|book| book.save(document))
    }

    async fn documents(&self, query: DocumentQuery) -> Result<Vec<Document>, StoreError> {
        Ok(self.read(|book| book.documents(&query)))
    }
}
