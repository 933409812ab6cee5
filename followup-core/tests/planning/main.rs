//! Does planning do what its text says, row by row and rule by rule?

#[path = "../common/mod.rs"]
mod common;

mod cadence;
mod clamps;
mod decided;
mod how;
mod owed;
mod refusals;
mod rows;
mod stages;
mod started;
mod vectors;
mod wake_ups;
