//! The state of a prospect: the fold of their events.

mod accessors;
mod apply;
mod facts;
mod premise;
mod rules;
mod suppressed;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use apply::WAKE_UP_SEQ;
pub use facts::{
    Absence, Addresses, Agreed, Appointment, Consent, Decided, Held, Input, Owed, Paused, Proposal,
    Qualification, Stopped, Touch, Wish,
};
pub(crate) use facts::{Anchor, AskedFor, Contact, Intended, Merged, Place, Sending};
pub use rules::{Breach, Finding};

use crate::channel::Channel;
use crate::event::Event;
use crate::money::Money;
use crate::purpose::Purpose;
use crate::stage::{Kind, LastAnswer, Stage, Temperature};
use crate::time::{Micros, Zone};

/// The number of touches that the state keeps, whatever the length of the journal.
pub(crate) const TOUCHES_KEPT: usize = 32;
/// The number of absences that the state keeps for either side; the oldest are dropped first.
pub(crate) const ABSENCES_KEPT: usize = 32;
/// The number of outstanding inputs that the state keeps; the oldest are dropped first.
pub(crate) const INPUTS_KEPT: usize = 256;

/// The reason of the `stopped` event that records the erasure of a person.
pub const ERASED: &str = "erased";

/// The version of the fold. A snapshot of another version is folded again from the journal.
pub const FOLD_VERSION: u32 = 3;

/// The state of a prospect: the fold of their events, bounded in size whatever the length of the journal.
///
/// [`ProspectState::apply`] records; it decides nothing, so replay never depends on a playbook.
///
/// # Examples
/// ```
/// use followup_core::{Event, ProspectState, Zone};
///
/// let mut ada = ProspectState::new(Zone::utc());
/// ada.apply(&Event::added("2026-03-06T14:00:00Z".parse()?));
/// assert_eq!(ada.stage().as_str(), "interest");
/// assert_eq!((ada.touch_count(), ada.sign_count()), (0, 0));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ProspectState {
    /// The zone of prospects whose own zone is unknown.
    pub(crate) home: Zone,
    pub(crate) zone: Option<Zone>,
    pub(crate) kind: Kind,
    pub(crate) owner: Option<String>,
    pub(crate) playbook: Option<String>,
    /// The version set for them; without one, the newest version applies.
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
    /// Whether the warmth was set by hand without a sign from them since: silence does not cool it.
    pub(crate) warmth_is_held: bool,

    /// The place of the newest event in the order of the fold.
    pub(crate) last: Option<Place>,
    /// Instant and `seq` of the newest event that changed something; a wake-up that no longer holds does not count.
    pub(crate) newest: Option<(Micros, i64)>,
    pub(crate) added: Option<Anchor>,
    pub(crate) first_event: Option<Anchor>,
    pub(crate) first_touch_at: Option<Micros>,
    pub(crate) last_contact: Option<Contact>,
    pub(crate) last_sign: Option<Contact>,
    /// The newest `went_stale`, `resumed` or `reopened`. The cadence starts from it if it is after the last contact.
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
    /// Creates a state without events. `home` is the zone of a prospect whose own is unknown (the playbook's, or UTC).
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

    /// Folds events, given in any order, in their canonical order. The home zone is UTC.
    ///
    /// # Errors
    /// [`FoldError`] if one key has two different events.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState};
    ///
    /// let added = Event::added("2026-03-06T14:00:00Z".parse()?);
    /// let decided = Event::next_step_declined("2026-03-09T09:00:00Z".parse()?);
    /// let ada = ProspectState::replay([decided, added])?;
    /// assert_eq!(ada.sign_count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replay(events: impl IntoIterator<Item = Event>) -> Result<ProspectState, FoldError> {
        ProspectState::replay_at(Zone::utc(), events)
    }

    /// Folds events, given in any order, in their canonical order, with a home zone.
    ///
    /// # Errors
    /// [`FoldError`] if one key has two different events.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState, Zone};
    ///
    /// let berlin = Zone::named("Europe/Berlin")?;
    /// let added = Event::added("2026-03-06T14:00:00Z".parse()?);
    /// let ada = ProspectState::replay_at(berlin, [added])?;
    /// assert_eq!(ada.zone(), berlin);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
}

/// The newest contact of either side.
///
/// # Examples
/// ```
/// use followup_core::event::Touch;
/// use followup_core::state::LastContact;
/// use followup_core::{Channel, Event, ProspectState, Purpose};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let called = Event::touched(at, Touch::on(Channel::PHONE).purpose(Purpose::CHECK_IN));
/// let ada = ProspectState::replay([called])?;
/// let contact = LastContact { at, channel: Some(Channel::PHONE), purpose: Some(Purpose::CHECK_IN) };
/// assert_eq!(ada.last_contact(), Some(contact));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct LastContact {
    /// The instant.
    pub at: DateTime<Utc>,
    /// The channel, if it is known.
    pub channel: Option<Channel>,
    /// The purpose, if it is known.
    pub purpose: Option<Purpose>,
}

/// The error for a key that two different events have.
///
/// # Examples
/// ```
/// use followup_core::state::FoldError;
/// use followup_core::{Event, ProspectState};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let (added, noted) = (Event::added(at).with_key("crm-1"), Event::noted(at, "met at the fair").with_key("crm-1"));
/// assert!(ProspectState::replay([added.clone(), added.clone()]).is_ok(), "the same event twice is one event");
/// let refused: FoldError = ProspectState::replay([added, noted]).unwrap_err();
/// assert!(refused.to_string().contains("crm-1"));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key \"{key}\" is used for two different events; give each event a unique key")]
pub struct FoldError {
    key: String,
}
