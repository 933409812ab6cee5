//! The invariants of plans hold after every sequence of six events out of eleven.
//!
//! A point covers all sequences that begin with the same two events.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, anyhow};
use followup::Policy;
use followup_testing::{invariants, model};

use crate::planners::{self, Planner};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// Maximum length of a sequence.
const DEPTH: usize = 6;

pub(crate) struct Model {
    planner: Planner,
    policy: Policy,
    sequences: AtomicU64,
}

impl Proof for Model {
    const NAME: &'static str = "model";
    const PROMISE: &'static str = "P, C, W, S";
    const PLANTED: &'static [&'static str] = planners::SHOWN_BY_SHORT_HISTORIES;

    fn prepare(_: u64, planted: Option<&str>) -> Result<Model> {
        let planner = planners::planner(planted);
        Ok(Model { planner, policy: Policy::default(), sequences: AtomicU64::default() })
    }

    fn points(&self) -> usize {
        model::ALPHABET.len().pow(2)
    }

    fn name_of(&self, point: usize) -> String {
        let [first, second] = beginning(point);
        format!("{first}-{second}")
    }

    fn check(&self, point: usize, _: &Scratch) -> Result<()> {
        let check = |history: &_| invariants::check_end(&self.planner, history, &self.policy);
        let walked = model::walk(&beginning(point), DEPTH, &self.policy, check);
        let walked = walked.map_err(|broken| anyhow!("{broken}"))?;
        self.sequences.fetch_add(walked, Ordering::Relaxed);
        Ok(())
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::from([("sequences", self.sequences.swap(0, Ordering::Relaxed))])
    }
}

fn beginning(point: usize) -> [model::Letter; 2] {
    let letters = model::ALPHABET.len();
    [model::ALPHABET[point / letters], model::ALPHABET[point % letters]]
}
