//! One run of a scenario in which calls to the disk fail, as a user would go through it.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail, ensure};
use followup_core::{StoreError, StoreErrorKind};
use followup_fault_vfs::{Disk, Error};

use crate::books::{Books, Seen, check_integrity};
use crate::io_errors::{Figures, Point, Stage};
use crate::scratch::Scratch;
use crate::script::Step;
use crate::stage::{checkpoint, send_together};

/// How the user goes on after an error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// With the same handle.
    SameHandle,
    /// With the file opened again.
    OpenedAgain,
    /// Asks what is there with the same handle, then opens the file again: the answer has to stay the same.
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

/// What is known of a change that was sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    There,
    NotThere,
    Open,
}

impl Outcome {
    /// What an error says.
    fn of(error: &StoreError) -> Outcome {
        match error.kind() {
            StoreErrorKind::Unknown => Outcome::Open,
            _ => Outcome::NotThere,
        }
    }
}

/// The run.
pub(crate) struct FaultyRun<'a> {
    stage: &'a Stage,
    point: Point,
    variant: Variant,
    disk: &'a Disk,
    scratch: &'a Scratch,
    figures: &'a Figures,
    /// The store, if it is open.
    books: Option<Books>,
    /// The changes that are there, in the order in which they were made.
    applied: Vec<usize>,
    /// Whether a fault that lasts is over.
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

    /// Goes through the scenario, and looks at what is there in the end.
    pub(crate) fn run(mut self) -> Result<()> {
        self.disk.arm(self.point.fault());
        self.run_steps_of()?;
        self.disk.lift();
        self.open()?;
        self.look_closely("in the end")?;
        self.send(self.stage.script.changes.len() - 1)?;
        self.books = None;
        check_integrity(&self.scratch.store())
    }

    /// Goes through the scenario alone.
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
                // Whatever stands in its way: the log keeps all there is.
                Step::Checkpoint(mode) => drop(checkpoint(&self.scratch.store(), mode)),
            }
        }
        self.books = None;
        Ok(())
    }

    /// Opens the file: at the second attempt if the fault hits once, when it is over if it lasts.
    fn open(&mut self) -> Result<()> {
        for _ in 0..3 {
            match Books::sqlite(&self.scratch.store()) {
                Ok(books) => {
                    self.books = Some(books);
                    return Ok(());
                }
                Err(error) => self.expect(&error).context("opening")?,
            }
            self.next_attempt();
        }
        bail!("the file does not open although the fault is over")
    }

    /// A fault that hits once is over after an error. One that lasts may hit a second attempt before it is lifted.
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

    /// That an error is one that the fault explains.
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
        ensure!(self.disk.has_fired(), "an error without a fault: {error}: {source}");
        ensure!(explained, "the fault does not explain the error {:?}: {error}: {source}", error.kind());
        Ok(())
    }

    /// What can be seen after the changes that are there.
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

    /// Reads all; an answer has to be right, an error is asked again.
    fn look(&mut self) -> Result<()> {
        for _ in 0..3 {
            match self.books().look() {
                Ok(seen) => return self.compare(&seen, None, "reading"),
                Err(error) => self.expect(&error).context("reading")?,
            }
            self.next_attempt();
        }
        bail!("the store does not answer although the fault is over")
    }

    /// Reads all when no fault is left to hit.
    fn look_closely(&self, when: &str) -> Result<()> {
        let seen = self.books().look().with_context(|| format!("the store does not answer {when}"))?;
        self.compare(&seen, None, when)
    }

    fn compare(&self, seen: &Seen, or: Option<usize>, when: &str) -> Result<()> {
        let Some(difference) = self.expected(None)?.difference(seen) else { return Ok(()) };
        if or.is_some() && self.expected(or)? == *seen {
            return Ok(());
        }
        bail!("{when}, expected and found differ {difference}")
    }

    /// Sends a change until it is there.
    fn send(&mut self, change: usize) -> Result<()> {
        let Err(error) = self.stage.script.changes[change].send(self.books()) else {
            self.applied.push(change);
            return Ok(());
        };
        self.expect(&error).context("sending")?;
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

    /// Reads and sends again while the fault lasts.
    fn try_again(&mut self, change: usize, outcome: Outcome) -> Result<Outcome> {
        let open = outcome == Outcome::Open;
        match self.books().look() {
            Ok(seen) => self.compare(&seen, open.then_some(change), "reading while it fails")?,
            Err(error) => self.expect(&error).context("reading while it fails")?,
        }
        match self.stage.script.changes[change].send(self.books()) {
            Ok(()) => Ok(Outcome::There),
            // Nobody else writes: it is the change itself that is in the way.
            Err(error) if error.kind() == StoreErrorKind::Conflict && open => Ok(Outcome::There),
            Err(error) => {
                self.expect(&error).context("sending again while it fails")?;
                Ok(if open { Outcome::Open } else { Outcome::of(&error) })
            }
        }
    }

    /// Sends changes at once, until all are there.
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
            self.expect(&error).context("sending together")?;
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

    /// Finds out which changes are there of those that are not acknowledged, now that nothing fails any more, and
    /// sends the others again.
    fn settle(&mut self, changes: Vec<usize>, unknown: Vec<usize>) -> Result<()> {
        if self.variant == Variant::OpenedAgain {
            self.books = None;
            self.open()?;
        }
        let mut missing = Vec::new();
        for change in changes {
            let asked = "the store does not answer although the fault is over";
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
            sent.context("what failed does not go in although the fault is over")?;
            self.applied.push(change);
            self.look_closely("after it was sent again")?;
        }
        Ok(())
    }

    /// What a kill at this moment would leave has to be the state before the change or, if its outcome is open, after
    /// it; the latter is counted.
    fn check_after_a_kill(&self, open: Option<usize>, after: Option<&AtomicU64>) -> Result<()> {
        let killed = Scratch::new()?;
        killed.put(&self.scratch.image()?)?;
        let books = Books::sqlite(&killed.store()).context("after a kill, the file does not open")?;
        let seen = books.look().context("after a kill, the store does not answer")?;
        self.compare(&seen, open, "after a kill")?;
        if let (Some(after), true) = (after, self.expected(None)? != seen) {
            after.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
