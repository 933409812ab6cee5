//! Measures a simulated run of a large book: time, memory, and plans per prospect and day.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use clap::Args;
use followup::{Desk, Event, Playbook};
use followup_fault_vfs::Random;
use followup_insight::Insight;
use followup_insight::simulate::{Scenario, Simulation};
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

use crate::large_book::{self, now};
use crate::peak::Peak;
use crate::results;
use crate::run::{Report, Settings};

/// Maximum number of plans per prospect and day.
const PLANS_MAX: f64 = 2.0;

#[derive(Args, Clone)]
pub(crate) struct Year {
    /// Number of people, added in the thirty days before the start; half of them have also asked for something.
    #[arg(long, default_value_t = 10_000)]
    people: u64,
    /// Number of days to simulate.
    #[arg(long, default_value_t = 365)]
    days: u32,
    /// Maximum number of manual actions per owner and day.
    #[arg(long)]
    per_day: Option<u32>,
    /// File of the book, which is kept; created if missing [default: a temporary file]
    #[arg(long)]
    book: Option<PathBuf>,
}

/// Creates the book, simulates it twice and prints the cost as one line of JSON. Returns true if both runs are equal,
/// complete, and within the limit on plans.
pub(crate) fn run(year: &Year, settings: &Settings) -> Result<bool> {
    let folder = tempfile::tempdir().context("cannot create a temporary directory")?;
    let path = year.book.clone().unwrap_or_else(|| folder.path().join("book.db"));
    let import_start = Instant::now();
    if !path.exists() {
        large_book::fill(&path, year.people, person)?;
    }
    let import_seconds = import_start.elapsed().as_secs();
    let desk = Desk::new(SqliteStore::open(&path)?, Playbook::default());
    let scenario = Scenario::of_days(year.days).seed(settings.seed);
    let scenario = year.per_day.into_iter().fold(scenario, Scenario::per_day);
    let peak = Peak::from_here();
    let (first, seconds) = timed(&desk, &scenario)?;
    let peak = peak.kib() / 1024;
    let (again, _) = timed(&desk, &scenario)?;
    let ok = first == again && first.plans_per_prospect_day() <= PLANS_MAX && first.cut_short == 0;
    let figures = [
        ("days", u64::from(year.days)),
        ("seconds of the import", import_seconds),
        ("MiB of memory at the peak", peak),
        ("events", first.events),
        ("plans", first.plans),
        ("plans per thousand prospect-days", (first.plans_per_prospect_day() * 1e3).round() as u64),
        ("done by hand", first.by_hand),
        ("won", first.won),
        ("expected to be won", first.expected_won.round() as u64),
        ("runs of one seed that differ", u64::from(first != again)),
    ];
    let report = Report {
        proof: "year",
        promise: "cost",
        seed: settings.seed,
        part: 1,
        planted: None,
        points: usize::try_from(first.prospects)?,
        violations: u64::from(!ok),
        seconds: (seconds * 10.0).round() / 10.0,
        figures: figures.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
        ok,
    };
    println!("{}", serde_json::to_string(&report)?);
    if let Some(path) = &settings.results {
        let (people, days, seed) = (year.people, year.days, settings.seed);
        let command = format!("cargo xtask soak year --people {people} --days {days} --seed {seed}");
        results::write(path, &report, &command)?;
    }
    Ok(ok)
}

fn timed(desk: &Desk, scenario: &Scenario) -> Result<(Simulation, f64)> {
    let start = Instant::now();
    let simulation = block_on(Insight::new(desk).simulate(scenario, now()))?;
    Ok((simulation, start.elapsed().as_secs_f64()))
}

/// Makes the events of a person: the addition and, for every other person, a request.
fn person(number: u64, random: &mut Random) -> Vec<Event> {
    let at = now() - TimeDelta::seconds(1 + random.below(30 * 86_400) as i64);
    let asked = match random.below(4) {
        0 => Some(Event::asked_information(at, None).with_key("asked").with_seq(1)),
        1 => Some(Event::inquired(at, None).with_key("asked").with_seq(1)),
        _ => None,
    };
    [Some(large_book::added(number, at, random)), asked].into_iter().flatten().collect()
}
