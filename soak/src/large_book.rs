//! Books of many people, for what time and memory depend on.

use std::path::Path;

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use followup_core::time::Zone;
use followup_core::{Desk, Event, EventKind, ImportItem, Playbook, ProspectId};
use followup_fault_vfs::Random;
use followup_store_sqlite::{SqliteStore, Synchronous};
use pollster::block_on;

/// How many are imported in one batch.
const BATCH: u64 = 1_000;

const OWNERS: u64 = 100;

const ZONES: [&str; 8] = [
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Europe/London",
    "America/Los_Angeles",
];

/// Monday, 1 March 2027, 8:00 UTC.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_803_888_000, 0).expect("it is a date of this century")
}

/// Makes a book of so many people, each with a history of their own.
pub(crate) fn fill(path: &Path, people: u64, history: impl Fn(u64, &mut Random) -> Vec<Event>) -> Result<()> {
    let store = SqliteStore::options().synchronous(Synchronous::Normal).open(path)?;
    let desk = Desk::new(store, Playbook::default());
    let mut random = Random::new(42);
    let mut number = 0;
    while number < people {
        let upto = people.min(number + BATCH);
        let mut batch = Vec::new();
        for number in number..upto {
            let prospect = ProspectId::new(format!("p-{number:07}"))?;
            let item = |event| ImportItem { prospect: prospect.clone(), event };
            batch.extend(history(number, &mut random).into_iter().map(item));
        }
        let imported = block_on(desk.import(&batch, now()))?;
        ensure!(imported.new == batch.len() as u64, "an import of new people takes all of them");
        number = upto;
    }
    Ok(())
}

/// Somebody is taken in.
pub(crate) fn added(number: u64, at: DateTime<Utc>, random: &mut Random) -> Event {
    let mut added = Event::added(at).key("added");
    if let EventKind::Added { owner, zone, email, phone, .. } = &mut added.kind {
        *owner = Some(format!("owner-{}", number % OWNERS));
        *zone = Zone::named(ZONES[random.below(8) as usize]).ok();
        *email = Some(format!("p{number}@example.org"));
        *phone = Some(format!("+49301{number:07}"));
    }
    added
}
