//! The time of one answer in a new process, including opening the file.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use chrono::TimeDelta;
use followup::Policy;
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

use crate::disk;
use crate::people::{self, start};
use crate::raw_minimal::RawMinimal;
use crate::raw_same::RawSame;

/// Number of days from [`start`] to the time of the question.
const DAYS: i64 = 4;
/// Writing 3 to this file empties the cache of the operating system, if permitted.
const DROP_CACHES: &str = "/proc/sys/vm/drop_caches";

/// Whether the whole cache of the operating system can be emptied before each answer. If not, only the file is evicted.
pub fn forgets_everything() -> bool {
    std::fs::write(DROP_CACHES, "3").is_ok()
}

/// Evicts a file from the cache and lets a new process answer from it. Returns the time in microseconds.
///
/// # Errors
/// If the process cannot be started or fails.
pub fn ask(whom: &str, path: &Path) -> Result<f64> {
    disk::evict(path)?;
    // Where this is not permitted, at least the file has been evicted.
    let _ = std::fs::write(DROP_CACHES, "3");
    let answer = Command::new(std::env::current_exe()?).args(["--cold", whom]).arg(path).output()?;
    let errors = String::from_utf8_lossy(&answer.stderr);
    ensure!(answer.status.success(), "the process for `{whom}` failed: {errors}");
    let text = String::from_utf8(answer.stdout)?;
    text.trim().parse().with_context(|| format!("unexpected output of the process for `{whom}`: {text}"))
}

/// Runs in the new process: opens the file and lists the next hundred entries. Returns the time in microseconds.
///
/// # Errors
/// If a store reports an error.
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
            same.next_hundred_planned(now + TimeDelta::days(7), &Policy::default())?
        }
        "minimal" => RawMinimal::open(path, 1, "FULL")?.next_hundred(30)?,
        other => bail!("unknown contender `{other}`"),
    };
    let micros = begin.elapsed().as_secs_f64() * 1e6;
    ensure!(found == 100, "expected 100 due entries, found {found}");
    Ok(micros)
}
