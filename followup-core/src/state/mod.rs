//! What we know of a prospect: the fold of everything that happened.

mod apply;
mod premise;
mod rules;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use apply::WAKE_UP_SEQ;
pub use rules::{Breach, Finding};

use crate::channel::Channel;
use crate::event::{Event, Request};
use crate::money::Money;
use crate::purpose::{Purpose, Reason};
use crate::stage::{Kind, Outcome, Readiness, Rest, Stage, Temperature};
use crate::time::{Micros, Weekdays, Zone, to_instant};

/// How many touches the state remembers, whatever the length of the journal.
pub(crate) const TOUCHES_KEPT: usize = 32;
/// How many absences of either side the state remembers; older ones are forgotten first.
pub(crate) const ABSENCES_KEPT: usize = 32;
/// How many outstanding inputs the state remembers; the oldest are forgotten first.
pub(crate) const INPUTS_KEPT: usize = 256;

/// The reason of the stop that the removal of a person is recorded as.
pub(crate) const ERASED: &str = "erased";

/// The version of the fold. A snapshot of another version is folded again from the journal.
pub const FOLD_VERSION: u32 = 1;

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
    pub(crate) stopped: Option<Anchor>,
    pub(crate) erased: bool,
    pub(crate) gave_up: Option<Anchor>,
    pub(crate) merged: Option<Anchor>,
    pub(crate) paused: Option<Paused>,
    pub(crate) snoozed_until: Option<Micros>,
    pub(crate) absences: Vec<Absence>,
    pub(crate) owner_absences: Vec<Absence>,
    pub(crate) sending: Sending,
}

/// A place in the order of the fold: instant, then `seq`, then key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) at: Micros,
    pub(crate) seq: i64,
    pub(crate) key: String,
}

impl Place {
    pub(crate) fn of(event: &Event) -> Place {
        Place { at: event.at_micros(), seq: event.seq, key: event.key.clone() }
    }
}

/// An event that something rests on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Anchor {
    pub(crate) at: Micros,
    pub(crate) key: String,
}

impl Anchor {
    pub(crate) fn of(event: &Event) -> Anchor {
        Anchor { at: event.at_micros(), key: event.key.clone() }
    }
}

/// A contact of either side.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) at: Micros,
    pub(crate) key: String,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
}

/// A contact by us.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Touch {
    pub(crate) at: Micros,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) reason: Option<Reason>,
    pub(crate) personal: bool,
}

impl Touch {
    pub(crate) fn is_ask(&self) -> bool {
        self.purpose.is_some_and(|purpose| purpose.is_ask())
    }
}

/// Which addresses are known. The addresses themselves are in the profile, not here.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) email: bool,
    pub(crate) phone: bool,
    pub(crate) email_bounces: bool,
}

/// What they wish (C11).
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Wish {
    pub(crate) channel: Option<Channel>,
    pub(crate) weekdays: Option<Weekdays>,
    pub(crate) from: Option<u32>,
    pub(crate) to: Option<u32>,
}

impl Wish {
    pub(crate) fn has_hours(&self) -> bool {
        self.weekdays.is_some() || self.from.is_some() || self.to.is_some()
    }
}

/// What discovery has found out (W6).
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Qualification {
    pub(crate) needs: bool,
    pub(crate) decides_how: bool,
    pub(crate) decides_on: Option<NaiveDate>,
    pub(crate) ready: Option<bool>,
    pub(crate) knows_us: Option<bool>,
    pub(crate) minutes: Option<u32>,
}

/// Which channels they have opted out of (S6).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Consent {
    /// Opted out of everything, but for the exceptions; else opted into everything, but for them.
    pub(crate) all_out: bool,
    pub(crate) exceptions: Vec<Channel>,
    /// The newest opting out.
    pub(crate) out: Option<Place>,
}

impl Consent {
    pub(crate) fn allows(&self, channel: Channel) -> bool {
        self.exceptions.contains(&channel) == self.all_out
    }

    /// Whether what they asked for or agreed on may be done on the channel that they named: one that they opted
    /// out of opens only if that is newer than the opting out.
    pub(crate) fn allows_since(&self, channel: Channel, asked: &Place) -> bool {
        self.allows(channel) || self.out.as_ref().is_none_or(|out| asked > out)
    }

    /// Whether no channel is left. The built-in channels are all there are, as far as consent goes.
    pub(crate) fn is_out_of_all(&self) -> bool {
        if self.all_out {
            self.exceptions.is_empty()
        } else {
            Channel::BUILT_IN.iter().all(|channel| self.exceptions.contains(channel))
        }
    }
}

/// A request that is owed an answer (C4).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Owed {
    pub(crate) request: Request,
    /// When it was first asked, while owed.
    pub(crate) first: Anchor,
    /// Its newest repetition.
    pub(crate) newest: Place,
    pub(crate) channel: Option<Channel>,
    /// It was owed when the newest automatic send was intended, so that this send may answer it.
    pub(crate) send_intended: bool,
}

/// A next step that was agreed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Agreed {
    pub(crate) place: Place,
    pub(crate) due_at: Micros,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
    /// The newest contact after the agreement and before `due_at`: on the same civil day, it has done the step.
    pub(crate) contact_before: Option<Micros>,
}

/// An appointment that is set.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Appointment {
    pub(crate) set: Anchor,
    pub(crate) starts_at: Micros,
    pub(crate) minutes: u32,
    pub(crate) confirmed: bool,
    pub(crate) lapsed: bool,
    /// A contact came at or after its end, and nobody said how it went.
    pub(crate) over: bool,
}

impl Appointment {
    pub(crate) fn ends_at(&self) -> Micros {
        self.starts_at + Micros::from(self.minutes) * crate::time::MINUTE
    }
}

/// A meeting that was held in this round.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) place: Place,
    /// A proposal was sent since.
    pub(crate) proposed: bool,
}

/// A proposal that was sent in this round.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Proposal {
    pub(crate) sent: Anchor,
    /// There was a contact since.
    pub(crate) contact_since: bool,
}

/// What they asked for in this round, which allows us to skip what comes before it (P3).
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AskedFor {
    pub(crate) appointment: bool,
    pub(crate) proposal: bool,
}

/// An input that they owe us (C17).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) requested: Anchor,
    pub(crate) deadline: Option<Micros>,
}

/// A decision.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Decided {
    pub(crate) outcome: Outcome,
    pub(crate) until: Option<Micros>,
    pub(crate) anchor: Anchor,
}

/// A pause.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Paused {
    pub(crate) until: Option<Micros>,
    pub(crate) anchor: Anchor,
}

/// An absence of theirs or of the owner.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Absence {
    /// When it became known.
    pub(crate) at: Micros,
    pub(crate) from: Option<Micros>,
    /// `None` for an automatic reply without a date.
    pub(crate) until: Option<Micros>,
}

/// Where an automatic send stands (rows 0–2).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) enum Sending {
    #[default]
    Nothing,
    Intended {
        anchor: Anchor,
        action: String,
        channel: Option<Channel>,
        purpose: Option<Purpose>,
        reason: Option<Reason>,
    },
    Unknown {
        anchor: Anchor,
        action: String,
    },
    Failed {
        channel: Option<Channel>,
    },
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
