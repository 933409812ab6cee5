//! The scenarios: sequences of changes that run while failures are injected.

use std::ops::Range;

use followup_fault_vfs::Random;

use crate::books::{Books, Seen};
use crate::changes::Change;
use crate::draft::{Draft, Size, USUAL, people};

/// A scenario with all its changes. It opens the store, runs the steps, and closes the store.
pub(crate) struct Script {
    pub(crate) name: &'static str,
    /// Number of changes that are in the store when the scenario begins.
    pub(crate) before: usize,
    /// Whether the store was not closed before the scenario begins, so that its log must be recovered.
    pub(crate) hot: bool,
    pub(crate) steps: Vec<Step>,
    /// All changes in order. The last is not part of any step: sending it shows that the store still works.
    pub(crate) changes: Vec<Change>,
}

/// A step of a scenario.
pub(crate) enum Step {
    /// Sends changes one after the other, each once the one before is acknowledged.
    Send(Range<usize>),
    /// Sends changes simultaneously, one caller each.
    Together(Range<usize>),
    /// Closes the store and opens it again.
    Reopen,
    /// Reads everything.
    Look,
    /// Runs a checkpoint in one of SQLite's modes, as the store does in the background once the log is long.
    Checkpoint(&'static str),
}

impl Script {
    /// The expected content after each number of changes, from none to all.
    pub(crate) fn expected(&self) -> Vec<Seen> {
        let model = Books::memory();
        let look = || model.look().expect("a store in memory always answers");
        let mut seen = vec![look()];
        for change in &self.changes {
            change.send(&model).expect("each change fits those before it");
            seen.push(look());
        }
        seen
    }
}

/// A builder of a script.
struct Writer {
    draft: Draft,
    before: usize,
    hot: bool,
    steps: Vec<Step>,
    changes: Vec<Change>,
    /// Number of changes that are part of a step or precede the scenario.
    placed: usize,
}

impl Writer {
    fn add(&mut self, change: Change) {
        self.changes.push(change);
    }

    fn one(&mut self, who: &str, size: Size) {
        let change = self.draft.change(0, who, size);
        self.add(change);
    }

    fn batch(&mut self, who: &[String], size: Size) {
        let change = self.draft.batch(0, who, size);
        self.add(change);
    }

    /// Marks the changes added so far as present when the scenario begins.
    fn begin(&mut self) {
        self.before = self.changes.len();
        self.placed = self.before;
    }

    fn added(&mut self) -> Range<usize> {
        let added = self.placed..self.changes.len();
        self.placed = added.end;
        added
    }

    /// Adds a step that sends the changes added since the last step one after the other.
    fn send(&mut self) {
        let step = Step::Send(self.added());
        self.steps.push(step);
    }

    /// Adds a step that sends the changes added since the last step simultaneously.
    fn together(&mut self) {
        let step = Step::Together(self.added());
        self.steps.push(step);
    }

    fn reopen(&mut self) {
        self.steps.push(Step::Reopen);
    }

    fn checkpoint(&mut self, mode: &'static str) {
        self.steps.push(Step::Checkpoint(mode));
    }

    fn look(&mut self) {
        self.steps.push(Step::Look);
    }
}

/// A function that writes a scenario.
type Scenario = fn(&mut Writer);

/// The scenarios by name.
const SCENARIOS: [(&str, Scenario); 14] = [
    ("creation", creation),
    ("first-appends", first_appends),
    ("one-journal", one_journal),
    ("many-prospects", many_prospects),
    ("profiles", profiles),
    ("erasing", erasing),
    ("together", together),
    ("reopening", reopening),
    ("checkpoint", checkpoint),
    ("log-restarts", log_restarts),
    ("large-bodies", large_bodies),
    ("waking", waking),
    ("several-books", several_books),
    ("recovery", recovery),
];

/// All scenarios. Each round has the same scenarios with different changes.
pub(crate) fn scripts(seed: u64, round: u64) -> impl Iterator<Item = Script> {
    SCENARIOS.into_iter().map(move |(name, write)| {
        let random = Random::of(seed, &format!("{name}/{round}"));
        let mut writer = Writer {
            draft: Draft::new(0, random),
            before: 0,
            hot: false,
            steps: Vec::new(),
            changes: Vec::new(),
            placed: 0,
        };
        write(&mut writer);
        writer.send();
        let after = writer.draft.change(0, "p-after", USUAL);
        writer.add(after);
        let Writer { before, hot, steps, changes, .. } = writer;
        Script { name, before, hot, steps, changes }
    })
}

fn creation(script: &mut Writer) {
    script.reopen();
    script.one("p-1", USUAL);
    script.send();
    script.reopen();
    script.look();
    script.one("p-2", USUAL);
}

fn first_appends(script: &mut Writer) {
    for who in people(8) {
        script.one(&who, Size { profile: 100, ..USUAL });
    }
}

fn one_journal(script: &mut Writer) {
    script.one("p-1", USUAL);
    script.begin();
    for _ in 0..12 {
        script.one("p-1", USUAL);
    }
}

fn many_prospects(script: &mut Writer) {
    let who = people(24);
    script.batch(&who[..12], USUAL);
    script.begin();
    for _ in 0..4 {
        let some: Vec<String> = who.iter().filter(|_| script.draft.random.coin()).cloned().collect();
        script.batch(if some.is_empty() { &who } else { &some }, USUAL);
    }
}

fn profiles(script: &mut Writer) {
    let who = people(4);
    script.batch(&who, Size { profile: 200, ..USUAL });
    script.begin();
    for _ in 0..8 {
        let who = script.draft.random.one_of(&who).clone();
        script.one(&who, Size { profile: 3000, ..USUAL });
    }
}

fn erasing(script: &mut Writer) {
    let who = people(5);
    for _ in 0..3 {
        script.batch(&who, Size { records: 3, body: 500, profile: 400 });
    }
    script.begin();
    for who in &who {
        let change = script.draft.erase(0, who);
        script.add(change);
        script.one("p-9", USUAL);
    }
}

fn together(script: &mut Writer) {
    let who = people(6);
    script.batch(&who[..3], USUAL);
    script.begin();
    for _ in 0..3 {
        for who in &who {
            script.one(who, USUAL);
        }
        script.together();
        script.one("p-1", USUAL);
        script.send();
    }
}

fn reopening(script: &mut Writer) {
    script.one("p-1", USUAL);
    script.begin();
    for n in 0..5 {
        script.one(&format!("p-{}", 1 + n % 3), USUAL);
        script.send();
        script.look();
        script.reopen();
    }
}

fn checkpoint(script: &mut Writer) {
    let who = people(40);
    script.batch(&who, Size { records: 2, body: 400, profile: 300 });
    script.begin();
    for _ in 0..2 {
        script.batch(&who[..30], Size { records: 1, body: 100, profile: 0 });
        script.one("p-1", USUAL);
        script.send();
        script.reopen();
    }
}

/// After a full checkpoint, the log starts from its beginning and overwrites the old content.
fn log_restarts(script: &mut Writer) {
    let who = people(10);
    script.batch(&who, USUAL);
    script.begin();
    for mode in ["PASSIVE", "TRUNCATE", "PASSIVE", "RESTART"] {
        script.batch(&who[..6], USUAL);
        script.send();
        script.checkpoint(mode);
        script.one("p-1", USUAL);
        script.one("p-2", USUAL);
        script.send();
    }
}

fn large_bodies(script: &mut Writer) {
    script.one("p-1", USUAL);
    script.begin();
    for n in 0..4 {
        script.one(&format!("p-{}", 1 + n % 2), Size { records: 1, body: 60_000, profile: 0 });
    }
}

/// Like a batch of wake-ups: one small record per prospect, and the due entries move.
fn waking(script: &mut Writer) {
    let who = people(30);
    script.batch(&who, USUAL);
    script.begin();
    for few in who.chunks(6) {
        script.batch(few, Size { records: 1, body: 20, profile: 0 });
    }
}

fn several_books(script: &mut Writer) {
    let who = people(4);
    script.batch(&who[..2], USUAL);
    script.begin();
    for n in 0..9 {
        let one = script.draft.random.one_of(&who).clone();
        let change = script.draft.change(n % 3, &one, Size { profile: 100, ..USUAL });
        script.add(change);
        if n % 2 == 0 {
            let change = script.draft.document(n % 3);
            script.add(change);
        }
    }
}

/// The store was not closed before the scenario begins.
fn recovery(script: &mut Writer) {
    let who = people(10);
    script.hot = true;
    for _ in 0..3 {
        script.batch(&who, USUAL);
    }
    script.begin();
    script.look();
    for _ in 0..4 {
        script.one("p-3", USUAL);
    }
    script.send();
    script.reopen();
    script.one("p-4", USUAL);
}
