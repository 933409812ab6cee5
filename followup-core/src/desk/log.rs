//! One prospect's journal in hand: what is folded, and what an event would do to it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::suppress::Suppressed;
use super::{Desk, DeskError, codec};
use crate::event::{Event, EventKind};
use crate::plan::{WAKE_UPS_MAX, WakeUp};
use crate::playbook::Playbook;
use crate::prospect::{Profile, ProspectId};
use crate::rule::Rule;
use crate::state::{Breach, Finding, ProspectState};
use crate::store::{Head, Revision};
use crate::time::Zone;

/// Where one prospect stands, with the journal at hand as far as it is needed.
pub(super) struct Log {
    pub(super) prospect: ProspectId,
    pub(super) revision: Revision,
    /// Since when the engine has had them in its care; `None` for somebody new.
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) state: ProspectState,
    pub(super) profile: Profile,
    /// What the book knows of their addresses, where it was asked.
    pub(super) suppressed: Arc<Suppressed>,
    /// The whole journal, once something late made it necessary.
    pub(super) journal: Option<Vec<Event>>,
}

/// What an event would do.
pub(super) struct Taken {
    pub(super) state: ProspectState,
    /// The event, and the wake-ups that are recorded with it, in the order of the fold.
    pub(super) events: Vec<Event>,
    pub(super) findings: Vec<Finding>,
}

impl Log {
    /// Somebody new.
    pub(super) fn new(prospect: ProspectId, home: Zone) -> Log {
        let state = ProspectState::new(home);
        let (revision, profile) = (Revision::default(), Profile::default());
        let suppressed = Arc::default();
        Log { prospect, revision, since: None, state, profile, suppressed, journal: Some(Vec::new()) }
    }

    /// What an event would do, with others that follow directly from it. The journal is at hand if the event is late;
    /// see [`Desk::log_for`].
    pub(super) fn take(&self, desk: &Desk, event: Event, following: &[Event], now: DateTime<Utc>) -> Taken {
        match &self.journal {
            Some(journal) if !self.state.is_next(&event) => {
                self.take_late(desk, journal, event, following, now)
            }
            _ => self.take_next(desk, event, following, now),
        }
    }

    /// An event after all others: what was due before it is folded in first, as if somebody had looked.
    fn take_next(&self, desk: &Desk, event: Event, following: &[Event], now: DateTime<Utc>) -> Taken {
        let mut state = self.state.clone();
        let mut events = self.woken_before(&mut state, desk, &event);
        let findings = findings(&desk.seen(self, &state, event.at), desk, &event, now);
        events.push(event);
        events.extend_from_slice(following);
        events[events.len() - 1 - following.len()..].iter().for_each(|event| state.apply(event));
        Taken { state, events, findings }
    }

    /// Wake-ups that were due before an event. From before the engine had this prospect in its care there are
    /// none: that is history, and taken as it stands.
    fn woken_before(&self, state: &mut ProspectState, desk: &Desk, event: &Event) -> Vec<Event> {
        if self.since.is_none_or(|since| event.at <= since) || event.is_wake_up() {
            return Vec::new();
        }
        let playbook = desk.playbook_of(state).clone();
        state.wake(&playbook, event.at - TimeDelta::microseconds(1))
    }

    /// A fact from before others: the journal is folded again with it in its place, and where the wake-ups after
    /// it no longer hold, those that are due instead are made. So it gives the state as if it had come in time.
    fn take_late(
        &self,
        desk: &Desk,
        journal: &[Event],
        event: Event,
        following: &[Event],
        now: DateTime<Utc>,
    ) -> Taken {
        let mut state = ProspectState::new(self.state.home);
        let mut events = Vec::new();
        let mut findings = Vec::new();
        let place = journal.partition_point(|other| other.order(&event).is_lt());
        let in_order = journal[..place].iter().chain([&event]).chain(following).chain(&journal[place..]);
        for (index, next) in in_order.enumerate() {
            if index >= place {
                events.extend(self.woken_before(&mut state, desk, next));
            }
            if index == place {
                findings = self::findings(&desk.seen(self, &state, event.at), desk, &event, now);
                events.push(event.clone());
                events.extend_from_slice(following);
            }
            state.apply(next);
        }
        Taken { state, events, findings }
    }

    /// Folds in what time alone has changed by an instant, from what is due first on, and hands back the events that record
    /// it. What belongs before the newest event is put there if the journal is at hand.
    fn woken(&self, desk: &Desk, state: &mut ProspectState, first: WakeUp, now: DateTime<Utc>) -> Vec<Event> {
        let mut events = Vec::new();
        let mut due = Some(first);
        while let Some(wake) = due.filter(|_| events.len() < WAKE_UPS_MAX) {
            let event = if let Some((event, then)) = self.woken_in_place(desk, state, &wake, &events, now) {
                *state = then;
                event
            } else {
                let event = wake.event(state);
                state.apply(&event);
                event
            };
            events.push(event);
            due = state.due_wake_up(desk.playbook_of(state), now);
        }
        events.sort_by(Event::order);
        events
    }

    /// A wake-up in its place before the newest event, and the state with it; `None` if it would not be due there.
    fn woken_in_place(
        &self,
        desk: &Desk,
        state: &ProspectState,
        wake: &WakeUp,
        made: &[Event],
        now: DateTime<Utc>,
    ) -> Option<(Event, ProspectState)> {
        let at = wake.at();
        let journal = self.journal.as_ref().filter(|_| is_late(wake, state))?;
        let mut events: Vec<&Event> = journal.iter().filter(|event| event.at <= now).chain(made).collect();
        events.sort_by(|one, other| one.order(other));
        let (before, after) = events.split_at(events.partition_point(|event| event.at <= at));
        let mut then = ProspectState::new(self.state.home);
        before.iter().for_each(|event| then.apply(event));
        let event = then.next_wake_up(desk.playbook_of(&then), at)?;
        if event.at != at || event.name() != wake.kind.as_str() {
            return None;
        }
        then.apply(&event);
        after.iter().for_each(|event| then.apply(event));
        let again = then.due_wake_up(desk.playbook_of(&then), now);
        (again.as_ref() != Some(wake)).then_some((event, then))
    }

    /// The journal up to an instant, folded.
    pub(super) fn state_at(&self, now: DateTime<Utc>) -> Option<ProspectState> {
        let journal = self.journal.as_ref()?;
        let mut state = ProspectState::new(self.state.home);
        journal.iter().take_while(|event| event.at <= now).for_each(|event| state.apply(event));
        Some(state)
    }
}

/// Whether a wake-up belongs before the newest event, as it may in a history that was imported.
fn is_late(wake: &WakeUp, state: &ProspectState) -> bool {
    Some(wake.at()) < state.last_event_at()
}

/// Which rules an event breaks in a state and under its playbook.
fn findings(state: &ProspectState, desk: &Desk, event: &Event, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = state.check(event, now);
    if never_opens(state, desk.playbook_of(state), event) {
        let detail = "the wish never opens within our hours; state weekdays and times that do".to_owned();
        findings.push(Finding { rule: Rule::C11, finding: Breach::NeverOpens, detail });
    }
    findings
}

/// Whether an event states a wish that never opens.
pub(super) fn never_opens(state: &ProspectState, playbook: &Playbook, event: &Event) -> bool {
    let EventKind::Preferred { weekdays, from, to, .. } = &event.kind else { return false };
    let wish = &state.wish;
    let hours = playbook.working_hours();
    hours.wished(weekdays.or(wish.weekdays), from.or(wish.from), to.or(wish.to)).is_closed()
}

impl Desk {
    /// A prospect's log, without the journal unless their state must be folded again.
    pub(super) async fn log(&self, head: &Head) -> Result<Log, DeskError> {
        let home = self.playbook().zone();
        let profile = codec::profile(head)?;
        let (prospect, revision, since) = (head.prospect.clone(), head.revision, Some(head.since));
        let suppressed = Arc::default();
        if let Some(state) = codec::state(head, home)? {
            return Ok(Log { prospect, revision, since, state, profile, suppressed, journal: None });
        }
        let journal = self.journal(&prospect).await?;
        let mut state = ProspectState::new(home);
        journal.iter().for_each(|event| state.apply(event));
        Ok(Log { prospect, revision, since, state, profile, suppressed, journal: Some(journal) })
    }

    /// Fetches the journal if it is not at hand.
    pub(super) async fn with_journal(&self, mut log: Log) -> Result<Log, DeskError> {
        if log.journal.is_none() {
            log.journal = Some(self.journal(&log.prospect).await?);
        }
        Ok(log)
    }

    /// Folds into a state what time alone has changed by an instant, and hands back the events that record it, in order.
    pub(super) async fn woken(
        &self,
        mut log: Log,
        mut state: ProspectState,
        now: DateTime<Utc>,
    ) -> Result<(Log, ProspectState, Vec<Event>), DeskError> {
        let Some(first) = state.due_wake_up(self.playbook_of(&state), now) else {
            return Ok((log, state, Vec::new()));
        };
        if is_late(&first, &state) {
            log = self.with_journal(log).await?;
        }
        let events = log.woken(self, &mut state, first, now);
        Ok((log, state, events))
    }

    /// A prospect's events in the order of the fold.
    pub(super) async fn journal(&self, prospect: &ProspectId) -> Result<Vec<Event>, DeskError> {
        let records = self.store.history(prospect).await?;
        records.iter().map(|record| codec::event(prospect, record)).collect()
    }
}
