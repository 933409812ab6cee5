//! The types of event fields: how each is read, written and described.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::fields::{FieldError, Fields, instant_text, wrong};
use crate::channel::Channel;
use crate::money::Money;
use crate::purpose::{Purpose, Reason};
use crate::stage::{By, Kind, Outcome, Temperature, Who};
use crate::time::{Clock, Weekdays, Zone, weekday_text};

/// A field of an event, as [`EventSpec::fields`](super::EventSpec::fields) describes it.
///
/// # Examples
/// ```
/// use followup_core::event::{EventSpec, FieldSpec};
///
/// let requested = EventSpec::named("input_requested").expect("it is an event");
/// let optional: Vec<FieldSpec> = requested.fields().filter(|field| !field.required).collect();
/// let deadline = optional.first().expect("the deadline is optional");
/// assert_eq!((deadline.name, deadline.example), ("deadline", "2024-01-31T12:00:00Z"));
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FieldSpec {
    /// The name.
    pub name: &'static str,
    /// Whether the field is required.
    pub required: bool,
    /// A valid value, as text.
    pub example: &'static str,
    pub(super) schema: fn() -> Value,
}

impl FieldSpec {
    fn new<T: EventField>(name: &'static str, required: bool) -> FieldSpec {
        FieldSpec { name, required, example: T::example(name), schema: T::schema }
    }
}

/// The type of a field.
pub(super) trait EventField: Sized {
    /// Takes the field of this name and reads it; `None` if it is absent.
    fn read(fields: &mut Fields, name: &'static str, zone: Zone) -> Result<Option<Self>, FieldError>;

    /// Sets the field of this name.
    fn write(&self, fields: &mut Fields, name: &'static str);

    /// A valid value for a field of this name, as text.
    fn example(name: &'static str) -> &'static str;

    /// The JSON Schema of the value.
    fn schema() -> Value;

    /// Returns the name of the field that is missing if this one is absent.
    fn missing(name: &'static str) -> &'static str {
        name
    }

    /// Describes the field of this name; an amount of money is two fields.
    fn describe(name: &'static str, required: bool, specs: &mut Vec<FieldSpec>) {
        specs.push(FieldSpec::new::<Self>(name, required));
    }
}

/// A type that is written as text, in the form that it parses from.
macro_rules! text_fields {
    ($($type:ty: $example:literal, $schema:expr;)*) => {$(
        impl EventField for $type {
            fn read(fields: &mut Fields, name: &'static str, _: Zone) -> Result<Option<$type>, FieldError> {
                fields.parsed(name)
            }

            fn write(&self, fields: &mut Fields, name: &'static str) {
                fields.set(name, self.to_string());
            }

            fn example(_: &'static str) -> &'static str {
                $example
            }

            fn schema() -> Value {
                $schema
            }
        }
    )*};
}

text_fields! {
    Channel: "phone", json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,22}$" });
    Purpose: "inform", json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,22}$" });
    Reason: "article", json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,22}$" });
    Zone: "UTC", json!({ "type": "string", "examples": ["Europe/Berlin"] });
    Kind: "client", one_of(Kind::ALL.iter().map(|kind| kind.as_str()));
    Temperature: "warm", one_of(Temperature::ALL.iter().map(|temperature| temperature.as_str()));
    Outcome: "won", one_of(Outcome::ALL.iter().map(|outcome| outcome.as_str()));
    Who: "prospect", one_of(Who::ALL.iter().map(|who| who.as_str()));
    By: "us", one_of(By::ALL.iter().map(|by| by.as_str()));
}

fn one_of(values: impl Iterator<Item = &'static str>) -> Value {
    json!({ "enum": values.collect::<Vec<_>>() })
}

impl EventField for String {
    fn read(fields: &mut Fields, name: &'static str, _: Zone) -> Result<Option<String>, FieldError> {
        fields.text(name)
    }

    fn write(&self, fields: &mut Fields, name: &'static str) {
        fields.set(name, self.as_str());
    }

    fn example(_: &'static str) -> &'static str {
        "x"
    }

    fn schema() -> Value {
        json!({ "type": "string" })
    }
}

impl EventField for bool {
    fn read(fields: &mut Fields, name: &'static str, _: Zone) -> Result<Option<bool>, FieldError> {
        fields.flag(name)
    }

    fn write(&self, fields: &mut Fields, name: &'static str) {
        fields.set(name, *self);
    }

    fn example(_: &'static str) -> &'static str {
        "true"
    }

    fn schema() -> Value {
        json!({ "type": "boolean" })
    }
}

impl EventField for u32 {
    fn read(fields: &mut Fields, name: &'static str, _: Zone) -> Result<Option<u32>, FieldError> {
        fields.parsed(name)
    }

    fn write(&self, fields: &mut Fields, name: &'static str) {
        fields.set(name, *self);
    }

    fn example(_: &'static str) -> &'static str {
        "60"
    }

    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX })
    }
}

impl EventField for DateTime<Utc> {
    fn read(fields: &mut Fields, name: &'static str, zone: Zone) -> Result<Option<Self>, FieldError> {
        fields.instant(name, zone)
    }

    fn write(&self, fields: &mut Fields, name: &'static str) {
        fields.set(name, instant_text(*self));
    }

    fn example(_: &'static str) -> &'static str {
        "2024-01-31T12:00:00Z"
    }

    fn schema() -> Value {
        json!({ "type": "string", "examples": ["2026-03-06T15:00:00+01:00", "2026-03-06T15:00", "2026-03-06"] })
    }
}

impl EventField for NaiveDate {
    fn read(fields: &mut Fields, name: &'static str, _: Zone) -> Result<Option<NaiveDate>, FieldError> {
        fields.date(name)
    }

    fn write(&self, fields: &mut Fields, name: &'static str) {
        fields.set(name, self.to_string());
    }

    fn example(_: &'static str) -> &'static str {
        "2024-01-31"
    }

    fn schema() -> Value {
        json!({ "type": "string", "format": "date" })
    }
}

impl EventField for Clock {
    fn read(fields: &mut Fields, name: &'static str, _: Zone) -> Result<Option<Clock>, FieldError> {
        Ok(fields.clock(name)?.map(Clock))
    }

    fn write(&self, fields: &mut Fields, name: &'static str) {
        fields.set(name, self.to_string());
    }

    fn example(name: &'static str) -> &'static str {
        if name == "to" { "17:00" } else { "09:00" }
    }

    fn schema() -> Value {
        json!({ "type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$" })
    }
}

impl EventField for Weekdays {
    fn read(fields: &mut Fields, name: &'static str, _: Zone) -> Result<Option<Weekdays>, FieldError> {
        fields.weekdays(name)
    }

    fn write(&self, fields: &mut Fields, name: &'static str) {
        fields.set(name, self.iter().map(|day| Value::from(weekday_text(day))).collect::<Vec<_>>());
    }

    fn example(_: &'static str) -> &'static str {
        "mon"
    }

    fn schema() -> Value {
        let days = one_of(["mon", "tue", "wed", "thu", "fri", "sat", "sun"].into_iter());
        json!({ "type": "array", "items": days, "minItems": 1 })
    }
}

impl EventField for Vec<Channel> {
    fn read(fields: &mut Fields, name: &'static str, _: Zone) -> Result<Option<Self>, FieldError> {
        fields.channels(name).map(Some)
    }

    fn write(&self, fields: &mut Fields, name: &'static str) {
        fields.set(name, self.iter().map(|channel| Value::from(channel.as_str())).collect::<Vec<_>>());
    }

    fn example(_: &'static str) -> &'static str {
        "email"
    }

    fn schema() -> Value {
        json!({ "type": "array", "items": <Channel as EventField>::schema() })
    }
}

/// Two fields, `amount` in the major unit and `currency`, whatever the name.
impl EventField for Money {
    fn read(fields: &mut Fields, _: &'static str, _: Zone) -> Result<Option<Money>, FieldError> {
        let Some(amount) = fields.text("amount")? else { return Ok(None) };
        let currency = fields.needed("currency", Fields::text)?;
        Money::from_decimal(&amount, &currency).map(Some).map_err(|error| wrong("amount", error))
    }

    fn write(&self, fields: &mut Fields, _: &'static str) {
        fields.set("amount", self.to_decimal());
        fields.set("currency", self.currency());
    }

    fn example(_: &'static str) -> &'static str {
        "1"
    }

    fn schema() -> Value {
        json!({ "type": ["string", "number"] })
    }

    fn missing(_: &'static str) -> &'static str {
        "amount"
    }

    fn describe(_: &'static str, required: bool, specs: &mut Vec<FieldSpec>) {
        specs.push(FieldSpec {
            name: "amount",
            required,
            example: "1",
            schema: <Money as EventField>::schema,
        });
        let schema = || json!({ "type": "string", "pattern": "^[A-Z]{3}$" });
        specs.push(FieldSpec { name: "currency", required, example: "EUR", schema });
    }
}
