//! A store to be tried: the handles that a case gets, and what lies under them.

use std::any::Any;

use followup_core::{BookId, Store};

/// Makes new stores with nothing in them.
///
/// Any function or closure that gives a [`Subject`] is one.
pub trait Factory: Sync {
    /// A new store with nothing in it, which shares nothing with any other.
    fn make(&self) -> Subject;
}

impl<F: Fn() -> Subject + Sync> Factory for F {
    fn make(&self) -> Subject {
        self()
    }
}

/// Gives a handle on a book of a store.
type Books = Box<dyn Fn(BookId) -> Box<dyn Store> + Send + Sync>;

/// Opens the same data again.
type Open = Box<dyn Fn() -> Books + Send + Sync>;

/// A store to be tried, with nothing in it. Dropping it closes the store and cleans up.
pub struct Subject {
    // The order is that of dropping: first the handles, then what they stand on.
    opened: Option<Opened>,
    open: Option<Open>,
    /// Kept to be dropped last.
    _beneath: Box<dyn Any + Send + Sync>,
}

struct Opened {
    main: Box<dyn Store>,
    other: Box<dyn Store>,
    books: Books,
}

impl Opened {
    fn new(books: Books) -> Opened {
        Opened { main: books(BookId::default()), other: books(other_book()), books }
    }
}

fn other_book() -> BookId {
    BookId::new("agency").expect("it is a book")
}

/// The books of a store that has been opened.
fn books<S, T>(store: S, book: impl Fn(&S, BookId) -> T + Send + Sync + 'static) -> Books
where
    S: Send + Sync + 'static,
    T: Store + 'static,
{
    Box::new(move |id| Box::new(book(&store, id)))
}

impl Subject {
    /// A store of which nothing is left once it is closed.
    ///
    /// `book` gives a handle on a book of the same data, also the same book twice.
    pub fn new<S, T>(store: S, book: impl Fn(&S, BookId) -> T + Send + Sync + 'static) -> Subject
    where
        S: Send + Sync + 'static,
        T: Store + 'static,
    {
        Subject { opened: Some(Opened::new(books(store, book))), open: None, _beneath: Box::new(()) }
    }

    /// A store that can be closed and opened again: `open` is called now, and at each reopening after all handles have
    /// been dropped. What it opens has to be the same data each time.
    pub fn reopening<S, T>(
        open: impl Fn() -> S + Send + Sync + 'static,
        book: impl Fn(&S, BookId) -> T + Clone + Send + Sync + 'static,
    ) -> Subject
    where
        S: Send + Sync + 'static,
        T: Store + 'static,
    {
        let open: Open = Box::new(move || books(open(), book.clone()));
        Subject { opened: Some(Opened::new(open())), open: Some(open), _beneath: Box::new(()) }
    }

    /// Keeps something until the store is gone, say a directory that removes itself when it is dropped.
    #[must_use]
    pub fn upon(self, beneath: impl Any + Send + Sync) -> Subject {
        Subject { _beneath: Box::new((beneath, self._beneath)), ..self }
    }

    fn opened(&self) -> &Opened {
        self.opened.as_ref().expect("it is open but while it is opened again")
    }

    /// The store, at the book `main`.
    pub fn store(&self) -> &dyn Store {
        &*self.opened().main
    }

    /// The same store, another book.
    pub fn other_book(&self) -> &dyn Store {
        &*self.opened().other
    }

    /// One more handle on the book `main`.
    pub fn another_handle(&self) -> Box<dyn Store> {
        (self.opened().books)(BookId::default())
    }

    /// Whether it can be closed and opened again.
    pub fn can_be_reopened(&self) -> bool {
        self.open.is_some()
    }

    /// Closes the store and opens it again.
    ///
    /// # Panics
    /// If it [cannot](Subject::can_be_reopened) be opened again: then the suite has to be told so, with `volatile`.
    pub fn reopen(&mut self) {
        let open = self.open.as_ref().expect(
            "a store of which nothing is left has no reopening to try: say `volatile` in `suite!(name, factory, volatile)`",
        );
        self.opened = None;
        self.opened = Some(Opened::new(open()));
    }
}
