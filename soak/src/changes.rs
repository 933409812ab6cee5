//! One change to a store.

use followup_core::{Append, Erase, StoreError};
use pollster::block_on;

use crate::books::Books;

/// What one caller wants written: all of it or nothing.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    book: usize,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Append(Vec<Append>),
    Erase(Box<Erase>),
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

    pub(crate) fn book(&self) -> usize {
        self.book
    }

    /// What it appends, at least to one prospect.
    pub(crate) fn appends(&self) -> &[Append] {
        match &self.what {
            What::Append(appends) => appends,
            What::Erase(erase) => std::slice::from_ref(&erase.append),
        }
    }

    /// Sends it, and waits until it is acknowledged or refused.
    pub(crate) fn send(&self, books: &Books) -> Result<(), StoreError> {
        block_on(self.start(books))
    }

    /// A future that sends it when it is first polled.
    pub(crate) async fn start(&self, books: &Books) -> Result<(), StoreError> {
        let store = books.book(self.book);
        match &self.what {
            What::Append(appends) => store.append(appends.clone()).await,
            What::Erase(erase) => store.erase(Erase::clone(erase)).await,
        }
    }
}
