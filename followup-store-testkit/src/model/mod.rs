//! Random lists of operations, over a store and a reference that is obviously right.
//!
//! The reference is a few lists and a look at every element for every question. A list that makes the two differ is
//! made as small as it can be and told with its seed; `FOLLOWUP_TESTKIT_SEED=<seed>` runs that list first.

mod operation;
mod reference;
mod run;
mod shrink;

use std::panic::{self, AssertUnwindSafe};

use crate::tools::Outcome;
use crate::{Factory, seed};
use operation::{Operation, operation};
use run::Run;
use shrink::List;

/// So many lists the suite runs.
const LISTS: u64 = 64;
/// So many operations each of them has.
const OPERATIONS: usize = 60;
/// What they are made from if nothing else is said.
const SEED: u64 = 20_261_122;

/// On random lists of operations, the store answers as the reference does.
pub async fn random_operations_agree_with_the_reference(factory: &dyn Factory) -> Outcome {
    check(factory, seed::or(SEED), LISTS, OPERATIONS);
    Ok(())
}

/// Runs so many lists of so many operations each, made from a seed: the n-th from the seed plus n.
///
/// It blocks until all have run.
///
/// # Panics
/// At the first list on which the store and the reference differ, with the smallest list that makes them, and the seed
/// that makes it the first.
pub fn check(factory: &dyn Factory, seed: u64, lists: u64, operations: usize) {
    let strategy = operation();
    for seed in (0..lists).map(|n| seed.wrapping_add(n)) {
        let mut list = List::new(&strategy, operations, seed);
        if let Err(why) = run(factory, &list.values()) {
            let why = list.shrink(why, |operations| run(factory, operations));
            let operations: Vec<String> = list
                .values()
                .iter()
                .enumerate()
                .map(|(n, operation)| format!("{n}: {operation:?}"))
                .collect();
            panic!(
                "the store and the reference differ.\n{why}\n\nThe operations:\n{}\n\nTo repeat it: {}={seed}",
                operations.join("\n"),
                seed::VARIABLE
            );
        }
    }
}

/// Runs one list over a new store. A store that panics is told like one that differs, so that the list gets smaller.
fn run(factory: &dyn Factory, operations: &[Operation]) -> Result<(), String> {
    let ran = || pollster::block_on(Run::new(factory.make()).all(operations));
    panic::catch_unwind(AssertUnwindSafe(ran)).unwrap_or_else(|_| Err("the store panicked".to_owned()))
}
