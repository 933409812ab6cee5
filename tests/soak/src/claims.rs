//! No action is claimed twice at once, and a late worker is refused (R4): several processes on one file.
//!
//! Each process claims, works for a while (sometimes for longer than its lease) and appends under its claim. It prints
//! what it saw of each claim; the parent process checks all observations together.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use followup::store::{Append, Claim, Due, Record, Revision, Snapshot, StoreErrorKind, StoreExt, UnderClaim};
use followup::{ProspectId, Store};
use followup_fault_vfs::Random;
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

use crate::buggy::{Bug, plant};
use crate::proof::Proof;
use crate::scratch::Scratch;

/// Number of claims in a full run, and number of claims per point. Each point has one file.
const FULL: usize = 800_000;
const AT_A_POINT: usize = 100_000;

const PROCESSES: usize = 8;
const PROSPECTS: usize = 24;

/// Duration of a lease, in microseconds of the machine's clock.
const LEASE_MICROS: i64 = 20_000;

pub(crate) struct Claims {
    seed: u64,
    bug: Option<&'static str>,
    handed_out: AtomicU64,
    refused: AtomicU64,
    slept: AtomicU64,
}

/// One claim as observed by a process. Times are in microseconds.
struct Seen {
    prospect: String,
    fence: u64,
    /// The time just before the claim was requested.
    now: i64,
    until: i64,
    /// The time just after the claim was received, on the clock that all processes share.
    handed_out_at: i64,
    /// The time just before the change was sent.
    sent_at: i64,
    accepted: bool,
}

impl Proof for Claims {
    const NAME: &'static str = "claims";
    const PROMISE: &'static str = "R4";
    const PLANTED: &'static [&'static str] = &["forgets-fences"];

    fn prepare(seed: u64, planted: Option<&str>) -> Result<Claims> {
        let bug = planted.and_then(|bug| Claims::PLANTED.iter().copied().find(|known| *known == bug));
        let (handed_out, refused, slept) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        Ok(Claims { seed, bug, handed_out, refused, slept })
    }

    fn points(&self) -> usize {
        FULL / AT_A_POINT
    }

    fn name_of(&self, point: usize) -> String {
        point.to_string()
    }

    fn check(&self, point: usize, scratch: &Scratch) -> Result<()> {
        scratch.clear()?;
        let path = scratch.store();
        {
            let store = SqliteStore::open(&path)?;
            let changes = (0..PROSPECTS).map(|n| change(&format!("p-{n}"), 0, "added", None));
            block_on(store.append(changes.collect::<Result<_>>()?))?;
        }
        let children = (0..PROCESSES).map(|n| {
            let seed = Random::of(self.seed, &format!("{point}/{n}")).number();
            start(&path, seed, AT_A_POINT / PROCESSES, self.bug)
        });
        let children: Vec<Child> = children.collect::<Result<_>>()?;
        let mut seen = Vec::new();
        for child in children {
            seen.extend(finish(child)?);
        }
        ensure!(seen.len() >= AT_A_POINT, "only {} claims were made", seen.len());
        self.handed_out.fetch_add(seen.len() as u64, Ordering::Relaxed);
        self.refused.fetch_add(seen.iter().filter(|seen| !seen.accepted).count() as u64, Ordering::Relaxed);
        let slept = seen.iter().filter(|seen| seen.sent_at >= seen.until).count();
        self.slept.fetch_add(slept as u64, Ordering::Relaxed);
        judge(seen)?;
        let store = SqliteStore::open(&path)?;
        ensure!(store.check_integrity()?.is_sound(), "the file is damaged");
        Ok(())
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        BTreeMap::from([
            ("claims handed out", take(&self.handed_out)),
            ("late changes refused", take(&self.refused)),
            ("workers stopped for longer than the lease", take(&self.slept)),
        ])
    }
}

/// Checks the observations of all processes together.
fn judge(mut seen: Vec<Seen>) -> Result<()> {
    seen.sort_by(|a, b| (&a.prospect, a.fence).cmp(&(&b.prospect, b.fence)));
    for pair in seen.windows(2) {
        let [before, after] = pair else { continue };
        if before.prospect != after.prospect {
            continue;
        }
        let Seen { prospect, fence, .. } = after;
        ensure!(before.fence < *fence, "{prospect} was claimed twice under fence {fence}");
        // The previous worker was done, or its lease had ended when the next one claimed.
        let done = before.accepted && before.sent_at <= after.handed_out_at;
        ensure!(
            done || before.until <= after.now,
            "{prospect} was claimed under fence {fence} during a lease"
        );
        // A change sent after the next claim was received is late.
        let late = before.accepted && before.sent_at > after.handed_out_at;
        ensure!(!late, "{prospect}: a change under fence {} was accepted after fence {fence}", before.fence);
    }
    Ok(())
}

fn start(path: &Path, seed: u64, claims: usize, bug: Option<&str>) -> Result<Child> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let mut command = Command::new(program);
    command.args(["claims-worker", &path.display().to_string(), &seed.to_string(), &claims.to_string()]);
    command.args(bug).stdout(Stdio::piped()).spawn().context("cannot start a worker")
}

fn finish(mut child: Child) -> Result<Vec<Seen>> {
    let output = child.stdout.take().context("a worker has no standard output")?;
    let mut seen = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        let fields: Vec<&str> = line.split(' ').collect();
        let [prospect, fence, now, until, handed_out_at, sent_at, accepted] = fields[..] else {
            bail!("unexpected output of a worker: {line}");
        };
        seen.push(Seen {
            prospect: prospect.to_owned(),
            fence: fence.parse()?,
            now: now.parse()?,
            until: until.parse()?,
            handed_out_at: handed_out_at.parse()?,
            sent_at: sent_at.parse()?,
            accepted: accepted == "accepted",
        });
    }
    ensure!(child.wait()?.success(), "a worker failed");
    Ok(seen)
}

fn clock() -> DateTime<Utc> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    DateTime::UNIX_EPOCH + TimeDelta::from_std(since).unwrap_or_default()
}

fn change(prospect: &str, expected: u64, key: &str, claim: Option<UnderClaim>) -> Result<Append> {
    let prospect = ProspectId::new(prospect)?;
    let record = Record::new(key, DateTime::UNIX_EPOCH, "touched", "{}");
    let mut change =
        Append::new(prospect.clone(), Revision(expected), vec![record], Snapshot::new(1, vec![0; 90]));
    let mut due = Due::new(prospect, change.revision());
    due.automatic = true;
    due.earliest = Some(DateTime::UNIX_EPOCH);
    due.rank_at = due.earliest;
    change.due = Some(due);
    change.claim = claim;
    Ok(change)
}

/// Runs a worker process: claims, works and appends until it has made the given number of claims.
pub(crate) fn worker(path: &Path, seed: u64, claims: usize, bug: Option<&str>) -> Result<()> {
    let opened = SqliteStore::options().busy_timeout(Duration::from_secs(60)).open(path)?;
    let store = plant(bug.and_then(Bug::named), Arc::new(opened));
    let mut random = Random::new(seed);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let started = Instant::now();
    let mut made = 0;
    while made < claims {
        ensure!(
            started.elapsed() < Duration::from_secs(50),
            "too slow: only {made} of {claims} claims in 50 s"
        );
        let now = clock();
        let until = now + TimeDelta::microseconds(LEASE_MICROS);
        let claim = Claim::new(now, until, random.below(12) as usize + 1);
        let claimed = block_on(store.claim(claim))?.claimed;
        let handed_out_at = clock();
        // One worker in sixty works for longer than its lease.
        let nap = if random.below(60) == 0 { LEASE_MICROS as u64 * 2 } else { random.below(300) };
        thread::sleep(Duration::from_micros(nap));
        for claimed in claimed {
            made += 1;
            let prospect = claimed.due.prospect;
            let (sent_at, accepted) = settle(&store, &prospect, claimed.fence)?;
            let micros = |at: DateTime<Utc>| at.timestamp_micros();
            writeln!(
                out,
                "{prospect} {} {} {} {} {} {}",
                claimed.fence,
                micros(now),
                micros(until),
                micros(handed_out_at),
                micros(sent_at),
                if accepted { "accepted" } else { "refused" }
            )?;
        }
    }
    Ok(())
}

/// Appends under a claim at the current revision. Returns when the change was sent and whether it was accepted.
fn settle(
    store: &dyn Store,
    prospect: &ProspectId,
    fence: followup::store::Fence,
) -> Result<(DateTime<Utc>, bool)> {
    loop {
        let head = block_on(store.head_of(prospect))?.context("the prospect is missing")?;
        let key = format!("done-{fence}");
        let change = change(prospect.as_str(), head.revision.0, &key, Some(UnderClaim::Ends(fence)))?;
        let sent_at = clock();
        match block_on(store.append(vec![change])) {
            Ok(()) => return Ok((sent_at, true)),
            Err(error) if error.kind() == StoreErrorKind::Fenced => return Ok((sent_at, false)),
            Err(error) if error.kind() == StoreErrorKind::Conflict => {}
            Err(error) => return Err(error.into()),
        }
    }
}
