//! A prospect as one value, for stores that keep its data in one place.

use serde::{Deserialize, Serialize};

use super::{Append, Claimed, Due, Fence, Head, Renewal, Revision, Since, StoreError, UnderClaim};

/// The stored data of a prospect, except its records.
///
/// A store may keep the data in any other form. With this one, it only has to say where: the methods check and make the
/// changes of the contract. What they leave to the store is to write the records and suppressions of a change.
///
/// # Examples
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use followup_core::ProspectId;
/// use followup_core::store::{
///     Append, Claim, Claimed, Due, Fence, Kept, Record, Renewal, Revision, Snapshot, UnderClaim,
/// };
///
/// let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
/// let ada = ProspectId::new("p-17")?;
/// let mut due = Due::new(ada.clone(), Revision(1));
/// (due.automatic, due.earliest) = (true, Some(t));
/// let inquired = Record::new("crm-1", t, "inquired", "{}");
/// let mut change = Append::new(ada.clone(), Revision(0), vec![inquired], Snapshot::new(1, vec![7]));
/// change.due = Some(due);
/// Kept::check(None, &change, |_| false)?;
/// let mut kept = Kept::changed(None, &change, 1);
///
/// // A worker claims the due entry, and renews its lease.
/// let claim = Claim::new(t, t + TimeDelta::minutes(5), 1);
/// assert!(kept.claimable_at().is_some_and(|at| at <= claim.now));
/// let Claimed { fence, .. } = kept.claim(claim.until);
/// assert_eq!((fence, kept.claimable_at()), (Fence(1), Some(claim.until)));
/// let renewal = Renewal::new(ada.clone(), fence, t + TimeDelta::minutes(10));
/// Kept::renew(Some(&mut kept), &renewal)?;
/// assert_eq!(kept.claimable_at(), Some(renewal.until));
///
/// // Its last change ends the claim.
/// let sent = Record::new("sent-1", t, "sent", "{}");
/// let mut change = Append::new(ada, Revision(1), vec![sent], Snapshot::new(1, vec![8]));
/// change.claim = Some(UnderClaim::Ends(fence));
/// Kept::check(Some(&kept), &change, |key| key == "crm-1")?;
/// let kept = Kept::changed(Some(kept), &change, 2);
/// assert_eq!((kept.held(), kept.head.revision, kept.fence), (None, Revision(2), Fence(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Kept {
    /// The head, without keys.
    pub head: Head,
    /// The due entry.
    pub due: Option<Due>,
    /// The place in the feed.
    pub cursor: u64,
    /// The number of the newest claim, ended or not; 0 before the first.
    pub fence: Fence,
    /// The end of the newest claim's lease (exclusive); `None` once the claim has ended, and before the first.
    pub leased_until: Option<Since>,
}

impl Kept {
    /// Checks a change. `before` is the prospect as it is stored; `None` if it does not exist.
    ///
    /// # Errors
    /// As [`Append::check`].
    pub fn check(
        before: Option<&Kept>,
        change: &Append,
        has_key: impl Fn(&str) -> bool,
    ) -> Result<(), StoreError> {
        let revision = before.map_or(Revision(0), |kept| kept.head.revision);
        change.check(revision, before.and_then(Kept::held), has_key)
    }

    /// Returns the prospect after a change that has been checked, at a new place in the feed.
    ///
    /// # Panics
    /// If the change has no records.
    #[must_use]
    pub fn changed(before: Option<Kept>, change: &Append, cursor: u64) -> Kept {
        let Append { prospect, records, snapshot, profile, due, claim, .. } = change;
        let mut after = before.unwrap_or_else(|| {
            let since = records.first().expect("a checked change has records").recorded_at;
            let head = Head::new(prospect.clone(), change.revision(), snapshot.clone(), since);
            Kept { head, due: None, cursor, fence: Fence(0), leased_until: None }
        });
        after.head.revision = change.revision();
        after.head.snapshot.clone_from(snapshot);
        after.head.profile = profile.clone().or(after.head.profile);
        after.due.clone_from(due);
        after.cursor = cursor;
        after.leased_until = after.leased_until.filter(|_| !matches!(claim, Some(UnderClaim::Ends(_))));
        after
    }

    /// Moves the end of the lease. The prospect is `None` if it does not exist.
    ///
    /// # Errors
    /// As [`Fence::check`].
    pub fn renew(kept: Option<&mut Kept>, renewal: &Renewal) -> Result<(), StoreError> {
        renewal.fence.check(&renewal.prospect, kept.as_deref().and_then(Kept::held))?;
        kept.into_iter().for_each(|kept| kept.leased_until = Some(renewal.until));
        Ok(())
    }

    /// Hands out the due entry on a lease that ends at an instant. The prospect must have a due entry.
    ///
    /// # Panics
    /// If nothing is due.
    pub fn claim(&mut self, until: Since) -> Claimed {
        let due = self.due.clone().expect("only a due entry is claimed");
        (self.fence, self.leased_until) = (Fence(self.fence.0 + 1), Some(until));
        Claimed::new(due, self.fence)
    }

    /// Returns the fence of the claim that is in force.
    pub fn held(&self) -> Option<Fence> {
        self.leased_until.map(|_| self.fence)
    }

    /// Returns the instant from which the due entry can be claimed: the later of its opening and the end of the lease.
    /// `None` without an entry, while waiting, or if a person has to act.
    pub fn claimable_at(&self) -> Option<Since> {
        let opens = self.due.as_ref()?.claimable_at()?;
        Some(self.leased_until.map_or(opens, |end| end.max(opens)))
    }
}
