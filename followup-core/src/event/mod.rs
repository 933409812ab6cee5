//! What happened to a prospect.

mod constructors;
mod details;
mod field;
mod fields;
mod vocabulary;
mod wire;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

pub use details::{Discovery, NextStep, Preference, TheirDecision, Touch};
pub use field::FieldSpec;
pub use fields::{FieldError, Fields, instant_text};
pub use vocabulary::{EventKind, EventSpec, Request};
pub use wire::EventError;

use crate::channel::Channel;
use crate::purpose::{Purpose, Reason};
use crate::stage::{By, Stage};
use crate::time::{Micros, to_micros};

/// The longest key of an event, in bytes.
pub const KEY_MAX_BYTES: usize = 200;

/// Something that happened to one prospect. Appended to the journal, never changed.
///
/// There is a constructor for each kind, which takes what the kind knows. [`EventKind`] has all kinds with their fields.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::{Channel, Event};
///
/// let at: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
/// let event = Event::asked_information(at, Channel::EMAIL).with_key("crm-8841");
/// assert_eq!((event.name(), event.key()), ("asked_information", "crm-8841"));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    pub(crate) key: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) seq: i64,
    pub(crate) by: Option<By>,
    /// The premise of a wake-up; `None` for one that is taken as given.
    pub(crate) premise: Option<String>,
    /// A hash of the state in which a wake-up was due; see [`ProspectState::premise_holds`](crate::ProspectState::premise_holds).
    pub(crate) basis: Option<String>,
    pub(crate) kind: EventKind,
    /// Fields that this version does not know, unchanged.
    pub(crate) extra: Fields,
}

impl Request {
    /// Returns the stage that the request moves them to (P3).
    pub const fn stage(self) -> Stage {
        match self {
            Request::Inquired | Request::Replied => Stage::Interest,
            Request::AskedInformation => Stage::Information,
            Request::AskedAppointment => Stage::Appointment,
            Request::AskedProposal => Stage::Proposal,
            Request::ReadyToBuy => Stage::Decision,
        }
    }

    /// Returns the purpose of the answer.
    pub const fn purpose(self) -> Purpose {
        match self {
            Request::Inquired => Purpose::DISCOVER,
            Request::Replied => Purpose::CHECK_IN,
            Request::AskedInformation => Purpose::INFORM,
            Request::AskedAppointment => Purpose::ASK_APPOINTMENT,
            Request::AskedProposal => Purpose::PROPOSE,
            Request::ReadyToBuy => Purpose::CLOSE,
        }
    }
}

/// A contact by us, as the rules see it.
///
/// # Examples
/// ```
/// use followup_core::event::{Touch, TouchFacts};
/// use followup_core::{Channel, Event, Purpose};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let by_hand = TouchFacts {
///     channel: Some(Channel::EMAIL),
///     purpose: Some(Purpose::INFORM),
///     reason: None,
///     personal: true,
///     automatic: false,
/// };
/// assert_eq!(Event::information_sent(at, Channel::EMAIL).touch(), Some(by_hand));
///
/// // Unless it says so, an automatic touch is not personal.
/// let sent = Event::touched(at, Touch::on(Channel::EMAIL).purpose(Purpose::INFORM).automatic());
/// assert_eq!(sent.touch(), Some(TouchFacts { personal: false, automatic: true, ..by_hand }));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TouchFacts {
    /// The channel, if it is known.
    pub channel: Option<Channel>,
    /// The purpose, if it is known.
    pub purpose: Option<Purpose>,
    /// The reason, if it is known.
    pub reason: Option<Reason>,
    /// Whether it was directed to this person alone.
    pub personal: bool,
    /// Whether it was sent without a person.
    pub automatic: bool,
}

impl Event {
    /// Creates an event of a kind, without a key and with `seq` 0.
    pub fn new(at: DateTime<Utc>, kind: EventKind) -> Event {
        let (key, extra) = (String::new(), Fields::default());
        Event { key, at, seq: 0, by: None, premise: None, basis: None, kind, extra }.with_at(at)
    }

    /// Sets the caller's key: the same key twice is one event. At most [`KEY_MAX_BYTES`] bytes.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Event {
        self.key = key.into();
        self
    }

    /// Sets the place among events of the same instant; the default is 0. The key orders events of equal `seq`.
    #[must_use]
    pub fn with_seq(mut self, seq: i64) -> Event {
        self.seq = seq;
        self
    }

    /// Sets who did it, where the kind leaves that open.
    ///
    /// # Examples
    /// ```
    /// use followup_core::stage::By;
    /// use followup_core::{Event, ProspectState};
    ///
    /// let at = "2026-03-06T14:00:00Z".parse()?;
    /// let stopped = Event::stopped(at).with_by(By::Us);
    /// assert_eq!(stopped.by(), Some(By::Us));
    /// let ada = ProspectState::replay([stopped])?;
    /// assert!(ada.stopped().is_some_and(|stopped| stopped.is_by_us()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_by(mut self, by: By) -> Event {
        self.by = Some(by);
        self
    }

    /// Sets the premise of a wake-up: the key of the event that it rests on.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Event;
    ///
    /// let resumed = Event::resumed("2026-03-20T09:00:00Z".parse()?);
    /// assert!(!resumed.is_wake_up(), "a person ended the pause");
    /// let resumed = resumed.with_premise("paused-1");
    /// assert_eq!(resumed.premise(), Some("paused-1"));
    /// assert!(resumed.is_wake_up(), "the pause of that key ended");
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn with_premise(mut self, key: impl Into<String>) -> Event {
        self.premise = Some(key.into());
        self
    }

    /// Moves the event to another instant, to the microsecond.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Event;
    /// use followup_core::time::to_micros;
    ///
    /// let called = Event::noted("2026-03-06T14:00:00Z".parse()?, "no answer");
    /// let moved = called.with_at("2026-03-06T14:05:00.123456789Z".parse()?);
    /// assert_eq!(moved.at(), "2026-03-06T14:05:00.123456Z".parse::<chrono::DateTime<chrono::Utc>>()?);
    /// assert_eq!(moved.at_micros(), to_micros(moved.at()));
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn with_at(mut self, at: DateTime<Utc>) -> Event {
        self.at = at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at);
        self
    }

    /// Returns the key: the caller's, or the one that was made for the event; empty until then.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the instant at which it happened, to the microsecond.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Returns the place among events of the same instant.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Returns who did it, where the kind leaves that open.
    pub fn by(&self) -> Option<By> {
        self.by
    }

    /// Returns what happened, with its fields.
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }

    /// Converts the event to its kind.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Event;
    /// use followup_core::event::EventKind;
    ///
    /// let mut event = Event::noted("2026-03-06T14:00:00Z".parse()?, "met at the fair");
    /// if let EventKind::Noted { text } = event.kind_mut() {
    ///     text.push_str(" in Berlin");
    /// }
    /// assert_eq!(event.into_kind(), EventKind::Noted { text: "met at the fair in Berlin".to_owned() });
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn into_kind(self) -> EventKind {
        self.kind
    }

    /// Returns what happened, for a change.
    pub fn kind_mut(&mut self) -> &mut EventKind {
        &mut self.kind
    }

    /// Returns the premise of a wake-up: the key of the event that it rests on.
    pub fn premise(&self) -> Option<&str> {
        self.premise.as_deref()
    }

    /// Returns the fields that this version does not know, unchanged.
    pub fn extra(&self) -> &Fields {
        &self.extra
    }

    /// Returns the fields that this version does not know, for a change.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Event;
    ///
    /// let mut event = Event::noted("2026-03-06T14:00:00Z".parse()?, "met at the fair");
    /// event.extra_mut().set("campaign", "spring");
    /// assert_eq!(event.to_json("p-17")["campaign"], "spring");
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn extra_mut(&mut self) -> &mut Fields {
        &mut self.extra
    }

    /// Returns the name of the event.
    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// Returns the instant at which it happened, in microseconds since 1970.
    pub fn at_micros(&self) -> Micros {
        to_micros(self.at)
    }

    /// Whether it is a contact by us.
    pub fn is_touch(&self) -> bool {
        self.touch().is_some()
    }

    /// Whether it is a touch and then a sign at once.
    pub fn is_conversation(&self) -> bool {
        matches!(
            self.kind,
            EventKind::AppointmentSet { .. }
                | EventKind::AppointmentHeld
                | EventKind::ProposalDiscussed
                | EventKind::NextStepAgreed { .. }
                | EventKind::NextStepDeclined
                | EventKind::Touched { reached: true, .. }
        )
    }

    /// Whether it is something that they did.
    pub fn is_sign(&self) -> bool {
        self.is_conversation()
            || matches!(
                self.kind,
                EventKind::Requested { .. }
                    | EventKind::AppointmentConfirmed
                    | EventKind::InputReceived { .. }
                    | EventKind::Decided { .. }
            )
    }

    /// Whether it is a touch or a sign.
    pub fn is_contact(&self) -> bool {
        self.is_touch() || self.is_sign()
    }

    /// Whether only the passing of time made it.
    pub fn is_wake_up(&self) -> bool {
        matches!(
            self.kind,
            EventKind::WentStale
                | EventKind::GaveUp
                | EventKind::Lapsed { .. }
                | EventKind::SendUnknown { .. }
        ) || (matches!(self.kind, EventKind::Resumed) && self.premise.is_some())
    }

    /// Whether it changes the profile only.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event};
    ///
    /// let at = "2026-03-06T14:00:00Z".parse()?;
    /// assert!(Event::assigned(at, "maria").is_profile());
    /// assert!(!Event::replied(at, Channel::EMAIL).is_profile());
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn is_profile(&self) -> bool {
        matches!(
            self.kind,
            EventKind::Added { .. }
                | EventKind::Valued { .. }
                | EventKind::TemperatureSet { .. }
                | EventKind::Assigned { .. }
                | EventKind::Preferred { .. }
                | EventKind::Qualified { .. }
        )
    }

    /// Returns the contact by us that the event records, if it records one.
    pub fn touch(&self) -> Option<TouchFacts> {
        let by_hand =
            TouchFacts { channel: None, purpose: None, reason: None, personal: true, automatic: false };
        match &self.kind {
            EventKind::Touched { channel, purpose, reason, personal, automatic, .. } => Some(TouchFacts {
                channel: Some(*channel),
                purpose: *purpose,
                reason: *reason,
                personal: personal.unwrap_or(!automatic),
                automatic: *automatic,
            }),
            EventKind::InformationSent { channel } => {
                Some(TouchFacts { channel: *channel, purpose: Some(Purpose::INFORM), ..by_hand })
            }
            EventKind::ProposalSent { channel, .. } => {
                Some(TouchFacts { channel: *channel, purpose: Some(Purpose::PROPOSE), ..by_hand })
            }
            EventKind::InputRequested { .. } => {
                Some(TouchFacts { purpose: Some(Purpose::CHASE_INPUTS), ..by_hand })
            }
            EventKind::Sent { channel, purpose, reason, .. } => Some(TouchFacts {
                channel: *channel,
                purpose: *purpose,
                reason: *reason,
                personal: false,
                automatic: true,
            }),
            _ if self.is_conversation() => Some(by_hand),
            _ => None,
        }
    }

    /// Returns the channel on which it happened, if it is known.
    pub fn channel(&self) -> Option<Channel> {
        match &self.kind {
            EventKind::Requested { channel, .. } => *channel,
            _ => self.touch().and_then(|touch| touch.channel),
        }
    }
}
