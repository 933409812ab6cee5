//! Shrinking of failing lists.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Maximum number of runs for shrinking a list.
const RUNS: usize = 2_000;

/// A list of values from a seed, which shrinks by leaving out values and simplifying them.
pub(super) struct List<T> {
    trees: Vec<T>,
    runs: usize,
}

impl<T: ValueTree> List<T> {
    /// Returns a list of `count` values of a strategy.
    pub(super) fn new<S: Strategy<Tree = T>>(strategy: &S, count: usize, seed: u64) -> List<T> {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner =
            TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, random);
        let tree = |_| strategy.new_tree(&mut runner).expect("nothing is filtered");
        List { trees: (0..count).map(tree).collect(), runs: 0 }
    }

    pub(super) fn values(&self) -> Vec<T::Value> {
        self.trees.iter().map(ValueTree::current).collect()
    }

    /// Shrinks the list while it fails. Returns why the smallest list fails.
    pub(super) fn shrink(
        &mut self,
        why: String,
        fails: impl Fn(&[T::Value]) -> Result<(), String>,
    ) -> String {
        let why = self.leave_out(why, &fails);
        let why = self.simplify(why, &fails);
        self.leave_out(why, &fails)
    }

    fn fails(
        &mut self,
        values: &[T::Value],
        fails: &impl Fn(&[T::Value]) -> Result<(), String>,
    ) -> Option<String> {
        self.runs += 1;
        if self.runs > RUNS { None } else { fails(values).err() }
    }

    /// Leaves out halves, then quarters, and finally single values, from the end.
    fn leave_out(&mut self, mut why: String, fails: &impl Fn(&[T::Value]) -> Result<(), String>) -> String {
        let mut size = self.trees.len();
        while size > 0 {
            let mut end = self.trees.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let mut rest = self.values();
                rest.drain(start..end);
                if let Some(still) = self.fails(&rest, fails) {
                    why = still;
                    self.trees.drain(start..end);
                }
                end = start;
            }
            size /= 2;
        }
        why
    }

    /// Simplifies each value as far as possible.
    fn simplify(&mut self, mut why: String, fails: &impl Fn(&[T::Value]) -> Result<(), String>) -> String {
        for n in 0..self.trees.len() {
            let mut changes = self.trees[n].simplify();
            while changes {
                let values = self.values();
                match self.fails(&values, fails) {
                    Some(still) => {
                        why = still;
                        changes = self.trees[n].simplify();
                    }
                    None => changes = self.trees[n].complicate(),
                }
            }
        }
        why
    }
}
