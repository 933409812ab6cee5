//! The rows of the results table: one file per question.

mod agenda;
mod bytes;
mod claims;
mod cold;
mod import;
mod memory;
mod nothing;
mod plan;
mod record;
mod together;

use anyhow::Result;

use crate::bases::Bases;
use crate::harness::Row;

/// Number of counted rounds. Each round runs all baselines and candidates.
pub const ROUNDS: usize = 15;

/// A function that measures the rows of one question.
pub type Bench = fn(&Bases) -> Result<Vec<Row>>;

/// All questions by name, in the order of the table.
pub const ALL: [(&str, Bench); 10] = [
    ("record", record::rows),
    ("together", together::rows),
    ("claims", claims::rows),
    ("import", import::rows),
    ("agenda", agenda::rows),
    ("nothing", nothing::rows),
    ("cold", cold::rows),
    ("bytes", bytes::rows),
    ("memory", memory::rows),
    ("plan", plan::rows),
];

/// Numbers of people; costs should not depend on them.
const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];

/// Formats a rate.
fn a_second(rate: f64) -> String {
    format!("{rate:.0}/s")
}

/// Formats a time in microseconds.
fn in_micros(micros: f64) -> String {
    format!("{micros:.1} µs")
}
