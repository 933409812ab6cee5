//! A store in memory on whose calls something happens.

use std::sync::Mutex;

use async_trait::async_trait;
use followup_core::{
    AddressHash, Append, Changed, Claim, Claimed, Document, DocumentQuery, DuePage, DueQuery, Erase, Head,
    HeadQuery, ProspectId, Record, Renewal, Since, Store, StoreError, StoreErrorKind,
};
use followup_store_memory::MemoryStore;

/// What happens before a call and after it, by the method's name; an error ends the call.
type Hook = Box<dyn Fn(&'static str) -> Result<(), StoreError> + Send + Sync>;

pub(crate) struct Hooked {
    store: MemoryStore,
    before: Hook,
    after: Hook,
}

impl Hooked {
    pub(crate) fn new(store: MemoryStore, before: Hook, after: Hook) -> Hooked {
        Hooked { store, before, after }
    }

    /// A store of whose one method the first so many calls fail, and do nothing.
    pub(crate) fn failing(
        store: &MemoryStore,
        method: &'static str,
        kind: StoreErrorKind,
        times: usize,
    ) -> Hooked {
        let left = Mutex::new(times);
        let before = move |called: &'static str| {
            let mut left = left.lock().expect("nothing panics under the lock");
            if called == method && *left > 0 {
                *left -= 1;
                return Err(StoreError::new(kind, "the store was asked"));
            }
            Ok(())
        };
        Hooked::new(store.clone(), Box::new(before), Box::new(|_| Ok(())))
    }

    async fn hooked<T>(
        &self,
        method: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        (self.before)(method)?;
        let answer = work.await?;
        (self.after)(method)?;
        Ok(answer)
    }
}

#[async_trait]
impl Store for Hooked {
    async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError> {
        self.hooked("append", self.store.append(changes)).await
    }
    async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError> {
        self.hooked("head", self.store.head(wanted)).await
    }
    async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError> {
        self.hooked("history", self.store.history(prospect)).await
    }
    async fn due(&self, query: DueQuery) -> Result<DuePage, StoreError> {
        self.hooked("due", self.store.due(query)).await
    }
    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.hooked("claim", self.store.claim(claim)).await
    }
    async fn renew(&self, renewal: Renewal) -> Result<(), StoreError> {
        self.hooked("renew", self.store.renew(renewal)).await
    }
    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Result<Vec<Option<Since>>, StoreError> {
        self.hooked("suppressed", self.store.suppressed(addresses)).await
    }
    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError> {
        self.hooked("scan", self.store.scan(after, limit)).await
    }
    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError> {
        self.hooked("changes", self.store.changes(after, limit)).await
    }
    async fn erase(&self, erase: Erase) -> Result<(), StoreError> {
        self.hooked("erase", self.store.erase(erase)).await
    }
    async fn save(&self, document: Document) -> Result<(), StoreError> {
        self.hooked("save", self.store.save(document)).await
    }
    async fn documents(&self, query: DocumentQuery) -> Result<Vec<Document>, StoreError> {
        self.hooked("documents", self.store.documents(query)).await
    }
}
