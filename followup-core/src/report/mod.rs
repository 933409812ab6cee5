//! Reading the past.

mod gap;

pub use gap::{GapReport, Quantiles};
