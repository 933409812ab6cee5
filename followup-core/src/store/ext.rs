//! Conveniences for those who call a store.

use async_trait::async_trait;

use super::{Head, HeadQuery, Store, StoreError};
use crate::prospect::ProspectId;

/// How many heads are read at a time.
const PAGE: usize = 500;

/// What can be done with any store.
#[async_trait]
pub trait StoreExt: Store {
    /// Where one journal stands; `None` if there is no such prospect.
    ///
    /// # Errors
    /// As [`Store::head`].
    async fn head_of(&self, prospect: &ProspectId) -> Result<Option<Head>, StoreError> {
        Ok(self.head(vec![HeadQuery::new(prospect.clone(), Vec::new())]).await?.pop().flatten())
    }

    /// The heads that follow a prospect's, a page at a time, by prospect id; empty at the end.
    ///
    /// # Errors
    /// As [`Store::scan`].
    async fn scan_page(&self, after: Option<&ProspectId>) -> Result<Vec<Head>, StoreError> {
        self.scan(after, PAGE).await
    }
}

impl<S: Store + ?Sized> StoreExt for S {}
