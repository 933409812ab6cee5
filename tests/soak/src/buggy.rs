//! A store with a planted bug. A proof that does not notice the bug proves nothing.

use std::sync::Arc;

use async_trait::async_trait;
use followup::store::{
    AddressHash, Append, Changed, Claim, Claimed, Document, DocumentQuery, DuePage, DueQuery, Erase, Head,
    HeadQuery, Record, Renewal, Since, StoreErrorKind, StoreExt,
};
use followup::{ProspectId, Store, StoreError};

/// A bug that can be planted in a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bug {
    /// Appends at the current revision and ignores the expected one.
    Revisions,
    /// Accepts a repeated key by storing it under another name.
    Keys,
    /// Accepts a change under any claim.
    Fences,
}

impl Bug {
    pub(crate) fn named(name: &str) -> Option<Bug> {
        match name {
            "forgets-revisions" => Some(Bug::Revisions),
            "forgets-keys" => Some(Bug::Keys),
            "forgets-fences" => Some(Bug::Fences),
            _ => None,
        }
    }
}

/// A store, optionally with a planted bug.
pub(crate) struct Buggy {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) bug: Option<Bug>,
}

impl Buggy {
    /// Appends at the current revision, with renamed keys.
    async fn append_anyway(&self, mut change: Append) -> Result<(), StoreError> {
        loop {
            let head = self.store.head_of(&change.prospect).await?;
            change.expected = head.map(|head| head.revision).unwrap_or_default();
            let revision = change.revision();
            change.due.iter_mut().for_each(|due| due.revision = revision);
            for record in &mut change.records {
                record.key = format!("{}-{}", record.key, change.expected);
            }
            match self.store.append(vec![change.clone()]).await {
                Err(error) if error.kind() == StoreErrorKind::Conflict => {}
                done => return done,
            }
        }
    }
}

#[async_trait]
impl Store for Buggy {
    async fn append(&self, mut changes: Vec<Append>) -> Result<(), StoreError> {
        if self.bug == Some(Bug::Fences) {
            // A late worker is accepted all the same.
            return match self.store.append(changes.clone()).await {
                Err(error) if error.kind() == StoreErrorKind::Fenced => {
                    changes.iter_mut().for_each(|change| change.claim = None);
                    self.store.append(changes).await
                }
                done => done,
            };
        }
        if matches!(self.bug, Some(Bug::Revisions | Bug::Keys)) {
            for change in changes {
                self.append_anyway(change).await?;
            }
            return Ok(());
        }
        self.store.append(changes).await
    }

    async fn head(&self, wanted: Vec<HeadQuery>) -> Result<Vec<Option<Head>>, StoreError> {
        let mut heads = self.store.head(wanted).await?;
        if self.bug == Some(Bug::Keys) {
            heads.iter_mut().flatten().for_each(|head| head.known.fill(None));
        }
        Ok(heads)
    }

    async fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, StoreError> {
        self.store.history(prospect).await
    }

    async fn due(&self, query: DueQuery) -> Result<DuePage, StoreError> {
        self.store.due(query).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.store.claim(claim).await
    }

    async fn renew(&self, renewal: Renewal) -> Result<(), StoreError> {
        self.store.renew(renewal).await
    }

    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Result<Vec<Option<Since>>, StoreError> {
        self.store.suppressed(addresses).await
    }

    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, StoreError> {
        self.store.scan(after, limit).await
    }

    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, StoreError> {
        self.store.changes(after, limit).await
    }

    async fn erase(&self, erase: Erase) -> Result<(), StoreError> {
        self.store.erase(erase).await
    }

    async fn save(&self, document: Document) -> Result<(), StoreError> {
        self.store.save(document).await
    }

    async fn documents(&self, query: DocumentQuery) -> Result<Vec<Document>, StoreError> {
        self.store.documents(query).await
    }
}
