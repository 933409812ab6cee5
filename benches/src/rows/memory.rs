//! What does the store contract cost without a disk: the memory store relative to ordered maps?

use std::hint::black_box;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use followup::Store;
use followup::store::{Append, Due, DueOrder, DueQuery, Record, Revision, Snapshot};
use followup_store_memory::MemoryStore;
use pollster::block_on;

use super::{ROUNDS, a_second};
use crate::bases::Bases;
use crate::harness::{Contender, Goal, Row, interleave};
use crate::people::{id, start};
use crate::random::Random;
use crate::raw_memory::RawMemory;

const PEOPLE: u64 = 100_000;
const IN_A_ROUND: usize = 20_000;

/// Measures the rows.
///
/// # Errors
/// If a store or a baseline fails.
pub(super) fn rows(_: &Bases) -> Result<Vec<Row>> {
    let store = MemoryStore::new();
    let mut random = Random::seeded(1);
    let mut changes = Vec::new();
    for number in 0..PEOPLE {
        let due_at = start() + TimeDelta::seconds(random.below(30 * 86_400) as i64);
        let mut due = Due::new(id(number)?, Revision(1));
        schedule(&mut due, due_at, number);
        changes.push(change(due, Revision(0), format!("crm-{number:07}"), &mut random));
    }
    block_on(store.append(changes))?;
    let mut raw = RawMemory::filled(PEOPLE);
    let query = DueQuery::new(DueOrder::Rank, 1);
    let figures = interleave(
        ROUNDS,
        &mut [
            Contender::rate("ours", IN_A_ROUND, |times| {
                for _ in 0..times {
                    let page = block_on(store.due(query.clone()))?.entries;
                    let mut due = page.into_iter().next().context("nothing is due")?;
                    let (revision, at) = (due.revision, due.rank_at.context("a due entry has no rank")?);
                    let next_at = at + TimeDelta::seconds(86_400 + random.below(30 * 86_400) as i64);
                    due.revision = Revision(revision.0 + 1);
                    schedule(&mut due, next_at, revision.0);
                    let key = format!("call-{}-{:03}", due.prospect, revision.0);
                    block_on(store.append(vec![change(due, revision, key, &mut random)]))?;
                }
                Ok(())
            }),
            Contender::rate("ordered maps", IN_A_ROUND, |times| {
                raw.complete(times);
                Ok(())
            }),
        ],
    )?;
    black_box(&raw);
    Ok(vec![Row {
        what: format!("memory: take the first due entry and reschedule it, {PEOPLE} people"),
        ours: a_second(figures.median("ours")),
        raw: format!("ordered maps {}", a_second(figures.median("ordered maps"))),
        ratio: figures.ratio("ours", "ordered maps"),
        goal: Goal::AtLeast(0.5),
    }])
}

/// Fills a due entry as the engine does for a person who is called next.
fn schedule(due: &mut Due, at: DateTime<Utc>, turn: u64) {
    due.owner = Some(format!("owner-{}", turn % 10));
    (due.earliest, due.target, due.latest, due.rank_at) = (Some(at), Some(at), Some(at), Some(at));
    due.wake_at = Some(at + TimeDelta::days(30));
    due.obligation = format!("cadence:crm-{turn:07}");
    due.planned_by = "1/3f2c9a7b11d4e8c0a5b6c7d8e9f00112/2026b".to_owned();
}

/// Makes a change with an event of about 120 bytes and a small snapshot.
fn change(due: Due, expected: Revision, key: String, random: &mut Random) -> Append {
    let mut record = Record::new(key, start(), "touched", r#"{"channel":"phone"}"#);
    random.fill(&mut record.hash);
    let mut snapshot = vec![0; 64];
    random.fill(&mut snapshot);
    let mut change = Append::new(due.prospect.clone(), expected, vec![record], Snapshot::new(1, snapshot));
    change.due = Some(due);
    change
}
