//! Books of many people, for measuring time and memory.

use std::path::Path;

use anyhow::{Result, ensure};
use chrono::{DateTime, Utc};
use followup::event::EventKind;
use followup::import::ImportItem;
use followup::time::Zone;
use followup::{Desk, Event, Playbook, ProspectId};
use followup_fault_vfs::Random;
use followup_store_sqlite::{SqliteStore, Synchronous};
use pollster::block_on;

/// Number of people imported in one batch.
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
    DateTime::from_timestamp(1_803_888_000, 0).expect("the timestamp is in range")
}

/// Creates a book with the given number of people and imports the history of each.
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
            let item = |event| ImportItem::new(&prospect, event).expect("an id is an id");
            batch.extend(history(number, &mut random).into_iter().map(item));
        }
        let imported = block_on(desk.import(&batch, now()))?;
        ensure!(imported.new == batch.len() as u64, "the import of new people did not accept every event");
        number = upto;
    }
    Ok(())
}

/// Makes the event that adds a person, with an owner, a zone, an email address and a phone number.
pub(crate) fn added(number: u64, at: DateTime<Utc>, random: &mut Random) -> Event {
    let mut added = Event::added(at).with_key("added");
    if let EventKind::Added { owner, zone, email, phone, .. } = added.kind_mut() {
        *owner = Some(format!("owner-{}", number % OWNERS));
        *zone = Zone::named(ZONES[random.below(8) as usize]).ok();
        *email = Some(format!("p{number}@example.org"));
        *phone = Some(format!("+49301{number:07}"));
    }
    added
}
