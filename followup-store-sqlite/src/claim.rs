//! Claiming of automatic due entries.

use chrono::{DateTime, Utc};
use followup_core::store::{Claim, ClaimPage, Claimed, Due, Fence, Renewal};
use followup_core::{BookId, StoreError};
use rusqlite::{Connection, Row};

use crate::change::Batch;
use crate::checksum;
use crate::dictionary::Dictionary;
use crate::errors::Failure;
use crate::queries::Queries;
use crate::rows::{self, due_columns, micros};

/// The entries that can be claimed at an instant (?2), those that have waited longest first.
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

/// An entry that can be claimed.
struct Claimable {
    pk: i64,
    due: Due,
    /// The newest claim before.
    lease: Lease,
    /// The instant from which it can be claimed.
    at: DateTime<Utc>,
}

/// Returns the first entries that can be claimed at an instant in microseconds.
fn claimable(
    connection: &Connection,
    dictionary: &mut Dictionary,
    book: i64,
    now: i64,
    limit: i64,
) -> Result<Vec<Claimable>, Failure> {
    let mut statement = connection.prepare_cached(CLAIMABLE)?;
    let mut rows = statement.query((book, now, limit))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let due = rows::due(row, connection, dictionary, book)?;
        let lease = Lease::read(row, 15, due.prospect.as_str())?;
        let at = lease.claim_at(due.claimable_at().map(micros)).filter(|at| Ok(*at) == row.get(18));
        let at =
            at.ok_or_else(|| Failure::corrupt("an index of claims is out of order; restore a backup"))?;
        found.push(Claimable { pk: row.get(14)?, due, lease, at: rows::instant(at)? });
    }
    Ok(found)
}

/// Returns the earliest instant from which an entry can be claimed.
fn next_at(
    connection: &Connection,
    dictionary: &mut Dictionary,
    book: i64,
) -> Result<Option<DateTime<Utc>>, Failure> {
    Ok(claimable(connection, dictionary, book, i64::MAX, 1)?.pop().map(|first| first.at))
}

impl Queries<'_> {
    pub(crate) fn next_claimable_at(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        next_at(self.connection, &mut self.dictionary.borrow_mut(), self.book)
    }
}

impl Batch<'_> {
    pub(crate) fn claim(&mut self, book: &BookId, claim: &Claim) -> Result<ClaimPage, Failure> {
        let Some(book) = self.find_book(book)? else { return Ok(ClaimPage::default()) };
        let (now, limit) = (micros(claim.now), rows::limit(claim.limit));
        let mut claimed = Vec::new();
        for Claimable { pk, due, lease, .. } in claimable(self.connection, self.dictionary, book, now, limit)?
        {
            let lease = Lease { fence: lease.fence + 1, until: Some(micros(claim.until)) };
            let claim_at = lease.claim_at(due.claimable_at().map(micros));
            self.write_lease(pk, lease, claim_at, due.prospect.as_str())?;
            claimed.push(Claimed::new(due, Fence(lease.fence)));
        }
        Ok(ClaimPage::new(claimed, next_at(self.connection, self.dictionary, book)?))
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
