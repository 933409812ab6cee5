//! Parts of the contract as code, for authors of stores.

use std::collections::{BTreeMap, HashSet};

use super::{
    AddressHash, Append, Document, DocumentQuery, Due, DueQuery, Erase, Fence, Revision, Since, StoreError,
    StoreErrorKind, Suppression,
};
use crate::prospect::ProspectId;

/// The number of entries that a search reads first from each index, at least.
const SEARCH_STEPS: usize = 8;

fn refused(kind: StoreErrorKind, prospect: &ProspectId, why: &str) -> StoreError {
    StoreError::new(kind, format!("cannot append to prospect {prospect}: {why}"))
}

impl Fence {
    /// Checks that this is the fence of the claim in force. `held` is that claim's fence, `None` without one.
    ///
    /// # Errors
    /// [`StoreErrorKind::Fenced`] if it is not.
    pub fn check(self, prospect: &ProspectId, held: Option<Fence>) -> Result<(), StoreError> {
        if held == Some(self) {
            return Ok(());
        }
        let why = format!("claim {self} of prospect {prospect} is no longer in force");
        Err(StoreError::new(StoreErrorKind::Fenced, why))
    }
}

impl Append {
    /// Checks a list of changes for mistakes that do not depend on the stored data.
    ///
    /// # Errors
    /// [`StoreErrorKind::Other`] for a change without records, a due entry of another prospect, or a prospect that is
    /// in the list twice.
    ///
    /// # Examples
    /// ```
    /// use followup_core::ProspectId;
    /// use followup_core::store::{Append, Record, Revision, Snapshot};
    ///
    /// let added = Record::new("crm-1", "2026-03-06T14:00:00Z".parse()?, "added", "{}");
    /// let change = Append::new(ProspectId::new("p-17")?, Revision(0), vec![added], Snapshot::new(1, vec![7]));
    /// assert!(Append::check_form(&[change.clone()]).is_ok());
    /// let twice = Append::check_form(&[change.clone(), change]).unwrap_err();
    /// assert!(twice.to_string().contains("the prospect is in the list twice"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_form(changes: &[Append]) -> Result<(), StoreError> {
        let mut seen = HashSet::new();
        for Append { prospect, records, due, .. } in changes {
            let wrong = |why| Err(refused(StoreErrorKind::Other, prospect, why));
            if records.is_empty() {
                return wrong("the change has no records; expected at least one");
            }
            if due.as_ref().is_some_and(|due| due.prospect != *prospect) {
                return wrong("the due entry is for another prospect");
            }
            if !seen.insert(prospect) {
                return wrong("the prospect is in the list twice; put its records into one change");
            }
        }
        Ok(())
    }

    /// Checks the change against the stored journal: its claim, if it is made under one, its revision, and its keys.
    ///
    /// # Errors
    /// [`StoreErrorKind::Fenced`] if the claim is not in force; [`StoreErrorKind::Conflict`] if the revision differs or
    /// the journal already has one of the keys.
    pub fn check(
        &self,
        revision: Revision,
        held: Option<Fence>,
        has_key: impl Fn(&str) -> bool,
    ) -> Result<(), StoreError> {
        if let Some(claim) = self.claim {
            claim.fence().check(&self.prospect, held)?;
        }
        let conflict = |why: String| Err(refused(StoreErrorKind::Conflict, &self.prospect, &why));
        if revision != self.expected {
            return conflict(format!("the journal is at revision {revision}, expected {}", self.expected));
        }
        let mut keys = HashSet::new();
        match self.records.iter().find(|record| has_key(&record.key) || !keys.insert(&record.key)) {
            Some(twice) => conflict(format!("the journal already has the key {}", twice.key)),
            None => Ok(()),
        }
    }
}

impl Erase {
    /// Checks that each record whose body is replaced is in the journal or among the new records.
    ///
    /// # Errors
    /// [`StoreErrorKind::Other`] if one is not.
    pub fn check(&self, has_key: impl Fn(&str) -> bool) -> Result<(), StoreError> {
        let is_new = |key: &str| self.append.records.iter().any(|record| record.key == key);
        match self.redacted.iter().find(|(key, _)| !has_key(key) && !is_new(key)) {
            Some((key, _)) => {
                let why = format!("cannot replace the body of {key}: the journal has no such key");
                Err(refused(StoreErrorKind::Other, &self.append.prospect, &why))
            }
            None => Ok(()),
        }
    }
}

impl Suppression {
    /// Applies the change to a book's suppressions. The earliest instant is kept until the address is lifted.
    pub fn apply(self, suppressed: &mut BTreeMap<AddressHash, Since>) {
        match self.since {
            Some(since) => {
                let first = suppressed.entry(self.address).or_insert(since);
                *first = since.min(*first);
            }
            None => {
                suppressed.remove(&self.address);
            }
        }
    }
}

impl DueQuery {
    /// Returns the answer to the query from all entries of a book, in any order: [`Store::due`](super::Store::due) as
    /// a filter and a sort. The entries may also be a part of the book, if it has all entries of the answer.
    pub fn select<'a>(&self, entries: impl IntoIterator<Item = &'a Due>) -> Vec<Due> {
        let mut found: Vec<_> = entries
            .into_iter()
            .filter(|due| self.is_met_by(due))
            .filter_map(|due| Some((due.place(self.order)?, due)))
            .filter(|(at, _)| self.before.is_none_or(|end| *at < end))
            .filter(|(at, due)| {
                self.after.as_ref().is_none_or(|(start, id)| (at, &due.prospect) > (start, id))
            })
            .collect();
        found.sort_by_key(|(at, due)| (*at, &due.prospect));
        found.into_iter().take(self.limit).map(|(_, due)| due.clone()).collect()
    }

    /// Returns the answer to the query from two indexes, at the cost that [`Store::due`](super::Store::due) promises.
    ///
    /// `in_order(n)` reads the first `n` entries in the order of the query, after [`DueQuery::after`]; it may stop at
    /// [`DueQuery::before`]. `by_opening(n)` reads the first `n` entries by opening; it may stop at
    /// [`DueQuery::opens_before`], and is only called if the query has that bound. Both may leave out entries of other
    /// owners. The shorter of the two ways ends the search.
    ///
    /// # Errors
    /// Those of the two functions.
    ///
    /// # Examples
    /// ```
    /// use followup_core::ProspectId;
    /// use followup_core::store::{Due, DueOrder, DueQuery, Revision, StoreError};
    ///
    /// let mut ada = Due::new(ProspectId::new("p-17")?, Revision(1));
    /// ada.rank_at = Some("2026-03-09T17:00:00Z".parse()?);
    /// let by_rank = [ada];
    /// let query = DueQuery::new(DueOrder::Rank, 20);
    /// let found = query.search(
    ///     |steps| Ok::<_, StoreError>(by_rank.iter().take(steps).cloned().collect()),
    ///     |_| unreachable!("the query has no bound on the opening"),
    /// )?;
    /// assert_eq!(found, query.select(&by_rank));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search<E>(
        &self,
        mut in_order: impl FnMut(usize) -> Result<Vec<Due>, E>,
        mut by_opening: impl FnMut(usize) -> Result<Vec<Due>, E>,
    ) -> Result<Vec<Due>, E> {
        let mut steps = self.limit.max(SEARCH_STEPS);
        loop {
            let walked = in_order(steps)?;
            let page = self.select(&walked);
            if page.len() == self.limit || walked.len() < steps {
                return Ok(page);
            }
            if self.opens_before.is_some() {
                let open = by_opening(steps)?;
                if open.len() < steps {
                    return Ok(self.select(&open));
                }
            }
            steps = steps.saturating_mul(8);
        }
    }

    /// Returns true if the query asks for an entry by owner and opening, whatever its place in the order.
    pub fn is_met_by(&self, due: &Due) -> bool {
        let owned = self.owner.is_none() || self.owner == due.owner;
        owned && self.opens_before.is_none_or(|end| due.earliest.is_some_and(|earliest| earliest < end))
    }
}

impl DocumentQuery {
    /// Returns true if the query asks for a document.
    pub fn is_met_by(&self, document: &Document) -> bool {
        self.kind == document.kind && self.name.as_ref().is_none_or(|name| *name == document.name)
    }
}
