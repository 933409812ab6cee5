//! The people of all benches: who they are, and what happens to them.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use followup_core::time::Zone;
use followup_core::{Channel, Desk, Event, EventKind, ImportItem, Playbook, ProspectId, Store};
use pollster::block_on;

use crate::random::Random;

/// How many are imported in one batch, and so in one transaction.
pub const BATCH: u64 = 1_000;

const OWNERS: u64 = 10;
/// Where they live.
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

/// When all have been taken in: Monday, 1 March 2027, 8:00 UTC.
pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_803_888_000, 0).expect("it is a date of this century")
}

/// The identity of a number.
///
/// # Errors
/// None: any number makes an identity.
pub fn id(number: u64) -> Result<ProspectId> {
    Ok(ProspectId::new(format!("p-{number:07}"))?)
}

/// Somebody is taken in, at some time in the thirty days before [`start`].
pub fn added(number: u64, random: &mut Random) -> Result<ImportItem> {
    let back = TimeDelta::seconds(1 + random.below(30 * 86_400) as i64);
    let mut event = Event::added(start() - back).key(format!("crm-{number:07}"));
    if let EventKind::Added { owner, zone, .. } = &mut event.kind {
        *owner = Some(format!("owner-{}", number % OWNERS));
        *zone = Some(Zone::named(ZONES[random.below(8) as usize])?);
    }
    Ok(ImportItem { prospect: id(number)?, event })
}

/// They are called: what is due is done, and the next is scheduled. Each time round is a week after the one before.
pub fn touched(number: u64, round: u64) -> Event {
    let at = start() + TimeDelta::days(1 + 7 * round as i64) + TimeDelta::seconds(number as i64 % 36_000);
    Event::touched(at, Channel::PHONE).key(format!("call-{number:07}-{round:03}"))
}

/// A desk over a store, with the default playbook.
pub fn desk(store: impl Store + 'static) -> Desk {
    Desk::new(store, Playbook::default())
}

/// Imports so many people in batches.
///
/// # Errors
/// Those of the store.
pub fn import(desk: &Desk, people: u64) -> Result<()> {
    let mut random = Random::seeded(42);
    let mut number = 0;
    while number < people {
        let upto = people.min(number + BATCH);
        let batch = (number..upto).map(|number| added(number, &mut random)).collect::<Result<Vec<_>>>()?;
        let imported = block_on(desk.import(&batch, start()))?;
        anyhow::ensure!(imported.new == upto - number, "an import of new people takes all of them");
        number = upto;
    }
    Ok(())
}
