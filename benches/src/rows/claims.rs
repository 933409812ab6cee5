//! How many actions per second can a worker claim and complete in batches of a hundred, with 100,000 people and with a
//! million?

use anyhow::Result;
use followup_store_sqlite::SqliteStore;

use super::{ROUNDS, a_second};
use crate::automatic;
use crate::bases::{Bases, Tables};
use crate::disk;
use crate::harness::{Contender, Goal, Row, interleave};
use crate::random::Random;
use crate::raw_chain::RawChain;
use crate::raw_minimal::RawMinimal;
use crate::raw_same::RawSame;

/// Number of batches of a hundred per round.
const HUNDREDS: usize = 15;

/// Measures the rows.
///
/// # Errors
/// If a store or a baseline fails.
pub(super) fn rows(bases: &Bases) -> Result<Vec<Row>> {
    let mut rows = at_size(bases, 100_000, Goal::AtLeast(0.85))?;
    rows.extend(at_size(bases, 1_000_000, Goal::AtLeast(1.3))?);
    Ok(rows)
}

fn at_size(bases: &Bases, people: u64, beside_minimal: Goal) -> Result<Vec<Row>> {
    let store = SqliteStore::open(bases.copy(Tables::Automatic, people, "ours.db")?)?;
    let mut same = RawSame::open(&bases.copy(Tables::Automatic, people, "same.db")?, people, "FULL")?;
    let mut minimal = RawMinimal::open(&bases.copy(Tables::Minimal, people, "minimal.db")?, people, "FULL")?;
    let mut chain = RawChain::open(&bases.copy(Tables::Chain, people, "chain.db")?, "FULL")?;
    let mut random = Random::seeded(7);
    disk::settle();
    let each = HUNDREDS * 100;
    let figures = interleave(
        ROUNDS,
        &mut [
            Contender::rate("ours", each, |_| automatic::claim_and_complete(&store, HUNDREDS, &mut random)),
            Contender::rate("same schema", each, |_| same.claim_and_complete(HUNDREDS)),
            Contender::rate("minimal", each, |_| minimal.claim_and_complete(HUNDREDS)),
            Contender::rate("chain", each, |_| chain.claim_and_complete(HUNDREDS)),
        ],
    )?;
    let row = |what: &str, one, other, goal| Row {
        what: format!("{what}, {people} people"),
        ours: a_second(figures.median(one)),
        raw: format!("{other} {}", a_second(figures.median(other))),
        ratio: figures.ratio(one, other),
        goal,
    };
    let ours = "claim 100 and complete them in one batch";
    Ok(vec![
        row(ours, "ours", "minimal", beside_minimal),
        row(ours, "ours", "same schema", Goal::None),
        row("raw, events in one chain, relative to minimal", "chain", "minimal", Goal::None),
    ])
}
