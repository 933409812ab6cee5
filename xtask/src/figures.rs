//! `cargo xtask figures`: measures the memory of an import and the time of an agenda, at two sizes each.
//!
//! This is too slow for continuous integration. The smaller log is the incident log of the shared data. The larger one
//! repeats it under other ids, shuffled across cases, with the rows of each case in their order.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;
use wait4::Wait4;

use crate::cargo::{Cargo, workspace_root};
use crate::database::fresh;

/// Maximum peak memory of an import.
const PEAK_MAX_BYTES: u64 = 64 << 20;
/// Number of copies of the log in the larger one.
const COPIES: usize = 20;
/// The `--now` of the agendas.
const MONDAY: &str = "2026-03-02T09:00:00Z";
/// Number of measurements of each agenda.
const ASKED: usize = 21;

/// Prints the figures and checks the memory limit of an import.
///
/// # Errors
/// If the shared data is missing, a command fails, or an import exceeds the memory limit.
pub(crate) fn figures() -> Result<()> {
    Cargo::new("build --release --package followup-examples --bin followup --example agenda_cost").run()?;
    let folder = workspace_root().join("target/figures");
    fs::create_dir_all(&folder)?;
    let log = workspace_root().join("../shared/data/uci_incident/incident_events.csv.gz");
    ensure!(log.exists(), "the shared data is missing beside the workspace");
    let many = folder.join("incidents.csv");
    // In a separate process, because the peak memory of this one would also count for the processes that it starts.
    let written = Command::new(std::env::current_exe()?).args(["repeat"]).arg(&log).arg(&many).status()?;
    ensure!(written.success(), "cannot write the larger log");
    for (name, file) in [("the log", log.as_path()), ("the log, 20 times, shuffled", many.as_path())] {
        import(&folder, name, file)?;
    }
    for people in [1_000, 100_000] {
        agenda(&folder, people)?;
    }
    Ok(())
}

fn followup(database: &Path) -> Command {
    let mut command = Command::new(workspace_root().join("target/release/followup"));
    command.arg("--json").arg("--db").arg(database);
    command
}

fn import(folder: &Path, name: &str, file: &Path) -> Result<()> {
    let database = fresh(folder, "import.db")?;
    for time in ["first", "second"] {
        let mut command = followup(&database);
        command.args(["import", "events"]).arg(file).args(["--map", "uci_incident"]);
        let start = Instant::now();
        let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start the command")?;
        let out = child.stdout.take().context("the command has no standard output")?;
        let used = child.wait4()?;
        let seconds = start.elapsed().as_secs_f64();
        let mut said = String::new();
        BufReader::new(out).read_line(&mut said)?;
        let peak = used.rusage.maxrss;
        println!("{name}, {time} import: {seconds:.1} s, peak {:.1} MiB: {}", mebibytes(peak), said.trim());
        ensure!(used.status.success(), "the import failed");
        ensure!(peak <= PEAK_MAX_BYTES, "the import used more than {} MiB", PEAK_MAX_BYTES >> 20);
    }
    let bytes = fs::metadata(&database)?.len();
    println!("  database size: {:.1} MiB", mebibytes(bytes));
    Ok(())
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Writes a log with many copies of another one, shuffled across cases.
///
/// # Errors
/// If the log cannot be read or the new one cannot be written.
pub(crate) fn repeat(log: &Path, to: &Path) -> Result<()> {
    let mut lines = BufReader::new(MultiGzDecoder::new(File::open(log)?)).lines();
    let header = lines.next().context("the log has no header")??;
    let mut cases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let line = line?;
        let (number, rest) = line.split_once(',').context("a row has only one column")?;
        cases.entry(number.to_owned()).or_default().push(rest.to_owned());
    }
    // Each row takes the place that a shuffle gave to its case, so a case's rows stay in their order.
    let mut places = Vec::new();
    for (index, rows) in cases.values().enumerate() {
        for copy in 0..COPIES {
            places.extend(std::iter::repeat_n((index, copy), rows.len()));
        }
    }
    let mut random = 88_172_645_463_325_252_u64;
    for place in (1..places.len()).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        places.swap(place, (random % (place as u64 + 1)) as usize);
    }
    let cases: Vec<_> = cases.into_iter().collect();
    let mut next = vec![[0_usize; COPIES]; cases.len()];
    let mut out = BufWriter::new(File::create(to)?);
    writeln!(out, "{header}")?;
    for (index, copy) in &places {
        let row = &mut next[*index][*copy];
        let (number, rows) = &cases[*index];
        writeln!(out, "{number}-{copy},{}", rows[*row])?;
        *row += 1;
    }
    out.flush()?;
    println!("wrote {} rows", places.len());
    Ok(())
}

/// Measures an agenda of the first hundred in a database with the given number of people.
fn agenda(folder: &Path, people: usize) -> Result<()> {
    let database = fresh(folder, "agenda.db")?;
    let file = folder.join("people.jsonl");
    let mut out = BufWriter::new(File::create(&file)?);
    for person in 0..people {
        let (day, hour) = (1 + person % 28, person % 24);
        writeln!(
            out,
            "{{\"key\":\"a\",\"prospect\":\"p{person}\",\"at\":\"2026-02-{day:02}T{hour:02}:00:00Z\",\"event\":\"inquired\"}}\n\
             {{\"key\":\"b\",\"prospect\":\"p{person}\",\"at\":\"2026-02-{day:02}T{hour:02}:30:00Z\",\"event\":\"touched\",\"channel\":\"phone\"}}"
        )?;
    }
    out.flush()?;
    let imported = followup(&database).args(["import", "events"]).arg(&file).output()?;
    ensure!(imported.status.success(), "the import failed: {}", String::from_utf8_lossy(&imported.stderr));
    let mut times = Vec::new();
    for _ in 0..ASKED {
        let start = Instant::now();
        let output = followup(&database).args(["--now", MONDAY, "agenda", "--limit", "100"]).output()?;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        ensure!(
            output.stdout.iter().filter(|byte| **byte == b'\n').count() == 100,
            "the agenda does not have 100 lines"
        );
    }
    times.sort_by(f64::total_cmp);
    let (least, median, most) = (times[0], times[ASKED / 2], times[ASKED - 1]);
    println!(
        "agenda of 100 with {people} people, whole process: median {median:.1} ms ({least:.1} to {most:.1})"
    );
    let mut program = Command::new(workspace_root().join("target/release/examples/agenda_cost"));
    let within = program.arg(&database).arg(MONDAY).output()?;
    ensure!(within.status.success(), "the agenda failed: {}", String::from_utf8_lossy(&within.stderr));
    print!("  within one process: {}", String::from_utf8_lossy(&within.stdout));
    Ok(())
}
