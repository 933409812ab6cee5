//! What a proof is: a list of points and a check.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::scratch::Scratch;

/// One promise's proof.
pub(crate) trait Proof: Sync + Sized {
    /// The name of the command.
    const NAME: &'static str;
    /// The promise.
    const PROMISE: &'static str;
    /// The bugs that can be planted.
    const PLANTED: &'static [&'static str];

    /// Gets ready: a seed and a bug, or none, determine the points.
    fn prepare(seed: u64, planted: Option<&str>) -> Result<Self>;

    /// How many points there are.
    fn points(&self) -> usize;

    /// The name of a point, by which it can be repeated.
    fn name_of(&self, point: usize) -> String;

    /// Checks a point; an error is a violation.
    fn check(&self, point: usize, scratch: &Scratch) -> Result<()>;

    /// What was counted on the way since the last call.
    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::new()
    }

    /// Why it cannot be run on this machine, if so.
    fn obstacle(&self) -> Option<String> {
        None
    }
}
