//! How long does an agenda of a hundred take, and does it depend on the number of people?

use std::hint::black_box;

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use followup::store::{DueOrder, DueQuery};
use followup::{Desk, Policy, Store};
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

use super::{ROUNDS, SIZES, in_micros};
use crate::bases::{Bases, Tables};
use crate::harness::{Contender, Figures, Goal, Row, interleave};
use crate::people::{self, start};
use crate::raw_minimal::RawMinimal;
use crate::raw_same::RawSame;

const TIMES: usize = 40;
/// Number of days after all people have been added. By then, hundreds are due at every size.
const DAYS: i64 = 4;

/// Measures the rows.
///
/// # Errors
/// If a store or a baseline fails.
pub(super) fn rows(bases: &Bases) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut desks = Vec::new();
    for people in SIZES {
        desks.push(people::desk(SqliteStore::open(bases.base(Tables::Ours, people)?)?));
    }
    let mut sizes: Vec<_> = desks
        .iter()
        .zip(["1,000", "100,000", "1,000,000"])
        .map(|(desk, size)| Contender::micros(size, TIMES, move || agenda(desk)))
        .collect();
    let figures = interleave(ROUNDS, &mut sizes)?;
    for size in ["100,000", "1,000,000"] {
        rows.push(row(&figures, &format!("agenda of 100, {size} people"), size, "1,000", Goal::AtMost(1.4)));
    }
    drop(sizes);
    drop(desks);
    for people in SIZES {
        rows.extend(beside_raw(bases, people)?);
    }
    Ok(rows)
}

fn agenda(desk: &Desk) -> Result<()> {
    let now = start() + TimeDelta::days(DAYS);
    let lines = block_on(async { desk.agenda(now).limit(100).await })?;
    ensure!(lines.len() == 100, "expected 100 due entries, found {}", lines.len());
    black_box(lines);
    Ok(())
}

/// Measures one size: the whole agenda relative to raw queries for the same rows, decoded and planned; and the page of
/// due entries relative to a raw page.
fn beside_raw(bases: &Bases, people: u64) -> Result<Vec<Row>> {
    let store = SqliteStore::open(bases.copy(Tables::Ours, people, "ours.db")?)?;
    let desk = people::desk(store.clone());
    let policy = Policy::default();
    let same = RawSame::open(&bases.copy(Tables::Ours, people, "same.db")?, people, "FULL")?;
    let minimal = RawMinimal::open(&bases.copy(Tables::Minimal, people, "minimal.db")?, people, "FULL")?;
    let now = start() + TimeDelta::days(DAYS);
    let mut query = DueQuery::new(DueOrder::Rank, 100);
    query.opens_before = Some(now + TimeDelta::days(7));
    let figures = interleave(
        ROUNDS,
        &mut [
            Contender::micros("agenda", TIMES, || agenda(&desk)),
            Contender::micros("same schema, decoded and planned", TIMES, || {
                let planned = same.next_hundred_planned(now + TimeDelta::days(7), &policy)?;
                ensure!(planned == 100, "expected 100 due entries, found {planned}");
                Ok(())
            }),
            Contender::micros("due", TIMES, || {
                let page = block_on(store.due(query.clone()))?;
                ensure!(black_box(page).entries.len() == 100, "expected 100 due entries");
                Ok(())
            }),
            Contender::micros("same schema", TIMES, || {
                ensure!(same.next_hundred(now + TimeDelta::days(7))? == 100, "expected 100 due entries");
                Ok(())
            }),
            Contender::micros("minimal", TIMES, || {
                ensure!(minimal.next_hundred(30)? == 100, "expected 100 due entries");
                Ok(())
            }),
        ],
    )?;
    let whole = format!("agenda of 100 relative to raw, {people} people");
    let page = format!("`Store::due` of 100 relative to raw, {people} people");
    Ok(vec![
        row(&figures, &whole, "agenda", "same schema, decoded and planned", Goal::AtMost(1.2)),
        row(&figures, &page, "due", "same schema", Goal::None),
        row(&figures, &page, "due", "minimal", Goal::None),
    ])
}

fn row(figures: &Figures, what: &str, one: &str, other: &str, goal: Goal) -> Row {
    Row {
        what: what.to_owned(),
        ours: in_micros(figures.median(one)),
        raw: format!("{other} {}", in_micros(figures.median(other))),
        ratio: figures.ratio(one, other),
        goal,
    }
}
