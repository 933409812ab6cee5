//! Import of history: many events of many prospects, without checking rules.

use std::collections::{BTreeMap, HashMap};
use std::iter;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::book::journal::{self, Journal};
use crate::book::owner::{self, OwnerAbsences};
use crate::book::suppress::OptedIn;
use crate::book::{Book, codec, merge, record};
use crate::error::DeskError;
use followup_core::event::Event;
use followup_core::prospect::ProspectId;
use followup_core::state::ProspectState;
use followup_core::store::{Append, HeadQuery};
use serde::Serialize;

/// An event to import. See [`Desk::import`](crate::Desk::import).
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct ImportItem {
    /// The prospect.
    pub prospect: ProspectId,
    /// The event.
    pub event: Event,
}

impl ImportItem {
    /// Creates an item from a prospect and an event.
    ///
    /// # Errors
    /// [`IdError`](followup_core::prospect::IdError) if the id is invalid.
    ///
    /// # Examples
    /// See [`Desk::import`](crate::Desk::import).
    pub fn new<I: TryInto<ProspectId>>(prospect: I, event: Event) -> Result<ImportItem, I::Error> {
        Ok(ImportItem { prospect: prospect.try_into()?, event })
    }
}

/// The result of an import.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Imported {
    /// Number of new events.
    pub new: u64,
    /// Number of events that already existed.
    pub repeated: u64,
    /// Number of new prospects.
    pub new_prospects: u64,
    /// The rejected events, ordered by their index in the batch.
    pub rejected: Vec<Rejected>,
}

/// An event that an import rejected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct Rejected {
    /// The index in the batch, from 0.
    pub index: usize,
    /// The reason.
    pub reason: String,
}

/// The number of retries after a conflict with another writer.
const RETRIES_MAX: usize = 16;

impl Book {
    pub(crate) async fn import(
        &self,
        batch: &[ImportItem],
        now: DateTime<Utc>,
    ) -> Result<Imported, DeskError> {
        let mut retries = 0;
        let mut passed_on = Vec::new();
        loop {
            match self.import_once(batch, &passed_on, now).await {
                Err(error) if error.is_conflict() && retries < RETRIES_MAX => retries += 1,
                Ok(Attempt::Incomplete(more)) => passed_on.extend(more),
                Ok(Attempt::Done(imported)) => return Ok(imported),
                Err(error) => return Err(error),
            }
        }
    }

    /// Imports a batch together with the events that merged records pass on. If they pass on more events, nothing is
    /// written and those events are returned, since they have to be written in the same step.
    async fn import_once(
        &self,
        batch: &[ImportItem],
        passed_on: &[ImportItem],
        now: DateTime<Utc>,
    ) -> Result<Attempt, DeskError> {
        let batch_len = batch.len();
        let mut imported = Imported::default();
        let groups = self.grouped(batch.iter().chain(passed_on), batch_len, &mut imported);
        let queries = groups.iter().map(|(id, events)| {
            let keys = events.iter().map(|given| given.key.clone()).collect();
            HeadQuery::new((*id).clone(), keys)
        });
        let heads = self.store.head(queries.collect()).await?;
        let absences = self.all_owner_absences(batch.iter().map(|item| &item.event)).await?;
        let mut journals = Vec::with_capacity(groups.len());
        for (id, head) in groups.keys().zip(&heads) {
            journals.push(match head {
                Some(head) => self.journal(head).await?,
                None => Journal::new((*id).clone(), self.policy().zone()),
            });
        }
        let items = batch.iter().map(|item| &item.event);
        let suppressed =
            Arc::new(self.suppressed(journals.iter().map(|journal| &journal.profile), items).await?);
        let mut changes = Vec::new();
        let mut more = Vec::new();
        let mut states = BTreeMap::new();
        for (((id, events), head), mut journal) in groups.into_iter().zip(heads).zip(journals) {
            let known = head.as_ref().map(|head| head.known.clone()).unwrap_or_default();
            let mut fresh = Vec::new();
            for (index, given) in events.into_iter().enumerate() {
                match known.get(index).copied().flatten() {
                    Some(_) if given.index >= batch_len => {}
                    Some(hash) if hash == given.hash => imported.repeated += 1,
                    Some(_) => imported.rejected.push(given.rejected(&given.conflict(id))),
                    None => fresh.push(given),
                }
            }
            if fresh.is_empty() {
                continue;
            }
            journal.suppressed = Arc::clone(&suppressed);
            let before = journal.state.clone();
            let (change, after) =
                self.import_one(journal, fresh, batch_len, &absences, now, &mut imported).await?;
            if let Some(change) = change {
                imported.new_prospects += u64::from(head.is_none());
                changes.push(change);
                more.extend(self.passed_on(id, &before, &after));
                states.insert(id, after);
            }
        }
        let more = self.missing_items(more, passed_on, &states).await?;
        if !more.is_empty() {
            return Ok(Attempt::Incomplete(more));
        }
        if !changes.is_empty() {
            self.store.append(changes).await?;
        }
        imported.rejected.sort_by_key(|rejected| rejected.index);
        Ok(Attempt::Done(imported))
    }

    /// Returns the events that merged records pass on, without those that the records they were merged into already
    /// have.
    async fn missing_items(
        &self,
        given: Vec<(ProspectId, Vec<Event>)>,
        passed_on: &[ImportItem],
        states: &BTreeMap<&ProspectId, ProspectState>,
    ) -> Result<Vec<ImportItem>, DeskError> {
        let mut items = Vec::new();
        for (into, events) in given {
            let keys = events.iter().map(|event| event.key().to_owned()).collect();
            let head = self.store.head(vec![HeadQuery::new(into.clone(), keys)]).await?.pop().flatten();
            let journal = match (&head, states.get(&into)) {
                (Some(head), None) => Some(self.journal(head).await?),
                _ => None,
            };
            let state = states.get(&into).or(journal.as_ref().map(|journal| &journal.state));
            for (index, event) in events.into_iter().enumerate() {
                let item = ImportItem { prospect: into.clone(), event };
                let is_known =
                    head.as_ref().is_some_and(|head| head.known.get(index).copied().flatten().is_some());
                let is_news = state.is_none_or(|state| merge::is_news(&item.event, state));
                if !is_known && is_news && !passed_on.contains(&item) && !items.contains(&item) {
                    items.push(item);
                }
            }
        }
        Ok(items)
    }

    /// Returns the events of each prospect, each key once.
    fn grouped<'b>(
        &self,
        batch: impl Iterator<Item = &'b ImportItem>,
        batch_len: usize,
        imported: &mut Imported,
    ) -> BTreeMap<&'b ProspectId, Vec<Given<'b>>> {
        let mut groups: BTreeMap<&ProspectId, Vec<Given<'_>>> = BTreeMap::new();
        let mut seen: HashMap<(&ProspectId, String), [u8; 16]> = HashMap::new();
        for (index, item) in batch.enumerate() {
            let hash = self.hasher.of(&item.prospect, &item.event);
            let key = self.hasher.key(&item.event, &hash);
            let given = Given { index, event: &item.event, key, hash };
            match seen.insert((&item.prospect, given.key.clone()), hash) {
                None => groups.entry(&item.prospect).or_default().push(given),
                Some(_) if index >= batch_len => {}
                Some(before) if before == hash => imported.repeated += 1,
                Some(before) => {
                    imported.rejected.push(given.rejected(&given.conflict(&item.prospect)));
                    seen.insert((&item.prospect, given.key), before);
                }
            }
        }
        groups
    }

    async fn import_one<'b>(
        &self,
        journal: Journal,
        fresh: Vec<Given<'b>>,
        batch_len: usize,
        absences: &OwnerAbsences,
        now: DateTime<Utc>,
        imported: &mut Imported,
    ) -> Result<(Option<Append>, ProspectState), DeskError> {
        let with_event = |given: Given<'b>| {
            let event = given.event();
            (given, event)
        };
        let mut fresh: Vec<_> = fresh.into_iter().map(with_event).collect();
        fresh.sort_by(|(_, a), (_, b)| a.order(b));
        let in_time = fresh.first().is_none_or(|(_, event)| journal.state.is_next(event));
        let journal = if in_time { journal } else { self.with_events(journal).await? };
        let mut state =
            if in_time { journal.state.clone() } else { ProspectState::new(journal.state.home()) };
        let mut recorded = journal.events.iter().flatten().filter(|_| !in_time).peekable();
        let mut profile = journal.profile.clone();
        let mut records = Vec::new();
        let mut opted_in = Vec::new();
        for (given, event) in fresh {
            while let Some(before) = recorded.next_if(|before| before.order(&event).is_lt()) {
                state.apply(before);
            }
            if journal::never_opens(&state, self.policy_of(&state), &event) {
                imported.rejected.push(given.rejected(&DeskError::NeverOpens(journal.prospect.clone())));
                continue;
            }
            imported.new += u64::from(given.index < batch_len);
            opted_in.extend(OptedIn::of(&event));
            let following = owner::following(&event, absences);
            let hashes =
                following.iter().map(|away| self.hasher.of(&journal.prospect, away)).collect::<Vec<_>>();
            for (event, hash) in iter::once(event).chain(following).zip(iter::once(given.hash).chain(hashes))
            {
                let (event, record) = codec::record(event, hash, now, &mut profile);
                state.apply(&event);
                records.push(record);
            }
        }
        recorded.for_each(|after| state.apply(after));
        let change = self.change_of_records(&journal, records, &profile, &state, &opted_in);
        Ok(((!change.records.is_empty()).then_some(change), state))
    }
}

/// The result of an attempt to import.
enum Attempt {
    Done(Imported),
    /// Merged records pass on these further events.
    Incomplete(Vec<ImportItem>),
}

/// An event of a batch as the caller gave it, with its index and hash.
struct Given<'b> {
    index: usize,
    event: &'b Event,
    /// The caller's key, or a generated one.
    key: String,
    hash: [u8; 16],
}

impl Given<'_> {
    /// Returns a copy of the event with its key. Copies are made late, so that only one batch is in memory.
    fn event(&self) -> Event {
        self.event.clone().with_key(self.key.clone())
    }

    fn conflict(&self, id: &ProspectId) -> DeskError {
        record::key_conflict(id, self.key.clone())
    }

    fn rejected(&self, error: &DeskError) -> Rejected {
        Rejected { index: self.index, reason: error.to_string() }
    }
}
