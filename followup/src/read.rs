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

/// The reading half of a desk: reads one prospect, a page or all. See [`Desk::read`](crate::Desk::read).
///
/// # Examples
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
    ///
    /// # Examples
    /// See [`Desk::plan`](crate::Desk::plan).
    pub async fn plan(&self, id: &ProspectId, now: DateTime<Utc>) -> Result<View, DeskError> {
        let head = self.book.head(id).await?;
        self.view(&head, now).await?.ok_or_else(|| DeskError::UnknownProspect(id.clone()))
    }

    /// Returns the plan as last stored, ignoring wake-ups that have become due since. `now` only decides what is late.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook, ProspectId};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let now = t + chrono::TimeDelta::days(30);
    /// let view = desk.read().stored_plan(&ProspectId::new("p-17")?, now).await?;
    /// let next = view.plan.next().expect("a first contact is planned");
    /// assert!(next.window.latest < now);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn stored_plan(&self, id: &ProspectId, now: DateTime<Utc>) -> Result<View, DeskError> {
        let head = self.book.head(id).await?;
        self.stored_view(&head, now).await
    }

    /// Returns the view of a head as last stored; see [`Reader::stored_plan`].
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// See [`Reader::stored_plan`].
    ///
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook, ProspectId};
    /// use followup::store::StoreExt;
    ///
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let ada = ProspectId::new("p-17")?;
    /// let head = desk.store().head_of(&ada).await?.expect("the prospect exists");
    /// let view = desk.read().stored_view(&head, t).await?;
    /// assert_eq!(view, desk.read().stored_plan(&ada, t).await?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn stored_view(&self, head: &Head, now: DateTime<Utc>) -> Result<View, DeskError> {
        self.book.stored_view(head, now).await
    }

    /// Returns the view of a head as of `now`; `None` if nothing had happened by then.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// See [`Reader::pages`].
    pub async fn view(&self, head: &Head, now: DateTime<Utc>) -> Result<Option<View>, DeskError> {
        Ok(self.views(std::slice::from_ref(head), now).await?.pop().flatten())
    }

    /// Returns the views of a page of heads as of `now`, in the order of the heads; `None` for prospects to whom
    /// nothing had happened by then.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// See [`Reader::pages`].
    pub async fn views(&self, heads: &[Head], now: DateTime<Utc>) -> Result<Vec<Option<View>>, DeskError> {
        self.book.views(heads, now).await
    }

    /// Returns the positions of a page of heads as of `now`, in the order of the heads. Prospects to whom nothing had
    /// happened by then are left out.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// See [`Position`].
    pub async fn positions(
        &self,
        heads: &[Head],
        now: DateTime<Utc>,
    ) -> Result<Vec<Position<'a>>, DeskError> {
        self.book.positions(heads, now).await
    }

    /// Returns the heads of all prospects, ordered by prospect id, a page at a time.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let mut pages = desk.read().pages();
    /// let mut plans = Vec::new();
    /// while let Some(heads) = pages.next().await? {
    ///     plans.extend(desk.read().views(&heads, t).await?.into_iter().flatten().map(|view| view.plan));
    /// }
    /// assert_eq!(plans.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn pages(&self) -> Pages<'a, dyn Store> {
        (*self.book.store).pages()
    }

    /// Returns all events of a prospect; see [`Desk::history`](crate::Desk::history).
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// See [`Desk::history`](crate::Desk::history).
    pub async fn history(&self, id: &ProspectId) -> Result<Vec<HistoryEntry>, DeskError> {
        self.book.history(id).await
    }

    /// Returns the recorded events of a prospect, in the order of the fold, without names and addresses.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook, ProspectId, ProspectState};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let events = desk.read().events(&ProspectId::new("p-17")?).await?;
    /// assert_eq!(ProspectState::replay(events)?.touch_count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn events(&self, id: &ProspectId) -> Result<Vec<Event>, DeskError> {
        self.book.events_of(id).await
    }

    /// Visits the prospects in scope to whom something had happened by its instant, ordered by prospect id. Keeps one
    /// page of heads and one journal in memory at a time.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// See [`Reader`].
    pub async fn each_past(
        &self,
        scope: &Scope,
        visit: impl FnMut(&Past<'_>) + Send,
    ) -> Result<(), DeskError> {
        self.book.each_past(scope, visit).await
    }

    /// Visits one prospect. Returns false, without a visit, if nothing had happened to them by `now`.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook, ProspectId};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let mut events = 0;
    /// let visited = desk.read().past_of(&ProspectId::new("p-17")?, t, |past| events = past.events.len()).await?;
    /// assert_eq!((visited, events), (true, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn past_of(
        &self,
        id: &ProspectId,
        now: DateTime<Utc>,
        visit: impl FnMut(&Past<'_>) + Send,
    ) -> Result<bool, DeskError> {
        self.book.past_of(id, now, visit).await
    }

    /// Returns the publication times of the playbooks, by name and version.
    ///
    /// # Errors
    /// [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Playbook};
    /// use followup::publish::Moving;
    ///
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let mut desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.publish(Playbook::parse("version = 2\n")?, Moving::Move, t).await?;
    /// assert_eq!(desk.read().published_at().await?["default"][&2], t);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn published_at(&self) -> Result<BTreeMap<String, BTreeMap<u32, DateTime<Utc>>>, DeskError> {
        self.book.published_at().await
    }

    /// Returns the name of the playbook that applies to a prospect.
    ///
    /// # Examples
    /// See [`Position`].
    pub fn playbook_name_of<'s>(&'s self, state: &'s ProspectState) -> &'s str {
        self.book.policies.name_of(state)
    }
}
