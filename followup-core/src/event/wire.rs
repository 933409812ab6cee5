//! Events as tagged JSON, and from named fields.

use serde_json::{Map, Value, json};

use super::fields::{FieldError, Fields, instant_text, parse_instant, wrong};
use super::{Event, EventKind, EventSpec, KEY_MAX_BYTES};
use crate::stage::By;
use crate::time::{Clock, DayHours, Zone};

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
        let kind = kind.ok_or_else(|| EventError::UnknownKind(name.chars().take(40).collect()))?;
        kind.check()?;
        let by = fields.parsed::<By>("by")?;
        Ok(Event { seq, by, premise, basis, extra: fields, ..Event::new(at, kind).with_key(key) })
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

    /// The JSON Schema (draft 2020-12) of an event, as [`Event::from_json`] reads it.
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
    /// Checks what fields do not know of each other, and the ranges of numbers.
    fn check(&self) -> Result<(), FieldError> {
        match self {
            EventKind::AppointmentSet { minutes, .. } if !(1..=100_000).contains(minutes) => {
                Err(wrong("minutes", "an appointment takes 1 to 100000 minutes"))
            }
            // A wish that never opens is refused when it is stated.
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
