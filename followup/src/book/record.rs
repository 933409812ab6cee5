//! Recording of one event, and of due wake-ups.

use std::iter;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::journal::Journal;
use super::suppress::OptedIn;
use super::{Book, codec};
use crate::error::DeskError;
use crate::profile::Profile;
use followup_core::event::{Event, EventKind};
use followup_core::plan::{Plan, plan, planned_by};
use followup_core::prospect::ProspectId;
use followup_core::state::{Breach, Finding, ProspectState};
use followup_core::store::{Append, DueOrder, DueQuery, Head, HeadQuery, Revision};

/// The treatment of events that break rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Breaches are refused.
    Strict,
    /// Breaches are findings.
    Observed,
}

/// The result of recording an event.
///
/// Serializes to the JSON that the `followup` command prints.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Channel, Desk, Event, Playbook, Prospect};
/// use followup::desk::Receipt;
/// use followup::store::Revision;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.add(Prospect::new("p-17")?, t).await?;
/// let replied = Event::replied(t, Channel::EMAIL).with_key("crm-8841");
/// let receipt: Receipt = desk.record("p-17", replied.clone()).await?;
/// assert_eq!((receipt.event, receipt.revision, receipt.repeated), ("replied", Revision(2), false));
/// let again = desk.record("p-17", replied).await?;
/// assert_eq!((again.revision, again.repeated), (Revision(2), true));
/// assert_eq!(again.plan, receipt.plan);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Receipt {
    /// The prospect.
    pub prospect: ProspectId,
    /// The name of the event.
    pub event: &'static str,
    /// The key of the event: the caller's, or a generated one.
    pub key: String,
    /// The revision of the journal.
    pub revision: Revision,
    /// Whether the event was already recorded, so that nothing was written.
    pub repeated: bool,
    /// The rules that an observed event broke, and advice.
    pub findings: Vec<Finding>,
    /// The names of the wake-ups that were due before the event and were recorded with it.
    pub woken: Vec<&'static str>,
    /// The action whose message is being sent, or was sent with an outcome that is not known yet. A stop prevents only
    /// messages that have not begun (S3, S6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<String>,
    /// The plan.
    #[serde(rename = "next")]
    pub plan: Plan,
}

/// The changes that recording an event would write, for a host that writes them together with its own rows. See
/// [`Desk::prepare`](crate::Desk::prepare).
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Desk, Event, Playbook, Prospect};
/// use followup::desk::Prepared;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.add(Prospect::new("p-17")?, t).await?;
/// let prepared: Prepared = desk.prepare("p-17", Event::stopped(t), t).await?;
/// assert_eq!(prepared.receipt().plan.to_string(), "rest: stopped");
/// assert_eq!(prepared.changes().len(), 1);
/// assert_eq!(desk.history("p-17").await?.len(), 1, "nothing is written yet");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug)]
#[must_use = "nothing is written until the changes are appended"]
pub struct Prepared {
    receipt: Receipt,
    changes: Vec<Append>,
}

impl Prepared {
    /// Returns the receipt, which is valid once the changes are written.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Returns the changes to write, all in one step; empty if the event was already recorded. If a merged record
    /// passes on an opt-out or a stop (S6), the changes of the records that it was merged into come first.
    pub fn changes(&self) -> &[Append] {
        &self.changes
    }

    pub(crate) fn into_changes(self) -> Vec<Append> {
        self.changes
    }
}

/// The number of retries after a conflict with another writer.
const CONFLICTS_MAX: usize = 64;

/// The number of retries after an append with an unknown outcome.
const UNKNOWNS_MAX: usize = 2;

impl Book {
    pub(crate) async fn record(
        &self,
        id: &ProspectId,
        event: Event,
        now: DateTime<Utc>,
        mode: Mode,
    ) -> Result<Receipt, DeskError> {
        let (event, hash) = self.with_key_and_hash(id, event);
        let (mut conflicts, mut unknowns) = (0, 0);
        loop {
            match self.record_once(id, event.clone(), hash, now, mode).await {
                Err(error) if error.is_conflict() && conflicts < CONFLICTS_MAX => conflicts += 1,
                // The event may have been written. The next attempt finds it by its key.
                Err(error) if error.is_unknown() && unknowns < UNKNOWNS_MAX => unknowns += 1,
                Ok(mut receipt) if unknowns > 0 => {
                    receipt.repeated = false;
                    return Ok(receipt);
                }
                done => return done,
            }
        }
    }

    /// Returns an event with its key, and the hash of the event as the caller gave it.
    pub(crate) fn with_key_and_hash(&self, id: &ProspectId, event: Event) -> (Event, [u8; 16]) {
        let hash = self.hasher.of(id, &event);
        let key = self.hasher.key(&event, &hash);
        (event.with_key(key), hash)
    }

    async fn record_once(
        &self,
        id: &ProspectId,
        event: Event,
        hash: [u8; 16],
        now: DateTime<Utc>,
        mode: Mode,
    ) -> Result<Receipt, DeskError> {
        let prepared = self.prepare_once(id, event, hash, now, mode).await?;
        if !prepared.changes.is_empty() {
            self.store.append(prepared.changes).await?;
        }
        Ok(prepared.receipt)
    }

    /// Returns the changes that recording an event would write.
    pub(crate) async fn prepare_once(
        &self,
        id: &ProspectId,
        event: Event,
        hash: [u8; 16],
        now: DateTime<Utc>,
        mode: Mode,
    ) -> Result<Prepared, DeskError> {
        let key = event.key().to_owned();
        let head =
            self.store.head(vec![HeadQuery::new(id.clone(), vec![key.clone()])]).await?.pop().flatten();
        let known = head.as_ref().and_then(|head| head.known.first().copied().flatten());
        let mut journal = self.journal_for(id, head.as_ref(), &event, mode).await?;
        let suppressed = self.suppressed(iter::once(&journal.profile), iter::once(&event)).await?;
        journal.suppressed = Arc::new(suppressed);
        if let Some(known) = known {
            if known != hash {
                return Err(key_conflict(id, key));
            }
            return Ok(Prepared {
                receipt: self.repeated(journal, event.name(), key, now),
                changes: Vec::new(),
            });
        }
        let (name, event_at) = (event.name(), event.at());
        let following = self.owner_absences(&event).await?;
        let applied = journal.apply(self, event, &following, now);
        if applied.findings.iter().any(|finding| finding.finding == Breach::NeverOpens)
            && mode == Mode::Observed
        {
            return Err(DeskError::NeverOpens(id.clone()));
        }
        if mode == Mode::Strict && applied.findings.iter().any(Finding::is_refusal) {
            return Err(DeskError::Refused { prospect: id.clone(), event: name, findings: applied.findings });
        }
        let wake_ups = applied.events.iter().filter(|event| event.is_wake_up() && event.key() != key);
        let mut woken: Vec<_> = wake_ups.map(Event::name).collect();
        woken.dedup();
        let (change, profile) =
            self.change_with_profile(&journal, applied.events, Some((&key, hash)), &applied.state, now);
        let suppressed = journal.suppressed.after(&change.suppressions);
        let out = self.suppressed_channels(&suppressed, &profile, now.max(event_at));
        let effective = applied.state.suppressed(&out);
        let receipt = Receipt {
            prospect: id.clone(),
            event: name,
            key,
            revision: change.revision(),
            repeated: false,
            findings: applied.findings,
            woken,
            in_flight: applied.state.in_flight().map(str::to_owned),
            plan: plan(&effective, self.policy_of(&applied.state)),
        };
        // The records that this one was merged into are changed in the same step.
        let mut changes = self.merge_changes(&journal, &applied.state, now).await?;
        changes.push(change);
        Ok(Prepared { receipt, changes })
    }

    /// Returns the journal that an event is applied to, with its events loaded if the event is late.
    async fn journal_for(
        &self,
        id: &ProspectId,
        head: Option<&Head>,
        event: &Event,
        mode: Mode,
    ) -> Result<Journal, DeskError> {
        match head {
            None if mode == Mode::Strict && !matches!(event.kind(), EventKind::Added { .. }) => {
                Err(DeskError::UnknownProspect(id.clone()))
            }
            None => Ok(Journal::new(id.clone(), self.policy().zone())),
            Some(head) => {
                let journal = self.journal(head).await?;
                if journal.state.is_next(event) { Ok(journal) } else { self.with_events(journal).await }
            }
        }
    }

    fn repeated(&self, journal: Journal, event: &'static str, key: String, now: DateTime<Utc>) -> Receipt {
        let plan = plan(&self.effective(&journal, &journal.state, now), self.policy_of(&journal.state));
        Receipt {
            prospect: journal.prospect,
            event,
            key,
            revision: journal.revision,
            repeated: true,
            findings: Vec::new(),
            woken: Vec::new(),
            in_flight: journal.state.in_flight().map(str::to_owned),
            plan,
        }
    }

    /// Returns the change that records events with the resulting state. `given` is the key of the caller's event and
    /// its hash from before personal data was removed.
    pub(crate) fn change(
        &self,
        journal: &Journal,
        events: Vec<Event>,
        given: Option<(&str, [u8; 16])>,
        state: &ProspectState,
        now: DateTime<Utc>,
    ) -> Append {
        self.change_with_profile(journal, events, given, state, now).0
    }

    fn change_with_profile(
        &self,
        journal: &Journal,
        events: Vec<Event>,
        given: Option<(&str, [u8; 16])>,
        state: &ProspectState,
        now: DateTime<Utc>,
    ) -> (Append, Profile) {
        let id = &journal.prospect;
        let mut profile = journal.profile.clone();
        let opted_in: Vec<_> = events.iter().filter_map(OptedIn::of).collect();
        let records = events
            .into_iter()
            .map(|event| {
                let own = given.filter(|(key, _)| *key == event.key()).map(|(_, hash)| hash);
                let hash = own.unwrap_or_else(|| self.hasher.of(id, &event));
                codec::record(event, hash, now, &mut profile).1
            })
            .collect();
        (self.change_of_records(journal, records, &profile, state, &opted_in), profile)
    }

    pub(crate) fn change_of_records(
        &self,
        journal: &Journal,
        records: Vec<followup_core::store::Record>,
        profile: &Profile,
        state: &ProspectState,
        opted_in: &[OptedIn],
    ) -> Append {
        let policy = self.policy_of(state);
        let mut change =
            Append::new(journal.prospect.clone(), journal.revision, records, codec::snapshot(state));
        change.suppressions = self.suppressions(journal, profile, state, opted_in);
        if *profile != journal.profile {
            change.profile = Some(serde_json::to_string(profile).expect("a profile can be written as JSON"));
        }
        change.due = codec::due(&journal.prospect, change.revision(), state, policy, &planned_by(policy));
        change
    }

    pub(crate) async fn wake(&self, now: DateTime<Utc>) -> Result<usize, DeskError> {
        let mut recorded = 0;
        let mut query = DueQuery::new(DueOrder::WakeAt, WAKE_PAGE);
        query.before = now.checked_add_signed(chrono::TimeDelta::microseconds(1));
        loop {
            let entries = self.store.due(query.clone()).await?.entries;
            let Some(last) = entries.last() else { return Ok(recorded) };
            query.after = last.wake_at.map(|at| (at, last.prospect.clone()));
            let more = entries.len() == WAKE_PAGE;
            let queries = entries.into_iter().map(|due| HeadQuery::new(due.prospect, Vec::new())).collect();
            let mut changes = Vec::new();
            for head in self.store.head(queries).await?.into_iter().flatten() {
                let journal = self.journal(&head).await?;
                // With events later than `now`, `now` is in the past: nothing is recorded.
                if journal.state.last_event_at().is_some_and(|newest| newest > now) {
                    continue;
                }
                let state = journal.state.clone();
                let (journal, state, events) = self.woken(journal, state, now).await?;
                if !events.is_empty() {
                    recorded += events.len();
                    changes.push(self.change(&journal, events, None, &state, now));
                }
            }
            self.append_each(changes).await?;
            if !more {
                return Ok(recorded);
            }
        }
    }

    pub(crate) async fn check(
        &self,
        id: &ProspectId,
        event: &Event,
        now: DateTime<Utc>,
    ) -> Result<Vec<Finding>, DeskError> {
        let head = self.head(id).await?;
        let mut journal = self.with_suppressed(self.journal(&head).await?).await?;
        if !journal.state.is_next(event) {
            journal = self.with_events(journal).await?;
        }
        Ok(journal.apply(self, event.clone(), &[], now).findings)
    }

    /// Writes wake-ups in one step. After a conflict, writes them one by one and skips prospects that another writer
    /// has changed in between.
    async fn append_each(&self, changes: Vec<Append>) -> Result<(), DeskError> {
        if changes.is_empty() {
            return Ok(());
        }
        match self.store.append(changes.clone()).await.map_err(DeskError::from) {
            Err(error) if error.is_conflict() => {
                for change in changes {
                    match self.store.append(vec![change]).await.map_err(DeskError::from) {
                        Err(error) if !error.is_conflict() => return Err(error),
                        _ => {}
                    }
                }
                Ok(())
            }
            done => done,
        }
    }
}

/// The number of prospects that are woken at a time.
const WAKE_PAGE: usize = 500;

pub(crate) fn key_conflict(id: &ProspectId, key: String) -> DeskError {
    DeskError::KeyConflict { prospect: id.clone(), key }
}
