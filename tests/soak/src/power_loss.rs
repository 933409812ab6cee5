//! An acknowledged change survives a power loss, and no change survives in part (R2).
//!
//! Each scenario runs once on a disk that records every write, sync, truncation and deletion. For each moment between
//! two of these calls and each of four kinds of loss, the files that a power loss would leave are rebuilt and opened as
//! after any restart. The store must hold every change acknowledged by then, and may hold those that were in flight;
//! SQLite must find the file intact, and the next change must succeed.

use std::fmt;
use std::ops::RangeInclusive;

use anyhow::{Context, Result, bail};
use followup_fault_vfs::{Disk, Log, Loss, Random, seed_randomness};

use crate::books::{Books, Seen, check_integrity};
use crate::proof::Proof;
use crate::scratch::Scratch;
use crate::script::{Script, Step, scripts};
use crate::stage::{checkpoint, prepare, send_together};

/// Number of rounds over all scenarios; each round has different changes.
const ROUNDS: u64 = 3;

/// The proof: the recordings and every point in them.
pub(crate) struct PowerLoss {
    seed: u64,
    recordings: Vec<Recording>,
    points: Vec<Point>,
}

/// The recording of one scenario.
struct Recording {
    script: Script,
    round: u64,
    log: Log,
    /// Pairs of a log position and the number of changes sent from there on.
    sent: Vec<(usize, usize)>,
    /// Pairs of a log position and the number of changes acknowledged from there on.
    acknowledged: Vec<(usize, usize)>,
    expected: Vec<Seen>,
}

/// A power loss after the first `calls` changes to the disk.
#[derive(Clone, Copy)]
struct Point {
    recording: usize,
    calls: usize,
    loss: Loss,
}

/// A bug that can be planted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bug {
    /// The disk acknowledges syncs without performing them.
    SynchronousOff,
    /// Changes are acknowledged before they are committed.
    TornAck,
}

impl Proof for PowerLoss {
    const NAME: &'static str = "power-loss";
    const PROMISE: &'static str = "R2";
    const PLANTED: &'static [&'static str] = &["synchronous-off", "torn-ack"];

    fn prepare(seed: u64, planted: Option<&str>) -> Result<PowerLoss> {
        let bug = planted.map(|name| if name == "torn-ack" { Bug::TornAck } else { Bug::SynchronousOff });
        let mut recordings = Vec::new();
        for round in 0..ROUNDS {
            for script in scripts(seed, round) {
                let name = script.name;
                let recording = Recording::of(script, round, bug);
                recordings.push(recording.with_context(|| format!("cannot record the scenario {name}"))?);
            }
        }
        let mut points = Vec::new();
        for (recording, Recording { log, .. }) in recordings.iter().enumerate() {
            for calls in 0..=log.changes().len() {
                points.extend(Loss::ALL.map(|loss| Point { recording, calls, loss }));
            }
        }
        Ok(PowerLoss { seed, recordings, points })
    }

    fn points(&self) -> usize {
        self.points.len()
    }

    fn name_of(&self, point: usize) -> String {
        let Point { recording, calls, loss } = self.points[point];
        let Recording { script, round, .. } = &self.recordings[recording];
        format!("{}/{round}/{calls}/{}", script.name, LossName(loss))
    }

    fn check(&self, point: usize, scratch: &Scratch) -> Result<()> {
        let Point { recording, calls, loss } = self.points[point];
        let recording = &self.recordings[recording];
        let mut random = Random::of(self.seed, &self.name_of(point));
        scratch.put(&recording.log.image(calls, loss, &mut random))?;
        recording.check(recording.allowed(calls), scratch)
    }
}

struct LossName(Loss);

impl fmt::Display for LossName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Loss::Nothing => "stop",
            Loss::Unsynced => "unsynced",
            Loss::Half => "half",
            Loss::Torn => "torn",
        })
    }
}

impl Recording {
    /// Runs a scenario without failures and records it.
    fn of(script: Script, round: u64, bug: Option<Bug>) -> Result<Recording> {
        // SQLite puts random numbers into its logs; the seed makes them the same in each run.
        seed_randomness(1 + round);
        let scratch = Scratch::new()?;
        prepare(&script, &scratch)?;
        let disk = Disk::watch(scratch.directory())?;
        disk.record()?;
        if bug == Some(Bug::SynchronousOff) {
            disk.ignore_syncs();
        }
        let expected = script.expected();
        let (sent, acknowledged) = (vec![(0, script.before)], vec![(0, script.before)]);
        let mut recording = Recording { script, round, log: Log::default(), sent, acknowledged, expected };
        let mut books = Books::sqlite(&scratch.store())?;
        for step in &recording.script.steps {
            match step {
                Step::Send(changes) => {
                    for n in changes.clone() {
                        recording.sent.push((disk.recorded(), n + 1));
                        if bug == Some(Bug::TornAck) {
                            recording.acknowledged.push((disk.recorded(), n + 1));
                        }
                        recording.script.changes[n].send(&books)?;
                        recording.acknowledged.push((disk.recorded(), n + 1));
                    }
                }
                Step::Together(changes) => {
                    recording.sent.push((disk.recorded(), changes.end));
                    let together = &recording.script.changes[changes.clone()];
                    for answer in send_together(&books, &scratch.store(), together)? {
                        answer?;
                    }
                    recording.acknowledged.push((disk.recorded(), changes.end));
                }
                Step::Reopen => {
                    drop(books);
                    books = Books::sqlite(&scratch.store())?;
                }
                Step::Look => {
                    books.look()?;
                }
                Step::Checkpoint(mode) => checkpoint(&scratch.store(), mode)?,
            }
        }
        drop(books);
        recording.log = disk.take_log();
        Ok(recording)
    }

    /// The number of changes that may be present after the first `calls` calls: at least those acknowledged, at most
    /// those sent.
    fn allowed(&self, calls: usize) -> RangeInclusive<usize> {
        let last = |marks: &[(usize, usize)], passed: fn(usize, usize) -> bool| {
            marks.iter().filter(|(at, _)| passed(*at, calls)).map(|(_, count)| *count).max()
        };
        // A change sent at exactly this moment cannot have reached the disk yet.
        let sent = last(&self.sent, |at, calls| at < calls).unwrap_or(self.script.before);
        let acknowledged = last(&self.acknowledged, |at, calls| at <= calls).unwrap_or(self.script.before);
        acknowledged..=sent.max(acknowledged)
    }

    /// Opens the remaining files and compares them with the allowed states.
    fn check(&self, allowed: RangeInclusive<usize>, scratch: &Scratch) -> Result<()> {
        let (first, last) = (*allowed.start(), *allowed.end());
        let path = scratch.store();
        let books = Books::sqlite(&path).context("cannot open the store")?;
        let seen = books.look().context("cannot read the store")?;
        let Some(there) = allowed.into_iter().find(|count| self.expected[*count] == seen) else {
            let difference = self.expected[first].difference(&seen).unwrap_or_default();
            bail!(
                "the state matches none of {first} (acknowledged) to {last} (sent) changes; expected and found \
                 differ {difference}"
            );
        };
        self.check_next(there, &books)?;
        drop(books);
        check_integrity(&path)
    }

    /// Checks that the next change succeeds.
    fn check_next(&self, there: usize, books: &Books) -> Result<()> {
        self.script.changes[there].send(books).context("the next change fails")?;
        let seen = books.look().context("cannot read the store after the next change")?;
        match self.expected[there + 1].difference(&seen) {
            None => Ok(()),
            Some(difference) => bail!("after the next change, expected and found differ {difference}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_the_same_each_time() {
        // All in one test, because SQLite's random numbers are shared by the whole process.
        for (one, other) in scripts(7, 0).zip(scripts(7, 0)) {
            let name = one.name;
            let [one, other] = [one, other].map(|script| Recording::of(script, 0, None).unwrap());
            assert!(one.log.changes() == other.log.changes(), "{name}");
            assert_eq!((one.sent, one.acknowledged), (other.sent, other.acknowledged), "{name}");
        }
    }
}
