//! How many bytes on disk does a prospect with one event take?

use anyhow::Result;

use crate::bases::{Bases, Tables};
use crate::harness::{Goal, Row, Spread};

const PEOPLE: u64 = 100_000;

/// Measures the rows.
///
/// # Errors
/// If a store or a baseline fails.
pub(super) fn rows(bases: &Bases) -> Result<Vec<Row>> {
    let each = |tables| -> Result<f64> {
        Ok(std::fs::metadata(bases.base(tables, PEOPLE)?)?.len() as f64 / PEOPLE as f64)
    };
    let (ours, minimal) = (each(Tables::Ours)?, each(Tables::Minimal)?);
    Ok(vec![Row {
        what: format!("bytes per prospect with one event, {PEOPLE} people"),
        ours: format!("{ours:.0}"),
        raw: format!("minimal {minimal:.0}"),
        ratio: Spread::of(vec![ours / minimal]),
        goal: Goal::AtMost(1.2),
    }])
}
