//! Benchmarks of the library relative to the parts that it is made of: raw SQL, ordered maps, plain dates.
//!
//! Baselines and candidates run alternately in one process, so that changes in the speed of the machine affect both.
//! Results are ratios within the same round. `cargo xtask bench` runs all benches and writes `benches/RESULTS.md`.

#![allow(missing_debug_implementations, reason = "no other crate uses these types")]

pub mod automatic;
pub mod bases;
pub mod cold;
pub mod dates;
pub mod disk;
pub mod harness;
pub mod people;
pub mod random;
pub mod raw_chain;
pub mod raw_claims;
pub mod raw_memory;
pub mod raw_minimal;
pub mod raw_same;
pub mod rows;
pub mod states;
