//! How long does an agenda take in a large book? `cargo run --release --example agenda_cost -- FILE.db INSTANT`

use std::time::Instant;

use chrono::{DateTime, Utc};
use followup::sqlite::SqliteStore;
use followup::{Desk, Playbook};

/// The number of times the agenda is requested.
const ASKED: usize = 101;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, now] = arguments.as_slice() else { anyhow::bail!("expected a database file and an instant") };
    let now: DateTime<Utc> = now.parse()?;
    let desk = Desk::new(SqliteStore::open(file)?, Playbook::default());
    let mut micros = Vec::new();
    for _ in 0..ASKED {
        let start = Instant::now();
        let items = followup::block_on(async { desk.agenda(now).limit(100).await })?;
        micros.push(start.elapsed().as_micros());
        anyhow::ensure!(items.len() == 100, "expected 100 agenda items, found {}", items.len());
    }
    micros.sort_unstable();
    let (median, least, most) = (micros[ASKED / 2], micros[0], micros[ASKED - 1]);
    println!("agenda of 100: median {median} µs ({least} to {most})");
    Ok(())
}
