//! Runs a proof on all cores, resumes an interrupted run, and reports the outcome.

use std::collections::{BTreeMap, BTreeSet};
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

/// Time after which a point counts as hanging.
const LONGEST: Duration = Duration::from_secs(60);

/// Maximum number of violations that are printed; the rest are only counted.
const PRINTED: u64 = 20;

/// The settings from the command line.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) part: usize,
    pub(crate) point: Option<String>,
    pub(crate) planted: Option<String>,
    pub(crate) results: Option<PathBuf>,
}

impl Settings {
    /// The command that repeats this run.
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

/// The progress of a proof, as stored in the state file.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Progress {
    /// The command and the number of points.
    run: String,
    /// Number of points that are done.
    done: usize,
    violations: u64,
    seconds: f64,
    figures: BTreeMap<String, u64>,
}

/// The outcome of a run, printed as one line of JSON.
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

/// Runs a proof with the given settings. Returns true if it holds or, with a planted bug, finds the bug.
pub(crate) fn run<P: Proof>(proof: &P, settings: &Settings) -> Result<bool> {
    if let Some(obstacle) = proof.obstacle() {
        println!("{} ({}) SKIPPED, NOTHING WAS CHECKED: {obstacle}\n", P::NAME, P::PROMISE);
        return Ok(true);
    }
    if let Some(name) = &settings.point {
        return repeat(proof, settings, name);
    }
    let points = sample(proof.points(), settings);
    let state = state_file(P::NAME)?;
    let name = format!("{}, {} points", settings.command(P::NAME), points.len());
    // A run with a planted bug ends at the first violation, so its progress is not saved.
    let kept = if settings.planted.is_some() { None } else { load(&state, &name) };
    let mut progress = kept.unwrap_or_else(|| Progress { run: name, ..Progress::default() });
    if progress.done > 0 {
        println!("{}: resuming after {} of {} points", P::NAME, progress.done, points.len());
    }
    let start = Instant::now();
    let seconds = progress.seconds;
    let checking = Checking::new(proof, settings, &points, &progress);
    checking.run(|done| {
        if settings.planted.is_none() {
            let now = checking.progress(&progress, done, seconds + start.elapsed().as_secs_f64());
            // A run continues even if its progress cannot be saved.
            let _ = serde_json::to_string(&now).map(|json| fs::write(&state, json));
        }
    })?;
    let done = checking.done();
    progress = checking.progress(&progress, done, seconds + start.elapsed().as_secs_f64());
    let _ = fs::remove_file(&state);
    report::<P>(settings, progress)
}

/// Picks one random point from each group of `part` neighbours. At least one point is picked if there are any.
///
/// With a planted bug, the other points follow: the run ends at the first violation, and a bug that only a race shows
/// may stay hidden in a few points.
fn sample(points: usize, settings: &Settings) -> Vec<usize> {
    let mut random = Random::of(settings.seed, "part");
    let neighbours = |first| settings.part.min(points - first) as u64;
    let first = (0..points).step_by(settings.part);
    let mut sample: Vec<_> = first.map(|first| first + random.below(neighbours(first)) as usize).collect();
    if settings.planted.is_some() {
        let picked: BTreeSet<_> = sample.iter().copied().collect();
        sample.extend((0..points).filter(|point| !picked.contains(point)));
    }
    sample
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
        (Some(bug), true) => format!("finds the planted bug {bug}, as expected"),
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

/// Checks only the point with this name.
fn repeat<P: Proof>(proof: &P, settings: &Settings, name: &str) -> Result<bool> {
    let found = (0..proof.points()).find(|point| proof.name_of(*point) == name);
    let Some(point) = found else {
        bail!("unknown point `{name}` of {} with seed {}", P::NAME, settings.seed);
    };
    let outcome = check(proof, point, &Scratch::new()?);
    match &outcome {
        Ok(()) => println!("{} {name}: holds", P::NAME),
        Err(violation) => println!("{} {name}: VIOLATION: {violation:#}", P::NAME),
    }
    Ok(outcome.is_err() == settings.planted.is_some())
}

/// Checks a point. A panic in any thread is a violation too.
fn check<P: Proof>(proof: &P, point: usize, scratch: &Scratch) -> Result<()> {
    let checked = catch_unwind(AssertUnwindSafe(|| proof.check(point, scratch)));
    let panicked = panics::take();
    if !panicked.is_empty() {
        return Err(anyhow!("a panic: {}", panicked.join("; ")));
    }
    checked.unwrap_or_else(|_| Err(anyhow!("a panic that another point has reported")))
}

/// The directory for state files, inside Cargo's target directory. It is created if missing.
pub(crate) fn state_directory() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    let target = program.ancestors().nth(2).context("this program is not in a Cargo target directory")?;
    let directory = target.join("soak");
    fs::create_dir_all(&directory).with_context(|| format!("cannot create {}", directory.display()))?;
    Ok(directory)
}

/// The file in which an interrupted run leaves its progress.
fn state_file(name: &str) -> Result<PathBuf> {
    Ok(state_directory()?.join(format!("{name}.json")))
}

fn load(state: &PathBuf, run: &str) -> Option<Progress> {
    let progress: Progress = serde_json::from_str(&fs::read_to_string(state).ok()?).ok()?;
    (progress.run == run).then_some(progress)
}

/// The state shared by the threads that check points.
struct Checking<'a, P> {
    proof: &'a P,
    settings: &'a Settings,
    points: &'a [usize],
    next: AtomicUsize,
    /// For each thread, the index of its current point and the time at which it started on it.
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

    /// Checks all points. Every second, saves the progress and looks for hanging threads.
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
                // The lock is held over both lines, so `done` never misses a point that has just been taken.
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
                "  repeat with: {} --point {name}",
                Settings { part: 1, ..self.settings.clone() }.command(P::NAME)
            );
        }
        *violations += 1;
        if self.settings.planted.is_some() {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// Ends the process if a point hangs: a hanging store cannot be stopped.
    fn check_time(&self) {
        for current in &self.current {
            if let Some((at, since)) = *lock(current)
                && since.elapsed() > LONGEST
            {
                self.note(self.points[at], "the point hangs");
                std::process::exit(1);
            }
        }
    }

    /// Number of leading points that are certainly done.
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
