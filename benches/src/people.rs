//! The people of all benches and their events.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use followup::event::EventKind;
use followup::import::ImportItem;
use followup::time::Zone;
use followup::{Channel, Desk, Event, Playbook, ProspectId, Store};
use pollster::block_on;

use crate::random::Random;

/// Number of people imported in one batch, and so in one transaction.
pub const BATCH: u64 = 1_000;

const OWNERS: u64 = 10;
/// The zones of the people.
pub const ZONES: [&str; 8] = [
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Europe/London",
    "America/Los_Angeles",
];

/// The instant by which all people have been added: Monday, 1 March 2027, 8:00 UTC.
pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_803_888_000, 0).expect("the timestamp is in range")
}

/// The prospect id for a number.
///
/// # Errors
/// Never: every number gives a valid id.
pub fn id(number: u64) -> Result<ProspectId> {
    Ok(ProspectId::new(format!("p-{number:07}"))?)
}

/// Makes the event that adds a person at a random time in the thirty days before [`start`].
pub fn added(number: u64, random: &mut Random) -> Result<ImportItem> {
    let back = TimeDelta::seconds(1 + random.below(30 * 86_400) as i64);
    let mut event = Event::added(start() - back).with_key(format!("crm-{number:07}"));
    if let EventKind::Added { owner, zone, .. } = event.kind_mut() {
        *owner = Some(format!("owner-{}", number % OWNERS));
        *zone = Some(Zone::named(ZONES[random.below(8) as usize])?);
    }
    Ok(ImportItem::new(id(number)?, event)?)
}

/// Makes the event that a person was called. Each round is a week after the one before.
pub fn touched(number: u64, round: u64) -> Event {
    let at = start() + TimeDelta::days(1 + 7 * round as i64) + TimeDelta::seconds(number as i64 % 36_000);
    Event::touched(at, Channel::PHONE).with_key(format!("call-{number:07}-{round:03}"))
}

/// Creates a desk over a store, with the default playbook.
pub fn desk(store: impl Store + 'static) -> Desk {
    Desk::new(store, Playbook::default())
}

/// Imports the given number of people, in batches.
///
/// # Errors
/// If the store reports an error.
pub fn import(desk: &Desk, people: u64) -> Result<()> {
    let mut random = Random::seeded(42);
    let mut number = 0;
    while number < people {
        let upto = people.min(number + BATCH);
        let batch = (number..upto).map(|number| added(number, &mut random)).collect::<Result<Vec<_>>>()?;
        let imported = block_on(desk.import(&batch, start()))?;
        anyhow::ensure!(imported.new == upto - number, "the import of new people did not accept every event");
        number = upto;
    }
    Ok(())
}
