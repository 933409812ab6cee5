//! People whose messages are sent automatically, and the changes that a worker makes to the store.

use anyhow::{Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use followup::Store;
use followup::store::{Append, Claim, Claimed, Due, Record, Revision, Snapshot, UnderClaim};
use pollster::block_on;

use crate::people::{BATCH, id, start};
use crate::random::Random;

const MONTH_SECONDS: u64 = 30 * 86_400;

/// Fills a store with the given number of people, each with one event and a message that is due at a random time in the
/// month after [`start`].
///
/// # Errors
/// If the store reports an error.
pub fn fill(store: &impl Store, people: u64) -> Result<()> {
    let mut random = Random::seeded(42);
    for first in (0..people).step_by(BATCH as usize) {
        let mut changes = Vec::new();
        for number in first..people.min(first + BATCH) {
            let mut due = Due::new(id(number)?, Revision(1));
            due.automatic = true;
            schedule(&mut due, start(), number, &mut random);
            let key = format!("crm-{number:07}");
            changes.push(change(due, Revision(0), key, &mut random));
        }
        block_on(store.append(changes))?;
    }
    Ok(())
}

/// Acts as a worker: claims the next hundred messages that are due by a month after [`start`] (all of them are), and
/// appends for each that it was sent and when the next one is due. Repeats this `times` times.
///
/// # Errors
/// If the store reports an error.
pub fn claim_and_complete(store: &impl Store, times: usize, random: &mut Random) -> Result<()> {
    let month_later = start() + TimeDelta::days(30);
    for _ in 0..times {
        let claim = Claim::new(month_later, month_later + TimeDelta::hours(1), 100);
        let claimed = block_on(store.claim(claim))?.claimed;
        ensure!(claimed.len() == 100, "expected 100 due entries, found {}", claimed.len());
        let changes = claimed.into_iter().map(|claimed| completed(claimed, random)).collect();
        block_on(store.append(changes))?;
    }
    Ok(())
}

fn completed(claimed: Claimed, random: &mut Random) -> Append {
    let Claimed { mut due, fence, .. } = claimed;
    let before = due.revision;
    due.revision = Revision(before.0 + 1);
    schedule(&mut due, start() + TimeDelta::days(60), before.0, random);
    let key = format!("sent-{}-{:03}", due.prospect, before.0);
    let mut change = change(due, before, key, random);
    change.claim = Some(UnderClaim::Ends(fence));
    change
}

/// Schedules a due entry at a random time in the month after `from`.
fn schedule(due: &mut Due, from: DateTime<Utc>, turn: u64, random: &mut Random) {
    let at = from + TimeDelta::seconds(random.below(MONTH_SECONDS) as i64);
    due.owner.get_or_insert_with(|| format!("owner-{}", turn % 10));
    (due.earliest, due.target, due.latest, due.rank_at) = (Some(at), Some(at), Some(at), Some(at));
    due.wake_at = Some(at + TimeDelta::days(30));
    due.obligation = format!("cadence:crm-{turn:07}");
    due.planned_by = "1/3f2c9a7b11d4e8c0/2026b".to_owned();
}

/// Makes a change with an event of about 120 bytes and a snapshot of the engine's usual length.
fn change(due: Due, expected: Revision, key: String, random: &mut Random) -> Append {
    let mut record = Record::new(key, start(), "touched", r#"{"channel":"email","automatic":true}"#);
    random.fill(&mut record.hash);
    let mut snapshot = vec![0; 150];
    random.fill(&mut snapshot);
    let mut change = Append::new(due.prospect.clone(), expected, vec![record], Snapshot::new(1, snapshot));
    change.due = Some(due);
    change
}
