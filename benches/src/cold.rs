//! One answer in a process of its own, from opening the file on.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use chrono::TimeDelta;
use followup_core::Playbook;
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

use crate::disk;
use crate::people::{self, start};
use crate::raw_minimal::RawMinimal;
use crate::raw_same::RawSame;

/// How many days after [`start`] it is asked.
const DAYS: i64 = 4;
/// Writing 3 here empties the cache of the operating system, if one may.
const DROP_CACHES: &str = "/proc/sys/vm/drop_caches";

/// Whether the operating system forgets everything before each answer; if not, it is told to forget the file.
pub fn forgets_everything() -> bool {
    std::fs::write(DROP_CACHES, "3").is_ok()
}

/// Has a file forgotten and asks a new process about it; the answer is how many microseconds it took there.
///
/// # Errors
/// If the process cannot be run, or fails.
pub fn ask(whom: &str, path: &Path) -> Result<f64> {
    disk::evict(path)?;
    // Where this is not allowed, the file at least is forgotten.
    let _ = std::fs::write(DROP_CACHES, "3");
    let answer = Command::new(std::env::current_exe()?).args(["--cold", whom]).arg(path).output()?;
    let errors = String::from_utf8_lossy(&answer.stderr);
    ensure!(answer.status.success(), "{whom} does not answer: {errors}");
    let text = String::from_utf8(answer.stdout)?;
    text.trim().parse().with_context(|| format!("{whom} answers {text}"))
}

/// What the new process does: opens the file, lists the next hundred, and says how many microseconds it took.
///
/// # Errors
/// Those of the stores.
pub fn answer(whom: &str, path: &Path) -> Result<f64> {
    let now = start() + TimeDelta::days(DAYS);
    let begin = Instant::now();
    let found = match whom {
        "ours" => {
            let desk = people::desk(SqliteStore::open(path)?);
            block_on(async { desk.agenda(now).limit(100).await })?.len()
        }
        "same schema, decoded and planned" => {
            let same = RawSame::open(path, 1, "FULL")?;
            same.next_hundred_planned(now + TimeDelta::days(7), &Playbook::default())?
        }
        "minimal" => RawMinimal::open(path, 1, "FULL")?.next_hundred(30)?,
        other => bail!("nobody is called {other}"),
    };
    let micros = begin.elapsed().as_secs_f64() * 1e6;
    ensure!(found == 100, "a hundred are due, not {found}");
    Ok(micros)
}
