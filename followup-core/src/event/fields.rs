//! Named values, as they come from JSON, CSV or a command line.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::{Map, Value};

use crate::channel::Channel;
use crate::time::{MAX_INSTANT, MIN_INSTANT, Weekdays, Zone, parse_clock};

/// Named values of an event. Reading a field removes it; the fields that are left are unknown.
///
/// # Examples
/// ```
/// use followup_core::event::Fields;
///
/// let mut fields: Fields = [("campaign".to_owned(), "spring".into())].into_iter().collect();
/// fields.set("score", 7);
/// fields.put("owner", &Some("maria"));
/// fields.put("phone", &None::<&str>);
/// assert_eq!(fields.as_json()["owner"], "maria");
///
/// assert_eq!(fields.take_text("campaign").as_deref(), Some("spring"));
/// assert_eq!(fields.take_text("score"), None, "a number is left where it is");
/// let left = fields.into_json();
/// assert_eq!((left.len(), left["score"].as_i64()), (2, Some(7)));
/// ```
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fields(Map<String, Value>);

/// The error for a missing or invalid field.
///
/// # Examples
/// ```
/// use followup_core::event::{EventError, FieldError, Fields};
/// use followup_core::{Event, Zone};
///
/// let missing = Event::from_fields("noted", Fields::default(), Zone::utc());
/// assert_eq!(missing, Err(EventError::Field(FieldError::Missing("at"))));
///
/// let wrong = Event::parse_instant("deadline", "soon", Zone::utc()).unwrap_err();
/// assert_eq!(wrong.field(), "deadline");
/// assert!(matches!(wrong, FieldError::Wrong { why, .. } if why.contains("soon")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// A required field is missing.
    #[error("missing field \"{0}\"")]
    Missing(&'static str),
    /// A field has an invalid value.
    #[error("invalid field \"{field}\": {why}")]
    Wrong {
        /// The name of the field.
        field: &'static str,
        /// The value, and what is expected.
        why: String,
    },
}

impl FieldError {
    /// Returns the name of the field.
    pub fn field(&self) -> &'static str {
        match self {
            FieldError::Missing(field) | FieldError::Wrong { field, .. } => field,
        }
    }
}

pub(crate) fn wrong(field: &'static str, why: impl ToString) -> FieldError {
    FieldError::Wrong { field, why: why.to_string() }
}

impl Fields {
    /// Whether no fields are left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names of the fields that are left.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Sets a field.
    pub fn set(&mut self, field: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(field.into(), value.into());
    }

    /// Sets a field to a value as text, if there is a value.
    pub fn put<T: ToString>(&mut self, field: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.set(field, value.to_string());
        }
    }

    /// Returns the fields as JSON.
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Converts the fields to JSON.
    pub fn into_json(self) -> Map<String, Value> {
        self.0
    }

    /// Takes a field, unless it is absent, null or an empty string.
    fn take(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// Takes a field of text. A field with another value is left where it is.
    pub fn take_text(&mut self, field: &str) -> Option<String> {
        self.0.get(field)?.as_str()?;
        match self.take(field)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Result<Option<String>, FieldError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(other) => Err(wrong(field, format!("expected text, found {other}"))),
        }
    }

    pub(crate) fn needed<T>(
        &mut self,
        field: &'static str,
        read: impl Fn(&mut Fields, &'static str) -> Result<Option<T>, FieldError>,
    ) -> Result<T, FieldError> {
        read(self, field)?.ok_or(FieldError::Missing(field))
    }

    /// Takes a field of a type that parses from text.
    pub(crate) fn parsed<T>(&mut self, field: &'static str) -> Result<Option<T>, FieldError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        self.text(field)?.map(|text| text.parse::<T>().map_err(|error| wrong(field, error))).transpose()
    }

    pub(crate) fn flag(&mut self, field: &'static str) -> Result<Option<bool>, FieldError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(Value::String(text)) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Ok(Some(true)),
                "false" | "no" | "0" => Ok(Some(false)),
                _ => Err(wrong(field, format!("expected true or false, found \"{text}\""))),
            },
            Some(other) => Err(wrong(field, format!("expected true or false, found {other}"))),
        }
    }

    pub(crate) fn clock(&mut self, field: &'static str) -> Result<Option<u32>, FieldError> {
        self.text(field)?.map(|text| parse_clock(&text).map_err(|error| wrong(field, error))).transpose()
    }

    pub(crate) fn date(&mut self, field: &'static str) -> Result<Option<NaiveDate>, FieldError> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        let date = text.get(..10).and_then(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok());
        let in_range =
            date.filter(|date| (MIN_INSTANT.date_naive()..MAX_INSTANT.date_naive()).contains(date));
        let whole = text.len() == 10 || text.as_bytes().get(10) == Some(&b'T');
        match in_range {
            Some(date) if whole => Ok(Some(date)),
            _ => Err(wrong(
                field,
                format!("expected a date from 1900 to 2199, e.g. 2026-03-31, found \"{text}\""),
            )),
        }
    }

    /// Takes an instant: RFC 3339, or a local date and time, or a date (its 0:00), in a zone.
    pub(crate) fn instant(
        &mut self,
        field: &'static str,
        zone: Zone,
    ) -> Result<Option<DateTime<Utc>>, FieldError> {
        let Some(text) = self.text(field)? else { return Ok(None) };
        parse_instant(&text, zone).map(Some).map_err(|why| wrong(field, why))
    }

    fn list(&mut self, field: &'static str) -> Result<Option<Vec<String>>, FieldError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                let texts = items.into_iter().map(|item| match item {
                    Value::String(text) => Ok(text),
                    other => Err(wrong(field, format!("expected text, found {other}"))),
                });
                texts.collect::<Result<_, _>>().map(Some)
            }
            Some(Value::String(text)) => {
                let words = text.split([',', ';', ' ']).map(str::trim).filter(|word| !word.is_empty());
                Ok(Some(words.map(str::to_owned).collect()))
            }
            Some(other) => Err(wrong(field, format!("expected a list of texts, found {other}"))),
        }
    }

    pub(crate) fn channels(&mut self, field: &'static str) -> Result<Vec<Channel>, FieldError> {
        let words = self.list(field)?.unwrap_or_default();
        words.iter().map(|word| Channel::new(word).map_err(|error| wrong(field, error))).collect()
    }

    pub(crate) fn weekdays(&mut self, field: &'static str) -> Result<Option<Weekdays>, FieldError> {
        let Some(words) = self.list(field)? else { return Ok(None) };
        let days = Weekdays::parse(words.iter().map(String::as_str)).map_err(|error| wrong(field, error))?;
        if days.is_empty() { Err(wrong(field, "expected at least one weekday")) } else { Ok(Some(days)) }
    }
}

impl FromIterator<(String, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(fields: I) -> Fields {
        Fields(fields.into_iter().collect())
    }
}

/// Returns an instant as RFC 3339 in UTC, with as many decimals as it needs.
///
/// # Examples
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::event::instant_text;
///
/// let at: DateTime<Utc> = "2026-03-06T15:00:00.250+01:00".parse()?;
/// assert_eq!(instant_text(at), "2026-03-06T14:00:00.250Z");
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn instant_text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// Reads RFC 3339, or a local date with or without time in a zone. Refuses instants outside the range of events.
pub(crate) fn parse_instant(text: &str, zone: Zone) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    let local = || {
        let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
        let clock = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
        let day =
            || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| date.and_time(NaiveTime::MIN));
        clock.or_else(day).map(|local| zone.instant_of(local))
    };
    let at = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()).or_else(local);
    match at {
        None => Err(format!("expected an instant, e.g. 2026-03-06T15:00:00+01:00, found \"{text}\"")),
        Some(at) if (MIN_INSTANT..MAX_INSTANT).contains(&at) => Ok(at),
        Some(_) => Err(format!("expected the years 1900 to 2199, found \"{text}\"")),
    }
}
