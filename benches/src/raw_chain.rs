//! Raw SQL optimised for bulk writes: events are only added at the end of their table, each with the row id of the
//! previous event of the prospect.
//!
//! The due row holds the row id of the last event. A checkpoint runs every 16,384 pages.

use std::hint::black_box;
use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};

use crate::people::{BATCH, start};
use crate::random::Random;
use crate::raw_minimal::claim_hundred;

const SCHEMA: &str = "
    CREATE TABLE event(pk INTEGER PRIMARY KEY, prospect INTEGER NOT NULL, n INTEGER NOT NULL,
                       before INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL, payload BLOB NOT NULL);
    CREATE TABLE due(prospect INTEGER PRIMARY KEY, at INTEGER NOT NULL, priority INTEGER NOT NULL,
                     last INTEGER NOT NULL, payload BLOB NOT NULL);
    CREATE INDEX due_by_at ON due(at);";
const APPEND: &str =
    "INSERT INTO event(prospect, n, before, at, kind, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const MONTH_MICROS: u64 = 30 * 86_400_000_000;

/// A connection to a file with this schema.
pub struct RawChain {
    connection: Connection,
    random: Random,
}

impl RawChain {
    /// Opens a file, which is created if it does not exist.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn open(path: &Path, synchronous: &str) -> Result<RawChain> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "cache_size", -64 * 1024)?;
        connection.pragma_update(None, "wal_autocheckpoint", 16_384)?;
        connection.set_prepared_statement_cache_capacity(64);
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            connection.execute_batch(SCHEMA)?;
        }
        Ok(RawChain { connection, random: Random::seeded(5) })
    }

    /// Adds the given number of people, in batches.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn enrol(&mut self, people: u64) -> Result<()> {
        for number in 0..people {
            if number % BATCH == 0 {
                self.execute("BEGIN IMMEDIATE")?;
            }
            let person = number as i64;
            let last = self.append(person, 0, 0)?;
            let due_at = now() + self.random.below(MONTH_MICROS) as i64;
            let sql = "INSERT INTO due(prospect, at, priority, last, payload) VALUES (?1, ?2, ?3, ?4, ?5)";
            let payload = self.payload::<64>();
            let mut schedule = self.connection.prepare_cached(sql)?;
            schedule.execute(params![person, due_at, person % 4, last, &payload[..]])?;
            drop(schedule);
            if number % BATCH == BATCH - 1 || number + 1 == people {
                self.execute("COMMIT")?;
            }
        }
        Ok(())
    }

    /// Claims the next hundred due people and completes them in one transaction. Repeats this `times` times.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn claim_and_complete(&mut self, times: usize) -> Result<()> {
        for _ in 0..times {
            self.execute("BEGIN IMMEDIATE")?;
            let claimed = claim_hundred(&self.connection)?;
            self.execute("COMMIT")?;
            self.execute("BEGIN IMMEDIATE")?;
            for person in claimed {
                self.complete_one(person)?;
            }
            self.execute("COMMIT")?;
        }
        Ok(())
    }

    /// Reads the due row and the history, newest event first, appends an event, and moves the row.
    fn complete_one(&mut self, person: i64) -> Result<()> {
        let sql = "SELECT last, at, priority, payload FROM due WHERE prospect = ?1";
        let mut due = self.connection.prepare_cached(sql)?;
        let last: i64 = due.query_row([person], |row| row.get(0))?;
        let mut events =
            self.connection.prepare_cached("SELECT n, before, at, kind, payload FROM event WHERE pk = ?1")?;
        let (mut at, mut n) = (last, 0);
        while at != 0 {
            at = events.query_row([at], |row| {
                n = n.max(row.get::<_, i64>(0)? + 1);
                black_box(row.get_ref(4)?.as_blob()?.len());
                row.get(1)
            })?;
        }
        drop((due, events));
        let last = self.append(person, n, last)?;
        let next_at = now() + 2 * MONTH_MICROS as i64 + self.random.below(MONTH_MICROS) as i64;
        let payload = self.payload::<64>();
        let sql = "UPDATE due SET at = ?2, priority = ?3, last = ?4, payload = ?5 WHERE prospect = ?1";
        self.connection.prepare_cached(sql)?.execute(params![person, next_at, 1, last, &payload[..]])?;
        Ok(())
    }

    /// Runs a full checkpoint and truncates the log.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn checkpoint(&self) -> Result<()> {
        Ok(self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    /// Adds an event at the end of the table and returns its row id.
    fn append(&mut self, person: i64, n: i64, before: i64) -> Result<i64> {
        let payload = self.payload::<120>();
        let mut append = self.connection.prepare_cached(APPEND)?;
        Ok(append.insert(params![person, n, before, now(), 1, &payload[..]])?)
    }

    fn payload<const BYTES: usize>(&mut self) -> [u8; BYTES] {
        let mut payload = [0; BYTES];
        self.random.fill(&mut payload);
        payload
    }

    fn execute(&self, sql: &str) -> Result<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

fn now() -> i64 {
    start().timestamp_micros()
}
