//! A custom store: a book is a map behind a lock, and every query scans all of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use followup::{BookId, ProspectId, store::*};

type Answer<T> = Result<T, StoreError>;

/// A handle to one book, and to all books.
#[derive(Clone, Default)]
pub(crate) struct OwnStore(Arc<Mutex<Book>>, Arc<Mutex<BTreeMap<BookId, Arc<Mutex<Book>>>>>);

#[derive(Default)]
pub(crate) struct Book {
    prospects: BTreeMap<ProspectId, Kept>,
    last_change: u64,
    newest_event_at: Option<Since>,
    suppressions: BTreeMap<AddressHash, Since>,
    documents: BTreeMap<(DocumentKind, String, u64), Document>,
}

/// The stored data of a prospect. `held` is the newest claim, until it ends.
struct Kept {
    head: Head,
    records: BTreeMap<String, Record>,
    due: Option<Due>,
    changed: u64,
    fence: u64,
    held: Option<Fence>,
    leased_until: Since,
}

impl OwnStore {
    pub(crate) fn book(&self, book: BookId) -> OwnStore {
        let mut books = self.1.lock().expect("nobody panics under the lock");
        OwnStore(Arc::clone(books.entry(book).or_default()), Arc::clone(&self.1))
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().expect("nobody panics under the lock")
    }
}

impl Book {
    fn check(&self, change: &Append) -> Answer<()> {
        let kept = self.prospects.get(&change.prospect);
        let revision = kept.map(|kept| kept.head.revision).unwrap_or_default();
        let has_key = |key: &str| kept.is_some_and(|kept| kept.records.contains_key(key));
        change.check(revision, kept.and_then(|kept| kept.held), has_key)
    }

    fn apply(&mut self, change: Append) {
        let (revision, since) = (change.revision(), change.records[0].recorded_at);
        let Append { prospect, records, snapshot, profile, due, claim, suppressions, .. } = change;
        let kept = self.prospects.entry(prospect.clone()).or_insert_with(|| {
            let (head, records) = (Head::new(prospect, revision, snapshot.clone(), since), BTreeMap::new());
            Kept { head, records, due: None, changed: 0, fence: 0, held: None, leased_until: since }
        });
        self.last_change += 1;
        self.newest_event_at = self.newest_event_at.max(records.iter().map(|record| record.at).max());
        kept.records.extend(records.into_iter().map(|record| (record.key.clone(), record)));
        (kept.head.revision, kept.head.snapshot, kept.due) = (revision, snapshot, due);
        (kept.head.profile, kept.changed) = (profile.or(kept.head.profile.take()), self.last_change);
        kept.held = kept.held.filter(|_| !matches!(claim, Some(UnderClaim::Ends(_))));
        suppressions.into_iter().for_each(|suppression| suppression.apply(&mut self.suppressions));
    }
}

#[async_trait]
impl Store for OwnStore {
    async fn append(&self, changes: Vec<Append>) -> Answer<()> {
        let mut book = self.lock();
        Append::check_form(&changes)?;
        changes.iter().try_for_each(|change| book.check(change))?;
        changes.into_iter().for_each(|change| book.apply(change));
        Ok(())
    }
    async fn head(&self, wanted: Vec<HeadQuery>) -> Answer<Vec<Option<Head>>> {
        let book = self.lock();
        let head = |query: &HeadQuery| {
            let Kept { head, records, .. } = book.prospects.get(&query.prospect)?;
            let mut head = head.clone();
            head.known = query.keys.iter().map(|key| records.get(key).map(|known| known.hash)).collect();
            Some(head)
        };
        Ok(wanted.iter().map(head).collect())
    }
    async fn history(&self, prospect: &ProspectId) -> Answer<Vec<Record>> {
        let book = self.lock();
        let kept = book.prospects.get(prospect);
        let mut records: Vec<_> = kept.into_iter().flat_map(|kept| kept.records.values().cloned()).collect();
        records.sort_by_key(|record| (record.at, record.seq)); // already ordered by key
        Ok(records)
    }
    async fn due(&self, query: DueQuery) -> Answer<DuePage> {
        let book = self.lock();
        let entries = query.select(book.prospects.values().filter_map(|kept| kept.due.as_ref()));
        Ok(DuePage::new(entries, book.newest_event_at))
    }
    async fn claim(&self, Claim { now, until, limit, .. }: Claim) -> Answer<Vec<Claimed>> {
        let mut book = self.lock();
        let end = |kept: &Kept| kept.held.map_or(Since::MIN_UTC, |_| kept.leased_until);
        let at = |kept: &Kept| kept.due.as_ref()?.claimable_at().map(|opens| opens.max(end(kept)));
        let is_open = |kept: &&mut Kept| at(kept).is_some_and(|at| at <= now);
        let mut open: Vec<_> = book.prospects.values_mut().filter(is_open).collect();
        open.sort_by_key(|kept| at(kept)); // already ordered by id
        let hand_out = |kept: &mut Kept| {
            (kept.fence, kept.leased_until) = (kept.fence + 1, until);
            kept.held = Some(Fence(kept.fence));
            kept.due.clone().zip(kept.held).map(|(due, fence)| Claimed::new(due, fence))
        };
        Ok(open.into_iter().take(limit).filter_map(hand_out).collect())
    }
    async fn renew(&self, Renewal { prospect, fence, until, .. }: Renewal) -> Answer<()> {
        let mut book = self.lock();
        let kept = book.prospects.get_mut(&prospect);
        fence.check(&prospect, kept.as_ref().and_then(|kept| kept.held))?;
        kept.into_iter().for_each(|kept| kept.leased_until = until);
        Ok(())
    }
    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Answer<Vec<Option<Since>>> {
        let book = self.lock();
        Ok(addresses.iter().map(|address| book.suppressions.get(address).copied()).collect())
    }
    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Answer<Vec<Head>> {
        let book = self.lock();
        let later = book.prospects.values().filter(|kept| Some(&kept.head.prospect) > after);
        Ok(later.take(limit).map(|kept| kept.head.clone()).collect())
    }
    async fn changes(&self, after: u64, limit: usize) -> Answer<Vec<Changed>> {
        let book = self.lock();
        let mut new: Vec<_> = book.prospects.values().filter(|kept| kept.changed > after).collect();
        new.sort_by_key(|kept| kept.changed);
        let changed =
            |kept: &Kept| Changed::new(kept.changed, kept.head.prospect.clone(), kept.head.revision);
        Ok(new.into_iter().take(limit).map(changed).collect())
    }
    async fn erase(&self, mut erase: Erase) -> Answer<()> {
        let (mut book, id) = (self.lock(), erase.append.prospect.clone());
        (erase.append.due, erase.append.profile) = (None, None);
        Append::check_form(std::slice::from_ref(&erase.append))?;
        book.check(&erase.append)?;
        erase.check(|key| book.prospects.get(&id).is_some_and(|kept| kept.records.contains_key(key)))?;
        book.apply(erase.append);
        let kept = book.prospects.get_mut(&id).expect("it has just been written");
        kept.head.profile = None;
        for (key, body) in erase.redacted {
            kept.records.get_mut(&key).expect("it has been checked").body = body;
        }
        Ok(())
    }
    async fn save(&self, document: Document) -> Answer<()> {
        let key = (document.kind, document.name.clone(), document.version);
        let is_same = self.lock().documents.entry(key).or_insert(document.clone()).body == document.body;
        let why = || StoreError::new(StoreErrorKind::Conflict, document.name + " already has other content");
        is_same.then_some(()).ok_or_else(why)
    }
    async fn documents(&self, query: DocumentQuery) -> Answer<Vec<Document>> {
        Ok(self.lock().documents.values().filter(|saved| query.is_met_by(saved)).cloned().collect())
    }
}
