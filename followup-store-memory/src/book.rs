//! One book: its prospects, and the orders in which they are found.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use followup_core::{
    Append, Changed, Due, DueOrder, DuePage, DueQuery, Erase, Head, HeadQuery, ProspectId, Record, Revision,
    Snapshot, StoreError, StoreErrorKind,
};

/// The orders that are kept, each in the set at the same position.
const ORDERS: [DueOrder; 5] =
    [DueOrder::Rank, DueOrder::WakeAt, DueOrder::Latest, DueOrder::Automatic, DueOrder::Appointment];

/// Where an entry stands in an order. The identity is shared: a prospect stands in up to seven orders.
type Place = (DateTime<Utc>, Arc<ProspectId>);

/// The prospects of one book.
#[derive(Debug, Default)]
pub(crate) struct Book {
    prospects: BTreeMap<Arc<ProspectId>, Kept>,
    orders: [BTreeSet<Place>; ORDERS.len()],
    /// By rank, for each owner: else finding what one owner has would mean passing over what all others have.
    owned: BTreeMap<String, BTreeSet<Place>>,
    /// Whatever opens at some time, by when.
    opening: BTreeSet<Place>,
    /// Each prospect at its newest change.
    feed: BTreeMap<u64, Arc<ProspectId>>,
    last_change: u64,
    newest_event_at: Option<DateTime<Utc>>,
}

/// What is kept of a prospect.
#[derive(Debug)]
struct Kept {
    records: BTreeMap<String, Record>,
    snapshot: Snapshot,
    profile: Option<String>,
    due: Option<Due>,
    since: DateTime<Utc>,
    changed: u64,
}

impl Kept {
    fn revision(&self) -> Revision {
        Revision(self.records.len() as u64)
    }

    fn head(&self, prospect: &ProspectId) -> Head {
        let mut head = Head::new(prospect.clone(), self.revision(), self.snapshot.clone(), self.since);
        head.profile.clone_from(&self.profile);
        head
    }
}

impl Book {
    /// Whether all of the changes can be made as things stand.
    pub(crate) fn check(&self, changes: &[Append]) -> Result<(), StoreError> {
        let mut seen = HashSet::new();
        for change in changes {
            let prospect = &change.prospect;
            let wrong = |why: &str| {
                let detail = format!("cannot append to prospect {prospect}: {why}");
                Err(StoreError::new(StoreErrorKind::Other, detail))
            };
            if change.records.is_empty() {
                return wrong("there is no record to append; a change takes at least one");
            }
            if change.due.as_ref().is_some_and(|due| due.prospect != *prospect) {
                return wrong("its due entry is another prospect's");
            }
            if !seen.insert(prospect) {
                return wrong("it stands in the list twice; put its records into one change");
            }
            self.check_journal(change)?;
        }
        Ok(())
    }

    fn check_journal(&self, change: &Append) -> Result<(), StoreError> {
        let conflict = |why: String| {
            let detail = format!("cannot append to prospect {}: {why}", change.prospect);
            Err(StoreError::new(StoreErrorKind::Conflict, detail))
        };
        let kept = self.prospects.get(&change.prospect);
        let revision = kept.map(Kept::revision).unwrap_or_default();
        if revision != change.expected {
            return conflict(format!("its journal is at revision {revision}, not {}", change.expected));
        }
        let mut keys = HashSet::new();
        for record in &change.records {
            let recorded = kept.is_some_and(|kept| kept.records.contains_key(&record.key));
            if recorded || !keys.insert(&record.key) {
                return conflict(format!("its journal has the key {} already", record.key));
            }
        }
        Ok(())
    }

    /// Whether the journal has, or is about to get, all the records whose bodies are to be replaced.
    pub(crate) fn check_redacted(&self, erase: &Erase) -> Result<(), StoreError> {
        let Erase { append, redacted, .. } = erase;
        let kept = self.prospects.get(&append.prospect);
        for (key, _) in redacted {
            let recorded = kept.is_some_and(|kept| kept.records.contains_key(key));
            if !recorded && !append.records.iter().any(|record| record.key == *key) {
                let detail =
                    format!("cannot erase prospect {}: its journal has no key {key}", append.prospect);
                return Err(StoreError::new(StoreErrorKind::Other, detail));
            }
        }
        Ok(())
    }

    /// Makes a change that has been checked.
    pub(crate) fn apply(&mut self, change: Append) {
        let Append { prospect, records, snapshot, profile, due, .. } = change;
        let (id, mut kept) = match self.prospects.remove_entry(&prospect) {
            Some((id, kept)) => {
                self.feed.remove(&kept.changed);
                kept.due.iter().for_each(|due| self.unfile(&id, due));
                (id, kept)
            }
            None => {
                let since = records.first().expect("a change has records").recorded_at;
                let records = BTreeMap::new();
                let kept =
                    Kept { records, snapshot: snapshot.clone(), profile: None, due: None, since, changed: 0 };
                (Arc::new(prospect), kept)
            }
        };
        for record in records {
            self.newest_event_at = self.newest_event_at.max(Some(record.at));
            kept.records.insert(record.key.clone(), record);
        }
        due.iter().for_each(|due| self.file(&id, due));
        self.last_change += 1;
        self.feed.insert(self.last_change, Arc::clone(&id));
        kept.changed = self.last_change;
        kept.snapshot = snapshot;
        kept.due = due;
        kept.profile = profile.or(kept.profile);
        self.prospects.insert(id, kept);
    }

    /// Removes a person after a check.
    pub(crate) fn erase(&mut self, erase: Erase) {
        let Erase { mut append, redacted, .. } = erase;
        let prospect = append.prospect.clone();
        append.due = None;
        self.apply(append);
        let kept = self.prospects.get_mut(&prospect).expect("it has just been written");
        kept.profile = None;
        for (key, body) in redacted {
            kept.records.get_mut(&key).expect("the keys have been checked").body = body;
        }
    }

    fn file(&mut self, id: &Arc<ProspectId>, due: &Due) {
        for (order, places) in ORDERS.into_iter().zip(&mut self.orders) {
            places.extend(due.place(order).map(|at| (at, Arc::clone(id))));
        }
        self.opening.extend(due.earliest.map(|at| (at, Arc::clone(id))));
        if let (Some(owner), Some(at)) = (&due.owner, due.rank_at) {
            self.owned.entry(owner.clone()).or_default().insert((at, Arc::clone(id)));
        }
    }

    fn unfile(&mut self, id: &Arc<ProspectId>, due: &Due) {
        for (order, places) in ORDERS.into_iter().zip(&mut self.orders) {
            due.place(order).map(|at| places.remove(&(at, Arc::clone(id))));
        }
        due.earliest.map(|at| self.opening.remove(&(at, Arc::clone(id))));
        if let (Some(owner), Some(at)) = (&due.owner, due.rank_at) {
            let owned =
                self.owned.get_mut(owner).expect("an entry with an owner and a rank is filed by them");
            owned.remove(&(at, Arc::clone(id)));
            if owned.is_empty() {
                self.owned.remove(owner);
            }
        }
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
        // The map has them by key, and the sort is stable.
        records.sort_by_key(|record| (record.at, record.seq));
        records
    }

    pub(crate) fn due(&self, query: &DueQuery) -> Result<DuePage, StoreError> {
        let Some(order) = ORDERS.into_iter().position(|order| order == query.order) else {
            let detail = format!("cannot read what is due: the order {:?} is not known here", query.order);
            return Err(StoreError::new(StoreErrorKind::Unsupported, detail));
        };
        let nothing = BTreeSet::new();
        let places = match &query.owner {
            Some(owner) if query.order == DueOrder::Rank => self.owned.get(owner).unwrap_or(&nothing),
            _ => &self.orders[order],
        };
        let after = match &query.after {
            Some((at, id)) => Bound::Excluded((*at, Arc::new(id.clone()))),
            None => Bound::Unbounded,
        };
        let walk = places
            .range((after, Bound::Unbounded))
            .take_while(|(at, _)| query.before.is_none_or(|end| *at < end));
        let entries = match query.opens_before {
            Some(opens_before) => self.open(query, opens_before, walk),
            None => walk.filter_map(|(_, id)| self.wanted(query, id)).take(query.limit).cloned().collect(),
        };
        Ok(DuePage::new(entries, self.newest_event_at))
    }

    /// The first entries of a walk that open in time.
    ///
    /// It walks the order and, in step with it, what opens in time: the shorter of the two ways ends it. So the cost
    /// is bounded both by what the order has to pass over and by how much is open.
    fn open<'a>(
        &'a self,
        query: &DueQuery,
        opens_before: DateTime<Utc>,
        mut walk: impl Iterator<Item = &'a Place>,
    ) -> Vec<Due> {
        let (mut page, mut candidates) = (Vec::new(), Vec::new());
        let mut opening = self.opening.iter().take_while(|(earliest, _)| *earliest < opens_before);
        while page.len() < query.limit {
            let Some((_, candidate)) = opening.next() else {
                return self.ranked(query, &candidates);
            };
            candidates.push(candidate);
            let Some((_, next)) = walk.next() else { break };
            page.extend(self.wanted(query, next).cloned());
        }
        page
    }

    /// The first of some candidates in the order asked for.
    fn ranked(&self, query: &DueQuery, candidates: &[&Arc<ProspectId>]) -> Vec<Due> {
        let mut found: Vec<(DateTime<Utc>, &Due)> = candidates
            .iter()
            .filter_map(|id| self.wanted(query, id))
            .filter_map(|due| Some((due.place(query.order)?, due)))
            .filter(|(at, _)| query.before.is_none_or(|end| at < &end))
            .filter(|(at, due)| {
                query.after.as_ref().is_none_or(|(start, id)| (at, &due.prospect) > (start, id))
            })
            .collect();
        found.sort_by_key(|(at, due)| (*at, &due.prospect));
        found.into_iter().take(query.limit).map(|(_, due)| due.clone()).collect()
    }

    /// An entry, if the query asks for its like.
    fn wanted(&self, query: &DueQuery, id: &ProspectId) -> Option<&Due> {
        let due = self.prospects.get(id)?.due.as_ref()?;
        let owned = query.owner.is_none() || query.owner == due.owner;
        let opens = query.opens_before.is_none_or(|end| due.earliest.is_some_and(|earliest| earliest < end));
        Some(due).filter(|_| owned && opens)
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
