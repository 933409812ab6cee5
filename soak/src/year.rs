//! What it takes to run a large book forward: time, memory, and plans for each prospect and day.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use followup_core::time::Zone;
use followup_core::{Desk, Event, EventKind, ImportItem, Playbook, ProspectId, Scenario, Simulation};
use followup_fault_vfs::Random;
use followup_store_sqlite::{SqliteStore, Synchronous};
use pollster::block_on;

use crate::results;
use crate::run::{Report, Settings};

/// How many are imported in one batch.
const BATCH: u64 = 1_000;

const OWNERS: u64 = 100;

const ZONES: [&str; 8] = [
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Europe/London",
    "America/Los_Angeles",
];

/// The most plans that a prospect may cost a day.
const PLANS_MAX: f64 = 2.0;

#[derive(Args, Clone)]
pub(crate) struct Year {
    /// So many people, who are taken in and have asked for something in the thirty days before.
    #[arg(long, default_value_t = 10_000)]
    people: u64,
    /// So many days.
    #[arg(long, default_value_t = 365)]
    days: u32,
    /// Acts by hand that a day holds for each owner.
    #[arg(long)]
    per_day: Option<u32>,
    /// The book: made here if it is not there, and kept [default: one that is gone afterwards]
    #[arg(long)]
    book: Option<PathBuf>,
}

/// Monday, 1 March 2027, 8:00 UTC.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_803_888_000, 0).expect("it is a date of this century")
}

/// Makes the book, runs it forward twice, and prints what that took as one line of JSON. Whether it is the same both
/// times and costs no more plans than it may.
pub(crate) fn run(year: &Year, settings: &Settings) -> Result<bool> {
    let folder = tempfile::tempdir().context("cannot make a directory for a moment")?;
    let path = year.book.clone().unwrap_or_else(|| folder.path().join("book.db"));
    let import_start = Instant::now();
    if !path.exists() {
        fill(&path, year.people)?;
    }
    let import_seconds = import_start.elapsed().as_secs();
    let desk = Desk::new(SqliteStore::open(&path)?, Playbook::default());
    let scenario = Scenario::of_days(year.days).seed(settings.seed);
    let scenario = year.per_day.into_iter().fold(scenario, Scenario::per_day);
    // From here on the peak is that of the simulation, where the machine lets it be set back.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let (first, seconds) = timed(&desk, &scenario)?;
    let peak = peak_mib();
    let fit_start = Instant::now();
    let fitted = block_on(desk.fit_responses(now()))?;
    let fit_seconds = fit_start.elapsed().as_secs();
    let (again, _) = timed(&desk, &scenario)?;
    let ok = first == again && first.plans_per_prospect_day() <= PLANS_MAX && first.cut_short == 0;
    let figures = [
        ("days", u64::from(year.days)),
        ("seconds of the import", import_seconds),
        ("seconds of fitting responses to the same book", fit_seconds),
        ("touches that these were fitted to", fitted.touches),
        ("MiB of memory at the peak", peak),
        ("events", first.events),
        ("plans", first.plans),
        ("plans for each thousand prospect-days", (first.plans_per_prospect_day() * 1e3).round() as u64),
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
    let simulation = block_on(desk.simulate(scenario, now()))?;
    Ok((simulation, start.elapsed().as_secs_f64()))
}

fn fill(path: &Path, people: u64) -> Result<()> {
    let store = SqliteStore::options().synchronous(Synchronous::Normal).open(path)?;
    let desk = Desk::new(store, Playbook::default());
    let mut random = Random::new(42);
    let mut number = 0;
    while number < people {
        let upto = people.min(number + BATCH);
        let mut batch = Vec::new();
        for number in number..upto {
            batch.extend(person(number, &mut random)?);
        }
        let imported = block_on(desk.import(&batch, now()))?;
        ensure!(imported.new == batch.len() as u64, "an import of new people takes all of them");
        number = upto;
    }
    Ok(())
}

/// Somebody is taken in, and one in two asks for something.
fn person(number: u64, random: &mut Random) -> Result<Vec<ImportItem>> {
    let prospect = ProspectId::new(format!("p-{number:07}"))?;
    let at = now() - TimeDelta::seconds(1 + random.below(30 * 86_400) as i64);
    let mut added = Event::added(at).key("added");
    if let EventKind::Added { owner, zone, email, phone, .. } = &mut added.kind {
        *owner = Some(format!("owner-{}", number % OWNERS));
        *zone = Some(Zone::named(ZONES[random.below(8) as usize])?);
        *email = Some(format!("p{number}@example.org"));
        *phone = Some(format!("+49301{number:07}"));
    }
    let asked = match random.below(4) {
        0 => Some(Event::asked_information(at).key("asked").seq(1)),
        1 => Some(Event::inquired(at).key("asked").seq(1)),
        _ => None,
    };
    let item = |event| ImportItem { prospect: prospect.clone(), event };
    Ok([Some(added), asked].into_iter().flatten().map(item).collect())
}

/// The most memory that this process has had at once, in MiB; 0 where the machine does not say.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.split_whitespace().next()?.parse().ok()).map_or(0, |kib: u64| kib / 1024)
}
