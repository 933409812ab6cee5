//! Reading: a pool of connections.

use std::cell::RefCell;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use followup_core::BookId;
use rusqlite::Connection;

use crate::dictionary::Dictionary;
use crate::errors::Failure;
use crate::open::{self, Setting};
use crate::queries::{self, Queries};
use crate::rows;

const BOOK: &str = "SELECT pk FROM followup_book WHERE name = ?1";

/// A connection and its caches.
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) dictionary: RefCell<Dictionary>,
    /// The book of the last query, and its number, which never changes.
    book: RefCell<Option<(BookId, i64)>>,
}

impl Reader {
    pub(crate) fn new(connection: Connection) -> Reader {
        Reader { connection, dictionary: RefCell::default(), book: RefCell::default() }
    }

    /// Runs a query on one book, as of one moment; returns `None` if the book does not exist yet.
    pub(crate) fn ask<T>(
        &self,
        book: &BookId,
        question: impl FnOnce(&Queries<'_>) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        let known = self.book.borrow().as_ref().filter(|(known, _)| known == book).map(|(_, number)| *number);
        if let Some(number) = known {
            let mut statement = self.connection.prepare_cached(queries::NEWEST)?;
            let mut rows = statement.query([number])?;
            // As long as this statement is open, everything that the connection reads is as of the same moment. That
            // costs less than a transaction, and the row is needed anyway.
            if let Some(row) = rows.next()? {
                let (_, newest) = queries::newest_of(row, number)?;
                return self.ask_of(number, Some(newest), question).map(Some);
            }
        }
        let mut statement = self.connection.prepare_cached(BOOK)?;
        let mut rows = statement.query([book.as_str()])?;
        // Kept open for the same reason.
        let Some(row) = rows.next()? else { return Ok(None) };
        let number = row.get(0)?;
        *self.book.borrow_mut() = Some((book.clone(), number));
        let newest = queries::newest(&self.connection, number)?.map(|(_, newest)| newest);
        self.ask_of(number, newest, question).map(Some)
    }

    fn ask_of<T>(
        &self,
        book: i64,
        newest_event_at: Option<i64>,
        question: impl FnOnce(&Queries<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let newest_event_at = rows::optional_instant(newest_event_at)?;
        question(&Queries {
            connection: &self.connection,
            dictionary: &self.dictionary,
            book,
            newest_event_at,
        })
    }
}

/// The connections that read. They are opened when they are first needed, and lent for one query each.
///
/// A caller waits while all connections are lent, and blocks its thread: for the time of a query, which is
/// microseconds, no longer than it would take to hand the query to another thread.
pub(crate) struct Readers {
    setting: Setting,
    most: usize,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Reader>,
    open: usize,
}

impl Readers {
    pub(crate) fn new(setting: Setting, most: usize) -> Readers {
        Readers { setting, most: most.max(1), pool: Mutex::default(), returned: Condvar::new() }
    }

    /// Returns the settings of connections to the file.
    pub(crate) fn setting(&self) -> &Setting {
        &self.setting
    }

    pub(crate) fn ask<T>(
        &self,
        book: &BookId,
        question: impl FnOnce(&Queries<'_>) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        let mut lent = self.borrow()?;
        let reader = lent.reader.as_ref().expect("the reader is lent until the end of the query");
        let answer = reader.ask(book, question);
        if matches!(answer, Err(Failure::Sqlite(_))) {
            // SQLite may have left the connection in any state, so the next query opens a new one.
            lent.reader = None;
        }
        answer
    }

    fn borrow(&self) -> Result<Lent<'_>, Failure> {
        let mut pool = self.lock();
        loop {
            if let Some(reader) = pool.idle.pop() {
                return Ok(Lent { readers: self, reader: Some(reader) });
            }
            if pool.open < self.most {
                break;
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        pool.open += 1;
        drop(pool);
        let mut lent = Lent { readers: self, reader: None };
        lent.reader = Some(Reader::new(open::reader(&self.setting)?));
        Ok(lent)
    }

    /// Locks the pool. Each line that holds the lock leaves the pool consistent, so a poisoned lock is still usable.
    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A slot of the pool. Dropping it returns the slot and the reader, if there is one.
struct Lent<'a> {
    readers: &'a Readers,
    reader: Option<Reader>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.lock();
        match self.reader.take() {
            Some(reader) => pool.idle.push(reader),
            None => pool.open -= 1,
        }
        drop(pool);
        self.readers.returned.notify_one();
    }
}
