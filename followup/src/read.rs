//! The reading half of a desk.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use followup_core::event::Event;
use followup_core::prospect::ProspectId;
use followup_core::state::ProspectState;
use followup_core::store::{Head, Pages, Store, StoreExt};

pub use crate::book::replay::{Past, Scope};
pub use crate::book::view::{HistoryEntry, Position, View};

use crate::book::Book;
use crate::error::DeskError;

/// Reads prospects: one, a page, or everybody. Writes nothing. See [`Desk::read`](crate::Desk::read).
///
/// ```
/// use followup::memory::MemoryStore;
/// use followup::read::Scope;
/// use followup::{Desk, Event, Playbook};
///
/// # followup::block_on(async {
/// let t = "2026-03-06T14:00:00Z".parse()?;
/// let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::added(t)).await?;
/// let mut names = Vec::new();
/// let each = |past: &followup::read::Past<'_>| names.extend(past.happened().map(Event::name));
/// desk.read().each_past(&Scope::at(t), each).await?;
/// assert_eq!(names, ["added"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    book: &'a Book,
}

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("policy", self.book.policy()).finish_non_exhaustive()
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(book: &'a Book) -> Reader<'a> {
        Reader { book }
    }

    /// Plans a prospect as of `now`; see [`Desk::plan`](crate::Desk::plan).
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`], also if nothing had happened by `now`; [`DeskError::Store`].
    pub async fn plan(&self, id: &ProspectId, now: DateTime<Utc>) -> Result<View, DeskError> {
        let head = self.book.head(id).await?;
        self.view(&head, now).await?.ok_or_else(|| DeskError::UnknownProspect(id.clone()))
    }

    /// The plan as last stored, ignoring wake-ups that have become due since. `now` is the present by which the view
    /// says what is late.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    pub async fn stored_plan(&self, id: &ProspectId, now: DateTime<Utc>) -> Result<View, DeskError> {
        let head = self.book.head(id).await?;
        self.stored_view(&head, now).await
    }

    /// The view of a head as last stored; see [`Reader::stored_plan`].
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn stored_view(&self, head: &Head, now: DateTime<Utc>) -> Result<View, DeskError> {
        self.book.stored_view(head, now).await
    }

    /// The view of a head as of `now`; `None` if nothing had happened by then.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn view(&self, head: &Head, now: DateTime<Utc>) -> Result<Option<View>, DeskError> {
        Ok(self.views(std::slice::from_ref(head), now).await?.pop().flatten())
    }

    /// The views of a page of heads as of `now`, in their order; `None` for those to whom nothing had happened by then.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn views(&self, heads: &[Head], now: DateTime<Utc>) -> Result<Vec<Option<View>>, DeskError> {
        self.book.views(heads, now).await
    }

    /// Where each prospect of a page of heads stood at `now`, in their order. Prospects to whom nothing had happened by
    /// then are left out.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn positions(
        &self,
        heads: &[Head],
        now: DateTime<Utc>,
    ) -> Result<Vec<Position<'a>>, DeskError> {
        self.book.positions(heads, now).await
    }

    /// The heads of everybody, by prospect id, a page at a time.
    pub fn pages(&self) -> Pages<'a, dyn Store> {
        (*self.book.store).pages()
    }

    /// Everything that happened to a prospect; see [`Desk::history`](crate::Desk::history).
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    pub async fn history(&self, id: &ProspectId) -> Result<Vec<HistoryEntry>, DeskError> {
        self.book.history(id).await
    }

    /// The recorded events of a prospect, in the order in which they are folded, without names and addresses.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn events(&self, id: &ProspectId) -> Result<Vec<Event>, DeskError> {
        self.book.events_of(id).await
    }

    /// Visits everybody to whom something had happened by an instant, by prospect id. Keeps one page of heads and one
    /// journal in memory at a time.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn each_past(
        &self,
        scope: &Scope,
        visit: impl FnMut(&Past<'_>) + Send,
    ) -> Result<(), DeskError> {
        self.book.each_past(scope, visit).await
    }

    /// Visits one prospect; returns whether something had happened to them by `now`.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn past_of(
        &self,
        id: &ProspectId,
        now: DateTime<Utc>,
        visit: impl FnMut(&Past<'_>) + Send,
    ) -> Result<bool, DeskError> {
        self.book.past_of(id, now, visit).await
    }

    /// When each version of each playbook was published, by name and version.
    ///
    /// # Errors
    /// [`DeskError::Store`].
    pub async fn published_at(&self) -> Result<BTreeMap<String, BTreeMap<u32, DateTime<Utc>>>, DeskError> {
        self.book.published_at().await
    }

    /// The name of the playbook that applies to a prospect.
    pub fn playbook_name_of<'s>(&'s self, state: &'s ProspectState) -> &'s str {
        self.book.policies.name_of(state)
    }
}
