//! The [`Desk`]: the entry point for recording events and asking who is next.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use followup_core::event::Event;
use followup_core::policy::Policy;
use followup_core::prospect::{Prospect, ProspectId};
use followup_core::state::{Finding, ProspectState};
use followup_core::store::Store;

pub use crate::book::record::{Prepared, Receipt};
pub use crate::error::DeskError;
pub use crate::profile::Profile;

use crate::agenda::Agenda;
use crate::book::Book;
use crate::book::codec::Hasher;
use crate::book::policies::{self, Policies};
use crate::book::record::Mode;
use crate::import::{ImportItem, Imported};
use crate::publish::{Moving, Published};
use crate::read::{HistoryEntry, Reader, View};
use crate::send::{Dispatcher, TickLimits, Ticked};

/// The entry point of the library: records what happened and answers who is next. Cheap to clone.
///
/// A desk combines the planner with a store. It reads no clock: callers pass the current time.
///
/// All calls are async and work on any executor; [`block_on`](crate::block_on) runs one on the current thread. A call
/// for one prospect makes one or two store calls. Calls that read the whole book say so in their documentation; they
/// yield to the executor between pages of 500 prospects.
///
/// # Examples
/// ```
/// use followup::memory::MemoryStore;
/// use followup::{Channel, Desk, Event, Playbook, Prospect};
///
/// # followup::block_on(async {
/// let t = "2026-03-06T14:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
/// let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.add(Prospect::new("p-17")?.name("Ada").email("ada@example.org")?, t).await?;
/// let receipt = desk.record("p-17", Event::asked_information(t, Channel::EMAIL)).await?;
/// assert!(receipt.plan.to_string().starts_with("inform by email"));
/// let agenda = desk.agenda(t).within_days(7).limit(20).await?;
/// assert_eq!(agenda[0].name.as_deref(), Some("Ada"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Desk {
    book: Book,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("policy", self.policy()).finish_non_exhaustive()
    }
}

/// A builder of a [`Desk`]; see [`Desk::builder`].
///
/// # Examples
/// ```
/// use followup::desk::DeskBuilder;
/// use followup::memory::MemoryStore;
/// use followup::{Desk, Playbook};
///
/// let builder: DeskBuilder = Desk::builder(MemoryStore::new());
/// let desk = builder.playbook(Playbook::parse("name = \"coaching\"")?).secret([7; 32]).build();
/// assert_eq!(desk.policy().name(), "coaching");
/// # Ok::<(), followup::playbook::PlaybookError>(())
/// ```
#[must_use]
pub struct DeskBuilder {
    store: Arc<dyn Store>,
    policy: Option<Policy>,
    others: Vec<Policy>,
    secret: [u8; 32],
}

impl fmt::Debug for DeskBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeskBuilder")
            .field("policy", &self.policy)
            .field("others", &self.others)
            .finish_non_exhaustive()
    }
}

impl DeskBuilder {
    /// Sets the playbook, or policy, of prospects without another. The default is [`Policy::default`].
    pub fn playbook(mut self, policy: impl Into<Policy>) -> DeskBuilder {
        self.policy = Some(policy.into());
        self
    }

    /// Adds a playbook, or policy, that prospects can be put on by its name.
    ///
    /// # Examples
    /// ```
    /// use followup::memory::MemoryStore;
    /// use followup::{Desk, Playbook};
    ///
    /// let services = Playbook::shipped("services").expect("the playbook ships with the library");
    /// let coaching = Playbook::parse("name = \"coaching\"\nversion = 3\n")?;
    /// let desk = Desk::builder(MemoryStore::new()).playbook(services).another(coaching).build();
    /// assert_eq!(desk.policy().name(), "services");
    /// assert!(desk.policy_named("coaching", Some(3)).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn another(mut self, policy: impl Into<Policy>) -> DeskBuilder {
        self.others.push(policy.into());
        self
    }

    /// Sets the secret that keys the hashes of events and addresses. The default is all zeros.
    ///
    /// Anyone with the secret can test guesses of addresses against the hashes. A desk with another secret does not see
    /// the suppressions made under this one.
    pub fn secret(mut self, secret: [u8; 32]) -> DeskBuilder {
        self.secret = secret;
        self
    }

    /// Builds the desk without reading the store: published playbooks are not loaded. See [`DeskBuilder::open`].
    pub fn build(self) -> Desk {
        let policies = Policies::new(self.policy.unwrap_or_default(), self.others);
        let hasher = Hasher::new(self.secret);
        Desk { book: Book { store: self.store, policies: Arc::new(policies), hasher } }
    }

    /// Builds the desk and loads the playbooks that are published in the book. The highest version of each name,
    /// published or given to the builder, applies to prospects without a version of their own.
    ///
    /// # Errors
    /// [`DeskError::PublishedOtherwise`] if the newest published version of a playbook has the version of one given
    /// to the builder but other settings; [`DeskError::Document`] if a published playbook cannot be read;
    /// [`DeskError::Store`].
    ///
    /// # Examples
    /// See [`Desk::builder`].
    pub async fn open(self) -> Result<Desk, DeskError> {
        let given: Vec<_> = self.policy.iter().chain(&self.others).cloned().collect();
        let mut desk = self.build();
        let published = policies::published(&*desk.book.store, None).await?;
        for given in &given {
            let (name, version) = (given.name(), given.settings().version);
            let newest = published.iter().rfind(|published| published.name() == name);
            let same = newest.filter(|newest| newest.settings().version == version);
            if same.is_some_and(|same| same.settings() != given.settings()) {
                return Err(DeskError::PublishedOtherwise { name: name.to_owned(), version });
            }
        }
        desk.book.reload().await?;
        Ok(desk)
    }
}

impl Desk {
    /// Creates a desk over a store, with a default playbook or policy and a secret of all zeros.
    ///
    /// # Examples
    /// See [`Desk`].
    pub fn new(store: impl Store + 'static, policy: impl Into<Policy>) -> Desk {
        Desk::builder(store).playbook(policy).build()
    }

    /// Starts building a desk over a store.
    ///
    /// # Examples
    /// ```
    /// use followup::memory::MemoryStore;
    /// use followup::{Desk, Playbook};
    ///
    /// # followup::block_on(async {
    /// let services = Playbook::shipped("services").expect("the playbook ships with the library");
    /// let desk = Desk::builder(MemoryStore::new()).playbook(services).secret([7; 32]).open().await?;
    /// assert_eq!(desk.policy().name(), "services");
    /// # Ok::<(), followup::DeskError>(())
    /// # }).unwrap();
    /// ```
    pub fn builder(store: impl Store + 'static) -> DeskBuilder {
        DeskBuilder { store: Arc::new(store), policy: None, others: Vec::new(), secret: [0; 32] }
    }

    /// Returns the store.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let changes = desk.store().changes(0, 10).await?;
    /// assert_eq!(changes.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.book.store
    }

    /// Returns the policy of prospects without another: the newest version of the default playbook.
    pub fn policy(&self) -> &Policy {
        self.book.policy()
    }

    /// Returns the policy that applies to a prospect: the playbook and version that the prospect was put on if this
    /// desk has it, else the default.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.add(Prospect::new("p-17")?.playbook("services"), t).await?;
    /// let view = desk.plan("p-17", t).await?;
    /// assert_eq!(desk.policy_of(&view.state).name(), "services");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn policy_of(&self, state: &ProspectState) -> &Policy {
        self.book.policy_of(state)
    }

    /// Returns the policy of a playbook by name, given to the builder or published: a version, or the newest if
    /// `version` is `None`.
    ///
    /// # Examples
    /// See [`DeskBuilder::another`].
    pub fn policy_named(&self, name: &str, version: Option<u32>) -> Option<&Policy> {
        match version {
            Some(version) => self.book.policies.version(name, version),
            None => self.book.policies.current(name),
        }
    }

    /// Returns the reading half of the desk: views, histories and pages of all prospects.
    ///
    /// # Examples
    /// See [`Reader`].
    pub fn read(&self) -> Reader<'_> {
        Reader::new(&self.book)
    }

    /// Adds a prospect. Idempotent.
    ///
    /// # Errors
    /// [`DeskError::Exists`] if a prospect of that id was added with other fields or at another time;
    /// [`DeskError::Store`].
    ///
    /// # Examples
    /// See [`Desk`].
    pub async fn add(&self, prospect: Prospect, at: DateTime<Utc>) -> Result<Receipt, DeskError> {
        let id = prospect.id().clone();
        let mut receipt = None;
        for event in prospect.into_events(at) {
            receipt = Some(self.observe_at(&id, event, at).await.map_err(|error| match error {
                DeskError::KeyConflict { prospect, .. } => DeskError::Exists(prospect),
                other => other,
            })?);
        }
        Ok(receipt.expect("adding a prospect is at least one event"))
    }

    /// Records an event that happens now. An event that breaks a rule is refused.
    ///
    /// # Errors
    /// [`DeskError::Refused`] with each rule that the event breaks; [`DeskError::UnknownProspect`];
    /// [`DeskError::KeyConflict`] if the key belongs to another event; [`DeskError::Store`].
    ///
    /// # Cancel safety
    /// Either everything or nothing is recorded. Repeat the call with the same key to complete it.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Channel, Desk, DeskError, Event, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// # desk.add(Prospect::new("p-17")?, t).await?;
    /// let early = desk.record("p-17", Event::proposal_sent(t, None, None)).await;
    /// assert!(matches!(early, Err(DeskError::Refused { .. })), "no appointment was held (P2)");
    /// let receipt = desk.record("p-17", Event::replied(t, Channel::EMAIL).with_key("crm-8841")).await?;
    /// assert_eq!(receipt.key, "crm-8841");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn record<I>(&self, prospect: I, event: Event) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        let now = event.at();
        self.record_at(prospect, event, now).await
    }

    /// Records an event that happened before `now`, the current time. An event that breaks a rule is refused.
    ///
    /// # Errors
    /// As [`Desk::record`]; an event later than `now` is refused too.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, DeskError, Event, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// # desk.add(Prospect::new("p-17")?, t).await?;
    /// let now = "2026-03-09T09:00:00Z".parse()?;
    /// let receipt = desk.record_at("p-17", Event::stopped(t), now).await?;
    /// assert_eq!(receipt.plan.to_string(), "rest: stopped");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn record_at<I>(
        &self,
        prospect: I,
        event: Event,
        now: DateTime<Utc>,
    ) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        self.book.record(&prospect.try_into()?, event, now, Mode::Strict).await
    }

    /// Records an event that happens now, whether or not it breaks rules: breaches are findings in the receipt.
    /// Creates the prospect if it does not exist.
    ///
    /// # Errors
    /// [`DeskError::KeyConflict`] if the key belongs to another event; [`DeskError::NeverOpens`];
    /// [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// let receipt = desk.observe("p-17", Event::proposal_sent(t, None, None)).await?;
    /// assert_eq!(receipt.findings[0].to_string().split(':').next(), Some("skipped_stage (P2)"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn observe<I>(&self, prospect: I, event: Event) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        let now = event.at();
        self.observe_at(prospect, event, now).await
    }

    /// Records an event that happened before `now`, whether or not it breaks rules.
    ///
    /// # Errors
    /// As [`Desk::observe`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// let now = "2026-03-09T09:00:00Z".parse()?;
    /// let receipt = desk.observe_at("p-17", Event::added(t), now).await?;
    /// assert_eq!(receipt.event, "added");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn observe_at<I>(
        &self,
        prospect: I,
        event: Event,
        now: DateTime<Utc>,
    ) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        self.book.record(&prospect.try_into()?, event, now, Mode::Observed).await
    }

    /// Returns the changes that [`Desk::record_at`] would write, without writing them. A host can write them together
    /// with its own rows in one transaction, if its store supports that.
    ///
    /// # Errors
    /// As [`Desk::record_at`]. If writing the changes ends in a conflict, another writer was faster: prepare again.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// # desk.add(Prospect::new("p-17")?, t).await?;
    /// let prepared = desk.prepare("p-17", Event::stopped(t), t).await?;
    /// assert_eq!(prepared.receipt().event, "stopped");
    /// desk.store().append(prepared.changes().to_vec()).await?;
    /// assert_eq!(desk.history("p-17").await?.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn prepare<I>(
        &self,
        prospect: I,
        event: Event,
        now: DateTime<Utc>,
    ) -> Result<Prepared, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        let id = prospect.try_into()?;
        let (event, hash) = self.book.with_key_and_hash(&id, event);
        self.book.prepare_once(&id, event, hash, now, Mode::Strict).await
    }

    /// Returns the rules that an event would break, without writing anything.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// # desk.add(Prospect::new("p-17")?, t).await?;
    /// let findings = desk.check("p-17", &Event::proposal_sent(t, None, None), t).await?;
    /// assert_eq!(findings[0].rule.to_string(), "P2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn check<I>(
        &self,
        prospect: I,
        event: &Event,
        now: DateTime<Utc>,
    ) -> Result<Vec<Finding>, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        self.book.check(&prospect.try_into()?, event, now).await
    }

    /// Imports a batch of history in one atomic step, without checking rules. Idempotent; the order of the batch does
    /// not matter.
    ///
    /// History is taken as given: wake-ups that would have been due between its events and that a later event undid are
    /// not added. Wake-ups that still hold at the end are added by readers and by [`Desk::wake`], dated when they were
    /// due, even if other events came later.
    ///
    /// # Errors
    /// [`DeskError::Store`]; nothing of the batch is written then. Rejected events are not an error: they are listed in
    /// the result.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// use followup::import::ImportItem;
    ///
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// let batch = [ImportItem::new("p-17", Event::added(t))?, ImportItem::new("p-17", Event::replied(t, None))?];
    /// let imported = desk.import(&batch, t).await?;
    /// assert_eq!((imported.new, imported.new_prospects), (2, 1));
    /// assert_eq!(desk.import(&batch, t).await?.repeated, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn import(&self, batch: &[ImportItem], now: DateTime<Utc>) -> Result<Imported, DeskError> {
        self.book.import(batch, now).await
    }

    /// Plans a prospect as of `now`. Wake-ups that are due by then are applied, recorded or not. Only events up to
    /// `now` count, so an earlier `now` gives a view of the past.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`], also if nothing had happened by `now`; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// # desk.observe("p-17", Event::added(t)).await?;
    /// let view = desk.plan("p-17", t).await?;
    /// println!("{}", view.plan.why());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn plan<I>(&self, prospect: I, now: DateTime<Utc>) -> Result<View, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        self.read().plan(&prospect.try_into()?, now).await
    }

    /// Returns all events of a prospect, in order, with name and addresses unless they are erased.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// # desk.observe("p-17", Event::added(t)).await?;
    /// let history = desk.history("p-17").await?;
    /// assert_eq!(history[0].event.name(), "added");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn history<I>(&self, prospect: I) -> Result<Vec<HistoryEntry>, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        self.read().history(&prospect.try_into()?).await
    }

    /// Asks who is next: the actions that open within seven days or are late, in rank order (E3, E4). The methods of
    /// [`Agenda`] change the days and narrow the result.
    ///
    /// # Examples
    /// See [`Agenda`].
    pub fn agenda(&self, now: DateTime<Utc>) -> Agenda<'_> {
        Agenda::new(&self.book, now)
    }

    /// Records the wake-ups that are due up to `now`, oldest first, and returns the number of events recorded.
    ///
    /// Reads the due entries, not the whole book. Call it regularly, for instance once a day and before
    /// [`Desk::tick`]: it also turns messages without an outcome into actions for a person.
    ///
    /// # Errors
    /// [`DeskError::Store`]; events that were recorded before the error stay recorded.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::asked_information(t, None)).await?;
    /// desk.observe("p-17", Event::information_sent(t, None).with_seq(1)).await?;
    /// let recorded = desk.wake(t + chrono::TimeDelta::days(90)).await?;
    /// assert_eq!(recorded, 1, "they went stale (P8)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn wake(&self, now: DateTime<Utc>) -> Result<usize, DeskError> {
        self.book.wake(now).await
    }

    /// Records that an owner is away: actions that we start for their prospects wait until the owner is back, and owed
    /// actions show that a deputy is needed (C14). Applies to all prospects of the owner and to those assigned to them
    /// later. Returns the number of prospects that it was recorded for now.
    ///
    /// Reads the whole book. Repeat the call to complete it after an interruption.
    ///
    /// # Errors
    /// [`DeskError::Store`]; events that were recorded before the error stay recorded.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.add(Prospect::new("p-17")?.owner("kim"), t).await?;
    /// let (from, until) = ("2026-03-09T00:00:00Z".parse()?, "2026-03-16T00:00:00Z".parse()?);
    /// assert_eq!(desk.owner_away("kim", from, until, t).await?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn owner_away(
        &self,
        owner: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<usize, DeskError> {
        self.book.owner_away(owner, from, until, now).await
    }

    /// Sends the due automatic messages. Claims each action, checks it again, records the intent to send, passes the
    /// message to the dispatcher and records the outcome. Returns one result per claimed action.
    ///
    /// At most one message is begun for an action, even if many workers call this at once and some of them crash. A
    /// message that was begun and has no known outcome becomes an action for a person and is never sent again (row
    /// 1). A stop that is recorded before a message is begun prevents it; the [`Receipt`] of a later stop says that
    /// the message is in flight.
    ///
    /// Call it as often as promptness requires. It costs one query if nothing is due. It does not include
    /// [`Desk::wake`].
    ///
    /// # Errors
    /// [`DeskError::Store`] if the claim failed. Later failures are reported per action.
    ///
    /// # Cancel safety
    /// Dropping the future is like a crash of the process: messages that were begun become unknown after a while.
    ///
    /// # Examples
    /// See [`send`](crate::send).
    ///
    /// # Source
    /// S3, S6, C16; rows 0–2 of the planning table.
    pub async fn tick(
        &self,
        now: DateTime<Utc>,
        dispatcher: &dyn Dispatcher,
        limits: TickLimits,
    ) -> Result<Vec<Ticked>, DeskError> {
        self.book.tick(now, dispatcher, limits).await
    }

    /// Returns the instant at which [`Desk::wake`] or [`Desk::tick`] next has something to do; `None` if only a new event
    /// can change that. An instant in the past means now.
    ///
    /// A loop that sends can sleep until then, but not for long: an event that is recorded meanwhile, by any process,
    /// may be due earlier.
    ///
    /// # Errors
    /// [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
    /// let acknowledging = Playbook::parse("[answers]\nacknowledge = true\n")?;
    /// let desk = Desk::new(MemoryStore::new(), acknowledging);
    /// assert_eq!(desk.next_due().await?, None);
    /// desk.add(Prospect::new("p-17")?.email("ada@example.org")?, t).await?;
    /// desk.record("p-17", Event::inquired(t, None)).await?;
    /// assert_eq!(desk.next_due().await?, Some(t), "the inquiry is acknowledged at once");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, DeskError> {
        self.book.next_due().await
    }

    /// Erases the personal data of a prospect: the profile and the free text in the journal. Nothing is due for them
    /// from then on. The events stay, without name and address, so that reports stay correct.
    ///
    /// The prospect id stays too: choose ids that are not personal.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`], with a conflict if an event was recorded meanwhile.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.add(Prospect::new("p-17")?.name("Ada"), t).await?;
    /// desk.erase("p-17", t).await?;
    /// assert_eq!(desk.plan("p-17", t).await?.plan.to_string(), "rest: erased");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn erase<I>(&self, prospect: I, now: DateTime<Utc>) -> Result<(), DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        self.book.erase(&prospect.try_into()?, now).await
    }

    /// Publishes a version of a playbook, which is immutable from then on, and decides for each prospect on the
    /// playbook of that name whether they stay on their version or move. If it is the default playbook, this includes
    /// prospects without a playbook of their own.
    ///
    /// Each decision is recorded as one event, `playbook_set`, under a key of this publication. Prospects at rest
    /// under both versions get no event, so a stop stays a stop. If the version that some prospects stay on is not
    /// published, it is published too.
    ///
    /// Publish the first version before you change it: prospects can only stay on a version that this desk was given or
    /// that is published. Otherwise prospects without a version of their own continue under the new one.
    ///
    /// Reads the whole book, twice if some prospects stay. Repeat the call with the same choice to complete an
    /// interrupted publication: each prospect is decided on once. Prospects added meanwhile start under the new
    /// version. Other desks on the store see the version after [`Desk::reload`].
    ///
    /// # Errors
    /// [`DeskError::NotNewer`] if a higher version exists under the name; [`DeskError::PublishedOtherwise`] if the
    /// version exists with other settings; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Playbook};
    /// use followup::publish::Moving;
    ///
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// let mut desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// let slower = Playbook::parse("version = 2\n[cadence.hot]\nfrom = \"P10D\"\nto = \"P10D\"\n")?;
    /// let published = desk.publish(slower, Moving::MoveUnlessPast, t).await?;
    /// assert_eq!((published.version, published.moved), (2, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Source
    /// T3; S3, S6.
    pub async fn publish(
        &mut self,
        policy: impl Into<Policy>,
        moving: Moving,
        now: DateTime<Utc>,
    ) -> Result<Published, DeskError> {
        self.book.publish(policy.into(), moving, now).await
    }

    /// Reads the published playbooks again, to see versions that other desks have published since this one was opened.
    ///
    /// # Errors
    /// [`DeskError::Document`] if a published playbook cannot be read; [`DeskError::Store`]. The desk is unchanged
    /// then.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Playbook};
    /// use followup::publish::Moving;
    ///
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// let store = MemoryStore::new();
    /// let mut desk = Desk::new(store.clone(), Playbook::default());
    /// let mut other = Desk::new(store, Playbook::default());
    /// other.publish(Playbook::parse("version = 2\n")?, Moving::Move, t).await?;
    /// desk.reload().await?;
    /// assert_eq!(desk.policy().settings().version, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn reload(&mut self) -> Result<(), DeskError> {
        self.book.reload().await
    }
}
