//! Events as tagged JSON, and from named fields.

use serde_json::{Map, Value, json};

use super::fields::{FieldError, Fields, instant_text, parse_instant, wrong};
use super::{Event, EventKind, EventSpec, KEY_MAX_BYTES};
use crate::stage::By;
use crate::time::{Clock, DayHours, Zone};

/// The largest magnitude of `seq`: what a JSON number holds exactly.
const SEQ_MAX: u64 = 1 << 53;

/// The error for text or fields that are not an event.
///
/// # Examples
/// ```
/// use followup_core::event::EventError;
/// use followup_core::{Event, Zone};
///
/// let fields = [("at".to_owned(), "2026-03-06T14:00:00Z".into())].into_iter().collect();
/// let unknown = Event::from_fields("phoned", fields, Zone::utc());
/// assert_eq!(unknown, Err(EventError::UnknownKind("phoned".to_owned())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// The text is not a JSON object.
    #[error("not a JSON object: {0}")]
    NoObject(String),
    /// An unknown kind.
    #[error("unknown event \"{0}\"; expected one of: {list}", list = Event::NAMES.join(", "))]
    UnknownKind(String),
    /// A missing or invalid field.
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl Event {
    /// Reads an event from its JSON object; returns the field `prospect`, if it has one, beside the event.
    ///
    /// Instants without an offset are local times in `zone`.
    ///
    /// # Errors
    /// [`EventError`] for an unknown kind and for a missing or invalid field. Unknown fields are kept.
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
    ///
    /// # Examples
    /// ```
    /// use chrono::{DateTime, Utc};
    /// use followup_core::{Event, Zone};
    ///
    /// let fields = [("at", "2026-03-06 15:00"), ("text", "met at the fair"), ("campaign", "spring")];
    /// let fields = fields.map(|(name, value)| (name.to_owned(), value.into()));
    /// let event = Event::from_fields("noted", fields.into_iter().collect(), Zone::named("Europe/Berlin")?)?;
    /// assert_eq!(event.at(), "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?);
    /// assert_eq!(event.extra().names().collect::<Vec<_>>(), ["campaign"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_fields(name: &str, mut fields: Fields, zone: Zone) -> Result<Event, EventError> {
        let at = fields.needed("at", |fields, field| fields.instant(field, zone))?;
        let key = fields.text("key")?.unwrap_or_default();
        if key.len() > KEY_MAX_BYTES {
            return Err(wrong("key", format!("it is longer than {KEY_MAX_BYTES} bytes")).into());
        }
        let seq = fields.parsed("seq")?.unwrap_or(0_i64);
        if seq.unsigned_abs() > SEQ_MAX {
            return Err(wrong("seq", format!("expected -{SEQ_MAX} to {SEQ_MAX}")).into());
        }
        let premise = fields.text("premise")?;
        let basis = fields.text("basis")?;
        let kind = EventKind::read(name, &mut fields, zone)?;
        let kind = kind.ok_or_else(|| EventError::UnknownKind(name.chars().take(40).collect()))?;
        kind.check()?;
        let by = fields.parsed::<By>("by")?;
        Ok(Event { seq, by, premise, basis, extra: fields, ..Event::new(at, kind).with_key(key) })
    }

    /// Returns the fields of the event except its key, instant, `seq` and name.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event};
    ///
    /// let event = Event::replied("2026-03-06T14:00:00Z".parse()?, Channel::EMAIL).with_key("crm-8841");
    /// let fields = event.to_fields();
    /// assert_eq!(fields.as_json()["channel"], "email");
    /// assert_eq!(fields.names().count(), 1, "key and instant are not among them");
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn to_fields(&self) -> Fields {
        let mut fields = self.extra.clone();
        fields.put("premise", &self.premise);
        fields.put("basis", &self.basis);
        fields.put("by", &self.by);
        self.kind.write(&mut fields);
        fields
    }

    /// Returns the event as one flat JSON object, which [`Event::from_json`] reads.
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

    /// Returns the JSON Schema (draft 2020-12) of the objects that [`Event::from_json`] reads.
    ///
    /// ```
    /// use followup_core::Event;
    ///
    /// let schema = Event::schema();
    /// assert_eq!(schema["oneOf"].as_array().map(Vec::len), Some(Event::NAMES.len()));
    /// ```
    pub fn schema() -> Value {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "followup event",
            "type": "object",
            "oneOf": EventSpec::ALL.iter().map(EventSpec::schema).collect::<Vec<_>>(),
        })
    }

    /// Reads an instant in the form of event fields: RFC 3339, or local time in a zone.
    ///
    /// # Errors
    /// [`FieldError`] naming the field.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, Zone};
    ///
    /// let berlin = Zone::named("Europe/Berlin")?;
    /// let local = Event::parse_instant("at", "2026-03-06 15:00", berlin)?;
    /// assert_eq!(local, Event::parse_instant("at", "2026-03-06T14:00:00Z", berlin)?);
    /// assert!(Event::parse_instant("at", "1815-12-10", berlin).is_err(), "events begin in 1900");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_instant(
        field: &'static str,
        text: &str,
        zone: Zone,
    ) -> Result<chrono::DateTime<chrono::Utc>, FieldError> {
        parse_instant(text, zone).map_err(|why| wrong(field, why))
    }
}

impl EventKind {
    /// Checks the ranges of numbers, and fields that depend on each other.
    fn check(&self) -> Result<(), FieldError> {
        match self {
            EventKind::AppointmentSet { minutes, .. } if !(1..=100_000).contains(minutes) => {
                Err(wrong("minutes", "expected 1 to 100000 minutes"))
            }
            // Hours that never open are refused when they are stated.
            EventKind::Preferred { from, to, .. } => {
                if let (Some(Clock(from)), Some(Clock(to))) = (*from, *to) {
                    DayHours::from_to(from, to).map_err(|error| wrong("to", error))?;
                }
                if *to == Some(Clock(0)) {
                    return Err(wrong("to", "hours that end at 00:00 never open"));
                }
                if *from == Some(Clock(86_400)) {
                    return Err(wrong("from", "hours that begin at 24:00 never open"));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
