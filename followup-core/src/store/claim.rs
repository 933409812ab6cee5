//! Handing out what is sent without a person, so that no two workers send the same.

use chrono::{DateTime, Utc};

use super::Due;
use crate::prospect::ProspectId;

/// The number of a claim. Of two claims of one prospect the later has the larger number, whoever made them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fence(pub u64);

impl std::fmt::Display for Fence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A wish for work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Claim {
    /// The present, by the caller's clock.
    pub now: DateTime<Utc>,
    /// The end of the lease (exclusive): at this instant others may claim the same.
    pub until: DateTime<Utc>,
    /// At most so many; 0 gives none.
    pub limit: usize,
}

impl Claim {
    /// Claims what is due at `now`, at most so many, on a lease.
    pub fn new(now: DateTime<Utc>, until: DateTime<Utc>, limit: usize) -> Claim {
        Claim { now, until, limit }
    }
}

/// What is due, and handed to one worker.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Claimed {
    /// What is due.
    pub due: Due,
    /// The number that the worker's changes carry.
    pub fence: Fence,
}

impl Claimed {
    /// A claimed entry.
    pub fn new(due: Due, fence: Fence) -> Claimed {
        Claimed { due, fence }
    }
}

/// A wish to move the end of a lease.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Renewal {
    /// Whose.
    pub prospect: ProspectId,
    /// The number of the claim.
    pub fence: Fence,
    /// The new end of the lease (exclusive): later to work on, earlier to give back.
    pub until: DateTime<Utc>,
}

impl Renewal {
    /// Moves the end of a lease.
    pub fn new(prospect: ProspectId, fence: Fence, until: DateTime<Utc>) -> Renewal {
        Renewal { prospect, fence, until }
    }
}

/// What becomes of a claim with a change that is made under it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum UnderClaim {
    /// The worker goes on: the lease runs as before.
    GoesOn(Fence),
    /// The worker is done: the number is worth nothing any more, and what is due now may be claimed.
    Ends(Fence),
}

impl UnderClaim {
    /// The number of the claim.
    pub fn fence(self) -> Fence {
        match self {
            UnderClaim::GoesOn(fence) | UnderClaim::Ends(fence) => fence,
        }
    }
}
