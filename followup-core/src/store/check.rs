//! Parts of the contract as code, for those who write a store.

use std::collections::{BTreeMap, HashSet};

use super::{
    AddressHash, Append, Document, DocumentQuery, Due, DueQuery, Erase, Fence, Revision, Since, StoreError,
    StoreErrorKind, Suppression,
};
use crate::prospect::ProspectId;

fn refused(kind: StoreErrorKind, prospect: &ProspectId, why: &str) -> StoreError {
    StoreError::new(kind, format!("cannot append to prospect {prospect}: {why}"))
}

impl Fence {
    /// Whether it is the one that a prospect is claimed under now, if it is claimed.
    ///
    /// # Errors
    /// [`StoreErrorKind::Fenced`] if it is not.
    pub fn check(self, prospect: &ProspectId, held: Option<Fence>) -> Result<(), StoreError> {
        if held == Some(self) {
            return Ok(());
        }
        let why = format!("claim {self} of prospect {prospect} is not in force any more");
        Err(StoreError::new(StoreErrorKind::Fenced, why))
    }
}

impl Append {
    /// Whether a store could take a list of changes at all, whatever is there.
    ///
    /// # Errors
    /// [`StoreErrorKind::Other`] for a change without records, a due entry of another prospect, one prospect twice.
    pub fn check_form(changes: &[Append]) -> Result<(), StoreError> {
        let mut seen = HashSet::new();
        for Append { prospect, records, due, .. } in changes {
            let wrong = |why| Err(refused(StoreErrorKind::Other, prospect, why));
            if records.is_empty() {
                return wrong("there is no record to append; a change takes at least one");
            }
            if due.as_ref().is_some_and(|due| due.prospect != *prospect) {
                return wrong("its due entry is another prospect's");
            }
            if !seen.insert(prospect) {
                return wrong("it stands in the list twice; put its records into one change");
            }
        }
        Ok(())
    }

    /// Whether a change fits a journal: its claim, if it is made under one, its revision and its keys.
    ///
    /// # Errors
    /// [`StoreErrorKind::Fenced`]; [`StoreErrorKind::Conflict`].
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
            return conflict(format!("its journal is at revision {revision}, not {}", self.expected));
        }
        let mut keys = HashSet::new();
        match self.records.iter().find(|record| has_key(&record.key) || !keys.insert(&record.key)) {
            Some(twice) => conflict(format!("its journal has the key {} already", twice.key)),
            None => Ok(()),
        }
    }
}

impl Erase {
    /// Whether the journal has, or is about to get, all the records whose bodies are to be replaced.
    ///
    /// # Errors
    /// [`StoreErrorKind::Other`] if it does not.
    pub fn check(&self, has_key: impl Fn(&str) -> bool) -> Result<(), StoreError> {
        let is_new = |key: &str| self.append.records.iter().any(|record| record.key == key);
        match self.redacted.iter().find(|(key, _)| !has_key(key) && !is_new(key)) {
            Some((key, _)) => {
                let why = format!("its journal has no key {key} whose body could be replaced");
                Err(refused(StoreErrorKind::Other, &self.append.prospect, &why))
            }
            None => Ok(()),
        }
    }
}

impl Suppression {
    /// Makes the change to all that is suppressed: the first instant stands until the address is lifted.
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
    /// What the query asks for of all entries of a book, in whatever order they come: the contract of
    /// [`Store::due`](super::Store::due), at the price of looking at all.
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

    /// Whether the query asks for an entry's like, its place aside: by owner and opening.
    pub fn is_met_by(&self, due: &Due) -> bool {
        let owned = self.owner.is_none() || self.owner == due.owner;
        owned && self.opens_before.is_none_or(|end| due.earliest.is_some_and(|earliest| earliest < end))
    }
}

impl DocumentQuery {
    /// Whether the query asks for a document.
    pub fn is_met_by(&self, document: &Document) -> bool {
        self.kind == document.kind && self.name.as_ref().is_none_or(|name| *name == document.name)
    }
}
