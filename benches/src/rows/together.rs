//! How many events per second can many simultaneous callers record, with group commit?

use std::sync::Mutex;

use anyhow::Result;
use followup::Desk;
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
const CALLERS: usize = 64;
const IN_A_ROUND: usize = CALLERS * 40;
const IN_A_TRANSACTION: usize = 100;

/// Measures the rows.
///
/// # Errors
/// If a store or a baseline fails.
pub(super) fn rows(bases: &Bases) -> Result<Vec<Row>> {
    let desk = people::desk(SqliteStore::open(bases.copy(Tables::Ours, PEOPLE, "ours.db")?)?);
    let mut same = RawSame::open(&bases.copy(Tables::Ours, PEOPLE, "same.db")?, PEOPLE, "FULL")?;
    let mut minimal = RawMinimal::open(&bases.copy(Tables::Minimal, PEOPLE, "minimal.db")?, PEOPLE, "FULL")?;
    let mut single = RawMinimal::open(&bases.copy(Tables::Minimal, PEOPLE, "single.db")?, PEOPLE, "FULL")?;
    disk::settle();
    let mut called = Scattered::below(PEOPLE);
    let figures = interleave(
        ROUNDS,
        &mut [
            Contender::rate("64 callers", IN_A_ROUND, |times| {
                record_together(&desk, called.by_ref().take(times).collect())
            }),
            Contender::rate("same schema, 100 per transaction", IN_A_ROUND / 100 * 100, |times| {
                same.complete(times, IN_A_TRANSACTION)
            }),
            Contender::rate("minimal, 100 per transaction", IN_A_ROUND / 100 * 100, |times| {
                minimal.complete(times, IN_A_TRANSACTION)
            }),
            Contender::rate("minimal, one per transaction", 500, |times| single.complete(times, 1)),
        ],
    )?;
    let row = |other, goal| Row {
        what: format!("record, {CALLERS} callers at once, {PEOPLE} people"),
        ours: a_second(figures.median("64 callers")),
        raw: format!("{other} {}", a_second(figures.median(other))),
        ratio: figures.ratio("64 callers", other),
        goal,
    };
    Ok(vec![
        row("minimal, one per transaction", Goal::AtLeast(2.5)),
        row("minimal, 100 per transaction", Goal::AtLeast(0.85)),
        row("same schema, 100 per transaction", Goal::None),
    ])
}

/// Records one event per person, with one thread per caller and a share of the people for each.
fn record_together(desk: &Desk, people: Vec<u64>) -> Result<()> {
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for part in people.chunks(people.len().div_ceil(CALLERS)) {
            scope.spawn(|| {
                let call = |number: &u64| -> Result<()> {
                    block_on(desk.record(&people::id(*number)?, people::touched(*number, 0)))?;
                    Ok(())
                };
                if let Err(error) = part.iter().try_for_each(call) {
                    *failed.lock().expect("no thread panics while it holds the lock") = Some(error);
                }
            });
        }
    });
    failed.into_inner()?.map_or(Ok(()), Err)
}
