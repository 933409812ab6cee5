//! Searches for a failing case by a seed.

use std::fmt;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use super::broken::Broken;

/// The maximum number of steps in which a case is shrunk.
const SHRINKS_MAX: u32 = 20_000;

/// A failing case, shrunk.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Found<T> {
    /// The case.
    pub value: T,
    /// What does not hold in the case.
    pub broken: Broken,
    /// The seed with which it was found.
    pub seed: u64,
    /// The number of cases that were allowed.
    pub cases: u32,
}

impl<T> fmt::Display for Found<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { broken, seed, cases, .. } = self;
        write!(f, "{broken}\n  found with seed {seed} in at most {cases} cases; use both again to repeat it")
    }
}

impl<T: fmt::Debug> std::error::Error for Found<T> {}

/// Searches for a case in which a check fails, and shrinks it.
///
/// It is for programs, and for tests that must run the same each time: the seed alone determines the cases, whatever
/// the environment, and no file is written.
///
/// # Examples
/// ```
/// use followup_testing::{Broken, Found, History, arb_history, find};
///
/// let found = find(17, 1_000, arb_history(), |history| match history.state().sign_count() {
///     0 => Ok(()),
///     signs => Err(Broken::of(format!("{signs} signs from them"), history)),
/// });
/// let found: Found<History> = found.expect_err("they answer in some cases");
/// assert_eq!(found.value.state().sign_count(), 1);
/// let text = found.to_string();
/// assert!(text.starts_with("1 signs from them\n  2026-03-02T09:00Z "), "{text}");
/// assert!(text.ends_with("found with seed 17 in at most 1000 cases; use both again to repeat it"));
/// ```
///
/// # Errors
/// [`Found`]: the smallest failing case, and what does not hold in it.
///
/// # Panics
/// If the check panics in the smallest case, or does not fail in it a second time. If the strategy gives no cases, for
/// example because it filters out too many.
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
            let broken = check(&value).expect_err("a check is deterministic, so it fails again");
            Err(Found { value, broken, seed, cases })
        }
        Err(TestError::Abort(reason)) => panic!("no cases to check: {reason}"),
    }
}
