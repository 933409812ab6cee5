//! Writing changes inside one transaction.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use followup_core::{Append, BookId, Due, Record, StoreError, StoreErrorKind};
use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use crate::errors::Failure;
use crate::rows::{self, micros, record_columns};
use crate::sum;
use crate::view::known;
use crate::words::Words;

/// What one caller wants written: all of it or nothing.
pub(crate) struct Change {
    pub(crate) book: BookId,
    pub(crate) appends: Vec<Append>,
    /// For a removal: the new bodies by key.
    pub(crate) erased: Option<Vec<(String, String)>>,
}

impl Change {
    /// What was attempted, for a message.
    pub(crate) fn attempt(&self) -> String {
        match (&self.appends[..], &self.erased) {
            ([append], Some(_)) => format!("erase prospect {}", append.prospect),
            ([append], None) => format!("append to prospect {}", append.prospect),
            (appends, _) => format!("append to {} prospects", appends.len()),
        }
    }
}

/// The columns of a due entry that stand in an index. One that stays the same is left out of the update, and so its
/// indexes are left alone.
const PLACES: [&str; 7] = ["owner", "automatic", "earliest", "latest", "rank_at", "wake_at", "appointment_at"];

/// Where a prospect stands before a change.
struct Standing {
    number: i64,
    revision: u64,
    places: [Option<i64>; PLACES.len()],
    since: i64,
}

/// What is known of a book inside a transaction.
struct Book {
    number: i64,
    last_change: i64,
    newest_event_at: Option<i64>,
    has_newer_event: bool,
}

/// A transaction in the making.
pub(crate) struct Batch<'a> {
    connection: &'a Connection,
    words: &'a mut Words,
    books: HashMap<BookId, Book>,
}
