//! The project's own commands, run as `cargo xtask <command>`.
//!
//! `verify` checks everything that continuous integration checks and changes no source file. `fix` formats and
//! applies the suggestions of Clippy. `soak` runs the long proofs. `mutants`, `coverage` and `fuzz` ask whether the
//! tests bite, what they miss, and what breaks. `bench` and `figures` measure what is too long for continuous
//! integration. `page` looks at the page of the gap report in a browser.

mod bench;
mod cargo;
mod core_alone;
mod coverage;
mod database;
mod figures;
mod fix;
mod fuzz;
mod machine;
mod mutants;
mod page;
mod soak;
mod verify;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
Usage: cargo xtask <command>

Commands:
  verify  check everything that continuous integration checks; changes no source file
  fix     format, and apply the suggestions of Clippy; writes source files
  soak    run a long proof of what users may rely on, or `all`; `cargo xtask soak help` lists them
  bench   ratios beside raw statements, maps and dates, into benches/RESULTS.md; takes six minutes, wants a quiet
          machine and 4 GB of disk; with names of rows only those, and nothing is written
  bench --instructions
          instructions of one of each, into the same file; needs valgrind
  coverage
          lines of followup-core that its tests run, and a list of the others; needs cargo-llvm-cov and llvm-tools
  fuzz    each fuzz target for a minute, or `--seconds` of them; needs cargo-fuzz and a nightly toolchain
  mutants a seeded sample of mutants of followup-core against its tests, into MUTANTS.md; goes on where it was
          interrupted; `--seed 1`, `--sample 400`, `--jobs 2`, and only `--in report/` or other places, of which nothing
          is written; needs cargo-mutants and cargo-nextest
  figures memory of an import and time of an agenda at two sizes each; takes minutes, needs the shared data
  page    the page of the gap report in a browser, with pictures under target/page; needs Chromium
  help    print this text";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["verify"] => verify::verify(),
        ["fix"] => fix::fix(),
        ["soak", arguments @ ..] => soak::soak(arguments),
        ["bench", "--instructions"] => bench::instructions(),
        ["bench", rows @ ..] => bench::ratios(rows),
        ["coverage"] => coverage::coverage(),
        ["fuzz", options @ ..] => fuzz::fuzz(options),
        ["mutants", options @ ..] => mutants::mutants(options),
        ["figures"] => figures::figures(),
        ["page"] => page::page(),
        // A part of `figures` that runs in a process of its own.
        ["repeat", log, to] => figures::repeat(log.as_ref(), to.as_ref()),
        ["help" | "-h" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        [] => bail!("no command is given\n\n{USAGE}"),
        _ => bail!("`{}` is no command\n\n{USAGE}", arguments.join(" ")),
    }
}
