//! The invariants of plans hold for any history and any playbook.
//!
//! A point is a batch of random histories, each under a random playbook. A failing case is shrunk before it is printed.
//! The checks are those offered to users: `followup_testing::invariants`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, anyhow};
use followup::Policy;
use followup_fault_vfs::Random;
use followup_testing::proptest::prop_oneof;
use followup_testing::proptest::strategy::Strategy;
use followup_testing::{arb_history, arb_observed_history, arb_playbook, find, invariants};

use crate::planners::{self, Planner};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// Number of histories in a full run.
const FULL: usize = 1_000_000;

/// Number of histories per point.
const BATCH: u32 = 1_000;

/// Exclusive upper bound on the days after the newest event at which a late fact arrives.
const LATE_DAYS: u32 = 120;

pub(crate) struct Properties {
    seed: u64,
    planner: Planner,
    histories: AtomicU64,
    plans: AtomicU64,
}

impl Proof for Properties {
    const NAME: &'static str = "properties";
    const PROMISE: &'static str = "P, C, W, S";
    const PLANTED: &'static [&'static str] = planners::ALL;

    fn prepare(seed: u64, planted: Option<&str>) -> Result<Properties> {
        let planner = planners::planner(planted);
        Ok(Properties { seed, planner, histories: AtomicU64::default(), plans: AtomicU64::default() })
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
        let late = (0..16_usize, 0..LATE_DAYS);
        let cases = (arb_playbook(), histories, late).boxed();
        let checked = find(seed, BATCH, cases, |(playbook, history, (nth, days))| {
            let policy = &Policy::from(playbook);
            self.histories.fetch_add(1, Ordering::Relaxed);
            self.plans.fetch_add(history.events().len() as u64, Ordering::Relaxed);
            invariants::check_planner(&self.planner, history, policy)?;
            invariants::check_late_fact(history, policy, *nth, *days)
        });
        checked.map_err(|found| anyhow!("{found}"))
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        let take = |figure: &AtomicU64| figure.swap(0, Ordering::Relaxed);
        BTreeMap::from([("histories", take(&self.histories)), ("plans", take(&self.plans))])
    }
}
