//! The façade over a store and the playbooks.
//!
//! A [`Desk`] joins what the engine decides with what a store keeps. It reads no clock: whoever calls it says what
//! time it is.

mod codec;
mod diff;
mod dispatch;
mod erase;
mod error;
mod import;
mod log;
mod merge;
mod owner;
mod past;
mod publish;
mod record;
mod shelf;
mod simulate;
mod suppress;
mod tick;
mod view;

use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use diff::{DayLoad, PlanChange, PlaybookDiff};
pub use dispatch::{Delivery, Dispatcher, Message};
pub use error::DeskError;
pub use import::{ImportItem, Imported, Rejected};
pub(crate) use past::Past;
pub use publish::{Moving, Published};
pub use record::{Prepared, Receipt};
pub use tick::{TickLimits, TickOutcome, Ticked};
pub use view::{HistoryEntry, View};

use crate::event::Event;
use crate::playbook::Playbook;
use crate::prospect::{Prospect, ProspectId};
use crate::state::{Finding, ProspectState};
use crate::store::{Head, Store, StoreExt};
use codec::Hasher;
use shelf::Shelf;

/// Where a host records what happened and asks who is next. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    store: Arc<dyn Store>,
    shelf: Arc<Shelf>,
    hasher: Hasher,
}

/// Makes a [`Desk`].
#[must_use]
pub struct DeskBuilder {
    store: Arc<dyn Store>,
    playbook: Option<Playbook>,
    others: Vec<Playbook>,
    secret: [u8; 32],
}

impl DeskBuilder {
    /// The playbook of all who have no other.
    pub fn playbook(mut self, playbook: Playbook) -> DeskBuilder {
        self.playbook = Some(playbook);
        self
    }

    /// A playbook that prospects may be given by its name.
    pub fn another(mut self, playbook: Playbook) -> DeskBuilder {
        self.others.push(playbook);
        self
    }

    /// The secret that keys the hashes of events and addresses. Whoever has it can test guesses against them;
    /// whoever loses it loses the suppressions. All zero unless it is set.
    pub fn secret(mut self, secret: [u8; 32]) -> DeskBuilder {
        self.secret = secret;
        self
    }

    /// The desk, without looking at the store. It has the playbooks that it was given, and none that are published;
    /// see [`DeskBuilder::open`].
    pub fn build(self) -> Desk {
        let shelf = Shelf::new(self.playbook.unwrap_or_default(), self.others);
        Desk { store: self.store, shelf: Arc::new(shelf), hasher: Hasher::new(self.secret) }
    }

    /// The desk, with the playbooks that are published in the book. Of each name the highest version holds for those
    /// who were given none, whether it is published or given here.
    ///
    /// # Errors
    /// [`DeskError::PublishedOtherwise`] if a playbook that was given here is published in the same version, the newest,
    /// with other words; [`DeskError::Document`] if one cannot be read; [`DeskError::Store`].
    pub async fn open(self) -> Result<Desk, DeskError> {
        let given: Vec<_> = self.playbook.iter().chain(&self.others).cloned().collect();
        let mut desk = self.build();
        let published = shelf::published(&*desk.store, None).await?;
        for given in &given {
            let (name, version) = (given.name(), given.settings().version);
            let newest = published.iter().rfind(|published| published.name() == name);
            let same = newest.filter(|newest| newest.settings().version == version);
            if same.is_some_and(|same| same.settings() != given.settings()) {
                return Err(DeskError::PublishedOtherwise { name: name.to_owned(), version });
            }
        }
        desk.reload().await?;
        Ok(desk)
    }
}

impl Desk {
    /// A desk over a store, with one playbook for all and no secret.
    pub fn new(store: impl Store + 'static, playbook: Playbook) -> Desk {
        Desk::builder(store).playbook(playbook).build()
    }

    /// Begins a desk over a store.
    pub fn builder(store: impl Store + 'static) -> DeskBuilder {
        DeskBuilder { store: Arc::new(store), playbook: None, others: Vec::new(), secret: [0; 32] }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The playbook of all who have no other: the newest of its name.
    pub fn playbook(&self) -> &Playbook {
        self.shelf.own()
    }

    /// The playbook that holds for a prospect: the one that was set for them, in the version that was set, if this
    /// desk has it; else that of all who have no other.
    pub fn playbook_of(&self, state: &ProspectState) -> &Playbook {
        self.shelf.of(state).unwrap_or_else(|| self.playbook())
    }

    /// Takes a prospect in. Adding the same one again changes nothing.
    ///
    /// # Errors
    /// [`DeskError::Exists`] if a prospect of that id was added with other particulars or at another time;
    /// [`DeskError::Store`].
    pub async fn add(&self, prospect: Prospect, at: DateTime<Utc>) -> Result<Receipt, DeskError> {
        let id = prospect.id().clone();
        let events = prospect.into_events(at).into_iter().map(|event| {
            let key = event.name().to_owned();
            event.key(key)
        });
        let mut receipt = None;
        for event in events {
            receipt = Some(self.observe_at(&id, event, at).await.map_err(|error| match error {
                DeskError::KeyConflict { prospect, .. } => DeskError::Exists(prospect),
                other => other,
            })?);
        }
        Ok(receipt.expect("taking somebody in is at least one event"))
    }

    /// Records an event that happens now, strictly: an event that breaks a rule is refused.
    ///
    /// # Errors
    /// [`DeskError::Refused`] with every rule that it breaks; [`DeskError::UnknownProspect`];
    /// [`DeskError::KeyConflict`] if the key stands for another event; [`DeskError::Store`].
    ///
    /// # Cancel safety
    /// All or nothing is recorded; recording again with the same key completes it.
    pub async fn record<I>(&self, prospect: I, event: Event) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        let now = event.at;
        self.record_at(&prospect.try_into()?, event, now).await
    }

    /// Records an event that happened earlier, strictly; `now` is the present.
    ///
    /// # Errors
    /// As [`Desk::record`]; also refused is an event later than `now`.
    pub async fn record_at(
        &self,
        id: &ProspectId,
        event: Event,
        now: DateTime<Utc>,
    ) -> Result<Receipt, DeskError> {
        self.take(id, event, now, record::Manner::Strict).await
    }

    /// Takes an event as it happened; breaches of rules are findings in the receipt. A prospect that is not there
    /// yet is made.
    ///
    /// # Errors
    /// [`DeskError::KeyConflict`] if the key stands for another event; [`DeskError::NeverOpens`];
    /// [`DeskError::Store`].
    pub async fn observe<I>(&self, prospect: I, event: Event) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        let now = event.at;
        self.observe_at(&prospect.try_into()?, event, now).await
    }

    /// Takes an event as it happened, earlier than `now`.
    ///
    /// # Errors
    /// As [`Desk::observe`].
    pub async fn observe_at(
        &self,
        id: &ProspectId,
        event: Event,
        now: DateTime<Utc>,
    ) -> Result<Receipt, DeskError> {
        self.take(id, event, now, record::Manner::Observed).await
    }

    /// What recording an event would write, without writing it: for a host that commits it together with rows of its
    /// own, through its store's way into a transaction. Strict, as [`Desk::record_at`].
    ///
    /// # Errors
    /// As [`Desk::record_at`]. When the changes are written, a conflict means that somebody else was faster: prepare
    /// again.
    pub async fn prepare(
        &self,
        id: &ProspectId,
        event: Event,
        now: DateTime<Utc>,
    ) -> Result<Prepared, DeskError> {
        let (event, hash) = self.keyed(id, event);
        self.prepare_once(id, event, hash, now, record::Manner::Strict).await
    }

    /// Which rules an event would break, without writing anything.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    pub async fn check(
        &self,
        id: &ProspectId,
        event: &Event,
        now: DateTime<Utc>,
    ) -> Result<Vec<Finding>, DeskError> {
        let head = self.head(id).await?;
        let mut log = self.with_suppressed(self.log(&head).await?).await?;
        if !log.state.is_next(event) {
            log = self.with_journal(log).await?;
        }
        Ok(log.take(self, event.clone(), &[], now).findings)
    }

    /// Where the journal of a prospect stands who has to be there.
    async fn head(&self, id: &ProspectId) -> Result<Head, DeskError> {
        self.store.head_of(id).await?.ok_or_else(|| DeskError::UnknownProspect(id.clone()))
    }
}
