//! A store with hooks before and after each call, for tests of what runs over a store.

use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;
use followup_core::store::{
    AddressHash, Append, Changed, Claim, ClaimPage, Document, DocumentQuery, DuePage, DueQuery, Erase, Head,
    HeadQuery, Record, Renewal, Since, StoreErrorKind,
};
use followup_core::{ProspectId, Store, StoreError};

/// A function that is called with the name of a method before or after a call. An error ends the call.
pub type Hook = Box<dyn Fn(&'static str) -> Result<(), StoreError> + Send + Sync>;

/// A function that is called with the store and the changes in place of [`Store::append`].
pub type AppendHook<S> = Box<dyn Fn(&S, Vec<Append>) -> Result<(), StoreError> + Send + Sync>;

/// A store that calls a hook before and after each call of another store: to count calls, to fail them, or to let
/// somebody else come in between. A hook in place of `append` can also change what is written.
///
/// ```
/// use followup_core::store::StoreErrorKind;
/// use followup_core::{ProspectId, Store};
/// use followup_store_memory::MemoryStore;
/// use followup_store_testkit::Hooked;
///
/// let store = Hooked::failing(MemoryStore::new(), "history", StoreErrorKind::Unavailable, 1);
/// let id = ProspectId::new("p-17")?;
/// # pollster::block_on(async {
/// assert!(store.history(&id).await.is_err());
/// assert!(store.history(&id).await.is_ok(), "only the first call fails");
/// # });
/// # Ok::<(), followup_core::prospect::IdError>(())
/// ```
pub struct Hooked<S> {
    store: S,
    before: Hook,
    after: Hook,
    append: Option<AppendHook<S>>,
}

impl<S: fmt::Debug> fmt::Debug for Hooked<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooked").field("store", &self.store).finish_non_exhaustive()
    }
}

impl<S: Store> Hooked<S> {
    /// Puts hooks around a store.
    pub fn new(store: S, before: Hook, after: Hook) -> Hooked<S> {
        Hooked { store, before, after, append: None }
    }

    /// Returns a store with a hook in place of `append`, for example to plant a bug that a test must find.
    ///
    /// ```
    /// use followup_core::store::{Append, Record, Revision, Snapshot, StoreExt};
    /// use followup_core::{ProspectId, Store};
    /// use followup_store_memory::MemoryStore;
    /// use followup_store_testkit::Hooked;
    ///
    /// let forgetful = Hooked::appending(MemoryStore::new(), Box::new(|_, _| Ok(())));
    /// let (id, t) = (ProspectId::new("p-17")?, "2026-03-06T14:00:00Z".parse()?);
    /// let record = Record::new("crm-1", t, "inquired", "{}");
    /// let change = Append::new(id.clone(), Revision(0), vec![record], Snapshot::new(1, vec![7]));
    /// # pollster::block_on(async {
    /// forgetful.append(vec![change]).await?;
    /// assert_eq!(forgetful.head_of(&id).await?, None);
    /// # Ok::<(), followup_core::StoreError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn appending(store: S, append: AppendHook<S>) -> Hooked<S> {
        let hooked = Hooked::new(store, Box::new(|_| Ok(())), Box::new(|_| Ok(())));
        Hooked { append: Some(append), ..hooked }
    }

    /// Returns a store on which the first `times` calls of one method fail and do nothing.
    pub fn failing(store: S, method: &'static str, kind: StoreErrorKind, times: usize) -> Hooked<S> {
        let left = Mutex::new(times);
        let before = move |called: &'static str| {
            let mut left = left.lock().expect("nothing panics under the lock");
            if called == method && *left > 0 {
                *left -= 1;
                return Err(StoreError::new(kind, "the store was asked"));
            }
            Ok(())
        };
        Hooked::new(store, Box::new(before), Box::new(|_| Ok(())))
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
impl<S: Store> Store for Hooked<S> {
    async fn append(&self, changes: Vec<Append>) -> Result<(), StoreError> {
        let work = async {
            match &self.append {
                Some(append) => append(&self.store, changes),
                None => self.store.append(changes).await,
            }
        };
        self.hooked("append", work).await
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
    async fn claim(&self, claim: Claim) -> Result<ClaimPage, StoreError> {
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
