//! Claims: handing out automatic actions, so that no two workers send the same one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Due;
use crate::prospect::ProspectId;

/// The number of a claim. Of two claims of one prospect, the later has the larger number.
///
/// # Examples
/// ```
/// use followup_core::ProspectId;
/// use followup_core::store::{Fence, StoreErrorKind};
///
/// let ada = ProspectId::new("p-17")?;
/// assert!(Fence(2).check(&ada, Some(Fence(2))).is_ok());
/// let late = Fence(1).check(&ada, Some(Fence(2))).unwrap_err();
/// assert_eq!(late.kind(), StoreErrorKind::Fenced);
/// assert_eq!(late.to_string(), "claim 1 of prospect p-17 is no longer in force");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u64);

impl std::fmt::Display for Fence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A request to claim due entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Claim {
    /// The current time, by the caller's clock.
    pub now: DateTime<Utc>,
    /// The end of the lease (exclusive): from this instant, others can claim the same entries.
    pub until: DateTime<Utc>,
    /// Maximum number of entries to hand out; 0 hands out none.
    pub limit: usize,
}

impl Claim {
    /// Creates a request for entries that are open at `now`, on a lease that ends at `until`.
    pub fn new(now: DateTime<Utc>, until: DateTime<Utc>, limit: usize) -> Claim {
        Claim { now, until, limit }
    }
}

/// A due entry that has been handed to one worker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Claimed {
    /// The due entry.
    pub due: Due,
    /// The number of the claim, which the worker's changes carry.
    pub fence: Fence,
}

impl Claimed {
    /// Creates a claimed entry.
    pub fn new(due: Due, fence: Fence) -> Claimed {
        Claimed { due, fence }
    }
}

/// The answer to a claim.
///
/// # Examples
/// ```
/// use followup_core::store::ClaimPage;
///
/// let opens_at = "2026-03-06T14:00:00Z".parse()?;
/// let nothing_yet = ClaimPage::new(vec![], Some(opens_at));
/// assert!(nothing_yet.claimed.is_empty());
/// assert_eq!(nothing_yet.next_at, Some(opens_at));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClaimPage {
    /// The entries that were handed out, in order.
    pub claimed: Vec<Claimed>,
    /// The earliest instant from which any entry can be claimed after this claim: its opening or the end of its lease,
    /// whichever is later. `None` if the book has no automatic entry.
    pub next_at: Option<DateTime<Utc>>,
}

impl ClaimPage {
    /// Creates an answer.
    pub fn new(claimed: Vec<Claimed>, next_at: Option<DateTime<Utc>>) -> ClaimPage {
        ClaimPage { claimed, next_at }
    }
}

/// A request to move the end of a lease.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Renewal {
    /// The prospect that is claimed.
    pub prospect: ProspectId,
    /// The number of the claim.
    pub fence: Fence,
    /// The new end of the lease (exclusive): later to continue, earlier to give the entry back.
    pub until: DateTime<Utc>,
}

impl Renewal {
    /// Creates a request to move the end of a lease.
    pub fn new(prospect: ProspectId, fence: Fence, until: DateTime<Utc>) -> Renewal {
        Renewal { prospect, fence, until }
    }
}

/// The effect of a change on the claim that it is made under.
///
/// # Examples
/// ```
/// use followup_core::store::{Fence, UnderClaim};
///
/// let (begun, sent) = (UnderClaim::GoesOn(Fence(3)), UnderClaim::Ends(Fence(3)));
/// assert_eq!(begun.fence(), sent.fence());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnderClaim {
    /// The worker continues: the lease is unchanged.
    GoesOn(Fence),
    /// The worker is done: the claim ends, and the new due entry can be claimed at once.
    Ends(Fence),
}

impl UnderClaim {
    /// Returns the number of the claim.
    pub fn fence(self) -> Fence {
        match self {
            UnderClaim::GoesOn(fence) | UnderClaim::Ends(fence) => fence,
        }
    }
}
