//! What we know of a prospect: the fold of everything that happened.

mod apply;
mod parts;
mod premise;
mod rules;
mod suppressed;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use apply::WAKE_UP_SEQ;
pub(crate) use parts::{
    Absence, Addresses, Agreed, Anchor, Appointment, AskedFor, Consent, Contact, Decided, Held, Input,
    Intended, Merged, Owed, Paused, Place, Proposal, Qualification, Sending, Stopped, Touch, Wish,
};
pub use rules::{Breach, Finding};

use crate::channel::Channel;
use crate::event::Event;
use crate::money::Money;
use crate::purpose::Purpose;
use crate::stage::{Kind, LastAnswer, Outcome, Readiness, Rest, Stage, Temperature};
use crate::time::{Micros, Zone, to_instant};

/// How many touches the state remembers, whatever the length of the journal.
pub(crate) const TOUCHES_KEPT: usize = 32;
/// How many absences of either side the state remembers; older ones are forgotten first.
pub(crate) const ABSENCES_KEPT: usize = 32;
/// How many outstanding inputs the state remembers; the oldest are forgotten first.
pub(crate) const INPUTS_KEPT: usize = 256;

/// The reason of the stop that the removal of a person is recorded as.
pub(crate) const ERASED: &str = "erased";

/// The version of the fold. A snapshot of another version is folded again from the journal.
pub const FOLD_VERSION: u32 = 3;

/// Where a prospect stands: the fold of their events, bounded in size however long the journal.
///
/// [`ProspectState::apply`] records; it decides nothing, so replaying never depends on a playbook.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ProspectState {
    /// The zone that stands in for a prospect's own, which many do not have.
    pub(crate) home: Zone,
    pub(crate) zone: Option<Zone>,
    pub(crate) kind: Kind,
    pub(crate) owner: Option<String>,
    pub(crate) playbook: Option<String>,
    /// The version that they were given; without one the newest holds.
    pub(crate) playbook_version: Option<u32>,
    pub(crate) value: Option<Money>,
    pub(crate) addresses: Addresses,
    pub(crate) wish: Wish,
    pub(crate) qualification: Qualification,
    pub(crate) consent: Consent,

    pub(crate) stage: Stage,
    pub(crate) furthest: Stage,
    pub(crate) reached: [bool; 5],
    pub(crate) stage_since: Micros,
    pub(crate) touches_in_stage: u32,
    pub(crate) warmth: Temperature,
    /// Set by hand and without a sign of theirs since: silence does not cool it.
    pub(crate) warmth_is_held: bool,

    /// The place of the newest event in the order of the fold.
    pub(crate) last: Option<Place>,
    /// Instant and `seq` of the newest event that changed something: a wake-up that no longer holds does not count.
    pub(crate) newest: Option<(Micros, i64)>,
    pub(crate) added: Option<Anchor>,
    pub(crate) first_event: Option<Anchor>,
    pub(crate) first_touch_at: Option<Micros>,
    pub(crate) last_contact: Option<Contact>,
    pub(crate) last_sign: Option<Contact>,
    /// `went_stale`, `resumed` or `reopened`: the cadence starts from it, if it is later than the last contact.
    pub(crate) restarted: Option<Anchor>,
    /// The newest touches, oldest first, at most [`TOUCHES_KEPT`].
    pub(crate) touches: Vec<Touch>,
    pub(crate) touches_ever: u32,
    pub(crate) signs_ever: u32,
    pub(crate) unanswered: u32,
    pub(crate) unanswered_personal: u32,
    pub(crate) last_answer: LastAnswer,
    pub(crate) last_message: Option<Anchor>,
    pub(crate) informed: bool,
    pub(crate) touches_for_readiness: u32,
    pub(crate) signs_for_readiness: u32,

    pub(crate) owed: Vec<Owed>,
    pub(crate) agreed: Option<Agreed>,
    pub(crate) appointment: Option<Appointment>,
    pub(crate) missed: Option<Anchor>,
    pub(crate) held: Option<Held>,
    pub(crate) proposal: Option<Proposal>,
    pub(crate) asked_for: AskedFor,
    pub(crate) inputs: Vec<Input>,
    pub(crate) had_inputs: bool,

    pub(crate) decided: Option<Decided>,
    pub(crate) stopped: Option<Stopped>,
    pub(crate) erased: bool,
    pub(crate) gave_up: Option<Anchor>,
    pub(crate) merged: Option<Merged>,
    pub(crate) paused: Option<Paused>,
    pub(crate) snoozed_until: Option<Micros>,
    pub(crate) absences: Vec<Absence>,
    pub(crate) owner_absences: Vec<Absence>,
    pub(crate) sending: Sending,
}

impl ProspectState {
    /// Nothing has happened yet. `home` is the zone for a prospect whose own is not known (the playbook's, or UTC).
    pub fn new(home: Zone) -> ProspectState {
        ProspectState {
            home,
            zone: None,
            kind: Kind::Prospect,
            owner: None,
            playbook: None,
            playbook_version: None,
            value: None,
            addresses: Addresses::default(),
            wish: Wish::default(),
            qualification: Qualification::default(),
            consent: Consent::default(),
            stage: Stage::Interest,
            furthest: Stage::Interest,
            reached: [true, false, false, false, false],
            stage_since: 0,
            touches_in_stage: 0,
            warmth: Temperature::Warm,
            warmth_is_held: false,
            last: None,
            newest: None,
            added: None,
            first_event: None,
            first_touch_at: None,
            last_contact: None,
            last_sign: None,
            restarted: None,
            touches: Vec::new(),
            touches_ever: 0,
            signs_ever: 0,
            unanswered: 0,
            unanswered_personal: 0,
            last_answer: LastAnswer::Silent,
            last_message: None,
            informed: false,
            touches_for_readiness: 0,
            signs_for_readiness: 0,
            owed: Vec::new(),
            agreed: None,
            appointment: None,
            missed: None,
            held: None,
            proposal: None,
            asked_for: AskedFor::default(),
            inputs: Vec::new(),
            had_inputs: false,
            decided: None,
            stopped: None,
            erased: false,
            gave_up: None,
            merged: None,
            paused: None,
            snoozed_until: None,
            absences: Vec::new(),
            owner_absences: Vec::new(),
            sending: Sending::Nothing,
        }
    }

    /// Folds events in their one order, whatever order they come in. The home zone is UTC.
    ///
    /// # Errors
    /// [`FoldError`] if the same key comes with two different bodies.
    pub fn replay(events: impl IntoIterator<Item = Event>) -> Result<ProspectState, FoldError> {
        ProspectState::replay_at(Zone::utc(), events)
    }

    /// Folds events in their one order, with a home zone.
    ///
    /// # Errors
    /// [`FoldError`] if the same key comes with two different bodies.
    pub fn replay_at(
        home: Zone,
        events: impl IntoIterator<Item = Event>,
    ) -> Result<ProspectState, FoldError> {
        let mut events: Vec<Event> = events.into_iter().collect();
        events.sort_by(Event::order);
        let mut state = ProspectState::new(home);
        let mut seen = std::collections::HashMap::new();
        for event in &events {
            match seen.insert(event.key.as_str(), event) {
                Some(before) if !event.key.is_empty() && before == event => continue,
                Some(_) if !event.key.is_empty() => return Err(FoldError { key: event.key.clone() }),
                _ => state.apply(event),
            };
        }
        Ok(state)
    }

    /// Whether an action is being sent, as far as is on record.
    pub(crate) fn is_sending(&self, action: &str) -> bool {
        matches!(&self.sending, Sending::Intended { intent, .. } if intent.action == action)
    }

    /// The `seq` by which an event at an instant comes after all others.
    pub(crate) fn seq_after(&self, at: DateTime<Utc>) -> i64 {
        let at = crate::time::to_micros(at);
        self.last.as_ref().filter(|last| last.at >= at).map_or(0, |last| last.seq + 1)
    }

    /// The action that was begun to be sent and whose outcome is not known yet.
    pub fn in_flight(&self) -> Option<&str> {
        self.sending.in_flight().map(|intent| intent.action.as_str())
    }

    /// The stage.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether they ever got to a stage.
    pub fn has_reached(&self, stage: Stage) -> bool {
        self.reached[stage as usize]
    }

    /// What sort of contact they are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Their zone, else the home zone.
    pub fn zone(&self) -> Zone {
        self.zone.unwrap_or(self.home)
    }

    /// Who follows up.
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// The playbook that was set for them.
    pub fn playbook(&self) -> Option<&str> {
        self.playbook.as_deref()
    }

    /// The version of the playbook that they were given; without one the newest holds.
    pub fn playbook_version(&self) -> Option<u32> {
        self.playbook_version
    }

    /// What they are worth.
    pub fn value(&self) -> Option<Money> {
        self.value
    }

    /// How they decided in this round.
    pub fn outcome(&self) -> Option<Outcome> {
        self.decided.as_ref().map(|decided| decided.outcome)
    }

    /// How many touches there have been.
    pub fn touches(&self) -> u32 {
        self.touches_ever
    }

    /// How many signs of theirs there have been.
    pub fn signs(&self) -> u32 {
        self.signs_ever
    }

    /// Touches since their last sign.
    pub fn unanswered(&self) -> u32 {
        self.unanswered
    }

    /// The newest contact of either side: when, on which channel, what for.
    pub fn last_contact(&self) -> Option<LastContact> {
        let contact = self.last_contact.as_ref()?;
        Some(LastContact { at: to_instant(contact.at), channel: contact.channel, purpose: contact.purpose })
    }

    /// The instant of the newest event.
    pub fn last_event_at(&self) -> Option<DateTime<Utc>> {
        self.last.as_ref().map(|place| to_instant(place.at))
    }

    /// When the appointment begins that is set and not over.
    pub fn appointment_at(&self) -> Option<DateTime<Utc>> {
        self.appointment.as_ref().filter(|appointment| !appointment.over).map(|set| to_instant(set.starts_at))
    }

    /// Whether inputs are outstanding.
    pub fn is_owed_inputs(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// Whether the owner is away at an instant, as far as is known.
    pub fn owner_is_away(&self, now: DateTime<Utc>) -> bool {
        let (now, zone) = (crate::time::to_micros(now), self.zone());
        let ended = |until: Option<Micros>| until.is_some_and(|until| zone.day_of(until) < zone.day_of(now));
        self.owner_absences.iter().any(|away| away.from.is_none_or(|from| from <= now) && !ended(away.until))
    }

    /// What an appointment would want (P4).
    pub fn readiness(&self) -> Readiness {
        let familiar = self.signs_for_readiness >= 1 || self.touches_for_readiness >= 2;
        Readiness { informed: self.informed, familiar }
    }

    /// Why the history alone, whatever the playbook, says that nothing is to be done.
    pub fn at_rest(&self) -> Option<Rest> {
        let decided = self.outcome().and_then(|outcome| match outcome {
            Outcome::Won => Some(Rest::Won),
            Outcome::Lost => Some(Rest::Lost),
            Outcome::Later => None,
        });
        let opted_out = || self.consent.is_out_of_all().then_some(Rest::OptedOut);
        self.merged
            .as_ref()
            .map(|_| Rest::Merged)
            .or(self.erased.then_some(Rest::Erased))
            .or(self.stopped.as_ref().map(|_| Rest::Stopped))
            .or(self.gave_up.as_ref().map(|_| Rest::GaveUp))
            .or(decided)
            .or_else(opted_out)
    }
}

/// The newest contact of either side.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LastContact {
    /// When it was.
    pub at: DateTime<Utc>,
    /// On which channel, if that is known.
    pub channel: Option<Channel>,
    /// What it was for, if that is known.
    pub purpose: Option<Purpose>,
}

/// The same key came with two different bodies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key \"{key}\" stands for two different events; give each event a key of its own")]
pub struct FoldError {
    key: String,
}
