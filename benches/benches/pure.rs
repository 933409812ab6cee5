//! Benches without a disk, one question each. Run with `cargo bench --package followup-benches --bench pure`.

use std::hint::black_box;

use anyhow::Result;
use chrono::TimeDelta;
use criterion::{BenchmarkId, Criterion};
use followup::plan::what_if;
use followup::{Policy, ProspectState, plan};
use followup_benches::dates::Dates;
use followup_benches::{people, states};
use followup_store_memory::MemoryStore;
use pollster::block_on;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    planning(&mut criterion)?;
    replaying(&mut criterion)?;
    listing(&mut criterion)?;
    dating(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// How long does a plan take, with its explanation, and how long the plans after every possible answer?
fn planning(criterion: &mut Criterion) -> Result<()> {
    let (states, policy) = (states::many()?, Policy::default());
    let mut turn = 0;
    let mut next = || {
        turn += 1;
        &states[turn % states.len()]
    };
    criterion.bench_function("plan", |bench| bench.iter(|| plan(black_box(next()), &policy)));
    criterion.bench_function("what_if", |bench| bench.iter(|| what_if(black_box(next()), &policy)));
    Ok(())
}

/// How long does it take to fold a journal into a state?
fn replaying(criterion: &mut Criterion) -> Result<()> {
    let mut group = criterion.benchmark_group("replay");
    for events in [10, 100] {
        let history = states::called(events, "Europe/Berlin")?;
        group.bench_function(BenchmarkId::from_parameter(events), |bench| {
            bench.iter(|| ProspectState::replay(black_box(history.iter().cloned())));
        });
    }
    group.finish();
    Ok(())
}

/// How long does an agenda of 100 take without a disk, and does it depend on the number of people?
fn listing(criterion: &mut Criterion) -> Result<()> {
    let mut group = criterion.benchmark_group("agenda in memory");
    for people in [1_000, 100_000] {
        let desk = people::desk(MemoryStore::new());
        people::import(&desk, people)?;
        let now = people::start() + TimeDelta::days(4);
        group.bench_function(BenchmarkId::from_parameter(people), |bench| {
            bench.iter(|| block_on(async { desk.agenda(black_box(now)).limit(100).await }));
        });
    }
    group.finish();
    Ok(())
}

/// How long does one date in a given zone take, with the time module and with chrono-tz?
fn dating(criterion: &mut Criterion) -> Result<()> {
    let dates = Dates::make(1_000)?;
    let mut number = 0;
    let mut next = || {
        number += 1;
        black_box(number)
    };
    let mut group = criterion.benchmark_group("date");
    group.bench_function("ours", |bench| bench.iter(|| dates.ours(next())));
    group.bench_function("chrono-tz", |bench| bench.iter(|| dates.chrono_tz(next())));
    group.finish();
    Ok(())
}
