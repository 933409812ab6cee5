//! How many events per second can one caller record, each durable before the next?

use anyhow::Result;
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

use super::{ROUNDS, a_second};
use crate::bases::{Bases, Tables};
use crate::disk;
use crate::harness::{Contender, Goal, Row, interleave};
use crate::people;
use crate::random::Scattered;
use crate::raw_minimal::RawMinimal;
use crate::raw_same::RawSame;

const PEOPLE: u64 = 100_000;
const IN_A_ROUND: usize = 500;

/// Measures the rows.
///
/// # Errors
/// If a store or a baseline fails.
pub(super) fn rows(bases: &Bases) -> Result<Vec<Row>> {
    let desk = people::desk(SqliteStore::open(bases.copy(Tables::Ours, PEOPLE, "ours.db")?)?);
    let mut same = RawSame::open(&bases.copy(Tables::Ours, PEOPLE, "same.db")?, PEOPLE, "FULL")?;
    let mut minimal = RawMinimal::open(&bases.copy(Tables::Minimal, PEOPLE, "minimal.db")?, PEOPLE, "FULL")?;
    let floor = bases.folder().fresh("floor")?;
    disk::settle();
    let mut called = Scattered::below(PEOPLE);
    let record = |times| {
        for number in called.by_ref().take(times) {
            block_on(desk.record(&people::id(number)?, people::touched(number, 0)))?;
        }
        Ok(())
    };
    let figures = interleave(
        ROUNDS,
        &mut [
            Contender::rate("ours", IN_A_ROUND, record),
            Contender::rate("same schema", IN_A_ROUND, |times| same.complete(times, 1)),
            Contender::rate("minimal", IN_A_ROUND, |times| minimal.complete(times, 1)),
            Contender::rate("fdatasync", IN_A_ROUND, |times| disk::append_and_sync(&floor, times)),
        ],
    )?;
    let row = |what: &str, one, other, goal| Row {
        what: format!("{what}, one caller, {PEOPLE} people"),
        ours: format!("{} {}", one, a_second(figures.median(one))),
        raw: format!("{} {}", other, a_second(figures.median(other))),
        ratio: figures.ratio(one, other),
        goal,
    };
    Ok(vec![
        row("record", "ours", "minimal", Goal::AtLeast(0.90)),
        row("record", "ours", "same schema", Goal::None),
        row("raw relative to the disk", "minimal", "fdatasync", Goal::AtLeast(0.50)),
    ])
}
