//! Measures the reports on books of several sizes. The memory of each must not grow with the number of people.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, ValueEnum};
use followup::event::EventKind;
use followup::read::Scope;
use followup::{Channel, Desk, Event, Outcome, Playbook};
use followup_fault_vfs::Random;
use followup_insight::Insight;
use followup_insight::report::Split;
use followup_insight::simulate::Scenario;
use followup_store_sqlite::SqliteStore;
use pollster::block_on;
use serde::{Deserialize, Serialize};

use crate::large_book::{self, now};
use crate::peak::Peak;
use crate::results;
use crate::run::{Report, Settings};

/// Maximum memory of a report on the largest book, in percent of its memory on the smallest.
const GROWTH_MAX_PCT: u64 = 140;

/// The name of the planted bug: the audit keeps every finding in memory.
const KEEPS_ALL: &str = "keeps-all";

#[derive(Args, Clone)]
pub(crate) struct Reports {
    /// Numbers of people in the books, in ascending order.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
    people: Vec<u64>,
    /// Directory that keeps the books; missing ones are created [default: a temporary directory]
    #[arg(long)]
    books: Option<PathBuf>,
}

/// An operation that reads a whole book.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reading {
    Gap,
    GapByChannel,
    Response,
    Playbooks,
    Load,
    Audit,
    Backtest,
    Diff,
    FitResponses,
    SimulateAMonth,
}

/// The arguments of a worker process, which performs one reading of one book.
#[derive(Args, Clone)]
pub(crate) struct Orders {
    path: PathBuf,
    reading: Reading,
    bug: Option<String>,
}

/// The cost of a reading.
#[derive(Serialize, Deserialize)]
struct Took {
    kib: u64,
    milliseconds: u64,
    /// Number of people, or of the items counted for them.
    counted: u64,
}

impl Reading {
    /// Whether this reading can reveal the planted bug. Only the audit passes on findings that could be kept.
    fn shows(self, bug: Option<&str>) -> bool {
        bug.is_none() || self == Reading::Audit
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Performs each reading on books of each size and prints the cost as one line of JSON. Returns true if memory stays
/// flat or, with the planted bug, grows.
pub(crate) fn run(reports: &Reports, settings: &Settings) -> Result<bool> {
    let bug = settings.planted.as_deref();
    if let Some(bug) = bug.filter(|bug| *bug != KEEPS_ALL) {
        bail!("unknown bug `{bug}` for reports; expected: {KEEPS_ALL}");
    }
    ensure!(
        reports.people.len() > 1 && reports.people.is_sorted(),
        "--people needs at least two sizes in ascending order"
    );
    let moment = tempfile::tempdir().context("cannot create a temporary directory")?;
    let folder = reports.books.as_deref().unwrap_or_else(|| moment.path());
    let start = Instant::now();
    let mut figures = BTreeMap::new();
    let mut took = BTreeMap::<String, Vec<u64>>::new();
    let largest = reports.people.last().copied();
    for &people in &reports.people {
        let path = folder.join(format!("{people}.db"));
        if !path.exists() {
            large_book::fill(&path, people, history)?;
        }
        for reading in Reading::value_variants().iter().filter(|reading| reading.shows(bug)) {
            let one = in_a_process(&path, *reading, bug)?;
            ensure!(one.counted >= people / 2, "{} counted only {} of {people}", reading.name(), one.counted);
            took.entry(reading.name()).or_default().push(one.kib);
            figures.insert(format!("{}, {people:>7} people: KiB", reading.name()), one.kib);
            if Some(people) == largest {
                figures.insert(
                    format!("{}, {people:>7} people: milliseconds", reading.name()),
                    one.milliseconds,
                );
            }
        }
    }
    let grows = |kib: &Vec<u64>| kib.last() > kib.first().map(|kib| kib * GROWTH_MAX_PCT / 100).as_ref();
    let growing: Vec<_> = took.iter().filter(|(_, kib)| grows(kib)).collect();
    for (name, kib) in &growing {
        println!("the memory of {name} grows with the book: {kib:?} KiB");
    }
    let violations = growing.len() as u64;
    let report = Report {
        proof: "reports",
        promise: "cost",
        seed: settings.seed,
        part: 1,
        planted: settings.planted.clone(),
        points: took.len(),
        violations,
        seconds: start.elapsed().as_secs_f64().round(),
        figures,
        ok: (violations > 0) == bug.is_some(),
    };
    println!("{}", serde_json::to_string(&report)?);
    if let Some(path) = settings.results.as_deref().filter(|_| bug.is_none()) {
        let people: Vec<_> = reports.people.iter().map(u64::to_string).collect();
        let command = format!("cargo xtask soak reports --people {}", people.join(","));
        results::write(path, &report, &command)?;
    }
    Ok(report.ok)
}

fn in_a_process(path: &Path, reading: Reading, bug: Option<&str>) -> Result<Took> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let mut command = Command::new(program);
    let output = command.arg("reports-worker").arg(path).arg(reading.name()).args(bug).output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed: {error}", reading.name());
    serde_json::from_slice(&output.stdout).context("cannot read the output of a worker")
}

/// Performs one reading of a book and prints its cost.
pub(crate) fn worker(orders: &Orders) -> Result<bool> {
    let desk = Desk::new(SqliteStore::open(&orders.path)?, Playbook::default());
    let keeps_all = orders.bug.is_some();
    let (peak, start) = (Peak::from_here(), Instant::now());
    let counted = read(&desk, orders.reading, keeps_all)?;
    let milliseconds = u64::try_from(start.elapsed().as_millis())?;
    println!("{}", serde_json::to_string(&Took { kib: peak.kib(), milliseconds, counted })?);
    Ok(true)
}

/// Performs one reading and returns the number of people, or of the items counted for them.
fn read(desk: &Desk, reading: Reading, keeps_all: bool) -> Result<u64> {
    let scope = Scope::at(now());
    let mut kept = Vec::new();
    let mut keep = |finding| {
        if keeps_all {
            kept.push(finding);
        }
    };
    let insight = Insight::new(desk);
    Ok(match reading {
        Reading::Gap => block_on(insight.gap(&scope))?.prospects,
        Reading::GapByChannel => block_on(insight.gap_by(&scope, Split::Channel))?.all.prospects,
        Reading::Response => {
            let max_gap = Some("P3D".parse()?);
            block_on(insight.response(&scope, "inquired", max_gap))?.anchored
        }
        Reading::Playbooks => {
            let outcomes = block_on(insight.playbooks(&scope))?;
            outcomes.iter().map(|outcome| outcome.prospects).sum()
        }
        Reading::Load => {
            let load = block_on(insight.load(&scope, 28))?;
            load.actions
        }
        Reading::Audit => block_on(insight.audit_all(&scope, &mut keep))?.prospects,
        Reading::Backtest => block_on(insight.backtest(&scope, &Playbook::default(), |_| {}))?.prospects,
        Reading::Diff => block_on(insight.diff(&Playbook::default(), now(), 10))?.prospects,
        Reading::FitResponses => block_on(insight.fit_responses(now()))?.touches,
        Reading::SimulateAMonth => block_on(insight.simulate(&Scenario::of_days(30), now()))?.prospects,
    })
}

/// Makes up an inquiry, three touches and an outcome, each at its own random instant with microsecond precision.
fn history(number: u64, random: &mut Random) -> Vec<Event> {
    let mut at = now() - TimeDelta::microseconds(40 * DAY + random.below(300 * DAY as u64) as i64);
    let mut later = |random: &mut Random, days: i64| -> DateTime<Utc> {
        at += TimeDelta::microseconds(1 + random.below((days * DAY) as u64) as i64);
        at
    };
    let mut events = vec![large_book::added(number, later(random, 1), random)];
    events.push(Event::inquired(later(random, 1), Channel::EMAIL));
    for _ in 0..3 {
        let channel = *random.one_of(&[Channel::PHONE, Channel::EMAIL]);
        events.push(Event::touched(later(random, 8), channel));
    }
    match random.below(20) {
        0..6 => events.push(Event::replied(later(random, 10), Channel::EMAIL)),
        6..8 => events.push(Event::decided(later(random, 10), Outcome::Won)),
        8 => events.push(Event::decided(later(random, 10), Outcome::Lost)),
        9 => {
            let asked = EventKind::InputRequested { input: "floor plan".to_owned(), deadline: None };
            events.push(Event::new(later(random, 2), asked));
            let received = EventKind::InputReceived { input: "floor plan".to_owned() };
            events.push(Event::new(later(random, 9), received));
        }
        _ => {}
    }
    events.into_iter().zip(0..).map(|(event, nth)| event.with_key(format!("{number}-{nth}"))).collect()
}

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;
