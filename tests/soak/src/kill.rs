//! An acknowledged change survives `kill -9` (R1).
//!
//! A process appends from several threads and reports each change once it is acknowledged. It is killed at a random
//! moment, possibly while it opens the file. Every reported change must be in the file, plus at most one in-flight
//! change per thread, and the content must equal that of an in-memory store with the same changes. Then the next
//! process continues with the same file.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use followup_fault_vfs::Random;

use crate::books::{Books, check_integrity};
use crate::draft::LANES;
use crate::proof::Proof;
use crate::run;
use crate::scratch::Scratch;
use crate::worker::Flow;

/// Number of series, each with a file of its own.
const SERIES: usize = 50;

/// Number of kills per series.
const KILLS: usize = 10;

/// The number of the signal that cannot be caught.
const SIGKILL: i32 = 9;

/// The proof.
pub(crate) struct Kill {
    seed: u64,
    early: bool,
    /// A directory on a real disk, inside Cargo's target directory.
    directory: PathBuf,
    kills: AtomicU64,
    acknowledged: AtomicU64,
    in_flight: AtomicU64,
}

impl Proof for Kill {
    const NAME: &'static str = "kill";
    const PROMISE: &'static str = "R1";
    const PLANTED: &'static [&'static str] = &["acked-early"];

    fn prepare(seed: u64, planted: Option<&str>) -> Result<Kill> {
        let directory = run::state_directory()?;
        let counts = AtomicU64::default;
        Ok(Kill {
            seed,
            early: planted.is_some(),
            directory,
            kills: counts(),
            acknowledged: counts(),
            in_flight: counts(),
        })
    }

    fn points(&self) -> usize {
        SERIES
    }

    fn name_of(&self, point: usize) -> String {
        format!("series-{point}")
    }

    fn check(&self, point: usize, _: &Scratch) -> Result<()> {
        let mut series = Series::new(self, point)?;
        for n in 0..KILLS {
            let checked = series.kill_once(self, n);
            if self.early {
                checked?;
                continue;
            }
            if let Err(violation) = checked.with_context(|| format!("after kill {} of the series", n + 1)) {
                let kept = series.scratch.keep();
                return Err(violation.context(format!("the files are kept in {}", kept.display())));
            }
        }
        check_integrity(&series.scratch.store())
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        let figures = [
            ("kills", &self.kills),
            ("acknowledged changes", &self.acknowledged),
            ("in-flight changes that were kept", &self.in_flight),
        ];
        figures.into_iter().map(|(name, count)| (name, count.swap(0, Ordering::Relaxed))).collect()
    }
}

/// One file and the processes that are killed while they write to it.
struct Series {
    scratch: Scratch,
    seed: u64,
    random: Random,
    /// The changes that are certainly in the file.
    model: Books,
    flows: Vec<Flow>,
    /// Number of changes of each thread in the file.
    there: Vec<usize>,
}

impl Series {
    fn new(kill: &Kill, point: usize) -> Result<Series> {
        let mut random = Random::of(kill.seed, &format!("kill/{point}"));
        let seed = random.number();
        Ok(Series {
            scratch: Scratch::within(&kill.directory)?,
            seed,
            random,
            model: Books::memory(),
            flows: (0..LANES).map(|lane| Flow::new(seed, lane)).collect(),
            there: vec![0; usize::from(LANES)],
        })
    }

    fn kill_once(&mut self, kill: &Kill, n: usize) -> Result<()> {
        // One kill in four comes soon after the start.
        let longest = if self.random.below(4) == 0 { 10_000 } else { 120_000 };
        let after = Duration::from_micros(self.random.below(longest));
        let told = self.run_and_kill(after, kill.early)?;
        kill.kills.fetch_add(1, Ordering::Relaxed);
        // Every other time, a copy is checked, so the next process finds the file as the killed one left it.
        let copy;
        let path = if n.is_multiple_of(2) {
            copy = Scratch::new()?;
            copy.put(&self.scratch.image()?)?;
            copy.store()
        } else {
            self.scratch.store()
        };
        self.verify(kill, &path, &told)?;
        check_integrity(&path)
    }

    /// Starts a process, kills it, and returns the number of changes of each thread that were reported.
    fn run_and_kill(&self, after: Duration, early: bool) -> Result<Vec<usize>> {
        let from: Vec<String> = self.there.iter().map(ToString::to_string).collect();
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["worker", "--seed", &self.seed.to_string(), "--from", &from.join(",")]);
        command.args(early.then_some("--early")).arg("--path").arg(self.scratch.store());
        let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start the process")?;
        let mut output = child.stdout.take().context("the process has no standard output")?;
        let reader = thread::spawn(move || {
            let mut told = Vec::new();
            output.read_to_end(&mut told).map(|_| told)
        });
        thread::sleep(after);
        child.kill().context("cannot kill the process")?;
        let status = child.wait()?;
        ensure!(status.signal() == Some(SIGKILL), "the process ended before it was killed: {status}");
        let told = reader.join().ok().context("cannot read the output of the process")??;
        let mut acknowledged = self.there.clone();
        for line in String::from_utf8(told)?.lines() {
            let (lane, n) = line.split_once(' ').context("unexpected output of the process")?;
            let (lane, n): (usize, usize) = (lane.parse()?, n.parse()?);
            ensure!(
                n == acknowledged[lane] + 1,
                "thread {lane} reported change {n} after {}",
                acknowledged[lane]
            );
            acknowledged[lane] = n;
        }
        Ok(acknowledged)
    }

    /// Opens the file, finds out which changes it has, and compares it with the model.
    fn verify(&mut self, kill: &Kill, path: &Path, told: &[usize]) -> Result<()> {
        let books = Books::sqlite(path).context("cannot open the file")?;
        for (lane, flow) in self.flows.iter_mut().enumerate() {
            let there = &mut self.there[lane];
            while *there < told[lane] {
                let change = flow.next_change();
                *there += 1;
                kill.acknowledged.fetch_add(1, Ordering::Relaxed);
                change.send(&self.model)?;
                ensure!(
                    change.is_in(&books)?,
                    "change {} of thread {lane} was acknowledged but is missing",
                    *there
                );
            }
            // One more may have been in flight. If it is missing, the next process makes the same change again.
            let mut ahead = Flow::new(self.seed, lane as u8);
            let change =
                (0..=*there).map(|_| ahead.next_change()).last().context("the flow has no next change")?;
            if change.is_in(&books)? {
                kill.in_flight.fetch_add(1, Ordering::Relaxed);
                *there += 1;
                flow.next_change().send(&self.model)?;
            }
        }
        let [expected, seen] = [self.model.look()?, books.look()?].map(|seen| seen.without_feed_order());
        match expected.difference(&seen) {
            None => Ok(()),
            Some(difference) => bail!("expected and found differ {difference}"),
        }
    }
}
