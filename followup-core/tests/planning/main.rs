//! Does planning do what its text says, row by row and rule by rule?

#[path = "../common/mod.rs"]
mod common;

mod cadence;
mod checks;
mod clamps;
mod custom_rules;
mod decided;
mod how;
mod owed;
mod refusals;
mod regressions;
mod rows;
mod stages;
mod started;
mod steps;
mod vectors;
mod wake_ups;
