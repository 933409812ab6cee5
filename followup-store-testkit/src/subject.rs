//! A store under test: the handles that a case gets, and the resources under them.

use std::any::Any;

use followup_core::{BookId, Store};

/// A maker of new, empty stores.
///
/// Any function or closure that returns a [`Subject`] is one.
pub trait Factory: Sync {
    /// Makes a new, empty store that shares nothing with any other.
    fn make(&self) -> Subject;
}

impl<F: Fn() -> Subject + Sync> Factory for F {
    fn make(&self) -> Subject {
        self()
    }
}

/// A function that returns a handle on a book of a store.
type Books = Box<dyn Fn(BookId) -> Box<dyn Store> + Send + Sync>;

/// A function that opens the same data again.
type Open = Box<dyn Fn() -> Books + Send + Sync>;

/// An empty store under test. Dropping it closes the store and cleans up.
pub struct Subject {
    // Fields are dropped in this order: first the handles, then the resources under them.
    opened: Option<Opened>,
    open: Option<Open>,
    /// Resources that are dropped last.
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
    BookId::new("agency").expect("the book id is valid")
}

/// Returns the function that gives handles on the books of an open store.
fn books<S, T>(store: S, book: impl Fn(&S, BookId) -> T + Send + Sync + 'static) -> Books
where
    S: Send + Sync + 'static,
    T: Store + 'static,
{
    Box::new(move |id| Box::new(book(&store, id)))
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

impl Subject {
    /// Returns a volatile store, whose data is lost when it is closed.
    ///
    /// `book` returns a handle on a book of the same data, also if that book already has one.
    pub fn new<S, T>(store: S, book: impl Fn(&S, BookId) -> T + Send + Sync + 'static) -> Subject
    where
        S: Send + Sync + 'static,
        T: Store + 'static,
    {
        Subject { opened: Some(Opened::new(books(store, book))), open: None, _beneath: Box::new(()) }
    }

    /// Returns a store that can be closed and opened again. `open` is called now, and at each reopening after all
    /// handles have been dropped. It has to open the same data each time.
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

    /// Keeps a resource until the store is dropped, for example a directory that is removed on drop.
    #[must_use]
    pub fn upon(self, beneath: impl Any + Send + Sync) -> Subject {
        Subject { _beneath: Box::new((beneath, self._beneath)), ..self }
    }

    fn opened(&self) -> &Opened {
        self.opened.as_ref().expect("the store is open except during a reopening")
    }

    /// Returns a handle on the book `main`.
    pub fn store(&self) -> &dyn Store {
        &*self.opened().main
    }

    /// Returns a handle on another book of the same store.
    pub fn other_book(&self) -> &dyn Store {
        &*self.opened().other
    }

    /// Returns a new handle on the book `main`.
    pub fn another_handle(&self) -> Box<dyn Store> {
        (self.opened().books)(BookId::default())
    }

    /// Returns true if the store can be closed and opened again.
    pub fn can_be_reopened(&self) -> bool {
        self.open.is_some()
    }

    /// Closes the store and opens it again.
    ///
    /// # Panics
    /// If the store [cannot](Subject::can_be_reopened) be opened again. Mark it as `volatile` in the suite then.
    pub fn reopen(&mut self) {
        let open = self
            .open
            .as_ref()
            .expect("this store cannot be reopened; mark it as volatile: `suite!(name, factory, volatile)`");
        self.opened = None;
        self.opened = Some(Opened::new(open()));
    }
}
