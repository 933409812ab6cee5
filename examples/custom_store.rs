//! What does a store of one's own take? `cargo run --example custom_store`

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use StoreErrorKind::{Conflict, Fenced, Other};
use followup_core::*;

/// A book in memory, and the others beside it.
#[derive(Clone, Default)]
pub(crate) struct OwnStore(Arc<Mutex<Book>>, Arc<Mutex<BTreeMap<BookId, Arc<Mutex<Book>>>>>);

/// All changes as they came, in which the rest is looked up; newest claims with the ends of their leases; documents.
#[derive(Default)]
struct Book {
    log: Vec<Append>,
    claims: BTreeMap<ProspectId, (u64, Option<Since>)>,
    documents: BTreeMap<(DocumentKind, String, u64), Document>,
}

type Outcome<T = ()> = Result<T, StoreError>;

fn ensure(is_so: bool, kind: StoreErrorKind, what: &dyn std::fmt::Display) -> Outcome {
    is_so.then_some(()).ok_or_else(|| StoreError::new(kind, format!("{kind:?}: {what} is not written")))
}

impl OwnStore {
    pub(crate) fn book(&self, book: BookId) -> OwnStore {
        let mut books = self.1.lock().expect("nobody panics while it is locked");
        OwnStore(Arc::clone(books.entry(book).or_default()), Arc::clone(&self.1))
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().expect("nobody panics while it is locked")
    }
}

impl Book {
    /// The newest change of everybody, with its place in the log, from 1.
    fn newest(&self) -> BTreeMap<&ProspectId, (u64, &Append)> {
        (1..).zip(&self.log).map(|(place, change)| (&change.prospect, (place, change))).collect()
    }

    fn of(&self, id: &ProspectId) -> impl DoubleEndedIterator<Item = &Append> {
        self.log.iter().filter(move |change| change.prospect == *id)
    }

    fn check_claim(&self, id: &ProspectId, fence: Fence) -> Outcome {
        let is_held = matches!(self.claims.get(id), Some((newest, Some(_))) if *newest == fence.0);
        ensure(is_held, Fenced, &format_args!("prospect {id}"))
    }

    /// Makes changes, after which some bodies are to be replaced. All are looked at before the first is made.
    fn write(&mut self, changes: Vec<Append>, redacted: &[(String, String)]) -> Outcome {
        let mut seen = BTreeSet::new();
        for Append { prospect: id, records, due, .. } in &changes {
            let is_own = due.as_ref().is_none_or(|due| due.prospect == *id);
            let is_whole = is_own && !records.is_empty() && seen.insert(id);
            ensure(is_whole, Other, &format_args!("prospect {id}"))?;
        }
        for Append { prospect: id, expected, records, claim, .. } in &changes {
            let who = format!("prospect {id}");
            claim.map_or(Ok(()), |claim| self.check_claim(id, claim.fence()))?;
            let old = self.of(id).flat_map(|change| &change.records);
            let mut keys: BTreeSet<_> = old.map(|record| &record.key).collect();
            let is_next = expected.0 == keys.len() as u64;
            ensure(is_next && records.iter().all(|record| keys.insert(&record.key)), Conflict, &who)?;
            ensure(redacted.iter().all(|(key, _)| keys.contains(key)), Other, &who)?;
        }
        for change in changes {
            if let Some(UnderClaim::Ends(fence)) = change.claim {
                self.claims.insert(change.prospect.clone(), (fence.0, None));
            }
            self.log.push(change);
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl Store for OwnStore {
    async fn append(&self, changes: Vec<Append>) -> Outcome {
        self.lock().write(changes, &[])
    }

    async fn head(&self, wanted: Vec<HeadQuery>) -> Outcome<Vec<Option<Head>>> {
        let book = self.lock();
        let head = |HeadQuery { prospect: id, keys, .. }: &HeadQuery| {
            let (first, last) = (book.of(id).next()?, book.of(id).next_back()?);
            let since = first.records[0].recorded_at;
            let mut head = Head::new(id.clone(), last.revision(), last.snapshot.clone(), since);
            head.profile = book.of(id).rev().find_map(|change| change.profile.clone());
            let records = || book.of(id).flat_map(|change| &change.records);
            let hash = |key: &String| records().find(|record| record.key == *key).map(|record| record.hash);
            head.known = keys.iter().map(hash).collect();
            Some(head)
        };
        Ok(wanted.iter().map(head).collect())
    }

    async fn history(&self, id: &ProspectId) -> Outcome<Vec<Record>> {
        let mut records: Vec<_> = self.lock().of(id).flat_map(|change| change.records.clone()).collect();
        records.sort_by_cached_key(|record| (record.at, record.seq, record.key.clone()));
        Ok(records)
    }

    async fn due(&self, query: DueQuery) -> Outcome<DuePage> {
        let DueQuery { order, owner, before, opens_before, after, limit, .. } = query;
        let is_wanted = |due: &&Due| {
            let place = due.place(order).map(|at| (at, due.prospect.clone()));
            place.as_ref().is_some_and(|(at, _)| before.is_none_or(|end| *at < end))
                && (after.is_none() || after < place)
                && (owner.is_none() || owner == due.owner)
                && opens_before.is_none_or(|end| due.earliest.is_some_and(|earliest| earliest < end))
        };
        let book = self.lock();
        let due = book.newest().into_values().filter_map(|(_, change)| change.due.as_ref());
        let mut entries: Vec<_> = due.filter(is_wanted).cloned().collect();
        entries.sort_by_key(|due| due.place(order));
        entries.truncate(limit);
        let records = book.log.iter().flat_map(|change| &change.records);
        Ok(DuePage::new(entries, records.map(|record| record.at).max()))
    }

    async fn claim(&self, claim: Claim) -> Outcome<Vec<Claimed>> {
        let book = &mut *self.lock();
        let due = book.newest().into_values().filter_map(|(_, change)| change.due.clone());
        let mut open: Vec<_> = due.filter(|due| due.claimable_at().is_some()).collect();
        let at =
            |due: &Due| due.claimable_at().max(book.claims.get(&due.prospect).and_then(|(_, until)| *until));
        open.retain(|due| at(due) <= Some(claim.now));
        open.sort_by_key(at);
        open.truncate(claim.limit);
        let hand_out = |due: Due| {
            let newest = book.claims.entry(due.prospect.clone()).or_default();
            *newest = (newest.0 + 1, Some(claim.until));
            Claimed::new(due, Fence(newest.0))
        };
        Ok(open.into_iter().map(hand_out).collect())
    }

    async fn renew(&self, Renewal { prospect: id, fence, until, .. }: Renewal) -> Outcome {
        let mut book = self.lock();
        book.check_claim(&id, fence)?;
        book.claims.insert(id, (fence.0, Some(until)));
        Ok(())
    }

    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Outcome<Vec<Option<Since>>> {
        let book = self.lock();
        let since = |address| {
            let all = book.log.iter().flat_map(|change| &change.suppressions);
            let own = all.filter(|suppression| suppression.address == address);
            own.fold(None, |old: Option<Since>, new| new.since.map(|new| old.unwrap_or(new).min(new)))
        };
        Ok(addresses.into_iter().map(since).collect())
    }

    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Outcome<Vec<Head>> {
        let ids: Vec<_> = self.lock().newest().into_keys().filter(|id| Some(*id) > after).cloned().collect();
        let wanted = ids.into_iter().take(limit).map(|id| HeadQuery::new(id, Vec::new())).collect();
        Ok(self.head(wanted).await?.into_iter().flatten().collect())
    }

    async fn changes(&self, after: u64, limit: usize) -> Outcome<Vec<Changed>> {
        let book = self.lock();
        let newest = book.newest();
        let all = (1..).zip(&book.log).skip_while(|(place, _)| *place <= after);
        let changed = |(place, change): (u64, &Append)| {
            let is_newest = newest[&change.prospect].0 == place;
            is_newest.then(|| Changed::new(place, change.prospect.clone(), change.revision()))
        };
        Ok(all.filter_map(changed).take(limit).collect())
    }

    async fn erase(&self, Erase { mut append, redacted, .. }: Erase) -> Outcome {
        let (mut book, id) = (self.lock(), append.prospect.clone());
        append.due = None;
        book.write(vec![append], &redacted)?;
        for change in book.log.iter_mut().filter(|change| change.prospect == id) {
            change.profile = None;
            for record in &mut change.records {
                let new = redacted.iter().find(|(key, _)| *key == record.key);
                new.into_iter().for_each(|(_, body)| record.body.clone_from(body));
            }
        }
        Ok(())
    }

    async fn save(&self, document: Document) -> Outcome {
        let id = (document.kind, document.name.clone(), document.version);
        let is_same = self.lock().documents.entry(id).or_insert(document.clone()).body == document.body;
        ensure(is_same, Conflict, &document.name)
    }

    async fn documents(&self, DocumentQuery { kind, name, .. }: DocumentQuery) -> Outcome<Vec<Document>> {
        let mut documents: Vec<_> = self.lock().documents.values().cloned().collect();
        documents.retain(|document| document.kind == kind && name.iter().all(|name| *name == document.name));
        Ok(documents)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = "2026-03-06T14:00:00Z".parse()?;
    let store = OwnStore::default().book(BookId::default());
    let desk = Desk::new(store, Playbook::default());
    pollster::block_on(async {
        desk.add(Prospect::new("p-17")?.name("Ada"), now).await?;
        desk.record("p-17", Event::asked_information(now).via(Channel::EMAIL)).await?;
        for item in desk.agenda(now).await? {
            println!("{item}");
        }
        Ok(())
    })
}
