//! How many people per second can be imported, including a plan for each?

use std::time::Instant;

use anyhow::Result;
use followup_store_sqlite::SqliteStore;

use super::{ROUNDS, a_second};
use crate::bases::Bases;
use crate::disk;
use crate::harness::{Contender, Goal, Row, interleave};
use crate::people;
use crate::raw_minimal::RawMinimal;
use crate::raw_same::RawSame;

const PEOPLE: u64 = 20_000;

/// Measures the rows.
///
/// # Errors
/// If a store or a baseline fails.
pub(super) fn rows(bases: &Bases) -> Result<Vec<Row>> {
    let folder = bases.folder();
    let rate = |start: Instant| PEOPLE as f64 / start.elapsed().as_secs_f64();
    let ours = || {
        let desk = people::desk(SqliteStore::open(folder.fresh("ours.db")?)?);
        disk::settle();
        let start = Instant::now();
        people::import(&desk, PEOPLE)?;
        Ok(rate(start))
    };
    let same = || {
        let path = folder.fresh("same.db")?;
        drop(SqliteStore::open(&path)?);
        let mut same = RawSame::open(&path, PEOPLE, "FULL")?;
        disk::settle();
        let start = Instant::now();
        same.enrol(PEOPLE)?;
        Ok(rate(start))
    };
    let minimal = || {
        let mut minimal = RawMinimal::open(&folder.fresh("minimal.db")?, PEOPLE, "FULL")?;
        disk::settle();
        let start = Instant::now();
        minimal.enrol(PEOPLE)?;
        Ok(rate(start))
    };
    let figures = interleave(
        ROUNDS,
        &mut [
            Contender::figure("ours", ours),
            Contender::figure("same schema", same),
            Contender::figure("minimal", minimal),
        ],
    )?;
    let row = |other, goal| Row {
        what: format!("import of {PEOPLE} people, planning included"),
        ours: a_second(figures.median("ours")),
        raw: format!("{other} {}", a_second(figures.median(other))),
        ratio: figures.ratio("ours", other),
        goal,
    };
    Ok(vec![row("minimal", Goal::AtLeast(0.7)), row("same schema", Goal::None)])
}
