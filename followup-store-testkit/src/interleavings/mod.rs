//! Workers that take turns, in orders that a seed determines: they claim, append under the claim, renew, append without
//! a claim, and stop.
//!
//! In any order, no action is held by two workers at once, nothing is written under an old fence, and revisions have no
//! gaps. In a store whose futures never suspend, workers interleave between operations; in other stores, also within
//! them.

mod log;
mod schedule;
mod worker;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use followup_core::Store;

use crate::tools::{Outcome, Random, automatic, change, head};
use crate::{Factory, seed};
use log::Log;
use schedule::{Schedule, WORKERS};
use worker::{Script, Step, Worker};

/// Number of schedules that the suite tries.
const SCHEDULES: u64 = 300;
/// The default seed.
const SEED: u64 = 20_261_122;

/// In any order of their turns, no two workers hold the same action, and no worker writes under an old fence.
pub async fn workers_in_any_order_never_hold_the_same(factory: &dyn Factory) -> Outcome {
    some(factory, seed::or(SEED), SCHEDULES);
    Ok(())
}

/// The scripts of the workers, their clocks, and their turns.
#[derive(Clone, Debug)]
struct Plan {
    scripts: [Script; WORKERS],
    skews: [i64; WORKERS],
    schedule: Schedule,
}

/// Tries a number of random schedules with random workers, made from a seed: the n-th, from 0, has the seed plus n.
///
/// # Panics
/// At the first schedule that fails. The message has the seed with which it is the first.
pub fn some(factory: &dyn Factory, seed: u64, schedules: u64) {
    let subject = factory.make();
    for seed in (0..schedules).map(|n| seed.wrapping_add(n)) {
        let mut random = Random(seed);
        let plan = Plan {
            scripts: std::array::from_fn(|_| script(&mut random)),
            skews: std::array::from_fn(|_| random.below(5) as i64 - 2),
            schedule: schedule::shuffled(|bound| random.below(bound)),
        };
        if let Err(why) = run(subject.store(), seed, &plan) {
            panic!("{why}\n\nplan: {plan:?}\n\nto repeat it: {}={seed}", seed::VARIABLE);
        }
    }
}

/// Tries all 34,650 schedules of three workers with four operations each. For a store whose futures never suspend,
/// these are all possible interleavings.
///
/// # Panics
/// At the first schedule that fails.
pub fn every(factory: &dyn Factory) {
    let scripts = [
        [Step::Claim, Step::Intend, Step::Renew, Step::Settle],
        [Step::Claim, Step::Settle, Step::Claim, Step::Intend],
        [Step::Record, Step::Claim, Step::Stop, Step::Renew],
    ];
    let subject = factory.make();
    let all = std::iter::successors(Some(schedule::first()), |schedule| schedule::next(*schedule));
    for (n, schedule) in (0..).zip(all) {
        let plan = Plan { scripts, skews: [0, 1, 3], schedule };
        if let Err(why) = run(subject.store(), n, &plan) {
            panic!("{why}\n\nplan: {plan:?}");
        }
    }
}

fn script(random: &mut Random) -> Script {
    use Step::{Claim, Intend, Record, Renew, Settle, Stop};
    random.one_of(&[
        [Claim, Intend, Renew, Settle],
        [Claim, Settle, Claim, Settle],
        [Claim, Renew, Intend, Settle],
        [Record, Claim, Record, Settle],
        [Claim, Record, Stop, Settle],
        [Stop, Claim, Intend, Record],
    ])
}

/// A waker that unparks the polling thread.
struct Waker(Thread);

impl Wake for Waker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a plan over two new prospects, and clears their due entries afterwards, so that the next plan can use the same
/// store. For some stores, making a new one takes longer than the plan.
fn run(store: &dyn Store, number: u64, plan: &Plan) -> Result<(), String> {
    let prospects = [format!("p-{number}-1"), format!("p-{number}-2")];
    let [one, two] = [0, 1].map(|opens| automatic(&prospects[opens as usize], 0, "added", opens));
    let added = store.append(vec![one, two]);
    pollster::block_on(added).map_err(|error| error.to_string())?;
    let log = RefCell::new(Log::default());
    let mut workers: Vec<Option<Pin<Box<dyn Future<Output = Outcome> + '_>>>> = (0..WORKERS)
        .map(|number| {
            let (script, skew) = (plan.scripts[number], plan.skews[number]);
            let worker = Worker { number, prospects: &prospects, script, skew, store, log: &log };
            let future: Pin<Box<dyn Future<Output = Outcome> + '_>> = Box::pin(worker.work());
            Some(future)
        })
        .collect();
    for turn in plan.schedule {
        poll(&mut workers[usize::from(turn)])?;
    }
    // Operations that are still suspended after the scheduled turns are finished now, in turns.
    let mut is_first = true;
    while workers.iter().any(Option::is_some) {
        if !is_first {
            // Only briefly: a worker at the end of its turn is not woken by anyone.
            thread::park_timeout(std::time::Duration::from_micros(50));
        }
        is_first = false;
        workers.iter_mut().try_for_each(poll)?;
    }
    drop(workers);
    pollster::block_on(log.into_inner().verdict(store, 1))?;
    prospects
        .iter()
        .try_for_each(|prospect| pollster::block_on(rest(store, prospect)).map_err(|e| e.to_string()))
}

/// Clears the due entry of a prospect.
async fn rest(store: &dyn Store, prospect: &str) -> Outcome {
    let revision = head(store, prospect).await?.map_or(0, |head| head.revision.0);
    let mut change = change(prospect, revision, "rest");
    change.due = None;
    store.append(vec![change]).await
}

/// Polls a worker once.
fn poll(worker: &mut Option<Pin<Box<dyn Future<Output = Outcome> + '_>>>) -> Result<(), String> {
    let Some(future) = worker else { return Ok(()) };
    let waker = Arc::new(Waker(thread::current())).into();
    if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
        *worker = None;
        done.map_err(|error| format!("a worker failed with {:?}: {error}", error.kind()))?;
    }
    Ok(())
}
