//! A simulated future obeys the rules and is the same in every run, for any history and any playbook.
//!
//! A point is a batch of random histories, each run forward for a year under a random playbook, response model and
//! seed. A failing case is shrunk before it is printed. The checks are those offered to users:
//! `followup_testing::check_future`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use followup::{Channel, Event, Policy, ProspectId, ProspectState};
use followup_fault_vfs::Random;
use followup_insight::simulate::{Likelihood, Response, ResponseModel, Scenario, simulate_one};
use followup_testing::proptest::prop_oneof;
use followup_testing::proptest::strategy::Strategy;
use followup_testing::{
    Broken, History, arb_history, arb_observed_history, arb_playbook, check_future, find,
};

use crate::planners::{self, Planner};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// Number of histories in a full run.
const FULL: usize = 100_000;

/// Number of histories per point.
const BATCH: u32 = 100;

/// Number of days that each history is run forward.
const DAYS: u32 = 365;

/// Exclusive upper bound on the days from the newest event to the start of the future.
const LATER_DAYS: i64 = 90;

pub(crate) struct Futures {
    seed: u64,
    planner: Planner,
    bug: Option<Bug>,
    futures: AtomicU64,
    events: AtomicU64,
}

/// A bug that can be planted in the simulator.
#[derive(Clone, Copy, PartialEq)]
enum Bug {
    /// Our actions happen two days too early.
    ActsTooEarly,
    /// Our actions happen at night.
    ActsAtNight,
    /// A prospect is touched once more after a stop.
    ActsAfterAStop,
    /// Wake-ups happen an hour too early.
    WakesTooEarly,
    /// Each run uses a different seed.
    ForgetsTheSeed,
}

const BUGS: [(&str, Bug); 5] = [
    ("acts-too-early", Bug::ActsTooEarly),
    ("acts-at-night", Bug::ActsAtNight),
    ("acts-after-a-stop", Bug::ActsAfterAStop),
    ("wakes-too-early", Bug::WakesTooEarly),
    ("forgets-the-seed", Bug::ForgetsTheSeed),
];

const PLANTED: &[&str] = &{
    let mut names = [""; BUGS.len() + planners::ALL.len()];
    let mut index = 0;
    while index < BUGS.len() {
        names[index] = BUGS[index].0;
        index += 1;
    }
    while index < names.len() {
        names[index] = planners::ALL[index - BUGS.len()];
        index += 1;
    }
    names
};

impl Proof for Futures {
    const NAME: &'static str = "simulate";
    const PROMISE: &'static str = "P, C, W, S";
    const PLANTED: &'static [&'static str] = PLANTED;

    fn prepare(seed: u64, planted: Option<&str>) -> Result<Futures> {
        let bug = BUGS.iter().find(|(name, _)| Some(*name) == planted).map(|(_, bug)| *bug);
        let planner = planners::planner(planted);
        Ok(Futures { seed, planner, bug, futures: AtomicU64::default(), events: AtomicU64::default() })
    }

    fn points(&self) -> usize {
        FULL / BATCH as usize
    }

    fn name_of(&self, point: usize) -> String {
        format!("batch-{point}")
    }

    fn check(&self, point: usize, _: &Scratch) -> Result<()> {
        let seed = Random::of(self.seed, &self.name_of(point)).number();
        let histories = prop_oneof![arb_history(), arb_observed_history()];
        let chance = (0..u64::MAX, 0..LATER_DAYS);
        let cases = (arb_playbook(), histories, chance).boxed();
        let checked = find(seed, BATCH, cases, |(playbook, history, (seed, later))| {
            self.check_one(history, &playbook.into(), *seed, *later)
        });
        checked.map_err(|found| anyhow!("{found}"))
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        let take = |figure: &AtomicU64| figure.swap(0, Ordering::Relaxed);
        BTreeMap::from([("futures", take(&self.futures)), ("events of futures", take(&self.events))])
    }
}

impl Futures {
    fn check_one(&self, history: &History, policy: &Policy, seed: u64, later: i64) -> Result<(), Broken> {
        let id = ProspectId::new(format!("p-{seed}")).expect("the id is valid");
        let scenario = Scenario::of_days(DAYS).seed(seed).responses(responses(seed));
        let now = history.newest().unwrap_or_default() + TimeDelta::days(later);
        let forward = |state: &ProspectState, policy: &Policy, now: DateTime<Utc>| {
            let mut events = simulate_one(&id, state, policy, &scenario, now);
            if let Some(bug) = self.bug {
                plant(bug, &mut events, now);
            }
            events
        };
        let future = check_future(&self.planner, &forward, history, policy, now)?;
        let first = future.in_order();
        let seed = if self.bug == Some(Bug::ForgetsTheSeed) { seed.wrapping_add(1) } else { seed };
        let scenario = scenario.clone().seed(seed);
        let mut state = history.state();
        let now = history.newest().map_or(now, |newest| now.max(newest));
        state.wake(policy, now);
        let again = simulate_one(&id, &state, policy, &scenario, now);
        self.futures.fetch_add(1, Ordering::Relaxed);
        self.events.fetch_add(again.len() as u64, Ordering::Relaxed);
        match self.bug.is_some_and(|bug| bug != Bug::ForgetsTheSeed) || first.ends_with(&again) {
            true => Ok(()),
            false => Err(Broken::of("the same seed gives another future", &future).policy(policy)),
        }
    }
}

/// A response model: the assumed one, one with equally likely responses, or one with very few.
fn responses(seed: u64) -> ResponseModel {
    let alike = |probability| {
        let likelihood = Likelihood { probability, delay_hours: vec![0.0, 5.0, 100.0, 900.0] };
        let all = Response::ALL.iter().map(|response| (*response, likelihood.clone())).collect();
        ResponseModel::new(all, BTreeMap::new()).expect("the shares add up to less than 1")
    };
    match seed % 3 {
        0 => ResponseModel::assumed().clone(),
        1 => alike(0.04),
        _ => alike(0.005),
    }
}

fn plant(bug: Bug, events: &mut Vec<Event>, now: DateTime<Utc>) {
    let is_ours = |event: &Event| event.is_touch() && !event.is_sign();
    let mut earlier = |ours: &dyn Fn(&Event) -> bool, by: TimeDelta| {
        let mut before = now;
        for event in events.iter_mut() {
            if ours(event) && event.at() - by > before {
                *event = event.clone().with_at(event.at() - by);
            }
            before = event.at();
        }
    };
    match bug {
        Bug::ActsTooEarly => earlier(&is_ours, TimeDelta::days(2)),
        Bug::ActsAtNight => earlier(&is_ours, TimeDelta::hours(9)),
        Bug::WakesTooEarly => earlier(&Event::is_wake_up, TimeDelta::hours(1)),
        Bug::ActsAfterAStop => {
            let stop = events.iter().position(|event| event.name() == "stopped");
            if let Some(place) = stop {
                events.truncate(place + 1);
                let at = events[place].at() + TimeDelta::days(7);
                events.push(Event::touched(at, Channel::EMAIL).with_key("once-more"));
            }
        }
        Bug::ForgetsTheSeed => {}
    }
}
