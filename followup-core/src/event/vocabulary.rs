//! The event vocabulary, declared once.
//!
//! One declaration gives each kind its variant, its name, its reading and writing, its part of the JSON Schema, and its
//! entry in [`EventSpec`], from which mapping files know the fields.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};

use super::field::{EventField, FieldSpec};
use super::fields::{FieldError, Fields};
use crate::channel::Channel;
use crate::money::Money;
use crate::purpose::{Purpose, Reason};
use crate::stage::{By, Kind, Outcome, Temperature, Who};
use crate::time::{Clock, Weekdays, Zone};

/// The name of an event and its fields, `at`, `key`, `seq` and `by` aside.
///
/// ```
/// use followup_core::event::EventSpec;
///
/// let set = EventSpec::named("appointment_set").expect("it is an event");
/// let required: Vec<_> = set.fields().filter(|field| field.required).map(|field| field.name).collect();
/// assert_eq!(required, ["starts_at", "minutes"]);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EventSpec {
    /// The name of the event.
    pub name: &'static str,
    /// A short description of the event.
    pub title: &'static str,
    fields: fn() -> Vec<FieldSpec>,
}

impl EventSpec {
    /// Returns the event of a name; `None` if the name is unknown.
    pub fn named(name: &str) -> Option<&'static EventSpec> {
        EventSpec::ALL.iter().find(|spec| spec.name == name)
    }

    /// Returns the fields, in the order of the declaration. An amount of money is two fields: `amount` and `currency`.
    pub fn fields(&self) -> impl Iterator<Item = FieldSpec> {
        (self.fields)().into_iter()
    }

    /// Returns the JSON Schema of the event.
    pub(super) fn schema(&self) -> Value {
        let mut properties = common_properties();
        properties.insert("event".to_owned(), json!({ "const": self.name }));
        let mut required = vec!["at", "event"];
        for field in self.fields() {
            properties.insert(field.name.to_owned(), (field.schema)());
            if field.required {
                required.push(field.name);
            }
        }
        json!({ "title": self.name, "description": self.title, "properties": properties, "required": required })
    }
}

/// The properties that every event has.
fn common_properties() -> Map<String, Value> {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let properties = json!({
        "prospect": text("The prospect."),
        "at": { "type": "string", "description": "When it happened: RFC 3339, or a local time in the prospect's zone." },
        "key": text("The caller's key: the same key twice is one event."),
        "seq": { "type": "integer", "description": "The place among events of the same instant." },
        "by": <By as EventField>::schema(),
    });
    match properties {
        Value::Object(properties) => properties,
        _ => Map::new(),
    }
}

/// Reads a field by its presence: required, optional, or with a default.
macro_rules! read_field {
    ($fields:ident, $zone:ident, $name:expr, $type:ty, required) => {
        <$type as EventField>::read($fields, $name, $zone)?
            .ok_or(FieldError::Missing(<$type as EventField>::missing($name)))?
    };
    ($fields:ident, $zone:ident, $name:expr, $type:ty, optional) => {
        <$type as EventField>::read($fields, $name, $zone)?
    };
    ($fields:ident, $zone:ident, $name:expr, $type:ty, $default:ident($value:expr)) => {
        <$type as EventField>::read($fields, $name, $zone)?.unwrap_or($value)
    };
}

/// Writes a field by its presence. A `default` is written too; a value that is `omitted` is left out.
macro_rules! write_field {
    ($fields:ident, $name:expr, $field:ident, optional) => {
        if let Some(value) = $field {
            EventField::write(value, $fields, $name);
        }
    };
    ($fields:ident, $name:expr, $field:ident, omitted($value:expr)) => {
        if *$field != $value {
            EventField::write($field, $fields, $name);
        }
    };
    ($fields:ident, $name:expr, $field:ident, $presence:ident $(($value:expr))?) => {
        EventField::write($field, $fields, $name)
    };
}

/// The type of a field by its presence.
macro_rules! field_type {
    ($type:ty, optional) => { Option<$type> };
    ($type:ty, $presence:ident) => { $type };
}

macro_rules! is_required {
    (required) => {
        true
    };
    ($presence:ident) => {
        false
    };
}

/// The fields of an event, described.
macro_rules! described {
    ($($field:ident: $type:ty, $presence:ident;)*) => {
        || {
            #[allow(unused_mut, reason = "some events have no fields")]
            let mut fields = Vec::new();
            $(<$type as EventField>::describe(stringify!($field), is_required!($presence), &mut fields);)*
            fields
        }
    };
}

/// Declares the vocabulary; see the module's documentation. The requests stand between two lists of other events, so
/// that all of them come in the order in which CLI.md has them.
macro_rules! vocabulary {
    (
        $($(#[doc = $first_doc:literal])+ $first:ident = $first_name:literal $({
            $($(#[doc = $first_field_doc:literal])+
            $first_field:ident: $first_type:ty, $first_presence:ident $(($first_default:expr))?;)*
        })?)*
        requests { $($(#[doc = $request_doc:literal])+ $request:ident = $request_name:literal,)* }
        $($(#[doc = $doc:literal])+ $kind:ident = $name:literal $({
            $($(#[doc = $field_doc:literal])+ $field:ident: $type:ty, $presence:ident $(($default:expr))?;)*
        })?)*
    ) => {
        /// What happened, with its fields.
        ///
        /// [`EventSpec`] describes them at run time.
        #[derive(Clone, PartialEq, Debug)]
        #[non_exhaustive]
        pub enum EventKind {
            $($(#[doc = $first_doc])+ $first $({
                $($(#[doc = $first_field_doc])+ $first_field: field_type!($first_type, $first_presence),)*
            })?,)*
            /// They asked something of us.
            Requested {
                /// The request.
                request: Request,
                /// The channel that they used.
                channel: Option<Channel>,
            },
            $($(#[doc = $doc])+ $kind $({
                $($(#[doc = $field_doc])+ $field: field_type!($type, $presence),)*
            })?,)*
        }

        /// Something that the prospect asks of us, and that is owed an answer (C4).
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
        )]
        pub enum Request {
            $($(#[doc = $request_doc])+ $request,)*
        }

        impl Request {
            /// All requests, in the order of the stages.
            pub const ALL: &'static [Request] = &[$(Request::$request),*];

            /// Returns the name of the event.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Request::$request => $request_name,)*
                }
            }
        }

        impl EventSpec {
            /// All events, in the order of the vocabulary.
            pub const ALL: &'static [EventSpec] = &[
                $(EventSpec {
                    name: $first_name,
                    title: concat!($($first_doc),+).trim_ascii(),
                    fields: described!($($($first_field: $first_type, $first_presence;)*)?),
                },)*
                $(EventSpec {
                    name: $request_name,
                    title: concat!($($request_doc),+).trim_ascii(),
                    fields: described!(channel: Channel, optional;),
                },)*
                $(EventSpec {
                    name: $name,
                    title: concat!($($doc),+).trim_ascii(),
                    fields: described!($($($field: $type, $presence;)*)?),
                },)*
            ];
        }

        impl super::Event {
            /// The names of all events, in the order of the vocabulary.
            pub const NAMES: &'static [&'static str] =
                &[$($first_name,)* $($request_name,)* $($name,)*];
        }

        impl EventKind {
            /// Returns the name of the event.
            pub fn name(&self) -> &'static str {
                match self {
                    $(EventKind::$first { .. } => $first_name,)*
                    EventKind::Requested { request, .. } => request.as_str(),
                    $(EventKind::$kind { .. } => $name,)*
                }
            }

            /// Reads an event of a name from its fields; `None` if the name is unknown.
            pub(super) fn read(
                name: &str,
                fields: &mut Fields,
                zone: Zone,
            ) -> Result<Option<EventKind>, FieldError> {
                Ok(Some(match name {
                    $($first_name => EventKind::$first $({
                        $($first_field: read_field!(
                            fields, zone, stringify!($first_field), $first_type,
                            $first_presence $(($first_default))?
                        ),)*
                    })?,)*
                    $($request_name => EventKind::Requested {
                        request: Request::$request,
                        channel: read_field!(fields, zone, "channel", Channel, optional),
                    },)*
                    $($name => EventKind::$kind $({
                        $($field: read_field!(
                            fields, zone, stringify!($field), $type, $presence $(($default))?
                        ),)*
                    })?,)*
                    _ => return Ok(None),
                }))
            }

            /// Writes the fields.
            pub(super) fn write(&self, fields: &mut Fields) {
                match self {
                    $(EventKind::$first $({ $($first_field,)* })? => {
                        $($(write_field!(
                            fields, stringify!($first_field), $first_field,
                            $first_presence $(($first_default))?
                        );)*)?
                    })*
                    EventKind::Requested { channel, .. } => write_field!(fields, "channel", channel, optional),
                    $(EventKind::$kind $({ $($field,)* })? => {
                        $($(write_field!(
                            fields, stringify!($field), $field, $presence $(($default))?
                        );)*)?
                    })*
                }
            }
        }
    };
}

vocabulary! {
    /// A prospect was added, or told of again.
    Added = "added" {
        /// The name.
        name: String, optional;
        /// The kind of contact.
        kind: Kind, default(Kind::Prospect);
        /// The email address.
        email: String, optional;
        /// The telephone number.
        phone: String, optional;
        /// The time zone.
        zone: Zone, optional;
        /// The owner: who follows up.
        owner: String, optional;
        /// Who referred them.
        referrer: String, optional;
        /// The name of their playbook.
        playbook: String, optional;
    }
    /// Their value became known.
    Valued = "valued" {
        /// The value.
        value: Money, required;
    }
    /// Their temperature was set by hand.
    TemperatureSet = "temperature_set" {
        /// The temperature.
        temperature: Temperature, required;
    }
    /// They were assigned to an owner.
    Assigned = "assigned" {
        /// The owner.
        owner: String, required;
    }
    /// They stated when and how they prefer to be contacted (C11).
    Preferred = "preferred" {
        /// The channel.
        channel: Channel, optional;
        /// The weekdays.
        weekdays: Weekdays, optional;
        /// The time of day from which, in their zone.
        from: Clock, optional;
        /// The time of day until which (exclusive), in their zone.
        to: Clock, optional;
    }
    /// Discovery found something out (W6, P5).
    Qualified = "qualified" {
        /// What they need.
        needs: String, optional;
        /// How they decide.
        decides_how: String, optional;
        /// The civil day on which they decide.
        decides_on: NaiveDate, optional;
        /// Whether they are ready to explore working with us.
        ready: bool, optional;
        /// Whether they know us and our service.
        knows_us: bool, optional;
        /// The time that they take for an appointment, in minutes.
        minutes: u32, optional;
    }
    requests {
        /// They inquired.
        Inquired = "inquired",
        /// They replied.
        Replied = "replied",
        /// They asked for information.
        AskedInformation = "asked_information",
        /// They asked for an appointment.
        AskedAppointment = "asked_appointment",
        /// They asked for a proposal.
        AskedProposal = "asked_proposal",
        /// They are ready to buy.
        ReadyToBuy = "ready_to_buy",
    }
    /// Their mailbox replied by itself: they are away (C14).
    AutoReplied = "auto_replied" {
        /// Until when; the playbook's default if it does not say.
        until: DateTime<Utc>, optional;
    }
    /// A message bounced.
    Bounced = "bounced" {
        /// Whether the address does not work any more.
        permanent: bool, default(false);
        /// The address.
        address: String, optional;
    }
    /// They opted out of channels (S6).
    OptedOut = "opted_out" {
        /// The channels; all if empty.
        channels: Vec<Channel>, omitted(Vec::new());
    }
    /// They opted into channels again (S6).
    OptedIn = "opted_in" {
        /// The channels; all if empty.
        channels: Vec<Channel>, omitted(Vec::new());
    }
    /// We touched them.
    Touched = "touched" {
        /// The channel.
        channel: Channel, required;
        /// The purpose.
        purpose: Purpose, optional;
        /// The reason that it gave (W1).
        reason: Reason, optional;
        /// Whether it was directed to this person alone (C10); unless it was automatic, if it does not say.
        personal: bool, optional;
        /// Whether it was sent without a person.
        automatic: bool, omitted(false);
        /// Whether it reached them, so that it was a conversation.
        reached: bool, omitted(false);
    }
    /// We sent information.
    InformationSent = "information_sent" {
        /// The channel.
        channel: Channel, optional;
    }
    /// We sent a proposal (P7).
    ProposalSent = "proposal_sent" {
        /// The amount.
        amount: Money, optional;
        /// The channel.
        channel: Channel, optional;
    }
    /// The proposal was discussed (P7).
    ProposalDiscussed = "proposal_discussed"
    /// An appointment was set (P6).
    AppointmentSet = "appointment_set" {
        /// When it begins.
        starts_at: DateTime<Utc>, required;
        /// How long it takes, in minutes: 1 to 100,000.
        minutes: u32, required;
    }
    /// They confirmed the appointment (P6).
    AppointmentConfirmed = "appointment_confirmed"
    /// The appointment was held.
    AppointmentHeld = "appointment_held"
    /// The appointment did not take place (P6).
    AppointmentMissed = "appointment_missed" {
        /// Who missed it.
        by: By, optional;
    }
    /// A next step was agreed (P10).
    NextStepAgreed = "next_step_agreed" {
        /// When it is due.
        due_at: DateTime<Utc>, required;
        /// The channel.
        channel: Channel, optional;
        /// The purpose.
        purpose: Purpose, optional;
    }
    /// They declined a next step (P11).
    NextStepDeclined = "next_step_declined"
    /// They decided (P9).
    Decided = "decided" {
        /// The outcome.
        outcome: Outcome, required;
        /// For *later*: when to come back.
        until: DateTime<Utc>, optional;
        /// The reason.
        why: String, optional;
    }
    /// We asked them for an input (C17).
    InputRequested = "input_requested" {
        /// The name of the input.
        input: String, required;
        /// When it is due.
        deadline: DateTime<Utc>, optional;
    }
    /// An input arrived (C17).
    InputReceived = "input_received" {
        /// The name of the input.
        input: String, required;
    }
    /// An input is not needed any more (C17).
    InputWaived = "input_waived" {
        /// The name of the input.
        input: String, required;
    }
    /// What we start was put off (C14).
    Snoozed = "snoozed" {
        /// Until when.
        until: DateTime<Utc>, required;
    }
    /// What we start was paused (C14).
    Paused = "paused" {
        /// Until when; the playbook's default if it does not say.
        until: DateTime<Utc>, optional;
        /// The reason.
        why: String, optional;
    }
    /// A pause ended.
    Resumed = "resumed"
    /// Following up was stopped (S3).
    Stopped = "stopped" {
        /// The reason.
        why: String, optional;
    }
    /// Following up began again (S5).
    Reopened = "reopened"
    /// They, or their owner, are away (C14).
    Away = "away" {
        /// Who is away.
        who: Who, required;
        /// Until when: the civil day of this instant is the last day.
        until: DateTime<Utc>, required;
        /// From when; at once if it does not say.
        from: DateTime<Utc>, optional;
    }
    /// They were given a playbook.
    PlaybookSet = "playbook_set" {
        /// The name of the playbook.
        name: String, required;
        /// The version; the newest if it does not say.
        version: u32, optional;
    }
    /// They were planned again by another planner, playbook or zone database.
    Replanned = "replanned" {
        /// What they were planned by.
        planned_by: String, optional;
    }
    /// The record was merged into another.
    Merged = "merged" {
        /// The id of the other record.
        into: String, required;
    }
    /// A note was taken.
    Noted = "noted" {
        /// The note.
        text: String, required;
    }
    /// Nobody was in touch for weeks (P8).
    WentStale = "went_stale"
    /// The last message was not answered (S2).
    GaveUp = "gave_up"
    /// An unconfirmed appointment is held as it is (P6).
    Lapsed = "lapsed" {
        /// The action that lapsed.
        action: String, optional;
    }
    /// A message is about to be sent.
    SendIntended = "send_intended" {
        /// The action: prospect and revision.
        action: String, required;
        /// The channel.
        channel: Channel, optional;
        /// The purpose.
        purpose: Purpose, optional;
        /// The reason that it gives.
        reason: Reason, optional;
    }
    /// A message was sent.
    Sent = "sent" {
        /// The action: prospect and revision.
        action: String, required;
        /// The carrier's id of the message.
        message_id: String, optional;
        /// The channel; that of the intent if it does not say.
        channel: Channel, optional;
        /// The purpose; that of the intent if it does not say.
        purpose: Purpose, optional;
        /// The reason that it gave; that of the intent if it does not say.
        reason: Reason, optional;
    }
    /// A message was not sent.
    SendFailed = "send_failed" {
        /// The action: prospect and revision.
        action: String, required;
        /// The reason.
        why: String, optional;
        /// Whether it will never be sent on this channel.
        permanent: bool, default(false);
    }
    /// It is unknown whether a message was sent.
    SendUnknown = "send_unknown" {
        /// The action: prospect and revision.
        action: String, required;
    }
}
