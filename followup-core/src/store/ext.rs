//! Conveniences for callers of a store.

use async_trait::async_trait;

use super::{Head, HeadQuery, Store, StoreError};
use crate::prospect::ProspectId;

/// The number of heads that are read at a time.
const PAGE: usize = 500;

/// Methods that any store has.
#[async_trait]
pub trait StoreExt: Store {
    /// Returns the head of a prospect; `None` if the prospect does not exist.
    ///
    /// # Errors
    /// As [`Store::head`].
    async fn head_of(&self, prospect: &ProspectId) -> Result<Option<Head>, StoreError> {
        Ok(self.head(vec![HeadQuery::new(prospect.clone(), Vec::new())]).await?.pop().flatten())
    }

    /// Returns the heads of all prospects by prospect id, a page at a time.
    fn pages(&self) -> Pages<'_, Self> {
        Pages { store: self, after: None }
    }
}

impl<S: Store + ?Sized> StoreExt for S {}

/// The heads of all prospects by prospect id, a page at a time. A prospect that is added in the meantime is included if
/// its id is larger than those read so far.
#[derive(Debug)]
pub struct Pages<'a, S: ?Sized> {
    store: &'a S,
    /// The last id that was read.
    after: Option<ProspectId>,
}

impl<S: Store + ?Sized> Pages<'_, S> {
    /// Reads the next page; `None` at the end.
    ///
    /// # Errors
    /// As [`Store::scan`].
    pub async fn next(&mut self) -> Result<Option<Vec<Head>>, StoreError> {
        let page = self.store.scan(self.after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = Some(last.prospect.clone());
        Ok(Some(page))
    }
}
