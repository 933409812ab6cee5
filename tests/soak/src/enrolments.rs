//! One pursuit per prospect, and one open action per pursuit (R8), while many threads add and record the same prospect.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use anyhow::{Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use followup::store::{DueOrder, DueQuery};
use followup::{Channel, DeskError, Event, Playbook, Prospect, ProspectId, ProspectState};
use pollster::block_on;

use crate::buggy::Bug;
use crate::engines::{self, ENGINES};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// Number of prospects in a full run.
const FULL: usize = 5_000;

/// Number of threads that add the same prospect at once.
const AT_ONCE: usize = 64;

pub(crate) struct Enrolments {
    bug: Option<Bug>,
}

/// Whether a thread was the first of those running at once.
type Won = Result<bool>;

impl Proof for Enrolments {
    const NAME: &'static str = "enrolments";
    const PROMISE: &'static str = "R8";
    const PLANTED: &'static [&'static str] = &["forgets-revisions", "forgets-keys"];

    fn prepare(_: u64, planted: Option<&str>) -> Result<Enrolments> {
        Ok(Enrolments { bug: planted.and_then(Bug::named) })
    }

    fn points(&self) -> usize {
        FULL
    }

    fn name_of(&self, point: usize) -> String {
        format!("{}/{point}", ENGINES[point % ENGINES.len()])
    }

    fn check(&self, point: usize, scratch: &Scratch) -> Result<()> {
        let desk =
            engines::desk(engines::open(point % ENGINES.len(), self.bug, scratch)?, Playbook::default());
        let id = ProspectId::new("p")?;
        let barrier = Barrier::new(AT_ONCE);
        let at_once = |take: &(dyn Fn(usize) -> Won + Sync)| -> Result<Vec<bool>> {
            thread::scope(|scope| {
                let threads: Vec<_> = (0..AT_ONCE)
                    .map(|n| {
                        let barrier = &barrier;
                        scope.spawn(move || {
                            barrier.wait();
                            take(n)
                        })
                    })
                    .collect();
                threads.into_iter().map(|thread| thread.join().expect("the thread does not panic")).collect()
            })
        };
        let added = at_once(&|n| {
            let prospect = Prospect::new("p")?.name(format!("the name that {n} knows"));
            match block_on(desk.add(prospect, now())) {
                Ok(receipt) => Ok(!receipt.repeated),
                Err(DeskError::Exists(_)) => Ok(false),
                Err(error) => Err(error.into()),
            }
        })?;
        let wins = |won: &[bool]| won.iter().filter(|won| **won).count();
        ensure!(
            wins(&added) == 1,
            "{} of {AT_ONCE} threads added the same prospect; expected 1",
            wins(&added)
        );
        // Each thread records a fact of its own and one fact that all of them report.
        let told = at_once(&|n| {
            let own = Event::touched(now() + TimeDelta::minutes(n as i64), Channel::PHONE)
                .with_key(format!("t-{n}"));
            block_on(desk.observe_at(&id, own, now() + TimeDelta::hours(2)))?;
            let same = Event::replied(now() + TimeDelta::hours(1), None).with_key("reply");
            Ok(!block_on(desk.observe_at(&id, same, now() + TimeDelta::hours(2)))?.repeated)
        })?;
        ensure!(wins(&told) == 1, "{} of {AT_ONCE} threads recorded the same fact; expected 1", wins(&told));
        let records = block_on(desk.store().history(&id))?;
        let keys: BTreeSet<&str> = records.iter().map(|record| &*record.key).collect();
        ensure!(
            keys.len() == AT_ONCE + 2 && records.len() == keys.len(),
            "unexpected number of records: {}",
            records.len()
        );
        let due = block_on(desk.store().due(DueQuery::new(DueOrder::Rank, 9)))?.entries;
        ensure!(due.len() == 1, "{} open actions; expected 1", due.len());
        ensure!(
            due[0].revision.0 == records.len() as u64,
            "the due entry was planned at revision {}",
            due[0].revision
        );
        let stored = block_on(desk.read().stored_plan(&id, now() + TimeDelta::hours(2)))?.state;
        let entries = block_on(desk.history(&id))?;
        let replayed = ProspectState::replay(entries.into_iter().map(|entry| entry.event))?;
        ensure!(stored == replayed, "the stored state is not that of the journal");
        Ok(())
    }
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}
