//! What only the passing of time changes.

use chrono::{DateTime, Utc};

use super::context::Context;
use super::need::Needs;
use super::{Act, ObligationKind, decide};
use crate::event::{Event, EventKind};
use crate::policy::Policy;
use crate::rule::Rule;
use crate::stage::{Stage, text_enum};
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

text_enum! {
    /// What time alone can do.
    #[non_exhaustive]
    WakeKind, "wake-up" {
        /// A send in flight has had no outcome for too long.
        SendUnknown = "send_unknown",
        /// An unconfirmed appointment is held as it is.
        Lapsed = "lapsed",
        /// A pause ends.
        Resumed = "resumed",
        /// The last message was not answered (S2).
        GaveUp = "gave_up",
        /// Nobody has been in touch for weeks (P8).
        WentStale = "went_stale",
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
    pub fn event(&self, state: &ProspectState) -> Event {
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
    pub fn event_kind(&self, state: &ProspectState) -> EventKind {
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

/// The largest number of wake-ups that are made in a row: more than can follow each other without an event between.
pub const WAKE_UPS_MAX: usize = 16;

impl ProspectState {
    /// Folds in what time alone has changed up to `now`, oldest first, and hands back the events that record it.
    pub fn wake(&mut self, policy: &Policy, now: DateTime<Utc>) -> Vec<Event> {
        let mut events = Vec::new();
        while events.len() < WAKE_UPS_MAX
            && let Some(event) = self.next_wake_up(policy, now)
        {
            self.apply(&event);
            events.push(event);
        }
        events
    }

    /// What time alone does next, if it does something up to `now`.
    pub fn next_wake_up(&self, policy: &Policy, now: DateTime<Utc>) -> Option<Event> {
        let wake = self.due_wake_up(policy, now)?;
        Some(wake.event(self)).filter(|event| event.at <= now)
    }

    /// What time alone does next, if it is due by `now`. In a history that was imported that may be before the newest
    /// event.
    pub fn due_wake_up(&self, policy: &Policy, now: DateTime<Utc>) -> Option<WakeUp> {
        decide(self, policy).wake.filter(|wake| wake.natural <= to_micros(now))
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
