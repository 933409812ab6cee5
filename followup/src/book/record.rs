//! Recording one event, and what time alone has changed.

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

/// How an event is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Breaches are refused.
    Strict,
    /// Breaches are findings.
    Observed,
}

/// The result of recording an event.
///
/// Serializes to the JSON that the command prints for it.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Receipt {
    /// The prospect.
    pub prospect: ProspectId,
    /// The name of the event.
    pub event: &'static str,
    /// The key of the event: the caller's, or the one that was made for it.
    pub key: String,
    /// The revision of the journal.
    pub revision: Revision,
    /// Whether the event was recorded already, so that nothing was written.
    pub repeated: bool,
    /// The rules that it broke, if it was observed; and advice.
    pub findings: Vec<Finding>,
    /// The names of wake-ups that were recorded with it, having been due before it.
    pub woken: Vec<&'static str>,
    /// The action that is being sent right now, or was with its outcome unknown yet. A stop is final for all that has
    /// not begun (S3, S6); this one had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<String>,
    /// The plan.
    #[serde(rename = "next")]
    pub plan: Plan,
}

/// The changes that recording an event would make, for a host that writes them together with rows of its own. See
/// [`Desk::prepare`](crate::Desk::prepare).
#[derive(Clone, PartialEq, Debug)]
#[must_use = "nothing is written until the changes are appended"]
pub struct Prepared {
    receipt: Receipt,
    changes: Vec<Append>,
}

impl Prepared {
    /// The receipt, valid once the changes are written.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The changes to write, all in one step; empty if the event was recorded already. If a merged record passes on an
    /// opt-out or a stop (S6), the changes of the records it was merged into come first.
    pub fn changes(&self) -> &[Append] {
        &self.changes
    }

    pub(crate) fn into_changes(self) -> Vec<Append> {
        self.changes
    }
}

/// How often an append is decided again after somebody else's.
const CONFLICTS_MAX: usize = 64;

/// How often a store is asked again that does not know what became of an append.
const UNKNOWNS_MAX: usize = 2;

impl Book {
    pub(crate) async fn take(
        &self,
        id: &ProspectId,
        event: Event,
        now: DateTime<Utc>,
        manner: Manner,
    ) -> Result<Receipt, DeskError> {
        let (event, hash) = self.keyed(id, event);
        let (mut conflicts, mut unknowns) = (0, 0);
        loop {
            match self.take_once(id, event.clone(), hash, now, manner).await {
                Err(error) if error.is_conflict() && conflicts < CONFLICTS_MAX => conflicts += 1,
                // It may have been written. Whether it was, its key tells.
                Err(error) if error.is_unknown() && unknowns < UNKNOWNS_MAX => unknowns += 1,
                Ok(mut receipt) if unknowns > 0 => {
                    receipt.repeated = false;
                    return Ok(receipt);
                }
                done => return done,
            }
        }
    }

    /// An event with its key, and the hash of what the caller said.
    pub(crate) fn keyed(&self, id: &ProspectId, event: Event) -> (Event, [u8; 16]) {
        let hash = self.hasher.of(id, &event);
        let key = self.hasher.key(&event, &hash);
        (event.key(key), hash)
    }

    async fn take_once(
        &self,
        id: &ProspectId,
        event: Event,
        hash: [u8; 16],
        now: DateTime<Utc>,
        manner: Manner,
    ) -> Result<Receipt, DeskError> {
        let prepared = self.prepare_once(id, event, hash, now, manner).await?;
        if !prepared.changes.is_empty() {
            self.store.append(prepared.changes).await?;
        }
        Ok(prepared.receipt)
    }

    /// What recording an event would write.
    pub(crate) async fn prepare_once(
        &self,
        id: &ProspectId,
        event: Event,
        hash: [u8; 16],
        now: DateTime<Utc>,
        manner: Manner,
    ) -> Result<Prepared, DeskError> {
        let key = event.key.clone();
        let head =
            self.store.head(vec![HeadQuery::new(id.clone(), vec![key.clone()])]).await?.pop().flatten();
        let known = head.as_ref().and_then(|head| head.known.first().copied().flatten());
        let mut journal = self.journal_for(id, head.as_ref(), &event, manner).await?;
        let known_of = self.suppressed(iter::once(&journal.profile), iter::once(&event)).await?;
        journal.suppressed = Arc::new(known_of);
        if let Some(known) = known {
            if known != hash {
                return Err(key_conflict(id, key));
            }
            return Ok(Prepared {
                receipt: self.repeated(journal, event.name(), key, now),
                changes: Vec::new(),
            });
        }
        let (name, event_at) = (event.name(), event.at);
        let following = self.owner_absences(&event).await?;
        let taken = journal.take(self, event, &following, now);
        if taken.findings.iter().any(|finding| finding.finding == Breach::NeverOpens)
            && manner == Manner::Observed
        {
            return Err(DeskError::NeverOpens(id.clone()));
        }
        if manner == Manner::Strict && taken.findings.iter().any(Finding::is_refusal) {
            return Err(DeskError::Refused { prospect: id.clone(), event: name, findings: taken.findings });
        }
        let wake_ups = taken.events.iter().filter(|event| event.is_wake_up() && event.key != key);
        let mut woken: Vec<_> = wake_ups.map(Event::name).collect();
        woken.dedup();
        let (change, profile) =
            self.change_with_profile(&journal, taken.events, Some((&key, hash)), &taken.state, now);
        let suppressed = journal.suppressed.after(&change.suppressions);
        let out = self.out_of(&suppressed, &profile, now.max(event_at));
        let effective = taken.state.suppressed(&out);
        let receipt = Receipt {
            prospect: id.clone(),
            event: name,
            key,
            revision: change.revision(),
            repeated: false,
            findings: taken.findings,
            woken,
            in_flight: taken.state.in_flight().map(str::to_owned),
            plan: plan(&effective, self.policy_of(&taken.state)),
        };
        // Whoever their record goes on in hears of it in the same step, or the step is not taken.
        let mut changes = self.carried(&journal, &taken.state, now).await?;
        changes.push(change);
        Ok(Prepared { receipt, changes })
    }

    /// The journal that an event is taken into: with the journal, if the event is late.
    async fn journal_for(
        &self,
        id: &ProspectId,
        head: Option<&Head>,
        event: &Event,
        manner: Manner,
    ) -> Result<Journal, DeskError> {
        match head {
            None if manner == Manner::Strict && !matches!(event.kind, EventKind::Added { .. }) => {
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

    /// The change that records events and leads to a state. The hash of a caller's event is that of what the
    /// caller said, before anything was withheld.
    pub(crate) fn change(
        &self,
        journal: &Journal,
        events: Vec<Event>,
        told: Option<(&str, [u8; 16])>,
        state: &ProspectState,
        now: DateTime<Utc>,
    ) -> Append {
        self.change_with_profile(journal, events, told, state, now).0
    }

    fn change_with_profile(
        &self,
        journal: &Journal,
        events: Vec<Event>,
        told: Option<(&str, [u8; 16])>,
        state: &ProspectState,
        now: DateTime<Utc>,
    ) -> (Append, Profile) {
        let id = &journal.prospect;
        let mut profile = journal.profile.clone();
        let opted_in: Vec<_> = events.iter().filter_map(OptedIn::of).collect();
        let records = events
            .into_iter()
            .map(|event| {
                let own = told.filter(|(key, _)| *key == event.key).map(|(_, hash)| hash);
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
            change.profile = Some(serde_json::to_string(profile).expect("a profile is plain text"));
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
            let wanted = entries.into_iter().map(|due| HeadQuery::new(due.prospect, Vec::new())).collect();
            let mut changes = Vec::new();
            for head in self.store.head(wanted).await?.into_iter().flatten() {
                let journal = self.journal(&head).await?;
                // A view of the past changes nothing.
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
        Ok(journal.take(self, event.clone(), &[], now).findings)
    }

    /// Writes wake-ups together; where somebody else came in between, that prospect is left to its new plan.
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

/// How many prospects are woken at a time.
const WAKE_PAGE: usize = 500;

pub(crate) fn key_conflict(id: &ProspectId, key: String) -> DeskError {
    DeskError::KeyConflict { prospect: id.clone(), key }
}
