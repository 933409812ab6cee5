//! Long-running proofs of the guarantees that users rely on, run as `cargo xtask soak <proof>`.
//!
//! A proof is a list of points, determined by the seed. Most points inject a failure that can happen on a real machine
//! and compare the store with an in-memory store that received the acknowledged changes; the others check plans against
//! the invariants of every plan. A failing point is printed with the command that repeats it alone. A proof that runs
//! with a planted bug must find that bug.

mod books;
mod buggy;
mod changes;
mod claims;
mod draft;
mod engines;
mod enrolments;
mod faulty_run;
mod flipped_bytes;
mod full_disk;
mod futures;
mod io_errors;
mod kill;
mod large_book;
mod model;
mod panics;
mod peak;
mod planners;
mod power_loss;
mod proof;
mod properties;
mod repeats;
mod reports;
mod results;
mod run;
mod scratch;
mod script;
mod stage;
mod stops;
mod stores;
mod worker;
mod year;
mod zones;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

use crate::claims::Claims;
use crate::enrolments::Enrolments;
use crate::flipped_bytes::FlippedBytes;
use crate::full_disk::FullDisk;
use crate::futures::Futures;
use crate::io_errors::IoErrors;
use crate::kill::Kill;
use crate::model::Model;
use crate::power_loss::PowerLoss;
use crate::proof::Proof;
use crate::properties::Properties;
use crate::repeats::Repeats;
use crate::reports::Reports;
use crate::run::Settings;
use crate::stops::Stops;
use crate::stores::Stores;
use crate::year::Year;
use crate::zones::Zones;

/// Long-running proofs of the guarantees that users rely on.
#[derive(Parser)]
#[command(name = "soak", about)]
struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Seed of the random number generators.
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
    /// Check one in this many points.
    #[arg(long, global = true, default_value_t = 1)]
    part: usize,
    /// Check only this point.
    #[arg(long, global = true)]
    point: Option<String>,
    /// Run with this planted bug; the proof must find it and stops at the first violation.
    #[arg(long, global = true)]
    planted: Option<String>,
    /// Write the outcome to this Markdown file.
    #[arg(long, global = true)]
    results: Option<PathBuf>,
}

#[derive(Clone, Subcommand)]
enum What {
    /// An acknowledged change survives a power loss (R2).
    PowerLoss,
    /// I/O errors leave the old or the new state, a typed error, and a store that works again (R3).
    IoErrors,
    /// The invariants of plans hold over random histories and playbooks.
    Properties,
    /// The invariants of plans hold after every sequence of six events.
    Model,
    /// A simulated future obeys the rules and is the same in every run.
    Simulate,
    /// Measure a simulated year of a large book: time, memory, and plans per prospect and day.
    Year(Year),
    /// Measure the reports on books of several sizes; the memory of each must stay flat.
    Reports(Reports),
    /// A worker process of `reports`.
    #[command(hide = true)]
    ReportsWorker(reports::Orders),
    /// No action is claimed twice at once, and a late worker is refused (R4).
    Claims,
    /// A stop is final once acknowledged (R6).
    Stops,
    /// Repeated and reordered input changes nothing (R7).
    Repeats,
    /// One pursuit per prospect, and one open action per pursuit (R8).
    Enrolments,
    /// All stores behave the same (R13).
    Stores,
    /// Times are correct at every clock change of every zone (R9).
    Zones,
    /// A worker process of `claims`.
    #[command(hide = true)]
    ClaimsWorker { path: PathBuf, of: u64, claims: usize, bug: Option<String> },
    /// A disk that is really full leaves a working store (R3). Needs root to mount a disk in memory.
    FullDisk,
    /// A damaged file gives an error or the same answer (R12).
    FlippedBytes,
    /// An acknowledged change survives `kill -9` (R1).
    Kill,
    /// The process that `kill` kills.
    #[command(hide = true)]
    Worker(worker::Orders),
    /// All proofs, each also with each of its planted bugs.
    All,
}

fn main() -> ExitCode {
    panics::watch();
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command; returns true if every proof succeeded.
fn run() -> Result<bool> {
    let Arguments { what, seed, part, point, planted, results } = Arguments::parse();
    let settings = Settings { seed, part: part.max(1), point, planted, results };
    match what {
        What::PowerLoss => prove::<PowerLoss>(&settings),
        What::IoErrors => prove::<IoErrors>(&settings),
        What::Properties => prove::<Properties>(&settings),
        What::Model => prove::<Model>(&settings),
        What::Simulate => prove::<Futures>(&settings),
        What::Year(year) => year::run(&year, &settings),
        What::Reports(reports) => reports::run(&reports, &settings),
        What::ReportsWorker(orders) => reports::worker(&orders),
        What::Claims => prove::<Claims>(&settings),
        What::Stops => prove::<Stops>(&settings),
        What::Repeats => prove::<Repeats>(&settings),
        What::Enrolments => prove::<Enrolments>(&settings),
        What::Stores => prove::<Stores>(&settings),
        What::Zones => prove::<Zones>(&settings),
        What::ClaimsWorker { path, of, claims, bug } => {
            claims::worker(&path, of, claims, bug.as_deref()).map(|()| true)
        }
        What::FullDisk => prove::<FullDisk>(&settings),
        What::FlippedBytes => prove::<FlippedBytes>(&settings),
        What::Kill => prove::<Kill>(&settings),
        What::Worker(orders) => worker::work(&orders, settings.seed),
        What::All => all(&settings),
    }
}

fn all(settings: &Settings) -> Result<bool> {
    if settings.point.is_some() || settings.planted.is_some() {
        bail!("--point and --planted need the name of one proof, not `all`");
    }
    let all = [
        prove_and_plant::<PowerLoss>,
        prove_and_plant::<IoErrors>,
        prove_and_plant::<FullDisk>,
        prove_and_plant::<FlippedBytes>,
        prove_and_plant::<Kill>,
        prove_and_plant::<Properties>,
        prove_and_plant::<Model>,
        prove_and_plant::<Futures>,
        prove_and_plant::<Claims>,
        prove_and_plant::<Stops>,
        prove_and_plant::<Repeats>,
        prove_and_plant::<Enrolments>,
        prove_and_plant::<Stores>,
        prove_and_plant::<Zones>,
    ];
    let mut well = true;
    for prove in all {
        well &= prove(settings)?;
    }
    Ok(well)
}

/// Runs a proof, first without a bug and then with each of its planted bugs.
fn prove_and_plant<P: Proof>(settings: &Settings) -> Result<bool> {
    let mut well = prove::<P>(settings)?;
    for bug in P::PLANTED {
        let planted = Settings { planted: Some((*bug).to_owned()), results: None, ..settings.clone() };
        well &= prove::<P>(&planted)?;
    }
    Ok(well)
}

fn prove<P: Proof>(settings: &Settings) -> Result<bool> {
    if let Some(bug) = settings.planted.as_deref().filter(|bug| !P::PLANTED.contains(bug)) {
        bail!("unknown bug `{bug}` for {}; expected one of: {}", P::NAME, P::PLANTED.join(", "));
    }
    let proof = P::prepare(settings.seed, settings.planted.as_deref())
        .with_context(|| format!("cannot prepare {}", P::NAME))?;
    run::run(&proof, settings)
}
