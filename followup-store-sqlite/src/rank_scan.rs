//! Scanning due entries in rank order.
//!
//! The index is by owner and then by rank, so that one index serves both queries for one owner and queries for all:
//! for all, the owners' runs are merged as far as the scan goes. A second index by rank alone would add two pages to
//! the log with every change.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rusqlite::{Connection, OptionalExtension};

use crate::errors::Failure;

pub(crate) const STEPS: &str = "SELECT rank_at, id, pk, earliest FROM followup_prospect INDEXED BY followup_due_by_rank \
                     WHERE book = ?1 AND owner IS ?2 AND rank_at IS NOT NULL AND (rank_at, id) > (?3, ?4) \
                     AND rank_at < ?5 ORDER BY rank_at, id LIMIT ?6";
const UNOWNED: &str = "SELECT 1 FROM followup_prospect INDEXED BY followup_due_by_rank \
                       WHERE book = ?1 AND owner IS NULL AND rank_at IS NOT NULL LIMIT 1";
pub(crate) const NEXT_OWNER: &str = "SELECT owner FROM followup_prospect INDEXED BY followup_due_by_rank \
                          WHERE book = ?1 AND owner > ?2 AND rank_at IS NOT NULL ORDER BY owner LIMIT 1";

/// Minimum and maximum number of steps of one owner that are read at a time.
const CHUNK: std::ops::RangeInclusive<i64> = 8..=256;

/// The bounds of a scan.
#[derive(Clone, Copy)]
pub(crate) struct Range<'a> {
    pub(crate) book: i64,
    /// The place after which the scan begins.
    pub(crate) after: (i64, &'a str),
    /// The exclusive end.
    pub(crate) before: i64,
}

/// An entry on the scan: its row, and when it opens.
pub(crate) struct Step {
    pub(crate) pk: i64,
    pub(crate) earliest: Option<i64>,
}

/// An entry's place: its rank and id.
type Place = (i64, String);

/// The entries of one owner, or those without an owner, by rank.
struct Run {
    owner: Option<i64>,
    ahead: VecDeque<(Place, Step)>,
    last: Place,
    is_over: bool,
}

/// A scan of due entries in rank order.
pub(crate) struct RankScan<'a> {
    connection: &'a Connection,
    range: Range<'a>,
    chunk: i64,
    runs: Vec<Run>,
    /// The next place of each run that has one.
    next: BinaryHeap<Reverse<(Place, usize)>>,
}

impl<'a> RankScan<'a> {
    /// Begins a scan through one owner's entries or everybody's. `wanted` is the number of entries that are needed.
    pub(crate) fn begin(
        connection: &'a Connection,
        range: Range<'a>,
        owner: Option<i64>,
        wanted: i64,
    ) -> Result<RankScan<'a>, Failure> {
        let owners = match owner {
            Some(owner) => vec![Some(owner)],
            None => owners(connection, range.book)?,
        };
        let start = (range.after.0, range.after.1.to_owned());
        let run = |owner| Run { owner, ahead: VecDeque::new(), last: start.clone(), is_over: false };
        let runs: Vec<Run> = owners.into_iter().map(run).collect();
        let share = wanted / i64::try_from(runs.len().max(1)).unwrap_or(i64::MAX);
        let chunk = share.clamp(*CHUNK.start(), *CHUNK.end());
        let mut scan = RankScan { connection, range, chunk, runs, next: BinaryHeap::new() };
        (0..scan.runs.len()).try_for_each(|run| scan.announce(run))?;
        Ok(scan)
    }

    /// Returns the next step; `None` at the end.
    pub(crate) fn step(&mut self) -> Result<Option<Step>, Failure> {
        let Some(Reverse((_, run))) = self.next.pop() else { return Ok(None) };
        let step = self.runs[run].ahead.pop_front().map(|(_, step)| step);
        self.announce(run)?;
        Ok(step)
    }

    /// Adds a run's next place to those of the others.
    fn announce(&mut self, at: usize) -> Result<(), Failure> {
        let run = &mut self.runs[at];
        if run.ahead.is_empty() && !run.is_over {
            run.read(self.connection, self.range, self.chunk)?;
        }
        self.next.extend(run.ahead.front().map(|(place, _)| Reverse((place.clone(), at))));
        Ok(())
    }
}

impl Run {
    fn read(&mut self, connection: &Connection, range: Range<'_>, chunk: i64) -> Result<(), Failure> {
        let mut statement = connection.prepare_cached(STEPS)?;
        let (at, id) = &self.last;
        let mut found = statement.query((range.book, self.owner, at, id, range.before, chunk))?;
        while let Some(row) = found.next()? {
            let step = Step { pk: row.get(2)?, earliest: row.get(3)? };
            self.ahead.push_back(((row.get(0)?, row.get(1)?), step));
        }
        drop(found);
        self.is_over = (self.ahead.len() as i64) < chunk;
        if let Some((place, _)) = self.ahead.back() {
            self.last = place.clone();
        }
        Ok(())
    }
}

/// Returns the owners of entries with a rank; `None`, for entries without an owner, comes first.
fn owners(connection: &Connection, book: i64) -> Result<Vec<Option<i64>>, Failure> {
    let mut owners = Vec::new();
    if connection.prepare_cached(UNOWNED)?.exists([book])? {
        owners.push(None);
    }
    let mut last = i64::MIN;
    let mut statement = connection.prepare_cached(NEXT_OWNER)?;
    while let Some(owner) = statement.query_row((book, last), |row| row.get(0)).optional()? {
        owners.push(Some(owner));
        last = owner;
    }
    Ok(owners)
}
