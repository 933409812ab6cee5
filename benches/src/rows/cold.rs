//! How long does the first agenda take after the machine has started, with a file of a million people and empty caches?

use anyhow::Result;

use super::ROUNDS;
use crate::bases::{Bases, Tables};
use crate::cold;
use crate::harness::{Contender, Goal, Row, interleave};

const PEOPLE: u64 = 1_000_000;

/// Measures the rows.
///
/// # Errors
/// If a store or a baseline fails.
pub(super) fn rows(bases: &Bases) -> Result<Vec<Row>> {
    let (ours, minimal) = (bases.base(Tables::Ours, PEOPLE)?, bases.base(Tables::Minimal, PEOPLE)?);
    let cold = if cold::forgets_everything() { "cold" } else { "the file cold, the programs warm" };
    let planned = "same schema, decoded and planned";
    let figures = interleave(
        ROUNDS,
        &mut [
            Contender::figure("ours", || cold::ask("ours", &ours)),
            Contender::figure(planned, || cold::ask(planned, &ours)),
            Contender::figure("minimal", || cold::ask("minimal", &minimal)),
        ],
    )?;
    let in_millis = |name| format!("{:.1} ms", figures.median(name) / 1_000.0);
    let row = |other, goal| Row {
        what: format!("{cold}: open a file of {PEOPLE} people, agenda of 100"),
        ours: in_millis("ours"),
        raw: format!("{other} {}", in_millis(other)),
        ratio: figures.ratio("ours", other),
        goal,
    };
    Ok(vec![row("minimal", Goal::AtMost(1.5)), row(planned, Goal::None)])
}
