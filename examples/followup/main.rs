//! The `followup` command: who is next, when, how, and why, on SQLite.
//!
//! An example of embedding the library. It uses only the library's public API.

mod args;
mod demo;
mod events;
mod every;
mod import;
mod look;
mod office;
mod page;
mod playbook;
mod report;
mod report_tables;
mod simulate;
mod simulated;
mod tables;
mod upkeep;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use office::{Ended, Office, Wrong};

fn main() -> ExitCode {
    let args = Args::parse();
    match run(args) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::SomeRejected) => ExitCode::from(3),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Print the whole chain: what was attempted, and every cause.
            report(&error);
            ExitCode::from(if error.is::<Wrong>() { 2 } else { 1 })
        }
    }
}

fn report(error: &anyhow::Error) {
    eprintln!("followup: {error:#}");
}

/// Returns true if the reader of our output has closed it.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<std::io::Error>();
    cause.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn run(args: Args) -> anyhow::Result<Ended> {
    let Args { common, command } = args;
    match command {
        // These commands open the database only if they need it.
        Command::Playbook { command } => playbook::run(common, command),
        Command::Demo => demo::run(common),
        // These commands work on the file, not on a book.
        Command::Backup { path } => upkeep::backup(&common, &path),
        Command::Integrity => upkeep::integrity(&common),
        command => {
            let office = Office::open(common)?;
            match command {
                Command::Add(add) => events::add(&office, add),
                Command::Record(record) => events::record(&office, record),
                Command::Wake => events::wake(&office),
                Command::Erase { prospect } => events::erase(&office, &prospect),
                Command::Import { command } => import::run(&office, command),
                Command::Plan(plan) => look::plan(&office, plan),
                Command::Agenda { days, limit, per_day } => look::agenda(&office, days, limit, per_day),
                Command::History { prospect } => look::history(&office, &prospect),
                Command::Report { command } => report::run(&office, command),
                Command::Audit { prospect, totals } => report::audit(&office, prospect, totals),
                Command::Backtest { file, every, all } => {
                    report::backtest(&office, file.as_deref(), every.as_deref(), all)
                }
                Command::Simulate(simulate) => simulate::run(&office, simulate),
                Command::Playbook { .. } | Command::Demo | Command::Backup { .. } | Command::Integrity => {
                    unreachable!("handled above")
                }
            }
        }
    }
}
