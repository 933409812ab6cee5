//! How many instructions does one operation take, independently of the load of the machine?
//!
//! Run with `cargo xtask bench --instructions`. Stores write in their own threads, so the whole process is counted:
//! once with 10 operations and once with 110. The difference is the cost of a hundred, without the preparation.

#![expect(missing_docs, reason = "the macros generate modules without documentation")]

use std::hint::black_box;
use std::path::Path;

use followup::{Policy, ProspectState, Store, plan};
use followup_benches::people;
use followup_benches::raw_minimal::RawMinimal;
use followup_benches::raw_same::RawSame;
use followup_benches::states;
use followup_store_memory::MemoryStore;
use followup_store_sqlite::SqliteStore;
use gungraun::{
    Callgrind, EntryPoint, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use pollster::block_on;

const PEOPLE: u64 = 1_000;

// A plan, with why, of a prospect with ten events.
#[library_benchmark]
#[bench::few(10)]
#[bench::many(110)]
fn plan_with_why(times: u64) {
    plans(times, &Playbook::default());
}

// The same plan without the rules that it quotes.
#[library_benchmark]
#[bench::few(10)]
#[bench::many(110)]
fn plan_with_nothing_to_explain(times: u64) {
    plans(times, &states::unexplained());
}

fn plans(times: u64, playbook: &Playbook) {
    let history = states::called(10, "Europe/Berlin").expect("the zone exists");
    let state = ProspectState::replay(history).expect("the keys differ");
    for _ in 0..times {
        black_box(plan(black_box(&state), playbook));
    }
}

// A journal of ten events folded into a state.
#[library_benchmark]
#[bench::few(10)]
#[bench::many(110)]
fn replay_of_10_events(times: u64) {
    let history = states::called(10, "Europe/Berlin").expect("the zone exists");
    for _ in 0..times {
        black_box(ProspectState::replay(black_box(history.iter().cloned()))).expect("the keys differ");
    }
}

// An event recorded over the memory store, including the plan.
#[library_benchmark]
#[bench::few(10)]
#[bench::many(110)]
fn record_over_memory(times: u64) {
    record(MemoryStore::new(), times);
}

// An event recorded over SQLite in memory, including the plan.
#[library_benchmark]
#[bench::few(10)]
#[bench::many(110)]
fn record_over_sqlite(times: u64) {
    record(SqliteStore::in_memory().expect("SQLite opens"), times);
}

fn record(store: impl Store + 'static, times: u64) {
    let desk = people::desk(store);
    people::import(&desk, PEOPLE).expect("the people are new");
    for number in 0..times {
        let prospect = people::id(number).expect("every number gives a valid id");
        block_on(desk.record(&prospect, people::touched(number, 0))).expect("the prospect exists");
    }
}

// Raw SQL over the smallest possible tables, in memory.
#[library_benchmark]
#[bench::few(10)]
#[bench::many(110)]
fn raw_minimal(times: usize) {
    let mut raw = RawMinimal::open(Path::new(":memory:"), PEOPLE, "OFF").expect("SQLite opens");
    raw.enrol(PEOPLE).expect("the tables are empty");
    raw.complete(times, 1).expect("the people exist");
}

// Raw SQL over the library's own tables, in a file that is never synced.
#[library_benchmark]
#[bench::few(10)]
#[bench::many(110)]
fn raw_same_schema(times: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("same.db");
    drop(SqliteStore::open(&path).expect("SQLite opens"));
    let mut raw = RawSame::open(&path, PEOPLE, "OFF").expect("SQLite opens");
    raw.enrol(PEOPLE).expect("the tables are empty");
    raw.complete(times, 1).expect("the people exist");
}

library_benchmark_group!(
    name = one;
    benchmarks = plan_with_why, plan_with_nothing_to_explain, replay_of_10_events, record_over_memory,
        record_over_sqlite, raw_minimal, raw_same_schema
);

main!(
    config = LibraryBenchmarkConfig::default()
        .tool(Callgrind::default().entry_point(EntryPoint::None));
    library_benchmark_groups = one
);
