//! Is a host's transaction that was killed in between there with both, its row and its event, or with neither?
#![cfg(unix)]

mod common;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use common::program;
use followup_core::{Store, StoreExt};
use followup_store_sqlite::{File, SqliteStore};
use pollster::block_on;
use rusqlite::Connection;

/// How often a writer is killed. FOLLOWUP_KILLS says otherwise, and FOLLOWUP_SEED at which moments.
const KILLS: u64 = 200;

/// After how many kills the next writer begins a new file.
const FILE_KILLS: u64 = 25;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("it is a number"))
}

/// Numbers that look like chance and are the same for the same seed (splitmix64).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Lets a writer run for a while and kills it; the calls that it said were written, and whether it was in the middle
/// of one.
fn killed_after(path: &Path, micros: u64) -> (BTreeSet<i64>, bool) {
    let mut command = program("host_transaction");
    command.arg("--worker").arg(path).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program is built and starts");
    let output = BufReader::new(child.stdout.take().expect("it is a pipe"));
    let reader = thread::spawn(move || output.lines().map_while(Result::ok).collect::<Vec<_>>());
    // Not a wait for something to happen: the moment is what is chosen.
    thread::sleep(Duration::from_micros(micros));
    child.kill().expect("it can be killed");
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), None, "it ended before: {}", String::from_utf8_lossy(&ended.stderr));
    let lines = reader.join().expect("nothing panics there");
    let is_between = lines.last().is_some_and(|line| !line.ends_with('.'));
    let written = lines.iter().filter_map(|line| line.strip_suffix('.')?.parse().ok()).collect();
    (written, is_between)
}

/// The numbers of the host's rows, and those of the events.
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
    // A writer that was killed early enough has not made its table yet.
    let made = host.table_exists(None, "call").expect("it can be read");
    let rows = made.then(|| {
        let mut rows = host.prepare("SELECT number FROM call").expect("it can be read");
        let rows = rows.query_map([], |row| row.get(0)).expect("it can be read");
        rows.collect::<Result<BTreeSet<i64>, _>>().expect("they are numbers")
    });
    (rows.unwrap_or_default(), events)
}

#[test]
fn a_host_transaction_killed_in_between_is_there_with_both_or_with_neither() {
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
        assert!(written.is_subset(&rows), "{place}: what was said to be written is there");
        assert!(rows.is_superset(&before), "{place}: what was there is there");
        // At most the one that was on its way is there without having been said to be.
        let new = rows.difference(&before).count();
        assert!(new - written.len() <= 1, "{place}: {new} are there of {}", written.len());
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
        "{kills} kills with seed {seed} in {:.1} s: {calls} calls, {between} kills in the middle of one, {unsaid} of which was there",
        start.elapsed().as_secs_f64()
    );
    assert!(between > kills / 4, "only {between} of {kills} were in the middle of a call");
}
