//! `cargo xtask mutants`: do the tests bite? A seeded sample of the mutants of core, each against the tests.
//!
//! cargo-mutants lists the mutants; they are put in and tested here. It would build each sample anew in a copy,
//! and wait for slow tests after one has failed; kept trees and nextest take a fraction of that.

mod mutant;
mod page;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::{Cargo, workspace_root};
use mutant::{Mutant, Outcome};
use tree::Tree;

const TOOLS: [(&str, &str); 2] = [
    ("mutants", "cargo install --locked cargo-mutants@27.1.0"),
    ("nextest", "cargo install --locked cargo-nextest"),
];
/// The tests of core, and those that drive its desk over a store.
const ALL_TESTS: &[&str] =
    &["--package", "followup-core", "--package", "followup-store-memory", "--lib", "--tests"];
/// Those that find most of what is wrong with planning. With the unit tests all of core would be built twice.
const PLANNING_TESTS: &[&str] = &["--package", "followup-core", "--test", "planning", "--test", "values"];
/// The same for the desk.
const DESK_TESTS: &[&str] = &["--package", "followup-store-memory", "--tests"];
/// What has no tests but those of the desk.
const DESK_FILES: [&str; 6] = ["desk/", "agenda.rs", "blocking.rs", "capacity.rs", "report/", "store/"];
/// A sample of at least so many is written down.
const FULL: usize = 400;

const OPTIONS: &str = "there are --seed, --sample, --jobs and --in";

struct Settings {
    seed: u64,
    sample: usize,
    jobs: usize,
    /// Only what lies below these places in the sources of core; everything if there are none.
    places: Vec<String>,
}

impl Settings {
    fn read(options: &[&str]) -> Result<Settings> {
        let jobs = thread::available_parallelism().map_or(1, usize::from);
        let mut settings = Settings { seed: 1, sample: FULL, jobs, places: Vec::new() };
        let (pairs, rest) = options.as_chunks::<2>();
        if let [option] = rest {
            bail!("`{option}` needs a value, or is no option: {OPTIONS}");
        }
        for [option, value] in pairs {
            if *option == "--in" {
                settings.places.push((*value).to_owned());
                continue;
            }
            let number: u64 = value.parse().with_context(|| format!("`{option} {value}` is no number"))?;
            match *option {
                "--seed" => settings.seed = number,
                "--sample" => settings.sample = number.max(1) as usize,
                "--jobs" => settings.jobs = number.max(1) as usize,
                _ => bail!("`{option}` is no option: {OPTIONS}"),
            }
        }
        Ok(settings)
    }

    fn command(&self) -> String {
        let mut command = "cargo xtask mutants".to_owned();
        if self.seed != 1 {
            command += &format!(" --seed {}", self.seed);
        }
        if self.sample != FULL {
            command += &format!(" --sample {}", self.sample);
        }
        self.places.iter().for_each(|place| command += &format!(" --in {place}"));
        command
    }

    fn includes(&self, mutant: &Mutant) -> bool {
        self.places.is_empty() || self.places.iter().any(|place| mutant.place().starts_with(place))
    }
}

/// What came of each mutant that was tested, kept in a file with a line for each.
struct Tested {
    file: PathBuf,
    commit: String,
    outcomes: BTreeMap<String, Tried>,
}

/// What came of one mutant.
struct Tried {
    outcome: Outcome,
    seconds: f64,
    /// The commit whose tests it met.
    commit: String,
}

impl Tested {
    /// Takes up what earlier runs over the same sources have left. Whatever survived the tests of another commit is
    /// tested again: tests may have come since. What was caught is taken to be caught still.
    fn load(file: PathBuf, commit: &str) -> Result<Tested> {
        let mut text = fs::read_to_string(&file).unwrap_or_default();
        // The end of a line is what says that all of it was written.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            text.truncate(whole);
            fs::write(&file, &text)?;
        }
        let read = |line: &str| {
            let [outcome, seconds, commit, name] =
                line.splitn(4, '\t').collect::<Vec<_>>().try_into().ok()?;
            let (outcome, seconds) = (Outcome::named(outcome)?, seconds.parse().ok()?);
            Some((name.to_owned(), Tried { outcome, seconds, commit: commit.to_owned() }))
        };
        let mut outcomes: BTreeMap<String, Tried> = text.lines().filter_map(read).collect();
        outcomes.retain(|_, tried| tried.outcome != Outcome::Missed || tried.commit == commit);
        Ok(Tested { file, commit: commit.to_owned(), outcomes })
    }

    fn keep(&mut self, name: &str, outcome: Outcome, seconds: f64) -> Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.file)?;
        let commit = self.commit.clone();
        file.write_all(format!("{}\t{seconds:.1}\t{commit}\t{name}\n", outcome.name()).as_bytes())?;
        self.outcomes.insert(name.to_owned(), Tried { outcome, seconds, commit });
        Ok(())
    }

    /// The commits whose tests a sample met.
    fn commits(&self, sample: &[Mutant]) -> BTreeSet<&str> {
        sample.iter().map(|mutant| &*self.outcomes[&mutant.name].commit).collect()
    }
}

/// Tests the sample of what is committed, and writes it down if it is a full one.
///
/// # Errors
/// If a tool is missing, the tests fail without a mutant, too few mutants are found, or a survivor has no reason.
pub(crate) fn mutants(options: &[&str]) -> Result<()> {
    let settings = Settings::read(options)?;
    for (tool, install) in TOOLS {
        ensure!(
            Cargo::new(&format!("{tool} --version")).succeeds()?,
            "cargo-{tool} is missing: install it with `{install}`"
        );
    }
    let folder = workspace_root().join("target/mutants");
    let commit = tree::head()?;
    let trees: Vec<Tree> =
        (0..settings.jobs).map(|job| Tree::of_head(&folder, job)).collect::<Result<_>>()?;
    let sample = sample(mutant::list(trees[0].path())?, &settings);
    let tested = Tested::load(folder.join(format!("tested-{}.tsv", trees[0].fingerprint())), &commit)?;
    let rest: Vec<&Mutant> =
        sample.iter().filter(|mutant| !tested.outcomes.contains_key(&mutant.name)).collect();
    println!("{} of {} mutants are to be tested", rest.len(), sample.len());
    let tested = Mutex::new(tested);
    if !rest.is_empty() {
        test(&trees, &rest, &tested)?;
    }
    let tested = tested.into_inner().unwrap_or_else(PoisonError::into_inner);
    let outcomes: Vec<_> = sample
        .iter()
        .map(|mutant| {
            let tried = &tested.outcomes[&mutant.name];
            (mutant, tried.outcome, tried.seconds)
        })
        .collect();
    let commits = Vec::from_iter(tested.commits(&sample)).join(", ");
    let is_full = sample.len() >= FULL && settings.places.is_empty();
    page::write(&settings.command(), &commits, &outcomes, is_full)
}

/// So many mutants, chosen by the seed.
fn sample(mut mutants: Vec<Mutant>, settings: &Settings) -> Vec<Mutant> {
    mutants.retain(|mutant| settings.includes(mutant));
    mutants.sort_by(|a, b| a.name.cmp(&b.name));
    let mut random = settings.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for place in (1..mutants.len()).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        mutants.swap(place, (random % (place as u64 + 1)) as usize);
    }
    mutants.truncate(settings.sample);
    mutants
}

/// Tests mutants, one at a time in each tree.
fn test(trees: &[Tree], mutants: &[&Mutant], tested: &Mutex<Tested>) -> Result<()> {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let workers: Vec<_> =
            trees.iter().map(|tree| scope.spawn(|| work(tree, mutants, &next, tested))).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("a worker ended early")))
    })
}

fn work(tree: &Tree, mutants: &[&Mutant], next: &AtomicUsize, tested: &Mutex<Tested>) -> Result<()> {
    let without = tree.test(ALL_TESTS, "all()")?;
    ensure!(without == Outcome::Missed, "without a mutant, the tests do not pass: {}", tree.log().display());
    while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
        let start = Instant::now();
        let outcome = tree.with(mutant, |tree| match tree.test(first_tests(mutant), mutant.filter())? {
            Outcome::Missed => tree.test(ALL_TESTS, mutant.filter()),
            outcome => Ok(outcome),
        })?;
        let seconds = start.elapsed().as_secs_f64();
        println!("{:9} {seconds:5.1} s  {}", outcome.name(), mutant.name);
        tested.lock().unwrap_or_else(PoisonError::into_inner).keep(&mutant.name, outcome, seconds)?;
    }
    Ok(())
}

/// The tests that a mutant meets first; whoever survives them meets all.
fn first_tests(mutant: &Mutant) -> &'static [&'static str] {
    if DESK_FILES.iter().any(|place| mutant.place().starts_with(place)) { DESK_TESTS } else { PLANNING_TESTS }
}

/// A cargo command in another folder, with the tests' settings.
fn cargo(folder: &Path) -> std::process::Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(program);
    command.current_dir(folder);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(settings: &Settings) -> Vec<String> {
        let mutants = (0..50).rev().map(|number| Mutant::sample(&format!("m{number:02}"))).collect();
        sample(mutants, settings).into_iter().map(|mutant| mutant.name).collect()
    }

    #[test]
    fn a_seed_chooses_and_a_larger_sample_holds_the_smaller_one() {
        let of = |seed, sample| names(&Settings { seed, sample, jobs: 1, places: Vec::new() });
        assert_eq!(of(1, 7), of(1, 7));
        assert_ne!(of(1, 7), of(2, 7));
        assert_eq!(of(1, 20)[..7], of(1, 7));
    }

    #[test]
    fn what_was_caught_stays_caught_and_what_survived_other_tests_is_tested_again() {
        let file = env::temp_dir().join(format!("followup-tested-{}", std::process::id()));
        let lines = "caught\t3.2\tc1\ta: replace + with -\nmissed\t9.0\tc1\tb\nmissed\t9.0\tc2\tc\nmissed\t9.0\tc2\td: cut of";
        fs::write(&file, lines).unwrap();
        let mut tested = Tested::load(file.clone(), "c2").unwrap();
        tested.keep("b", Outcome::Caught, 1.0).unwrap();
        let again = Tested::load(file.clone(), "c2").unwrap();
        fs::remove_file(file).unwrap();
        let of = |tested: &Tested| {
            let lines = tested
                .outcomes
                .iter()
                .map(|(name, tried)| (name.clone(), tried.outcome, tried.commit.clone()));
            lines.collect::<Vec<_>>()
        };
        assert_eq!(of(&again), of(&tested));
        let expected = [
            ("a: replace + with -", Outcome::Caught, "c1"),
            ("b", Outcome::Caught, "c2"),
            ("c", Outcome::Missed, "c2"),
        ];
        assert_eq!(
            of(&again),
            expected.map(|(name, outcome, commit)| (name.to_owned(), outcome, commit.to_owned()))
        );
    }
}
