//! A prospect as one value, for stores that keep its data in one place.

use serde::{Deserialize, Serialize};

use super::{Append, Claimed, Due, Fence, Head, Renewal, Revision, Since, StoreError, UnderClaim};

/// The stored data of a prospect, except its records.
///
/// A store may keep the data in any other form. With this one, it only has to say where: the methods check and make the
/// changes of the contract. What they leave to the store is to write the records and suppressions of a change.
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
