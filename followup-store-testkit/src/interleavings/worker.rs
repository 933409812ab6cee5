//! A worker: a few operations on what it was handed, by a clock of its own.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::{DateTime, Utc};
use followup_core::{Claimed, Erase, Fence, Renewal, Store, StoreErrorKind, StoreExt, UnderClaim};

use super::log::{Book, Log};
use super::schedule::OPERATIONS;
use crate::tools::{Outcome, at, automatic, claim, id};

/// Something that a worker does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// Asks for one entry to work on.
    Claim,
    /// Puts on record, under the claim, that it is about to send.
    Intend,
    /// Moves the end of its lease.
    Renew,
    /// Puts on record, under the claim, that it has sent, which ends the claim.
    Settle,
    /// Records something without a claim, whoever has one.
    Record,
    /// Removes the person, without a claim.
    Stop,
}

/// Which operations a worker has.
pub(super) type Script = [Step; OPERATIONS];

/// A worker on its way.
pub(super) struct Worker<'a> {
    pub(super) number: usize,
    /// The two prospects there are to work on.
    pub(super) prospects: &'a [String; 2],
    pub(super) script: Script,
    /// How far its clock is ahead, in microseconds.
    pub(super) skew: i64,
    pub(super) store: &'a dyn Store,
    pub(super) log: &'a RefCell<Log>,
}

/// How long a lease is, in turns.
const LEASE: i64 = 3;

impl Worker<'_> {
    /// Does one operation a turn.
    pub(super) async fn work(self) -> Outcome {
        let mut held: Option<(String, Fence)> = None;
        for (n, step) in self.script.into_iter().enumerate() {
            if n > 0 {
                Turn::default().await;
            }
            let now = at(self.log.borrow_mut().tick() + self.skew);
            let done = self.step(n, step, now, &mut held).await;
            match done.as_ref().map_err(followup_core::StoreError::kind) {
                // Being late is no mistake of the store's.
                Ok(()) | Err(StoreErrorKind::Conflict | StoreErrorKind::Fenced) => {}
                Err(_) => return done,
            }
        }
        Ok(())
    }

    async fn step(
        &self,
        n: usize,
        step: Step,
        now: DateTime<Utc>,
        held: &mut Option<(String, Fence)>,
    ) -> Outcome {
        let until = now + chrono::TimeDelta::microseconds(LEASE);
        match (step, held.clone()) {
            (Step::Claim, _) => {
                let claimed = claim(self.store, now, until, 1).await?;
                for Claimed { due, fence, .. } in claimed {
                    let prospect = due.prospect.to_string();
                    self.log.borrow_mut().handed_out(&prospect, fence, now, until);
                    *held = Some((prospect, fence));
                }
                Ok(())
            }
            (Step::Renew, Some((prospect, fence))) => {
                let begun = self.log.borrow().newest(&prospect);
                self.store.renew(Renewal::new(id(&prospect), fence, until)).await?;
                self.log.borrow_mut().renewed(&prospect, fence, until, begun);
                Ok(())
            }
            (Step::Intend, Some((prospect, fence))) => {
                self.write(n, &prospect, Some(UnderClaim::GoesOn(fence)), Book::Append).await
            }
            (Step::Settle, Some((prospect, fence))) => {
                self.write(n, &prospect, Some(UnderClaim::Ends(fence)), Book::Append).await
            }
            (Step::Stop, _) => self.write(n, &self.prospects[0], None, Book::Erase).await,
            // Whoever holds nothing records something.
            _ => self.write(n, &self.prospects[self.number % 2], None, Book::Append).await,
        }
    }

    async fn write(&self, n: usize, prospect: &str, claim: Option<UnderClaim>, how: Book) -> Outcome {
        let head = self.store.head_of(&id(prospect)).await?;
        let revision = head.map_or(0, |head| head.revision.0);
        let mut change = automatic(prospect, revision, &format!("w{}-{n}", self.number), n as i64);
        // So the journal tells in which order it was written.
        change.records[0].at = at(revision as i64);
        change.claim = claim;
        let begun = self.log.borrow().newest(prospect);
        match how {
            Book::Append => self.store.append(vec![change]).await?,
            Book::Erase => self.store.erase(Erase::new(change, Vec::new())).await?,
        }
        self.log.borrow_mut().written(prospect, revision, claim, begun);
        Ok(())
    }
}

/// The end of a turn: pending once.
#[derive(Default)]
struct Turn {
    is_over: bool,
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.is_over {
            return Poll::Ready(());
        }
        self.is_over = true;
        Poll::Pending
    }
}
