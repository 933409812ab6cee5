//! An acknowledged change survives the loss of power, and no change is there in part (R2).
//!
//! Each scenario runs once, on a disk that writes down every write, sync, truncation and deletion. What would be on the
//! disk had the power been lost between any two of them is then put down in files of its own, by four kinds of loss,
//! and opened as after any restart. It has to be the state after all that was acknowledged by then, or also of what was
//! in flight; SQLite has to find the file whole, and the next change has to go in.

use std::fmt;
use std::ops::RangeInclusive;

use anyhow::{Context, Result, bail};
use followup_fault_vfs::{Disk, Log, Loss, Random, seed_randomness};

use crate::books::{Books, Seen, check_integrity};
use crate::proof::Proof;
use crate::scratch::Scratch;
use crate::script::{Script, Step, scripts};
use crate::stage::{checkpoint, prepare, send_together};

/// So many rounds of all scenarios, each with other changes.
const ROUNDS: u64 = 3;

/// The proof: what was recorded, and every point in it.
pub(crate) struct PowerLoss {
    seed: u64,
    recordings: Vec<Recording>,
    points: Vec<Point>,
}

/// A scenario that was run.
struct Recording {
    script: Script,
    round: u64,
    log: Log,
    /// How many changes were sent, from which place in the log on.
    sent: Vec<(usize, usize)>,
    /// How many changes were acknowledged, from which place in the log on.
    acknowledged: Vec<(usize, usize)>,
    expected: Vec<Seen>,
}

/// The power is lost after so many changes to the disk.
#[derive(Clone, Copy)]
struct Point {
    recording: usize,
    calls: usize,
    loss: Loss,
}

/// A bug that can be planted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bug {
    /// The disk says that it has synced, and has not.
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
    /// Runs a scenario, in which nothing may go wrong.
    fn of(script: Script, round: u64, bug: Option<Bug>) -> Result<Recording> {
        // The numbers that SQLite puts into its logs are the same in each run.
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

    /// How many of the changes may be there after so many calls: those that were acknowledged at least, and those that
    /// were sent at most.
    fn allowed(&self, calls: usize) -> RangeInclusive<usize> {
        let last = |marks: &[(usize, usize)], passed: fn(usize, usize) -> bool| {
            marks.iter().filter(|(at, _)| passed(*at, calls)).map(|(_, count)| *count).max()
        };
        // What was sent at this very moment cannot have reached the disk.
        let sent = last(&self.sent, |at, calls| at < calls).unwrap_or(self.script.before);
        let acknowledged = last(&self.acknowledged, |at, calls| at <= calls).unwrap_or(self.script.before);
        acknowledged..=sent.max(acknowledged)
    }

    /// Opens what is left, and holds it against what may be there.
    fn check(&self, allowed: RangeInclusive<usize>, scratch: &Scratch) -> Result<()> {
        let (first, last) = (*allowed.start(), *allowed.end());
        let path = scratch.store();
        let books = Books::sqlite(&path).context("the store does not open")?;
        let seen = books.look().context("the store does not answer")?;
        let Some(there) = allowed.into_iter().find(|count| self.expected[*count] == seen) else {
            let difference = self.expected[first].difference(&seen).unwrap_or_default();
            bail!(
                "it is neither the state after the {first} acknowledged changes nor after any more up to the \
                 {last} sent; expected and found differ {difference}"
            );
        };
        self.check_next(there, &books)?;
        drop(books);
        check_integrity(&path)
    }

    /// The next change has to go in.
    fn check_next(&self, there: usize, books: &Books) -> Result<()> {
        self.script.changes[there].send(books).context("the next change does not go in")?;
        let seen = books.look().context("the store does not answer after the next change")?;
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
        // All in one test: the numbers that SQLite draws are the process's.
        for (one, other) in scripts(7, 0).zip(scripts(7, 0)) {
            let name = one.name;
            let [one, other] = [one, other].map(|script| Recording::of(script, 0, None).unwrap());
            assert!(one.log.changes() == other.log.changes(), "{name}");
            assert_eq!((one.sent, one.acknowledged), (other.sent, other.acknowledged), "{name}");
        }
    }
}
