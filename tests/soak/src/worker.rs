//! The process that is killed: several threads append and report each acknowledged change, while another thread runs
//! checkpoints.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use followup_fault_vfs::Random;

use crate::books::Books;
use crate::changes::Change;
use crate::draft::{Draft, LANES, Size};
use crate::stage::checkpoint;

/// The arguments of the process.
#[derive(Args, Clone)]
pub(crate) struct Orders {
    /// The file of the store.
    #[arg(long)]
    pub(crate) path: PathBuf,
    /// Number of changes of each thread that are in the file already.
    #[arg(long, value_delimiter = ',')]
    pub(crate) from: Vec<usize>,
    /// Planted bug: report each change before it is acknowledged.
    #[arg(long)]
    pub(crate) early: bool,
}

/// Appends until the process is killed or something fails.
pub(crate) fn work(orders: &Orders, seed: u64) -> Result<bool> {
    let books = Books::sqlite(&orders.path)?;
    thread::scope(|scope| {
        for lane in 0..LANES {
            let books = &books;
            scope.spawn(move || {
                if let Err(error) = append(books, orders, seed, lane) {
                    eprintln!("error: {error:#}");
                    process::exit(1);
                }
            });
        }
        tidy(&orders.path, seed)
    })
}

/// Runs checkpoints at random intervals, as the store does in the background once the log is long.
fn tidy(path: &Path, seed: u64) -> ! {
    let mut random = Random::of(seed, "tidy");
    loop {
        thread::sleep(Duration::from_micros(random.below(8000)));
        let mode = random.one_of(&["PASSIVE", "PASSIVE", "FULL", "RESTART", "TRUNCATE"]);
        // A checkpoint fails while another thread reads or writes; the log then stays as it is.
        let _ = checkpoint(path, mode);
    }
}

fn append(books: &Books, orders: &Orders, seed: u64, lane: u8) -> Result<()> {
    let from = orders.from.get(usize::from(lane)).copied().unwrap_or(0);
    let mut flow = Flow::new(seed, lane);
    for n in 1.. {
        let change = flow.next_change();
        if n <= from {
            continue;
        }
        if orders.early {
            tell(lane, n)?;
            change.send(books)?;
        } else {
            change.send(books).with_context(|| format!("change {n} of thread {lane}"))?;
            tell(lane, n)?;
        }
    }
    Ok(())
}

/// Reports a change in one write, so that a kill leaves the whole line or none of it.
fn tell(lane: u8, n: usize) -> io::Result<()> {
    io::stdout().lock().write_all(format!("{lane} {n}\n").as_bytes())
}

/// The changes of one thread. They depend on the seed only, not on other threads.
pub(crate) struct Flow {
    draft: Draft,
    lane: u8,
}

impl Flow {
    pub(crate) fn new(seed: u64, lane: u8) -> Flow {
        Flow { draft: Draft::new(lane, Random::of(seed, &format!("lane {lane}"))), lane }
    }

    pub(crate) fn next_change(&mut self) -> Change {
        let Flow { draft, lane } = self;
        let book = usize::from(*lane % 3);
        let who: Vec<String> = (0..8).map(|n| format!("t{lane}-{n}")).collect();
        let one = draft.random.one_of(&who).clone();
        match draft.random.below(16) {
            0 => draft.batch(book, &who, Size { records: 2, body: 100, profile: 0 }),
            1 => draft.erase(book, &one),
            2 => draft.document(book),
            3 => draft.change(book, &one, Size { records: 1, body: 20_000, profile: 0 }),
            4 | 5 => draft.change(book, &one, Size { records: 1, body: 100, profile: 300 }),
            _ => draft.change(book, &one, Size { records: 2, body: 150, profile: 0 }),
        }
    }
}
