//! Claiming of automatic due entries.

use chrono::{DateTime, Utc};
use followup_core::store::{Claim, Claimed, Fence, Renewal};
use followup_core::{BookId, StoreError};
use rusqlite::Row;

use crate::change::Batch;
use crate::checksum;
use crate::errors::Failure;
use crate::queries::Queries;
use crate::rows::{self, due_columns, micros};

const CLAIMABLE: &str = concat!(
    "SELECT ",
    due_columns!(),
    ", pk, fence, leased_until, claim_sum, claim_at \
     FROM (SELECT pk AS place FROM followup_prospect INDEXED BY followup_claimable \
           WHERE book = ?1 AND claim_at IS NOT NULL AND claim_at <= ?2 ORDER BY claim_at, id LIMIT ?3) \
     CROSS JOIN followup_prospect AS prospect ON pk = place"
);

const LEASE: &str = "UPDATE followup_prospect SET fence = ?2, leased_until = ?3, claim_at = ?4, claim_sum = ?5 \
                     WHERE pk = ?1";

/// A prospect's newest claim.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease {
    /// The number of the newest claim, 0 if there has been none.
    pub(crate) fence: u64,
    /// The end of its lease; `None` once it has ended.
    pub(crate) until: Option<i64>,
}

impl Lease {
    /// Reads the columns `fence`, `leased_until` and `claim_sum`; `first` is the position of the first.
    pub(crate) fn read(row: &Row<'_>, first: usize, id: &str) -> Result<Lease, Failure> {
        let lease = Lease { fence: rows::revision(row.get(first)?)?.0, until: row.get(first + 1)? };
        let sum: Option<i32> = row.get(first + 2)?;
        if sum != lease.sum(id) {
            let why = format!("the claim of prospect {id} is damaged; restore a backup");
            return Err(Failure::corrupt(why));
        }
        Ok(lease)
    }

    /// Returns the checksum as it is stored: none before the first claim.
    pub(crate) fn sum(self, id: &str) -> Option<i32> {
        (self != Lease { fence: 0, until: None }).then(|| checksum::of_lease(id, self.fence, self.until))
    }

    /// Returns when an entry that opens at an instant may be claimed.
    pub(crate) fn claim_at(self, opens: Option<i64>) -> Option<i64> {
        opens.map(|opens| self.until.map_or(opens, |until| until.max(opens)))
    }

    pub(crate) fn ended(self) -> Lease {
        Lease { until: None, ..self }
    }

    /// Returns the claim that is in force.
    pub(crate) fn held(self) -> Option<Fence> {
        self.until.map(|_| Fence(self.fence))
    }
}

impl Queries<'_> {
    /// Returns true if any entry may be claimed. Most claims find nothing, and then the writer is not needed.
    pub(crate) fn has_claimable(&self, now: DateTime<Utc>) -> Result<bool, Failure> {
        let sql = "SELECT claim_at FROM followup_prospect INDEXED BY followup_claimable \
                   WHERE book = ?1 AND claim_at IS NOT NULL AND claim_at <= ?2 LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.exists((self.book, micros(now)))?)
    }
}

impl Batch<'_> {
    pub(crate) fn claim(&mut self, book: &BookId, claim: &Claim) -> Result<Vec<Claimed>, Failure> {
        let Some(book) = self.find_book(book)? else { return Ok(Vec::new()) };
        let mut claimed = Vec::new();
        let mut leases = Vec::new();
        {
            let mut statement = self.connection.prepare_cached(CLAIMABLE)?;
            let mut found = statement.query((book, micros(claim.now), rows::limit(claim.limit)))?;
            while let Some(row) = found.next()? {
                let due = rows::due(row, self.connection, self.dictionary, book)?;
                let before = Lease::read(row, 15, due.prospect.as_str())?;
                let opens = due.claimable_at().map(micros);
                if opens.is_none() || before.claim_at(opens) != row.get(18)? {
                    return Err(Failure::corrupt("an index of claims is out of order; restore a backup"));
                }
                let lease = Lease { fence: before.fence + 1, until: Some(micros(claim.until)) };
                leases.push((row.get::<_, i64>(14)?, lease, lease.claim_at(opens)));
                claimed.push(Claimed::new(due, Fence(lease.fence)));
            }
        }
        for ((pk, lease, claim_at), claimed) in leases.into_iter().zip(&claimed) {
            self.write_lease(pk, lease, claim_at, claimed.due.prospect.as_str())?;
        }
        Ok(claimed)
    }

    pub(crate) fn renew(
        &mut self,
        book: &BookId,
        renewal: &Renewal,
    ) -> Result<Result<(), StoreError>, Failure> {
        let Renewal { prospect, fence, until, .. } = renewal;
        let book = self.find_book(book)?;
        let standing = book.map(|book| self.standing(book, prospect)).transpose()?.flatten();
        if let Err(late) = fence.check(prospect, standing.as_ref().and_then(|standing| standing.lease.held()))
        {
            return Ok(Err(late));
        }
        let standing = standing.expect("a missing prospect has no claim in force");
        let lease = Lease { until: Some(micros(*until)), ..standing.lease };
        let claim_at = lease.claim_at(standing.opens_automatically());
        self.write_lease(standing.number, lease, claim_at, prospect.as_str())?;
        Ok(Ok(()))
    }

    fn write_lease(
        &self,
        pk: i64,
        lease: Lease,
        claim_at: Option<i64>,
        prospect: &str,
    ) -> Result<(), Failure> {
        let fence = rows::stored(followup_core::store::Revision(lease.fence))?;
        self.connection.prepare_cached(LEASE)?.execute((
            pk,
            fence,
            lease.until,
            claim_at,
            lease.sum(prospect),
        ))?;
        Ok(())
    }
}
