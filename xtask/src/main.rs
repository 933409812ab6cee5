//! Commands for developing the project, run as `cargo xtask <command>`.
//!
//! `verify` runs all checks of continuous integration and changes no source file. `fix` formats the sources and applies
//! the suggestions of Clippy. `soak` runs the long-running proofs. `mutants` and `coverage` show what the tests miss;
//! `fuzz` looks for input that breaks the readers. `bench` and `figures` take measurements that are too slow for
//! continuous integration. `page` checks the page of the gap report in a browser.

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
mod surface;
mod verify;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
Usage: cargo xtask <command>

Commands:
  verify  run all checks of continuous integration; changes no source file
  fix     format the sources and apply the suggestions of Clippy
  soak    run a long-running proof, or `all` of them; `cargo xtask soak help` lists them
  bench [ROW...]
          measure ratios to raw SQL, ordered maps and plain dates, and write them to benches/RESULTS.md; takes six
          minutes and needs a quiet machine and 4 GB of disk; with names of rows, measure only those and write nothing
  bench --instructions
          count the instructions of single operations and write them to the same file; needs valgrind
  coverage
          show which lines of followup-core its tests run, and list the others; needs cargo-llvm-cov and llvm-tools
  fuzz [--seconds N]
          run each fuzz target for a minute or N seconds; needs cargo-fuzz and a nightly toolchain
  mutants [--shard K/N] [OPTION of cargo-mutants]...
          test a sample of the mutants of followup-core and, without options, write MUTANTS.md; needs cargo-mutants and
          cargo-nextest
  figures measure the memory of an import and the time of an agenda at two sizes each; takes minutes and needs the
          shared data
  surface
          count the names in the roots of the crates, and list the public items that no example shows
  page    check the page of the gap report in a browser, with screenshots in target/page; needs Chromium
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
        ["surface"] => surface::surface(),
        // A part of `figures` that runs in a separate process.
        ["repeat", log, to] => figures::repeat(log.as_ref(), to.as_ref()),
        ["help" | "-h" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        [] => bail!("missing command\n\n{USAGE}"),
        _ => bail!("unknown command `{}`\n\n{USAGE}", arguments.join(" ")),
    }
}
