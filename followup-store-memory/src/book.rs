//! One book: its prospects and their journals, its suppressions and documents.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use followup_core::store::{
    AddressHash, Append, Changed, Claim, ClaimPage, Claimed, Document, DocumentKind, DocumentQuery, Due,
    DuePage, DueQuery, Erase, Fence, Head, HeadQuery, Record, Renewal, Revision, Snapshot, StoreErrorKind,
    UnderClaim,
};
use followup_core::{ProspectId, StoreError};

use crate::orders::Orders;

/// The data of one book.
#[derive(Debug, Default)]
pub(crate) struct Book {
    prospects: BTreeMap<Arc<ProspectId>, Kept>,
    orders: Orders,
    /// Each prospect at its newest change.
    feed: BTreeMap<u64, Arc<ProspectId>>,
    last_change: u64,
    newest_event_at: Option<DateTime<Utc>>,
    suppressions: BTreeMap<AddressHash, DateTime<Utc>>,
    documents: BTreeMap<(DocumentKind, String, u64), Document>,
}

/// The data of one prospect.
#[derive(Debug)]
struct Kept {
    records: BTreeMap<String, Record>,
    snapshot: Snapshot,
    profile: Option<String>,
    due: Option<Arc<Due>>,
    since: DateTime<Utc>,
    changed: u64,
    /// The number of the newest claim, ended or not.
    fence: u64,
    /// The end of the newest claim's lease; `None` if the claim has ended or there has been none.
    leased_until: Option<DateTime<Utc>>,
}

impl Kept {
    fn new(snapshot: Snapshot, since: DateTime<Utc>) -> Kept {
        let records = BTreeMap::new();
        Kept { records, snapshot, profile: None, due: None, since, changed: 0, fence: 0, leased_until: None }
    }

    fn revision(&self) -> Revision {
        Revision(self.records.len() as u64)
    }

    fn head(&self, prospect: &ProspectId) -> Head {
        let mut head = Head::new(prospect.clone(), self.revision(), self.snapshot.clone(), self.since);
        head.profile.clone_from(&self.profile);
        head
    }

    /// Returns the claim that is in force.
    fn held(&self) -> Option<Fence> {
        self.leased_until.map(|_| Fence(self.fence))
    }
}

impl Book {
    /// Checks that all of the changes can be made.
    pub(crate) fn check(&self, changes: &[Append]) -> Result<(), StoreError> {
        Append::check_form(changes)?;
        changes.iter().try_for_each(|change| {
            let kept = self.prospects.get(&change.prospect);
            let revision = kept.map(Kept::revision).unwrap_or_default();
            change.check(revision, kept.and_then(Kept::held), |key| self.has_key(&change.prospect, key))
        })
    }

    pub(crate) fn has_key(&self, prospect: &ProspectId, key: &str) -> bool {
        self.prospects.get(prospect).is_some_and(|kept| kept.records.contains_key(key))
    }

    /// Applies a change that has been checked.
    pub(crate) fn apply(&mut self, change: Append) {
        let Append { prospect, records, snapshot, profile, due, claim, suppressions, .. } = change;
        let (id, mut kept) = match self.prospects.remove_entry(&prospect) {
            Some((id, kept)) => {
                self.feed.remove(&kept.changed);
                kept.due.iter().for_each(|due| self.orders.unfile(due, &id, kept.leased_until));
                (id, kept)
            }
            None => {
                let since = records.first().expect("a change has records").recorded_at;
                (Arc::new(prospect), Kept::new(snapshot.clone(), since))
            }
        };
        for record in records {
            self.newest_event_at = self.newest_event_at.max(Some(record.at));
            kept.records.insert(record.key.clone(), record);
        }
        if let Some(UnderClaim::Ends(_)) = claim {
            kept.leased_until = None;
        }
        kept.snapshot = snapshot;
        kept.due = due.map(Arc::new);
        kept.profile = profile.or(kept.profile);
        kept.due.iter().for_each(|due| self.orders.file(due, &id, kept.leased_until));
        self.last_change += 1;
        self.feed.insert(self.last_change, Arc::clone(&id));
        kept.changed = self.last_change;
        self.prospects.insert(id, kept);
        suppressions.into_iter().for_each(|suppression| suppression.apply(&mut self.suppressions));
    }

    /// Removes a person. The removal has been checked.
    pub(crate) fn erase(&mut self, erase: Erase) {
        let Erase { append, redacted, .. } = erase;
        let prospect = append.prospect.clone();
        self.apply(append);
        let kept = self.prospects.get_mut(&prospect).expect("the prospect has just been written");
        kept.profile = None;
        for (key, body) in redacted {
            kept.records.get_mut(&key).expect("the keys have been checked").body = body;
        }
    }

    pub(crate) fn claim(&mut self, claim: Claim) -> ClaimPage {
        let Claim { now, until, limit, .. } = claim;
        let open = self.orders.claimable(now, limit).into_iter();
        let claimed = open
            .map(|id| {
                let kept = self.prospects.get_mut(&id).expect("a filed prospect exists");
                let due = kept.due.as_ref().expect("a filed prospect is due");
                self.orders.lease(due, &id, kept.leased_until, Some(until));
                kept.leased_until = Some(until);
                kept.fence += 1;
                Claimed::new((**due).clone(), Fence(kept.fence))
            })
            .collect();
        ClaimPage::new(claimed, self.orders.next_claimable_at())
    }

    pub(crate) fn renew(&mut self, renewal: Renewal) -> Result<(), StoreError> {
        let Renewal { prospect, fence, until, .. } = renewal;
        fence.check(&prospect, self.prospects.get(&prospect).and_then(Kept::held))?;
        let (id, _) = self.prospects.get_key_value(&prospect).expect("the claim has been checked");
        let id = Arc::clone(id);
        let kept = self.prospects.get_mut(&prospect).expect("the claim has been checked");
        kept.due.iter().for_each(|due| self.orders.lease(due, &id, kept.leased_until, Some(until)));
        kept.leased_until = Some(until);
        Ok(())
    }

    pub(crate) fn suppressed(&self, addresses: &[AddressHash]) -> Vec<Option<DateTime<Utc>>> {
        addresses.iter().map(|address| self.suppressions.get(address).copied()).collect()
    }

    pub(crate) fn save(&mut self, document: Document) -> Result<(), StoreError> {
        let Document { kind, name, version, body, .. } = &document;
        let saved = self.documents.entry((*kind, name.clone(), *version)).or_insert_with(|| document.clone());
        if saved.body == *body {
            return Ok(());
        }
        let detail = format!(
            "cannot save the {} {name}: version {version} exists with another body; save a new version",
            kind.as_str()
        );
        Err(StoreError::new(StoreErrorKind::Conflict, detail))
    }

    pub(crate) fn documents(&self, query: &DocumentQuery) -> Vec<Document> {
        self.documents.values().filter(|document| query.is_met_by(document)).cloned().collect()
    }

    pub(crate) fn head(&self, query: &HeadQuery) -> Option<Head> {
        let kept = self.prospects.get(&query.prospect)?;
        let mut head = kept.head(&query.prospect);
        head.known = query.keys.iter().map(|key| kept.records.get(key).map(|record| record.hash)).collect();
        Some(head)
    }

    pub(crate) fn history(&self, prospect: &ProspectId) -> Vec<Record> {
        let kept = self.prospects.get(prospect);
        let mut records: Vec<Record> =
            kept.into_iter().flat_map(|kept| kept.records.values()).cloned().collect();
        // The map is ordered by key, and the sort is stable.
        records.sort_by_key(|record| (record.at, record.seq));
        records
    }

    pub(crate) fn due(&self, query: &DueQuery) -> Result<DuePage, StoreError> {
        Ok(DuePage::new(self.orders.due(query)?, self.newest_event_at))
    }

    pub(crate) fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Vec<Head> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let prospects = self.prospects.range::<ProspectId, _>((after, Bound::Unbounded));
        prospects.take(limit).map(|(id, kept)| kept.head(id)).collect()
    }

    pub(crate) fn changes(&self, after: u64, limit: usize) -> Vec<Changed> {
        let newer = self.feed.range((Bound::Excluded(after), Bound::Unbounded)).take(limit);
        newer
            .map(|(cursor, id)| Changed::new(*cursor, (**id).clone(), self.prospects[&**id].revision()))
            .collect()
    }
}
