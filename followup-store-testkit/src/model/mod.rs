//! Random lists of operations, run over a store and a reference that is obviously right.
//!
//! The reference consists of a few lists, and each query reads every element. A list of operations on which the two
//! differ is shrunk and printed with its seed; `FOLLOWUP_TESTKIT_SEED=<seed>` runs that list first.

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

/// Number of lists that the suite runs.
const LISTS: u64 = 64;
/// Number of operations in each list.
const OPERATIONS: usize = 60;
/// The default seed.
const SEED: u64 = 20_261_122;

/// The store answers random lists of operations as the reference does.
pub async fn random_operations_agree_with_the_reference(factory: &dyn Factory) -> Outcome {
    check(factory, seed::or(SEED), LISTS, OPERATIONS);
    Ok(())
}

/// Runs a number of lists with a number of operations each, made from a seed: the n-th list, from 0, has the seed plus
/// n.
///
/// Blocks until all lists have run.
///
/// # Panics
/// At the first list on which the store and the reference differ. The message has the smallest list on which they
/// differ, and the seed with which the list is the first.
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
                "the store and the reference differ\n{why}\n\noperations:\n{}\n\nto repeat it: {}={seed}",
                operations.join("\n"),
                seed::VARIABLE
            );
        }
    }
}

/// Runs one list over a new store. A panic of the store counts as a difference, so that the list is shrunk too.
fn run(factory: &dyn Factory, operations: &[Operation]) -> Result<(), String> {
    let ran = || pollster::block_on(Run::new(factory.make()).all(operations));
    panic::catch_unwind(AssertUnwindSafe(ran)).unwrap_or_else(|_| Err("the store panicked".to_owned()))
}
