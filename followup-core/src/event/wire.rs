//! Events as tagged JSON, and from named fields.

use serde_json::{Map, Value};

use super::fields::{FieldError, Fields, instant_text, parse_instant, wrong};
use super::{Event, EventKind, KEY_MAX_BYTES, Request};
use crate::money::Money;
use crate::stage::{By, Kind};
use crate::time::{DayHours, Zone, clock_text};

/// The largest `seq`, either way: what a JSON number holds exactly.
const SEQ_MAX: u64 = 1 << 53;

/// Why something is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The text is no JSON object.
    #[error("it is no JSON object: {0}")]
    NoObject(String),
    /// The kind is not known.
    #[error("\"{0}\" is no event; the vocabulary is: {list}", list = Event::NAMES.join(", "))]
    UnknownKind(String),
    /// A field is missing or wrong.
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl Event {
    /// The names of all kinds, in the order of the vocabulary.
    pub const NAMES: &'static [&'static str] = &[
        "added",
        "valued",
        "temperature_set",
        "assigned",
        "preferred",
        "qualified",
        "inquired",
        "replied",
        "asked_information",
        "asked_appointment",
        "asked_proposal",
        "ready_to_buy",
        "auto_replied",
        "bounced",
        "opted_out",
        "opted_in",
        "touched",
        "information_sent",
        "proposal_sent",
        "proposal_discussed",
        "appointment_set",
        "appointment_confirmed",
        "appointment_held",
        "appointment_missed",
        "next_step_agreed",
        "next_step_declined",
        "decided",
        "input_requested",
        "input_received",
        "input_waived",
        "snoozed",
        "paused",
        "resumed",
        "stopped",
        "reopened",
        "away",
        "playbook_set",
        "replanned",
        "merged",
        "noted",
        "went_stale",
        "gave_up",
        "lapsed",
        "send_intended",
        "sent",
        "send_failed",
        "send_unknown",
    ];

    /// The name of its kind.
    pub fn name(&self) -> &'static str {
        match &self.kind {
            EventKind::Added { .. } => "added",
            EventKind::Valued { .. } => "valued",
            EventKind::TemperatureSet { .. } => "temperature_set",
            EventKind::Assigned { .. } => "assigned",
            EventKind::Preferred { .. } => "preferred",
            EventKind::Qualified { .. } => "qualified",
            EventKind::Requested { request, .. } => request.as_str(),
            EventKind::AutoReplied { .. } => "auto_replied",
            EventKind::Bounced { .. } => "bounced",
            EventKind::OptedOut { .. } => "opted_out",
            EventKind::OptedIn { .. } => "opted_in",
            EventKind::Touched { .. } => "touched",
            EventKind::InformationSent { .. } => "information_sent",
            EventKind::ProposalSent { .. } => "proposal_sent",
            EventKind::ProposalDiscussed => "proposal_discussed",
            EventKind::AppointmentSet { .. } => "appointment_set",
            EventKind::AppointmentConfirmed => "appointment_confirmed",
            EventKind::AppointmentHeld => "appointment_held",
            EventKind::AppointmentMissed { .. } => "appointment_missed",
            EventKind::NextStepAgreed { .. } => "next_step_agreed",
            EventKind::NextStepDeclined => "next_step_declined",
            EventKind::Decided { .. } => "decided",
            EventKind::InputRequested { .. } => "input_requested",
            EventKind::InputReceived { .. } => "input_received",
            EventKind::InputWaived { .. } => "input_waived",
            EventKind::Snoozed { .. } => "snoozed",
            EventKind::Paused { .. } => "paused",
            EventKind::Resumed => "resumed",
            EventKind::Stopped { .. } => "stopped",
            EventKind::Reopened => "reopened",
            EventKind::Away { .. } => "away",
            EventKind::PlaybookSet { .. } => "playbook_set",
            EventKind::Replanned { .. } => "replanned",
            EventKind::Merged { .. } => "merged",
            EventKind::Noted { .. } => "noted",
            EventKind::WentStale => "went_stale",
            EventKind::GaveUp => "gave_up",
            EventKind::Lapsed { .. } => "lapsed",
            EventKind::SendIntended { .. } => "send_intended",
            EventKind::Sent { .. } => "sent",
            EventKind::SendFailed { .. } => "send_failed",
            EventKind::SendUnknown { .. } => "send_unknown",
        }
    }

    /// Reads an event from its JSON object; `prospect`, if there, is handed back beside it.
    ///
    /// Instants without an offset are local times in `zone`.
    ///
    /// # Errors
    /// [`EventError`]: an unknown kind, a missing or a wrong field. Unknown fields are kept.
    pub fn from_json(object: Map<String, Value>, zone: Zone) -> Result<(Option<String>, Event), EventError> {
        let mut fields: Fields = object.into_iter().collect();
        let prospect = fields.text("prospect")?;
        let name = fields.needed("event", Fields::text)?;
        let event = Event::from_fields(&name, fields, zone)?;
        Ok((prospect, event))
    }

    /// Reads an event of a kind from its fields, `at` and `key` among them.
    ///
    /// # Errors
    /// As [`Event::from_json`].
    pub fn from_fields(name: &str, mut fields: Fields, zone: Zone) -> Result<Event, EventError> {
        let at = fields.needed("at", |fields, field| fields.instant(field, zone))?;
        let key = fields.text("key")?.unwrap_or_default();
        if key.len() > KEY_MAX_BYTES {
            return Err(wrong("key", format!("it is longer than {KEY_MAX_BYTES} bytes")).into());
        }
        let seq = fields.parsed("seq")?.unwrap_or(0_i64);
        if seq.unsigned_abs() > SEQ_MAX {
            return Err(wrong("seq", format!("it is beyond {SEQ_MAX}")).into());
        }
        let premise = fields.text("premise")?;
        let basis = fields.text("basis")?;
        let kind = EventKind::read(name, &mut fields, zone)?;
        let by = fields.parsed::<By>("by")?;
        Ok(Event { seq, by, premise, basis, extra: fields, ..Event::new(at, kind).key(key) })
    }

    /// The particulars of the event: everything but key, instant, `seq`, and the kind's name.
    pub fn to_fields(&self) -> Fields {
        let mut fields = self.extra.clone();
        fields.put("premise", &self.premise);
        fields.put("basis", &self.basis);
        fields.put("by", &self.by);
        self.kind.write(&mut fields);
        fields
    }

    /// The event as one flat JSON object, as [`Event::from_json`] reads it.
    pub fn to_json(&self, prospect: &str) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("key".into(), self.key.as_str().into());
        object.insert("prospect".into(), prospect.into());
        object.insert("at".into(), instant_text(self.at).into());
        object.insert("event".into(), self.name().into());
        if self.seq != 0 {
            object.insert("seq".into(), self.seq.into());
        }
        object.extend(self.to_fields().into_json());
        object
    }

    /// Reads an instant as events write it: RFC 3339, or local time in a zone.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    pub fn parse_instant(
        field: &'static str,
        text: &str,
        zone: Zone,
    ) -> Result<chrono::DateTime<chrono::Utc>, FieldError> {
        parse_instant(text, zone).map_err(|why| wrong(field, why))
    }
}

impl EventKind {
    fn read(name: &str, fields: &mut Fields, zone: Zone) -> Result<EventKind, EventError> {
        if let Some(request) = Request::ALL.iter().find(|request| request.as_str() == name) {
            return Ok(EventKind::Requested { request: *request, channel: fields.parsed("channel")? });
        }
        Ok(match name {
            "added" => EventKind::Added {
                name: fields.text("name")?,
                kind: fields.parsed("kind")?.unwrap_or(Kind::Prospect),
                email: fields.text("email")?,
                phone: fields.text("phone")?,
                zone: fields.parsed("zone")?,
                owner: fields.text("owner")?,
                referrer: fields.text("referrer")?,
                playbook: fields.text("playbook")?,
            },
            "valued" => EventKind::Valued { value: money(fields)?.ok_or(FieldError::Missing("amount"))? },
            "temperature_set" => {
                EventKind::TemperatureSet { temperature: fields.needed("temperature", Fields::parsed)? }
            }
            "assigned" => EventKind::Assigned { owner: fields.needed("owner", Fields::text)? },
            "preferred" => preferred(fields)?,
            "qualified" => EventKind::Qualified {
                needs: fields.text("needs")?,
                decides_how: fields.text("decides_how")?,
                decides_on: fields.date("decides_on")?,
                ready: fields.flag("ready")?,
                knows_us: fields.flag("knows_us")?,
                minutes: fields.parsed("minutes")?,
            },
            "auto_replied" => EventKind::AutoReplied { until: fields.instant("until", zone)? },
            "bounced" => EventKind::Bounced {
                permanent: fields.flag("permanent")?.unwrap_or(false),
                address: fields.text("address")?,
            },
            "opted_out" => EventKind::OptedOut { channels: fields.channels("channels")? },
            "opted_in" => EventKind::OptedIn { channels: fields.channels("channels")? },
            "touched" => EventKind::Touched {
                channel: fields.needed("channel", Fields::parsed)?,
                purpose: fields.parsed("purpose")?,
                reason: fields.parsed("reason")?,
                personal: fields.flag("personal")?,
                automatic: fields.flag("automatic")?.unwrap_or(false),
                reached: fields.flag("reached")?.unwrap_or(false),
            },
            "information_sent" => EventKind::InformationSent { channel: fields.parsed("channel")? },
            "proposal_sent" => {
                EventKind::ProposalSent { amount: money(fields)?, channel: fields.parsed("channel")? }
            }
            "proposal_discussed" => EventKind::ProposalDiscussed,
            "appointment_set" => {
                let starts_at = fields.needed("starts_at", |fields, field| fields.instant(field, zone))?;
                let minutes = fields.parsed::<u32>("minutes")?.ok_or(FieldError::Missing("minutes"))?;
                if !(1..=100_000).contains(&minutes) {
                    return Err(wrong("minutes", "an appointment takes 1 to 100000 minutes").into());
                }
                EventKind::AppointmentSet { starts_at, minutes }
            }
            "appointment_confirmed" => EventKind::AppointmentConfirmed,
            "appointment_held" => EventKind::AppointmentHeld,
            "appointment_missed" => EventKind::AppointmentMissed { by: fields.parsed("by")? },
            "next_step_agreed" => EventKind::NextStepAgreed {
                due_at: fields.needed("due_at", |fields, field| fields.instant(field, zone))?,
                channel: fields.parsed("channel")?,
                purpose: fields.parsed("purpose")?,
            },
            "next_step_declined" => EventKind::NextStepDeclined,
            "decided" => EventKind::Decided {
                outcome: fields.needed("outcome", Fields::parsed)?,
                until: fields.instant("until", zone)?,
                why: fields.text("why")?,
            },
            "input_requested" => EventKind::InputRequested {
                input: fields.needed("input", Fields::text)?,
                deadline: fields.instant("deadline", zone)?,
            },
            "input_received" => EventKind::InputReceived { input: fields.needed("input", Fields::text)? },
            "input_waived" => EventKind::InputWaived { input: fields.needed("input", Fields::text)? },
            "snoozed" => EventKind::Snoozed {
                until: fields.needed("until", |fields, field| fields.instant(field, zone))?,
            },
            "paused" => EventKind::Paused { until: fields.instant("until", zone)?, why: fields.text("why")? },
            "resumed" => EventKind::Resumed,
            "stopped" => EventKind::Stopped { why: fields.text("why")? },
            "reopened" => EventKind::Reopened,
            "away" => EventKind::Away {
                who: fields.needed("who", Fields::parsed)?,
                until: fields.needed("until", |fields, field| fields.instant(field, zone))?,
                from: fields.instant("from", zone)?,
            },
            "playbook_set" => EventKind::PlaybookSet {
                name: fields.needed("name", Fields::text)?,
                version: fields.parsed("version")?,
            },
            "replanned" => EventKind::Replanned { planned_by: fields.text("planned_by")? },
            "merged" => EventKind::Merged { into: fields.needed("into", Fields::text)? },
            "noted" => EventKind::Noted { text: fields.needed("text", Fields::text)? },
            "went_stale" => EventKind::WentStale,
            "gave_up" => EventKind::GaveUp,
            "lapsed" => EventKind::Lapsed { action: fields.text("action")? },
            "send_intended" => EventKind::SendIntended {
                action: fields.needed("action", Fields::text)?,
                channel: fields.parsed("channel")?,
                purpose: fields.parsed("purpose")?,
                reason: fields.parsed("reason")?,
            },
            "sent" => EventKind::Sent {
                action: fields.needed("action", Fields::text)?,
                message_id: fields.text("message_id")?,
                channel: fields.parsed("channel")?,
                purpose: fields.parsed("purpose")?,
                reason: fields.parsed("reason")?,
            },
            "send_failed" => EventKind::SendFailed {
                action: fields.needed("action", Fields::text)?,
                why: fields.text("why")?,
                permanent: fields.flag("permanent")?.unwrap_or(false),
            },
            "send_unknown" => EventKind::SendUnknown { action: fields.needed("action", Fields::text)? },
            unknown => return Err(EventError::UnknownKind(unknown.chars().take(40).collect())),
        })
    }

    fn write(&self, fields: &mut Fields) {
        match self {
            EventKind::Added { name, kind, email, phone, zone, owner, referrer, playbook } => {
                fields.put("name", name);
                fields.set("kind", kind.as_str());
                fields.put("email", email);
                fields.put("phone", phone);
                fields.put("zone", zone);
                fields.put("owner", owner);
                fields.put("referrer", referrer);
                fields.put("playbook", playbook);
            }
            EventKind::Valued { value } => write_money(fields, value),
            EventKind::TemperatureSet { temperature } => fields.set("temperature", temperature.as_str()),
            EventKind::Assigned { owner } => fields.set("owner", owner.as_str()),
            EventKind::Preferred { channel, weekdays, from, to } => {
                fields.put("channel", channel);
                if let Some(days) = weekdays {
                    let names: Vec<_> =
                        days.iter().map(|day| Value::from(crate::time::weekday_text(day))).collect();
                    fields.set("weekdays", names);
                }
                fields.put("from", &from.map(clock_text));
                fields.put("to", &to.map(clock_text));
            }
            EventKind::Qualified { needs, decides_how, decides_on, ready, knows_us, minutes } => {
                fields.put("needs", needs);
                fields.put("decides_how", decides_how);
                fields.put("decides_on", decides_on);
                for (field, flag) in [("ready", ready), ("knows_us", knows_us)] {
                    if let Some(flag) = flag {
                        fields.set(field, *flag);
                    }
                }
                if let Some(minutes) = minutes {
                    fields.set("minutes", *minutes);
                }
            }
            EventKind::Requested { channel, .. } | EventKind::InformationSent { channel } => {
                fields.put("channel", channel);
            }
            EventKind::AutoReplied { until } => fields.put_instant("until", until),
            EventKind::Bounced { permanent, address } => {
                fields.set("permanent", *permanent);
                fields.put("address", address);
            }
            EventKind::OptedOut { channels } | EventKind::OptedIn { channels } => {
                if !channels.is_empty() {
                    let names: Vec<_> =
                        channels.iter().map(|channel| Value::from(channel.as_str())).collect();
                    fields.set("channels", names);
                }
            }
            EventKind::Touched { channel, purpose, reason, personal, automatic, reached } => {
                fields.set("channel", channel.as_str());
                fields.put("purpose", purpose);
                fields.put("reason", reason);
                if let Some(personal) = personal {
                    fields.set("personal", *personal);
                }
                for (field, flag) in [("automatic", automatic), ("reached", reached)] {
                    if *flag {
                        fields.set(field, true);
                    }
                }
            }
            EventKind::ProposalSent { amount, channel } => {
                if let Some(amount) = amount {
                    write_money(fields, amount);
                }
                fields.put("channel", channel);
            }
            EventKind::AppointmentSet { starts_at, minutes } => {
                fields.set("starts_at", instant_text(*starts_at));
                fields.set("minutes", *minutes);
            }
            EventKind::AppointmentMissed { by } => fields.put("by", by),
            EventKind::NextStepAgreed { due_at, channel, purpose } => {
                fields.set("due_at", instant_text(*due_at));
                fields.put("channel", channel);
                fields.put("purpose", purpose);
            }
            EventKind::Decided { outcome, until, why } => {
                fields.set("outcome", outcome.as_str());
                fields.put_instant("until", until);
                fields.put("why", why);
            }
            EventKind::InputRequested { input, deadline } => {
                fields.set("input", input.as_str());
                fields.put_instant("deadline", deadline);
            }
            EventKind::InputReceived { input } | EventKind::InputWaived { input } => {
                fields.set("input", input.as_str());
            }
            EventKind::Snoozed { until } => fields.set("until", instant_text(*until)),
            EventKind::Paused { until, why } => {
                fields.put_instant("until", until);
                fields.put("why", why);
            }
            EventKind::Stopped { why } => fields.put("why", why),
            EventKind::Away { who, until, from } => {
                fields.set("who", who.as_str());
                fields.set("until", instant_text(*until));
                fields.put_instant("from", from);
            }
            EventKind::PlaybookSet { name, version } => {
                fields.set("name", name.as_str());
                if let Some(version) = version {
                    fields.set("version", *version);
                }
            }
            EventKind::Replanned { planned_by } => fields.put("planned_by", planned_by),
            EventKind::Merged { into } => fields.set("into", into.as_str()),
            EventKind::Noted { text } => fields.set("text", text.as_str()),
            EventKind::Lapsed { action } => fields.put("action", action),
            EventKind::SendIntended { action, channel, purpose, reason } => {
                fields.set("action", action.as_str());
                fields.put("channel", channel);
                fields.put("purpose", purpose);
                fields.put("reason", reason);
            }
            EventKind::Sent { action, message_id, channel, purpose, reason } => {
                fields.set("action", action.as_str());
                fields.put("message_id", message_id);
                fields.put("channel", channel);
                fields.put("purpose", purpose);
                fields.put("reason", reason);
            }
            EventKind::SendFailed { action, why, permanent } => {
                fields.set("action", action.as_str());
                fields.put("why", why);
                fields.set("permanent", *permanent);
            }
            EventKind::SendUnknown { action } => fields.set("action", action.as_str()),
            EventKind::ProposalDiscussed
            | EventKind::AppointmentConfirmed
            | EventKind::AppointmentHeld
            | EventKind::NextStepDeclined
            | EventKind::Resumed
            | EventKind::Reopened
            | EventKind::WentStale
            | EventKind::GaveUp => {}
        }
    }
}

fn money(fields: &mut Fields) -> Result<Option<Money>, FieldError> {
    let Some(amount) = fields.text("amount")? else { return Ok(None) };
    let currency = fields.needed("currency", Fields::text)?;
    Money::from_decimal(&amount, &currency).map(Some).map_err(|error| wrong("amount", error))
}

fn write_money(fields: &mut Fields, money: &Money) {
    fields.set("amount", money.to_decimal());
    fields.set("currency", money.currency());
}

/// A wish that never opens is refused when it is stated.
fn preferred(fields: &mut Fields) -> Result<EventKind, FieldError> {
    let (from, to) = (fields.clock("from")?, fields.clock("to")?);
    if let (Some(from), Some(to)) = (from, to) {
        DayHours::from_to(from, to).map_err(|error| wrong("to", error))?;
    }
    if to == Some(0) {
        return Err(wrong("to", "hours that end at 00:00 never open"));
    }
    if from == Some(86_400) {
        return Err(wrong("from", "hours that begin at 24:00 never open"));
    }
    Ok(EventKind::Preferred {
        channel: fields.parsed("channel")?,
        weekdays: fields.weekdays("weekdays")?,
        from,
        to,
    })
}
