//! Does a host transaction that is killed midway write both its row and its event, or neither?
#![cfg(unix)]

mod common;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use common::program;
use followup::Store;
use followup::block_on;
use followup::sqlite::{File, SqliteStore};
use followup::store::StoreExt;
use rusqlite::Connection;

/// The number of kills, unless FOLLOWUP_KILLS is set. FOLLOWUP_SEED determines their times.
const KILLS: u64 = 200;

/// The number of kills after which a new file is used.
const FILE_KILLS: u64 = 25;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("it is a number"))
}

/// Returns the next pseudorandom number (splitmix64).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Lets a writer run for a while and kills it. Returns the calls that it reported as written, and whether it was in the
/// middle of one.
fn killed_after(path: &Path, micros: u64) -> (BTreeSet<i64>, bool) {
    let mut command = program("host_transaction");
    command.arg("--worker").arg(path).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program is built and starts");
    let output = BufReader::new(child.stdout.take().expect("it is a pipe"));
    let reader = thread::spawn(move || output.lines().map_while(Result::ok).collect::<Vec<_>>());
    // This sleep does not wait for anything: it chooses the time of the kill.
    thread::sleep(Duration::from_micros(micros));
    child.kill().expect("it can be killed");
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), None, "it ended before: {}", String::from_utf8_lossy(&ended.stderr));
    let lines = reader.join().expect("nothing panics there");
    let is_between = lines.last().is_some_and(|line| !line.ends_with('.'));
    let written = lines.iter().filter_map(|line| line.strip_suffix('.')?.parse().ok()).collect();
    (written, is_between)
}

/// Returns the numbers of the host's rows, and those of the events.
fn found(path: &Path) -> (BTreeSet<i64>, BTreeSet<i64>) {
    let store = SqliteStore::options().file(File::Shared).open(path).expect("it opens");
    let report = store.check_integrity().expect("it can be read");
    assert!(report.is_sound(), "{:?}", report.findings);
    let mut events = BTreeSet::new();
    for head in block_on(store.pages().next()).expect("it can be read").into_iter().flatten() {
        for record in block_on(store.history(&head.prospect)).expect("it can be read") {
            events.extend(record.key.strip_prefix("call-").and_then(|number| number.parse::<i64>().ok()));
        }
    }
    let host = Connection::open(path).expect("it opens");
    // A writer that was killed early has not created its table yet.
    let made = host.table_exists(None, "call").expect("it can be read");
    let rows = made.then(|| {
        let mut rows = host.prepare("SELECT number FROM call").expect("it can be read");
        let rows = rows.query_map([], |row| row.get(0)).expect("it can be read");
        rows.collect::<Result<BTreeSet<i64>, _>>().expect("they are numbers")
    });
    (rows.unwrap_or_default(), events)
}

#[test]
fn a_killed_host_transaction_has_written_both_its_row_and_its_event_or_neither() {
    let (kills, seed) = (setting("FOLLOWUP_KILLS", KILLS), setting("FOLLOWUP_SEED", 1));
    let (mut state, start) = (seed, Instant::now());
    let (mut between, mut calls, mut unsaid) = (0, 0, 0);
    let mut folder = tempfile::tempdir().expect("a folder can be made");
    let mut before = BTreeSet::new();
    for kill in 1..=kills {
        let path = folder.path().join("calls.db");
        let micros = 5_000 + next(&mut state) % 55_000;
        let (written, is_between) = killed_after(&path, micros);
        let (rows, events) = found(&path);
        let place = format!("kill {kill} after {micros} µs, seed {seed}");
        assert_eq!(rows, events, "{place}");
        assert!(written.is_subset(&rows), "{place}: reported calls are missing");
        assert!(rows.is_superset(&before), "{place}: earlier calls are missing");
        // At most the call in progress exists without having been reported.
        let new = rows.difference(&before).count();
        assert!(new - written.len() <= 1, "{place}: {new} new calls, {} reported", written.len());
        between += u64::from(is_between);
        unsaid += new - written.len();
        calls += new;
        before = rows;
        if kill % FILE_KILLS == 0 {
            folder = tempfile::tempdir().expect("a folder can be made");
            before = BTreeSet::new();
        }
    }
    println!(
        "{kills} kills with seed {seed} in {:.1} s: {calls} calls, {between} kills in the middle of one, {unsaid} of them written",
        start.elapsed().as_secs_f64()
    );
    assert!(between > kills / 4, "only {between} of {kills} were in the middle of a call");
}
