//! What the library costs beside what it is made of: raw SQL statements, ordered maps, plain dates.
//!
//! Baselines and candidates run in turn in one process, so that the machine's moods meet both alike; results are
//! ratios of the same round. `cargo xtask bench` runs them all and writes `benches/RESULTS.md`.

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
