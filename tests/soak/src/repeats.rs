//! Repeated and reordered input changes nothing (R7).

use anyhow::{Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use followup::import::ImportItem;
use followup::{Channel, Desk, Event, Playbook, ProspectId};
use followup_fault_vfs::Random;
use followup_test_support::events::{KINDS, kind};
use pollster::block_on;

use crate::buggy::Bug;
use crate::engines::{self, ENGINES};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// Number of histories in a full run.
const FULL: usize = 10_000;

pub(crate) struct Repeats {
    seed: u64,
    bug: Option<Bug>,
}

impl Proof for Repeats {
    const NAME: &'static str = "repeats";
    const PROMISE: &'static str = "R7";
    const PLANTED: &'static [&'static str] = &["forgets-keys"];

    fn prepare(seed: u64, planted: Option<&str>) -> Result<Repeats> {
        Ok(Repeats { seed, bug: planted.and_then(Bug::named) })
    }

    fn points(&self) -> usize {
        FULL
    }

    fn name_of(&self, point: usize) -> String {
        format!("{}/{point}", ENGINES[point % ENGINES.len()])
    }

    fn check(&self, point: usize, scratch: &Scratch) -> Result<()> {
        let mut random = Random::of(self.seed, &self.name_of(point));
        let history = history(&mut random);
        let straight = engines::desk(engines::open(0, None, scratch)?, Playbook::default());
        block_on(straight.import(&history, now()))?;

        let store = engines::open(point % ENGINES.len(), self.bug, scratch)?;
        let desk = engines::desk(store, Playbook::default());
        let mut deliveries: Vec<&ImportItem> = Vec::new();
        for item in &history {
            for _ in 0..=random.below(5) {
                deliveries.push(item);
            }
        }
        for at in (1..deliveries.len()).rev() {
            deliveries.swap(at, random.below(at as u64 + 1) as usize);
        }
        // Batches have random sizes, from one event to all of the rest.
        let mut rest = &deliveries[..];
        let mut new = 0;
        while !rest.is_empty() {
            let size = random.below(rest.len() as u64) as usize + 1;
            let batch: Vec<ImportItem> = rest[..size].iter().copied().cloned().collect();
            let imported = block_on(desk.import(&batch, now()))?;
            ensure!(imported.rejected.is_empty(), "{:?}", imported.rejected);
            new += imported.new as usize;
            rest = &rest[size..];
        }
        ensure!(new == history.len(), "only {new} of {} events were new", history.len());
        ensure!(seen(&desk)? == seen(&straight)?, "the state depends on the order of delivery");
        Ok(())
    }
}

fn id() -> ProspectId {
    ProspectId::new("p").expect("the id is valid")
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(22_000)
}

/// The journal, the state and the stored plan, as text.
fn seen(desk: &Desk) -> Result<String> {
    let records = block_on(desk.store().history(&id()))?;
    let journal: Vec<_> =
        records.iter().map(|record| (&record.key, record.at, &record.kind, &record.body)).collect();
    let view = block_on(desk.read().stored_plan(&id(), now()))?;
    Ok(format!("{journal:?} {:?} {:?}", view.state, view.plan))
}

/// Makes a random history of one prospect with a key for each event. Some events share an instant.
fn history(random: &mut Random) -> Vec<ImportItem> {
    let mut at = now() - TimeDelta::days(1_500);
    (0..random.below(14) + 1)
        .map(|n| {
            at += TimeDelta::hours([0, 1, 20, 24 * 3, 24 * 9, 24 * 40][random.below(6) as usize]);
            let channel = *random.one_of(&[Channel::PHONE, Channel::EMAIL]);
            let event = Event::new(at, kind(random.below(KINDS), channel, at)).with_key(format!("k-{n}"));
            let event = event.with_seq(random.below(3) as i64);
            ImportItem::new(id(), event).expect("the id is valid")
        })
        .collect()
}
