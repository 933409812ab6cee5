//! What does a query cost when nothing is due?

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use followup::Store;
use followup::store::{Claim, DueOrder, DueQuery};
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

use super::{ROUNDS, SIZES, in_micros};
use crate::bases::{Bases, Tables};
use crate::harness::{Contender, Goal, Row, interleave};
use crate::people::{self, start};
use crate::raw_minimal::RawMinimal;
use crate::raw_same::RawSame;

const TIMES: usize = 1_000;

/// Measures the rows.
///
/// # Errors
/// If a store or a baseline fails.
pub(super) fn rows(bases: &Bases) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for people in SIZES {
        rows.extend(at_size(bases, people)?);
    }
    Ok(rows)
}

fn at_size(bases: &Bases, people: u64) -> Result<Vec<Row>> {
    let store = SqliteStore::open(bases.copy(Tables::Ours, people, "ours.db")?)?;
    let desk = people::desk(store.clone());
    let same = RawSame::open(&bases.copy(Tables::Ours, people, "same.db")?, people, "FULL")?;
    let minimal = RawMinimal::open(&bases.copy(Tables::Minimal, people, "minimal.db")?, people, "FULL")?;
    let early = start() - TimeDelta::days(1_000);
    let ask = |order| {
        let (mut query, store) = (DueQuery::new(order, 100), &store);
        match order {
            DueOrder::Rank => query.opens_before = Some(early),
            _ => query.before = Some(early),
        }
        move || {
            ensure!(block_on(store.due(query.clone()))?.entries.is_empty(), "expected no due entries");
            Ok(())
        }
    };
    let figures = interleave(
        ROUNDS,
        &mut [
            Contender::micros("wake", TIMES, || {
                ensure!(block_on(desk.wake(early))? == 0, "expected no wake-ups");
                Ok(())
            }),
            Contender::micros("due to wake", TIMES, ask(DueOrder::WakeAt)),
            Contender::micros("due by rank", TIMES, ask(DueOrder::Rank)),
            Contender::micros("claim", TIMES, || {
                let claim = Claim::new(early, early + TimeDelta::hours(1), 100);
                ensure!(block_on(store.claim(claim))?.claimed.is_empty(), "expected no claims");
                Ok(())
            }),
            Contender::micros("same schema", TIMES, || {
                ensure!(same.waking(early)? == 0, "expected no wake-ups");
                Ok(())
            }),
            Contender::micros("minimal", TIMES, || {
                ensure!(minimal.next_hundred(-1_000)? == 0, "expected no due entries");
                Ok(())
            }),
        ],
    )?;
    let row = |one, other, goal| Row {
        what: format!("nothing due: {one}, {people} people"),
        ours: in_micros(figures.median(one)),
        raw: format!("{other} {}", in_micros(figures.median(other))),
        ratio: figures.ratio(one, other),
        goal,
    };
    Ok(vec![
        row("wake", "minimal", Goal::AtMost(2.0)),
        row("due to wake", "minimal", Goal::AtMost(2.0)),
        row("due by rank", "minimal", Goal::AtMost(2.0)),
        row("claim", "minimal", Goal::AtMost(2.0)),
        row("due to wake", "same schema", Goal::None),
    ])
}
