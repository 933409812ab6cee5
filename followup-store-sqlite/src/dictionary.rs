//! Texts that many rows share, each stored once.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use crate::errors::Failure;

/// Maximum number of words that a connection caches. A book has a few dozen; a host that invents a new one for every
/// row gets slower, but does not use more memory.
const REMEMBERED: usize = 4096;

/// A connection's cache of the table of words, whose rows never change.
#[derive(Default)]
pub(crate) struct Dictionary {
    texts: HashMap<i64, String>,
    numbers: HashMap<String, i64>,
}

impl Dictionary {
    /// Returns the text with a number.
    pub(crate) fn text(&mut self, connection: &Connection, number: i64) -> Result<String, Failure> {
        if let Some(text) = self.texts.get(&number) {
            return Ok(text.clone());
        }
        let mut found = connection.prepare_cached("SELECT text FROM followup_word WHERE pk = ?1")?;
        let text: Option<String> = found.query_row([number], |row| row.get(0)).optional()?;
        let text =
            text.ok_or_else(|| Failure::corrupt(format!("the word {number} is missing; restore a backup")))?;
        if self.texts.len() >= REMEMBERED {
            self.texts.clear();
        }
        self.texts.insert(number, text.clone());
        Ok(text)
    }

    /// Returns the number of a text, if it has one.
    pub(crate) fn number(&mut self, connection: &Connection, text: &str) -> Result<Option<i64>, Failure> {
        if let Some(number) = self.numbers.get(text) {
            return Ok(Some(*number));
        }
        let mut found = connection.prepare_cached("SELECT pk FROM followup_word WHERE text = ?1")?;
        let number: Option<i64> = found.query_row([text], |row| row.get(0)).optional()?;
        if let Some(number) = number {
            self.remember(text, number);
        }
        Ok(number)
    }

    /// Returns the number of a text, adding the text if it is new. Needs a transaction.
    pub(crate) fn intern(&mut self, connection: &Connection, text: &str) -> Result<i64, Failure> {
        if let Some(number) = self.number(connection, text)? {
            return Ok(number);
        }
        let number =
            connection.prepare_cached("INSERT INTO followup_word(text) VALUES (?1)")?.insert([text])?;
        self.remember(text, number);
        Ok(number)
    }

    /// Forgets all numbers, since those given in a transaction that was rolled back are invalid.
    pub(crate) fn forget(&mut self) {
        self.numbers.clear();
    }

    fn remember(&mut self, text: &str, number: i64) {
        if self.numbers.len() >= REMEMBERED {
            self.numbers.clear();
        }
        self.numbers.insert(text.to_owned(), number);
    }
}
