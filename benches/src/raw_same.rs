//! Raw SQL over the library's own tables and indexes: the cost that remains without an engine.
//!
//! It opens files created by the library and writes wrong checksums and random snapshots. The library can no longer
//! read such a file.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use followup::{Policy, ProspectState, plan};
use rusqlite::{Connection, Row, params};

use crate::people::{BATCH, id, start};
use crate::random::{Random, Scattered};

pub(crate) const DAY: i64 = 86_400_000_000;
const HEAD: &str = "SELECT pk, revision, since, fold_version, sum, snapshot, owner, automatic, earliest, latest, \
                    rank_at, wake_at, (SELECT json FROM followup_profile WHERE prospect = pk) \
                    FROM followup_prospect WHERE book = 1 AND id = ?1";
pub(crate) const KNOWN: &str = "SELECT hash FROM followup_record WHERE prospect = ?1 AND key = ?2";
const MOVE: &str = "UPDATE followup_prospect SET revision = ?1, changed = ?2, planned_at = ?1, target = ?3, \
                    obligation = ?4, due_sum = ?5, sum = ?5, snapshot = ?6, earliest = ?7, latest = ?8, \
                    rank_at = ?8, wake_at = ?9 WHERE pk = ?10";
const APPEND: &str = "INSERT INTO followup_record(prospect, key, n, at, seq, kind, hash, recorded_at, sum, body) \
                      VALUES (?1, ?2, ?3, ?4, 0, 1, ?5, ?4, ?6, ?7)";
const FEED: &str =
    "INSERT INTO followup_feed(book, changed, prospect, newest_event_at, sum) VALUES (1, ?1, ?2, ?3, ?4)";
const ENROL: &str = "INSERT INTO followup_prospect(book, id, revision, since, changed, planned_at, owner, automatic, \
                     earliest, target, latest, rank_at, wake_at, obligation, planned_by, due_sum, fold_version, \
                     sum, snapshot) VALUES (1, ?1, 1, ?2, ?3, 1, ?4, 0, ?5, ?6, ?7, ?7, ?8, ?9, 1, ?10, 1, ?10, ?11)";

/// The columns of each entry of a page.
const PAGE: &str = "id, owner, earliest, target, latest, rank_at, wake_at, obligation, planned_by";
const STATE: &str = ", snapshot, (SELECT json FROM followup_profile WHERE prospect = pk)";
const WAKING: &str = "SELECT id FROM followup_prospect INDEXED BY followup_due_by_wake \
                      WHERE book = 1 AND wake_at IS NOT NULL AND wake_at < ?1 ORDER BY wake_at, id LIMIT 100";

/// Length of the random bytes in place of a snapshot; the same as the engine's.
pub(crate) const SNAPSHOT_BYTES: usize = 150;
pub(crate) const BODY: &str = r#"{"channel":"phone"}"#;
const ADDED_BODY: &str = r#"{"kind":"prospect","owner":"owner-3","zone":"America/New_York"}"#;

/// A connection to a file created by the library.
pub struct RawSame {
    pub(crate) connection: Connection,
    people: Scattered,
    pub(crate) random: Random,
    /// The last number of the feed.
    pub(crate) last_change: i64,
    /// The row ids of all owners.
    owners: Vec<i64>,
}

impl RawSame {
    /// Opens a file that the library has created and closed.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn open(path: &Path, people: u64, synchronous: &str) -> Result<RawSame> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "synchronous", synchronous)?;
        connection.pragma_update(None, "cache_size", -64 * 1024)?;
        connection.pragma_update(None, "wal_autocheckpoint", 16_384)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(64);
        let last_change = connection.query_row(
            "SELECT coalesce(max(changed), 0) FROM followup_feed WHERE book = 1",
            [],
            |row| row.get(0),
        )?;
        let (people, random) = (Scattered::below(people), Random::seeded(5));
        let owners = connection
            .prepare("SELECT pk FROM followup_word WHERE text LIKE 'owner-%'")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(RawSame { connection, people, random, last_change, owners })
    }

    /// Adds the given number of people, in batches, to a file without people.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn enrol(&mut self, people: u64) -> Result<()> {
        self.connection.execute("INSERT INTO followup_book(pk, name) VALUES (1, 'main')", [])?;
        for number in 0..people {
            if number % BATCH == 0 {
                self.execute("BEGIN IMMEDIATE")?;
            }
            self.last_change += 1;
            let added_at = now() - 1 - self.random.below(30 * DAY as u64) as i64;
            let opens_at = now() + self.random.below(30 * DAY as u64) as i64;
            let mut snapshot = [0; SNAPSHOT_BYTES];
            self.random.fill(&mut snapshot);
            let (id, sum) = (id(number)?, self.sum());
            let prospect = self.connection.prepare_cached(ENROL)?.insert(params![
                id.as_str(),
                added_at,
                self.last_change,
                number as i64 % 10,
                opens_at,
                opens_at,
                opens_at + DAY,
                opens_at + 30 * DAY,
                format!("cadence:crm-{number:07}"),
                sum,
                &snapshot[..]
            ])?;
            self.feed(prospect)?;
            self.append(prospect, &format!("crm-{number:07}"), 1, added_at, ADDED_BODY)?;
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
                self.complete_one(person)?;
            }
            self.execute("COMMIT")?;
        }
        Ok(())
    }

    /// Reads the head, looks for the key, appends a record, and writes the state and the due entry.
    fn complete_one(&mut self, person: u64) -> Result<()> {
        let mut head = self.connection.prepare_cached(HEAD)?;
        let read = |row: &Row<'_>| {
            black_box((row.get::<_, i64>(2)?, row.get_ref(5)?.as_blob()?.len()));
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        };
        let (prospect, revision) = head.query_row([id(person)?.as_str()], read)?;
        drop(head);
        let key = format!("call-{person:07}-{revision:03}");
        ensure!(!self.connection.prepare_cached(KNOWN)?.exists((prospect, &key))?, "the key already exists");
        self.append(prospect, &key, revision + 1, now(), BODY)?;
        self.last_change += 1;
        let mut snapshot = [0; SNAPSHOT_BYTES];
        self.random.fill(&mut snapshot);
        let opens_at = now() + self.random.below(30 * DAY as u64) as i64;
        let sum = self.sum();
        self.connection.prepare_cached(MOVE)?.execute(params![
            revision + 1,
            self.last_change,
            opens_at,
            format!("cadence:{key}"),
            sum,
            &snapshot[..],
            opens_at,
            opens_at + DAY,
            opens_at + 30 * DAY,
            prospect
        ])?;
        self.feed(prospect)
    }

    /// Reads the first hundred due entries by rank that open before an instant. Returns their number.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn next_hundred(&self, opens_before: DateTime<Utc>) -> Result<usize> {
        let mut statement = self.connection.prepare_cached(&self.next_sql(PAGE))?;
        let mut rows = statement.query([opens_before.timestamp_micros()])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            black_box(due(row)?);
            found += 1;
        }
        Ok(found)
    }

    /// Reads the first hundred prospects with a wake-up before an instant. Returns their number.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn waking(&self, before: DateTime<Utc>) -> Result<usize> {
        let mut statement = self.connection.prepare_cached(WAKING)?;
        let mut rows = statement.query([before.timestamp_micros()])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            black_box(row.get::<_, String>(0)?);
            found += 1;
        }
        Ok(found)
    }

    /// As [`RawSame::next_hundred`], but also decodes and plans the state of each prospect.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn next_hundred_planned(&self, opens_before: DateTime<Utc>, policy: &Policy) -> Result<usize> {
        let mut statement = self.connection.prepare_cached(&self.next_sql(&format!("{PAGE}{STATE}")))?;
        let mut rows = statement.query([opens_before.timestamp_micros()])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            let state: ProspectState = postcard::from_bytes(row.get_ref(9)?.as_blob()?)?;
            black_box((due(row)?, row.get::<_, Option<String>>(10)?, plan(&state, policy)));
            found += 1;
        }
        Ok(found)
    }

    /// The SQL of the first hundred entries by rank that open before ?1. It reads the entries of each owner in index
    /// order and merges them.
    fn next_sql(&self, columns: &str) -> String {
        let of = |owner: &i64| {
            format!(
                "SELECT rank_at AS place, id AS who, pk AS number FROM followup_prospect \
                 INDEXED BY followup_due_by_rank \
                 WHERE book = 1 AND owner = {owner} AND rank_at IS NOT NULL AND earliest < ?1"
            )
        };
        let all: Vec<String> = self.owners.iter().map(of).collect();
        let merged = all.join(" UNION ALL ");
        format!(
            "SELECT {columns} FROM ({merged} ORDER BY place, who LIMIT 100) \
             CROSS JOIN followup_prospect ON pk = number"
        )
    }

    pub(crate) fn feed(&mut self, prospect: i64) -> Result<()> {
        let sum = self.sum();
        self.connection.prepare_cached(FEED)?.execute((self.last_change, prospect, now(), sum))?;
        Ok(())
    }

    pub(crate) fn append(&mut self, prospect: i64, key: &str, n: i64, at: i64, body: &str) -> Result<()> {
        let mut hash = [0; 16];
        self.random.fill(&mut hash);
        let sum = self.sum();
        self.connection.prepare_cached(APPEND)?.execute((prospect, key, n, at, hash, sum, body))?;
        Ok(())
    }

    pub(crate) fn sum(&mut self) -> i32 {
        self.random.word() as u32 as i32
    }

    pub(crate) fn execute(&self, sql: &str) -> Result<()> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

/// Id, owner, five instants (earliest, target, latest, rank, wake-up), obligation, and `planned_by`.
type Columns = (String, Option<i64>, [Option<i64>; 5], String, i64);

fn due(row: &Row<'_>) -> rusqlite::Result<Columns> {
    let instants = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
    Ok((row.get(0)?, row.get(1)?, instants, row.get(7)?, row.get(8)?))
}

pub(crate) fn now() -> i64 {
    start().timestamp_micros()
}
