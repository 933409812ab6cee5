//! A stop is final once acknowledged (R6): workers claim and send while stops are recorded.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use followup::send::{Delivery, Dispatcher, Message, TickLimits, TickOutcome};
use followup::{Desk, Event, Prospect, ProspectId};
use followup_fault_vfs::Random;
use pollster::block_on;

use crate::buggy::Bug;
use crate::engines::{self, ENGINES};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// Number of prospects per point. Each is one race of a stop against a claim.
const RACES: usize = 64;

/// Number of races in a full run.
const FULL: usize = 20_000;

const WORKERS: usize = 4;

pub(crate) struct Stops {
    seed: u64,
    bug: Option<Bug>,
    sent: AtomicU64,
    in_flight: AtomicU64,
}

/// A dispatcher that records when each message is begun, on a logical clock.
struct Noting<'a> {
    clock: &'a AtomicU64,
    begun: Mutex<Vec<(ProspectId, String, u64)>>,
}

#[async_trait]
impl Dispatcher for Noting<'_> {
    async fn send(&self, message: &Message) -> Delivery {
        let begun = (
            message.prospect.clone(),
            message.action().to_string(),
            self.clock.fetch_add(1, Ordering::SeqCst),
        );
        self.begun.lock().expect("no thread panics while it holds the lock").push(begun);
        thread::yield_now();
        Delivery::Sent { message_id: None }
    }
}

/// An acknowledged stop: the action that it reported as in flight, and when it was acknowledged.
struct Stopped {
    prospect: ProspectId,
    in_flight: Option<String>,
    at: u64,
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

impl Proof for Stops {
    const NAME: &'static str = "stops";
    const PROMISE: &'static str = "R6";
    const PLANTED: &'static [&'static str] = &["forgets-revisions"];

    fn prepare(seed: u64, planted: Option<&str>) -> Result<Stops> {
        let bug = planted.and_then(Bug::named);
        Ok(Stops { seed, bug, sent: AtomicU64::new(0), in_flight: AtomicU64::new(0) })
    }

    fn points(&self) -> usize {
        FULL.div_ceil(RACES)
    }

    fn name_of(&self, point: usize) -> String {
        format!("{}/{point}", ENGINES[point % ENGINES.len()])
    }

    fn check(&self, point: usize, scratch: &Scratch) -> Result<()> {
        let store = engines::open(point % ENGINES.len(), self.bug, scratch)?;
        let desk = engines::desk(store, engines::automatic()?);
        for n in 0..RACES {
            let prospect = Prospect::new(format!("p-{n}"))?.email(format!("p-{n}@example.org"))?;
            block_on(desk.add(prospect, now() - TimeDelta::days(1)))?;
        }
        let clock = AtomicU64::new(0);
        let noting = Noting { clock: &clock, begun: Mutex::default() };
        let mut random = Random::of(self.seed, &self.name_of(point));
        let mut order: Vec<usize> = (0..RACES).collect();
        for at in (1..RACES).rev() {
            order.swap(at, random.below(at as u64 + 1) as usize);
        }
        let stops = thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(|| work(&desk, &noting))).collect();
            let stops = stop_all(&desk, &order, &clock);
            workers.into_iter().try_for_each(|worker| worker.join().expect("a worker does not panic"))?;
            stops
        })?;
        let begun = noting.begun.into_inner().expect("no thread panics while it holds the lock");
        self.sent.fetch_add(begun.len() as u64, Ordering::Relaxed);
        stops.iter().try_for_each(|stop| self.judge(&desk, stop, &begun))
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        BTreeMap::from([
            ("messages begun", take(&self.sent)),
            ("in flight at the stop", take(&self.in_flight)),
        ])
    }
}

fn work(desk: &Desk, noting: &Noting<'_>) -> Result<()> {
    let limits = TickLimits::default().messages(3).at_once(1);
    loop {
        let ticked = block_on(desk.tick(now(), noting, limits))?;
        if ticked.is_empty() {
            return Ok(());
        }
        for ticked in ticked {
            // A stop between the intent and the message suppresses the message by its address.
            let ended = matches!(
                ticked.outcome,
                TickOutcome::Sent | TickOutcome::Replanned | TickOutcome::Suppressed
            );
            ensure!(ended, "{}: unexpected outcome {:?}", ticked.prospect, ticked.outcome);
        }
    }
}

fn stop_all(desk: &Desk, order: &[usize], clock: &AtomicU64) -> Result<Vec<Stopped>> {
    order
        .iter()
        .map(|n| {
            let receipt =
                block_on(desk.observe(format!("p-{n}").as_str(), Event::stopped(now()).with_seq(1_000)))?;
            let at = clock.fetch_add(1, Ordering::SeqCst);
            Ok(Stopped { prospect: receipt.prospect, in_flight: receipt.in_flight, at })
        })
        .collect()
}

impl Stops {
    fn judge(&self, desk: &Desk, stop: &Stopped, begun: &[(ProspectId, String, u64)]) -> Result<()> {
        let Stopped { prospect, in_flight, at } = stop;
        self.in_flight.fetch_add(u64::from(in_flight.is_some()), Ordering::Relaxed);
        let mine: Vec<_> = begun.iter().filter(|(whose, ..)| whose == prospect).collect();
        ensure!(mine.len() <= 1, "{prospect} received {} messages; expected at most 1", mine.len());
        for (_, action, begun_at) in mine {
            let is_told = in_flight.as_ref() == Some(action);
            ensure!(
                begun_at < at || is_told,
                "{prospect}: {action} was begun after the stop and is not in its receipt"
            );
        }
        // The journal must agree: nothing is intended after the stop.
        let records = block_on(desk.store().history(prospect))?;
        let intended = records.iter().filter(|record| record.kind == "send_intended").count();
        ensure!(intended <= 1, "{prospect}: {intended} intents in the journal; expected at most 1");
        let view = block_on(desk.plan(prospect, now() + TimeDelta::days(900)))?;
        ensure!(view.plan.next().is_none(), "{prospect}: an action is planned after the stop");
        let head =
            block_on(desk.store().head(vec![followup::store::HeadQuery::new(prospect.clone(), vec![])]))?;
        head.into_iter().flatten().next().context("the prospect is missing")?;
        Ok(())
    }
}
