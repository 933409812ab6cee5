//! The journal of one prospect: its folded state, and the effect of one more event.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::suppress::Suppressed;
use super::{Book, codec};
use crate::error::DeskError;
use crate::profile::Profile;
use followup_core::event::{Event, EventKind};
use followup_core::plan::{WAKE_UPS_MAX, WakeUp};
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::rule::Rule;
use followup_core::state::{Breach, Finding, ProspectState};
use followup_core::store::{Head, Revision};
use followup_core::time::Zone;

/// The state of one prospect, with the events of the journal if they were needed.
pub(crate) struct Journal {
    pub(crate) prospect: ProspectId,
    pub(crate) revision: Revision,
    /// The time at which the prospect was first recorded; `None` for a new prospect.
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) state: ProspectState,
    pub(crate) profile: Profile,
    /// The suppressions of the prospect's addresses; empty until they are read.
    pub(crate) suppressed: Arc<Suppressed>,
    /// All events, in the order of the fold; `None` until a late event or wake-up makes them necessary.
    pub(crate) events: Option<Vec<Event>>,
}

/// The effect of one event.
pub(crate) struct Applied {
    pub(crate) state: ProspectState,
    /// The event and the wake-ups that are recorded with it, in the order of the fold.
    pub(crate) events: Vec<Event>,
    pub(crate) findings: Vec<Finding>,
}

impl Journal {
    /// Creates the empty journal of a new prospect.
    pub(crate) fn new(prospect: ProspectId, home: Zone) -> Journal {
        let state = ProspectState::new(home);
        let (revision, profile) = (Revision::default(), Profile::default());
        let suppressed = Arc::default();
        Journal { prospect, revision, since: None, state, profile, suppressed, events: Some(Vec::new()) }
    }

    /// Returns the effect of an event, with the events that follow directly from it. If the event is late, the events
    /// of the journal have to be loaded; see [`Book::journal_for`].
    pub(crate) fn apply(
        &self,
        book: &Book,
        event: Event,
        following: &[Event],
        now: DateTime<Utc>,
    ) -> Applied {
        match &self.events {
            Some(journal) if !self.state.is_next(&event) => {
                self.apply_late(book, journal, event, following, now)
            }
            _ => self.apply_next(book, event, following, now),
        }
    }

    /// Returns the effect of an event that is later than all others. Wake-ups that were due before it are applied
    /// first.
    fn apply_next(&self, book: &Book, event: Event, following: &[Event], now: DateTime<Utc>) -> Applied {
        let mut state = self.state.clone();
        let mut events = self.woken_before(&mut state, book, &event);
        let findings = findings(&book.effective(self, &state, event.at()), book, &event, now);
        events.push(event);
        events.extend_from_slice(following);
        events[events.len() - 1 - following.len()..].iter().for_each(|event| state.apply(event));
        Applied { state, events, findings }
    }

    /// Applies the wake-ups that were due before an event and returns them. There are none from before the prospect was
    /// first recorded: earlier events are imported history, which is taken as given.
    fn woken_before(&self, state: &mut ProspectState, book: &Book, event: &Event) -> Vec<Event> {
        if self.since.is_none_or(|since| event.at() <= since) || event.is_wake_up() {
            return Vec::new();
        }
        let policy = book.policy_of(state).clone();
        state.wake(&policy, event.at() - TimeDelta::microseconds(1))
    }

    /// Returns the effect of an event that is earlier than others: the journal is folded again with the event in its
    /// place, and wake-ups that are due because of it are added. The state is the same as if the event had come in
    /// time.
    fn apply_late(
        &self,
        book: &Book,
        journal: &[Event],
        event: Event,
        following: &[Event],
        now: DateTime<Utc>,
    ) -> Applied {
        let mut state = ProspectState::new(self.state.home());
        let mut events = Vec::new();
        let mut findings = Vec::new();
        let place = journal.partition_point(|other| other.order(&event).is_lt());
        let in_order = journal[..place].iter().chain([&event]).chain(following).chain(&journal[place..]);
        for (index, next) in in_order.enumerate() {
            if index >= place {
                events.extend(self.woken_before(&mut state, book, next));
            }
            if index == place {
                findings = self::findings(&book.effective(self, &state, event.at()), book, &event, now);
                events.push(event.clone());
                events.extend_from_slice(following);
            }
            state.apply(next);
        }
        Applied { state, events, findings }
    }

    /// Applies the wake-ups that are due by an instant, beginning with `first`, and returns the events that record
    /// them. If the events of the journal are loaded, a wake-up that belongs before the newest event is put in its
    /// place.
    fn woken(&self, book: &Book, state: &mut ProspectState, first: WakeUp, now: DateTime<Utc>) -> Vec<Event> {
        let mut events = Vec::new();
        let mut due = Some(first);
        while let Some(wake) = due.filter(|_| events.len() < WAKE_UPS_MAX) {
            let event = if let Some((event, then)) = self.woken_in_place(book, state, &wake, &events, now) {
                *state = then;
                event
            } else {
                let event = wake.event(state);
                state.apply(&event);
                event
            };
            events.push(event);
            due = state.due_wake_up(book.policy_of(state), now);
        }
        events.sort_by(Event::order);
        events
    }

    /// Returns a wake-up in its place before the newest event and the resulting state; `None` if it would not be due
    /// there.
    fn woken_in_place(
        &self,
        book: &Book,
        state: &ProspectState,
        wake: &WakeUp,
        made: &[Event],
        now: DateTime<Utc>,
    ) -> Option<(Event, ProspectState)> {
        let at = wake.at();
        let journal = self.events.as_ref().filter(|_| is_late(wake, state))?;
        let mut events: Vec<&Event> = journal.iter().filter(|event| event.at() <= now).chain(made).collect();
        events.sort_by(|one, other| one.order(other));
        let (before, after) = events.split_at(events.partition_point(|event| event.at() <= at));
        let mut then = ProspectState::new(self.state.home());
        before.iter().for_each(|event| then.apply(event));
        let event = then.next_wake_up(book.policy_of(&then), at)?;
        if event.at() != at || event.name() != wake.kind.as_str() {
            return None;
        }
        then.apply(&event);
        after.iter().for_each(|event| then.apply(event));
        let again = then.due_wake_up(book.policy_of(&then), now);
        (again.as_ref() != Some(wake)).then_some((event, then))
    }

    /// Returns the state as of an instant; `None` if the events are not loaded.
    pub(crate) fn state_at(&self, now: DateTime<Utc>) -> Option<ProspectState> {
        let journal = self.events.as_ref()?;
        let mut state = ProspectState::new(self.state.home());
        journal.iter().take_while(|event| event.at() <= now).for_each(|event| state.apply(event));
        Some(state)
    }
}

/// Whether a wake-up belongs before the newest event. This happens in imported history.
fn is_late(wake: &WakeUp, state: &ProspectState) -> bool {
    Some(wake.at()) < state.last_event_at()
}

/// Returns the rules that an event breaks in a state, under the playbook that applies.
fn findings(state: &ProspectState, book: &Book, event: &Event, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = state.check(event, now);
    if never_opens(state, book.policy_of(state), event) {
        let detail =
            "the preferred hours never overlap our working hours; give weekdays and times that do".to_owned();
        findings.push(Finding::new(Rule::C11, Breach::NeverOpens, detail));
    }
    findings
}

/// Whether an event sets preferred hours that never overlap the working hours.
pub(crate) fn never_opens(state: &ProspectState, policy: &Policy, event: &Event) -> bool {
    let EventKind::Preferred { weekdays, from, to, .. } = event.kind() else { return false };
    let wish = state.wish();
    let (from, to) = (from.or(wish.from()), to.or(wish.to()));
    policy.settings().working_hours.wished(weekdays.or(wish.weekdays()), from, to).is_closed()
}

impl Book {
    /// Returns the journal of a head. Loads its events only if the state must be folded again.
    pub(crate) async fn journal(&self, head: &Head) -> Result<Journal, DeskError> {
        let home = self.policy().zone();
        let profile = codec::profile(head)?;
        let (prospect, revision, since) = (head.prospect.clone(), head.revision, Some(head.since));
        let suppressed = Arc::default();
        if let Some(state) = codec::state(head, home)? {
            return Ok(Journal { prospect, revision, since, state, profile, suppressed, events: None });
        }
        let events = self.events_of(&prospect).await?;
        let mut state = ProspectState::new(home);
        events.iter().for_each(|event| state.apply(event));
        Ok(Journal { prospect, revision, since, state, profile, suppressed, events: Some(events) })
    }

    /// Loads the events of a journal unless they are loaded.
    pub(crate) async fn with_events(&self, mut journal: Journal) -> Result<Journal, DeskError> {
        if journal.events.is_none() {
            journal.events = Some(self.events_of(&journal.prospect).await?);
        }
        Ok(journal)
    }

    /// Applies the wake-ups that are due by an instant to a state and returns the events that record them, in order.
    pub(crate) async fn woken(
        &self,
        mut journal: Journal,
        mut state: ProspectState,
        now: DateTime<Utc>,
    ) -> Result<(Journal, ProspectState, Vec<Event>), DeskError> {
        let Some(first) = state.due_wake_up(self.policy_of(&state), now) else {
            return Ok((journal, state, Vec::new()));
        };
        if is_late(&first, &state) {
            journal = self.with_events(journal).await?;
        }
        let events = journal.woken(self, &mut state, first, now);
        Ok((journal, state, events))
    }

    /// Returns the events of a prospect in the order of the fold.
    pub(crate) async fn events_of(&self, prospect: &ProspectId) -> Result<Vec<Event>, DeskError> {
        let records = self.store.history(prospect).await?;
        records.iter().map(|record| codec::event(prospect, record)).collect()
    }
}
