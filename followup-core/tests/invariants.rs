//! What holds for every plan? The invariants, over random histories and over every sequence of a few events.

use followup_core::{Playbook, Policy, plan};
use followup_testing::{
    Broken, History, arb_history, arb_observed_history, arb_playbook, find, invariants, model,
};
use proptest::prelude::any;
use proptest::sample::Index;

/// The seed of every run, so that a failure repeats.
const SEED: u64 = 17;

#[test]
fn the_invariants_hold_over_histories_that_are_accepted() {
    let cases = (arb_playbook(), arb_history());
    let found = find(SEED, 4_000, cases, |(playbook, history)| invariants::check(history, &playbook.into()));
    found.unwrap_or_else(|found| panic!("{found}"));
}

#[test]
fn the_invariants_hold_over_histories_that_are_observed() {
    let cases = (arb_playbook(), arb_observed_history());
    let found = find(SEED, 6_000, cases, |(playbook, history)| invariants::check(history, &playbook.into()));
    found.unwrap_or_else(|found| panic!("{found}"));
}

#[test]
fn a_fact_that_comes_late_gives_the_plan_as_if_it_had_come_in_time() {
    let cases = (arb_playbook(), arb_observed_history(), any::<Index>(), 0..120_u32);
    let check = |(playbook, history, nth, days): &(Playbook, History, Index, u32)| {
        invariants::check_late_fact(history, &playbook.into(), nth.index(history.events().len()), *days)
    };
    find(SEED, 4_000, cases, check).unwrap_or_else(|found| panic!("{found}"));
}

#[test]
fn the_invariants_hold_after_every_sequence_of_four_events() {
    let policy = Policy::default();
    let check = |history: &_| -> Result<(), Broken> { invariants::check_end(&plan, history, &policy) };
    let walked = model::walk(&[], 4, &policy, check).unwrap_or_else(|broken| panic!("{broken}"));
    assert_eq!(walked, 1 + 11 + 121 + 1_331 + 14_641);
}
