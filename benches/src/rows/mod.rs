//! The rows of the table: one file for each question.

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

/// How many rounds count: each is a pair of baseline and candidate.
pub const ROUNDS: usize = 15;

/// Answers a question with rows.
pub type Bench = fn(&Bases) -> Result<Vec<Row>>;

/// All of them by name, in the order of the table.
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

/// The numbers of people that a cost should not depend on.
const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];

/// A rate in words.
fn a_second(rate: f64) -> String {
    format!("{rate:.0}/s")
}

/// A time in words.
fn in_micros(micros: f64) -> String {
    format!("{micros:.1} µs")
}
