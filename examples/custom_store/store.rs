//! A custom store: a book is a map behind a lock. Queries and claims read every prospect, so it is for small books; a
//! store with indexes is in the example `kv_store`.

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
    prospects: BTreeMap<ProspectId, (Kept, Journal)>,
    last_change: u64,
    newest_event_at: Option<Since>,
    suppressions: BTreeMap<AddressHash, Since>,
    documents: BTreeMap<(DocumentKind, String, u64), Document>,
}

/// The records of a prospect, by key.
type Journal = BTreeMap<String, Record>;

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
    fn has_key(&self, prospect: &ProspectId, key: &str) -> bool {
        self.prospects.get(prospect).is_some_and(|(_, records)| records.contains_key(key))
    }

    fn check(&self, change: &Append) -> Answer<()> {
        let before = self.prospects.get(&change.prospect).map(|(kept, _)| kept);
        Kept::check(before, change, |key| self.has_key(&change.prospect, key))
    }

    fn apply(&mut self, change: Append) {
        self.last_change += 1;
        self.newest_event_at = self.newest_event_at.max(change.records.iter().map(|record| record.at).max());
        let (before, records) = self.prospects.remove(&change.prospect).unzip();
        let (after, mut records) =
            (Kept::changed(before, &change, self.last_change), records.unwrap_or_default());
        records.extend(change.records.into_iter().map(|record| (record.key.clone(), record)));
        self.prospects.insert(change.prospect, (after, records));
        change.suppressions.into_iter().for_each(|suppression| suppression.apply(&mut self.suppressions));
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
            let (Kept { head, .. }, records) = book.prospects.get(&query.prospect)?;
            let mut head = head.clone();
            head.known = query.keys.iter().map(|key| records.get(key).map(|known| known.hash)).collect();
            Some(head)
        };
        Ok(wanted.iter().map(head).collect())
    }
    async fn history(&self, prospect: &ProspectId) -> Answer<Vec<Record>> {
        let book = self.lock();
        let journal = book.prospects.get(prospect).map(|(_, records)| records.values().cloned());
        let mut records: Vec<_> = journal.into_iter().flatten().collect();
        records.sort_by_key(|record| (record.at, record.seq)); // already ordered by key
        Ok(records)
    }
    async fn due(&self, query: DueQuery) -> Answer<DuePage> {
        let book = self.lock();
        let entries = query.select(book.prospects.values().filter_map(|(kept, _)| kept.due.as_ref()));
        Ok(DuePage::new(entries, book.newest_event_at))
    }
    async fn claim(&self, Claim { now, until, limit, .. }: Claim) -> Answer<ClaimPage> {
        let mut book = self.lock();
        let kept = book.prospects.values_mut().map(|(kept, _)| kept);
        let mut open: Vec<_> = kept.filter(|kept| kept.claimable_at().is_some_and(|at| at <= now)).collect();
        open.sort_by_key(|kept| kept.claimable_at()); // already ordered by id
        let claimed = open.into_iter().take(limit).map(|kept| kept.claim(until)).collect();
        let next_at = book.prospects.values().filter_map(|(kept, _)| kept.claimable_at()).min();
        Ok(ClaimPage::new(claimed, next_at))
    }
    async fn renew(&self, renewal: Renewal) -> Answer<()> {
        let mut book = self.lock();
        Kept::renew(book.prospects.get_mut(&renewal.prospect).map(|(kept, _)| kept), &renewal)
    }
    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Answer<Vec<Option<Since>>> {
        let book = self.lock();
        Ok(addresses.iter().map(|address| book.suppressions.get(address).copied()).collect())
    }
    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Answer<Vec<Head>> {
        let book = self.lock();
        let later = book.prospects.iter().filter(|(id, _)| Some(*id) > after);
        Ok(later.take(limit).map(|(_, (kept, _))| kept.head.clone()).collect())
    }
    async fn changes(&self, after: u64, limit: usize) -> Answer<Vec<Changed>> {
        let book = self.lock();
        let kept = book.prospects.values().map(|(kept, _)| kept);
        let mut new: Vec<_> = kept.filter(|kept| kept.cursor > after).collect();
        new.sort_by_key(|kept| kept.cursor);
        let changed = |kept: &Kept| Changed::new(kept.cursor, kept.head.prospect.clone(), kept.head.revision);
        Ok(new.into_iter().take(limit).map(changed).collect())
    }
    async fn erase(&self, mut erase: Erase) -> Answer<()> {
        let (mut book, id) = (self.lock(), erase.append.prospect.clone());
        (erase.append.due, erase.append.profile) = (None, None);
        Append::check_form(std::slice::from_ref(&erase.append))?;
        book.check(&erase.append)?;
        erase.check(|key| book.has_key(&id, key))?;
        book.apply(erase.append);
        let (kept, records) = book.prospects.get_mut(&id).expect("it has just been written");
        kept.head.profile = None;
        for (key, body) in erase.redacted {
            records.get_mut(&key).expect("it has been checked").body = body;
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
