//! Wake-ups: the changes that only the passing of time makes.

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

/// An instant at which time alone changes the plan, and the event that records the change.
///
/// # Examples
/// ```
/// use followup_core::plan::WakeKind;
/// use followup_core::{Channel, Event, Policy, ProspectState, plan};
///
/// let asked = Event::asked_information("2026-03-06T14:00:00Z".parse()?, Channel::EMAIL);
/// let sent = Event::information_sent("2026-03-06T15:00:00Z".parse()?, Channel::EMAIL);
/// let ada = ProspectState::replay([asked, sent])?;
/// let wake = plan(&ada, &Policy::default()).wake.expect("without a contact they go stale");
/// assert_eq!(wake.kind, WakeKind::WentStale);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WakeUp {
    /// The kind of the event.
    pub kind: WakeKind,
    /// The key of the contact, message, appointment, pause or intent that it rests on.
    pub premise: String,
    pub(crate) natural: Micros,
}

text_enum! {
    /// The kind of a change that time alone makes.
    #[non_exhaustive]
    WakeKind, "wake-up" {
        /// A send in flight has had no outcome for too long.
        SendUnknown = "send_unknown",
        /// The time for confirming an appointment is over; it is held without confirmation.
        Lapsed = "lapsed",
        /// A pause ends.
        Resumed = "resumed",
        /// The last message was not answered (S2).
        GaveUp = "gave_up",
        /// There was no contact for weeks (P8).
        WentStale = "went_stale",
    }
}

impl WakeUp {
    /// Returns the instant at which it is due.
    pub fn at(&self) -> DateTime<Utc> {
        to_instant(self.natural)
    }

    fn new(kind: WakeKind, natural: Micros, premise: &str) -> WakeUp {
        WakeUp { kind, premise: premise.to_owned(), natural }
    }

    /// Returns the event that records it. The event comes after all events of the state it was made for, even if it was
    /// due earlier (as in a history that was imported late).
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event, Policy, ProspectState, plan};
    ///
    /// let asked = Event::asked_information("2026-03-06T14:00:00Z".parse()?, Channel::EMAIL);
    /// let ada = ProspectState::replay([asked, Event::paused("2026-03-06T15:00:00Z".parse()?, None)])?;
    /// let wake = plan(&ada, &Policy::default()).wake.expect("the pause ends");
    /// assert_eq!(wake.event(&ada).name(), "resumed");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn event(&self, state: &ProspectState) -> Event {
        let basis = state.basis();
        let kind = self.event_kind(state);
        let key = format!("{}-{basis}", self.kind.as_str());
        let (newest_at, newest_seq) = state.newest.unwrap_or((Micros::MIN, 0));
        let at = self.natural.max(newest_at);
        let seq = if at == newest_at { WAKE_UP_SEQ.max(newest_seq + 1) } else { WAKE_UP_SEQ };
        let event = Event::new(to_instant(at), kind).with_key(key).with_seq(seq);
        Event { premise: Some(self.premise.clone()), basis: Some(basis), ..event }
    }

    /// Returns the kind of the event, with its fields.
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

/// The maximum number of wake-ups made in a row: more than can follow each other without another event.
pub const WAKE_UPS_MAX: usize = 16;

impl ProspectState {
    /// Applies all wake-ups that are due by `now`, oldest first, and returns the events that record them.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event, Policy, ProspectState};
    ///
    /// let asked = Event::asked_information("2026-03-06T14:00:00Z".parse()?, Channel::EMAIL);
    /// let sent = Event::information_sent("2026-03-06T15:00:00Z".parse()?, Channel::EMAIL);
    /// let mut ada = ProspectState::replay([asked, sent])?;
    /// let events = ada.wake(&Policy::default(), "2026-12-01T00:00:00Z".parse()?);
    /// assert_eq!(events[0].name(), "went_stale");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Returns the event of the next wake-up, if the event is due by `now`.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, Policy, ProspectState};
    ///
    /// let (at, until) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-20T09:00:00Z".parse()?);
    /// let ada = ProspectState::replay([Event::paused(at, until)])?;
    /// assert_eq!(ada.next_wake_up(&Policy::default(), at), None);
    /// assert!(ada.next_wake_up(&Policy::default(), until).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn next_wake_up(&self, policy: &Policy, now: DateTime<Utc>) -> Option<Event> {
        let wake = self.due_wake_up(policy, now)?;
        Some(wake.event(self)).filter(|event| event.at <= now)
    }

    /// Returns the next wake-up, if it is due by `now`. In an imported history, it can be before the newest event.
    ///
    /// # Examples
    /// ```
    /// use followup_core::event::EventKind;
    /// use followup_core::{Event, Policy, ProspectState};
    ///
    /// let (at, until) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-20T09:00:00Z".parse()?);
    /// let ada = ProspectState::replay([Event::paused(at, until)])?;
    /// assert_eq!(ada.due_wake_up(&Policy::default(), at), None);
    /// let wake = ada.due_wake_up(&Policy::default(), until).expect("the pause is over");
    /// assert_eq!(wake.at(), until);
    /// assert_eq!(wake.event_kind(&ada), EventKind::Resumed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn due_wake_up(&self, policy: &Policy, now: DateTime<Utc>) -> Option<WakeUp> {
        decide(self, policy).wake.filter(|wake| wake.natural <= to_micros(now))
    }
}

pub(super) fn send_unknown(until: Micros, intent: &Anchor) -> WakeUp {
    WakeUp::new(WakeKind::SendUnknown, until, &intent.key)
}

/// Returns the earlier of two wake-ups.
pub(super) fn first(one: Option<WakeUp>, other: Option<WakeUp>) -> Option<WakeUp> {
    one.into_iter().chain(other).min_by_key(|wake| (wake.natural, wake.kind))
}

/// Returns the wake-up after which an unconfirmed appointment is held without confirmation.
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

/// Returns the wake-up of giving up: the last message has not been answered for the wait of the playbook (S2).
pub(super) fn give_up(context: &Context<'_>) -> Option<WakeUp> {
    let pursued = context.on(Rule::S2) && context.own_interval().is_none();
    let message = context.state.last_message.as_ref().filter(|_| pursued)?;
    Some(WakeUp::new(WakeKind::GaveUp, message.at + context.settings.stop.wait.exact(), &message.key))
}

/// Returns the wake-up of going stale: a prospect past interest has had no contact for too long (P8).
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
