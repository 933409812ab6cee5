//! What happened to a prospect.

mod constructors;
mod fields;
mod wire;

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};

pub use fields::instant_text;
pub use fields::{FieldError, Fields};
pub use wire::EventError;

use crate::channel::Channel;
use crate::money::Money;
use crate::purpose::{Purpose, Reason};
use crate::stage::{By, Kind, Outcome, Stage, Temperature, Who};
use crate::time::{Micros, Weekdays, Zone, to_micros};

/// The longest key of an event, in bytes.
pub const KEY_MAX_BYTES: usize = 200;

/// Something that happened to one prospect. Appended to the journal, never changed.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::{Channel, Event};
///
/// let at: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
/// let event = Event::asked_information(at).via(Channel::EMAIL).key("crm-8841");
/// assert_eq!(event.name(), "asked_information");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The caller's key: the same key twice is one event. Empty until it is given or made.
    pub key: String,
    /// When it happened, to the microsecond.
    pub at: DateTime<Utc>,
    /// Orders events of one prospect at the same instant; then the key does.
    pub seq: i64,
    /// Who did it, where the kind leaves that open.
    pub by: Option<By>,
    /// What a wake-up rests on; `None` for one that is taken as it stands.
    pub premise: Option<String>,
    /// A hash of the state in which a wake-up was due; see [`ProspectState::premise_holds`](crate::ProspectState::premise_holds).
    pub basis: Option<String>,
    /// What happened.
    pub kind: EventKind,
    /// Fields that this version does not know, kept as they came.
    pub extra: Fields,
}

/// What happened, with its particulars. CLI.md has the vocabulary.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the variants and fields are the words of the event vocabulary")]
pub enum EventKind {
    Added {
        name: Option<String>,
        kind: Kind,
        email: Option<String>,
        phone: Option<String>,
        zone: Option<Zone>,
        owner: Option<String>,
        referrer: Option<String>,
        playbook: Option<String>,
    },
    Valued {
        value: Money,
    },
    TemperatureSet {
        temperature: Temperature,
    },
    Assigned {
        owner: String,
    },
    Preferred {
        channel: Option<Channel>,
        weekdays: Option<Weekdays>,
        from: Option<u32>,
        to: Option<u32>,
    },
    Qualified {
        needs: Option<String>,
        decides_how: Option<String>,
        decides_on: Option<NaiveDate>,
        ready: Option<bool>,
        knows_us: Option<bool>,
        minutes: Option<u32>,
    },
    Requested {
        request: Request,
        channel: Option<Channel>,
    },
    AutoReplied {
        until: Option<DateTime<Utc>>,
    },
    Bounced {
        permanent: bool,
        address: Option<String>,
    },
    OptedOut {
        channels: Vec<Channel>,
    },
    OptedIn {
        channels: Vec<Channel>,
    },
    Touched {
        channel: Channel,
        purpose: Option<Purpose>,
        reason: Option<Reason>,
        personal: Option<bool>,
        automatic: bool,
        reached: bool,
    },
    InformationSent {
        channel: Option<Channel>,
    },
    ProposalSent {
        amount: Option<Money>,
        channel: Option<Channel>,
    },
    ProposalDiscussed,
    AppointmentSet {
        starts_at: DateTime<Utc>,
        minutes: u32,
    },
    AppointmentConfirmed,
    AppointmentHeld,
    AppointmentMissed {
        by: Option<By>,
    },
    NextStepAgreed {
        due_at: DateTime<Utc>,
        channel: Option<Channel>,
        purpose: Option<Purpose>,
    },
    NextStepDeclined,
    Decided {
        outcome: Outcome,
        until: Option<DateTime<Utc>>,
        why: Option<String>,
    },
    InputRequested {
        input: String,
        deadline: Option<DateTime<Utc>>,
    },
    InputReceived {
        input: String,
    },
    InputWaived {
        input: String,
    },
    Snoozed {
        until: DateTime<Utc>,
    },
    Paused {
        until: Option<DateTime<Utc>>,
        why: Option<String>,
    },
    Resumed,
    Stopped {
        why: Option<String>,
    },
    Reopened,
    Away {
        who: Who,
        until: DateTime<Utc>,
        from: Option<DateTime<Utc>>,
    },
    PlaybookSet {
        name: String,
        version: Option<u32>,
    },
    Replanned {
        planned_by: Option<String>,
    },
    Merged {
        into: String,
    },
    Noted {
        text: String,
    },
    WentStale,
    GaveUp,
    Lapsed {
        action: Option<String>,
    },
    SendIntended {
        action: String,
        channel: Option<Channel>,
        purpose: Option<Purpose>,
        reason: Option<Reason>,
    },
    Sent {
        action: String,
        message_id: Option<String>,
        channel: Option<Channel>,
        purpose: Option<Purpose>,
        reason: Option<Reason>,
    },
    SendFailed {
        action: String,
        why: Option<String>,
        permanent: bool,
    },
    SendUnknown {
        action: String,
    },
}

/// Something that the prospect asks of us, and that is owed an answer (C4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[allow(missing_docs, reason = "the variants are the words of the event vocabulary")]
pub enum Request {
    Inquired,
    Replied,
    AskedInformation,
    AskedAppointment,
    AskedProposal,
    ReadyToBuy,
}

impl Request {
    /// Every request, in the order of the stages.
    pub const ALL: &'static [Request] = &[
        Request::Inquired,
        Request::Replied,
        Request::AskedInformation,
        Request::AskedAppointment,
        Request::AskedProposal,
        Request::ReadyToBuy,
    ];

    /// The event's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Request::Inquired => "inquired",
            Request::Replied => "replied",
            Request::AskedInformation => "asked_information",
            Request::AskedAppointment => "asked_appointment",
            Request::AskedProposal => "asked_proposal",
            Request::ReadyToBuy => "ready_to_buy",
        }
    }

    /// The stage to which it moves them (P3).
    pub const fn stage(self) -> Stage {
        match self {
            Request::Inquired | Request::Replied => Stage::Interest,
            Request::AskedInformation => Stage::Information,
            Request::AskedAppointment => Stage::Appointment,
            Request::AskedProposal => Stage::Proposal,
            Request::ReadyToBuy => Stage::Decision,
        }
    }

    /// What the answer is for.
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
    /// An event of a kind, without key, `seq` 0.
    pub fn new(at: DateTime<Utc>, kind: EventKind) -> Event {
        let at = at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at);
        Event {
            key: String::new(),
            at,
            seq: 0,
            by: None,
            premise: None,
            basis: None,
            kind,
            extra: Fields::default(),
        }
    }

    /// The caller's key, by which a repetition is known.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Event {
        self.key = key.into();
        self
    }

    /// Its place among events at the same instant.
    #[must_use]
    pub fn seq(mut self, seq: i64) -> Event {
        self.seq = seq;
        self
    }

    /// The channel on which it happened, for kinds that have one.
    #[must_use]
    pub fn via(mut self, by: Channel) -> Event {
        match &mut self.kind {
            EventKind::Requested { channel, .. }
            | EventKind::InformationSent { channel }
            | EventKind::ProposalSent { channel, .. }
            | EventKind::NextStepAgreed { channel, .. }
            | EventKind::Preferred { channel, .. } => *channel = Some(by),
            EventKind::Touched { channel, .. } => *channel = by,
            _ => {}
        }
        self
    }

    /// What a touch or an agreed step is for.
    #[must_use]
    pub fn purpose(mut self, of: Purpose) -> Event {
        if let EventKind::Touched { purpose, .. } | EventKind::NextStepAgreed { purpose, .. } = &mut self.kind
        {
            *purpose = Some(of);
        }
        self
    }

    /// What a wake-up rests on.
    #[must_use]
    pub fn premise(mut self, key: impl Into<String>) -> Event {
        self.premise = Some(key.into());
        self
    }

    /// When it happened, in microseconds since 1970.
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

    /// The contact by us that the event is, if it is one.
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

    /// The channel on which it happened, if it says so.
    pub fn channel(&self) -> Option<Channel> {
        match &self.kind {
            EventKind::Requested { channel, .. } => *channel,
            _ => self.touch().and_then(|touch| touch.channel),
        }
    }
}
