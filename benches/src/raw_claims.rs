//! The statements of a worker on the library's own tables: it claims a hundred entries and completes them in one
//! transaction.

use std::hint::black_box;

use anyhow::{Result, ensure};
use rusqlite::{Row, params};

use crate::raw_same::{BODY, DAY, KNOWN, RawSame, SNAPSHOT_BYTES, now};

const CLAIMABLE: &str = "SELECT pk, id, fence, planned_at, owner, earliest, target, latest, rank_at, wake_at, \
                         obligation, planned_by FROM followup_prospect INDEXED BY followup_claimable \
                         WHERE book = 1 AND claim_at IS NOT NULL AND claim_at <= ?1 ORDER BY claim_at, id LIMIT 100";
const LEASE: &str = "UPDATE followup_prospect SET fence = ?2, leased_until = ?3, claim_at = ?3, claim_sum = ?4 \
                     WHERE pk = ?1";
const STANDING: &str = "SELECT pk, revision, since, owner, automatic, earliest, latest, rank_at, wake_at, fence, \
                        leased_until, claim_at FROM followup_prospect WHERE book = 1 AND id = ?1";
const MOVE: &str = "UPDATE followup_prospect SET revision = ?1, changed = ?2, planned_at = ?1, target = ?3, \
                    obligation = ?4, due_sum = ?5, sum = ?5, snapshot = ?6, earliest = ?3, latest = ?3, \
                    rank_at = ?3, wake_at = ?7, leased_until = NULL, claim_at = ?3, claim_sum = ?5 WHERE pk = ?8";

impl RawSame {
    /// Claims the next hundred people that are due by a month after [`start`](crate::people::start) (everybody is) and
    /// completes them in one transaction. Repeats this `times` times.
    ///
    /// # Errors
    /// If SQLite reports an error.
    pub fn claim_and_complete(&mut self, times: usize) -> Result<()> {
        for _ in 0..times {
            self.execute("BEGIN IMMEDIATE")?;
            let claimed = self.claim_hundred()?;
            self.execute("COMMIT")?;
            self.execute("BEGIN IMMEDIATE")?;
            for id in claimed {
                self.complete_claimed(&id)?;
            }
            self.execute("COMMIT")?;
        }
        Ok(())
    }

    fn claim_hundred(&mut self) -> Result<Vec<String>> {
        let month_later = now() + 30 * DAY;
        let mut claimable = self.connection.prepare_cached(CLAIMABLE)?;
        let mut rows = claimable.query([month_later])?;
        let mut claimed = Vec::with_capacity(100);
        while let Some(row) = rows.next()? {
            black_box((row.get::<_, Option<i64>>(8)?, row.get::<_, String>(10)?));
            claimed.push((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?));
        }
        drop(rows);
        drop(claimable);
        ensure!(claimed.len() == 100, "expected 100 due entries, found {}", claimed.len());
        let lease = |(pk, id, fence): (i64, String, i64)| {
            let until = month_later + DAY / 24;
            let sum = self.sum();
            self.connection.prepare_cached(LEASE)?.execute((pk, fence + 1, until, sum))?;
            Ok(id)
        };
        claimed.into_iter().map(lease).collect()
    }

    /// Reads the revision, looks for the key, appends a record, and writes the state and the due entry.
    fn complete_claimed(&mut self, id: &str) -> Result<()> {
        let mut standing = self.connection.prepare_cached(STANDING)?;
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let (prospect, revision) = standing.query_row([id], read)?;
        drop(standing);
        let key = format!("sent-{id}-{revision:03}");
        ensure!(!self.connection.prepare_cached(KNOWN)?.exists((prospect, &key))?, "the key already exists");
        self.append(prospect, &key, revision + 1, now(), BODY)?;
        self.last_change += 1;
        let mut snapshot = [0; SNAPSHOT_BYTES];
        self.random.fill(&mut snapshot);
        let next_at = now() + 60 * DAY + self.random.below(30 * DAY as u64) as i64;
        let sum = self.sum();
        self.connection.prepare_cached(MOVE)?.execute(params![
            revision + 1,
            self.last_change,
            next_at,
            format!("cadence:{key}"),
            sum,
            &snapshot[..],
            next_at + 30 * DAY,
            prospect
        ])?;
        self.feed(prospect)
    }
}
