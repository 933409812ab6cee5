//! Recording one event, and what time alone has changed.

use std::iter;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::log::Log;
use super::suppress::OptedIn;
use super::{Desk, DeskError, codec};
use crate::event::{Event, EventKind};
use crate::plan::{Plan, plan, planned_by};
use crate::prospect::{Profile, ProspectId};
use crate::state::{Breach, Finding, ProspectState};
use crate::store::{Append, DueOrder, DueQuery, Head, HeadQuery, Revision};

/// How an event is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Breaches are refused.
    Strict,
    /// Breaches are findings.
    Observed,
}

/// What recording an event has led to.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Receipt {
    /// Whose event.
    pub prospect: ProspectId,
    /// The key of the event: the caller's, or the one that was made for it.
    pub key: String,
    /// How far the journal is.
    pub revision: Revision,
    /// Whether the event was there already, so that nothing was written.
    pub repeated: bool,
    /// Which rules it broke, if it was observed; and advice.
    pub findings: Vec<Finding>,
    /// The names of wake-ups that were recorded with it, having been due before it.
    pub woken: Vec<&'static str>,
    /// The action that is being sent right now, or has been with its outcome not known yet. A stop is final for all
    /// that has not begun (S3, S6); this one had.
    pub in_flight: Option<String>,
    /// What is next.
    pub plan: Plan,
}

/// What recording an event would write, for a host that writes it together with rows of its own.
#[derive(Clone, PartialEq, Debug)]
#[must_use = "nothing is written until the changes are appended"]
pub struct Prepared {
    receipt: Receipt,
    changes: Vec<Append>,
}

impl Prepared {
    /// What it leads to, once it is written.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// What is to be written, all in one step; empty if the event was there already. Where a merged record passes an
    /// opting out or a stop on (S6), the changes of those that it goes on in come first.
    pub fn changes(&self) -> &[Append] {
        &self.changes
    }

    pub(super) fn into_changes(self) -> Vec<Append> {
        self.changes
    }
}

/// How often an append is decided again after somebody else's.
const CONFLICTS_MAX: usize = 64;

/// How often a store is asked again that does not know what became of an append.
const UNKNOWNS_MAX: usize = 2;

impl Desk {
    pub(super) async fn take(
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
    pub(super) fn keyed(&self, id: &ProspectId, event: Event) -> (Event, [u8; 16]) {
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
    pub(super) async fn prepare_once(
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
        let mut log = self.log_for(id, head.as_ref(), &event, manner).await?;
        let known_of = self.suppressed(iter::once(&log.profile), iter::once(&event)).await?;
        log.suppressed = Arc::new(known_of);
        if let Some(known) = known {
            if known != hash {
                return Err(key_conflict(id, key));
            }
            return Ok(Prepared { receipt: self.repeated(log, key, now), changes: Vec::new() });
        }
        let (name, event_at) = (event.name(), event.at);
        let following = self.owner_absences(&event).await?;
        let taken = log.take(self, event, &following, now);
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
            self.change_with_profile(&log, taken.events, Some((&key, hash)), &taken.state, now);
        let suppressed = log.suppressed.after(&change.suppressions);
        let out = self.out_of(&suppressed, &profile, now.max(event_at));
        let seen = taken.state.suppressed(&out);
        let receipt = Receipt {
            prospect: id.clone(),
            key,
            revision: change.revision(),
            repeated: false,
            findings: taken.findings,
            woken,
            in_flight: taken.state.in_flight().map(str::to_owned),
            plan: plan(&seen, self.playbook_of(&taken.state)),
        };
        // Whoever their record goes on in hears of it in the same step, or the step is not taken.
        let mut changes = self.carried(&log, &taken.state, now).await?;
        changes.push(change);
        Ok(Prepared { receipt, changes })
    }

    /// The log that an event is taken into: with the journal, if the event is late.
    async fn log_for(
        &self,
        id: &ProspectId,
        head: Option<&Head>,
        event: &Event,
        manner: Manner,
    ) -> Result<Log, DeskError> {
        match head {
            None if manner == Manner::Strict && !matches!(event.kind, EventKind::Added { .. }) => {
                Err(DeskError::UnknownProspect(id.clone()))
            }
            None => Ok(Log::new(id.clone(), self.playbook().zone())),
            Some(head) => {
                let log = self.log(head).await?;
                if log.state.is_next(event) { Ok(log) } else { self.with_journal(log).await }
            }
        }
    }

    fn repeated(&self, log: Log, key: String, now: DateTime<Utc>) -> Receipt {
        let plan = plan(&self.seen(&log, &log.state, now), self.playbook_of(&log.state));
        Receipt {
            prospect: log.prospect,
            key,
            revision: log.revision,
            repeated: true,
            findings: Vec::new(),
            woken: Vec::new(),
            in_flight: log.state.in_flight().map(str::to_owned),
            plan,
        }
    }

    /// The change that records events and leads to a state. The hash of a caller's event is that of what the
    /// caller said, before anything was withheld.
    pub(super) fn change(
        &self,
        log: &Log,
        events: Vec<Event>,
        told: Option<(&str, [u8; 16])>,
        state: &ProspectState,
        now: DateTime<Utc>,
    ) -> Append {
        self.change_with_profile(log, events, told, state, now).0
    }

    fn change_with_profile(
        &self,
        log: &Log,
        events: Vec<Event>,
        told: Option<(&str, [u8; 16])>,
        state: &ProspectState,
        now: DateTime<Utc>,
    ) -> (Append, Profile) {
        let id = &log.prospect;
        let mut profile = log.profile.clone();
        let opted_in: Vec<_> = events.iter().filter_map(OptedIn::of).collect();
        let records = events
            .into_iter()
            .map(|event| {
                let own = told.filter(|(key, _)| *key == event.key).map(|(_, hash)| hash);
                let hash = own.unwrap_or_else(|| self.hasher.of(id, &event));
                codec::record(event, hash, now, &mut profile).1
            })
            .collect();
        (self.change_of_records(log, records, &profile, state, &opted_in), profile)
    }

    pub(super) fn change_of_records(
        &self,
        log: &Log,
        records: Vec<crate::store::Record>,
        profile: &Profile,
        state: &ProspectState,
        opted_in: &[OptedIn],
    ) -> Append {
        let playbook = self.playbook_of(state);
        let mut change = Append::new(log.prospect.clone(), log.revision, records, codec::snapshot(state));
        change.suppressions = self.suppressions(log, profile, state, opted_in);
        if *profile != log.profile {
            change.profile = Some(serde_json::to_string(profile).expect("a profile is plain text"));
        }
        change.due = codec::due(&log.prospect, change.revision(), state, playbook, &planned_by(playbook));
        change
    }

    /// Records what time alone has changed up to `now`, oldest first; hands back how many events that were.
    ///
    /// # Errors
    /// [`DeskError::Store`]; what was recorded before stays.
    pub async fn wake(&self, now: DateTime<Utc>) -> Result<usize, DeskError> {
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
                let log = self.log(&head).await?;
                // A view of the past changes nothing.
                if log.state.last_event_at().is_some_and(|newest| newest > now) {
                    continue;
                }
                let state = log.state.clone();
                let (log, state, events) = self.woken(log, state, now).await?;
                if !events.is_empty() {
                    recorded += events.len();
                    changes.push(self.change(&log, events, None, &state, now));
                }
            }
            self.append_each(changes).await?;
            if !more {
                return Ok(recorded);
            }
        }
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

pub(super) fn key_conflict(id: &ProspectId, key: String) -> DeskError {
    DeskError::KeyConflict { prospect: id.clone(), key }
}
