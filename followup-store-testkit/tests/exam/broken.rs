//! A store in memory with one bug.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use followup_core::store::{
    AddressHash, Append, Changed, Claim, ClaimPage, Claimed, Document, DocumentQuery, DuePage, DueQuery,
    Erase, Fence, Head, HeadQuery, Record, Renewal, Since, StoreErrorKind, StoreExt, Suppression, UnderClaim,
};
use followup_core::{BookId, ProspectId, Store, StoreError};
use followup_store_memory::MemoryStore;
use followup_store_testkit::Subject;

/// The bug of a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bug {
    AnyRevisionWillDo,
    ListsAreWrittenOneByOne,
    KeysIgnoreCase,
    LongBodiesAreCut,
    JournalsComeAsWritten,
    ErasingKeepsTheProfile,
    TheNewestEventIsTheLastWritten,
    RevisionsComeBeforeFences,
    FencesAreIgnored,
    FencesDoNotGrow,
    LeasesEndLate,
    LeasesEndEarly,
    NobodyGetsALease,
    TheNextClaimIgnoresLeases,
    EndedClaimsGoOn,
    ClaimsOpenLate,
    ClaimsOpenEarly,
    ClaimsComeById,
    PersonsWorkIsHandedOut,
    BeforeIsInclusive,
    OpensBeforeIsInclusive,
    PagesSkipEqualInstants,
    OwnersIgnoreCase,
    BooksAreOne,
    ScansIgnoreCase,
    FeedsRepeat,
    ClaimsAreChanges,
    ErasingLiftsSuppressions,
    TheLastInstantStands,
    DocumentsAreOverwritten,
    DocumentsComeByVersion,
    DroppedListsAreHalfDone,
    ReopeningForgetsAll,
    ReopeningForgetsLeases,
    ReopeningForgetsFences,
    AgendasReadEverybody,
    ClaimsReadEverybody,
    HeadsReadEverybody,
    ChangesReadEverybody,
    /// No bug: the wrapper itself is correct.
    None,
}

const MICRO: TimeDelta = TimeDelta::microseconds(1);

/// Data that the bugs need.
#[derive(Default)]
struct State {
    /// Keys in the order of writing.
    written: Vec<(ProspectId, String)>,
    profiles: HashMap<ProspectId, String>,
    newest_event_at: Option<DateTime<Utc>>,
    feed: Vec<Changed>,
    suppressed_by: HashMap<ProspectId, Vec<AddressHash>>,
    bodies: HashMap<(String, u64), String>,
    /// The newest fence of each prospect, and the base that is subtracted from its fences.
    fences: BTreeMap<ProspectId, (u64, u64)>,
}

#[derive(Clone)]
pub(crate) struct Broken {
    bug: Bug,
    inner: MemoryStore,
    state: Arc<Mutex<BTreeMap<BookId, State>>>,
    book: BookId,
}

/// Returns a new store with a bug.
pub(crate) fn make(bug: Bug) -> Subject {
    let (kept, state) = (MemoryStore::new(), Arc::new(Mutex::default()));
    let open = move || {
        let inner = if bug == Bug::ReopeningForgetsAll { MemoryStore::new() } else { kept.clone() };
        let store = Broken { bug, inner, state: Arc::clone(&state), book: BookId::default() };
        store.forget();
        store
    };
    Subject::reopening(open, Broken::book)
}

/// A future that is pending once.
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Broken {
    fn book(&self, book: BookId) -> Broken {
        let book = if self.bug == Bug::BooksAreOne { BookId::default() } else { book };
        Broken { inner: self.inner.book(book.clone()), book, ..self.clone() }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<BookId, State>> {
        self.state.lock().expect("nothing panics under the lock")
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(self.lock().entry(self.book.clone()).or_default())
    }

    /// Reads every prospect if that is the bug. The answer is still right.
    async fn read_everybody_if(&self, bug: Bug) -> Result<(), StoreError> {
        if self.has(bug) {
            self.inner.scan(None, usize::MAX).await?;
        }
        Ok(())
    }

    /// Loses the data that the bug loses at a reopening.
    fn forget(&self) {
        for (book, state) in self.lock().iter_mut() {
            for (prospect, (newest, base)) in &mut state.fences {
                if self.has(Bug::ReopeningForgetsLeases) {
                    let renewal = Renewal::new(prospect.clone(), Fence(*newest), DateTime::UNIX_EPOCH);
                    // Claims that have ended have no lease to lose.
                    let _ = pollster::block_on(self.inner.book(book.clone()).renew(renewal));
                }
                if self.has(Bug::ReopeningForgetsFences) {
                    *base = *newest;
                }
            }
        }
    }

    /// Returns the fence as it is given to workers.
    fn told(&self, prospect: &ProspectId, fence: Fence) -> Fence {
        self.with(|state| {
            let (newest, base) = state.fences.entry(prospect.clone()).or_default();
            *newest = fence.0;
            match self.bug {
                Bug::FencesDoNotGrow => Fence(1),
                Bug::ReopeningForgetsFences => Fence(fence.0 - *base),
                _ => fence,
            }
        })
    }

    /// Returns the stored fence for one that was given to a worker.
    fn kept(&self, prospect: &ProspectId, fence: Fence) -> Fence {
        let (newest, base) = self.with(|state| state.fences.get(prospect).copied().unwrap_or_default());
        match self.bug {
            Bug::FencesDoNotGrow if fence == Fence(1) => Fence(newest),
            Bug::ReopeningForgetsFences => Fence(fence.0.saturating_add(base)),
            _ => fence,
        }
    }

    /// Returns a change as the bug modifies it.
    async fn changed(&self, mut change: Append) -> Result<Append, StoreError> {
        let prospect = change.prospect.clone();
        let head = self.inner.head_of(&prospect).await?;
        change.claim = change.claim.map(|claim| match claim {
            UnderClaim::Ends(fence) if !self.has(Bug::EndedClaimsGoOn) => {
                UnderClaim::Ends(self.kept(&prospect, fence))
            }
            claim => UnderClaim::GoesOn(self.kept(&prospect, claim.fence())),
        });
        match self.bug {
            Bug::AnyRevisionWillDo => change.expected = head.map(|head| head.revision).unwrap_or_default(),
            Bug::KeysIgnoreCase => {
                let journal = self.inner.history(&prospect).await?;
                let is_same = |record: &Record| {
                    change
                        .records
                        .iter()
                        .any(|new| record.key != new.key && record.key.eq_ignore_ascii_case(&new.key))
                };
                if journal.iter().any(is_same) {
                    return Err(StoreError::new(StoreErrorKind::Conflict, format!("{prospect} has the key")));
                }
            }
            Bug::LongBodiesAreCut => {
                change.records.iter_mut().for_each(|record| record.body.truncate(65_536));
            }
            Bug::RevisionsComeBeforeFences
                if head.map(|head| head.revision).unwrap_or_default() != change.expected =>
            {
                change.claim = None;
            }
            Bug::FencesAreIgnored => change.claim = None,
            Bug::PersonsWorkIsHandedOut => {
                change.due.iter_mut().for_each(|due| due.automatic |= due.earliest.is_some());
            }
            Bug::TheLastInstantStands => {
                let lifted =
                    change.suppressions.iter().map(|suppression| Suppression::lifted(suppression.address));
                change.suppressions = lifted.chain(change.suppressions.iter().copied()).collect();
            }
            _ => {}
        }
        Ok(change)
    }

    /// Records what was written.
    async fn written(&self, change: &Append) -> Result<(), StoreError> {
        let Some(head) = self.inner.head_of(&change.prospect).await? else { return Ok(()) };
        self.with(|state| {
            let keys = change.records.iter().map(|record| (change.prospect.clone(), record.key.clone()));
            state.written.extend(keys);
            state.newest_event_at = change.records.iter().map(|record| record.at).max();
            state.profiles.extend(head.profile.map(|profile| (change.prospect.clone(), profile)));
            let cursor = state.feed.len() as u64 + 1;
            state.feed.push(Changed::new(cursor, change.prospect.clone(), head.revision));
            let addresses = change.suppressions.iter().map(|suppression| suppression.address);
            state.suppressed_by.entry(change.prospect.clone()).or_default().extend(addresses);
        });
        Ok(())
    }

    /// Returns a head as the bug modifies it.
    fn shown(&self, mut head: Head) -> Head {
        if self.has(Bug::ErasingKeepsTheProfile) && head.profile.is_none() {
            head.profile = self.with(|state| state.profiles.get(&head.prospect).cloned());
        }
        head
    }
}

#[async_trait]
impl Store for Broken {
    async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError> {
        self.read_everybody_if(Bug::ChangesReadEverybody).await?;
        let mut changed = Vec::new();
        for change in changes {
            changed.push(self.changed(change).await?);
        }
        if self.has(Bug::ListsAreWrittenOneByOne) {
            for change in &changed {
                self.inner.append(vec![change.clone()]).await?;
            }
        } else if self.has(Bug::DroppedListsAreHalfDone) {
            for change in &changed {
                self.inner.append(vec![change.clone()]).await?;
                Pause(false).await;
            }
        } else {
            self.inner.append(changed.clone()).await?;
        }
        for change in &changed {
            self.written(change).await?;
        }
        Ok(())
    }

    async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError> {
        self.read_everybody_if(Bug::HeadsReadEverybody).await?;
        let heads = self.inner.head(wanted).await?;
        Ok(heads.into_iter().map(|head| head.map(|head| self.shown(head))).collect())
    }

    async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError> {
        let mut records = self.inner.history(prospect).await?;
        if self.has(Bug::JournalsComeAsWritten) {
            let order = self.with(|state| state.written.clone());
            let place =
                |record: &Record| order.iter().position(|(id, key)| id == prospect && *key == record.key);
            records.sort_by_key(place);
        }
        Ok(records)
    }

    async fn due(&self, mut query: DueQuery) -> Result<DuePage, StoreError> {
        match self.bug {
            Bug::BeforeIsInclusive => query.before = query.before.map(|before| before + MICRO),
            Bug::OpensBeforeIsInclusive => query.opens_before = query.opens_before.map(|end| end + MICRO),
            Bug::PagesSkipEqualInstants => {
                let last = ProspectId::new("\u{10FFFF}".repeat(16)).expect("the id is valid");
                query.after = query.after.map(|(at, _)| (at, last));
            }
            _ => {}
        }
        if self.has(Bug::AgendasReadEverybody) {
            let mut page = self.inner.due(DueQuery::new(query.order, usize::MAX)).await?;
            page.entries = query.select(&page.entries);
            return Ok(page);
        }
        let owner = query.owner.take_if(|_| self.has(Bug::OwnersIgnoreCase));
        let mut page = self.inner.due(query).await?;
        if let Some(owner) = owner {
            page.entries
                .retain(|due| due.owner.as_ref().is_some_and(|other| other.eq_ignore_ascii_case(&owner)));
        }
        if self.has(Bug::TheNewestEventIsTheLastWritten) {
            page.newest_event_at = self.with(|state| state.newest_event_at);
        }
        Ok(page)
    }

    async fn claim(&self, mut claim: Claim) -> Result<ClaimPage, StoreError> {
        match self.bug {
            Bug::LeasesEndLate => claim.until += MICRO,
            Bug::LeasesEndEarly => claim.until -= MICRO,
            Bug::NobodyGetsALease => claim.until = DateTime::UNIX_EPOCH,
            Bug::ClaimsOpenLate => claim.now -= MICRO,
            Bug::ClaimsOpenEarly => claim.now += MICRO,
            _ => {}
        }
        self.read_everybody_if(Bug::ClaimsReadEverybody).await?;
        let mut page = self.inner.claim(claim).await?;
        if self.has(Bug::TheNextClaimIgnoresLeases) {
            page.next_at = page.next_at.map(|at| at.min(claim.now));
        }
        let claimed = &mut page.claimed;
        if self.has(Bug::ClaimsComeById) {
            claimed.sort_by_key(|claimed| claimed.due.prospect.clone());
        }
        for Claimed { due, fence, .. } in claimed {
            *fence = self.told(&due.prospect, *fence);
            if self.has(Bug::ClaimsAreChanges) {
                self.with(|state| {
                    let cursor = state.feed.len() as u64 + 1;
                    state.feed.retain(|changed| changed.prospect != due.prospect);
                    state.feed.push(Changed::new(cursor, due.prospect.clone(), due.revision));
                });
            }
        }
        Ok(page)
    }

    async fn renew(&self, mut renewal: Renewal) -> Result<(), StoreError> {
        renewal.fence = self.kept(&renewal.prospect, renewal.fence);
        match self.bug {
            Bug::LeasesEndLate => renewal.until += MICRO,
            Bug::LeasesEndEarly => renewal.until -= MICRO,
            _ => {}
        }
        self.inner.renew(renewal).await
    }

    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Result<Vec<Option<Since>>, StoreError> {
        self.inner.suppressed(addresses).await
    }

    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError> {
        if self.has(Bug::ScansIgnoreCase) {
            let low = |id: &ProspectId| id.as_str().to_lowercase();
            let mut heads = self.inner.scan(None, usize::MAX).await?;
            heads.sort_by_key(|head| low(&head.prospect));
            heads.retain(|head| after.is_none_or(|after| low(&head.prospect) > low(after)));
            heads.truncate(limit);
            return Ok(heads);
        }
        Ok(self.inner.scan(after, limit).await?.into_iter().map(|head| self.shown(head)).collect())
    }

    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError> {
        if self.has(Bug::FeedsRepeat) || self.has(Bug::ClaimsAreChanges) {
            let feed = self.with(|state| state.feed.clone());
            return Ok(feed.into_iter().filter(|changed| changed.cursor > after).take(limit).collect());
        }
        self.inner.changes(after, limit).await
    }

    async fn erase(&self, erase: Erase) -> Result<(), StoreError> {
        let mut append = self.changed(erase.append).await?;
        if self.has(Bug::ErasingLiftsSuppressions) {
            let addresses =
                self.with(|state| state.suppressed_by.remove(&append.prospect).unwrap_or_default());
            append.suppressions.splice(0..0, addresses.into_iter().map(Suppression::lifted));
        }
        self.inner.erase(Erase::new(append.clone(), erase.redacted)).await?;
        self.written(&append).await
    }

    async fn save(&self, document: Document) -> Result<(), StoreError> {
        let saved = self.inner.save(document.clone()).await;
        if self.has(Bug::DocumentsAreOverwritten) && saved.is_err() {
            self.with(|state| state.bodies.insert((document.name, document.version), document.body));
            return Ok(());
        }
        saved
    }

    async fn documents(&self, query: DocumentQuery) -> Result<Vec<Document>, StoreError> {
        let mut documents = self.inner.documents(query).await?;
        if self.has(Bug::DocumentsComeByVersion) {
            documents.sort_by_key(|document| document.version);
        }
        self.with(|state| {
            for document in &mut documents {
                let body = state.bodies.get(&(document.name.clone(), document.version));
                document.body = body.cloned().unwrap_or_else(|| document.body.clone());
            }
        });
        Ok(documents)
    }
}
