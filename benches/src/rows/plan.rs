//! What does a plan cost relative to zone-aware dates, and one date relative to the same date by chrono-tz?

use std::hint::black_box;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use followup::{Policy, plan};

use super::{ROUNDS, in_micros};
use crate::bases::Bases;
use crate::dates::Dates;
use crate::harness::{Contender, Goal, Row, Spread, interleave};
use crate::states;

/// Number of plans per round.
const PLANS: usize = 4_800;
/// Number of dates that a plan is compared with.
const DATES: usize = 10;
const TEN_DATES: &str = "10 dates of chrono-tz";

/// Measures the rows.
///
/// # Errors
/// If the two implementations of dates disagree, or the program that counts allocations is missing.
pub(super) fn rows(_: &Bases) -> Result<Vec<Row>> {
    let states = states::many()?;
    let (policy, unexplained) = (Policy::default(), states::unexplained());
    let dates = Dates::make(PLANS)?;
    let make = |policy| {
        let states = &states;
        move |number: usize| {
            black_box(plan(black_box(&states[number % states.len()]), policy));
            Ok(())
        }
    };
    let figures = interleave(
        ROUNDS,
        &mut [
            Contender::each("plan with why", PLANS, make(&policy)),
            Contender::each("plan with nothing to explain", PLANS, make(&unexplained)),
            Contender::each(TEN_DATES, PLANS, |number| {
                for date in 0..DATES {
                    black_box(dates.chrono_tz(black_box(number * DATES + date))?);
                }
                Ok(())
            }),
            Contender::each("clamped date", PLANS, |number| {
                black_box(dates.ours(black_box(number)));
                Ok(())
            }),
            Contender::each("chrono-tz", PLANS, |number| {
                black_box(dates.chrono_tz(black_box(number))?);
                Ok(())
            }),
        ],
    )?;
    let row = |one, other, goal| Row {
        what: format!("{one}, in memory"),
        ours: in_micros(figures.median(one)),
        raw: format!("{other} {}", in_micros(figures.median(other))),
        ratio: figures.ratio(one, other),
        goal,
    };
    let mut rows = vec![
        row("plan with why", TEN_DATES, Goal::AtMost(3.0)),
        row("plan with nothing to explain", TEN_DATES, Goal::AtMost(1.0)),
        row("clamped date", "chrono-tz", Goal::AtMost(1.5)),
    ];
    for (what, goal) in [("with why", Goal::None), ("with nothing to explain", Goal::AtMost(0.0))] {
        let count = allocations(what)?;
        rows.push(Row {
            what: format!("heap allocations per plan {what} (the ratio is their number)"),
            ours: format!("{count:.1}"),
            raw: "–".to_owned(),
            ratio: Spread::of(vec![count]),
            goal,
        });
    }
    Ok(rows)
}

/// Runs the program that counts allocations and returns the mean number per plan.
fn allocations(what: &str) -> Result<f64> {
    let program = std::env::current_exe()?.with_file_name("allocations");
    let output = Command::new(&program)
        .output()
        .with_context(|| format!("cannot start {}; `cargo xtask bench` builds it", program.display()))?;
    ensure!(output.status.success(), "the program that counts allocations failed");
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(": "));
    Ok(line.with_context(|| format!("no count for plans {what}"))?.parse()?)
}
