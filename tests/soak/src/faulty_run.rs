//! One run of a scenario in which calls to the disk fail and the caller recovers as a user would.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail, ensure};
use followup::StoreError;
use followup::store::StoreErrorKind;
use followup_fault_vfs::{Disk, Error};

use crate::books::{Books, Seen, check_integrity};
use crate::io_errors::{Figures, Point, Stage};
use crate::scratch::Scratch;
use crate::script::Step;
use crate::stage::{checkpoint, send_together};

/// How the caller continues after an error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Continues with the same handle.
    SameHandle,
    /// Opens the file again.
    OpenedAgain,
    /// Reads everything with the same handle, then opens the file again; the answer must not change.
    AskedBefore,
}

impl Variant {
    pub(crate) fn of(number: u64) -> Variant {
        match number % 3 {
            0 => Variant::AskedBefore,
            1 => Variant::SameHandle,
            _ => Variant::OpenedAgain,
        }
    }
}

/// Whether a change that was sent is in the store, as far as the caller knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    There,
    NotThere,
    Open,
}

impl Outcome {
    /// The outcome that an error implies.
    fn of(error: &StoreError) -> Outcome {
        match error.kind() {
            StoreErrorKind::Unknown => Outcome::Open,
            _ => Outcome::NotThere,
        }
    }
}

/// A run of one scenario with one fault.
pub(crate) struct FaultyRun<'a> {
    stage: &'a Stage,
    point: Point,
    variant: Variant,
    disk: &'a Disk,
    scratch: &'a Scratch,
    figures: &'a Figures,
    /// The store; `None` while it is closed.
    books: Option<Books>,
    /// The changes in the store, in the order in which they were made.
    applied: Vec<usize>,
    /// Whether a lasting fault has been lifted.
    lifted: bool,
}

impl<'a> FaultyRun<'a> {
    pub(crate) fn new(
        stage: &'a Stage,
        point: Point,
        variant: Variant,
        disk: &'a Disk,
        scratch: &'a Scratch,
        figures: &'a Figures,
    ) -> FaultyRun<'a> {
        let applied = (0..stage.script.before).collect();
        FaultyRun { stage, point, variant, disk, scratch, figures, books: None, applied, lifted: false }
    }

    /// Runs the scenario with the fault, then checks the store without it.
    pub(crate) fn run(mut self) -> Result<()> {
        self.disk.arm(self.point.fault());
        self.run_steps_of()?;
        self.disk.lift();
        self.open()?;
        self.look_closely("at the end")?;
        self.send(self.stage.script.changes.len() - 1)?;
        self.books = None;
        check_integrity(&self.scratch.store())
    }

    /// Runs only the steps of the scenario.
    pub(crate) fn run_steps(mut self) -> Result<()> {
        self.run_steps_of()
    }

    fn run_steps_of(&mut self) -> Result<()> {
        self.open()?;
        for step in &self.stage.script.steps {
            match step {
                Step::Send(changes) => changes.clone().try_for_each(|change| self.send(change))?,
                Step::Together(changes) => self.send_together(changes.clone().collect())?,
                Step::Reopen => {
                    self.books = None;
                    self.open()?;
                }
                Step::Look => self.look()?,
                // A checkpoint may fail: the changes are still in the log.
                Step::Checkpoint(mode) => drop(checkpoint(&self.scratch.store(), mode)),
            }
        }
        self.books = None;
        Ok(())
    }

    /// Opens the file, with a retry after a fault. A lasting fault is lifted before a retry.
    fn open(&mut self) -> Result<()> {
        for _ in 0..3 {
            match Books::sqlite(&self.scratch.store()) {
                Ok(books) => {
                    self.books = Some(books);
                    return Ok(());
                }
                Err(error) => self.expect(&error).context("cannot open the file")?,
            }
            self.next_attempt();
        }
        bail!("cannot open the file although the fault is over")
    }

    /// Lifts a lasting fault. A fault that hits once is over after the error.
    fn next_attempt(&mut self) {
        if self.lifted || !self.point.lasting {
            return;
        }
        self.disk.lift();
        self.lifted = true;
    }

    fn books(&self) -> &Books {
        self.books.as_ref().expect("the store is open between opening and closing")
    }

    /// Checks that the fault explains an error, and counts it.
    fn expect(&self, error: &StoreError) -> Result<()> {
        self.figures.errors.fetch_add(1, Ordering::Relaxed);
        let explained = match (error.kind(), self.point.error) {
            (StoreErrorKind::Unknown, _) => {
                self.figures.unknown.fetch_add(1, Ordering::Relaxed);
                true
            }
            (StoreErrorKind::Full, Error::Full) | (StoreErrorKind::Unavailable, Error::Io) => true,
            _ => false,
        };
        let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        ensure!(self.disk.has_fired(), "an error without an injected fault: {error}: {source}");
        ensure!(explained, "the fault does not explain the error {:?}: {error}: {source}", error.kind());
        Ok(())
    }

    /// The expected content after the changes in the store, and `more` if given.
    fn expected(&self, more: Option<usize>) -> Result<Seen> {
        let applied: Vec<usize> = self.applied.iter().copied().chain(more).collect();
        if applied.iter().copied().eq(0..applied.len()) {
            return Ok(self.stage.expected[applied.len()].clone());
        }
        let model = Books::memory();
        for change in applied {
            self.stage.script.changes[change].send(&model)?;
        }
        Ok(model.look()?)
    }

    /// Reads everything. An answer must be right; after an error, it reads again.
    fn look(&mut self) -> Result<()> {
        for _ in 0..3 {
            match self.books().look() {
                Ok(seen) => return self.compare(&seen, None, "when reading"),
                Err(error) => self.expect(&error).context("cannot read the store")?,
            }
            self.next_attempt();
        }
        bail!("cannot read the store although the fault is over")
    }

    /// Reads everything once no fault is armed.
    fn look_closely(&self, when: &str) -> Result<()> {
        let seen = self.books().look().with_context(|| format!("cannot read the store {when}"))?;
        self.compare(&seen, None, when)
    }

    fn compare(&self, seen: &Seen, or: Option<usize>, when: &str) -> Result<()> {
        let Some(difference) = self.expected(None)?.difference(seen) else { return Ok(()) };
        if or.is_some() && self.expected(or)? == *seen {
            return Ok(());
        }
        bail!("{when}, expected and found differ {difference}")
    }

    /// Sends a change until it is in the store.
    fn send(&mut self, change: usize) -> Result<()> {
        let Err(error) = self.stage.script.changes[change].send(self.books()) else {
            self.applied.push(change);
            return Ok(());
        };
        self.expect(&error).context("cannot send a change")?;
        let mut outcome = Outcome::of(&error);
        self.check_after_a_kill((outcome == Outcome::Open).then_some(change), None)?;
        if self.point.lasting && !self.lifted {
            outcome = self.try_again(change, outcome)?;
            self.next_attempt();
        }
        match outcome {
            Outcome::There => {
                self.applied.push(change);
                self.settle(vec![], vec![])
            }
            Outcome::Open => self.settle(vec![change], vec![change]),
            Outcome::NotThere => self.settle(vec![change], vec![]),
        }
    }

    /// Reads everything and sends the change again while the fault lasts.
    fn try_again(&mut self, change: usize, outcome: Outcome) -> Result<Outcome> {
        let open = outcome == Outcome::Open;
        match self.books().look() {
            Ok(seen) => self.compare(&seen, open.then_some(change), "when reading while the fault lasts")?,
            Err(error) => self.expect(&error).context("cannot read the store while the fault lasts")?,
        }
        match self.stage.script.changes[change].send(self.books()) {
            Ok(()) => Ok(Outcome::There),
            // There are no other writers, so the conflict is with the change itself.
            Err(error) if error.kind() == StoreErrorKind::Conflict && open => Ok(Outcome::There),
            Err(error) => {
                self.expect(&error).context("cannot send a change again while the fault lasts")?;
                Ok(if open { Outcome::Open } else { Outcome::of(&error) })
            }
        }
    }

    /// Sends changes simultaneously, until all are in the store.
    fn send_together(&mut self, changes: Vec<usize>) -> Result<()> {
        let (first, last) = (changes[0], changes[changes.len() - 1]);
        let path = self.scratch.store();
        let answers = send_together(self.books(), &path, &self.stage.script.changes[first..=last])?;
        let (mut missing, mut unknown) = (Vec::new(), Vec::new());
        for (change, answer) in changes.into_iter().zip(answers) {
            let Err(error) = answer else {
                self.applied.push(change);
                continue;
            };
            self.expect(&error).context("cannot send changes together")?;
            missing.push(change);
            if error.kind() == StoreErrorKind::Unknown {
                unknown.push(change);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        self.next_attempt();
        self.settle(missing, unknown)
    }

    /// Looks up which of the unacknowledged changes are in the store, now that nothing fails any more, and sends the
    /// others again.
    fn settle(&mut self, changes: Vec<usize>, unknown: Vec<usize>) -> Result<()> {
        if self.variant == Variant::OpenedAgain {
            self.books = None;
            self.open()?;
        }
        let mut missing = Vec::new();
        for change in changes {
            let asked = "cannot read the store although the fault is over";
            if unknown.contains(&change)
                && self.stage.script.changes[change].is_in(self.books()).context(asked)?
            {
                self.applied.push(change);
            } else {
                missing.push(change);
            }
        }
        self.look_closely("after the error")?;
        if let [change] = missing[..]
            && !unknown.is_empty()
        {
            self.check_after_a_kill(Some(change), Some(&self.figures.came_to_light))?;
        }
        if self.variant == Variant::AskedBefore {
            self.books = None;
            self.open()?;
            self.look_closely("after the error, opened again")?;
        }
        for change in missing {
            let sent = self.stage.script.changes[change].send(self.books());
            sent.context("cannot send the failed change again although the fault is over")?;
            self.applied.push(change);
            self.look_closely("after it was sent again")?;
        }
        Ok(())
    }

    /// Checks the state that a kill at this moment would leave: the state before the change or, if the outcome of the
    /// change is open, after it. The latter is counted in `after`.
    fn check_after_a_kill(&self, open: Option<usize>, after: Option<&AtomicU64>) -> Result<()> {
        let killed = Scratch::new()?;
        killed.put(&self.scratch.image()?)?;
        let books = Books::sqlite(&killed.store()).context("cannot open the file after a kill")?;
        let seen = books.look().context("cannot read the store after a kill")?;
        self.compare(&seen, open, "after a kill")?;
        if let (Some(after), true) = (after, self.expected(None)? != seen) {
            after.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
