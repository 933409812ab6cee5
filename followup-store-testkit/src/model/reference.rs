//! The plainest implementation of a book: lists, of which each answer reads every element.

use chrono::{DateTime, Utc};
use followup_core::ProspectId;
use followup_core::store::{
    AddressHash, Append, Document, DocumentQuery, Due, DueQuery, Erase, Fence, Head, HeadQuery, Record,
    Renewal, Revision, Snapshot, StoreErrorKind, UnderClaim,
};

/// A book as the contract describes it.
#[derive(Clone, Debug, Default)]
pub(super) struct Reference {
    people: Vec<Person>,
    /// Number of changes. Each takes the next place in the feed.
    changes: u64,
    suppressions: Vec<(AddressHash, DateTime<Utc>)>,
    documents: Vec<Document>,
}

/// The state of a prospect.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) id: ProspectId,
    /// In the order of writing.
    pub(super) records: Vec<Record>,
    snapshot: Snapshot,
    profile: Option<String>,
    due: Option<Due>,
    changed: u64,
    /// All fences that the store has given to claims, oldest first.
    pub(super) fences: Vec<Fence>,
    /// The end of the newest claim's lease, unless the claim has ended.
    leased_until: Option<DateTime<Utc>>,
}

impl Person {
    pub(super) fn revision(&self) -> Revision {
        Revision(self.records.len() as u64)
    }

    fn has_key(&self, key: &str) -> bool {
        self.records.iter().any(|record| record.key == key)
    }

    fn holds(&self, fence: Fence) -> bool {
        self.leased_until.is_some() && self.fences.last() == Some(&fence)
    }

    fn head(&self) -> Head {
        let since = self.records[0].recorded_at;
        let mut head = Head::new(self.id.clone(), self.revision(), self.snapshot.clone(), since);
        head.profile.clone_from(&self.profile);
        head
    }

    /// Returns when the entry may be claimed: once it is open and no lease runs.
    fn claimable_at(&self) -> Option<DateTime<Utc>> {
        let opens = self.due.as_ref().and_then(|due| due.claimable_at())?;
        Some(self.leased_until.map_or(opens, |until| opens.max(until)))
    }
}

/// The reasons why a call is refused: kinds of errors, and the names in their messages. If several things are wrong, a
/// store may report any of them.
pub(super) type Refusals = Vec<(StoreErrorKind, String)>;

impl Reference {
    pub(super) fn person(&self, id: &ProspectId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == *id)
    }

    fn person_mut(&mut self, id: &ProspectId) -> Option<&mut Person> {
        self.people.iter_mut().find(|person| person.id == *id)
    }

    pub(super) fn append(&mut self, changes: &[Append]) -> Result<(), Refusals> {
        let mut refusals = Vec::new();
        for (n, change) in changes.iter().enumerate() {
            let twice = changes[..n].iter().any(|other| other.prospect == change.prospect);
            let foreign = change.due.as_ref().is_some_and(|due| due.prospect != change.prospect);
            if change.records.is_empty() || twice || foreign {
                refusals.push((StoreErrorKind::Other, change.prospect.to_string()));
            }
        }
        if refusals.is_empty() {
            refusals.extend(
                changes.iter().filter_map(|change| {
                    self.refusal(change).map(|kind| (kind, change.prospect.to_string()))
                }),
            );
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        changes.iter().for_each(|change| self.write(change));
        Ok(())
    }

    fn refusal(&self, change: &Append) -> Option<StoreErrorKind> {
        let person = self.person(&change.prospect);
        let fence = change.claim.map(UnderClaim::fence);
        if fence.is_some_and(|fence| !person.is_some_and(|person| person.holds(fence))) {
            return Some(StoreErrorKind::Fenced);
        }
        let revision = person.map(Person::revision).unwrap_or_default();
        let is_there = |key: &str| person.is_some_and(|person| person.has_key(key));
        let twice = |n: usize, key: &str| change.records[..n].iter().any(|record| record.key == key);
        let has_key = change
            .records
            .iter()
            .enumerate()
            .any(|(n, record)| is_there(&record.key) || twice(n, &record.key));
        (revision != change.expected || has_key).then_some(StoreErrorKind::Conflict)
    }

    fn write(&mut self, change: &Append) {
        self.changes += 1;
        let changed = self.changes;
        if self.person(&change.prospect).is_none() {
            self.people.push(Person {
                id: change.prospect.clone(),
                records: Vec::new(),
                snapshot: change.snapshot.clone(),
                profile: None,
                due: None,
                changed,
                fences: Vec::new(),
                leased_until: None,
            });
        }
        let person = self.person_mut(&change.prospect).expect("the prospect has just been added");
        person.changed = changed;
        person.records.extend_from_slice(&change.records);
        person.snapshot = change.snapshot.clone();
        person.due.clone_from(&change.due);
        if change.profile.is_some() {
            person.profile.clone_from(&change.profile);
        }
        if let Some(UnderClaim::Ends(_)) = change.claim {
            person.leased_until = None;
        }
        for suppression in &change.suppressions {
            let before = self.suppressed(suppression.address);
            self.suppressions.retain(|(address, _)| *address != suppression.address);
            if let Some(since) = suppression.since {
                let first = before.map_or(since, |before| before.min(since));
                self.suppressions.push((suppression.address, first));
            }
        }
    }

    pub(super) fn erase(&mut self, erase: &Erase) -> Result<(), Refusals> {
        let mut append = erase.append.clone();
        append.due = None;
        append.profile = None;
        let prospect = &append.prospect;
        let mut after = self.clone();
        after.append(std::slice::from_ref(&append))?;
        let person = after.person_mut(prospect).expect("the prospect has just been written");
        person.profile = None;
        for (key, body) in &erase.redacted {
            match person.records.iter_mut().find(|record| record.key == *key) {
                Some(record) => record.body.clone_from(body),
                None => return Err(vec![(StoreErrorKind::Other, prospect.to_string())]),
            }
        }
        *self = after;
        Ok(())
    }

    /// Returns the claimed entries, in order, without their fences, which the store chooses.
    pub(super) fn claim(&mut self, now: DateTime<Utc>, until: DateTime<Utc>, limit: usize) -> Vec<Due> {
        let mut open: Vec<(DateTime<Utc>, ProspectId)> = self
            .people
            .iter()
            .filter_map(|person| Some((person.claimable_at()?, person.id.clone())))
            .filter(|(at, _)| *at <= now)
            .collect();
        open.sort();
        open.truncate(limit);
        open.into_iter()
            .map(|(_, id)| {
                let person = self.person_mut(&id).expect("the prospect was found above");
                person.leased_until = Some(until);
                person.due.clone().expect("a claimable prospect is due")
            })
            .collect()
    }

    /// Returns the earliest instant from which an entry can be claimed.
    pub(super) fn next_claimable_at(&self) -> Option<DateTime<Utc>> {
        self.people.iter().filter_map(Person::claimable_at).min()
    }

    /// Records the fence that the store gave. An error if fences do not grow.
    pub(super) fn give(&mut self, id: &ProspectId, fence: Fence) -> Result<(), String> {
        let person = self
            .person_mut(id)
            .ok_or_else(|| format!("prospect {id} was never written, but the store handed it out"))?;
        if person.fences.iter().any(|before| *before >= fence) {
            return Err(format!("fence {fence} of {id} is not larger than all before: {:?}", person.fences));
        }
        person.fences.push(fence);
        Ok(())
    }

    pub(super) fn renew(&mut self, renewal: &Renewal) -> Result<(), Refusals> {
        match self.person_mut(&renewal.prospect).filter(|person| person.holds(renewal.fence)) {
            Some(person) => {
                person.leased_until = Some(renewal.until);
                Ok(())
            }
            None => Err(vec![(StoreErrorKind::Fenced, renewal.prospect.to_string())]),
        }
    }

    pub(super) fn save(&mut self, document: &Document) -> Result<(), Refusals> {
        let place = |document: &Document| (document.kind, document.name.clone(), document.version);
        match self.documents.iter().find(|saved| place(saved) == place(document)) {
            Some(saved) if saved.body == document.body => Ok(()),
            Some(_) => Err(vec![(StoreErrorKind::Conflict, document.name.clone())]),
            None => {
                self.documents.push(document.clone());
                Ok(())
            }
        }
    }

    pub(super) fn heads(&self, wanted: &[HeadQuery]) -> Vec<Option<Head>> {
        let head = |query: &HeadQuery| {
            let person = self.person(&query.prospect)?;
            let mut head = person.head();
            let hash = |key: &String| {
                person.records.iter().find(|record| record.key == *key).map(|record| record.hash)
            };
            head.known = query.keys.iter().map(hash).collect();
            Some(head)
        };
        wanted.iter().map(head).collect()
    }

    pub(super) fn history(&self, id: &ProspectId) -> Vec<Record> {
        let mut records = self.person(id).map(|person| person.records.clone()).unwrap_or_default();
        records.sort_by(|a, b| (a.at, a.seq, &a.key).cmp(&(b.at, b.seq, &b.key)));
        records
    }

    pub(super) fn due(&self, query: &DueQuery) -> Vec<Due> {
        let mut found: Vec<(DateTime<Utc>, &Due)> = self
            .people
            .iter()
            .filter_map(|person| person.due.as_ref())
            .filter_map(|due| Some((due.place(query.order)?, due)))
            .filter(|(_, due)| query.owner.is_none() || due.owner == query.owner)
            .filter(|(place, _)| query.before.is_none_or(|before| *place < before))
            .filter(|(_, due)| {
                query.opens_before.is_none_or(|end| due.earliest.is_some_and(|opens| opens < end))
            })
            .filter(|(place, due)| {
                query.after.as_ref().is_none_or(|(at, id)| (place, &due.prospect) > (at, id))
            })
            .collect();
        found.sort_by_key(|(place, due)| (*place, due.prospect.clone()));
        found.into_iter().take(query.limit).map(|(_, due)| due.clone()).collect()
    }

    pub(super) fn newest_event_at(&self) -> Option<DateTime<Utc>> {
        self.people.iter().flat_map(|person| &person.records).map(|record| record.at).max()
    }

    pub(super) fn suppressed(&self, address: AddressHash) -> Option<DateTime<Utc>> {
        self.suppressions.iter().find(|(suppressed, _)| *suppressed == address).map(|(_, since)| *since)
    }

    pub(super) fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Vec<Head> {
        let mut people: Vec<&Person> =
            self.people.iter().filter(|person| after.is_none_or(|after| person.id > *after)).collect();
        people.sort_by_key(|person| person.id.clone());
        people.into_iter().take(limit).map(Person::head).collect()
    }

    /// Returns the whole feed, without the cursors, which the store chooses.
    pub(super) fn feed(&self) -> Vec<(ProspectId, Revision)> {
        let mut people: Vec<&Person> = self.people.iter().collect();
        people.sort_by_key(|person| person.changed);
        people.into_iter().map(|person| (person.id.clone(), person.revision())).collect()
    }

    pub(super) fn documents(&self, query: &DocumentQuery) -> Vec<Document> {
        let is_wanted = |document: &&Document| {
            document.kind == query.kind && query.name.as_ref().is_none_or(|name| *name == document.name)
        };
        let mut found: Vec<Document> = self.documents.iter().filter(is_wanted).cloned().collect();
        found.sort_by(|a, b| (&a.name, a.version).cmp(&(&b.name, b.version)));
        found
    }
}
