//! Running a proof: on all cores, from where it was interrupted, with a report at the end.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use followup_fault_vfs::Random;
use serde::{Deserialize, Serialize};

use crate::panics;
use crate::proof::Proof;
use crate::results;
use crate::scratch::Scratch;

/// A point that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// So many violations are printed; the others are counted.
const PRINTED: u64 = 20;

/// What the command line says.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) part: usize,
    pub(crate) point: Option<String>,
    pub(crate) planted: Option<String>,
    pub(crate) results: Option<PathBuf>,
}

impl Settings {
    /// The command that runs the same again.
    pub(crate) fn command(&self, name: &str) -> String {
        let mut command = format!("cargo xtask soak {name} --seed {}", self.seed);
        if self.part > 1 {
            command += &format!(" --part {}", self.part);
        }
        if let Some(bug) = &self.planted {
            command += &format!(" --planted {bug}");
        }
        command
    }
}

/// How far a proof is. This is what stands in the state file.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Progress {
    /// What is run, and on how many points.
    run: String,
    /// So many of the points are done.
    done: usize,
    violations: u64,
    seconds: f64,
    figures: BTreeMap<String, u64>,
}

/// The outcome, printed as one line of JSON.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) proof: &'static str,
    pub(crate) promise: &'static str,
    pub(crate) seed: u64,
    pub(crate) part: usize,
    pub(crate) planted: Option<String>,
    pub(crate) points: usize,
    pub(crate) violations: u64,
    pub(crate) seconds: f64,
    pub(crate) figures: BTreeMap<String, u64>,
    pub(crate) ok: bool,
}

/// Runs a proof as the command line says, and tells whether it went as it should.
pub(crate) fn run<P: Proof>(proof: &P, settings: &Settings) -> Result<bool> {
    if let Some(obstacle) = proof.obstacle() {
        println!("{} ({}) IS NOT RUN: NOTHING WAS CHECKED: {obstacle}\n", P::NAME, P::PROMISE);
        return Ok(true);
    }
    if let Some(name) = &settings.point {
        return repeat(proof, settings, name);
    }
    let points = sample(proof.points(), settings);
    let state = state_file(P::NAME)?;
    let name = format!("{}, {} points", settings.command(P::NAME), points.len());
    // With a planted bug, the first violation is what is looked for: that takes no state.
    let kept = if settings.planted.is_some() { None } else { load(&state, &name) };
    let mut progress = kept.unwrap_or_else(|| Progress { run: name, ..Progress::default() });
    if progress.done > 0 {
        println!("{}: goes on after {} of {} points", P::NAME, progress.done, points.len());
    }
    let start = Instant::now();
    let seconds = progress.seconds;
    let checking = Checking::new(proof, settings, &points, &progress);
    checking.run(|done| {
        if settings.planted.is_none() {
            let now = checking.progress(&progress, done, seconds + start.elapsed().as_secs_f64());
            // A run that cannot keep its state still runs.
            let _ = serde_json::to_string(&now).map(|json| fs::write(&state, json));
        }
    })?;
    let done = checking.done();
    progress = checking.progress(&progress, done, seconds + start.elapsed().as_secs_f64());
    let _ = fs::remove_file(&state);
    report::<P>(settings, progress)
}

/// One point of so many neighbours, each time another one by chance; at least one of all.
fn sample(points: usize, settings: &Settings) -> Vec<usize> {
    let mut random = Random::of(settings.seed, "part");
    let neighbours = |first| settings.part.min(points - first) as u64;
    let first = (0..points).step_by(settings.part);
    first.map(|first| first + random.below(neighbours(first)) as usize).collect()
}

fn report<P: Proof>(settings: &Settings, progress: Progress) -> Result<bool> {
    let Progress { done, violations, seconds, figures, .. } = progress;
    let ok = (violations > 0) == settings.planted.is_some();
    let report = Report {
        proof: P::NAME,
        promise: P::PROMISE,
        seed: settings.seed,
        part: settings.part,
        planted: settings.planted.clone(),
        points: done,
        violations,
        seconds: (seconds * 10.0).round() / 10.0,
        figures,
        ok,
    };
    println!("{}", serde_json::to_string(&report)?);
    let verdict = match (&settings.planted, ok) {
        (None, true) => "holds".to_owned(),
        (None, false) => "DOES NOT HOLD".to_owned(),
        (Some(bug), true) => format!("finds the planted bug {bug}, as it should"),
        (Some(bug), false) => format!("DOES NOT FIND the planted bug {bug}"),
    };
    println!(
        "{} ({}) {verdict}: {done} points, {violations} violations, {seconds:.1} s\n",
        P::NAME,
        P::PROMISE
    );
    if let Some(path) = &settings.results {
        results::write(path, &report, &settings.command(P::NAME))?;
    }
    Ok(ok)
}

/// Checks one point alone.
fn repeat<P: Proof>(proof: &P, settings: &Settings, name: &str) -> Result<bool> {
    let found = (0..proof.points()).find(|point| proof.name_of(*point) == name);
    let Some(point) = found else {
        bail!("{} has no point {name} with seed {}", P::NAME, settings.seed);
    };
    let outcome = check(proof, point, &Scratch::new()?);
    match &outcome {
        Ok(()) => println!("{} {name}: holds", P::NAME),
        Err(violation) => println!("{} {name}: VIOLATION: {violation:#}", P::NAME),
    }
    Ok(outcome.is_err() == settings.planted.is_some())
}

/// Checks a point; a panic, whosever, is a violation too.
fn check<P: Proof>(proof: &P, point: usize, scratch: &Scratch) -> Result<()> {
    let checked = catch_unwind(AssertUnwindSafe(|| proof.check(point, scratch)));
    let panicked = panics::take();
    if !panicked.is_empty() {
        return Err(anyhow!("a panic: {}", panicked.join("; ")));
    }
    checked.unwrap_or_else(|_| Err(anyhow!("a panic that another point has reported")))
}

/// A place beside what Cargo builds.
pub(crate) fn state_directory() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot find this program's own place")?;
    let target = program.ancestors().nth(2).context("this program lies in no build directory")?;
    let directory = target.join("soak");
    fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    Ok(directory)
}

/// Where a run that is interrupted leaves how far it was.
fn state_file(name: &str) -> Result<PathBuf> {
    Ok(state_directory()?.join(format!("{name}.json")))
}

fn load(state: &PathBuf, run: &str) -> Option<Progress> {
    let progress: Progress = serde_json::from_str(&fs::read_to_string(state).ok()?).ok()?;
    (progress.run == run).then_some(progress)
}

/// The points being checked by several threads.
struct Checking<'a, P> {
    proof: &'a P,
    settings: &'a Settings,
    points: &'a [usize],
    next: AtomicUsize,
    /// What each thread is at, since when.
    current: Vec<Mutex<Option<(usize, Instant)>>>,
    violations: Mutex<u64>,
    figures: Mutex<BTreeMap<String, u64>>,
    stopped: AtomicBool,
}

impl<'a, P: Proof> Checking<'a, P> {
    fn new(
        proof: &'a P,
        settings: &'a Settings,
        points: &'a [usize],
        progress: &Progress,
    ) -> Checking<'a, P> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Checking {
            proof,
            settings,
            points,
            next: AtomicUsize::new(progress.done),
            current: (0..threads).map(|_| Mutex::new(None)).collect(),
            violations: Mutex::new(progress.violations),
            figures: Mutex::new(progress.figures.clone()),
            stopped: AtomicBool::new(false),
        }
    }

    /// Checks all; every second, the progress is kept and each thread looked after.
    fn run(&self, keep: impl Fn(usize)) -> Result<()> {
        thread::scope(|scope| {
            let threads: Vec<_> =
                self.current.iter().map(|current| scope.spawn(move || self.work(current))).collect();
            let mut kept = Instant::now();
            while !threads.iter().all(thread::ScopedJoinHandle::is_finished) {
                thread::sleep(Duration::from_millis(20));
                if kept.elapsed() > Duration::from_secs(1) {
                    kept = Instant::now();
                    keep(self.done());
                    self.check_time();
                }
            }
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|_| bail!("a thread ended early")))
        })
    }

    fn work(&self, current: &Mutex<Option<(usize, Instant)>>) -> Result<()> {
        let scratch = Scratch::new()?;
        while !self.stopped.load(Ordering::Relaxed) {
            let at = {
                // Held over both lines, so that no point is between being taken and being seen.
                let mut current = lock(current);
                let at = self.next.fetch_add(1, Ordering::Relaxed);
                *current = (at < self.points.len()).then(|| (at, Instant::now()));
                at
            };
            let Some(point) = self.points.get(at) else { break };
            let outcome = check(self.proof, *point, &scratch);
            let mut figures = lock(&self.figures);
            for (name, count) in self.proof.take_figures() {
                *figures.entry(name.to_owned()).or_default() += count;
            }
            drop(figures);
            if let Err(violation) = outcome {
                self.note(*point, &format!("{violation:#}"));
            }
        }
        *lock(current) = None;
        Ok(())
    }

    fn note(&self, point: usize, violation: &str) {
        let name = self.proof.name_of(point);
        let mut violations = lock(&self.violations);
        let printed = if self.settings.planted.is_none() { PRINTED } else { 1 };
        if *violations < printed {
            println!("VIOLATION at {name}: {violation}");
            println!(
                "  repeat it: {} --point {name}",
                Settings { part: 1, ..self.settings.clone() }.command(P::NAME)
            );
        }
        *violations += 1;
        if self.settings.planted.is_some() {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// A store that hangs cannot be stopped, only left.
    fn check_time(&self) {
        for current in &self.current {
            if let Some((at, since)) = *lock(current)
                && since.elapsed() > LONGEST
            {
                self.note(self.points[at], "it hangs");
                std::process::exit(1);
            }
        }
    }

    /// How many points are done for certain.
    fn done(&self) -> usize {
        let next = self.next.load(Ordering::Relaxed).min(self.points.len());
        let current = self.current.iter().filter_map(|current| lock(current).map(|(at, _)| at));
        current.min().unwrap_or(next).min(next)
    }

    fn progress(&self, before: &Progress, done: usize, seconds: f64) -> Progress {
        let violations = *lock(&self.violations);
        let figures = lock(&self.figures).clone();
        Progress { run: before.run.clone(), done, violations, seconds, figures }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
