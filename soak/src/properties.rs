//! What holds of every plan holds whatever happened and whatever the playbook says.
//!
//! A point is a batch of random histories, each under a random playbook; what fails is made smaller before it is
//! printed. The statements are those that users have: `followup_core::testing::invariants`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, anyhow};
use followup_core::testing::proptest::prop_oneof;
use followup_core::testing::proptest::strategy::Strategy;
use followup_core::testing::{arb_history, arb_observed_history, arb_playbook, find, invariants};
use followup_fault_vfs::Random;

use crate::planners::{self, Planner};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// The histories of the full figure.
const FULL: usize = 1_000_000;

/// The histories of a point.
const BATCH: u32 = 1_000;

/// How many days after the newest event a late fact is heard of, at most.
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
            self.histories.fetch_add(1, Ordering::Relaxed);
            self.plans.fetch_add(history.events().len() as u64, Ordering::Relaxed);
            invariants::check_planner(&self.planner, history, playbook)?;
            invariants::check_late_fact(history, playbook, *nth, *days)
        });
        checked.map_err(|found| anyhow!("{found}"))
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        let take = |figure: &AtomicU64| figure.swap(0, Ordering::Relaxed);
        BTreeMap::from([("histories", take(&self.histories)), ("plans", take(&self.plans))])
    }
}
