//! The `Proof` trait: a list of points and a check for each.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::scratch::Scratch;

/// The proof of one promise.
pub(crate) trait Proof: Sync + Sized {
    /// The name of the subcommand.
    const NAME: &'static str;
    /// The id of the promise, such as `R1`.
    const PROMISE: &'static str;
    /// The names of the bugs that can be planted.
    const PLANTED: &'static [&'static str];

    /// Prepares the proof. The seed and the planted bug, if any, determine the points.
    fn prepare(seed: u64, planted: Option<&str>) -> Result<Self>;

    /// Number of points.
    fn points(&self) -> usize;

    /// The name of a point, as accepted by `--point`.
    fn name_of(&self, point: usize) -> String;

    /// Checks a point; an error is a violation.
    fn check(&self, point: usize, scratch: &Scratch) -> Result<()>;

    /// Returns the figures counted since the last call.
    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::new()
    }

    /// The reason why the proof cannot run on this machine, if there is one.
    fn obstacle(&self) -> Option<String> {
        None
    }
}
