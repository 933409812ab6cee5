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

    /// Everybody's heads, by prospect id, a page at a time.
    fn pages(&self) -> Pages<'_, Self> {
        Pages { store: self, after: None }
    }
}

impl<S: Store + ?Sized> StoreExt for S {}

/// Everybody's heads, by prospect id, a page at a time. Whoever is added on the way is among them if their id comes later
/// than those read so far.
#[derive(Debug)]
pub struct Pages<'a, S: ?Sized> {
    store: &'a S,
    /// The last one read.
    after: Option<ProspectId>,
}

impl<S: Store + ?Sized> Pages<'_, S> {
    /// The next page; `None` at the end.
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
