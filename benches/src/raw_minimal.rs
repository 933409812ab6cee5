//! The smallest schema that a follow-up tool could keep in SQLite: a table of events and a table of due entries.
//!
//! A completion appends an event of 120 bytes and moves the due row of 64 bytes. There are no engine and no owners, and
//! due rows have only one order.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use rusqlite::{Connection, params};

use crate::people::{BATCH, start};
use crate::random::{Random, Scattered};

const SCHEMA: &str = "
    CREATE TABLE event(prospect INTEGER NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL,
                       payload BLOB NOT NULL, PRIMARY KEY(prospect, n)) WITHOUT ROWID;
    CREATE TABLE due(prospect INTEGER PRIMARY KEY, at INTEGER NOT NULL, priority INTEGER NOT NULL,
                     payload BLOB NOT NULL);
    CREATE INDEX due_by_at ON due(at);";
const APPEND: &str = "INSERT INTO event(prospect, n, at, kind, payload) VALUES (?1, ?2, ?3, ?4, ?5)";
const NEXT: &str = "SELECT prospect, at, priority, payload FROM due WHERE at <= ?1 ORDER BY at LIMIT 100";
const MONTH_MICROS: u64 = 30 * 86_400_000_000;

/// A connection to a file with this schema.
pub struct RawMinimal {
    connection: Connection,
    people: Scattered,
    random: Random,
}

impl RawMinimal {
    /// Opens a file with SQLite's default checkpoint setting. The file is created if it does not exist.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn open(path: &Path, people: u64, synchronous: &str) -> Result<RawMinimal> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "cache_size", -64 * 1024)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(64);
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            connection.execute_batch(SCHEMA)?;
        }
        Ok(RawMinimal { connection, people: Scattered::below(people), random: Random::seeded(5) })
    }

    /// Adds the given number of people, in batches.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn enrol(&mut self, people: u64) -> Result<()> {
        let (mut event, mut payload) = ([0; 120], [0; 64]);
        for number in 0..people {
            if number % BATCH == 0 {
                self.execute("BEGIN IMMEDIATE")?;
            }
            self.random.fill(&mut event);
            self.random.fill(&mut payload);
            let added_at = now() - 1 - self.random.below(MONTH_MICROS) as i64;
            let due_at = self.due_at();
            let mut append = self.connection.prepare_cached(APPEND)?;
            append.execute(params![number as i64, 0, added_at, 0, &event[..]])?;
            let sql = "INSERT INTO due(prospect, at, priority, payload) VALUES (?1, ?2, ?3, ?4)";
            let mut schedule = self.connection.prepare_cached(sql)?;
            schedule.execute(params![number as i64, due_at, number as i64 % 4, &payload[..]])?;
            drop((append, schedule));
            if number % BATCH == BATCH - 1 || number + 1 == people {
                self.execute("COMMIT")?;
            }
        }
        Ok(())
    }

    /// Completes due entries of scattered people, `in_each` of them in each transaction.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn complete(&mut self, completions: usize, in_each: usize) -> Result<()> {
        for _ in 0..completions / in_each {
            self.execute("BEGIN IMMEDIATE")?;
            for _ in 0..in_each {
                let person = self.people.next().expect("the iterator is infinite");
                self.complete_one(person as i64, now() + 1)?;
            }
            self.execute("COMMIT")?;
        }
        Ok(())
    }

    /// Reads the history and the due row, appends an event, and moves the row to a random time in the month after
    /// `from`.
    fn complete_one(&mut self, person: i64, from: i64) -> Result<()> {
        let sql = "SELECT n, at, kind, payload FROM event WHERE prospect = ?1 ORDER BY n";
        let mut history = self.connection.prepare_cached(sql)?;
        let mut events = history.query([person])?;
        let mut n = 0;
        while let Some(row) = events.next()? {
            n = row.get::<_, i64>(0)? + 1;
            black_box((row.get::<_, i64>(1)?, row.get_ref(3)?.as_blob()?.len()));
        }
        drop(events);
        let mut due =
            self.connection.prepare_cached("SELECT at, priority, payload FROM due WHERE prospect = ?1")?;
        black_box(due.query_row([person], |row| row.get::<_, i64>(0))?);
        let (mut event, mut payload) = ([0; 120], [0; 64]);
        self.random.fill(&mut event);
        self.random.fill(&mut payload);
        let next_at = from + self.random.below(MONTH_MICROS) as i64;
        self.connection.prepare_cached(APPEND)?.execute(params![person, n, now(), 1, &event[..]])?;
        let sql = "UPDATE due SET at = ?2, priority = ?3, payload = ?4 WHERE prospect = ?1";
        self.connection.prepare_cached(sql)?.execute(params![person, next_at, 1, &payload[..]])?;
        Ok(())
    }

    /// Claims the next hundred people that are due by a month after [`start`] (everybody is) and completes them in one
    /// transaction. Repeats this `times` times.
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
                self.complete_one(person, now() + 2 * MONTH_MICROS as i64)?;
            }
            self.execute("COMMIT")?;
        }
        Ok(())
    }

    /// Reads the next hundred people that are due by `days` days after [`start`]. Returns their number.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn next_hundred(&self, days: i64) -> Result<usize> {
        let mut statement = self.connection.prepare_cached(NEXT)?;
        let mut rows = statement.query([now() + days * 86_400_000_000])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            black_box((row.get::<_, i64>(0)?, row.get_ref(3)?.as_blob()?.len()));
            found += 1;
        }
        Ok(found)
    }

    /// Runs a full checkpoint and truncates the log.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn checkpoint(&self) -> Result<()> {
        Ok(self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    fn due_at(&mut self) -> i64 {
        now() + self.random.below(MONTH_MICROS) as i64
    }

    fn execute(&self, sql: &str) -> Result<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

/// Claims the next hundred people that are due by a month after [`start`], for longer than a bench runs.
///
/// # Errors
/// If SQLite reports an error.
pub(crate) fn claim_hundred(connection: &Connection) -> Result<Vec<i64>> {
    let sql = "UPDATE due SET at = ?2 WHERE prospect IN \
               (SELECT prospect FROM due WHERE at <= ?1 ORDER BY at LIMIT 100) RETURNING prospect, payload";
    let mut claim = connection.prepare_cached(sql)?;
    let month_later = now() + MONTH_MICROS as i64;
    let mut rows = claim.query([month_later, month_later + 3_600_000_000])?;
    let mut claimed = Vec::with_capacity(100);
    while let Some(row) = rows.next()? {
        black_box(row.get_ref(1)?.as_blob()?.len());
        claimed.push(row.get(0)?);
    }
    ensure!(claimed.len() == 100, "expected 100 due entries, found {}", claimed.len());
    Ok(claimed)
}

fn now() -> i64 {
    start().timestamp_micros()
}
