//! What only the passing of time changes.

use chrono::{DateTime, Utc};

use super::context::Context;
use super::draft::Needs;
use super::{Act, ObligationKind, decide};
use crate::event::{Event, EventKind};
use crate::playbook::Playbook;
use crate::rule::Rule;
use crate::stage::Stage;
use crate::state::{Anchor, ProspectState, WAKE_UP_SEQ};
use crate::time::{Micros, to_instant, to_micros};

/// An instant at which time alone changes the plan, and the event that then records it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WakeUp {
    /// The event.
    pub kind: WakeKind,
    /// The key of the contact, message, appointment, pause or intent that it rests on.
    pub premise: String,
    pub(crate) natural: Micros,
}

/// What time alone can do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum WakeKind {
    /// A send in flight has had no outcome for too long.
    SendUnknown,
    /// An unconfirmed appointment is held as it is.
    Lapsed,
    /// A pause ends.
    Resumed,
    /// The last message was not answered (S2).
    GaveUp,
    /// Nobody has been in touch for weeks (P8).
    WentStale,
}

impl WakeKind {
    /// The name of the event.
    pub fn as_str(self) -> &'static str {
        match self {
            WakeKind::SendUnknown => "send_unknown",
            WakeKind::Lapsed => "lapsed",
            WakeKind::Resumed => "resumed",
            WakeKind::GaveUp => "gave_up",
            WakeKind::WentStale => "went_stale",
        }
    }
}

impl WakeUp {
    /// When it is due.
    pub fn at(&self) -> DateTime<Utc> {
        to_instant(self.natural)
    }

    fn new(kind: WakeKind, natural: Micros, premise: &str) -> WakeUp {
        WakeUp { kind, premise: premise.to_owned(), natural }
    }

    /// The event that records it. It comes after all that is known of the state it was made for, also where it
    /// would have been due before (as in a history that was imported late).
    pub(crate) fn event(&self, state: &ProspectState) -> Event {
        let basis = state.basis();
        let kind = self.event_kind(state);
        let key = format!("{}-{basis}", self.kind.as_str());
        let (newest_at, newest_seq) = state.newest.unwrap_or((Micros::MIN, 0));
        let at = self.natural.max(newest_at);
        let seq = if at == newest_at { WAKE_UP_SEQ.max(newest_seq + 1) } else { WAKE_UP_SEQ };
        let event = Event::new(to_instant(at), kind).key(key).seq(seq).premise(self.premise.clone());
        Event { basis: Some(basis), ..event }
    }

    /// What the event says.
    pub(crate) fn event_kind(&self, state: &ProspectState) -> EventKind {
        match self.kind {
            WakeKind::SendUnknown => {
                EventKind::SendUnknown { action: state.in_flight().unwrap_or_default().to_owned() }
            }
            WakeKind::Lapsed => EventKind::Lapsed { action: None },
            WakeKind::Resumed => EventKind::Resumed,
            WakeKind::GaveUp => EventKind::GaveUp,
            WakeKind::WentStale => EventKind::WentStale,
        }
    }
}

/// More wake-ups than can follow each other without an event between them.
pub(crate) const WAKE_UPS_MAX: usize = 16;

impl ProspectState {
    /// Folds in what time alone has changed up to `now`, oldest first, and hands back the events that record it.
    pub fn wake(&mut self, playbook: &Playbook, now: DateTime<Utc>) -> Vec<Event> {
        let mut events = Vec::new();
        while events.len() < WAKE_UPS_MAX
            && let Some(event) = self.next_wake_up(playbook, now)
        {
            self.apply(&event);
            events.push(event);
        }
        events
    }

    /// What time alone does next, if it does something up to `now`.
    pub(crate) fn next_wake_up(&self, playbook: &Playbook, now: DateTime<Utc>) -> Option<Event> {
        let wake = self.due_wake_up(playbook, now)?;
        Some(wake.event(self)).filter(|event| event.at <= now)
    }

    /// What time alone does next, if it is due by `now`. In a history that was imported that may be before the newest
    /// event.
    pub(crate) fn due_wake_up(&self, playbook: &Playbook, now: DateTime<Utc>) -> Option<WakeUp> {
        decide(self, playbook).wake.filter(|wake| wake.natural <= to_micros(now))
    }
}

pub(super) fn send_unknown(until: Micros, intent: &Anchor) -> WakeUp {
    WakeUp::new(WakeKind::SendUnknown, until, &intent.key)
}

/// The earlier of two.
pub(super) fn first(one: Option<WakeUp>, other: Option<WakeUp>) -> Option<WakeUp> {
    one.into_iter().chain(other).min_by_key(|wake| (wake.natural, wake.kind))
}

/// An appointment that nobody confirmed is held as it is, once the time for confirming is over.
pub(super) fn lapse(context: &Context<'_>, owed: &[(Act<'_>, Needs)]) -> Option<WakeUp> {
    let confirm = owed.iter().map(|(act, _)| act).find(|act| act.kind == ObligationKind::Confirm)?;
    let set = context.state.appointment.as_ref()?;
    Some(WakeUp::new(WakeKind::Lapsed, confirm.when.latest, &set.set.key))
}

pub(super) fn resume(context: &Context<'_>) -> Option<WakeUp> {
    let paused = context.state.paused.as_ref()?;
    let until =
        paused.until.unwrap_or_else(|| context.open.after(paused.anchor.at, context.settings.absence.pause));
    Some(WakeUp::new(WakeKind::Resumed, until, &paused.anchor.key))
}

/// A last message without an answer for long enough is a giving up (S2).
pub(super) fn give_up(context: &Context<'_>) -> Option<WakeUp> {
    let pursued = context.on(Rule::S2) && context.own_interval().is_none();
    let message = context.state.last_message.as_ref().filter(|_| pursued)?;
    Some(WakeUp::new(WakeKind::GaveUp, message.at + context.settings.stop.wait.exact(), &message.key))
}

/// Somebody beyond interest with whom nobody is in touch for long enough falls back (P8).
pub(super) fn stale(context: &Context<'_>, next: &Act<'_>) -> Option<WakeUp> {
    let ours = matches!(next.kind.row(), 10..=13);
    if !ours || context.state.stage <= Stage::Interest || !context.on(Rule::P8) {
        return None;
    }
    let contact = context.state.last_contact.as_ref().map(|contact| (contact.at, &contact.key));
    let restart = context.state.restarted.as_ref().map(|anchor| (anchor.at, &anchor.key));
    let premise = contact.into_iter().chain(restart).max_by_key(|(at, _)| *at).map_or("", |(_, key)| key);
    let at = next.when.latest + context.settings.cadence.stale_after.exact();
    Some(WakeUp::new(WakeKind::WentStale, at, premise))
}
