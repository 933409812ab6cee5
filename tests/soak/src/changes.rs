//! One change to a store.

use followup::StoreError;
use followup::store::{Append, Document, DocumentQuery, Erase};
use pollster::block_on;

use crate::books::Books;

/// One atomic change that a caller sends to a store.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    book: usize,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Append(Vec<Append>),
    Erase(Box<Erase>),
    Save(Box<Document>),
}

impl Change {
    /// An append to one or more prospects of a book.
    pub(crate) fn append(book: usize, appends: Vec<Append>) -> Change {
        Change { book, what: What::Append(appends) }
    }

    /// The removal of a person from a book.
    pub(crate) fn erase(book: usize, erase: Erase) -> Change {
        Change { book, what: What::Erase(Box::new(erase)) }
    }

    /// A version of a document of a book.
    pub(crate) fn save(book: usize, document: Document) -> Change {
        Change { book, what: What::Save(Box::new(document)) }
    }

    /// Whether the store contains the change. Changes are atomic, so looking for one part of it is enough.
    pub(crate) fn is_in(&self, books: &Books) -> Result<bool, StoreError> {
        let store = books.book(self.book);
        let append = match &self.what {
            What::Append(appends) => &appends[0],
            What::Erase(erase) => &erase.append,
            What::Save(document) => {
                let query = DocumentQuery::new(document.kind).named(&document.name);
                return Ok(block_on(store.documents(query))?.contains(document));
            }
        };
        let records = block_on(store.history(&append.prospect))?;
        Ok(records.iter().any(|record| record.key == append.records[0].key))
    }

    /// Sends the change and waits until it is acknowledged or refused.
    pub(crate) fn send(&self, books: &Books) -> Result<(), StoreError> {
        block_on(self.start(books))
    }

    /// Sends the change when the returned future is first polled.
    pub(crate) async fn start(&self, books: &Books) -> Result<(), StoreError> {
        let store = books.book(self.book);
        match &self.what {
            What::Append(appends) => store.append(appends.clone()).await,
            What::Erase(erase) => store.erase(Erase::clone(erase)).await,
            What::Save(document) => store.save(Document::clone(document)).await,
        }
    }
}
