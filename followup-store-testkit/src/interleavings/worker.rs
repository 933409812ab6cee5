//! A worker: a few operations on the entries that it has claimed, by a clock of its own.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::{DateTime, Utc};
use followup_core::Store;
use followup_core::store::{Claimed, Erase, Fence, Renewal, StoreErrorKind, StoreExt, UnderClaim};

use super::log::{Book, Log};
use super::schedule::OPERATIONS;
use crate::tools::{Outcome, at, automatic, claim, id};

/// An operation of a worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// Claims one entry.
    Claim,
    /// Records, under the claim, that it is about to send.
    Intend,
    /// Moves the end of its lease.
    Renew,
    /// Records, under the claim, that it has sent, which ends the claim.
    Settle,
    /// Records something without a claim, even if another worker has one.
    Record,
    /// Removes the person, without a claim.
    Stop,
}

/// The operations of a worker.
pub(super) type Script = [Step; OPERATIONS];

/// A worker.
pub(super) struct Worker<'a> {
    pub(super) number: usize,
    /// The two prospects of the plan.
    pub(super) prospects: &'a [String; 2],
    pub(super) script: Script,
    /// How far its clock is ahead, in microseconds.
    pub(super) skew: i64,
    pub(super) store: &'a dyn Store,
    pub(super) log: &'a RefCell<Log>,
}

/// Duration of a lease, in turns.
const LEASE: i64 = 3;

impl Worker<'_> {
    /// Runs one operation in each turn.
    pub(super) async fn work(self) -> Outcome {
        let mut held: Option<(String, Fence)> = None;
        for (n, step) in self.script.into_iter().enumerate() {
            if n > 0 {
                Turn::default().await;
            }
            let now = at(self.log.borrow_mut().tick() + self.skew);
            let done = self.step(n, step, now, &mut held).await;
            match done.as_ref().map_err(followup_core::StoreError::kind) {
                // A late worker is refused, which is correct.
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
            // A worker without a claim records something.
            _ => self.write(n, &self.prospects[self.number % 2], None, Book::Append).await,
        }
    }

    async fn write(&self, n: usize, prospect: &str, claim: Option<UnderClaim>, how: Book) -> Outcome {
        let head = self.store.head_of(&id(prospect)).await?;
        let revision = head.map_or(0, |head| head.revision.0);
        let mut change = automatic(prospect, revision, &format!("w{}-{n}", self.number), n as i64);
        // The order of the journal shows the order of writing.
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

/// The end of a turn: a future that is pending once.
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
