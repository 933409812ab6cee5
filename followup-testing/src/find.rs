//! Looking for a case in which something does not hold, by a seed.

use std::fmt;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use super::broken::Broken;

/// How long a case is made smaller.
const SHRINKS_MAX: u32 = 20_000;

/// A case in which something does not hold, as small as it got.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found<T> {
    /// The case.
    pub value: T,
    /// What does not hold in it.
    pub broken: Broken,
    /// The seed by which it was found.
    pub seed: u64,
    /// How many cases were asked for.
    pub cases: u32,
}

impl<T> fmt::Display for Found<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { broken, seed, cases, .. } = self;
        write!(f, "{broken}\n  found by seed {seed} in at most {cases} cases; the same two find it again")
    }
}

impl<T: fmt::Debug> std::error::Error for Found<T> {}

/// Looks for a case in which a check fails, and makes it as small as it can.
///
/// For programs, and for tests that are to run the same each time: the seed decides which cases come, whatever
/// stands in the environment, and nothing is written to a file.
///
/// ```
/// use followup_testing::{Broken, arb_history, find};
///
/// let found = find(17, 1_000, arb_history(), |history| match history.state().sign_count() {
///     0 => Ok(()),
///     signs => Err(Broken::of(format!("{signs} signs of theirs"), history)),
/// });
/// let text = found.expect_err("they answer in some of them").to_string();
/// assert!(text.starts_with("1 signs of theirs\n  2026-03-02T09:00Z "), "{text}");
/// assert!(text.ends_with("found by seed 17 in at most 1000 cases; the same two find it again"));
/// ```
///
/// # Errors
/// [`Found`]: the smallest case that was found, and what does not hold in it.
///
/// # Panics
/// If the check panics in the smallest case too, or holds there when it is asked again; and if the strategy gives no cases, as one that filters out too much.
pub fn find<S: Strategy>(
    seed: u64,
    cases: u32,
    strategy: S,
    check: impl Fn(&S::Value) -> Result<(), Broken>,
) -> Result<(), Found<S::Value>> {
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: SHRINKS_MAX,
        verbose: 0,
        ..Config::default()
    };
    let tried = TestRunner::new(config).run(&strategy, |value| check(&value).map_err(TestCaseError::from));
    match tried {
        Ok(()) => Ok(()),
        Err(TestError::Fail(_, value)) => {
            let broken = check(&value).expect_err("a check has no memory: what failed fails again");
            Err(Found { value, broken, seed, cases })
        }
        Err(TestError::Abort(reason)) => panic!("no cases to check: {reason}"),
    }
}
