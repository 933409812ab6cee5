//! The façade over a store and the playbooks.

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
use crate::book::record::Manner;
use crate::import::{ImportItem, Imported};
use crate::publish::{Moving, Published};
use crate::read::{HistoryEntry, Reader, View};
use crate::send::{Dispatcher, TickLimits, Ticked};

/// Where a host records what happened and asks who is next. Cheap to clone.
///
/// A desk joins what the engine decides with what a store keeps. It reads no clock: callers pass the current time.
///
/// All calls are async and need no runtime of their own; [`block_on`](crate::block_on) runs one on the current thread. A
/// call takes as long as the store's calls that it makes: one or two for a prospect, and a number that grows with the
/// book where the documentation says so. Such scans yield to the executor between pages of 500 prospects.
///
/// ```
/// use followup::memory::MemoryStore;
/// use followup::{Channel, Desk, Event, Playbook, Prospect};
///
/// # followup::block_on(async {
/// let t = "2026-03-06T14:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
/// let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.add(Prospect::new("p-17")?.name("Ada").email("ada@example.org")?, t).await?;
/// let receipt = desk.record("p-17", Event::asked_information(t).via(Channel::EMAIL)).await?;
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

/// Builds a [`Desk`]; see [`Desk::builder`].
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
    /// Sets the default playbook, or policy: that of prospects without another. [`Policy::default`] if it is not set.
    pub fn playbook(mut self, policy: impl Into<Policy>) -> DeskBuilder {
        self.policy = Some(policy.into());
        self
    }

    /// Adds a playbook, or policy, that prospects can be given by its name.
    pub fn another(mut self, policy: impl Into<Policy>) -> DeskBuilder {
        self.others.push(policy.into());
        self
    }

    /// Sets the secret that keys the hashes of events and addresses: all zero unless it is set.
    ///
    /// Those who have the secret can test guesses of addresses against the hashes. A desk with another secret does not
    /// see the suppressions made under this one.
    pub fn secret(mut self, secret: [u8; 32]) -> DeskBuilder {
        self.secret = secret;
        self
    }

    /// Builds the desk without asking the store. It has the playbooks that it was given and none that are published;
    /// see [`DeskBuilder::open`].
    pub fn build(self) -> Desk {
        let policies = Policies::new(self.policy.unwrap_or_default(), self.others);
        let hasher = Hasher::new(self.secret);
        Desk { book: Book { store: self.store, policies: Arc::new(policies), hasher } }
    }

    /// Builds the desk with the playbooks that are published in the book. Of each name the highest version, published
    /// or given here, applies to prospects who were given no version.
    ///
    /// # Errors
    /// [`DeskError::PublishedOtherwise`] if a playbook that was given here is published in the same version, the newest,
    /// and differs; [`DeskError::Document`] if a published playbook cannot be read; [`DeskError::Store`].
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
    /// Creates a desk over a store, with a default playbook or policy and no secret.
    pub fn new(store: impl Store + 'static, policy: impl Into<Policy>) -> Desk {
        Desk::builder(store).playbook(policy).build()
    }

    /// Starts building a desk over a store.
    ///
    /// ```
    /// use followup::memory::MemoryStore;
    /// use followup::{Desk, Playbook};
    ///
    /// # followup::block_on(async {
    /// let services = Playbook::shipped("services").expect("it ships");
    /// let desk = Desk::builder(MemoryStore::new()).playbook(services).secret([7; 32]).open().await?;
    /// assert_eq!(desk.policy().name(), "services");
    /// # Ok::<(), followup::DeskError>(())
    /// # }).unwrap();
    /// ```
    pub fn builder(store: impl Store + 'static) -> DeskBuilder {
        DeskBuilder { store: Arc::new(store), policy: None, others: Vec::new(), secret: [0; 32] }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.book.store
    }

    /// The default policy, that of prospects without another: the newest version of its name.
    pub fn policy(&self) -> &Policy {
        self.book.policy()
    }

    /// The policy that applies to a prospect: that of the playbook they were given, in the version they were given, if
    /// this desk has it; else the default.
    pub fn policy_of(&self, state: &ProspectState) -> &Policy {
        self.book.policy_of(state)
    }

    /// A playbook's policy by name, as the host gave it or as it is published; the newest if no version is named.
    pub fn policy_named(&self, name: &str, version: Option<u32>) -> Option<&Policy> {
        match version {
            Some(version) => self.book.policies.version(name, version),
            None => self.book.policies.newest(name),
        }
    }

    /// The reading half of the desk: views, histories and pages of everybody.
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
        Ok(receipt.expect("adding somebody is at least one event"))
    }

    /// Records an event that happens now, strictly: an event that breaks a rule is refused.
    ///
    /// # Errors
    /// [`DeskError::Refused`] with every rule that it breaks; [`DeskError::UnknownProspect`];
    /// [`DeskError::KeyConflict`] if the key belongs to another event; [`DeskError::Store`].
    ///
    /// # Cancel safety
    /// All or nothing is recorded; recording again with the same key completes it.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Channel, Desk, DeskError, Event, Playbook, Prospect};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// # desk.add(Prospect::new("p-17")?, t).await?;
    /// let early = desk.record("p-17", Event::proposal_sent(t)).await;
    /// assert!(matches!(early, Err(DeskError::Refused { .. })), "no appointment was held (P2)");
    /// let receipt = desk.record("p-17", Event::replied(t).via(Channel::EMAIL).key("crm-8841")).await?;
    /// assert_eq!(receipt.key, "crm-8841");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn record<I>(&self, prospect: I, event: Event) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        let now = event.at;
        self.record_at(prospect, event, now).await
    }

    /// Records an event that happened earlier, strictly; `now` is the present.
    ///
    /// # Errors
    /// As [`Desk::record`]; an event later than `now` is refused too.
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
        self.book.take(&prospect.try_into()?, event, now, Manner::Strict).await
    }

    /// Records an event as it happened, now; breaches of rules are findings in the receipt. A prospect that does not
    /// exist yet is created.
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
    /// let receipt = desk.observe("p-17", Event::proposal_sent(t)).await?;
    /// assert_eq!(receipt.findings[0].to_string().split(':').next(), Some("skipped_stage (P2)"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn observe<I>(&self, prospect: I, event: Event) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        let now = event.at;
        self.observe_at(prospect, event, now).await
    }

    /// Records an event as it happened, earlier than `now`.
    ///
    /// # Errors
    /// As [`Desk::observe`].
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
        self.book.take(&prospect.try_into()?, event, now, Manner::Observed).await
    }

    /// Prepares what recording an event would write, without writing it: for a host that commits it together with rows
    /// of its own, through its store's way into a transaction. Strict, as [`Desk::record_at`].
    ///
    /// # Errors
    /// As [`Desk::record_at`]. If writing the changes ends in a conflict, somebody else was faster: prepare again.
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
        let (event, hash) = self.book.keyed(&id, event);
        self.book.prepare_once(&id, event, hash, now, Manner::Strict).await
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
    /// let findings = desk.check("p-17", &Event::proposal_sent(t), t).await?;
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

    /// Imports a batch of history in one atomic step, as observed. Repeating it changes nothing, nor does its order.
    ///
    /// History is taken as given: changes that time alone would have made between its events, and that a later event
    /// undid, are not made up. Those that still hold at the end are dated when they were due, even if other events came
    /// later, by readers and by [`Desk::wake`].
    ///
    /// # Errors
    /// [`DeskError::Store`]; nothing of the batch is written then. Events that cannot be taken are not an error: they
    /// are listed in the result.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// use followup::import::ImportItem;
    ///
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// let batch = [ImportItem::new("p-17", Event::added(t))?, ImportItem::new("p-17", Event::replied(t))?];
    /// let imported = desk.import(&batch, t).await?;
    /// assert_eq!((imported.new, imported.new_prospects), (2, 1));
    /// assert_eq!(desk.import(&batch, t).await?.repeated, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn import(&self, batch: &[ImportItem], now: DateTime<Utc>) -> Result<Imported, DeskError> {
        self.book.import(batch, now).await
    }

    /// Plans a prospect as of `now`, with what time alone has changed by then applied, recorded or not. Before recorded
    /// events this is a view of the past: only events up to `now` count.
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

    /// Returns everything that happened to a prospect, in order, with their name and addresses where they are known.
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

    /// Asks who is next, in rank order (E3, E4): what opens within seven days or is late, unless it is narrowed.
    ///
    /// # Examples
    /// See [`Desk`].
    pub fn agenda(&self, now: DateTime<Utc>) -> Agenda<'_> {
        Agenda::new(&self.book, now)
    }

    /// Records what time alone has changed up to `now`, oldest first, and returns the number of events recorded.
    ///
    /// Reads what is due, not the whole book. Call it now and then, for instance once a day and before [`Desk::tick`]:
    /// messages without an outcome are put to a person by it.
    ///
    /// # Errors
    /// [`DeskError::Store`]; what was recorded before the error stays.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::asked_information(t)).await?;
    /// desk.observe("p-17", Event::information_sent(t).seq(1)).await?;
    /// let recorded = desk.wake(t + chrono::TimeDelta::days(90)).await?;
    /// assert_eq!(recorded, 1, "they went stale (P8)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn wake(&self, now: DateTime<Utc>) -> Result<usize, DeskError> {
        self.book.wake(now).await
    }

    /// Records that an owner is away: what we start for their prospects waits until they are back, and what is owed
    /// shows that a deputy is wanted (C14). It applies to everybody they own, and to those assigned to them from now
    /// on. Returns how many prospects it was recorded for now.
    ///
    /// Reads the whole book. Repeating it reaches those that were not reached, for instance after an interruption.
    ///
    /// # Errors
    /// [`DeskError::Store`]; prospects that were reached before the error stay reached.
    pub async fn owner_away(
        &self,
        owner: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<usize, DeskError> {
        self.book.owner_away(owner, from, until, now).await
    }

    /// Sends what is due without a person: claims it, checks it once more, records that it is being sent, hands it to
    /// the dispatcher, and records the outcome. Returns the outcome of each.
    ///
    /// However many workers do this at once, and whenever they end, at most one message is begun for an action. A
    /// message that was begun and whose outcome is unknown is put to a person and never sent again (row 1). A stop that
    /// is recorded before a message is begun holds it back; a later one says in its [`Receipt`] that the message is in
    /// flight.
    ///
    /// Call it as often as promptness requires. With nothing due it costs one query. [`Desk::wake`] is a separate call.
    ///
    /// # Errors
    /// [`DeskError::Store`] if nothing could be claimed. Later failures are reported per action.
    ///
    /// # Cancel safety
    /// Dropping the future is like the end of the process: messages that were begun become unknown after a while.
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

    /// Removes a person: the profile and free text in the journal are removed, and nothing is due for them any more.
    /// What happened and when stays, without name and address, so that reports stay true.
    ///
    /// The prospect id stays too: choose ids that are not personal.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`], with a conflict if something was recorded meanwhile.
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

    /// Publishes a version of a playbook, which never changes from then on, and decides for everybody on the playbook
    /// of that name: those who were given it by name, and if it is the default those without another.
    ///
    /// Each is told by one event, `playbook_set`, under a key of this publication. Prospects at rest under both versions
    /// are left alone, so a stop stays a stop. If the version that some stay on was not published, it is published too.
    ///
    /// Publish a first version before it is changed: prospects can only stay on a version that this desk was given or
    /// the book has. Without one, prospects who were given no version go on under the new one.
    ///
    /// Reads the whole book, twice if some stay. An interrupted publication is completed by publishing the same again
    /// with the same choice: nobody is told twice or changes sides. Prospects added meanwhile start under the new
    /// version. Other desks on the store see it after [`Desk::reload`].
    ///
    /// # Errors
    /// [`DeskError::NotNewer`] unless the version is higher than all that are published under the name;
    /// [`DeskError::PublishedOtherwise`] if the version is published and differs; [`DeskError::Store`].
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

    /// Reads the published playbooks again: a desk sees what others have published since it was opened only after this.
    ///
    /// # Errors
    /// [`DeskError::Document`] if a published playbook cannot be read; [`DeskError::Store`]. The desk is unchanged then.
    pub async fn reload(&mut self) -> Result<(), DeskError> {
        self.book.reload().await
    }
}
