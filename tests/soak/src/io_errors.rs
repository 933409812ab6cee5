//! I/O errors and a full disk leave the old or the new state, a typed error, and a store that works again (R3).
//!
//! Each scenario runs many times, and each time a different call to the disk fails: each call of each kind, once or
//! from then on. After an error, the run does what a user would do: it looks up which changes exist and sends the
//! missing ones again.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use followup_fault_vfs::{Call, Disk, Error, Fault, Image};

use crate::books::Seen;
use crate::faulty_run::{FaultyRun, Variant};
use crate::proof::Proof;
use crate::scratch::Scratch;
use crate::script::{Script, Step, scripts};
use crate::stage::prepare;

/// Number of rounds over all scenarios; each round has different changes.
const ROUNDS: u64 = 2;

/// The proof.
pub(crate) struct IoErrors {
    stages: Vec<Stage>,
    points: Vec<Point>,
    figures: Figures,
}

/// A scenario and the files that it begins with.
pub(crate) struct Stage {
    pub(crate) script: Script,
    pub(crate) before: Image,
    pub(crate) expected: Vec<Seen>,
    round: u64,
}

/// The call that fails, and how it fails.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    stage: usize,
    pub(crate) call: Call,
    number: u64,
    pub(crate) error: Error,
    pub(crate) lasting: bool,
}

/// The figures of a run.
#[derive(Default)]
pub(crate) struct Figures {
    /// Number of errors returned to callers.
    pub(crate) errors: AtomicU64,
    /// Number of those errors that left the outcome open.
    pub(crate) unknown: AtomicU64,
    /// Number of changes that were missing after such an error but present after a kill.
    pub(crate) came_to_light: AtomicU64,
}

impl Proof for IoErrors {
    const NAME: &'static str = "io-errors";
    const PROMISE: &'static str = "R3";
    const PLANTED: &'static [&'static str] = &["swallowed-error"];

    fn prepare(seed: u64, planted: Option<&str>) -> Result<IoErrors> {
        let (mut stages, mut points) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            for script in scripts(seed, round) {
                let scratch = Scratch::new()?;
                prepare(&script, &scratch)?;
                let (before, expected) = (scratch.image()?, script.expected());
                let stage = Stage { script, before, expected, round };
                let calls = stage.count_calls(&scratch);
                let calls =
                    calls.with_context(|| format!("cannot run the scenario {}", stage.script.name))?;
                for (call, count) in calls {
                    for number in 1..=count {
                        let point =
                            |error, lasting| Point { stage: stages.len(), call, number, error, lasting };
                        match (planted, call) {
                            (None, Call::Write) => {
                                for error in [Error::Io, Error::Full] {
                                    points.extend([point(error, false), point(error, true)]);
                                }
                            }
                            (None, _) => points.extend([point(Error::Io, false), point(Error::Io, true)]),
                            (Some(_), Call::Write) => points.push(point(Error::Swallowed, false)),
                            (Some(_), _) => {}
                        }
                    }
                }
                stages.push(stage);
            }
        }
        Ok(IoErrors { stages, points, figures: Figures::default() })
    }

    fn points(&self) -> usize {
        self.points.len()
    }

    fn name_of(&self, point: usize) -> String {
        let Point { stage, call, number, error, lasting } = self.points[point];
        let Stage { script, round, .. } = &self.stages[stage];
        let duration = if lasting { "lasting" } else { "once" };
        format!("{}/{round}/{}/{number}/{}/{duration}", script.name, Name(call), Name(error)).to_lowercase()
    }

    fn check(&self, point: usize, scratch: &Scratch) -> Result<()> {
        let point = self.points[point];
        let stage = &self.stages[point.stage];
        scratch.put(&stage.before)?;
        let disk = Disk::watch(scratch.directory())?;
        let variant = Variant::of(point.number);
        FaultyRun::new(stage, point, variant, &disk, scratch, &self.figures).run()
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        let Figures { errors, unknown, came_to_light } = &self.figures;
        let figures = [
            ("errors", errors),
            ("errors that leave the outcome open", unknown),
            ("changes of open outcome, missing at first and present after a kill", came_to_light),
        ];
        figures.into_iter().map(|(name, count)| (name, count.swap(0, Ordering::Relaxed))).collect()
    }
}

struct Name<T>(T);

impl<T: fmt::Debug> fmt::Display for Name<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Stage {
    /// Counts the calls of each kind in a run without failures.
    fn count_calls(&self, scratch: &Scratch) -> Result<Vec<(Call, u64)>> {
        let disk = Disk::watch(scratch.directory())?;
        let none = Point { stage: 0, call: Call::Open, number: u64::MAX, error: Error::Io, lasting: false };
        FaultyRun::new(self, none, Variant::SameHandle, &disk, scratch, &Figures::default()).run_steps()?;
        // A caller that waits for a lock retries as often as time allows, so these calls cannot be numbered.
        let waits = self.script.steps.iter().any(|step| matches!(step, Step::Together(_)));
        let calls = Call::ALL.into_iter().filter(|call| !(waits && *call == Call::ShmLock));
        Ok(calls.map(|call| (call, disk.calls(call))).collect())
    }
}

impl Point {
    pub(crate) fn fault(&self) -> Fault {
        let new = if self.lasting { Fault::lasting } else { Fault::once };
        new(self.call, self.number, self.error)
    }
}
