//! What a mapping knows of events: their fields, and a valid value for each, to check a mapping with.

use followup_core::event::{EventError, EventSpec, FieldError, Fields};
use followup_core::{Event, Zone};
use serde_json::Value;

/// The fields of an event besides its instant, key and `seq`, each with a valid value.
pub(super) fn fields(event: &str) -> Vec<(&'static str, &'static str)> {
    let fields = EventSpec::named(event).into_iter().flat_map(EventSpec::fields);
    // Every event may say who did it, but only of these is it asked in a table.
    let by = (event == "reopened").then_some(("by", "us"));
    fields.map(|field| (field.name, field.example)).chain(by).collect()
}

/// Returns true if every event has a field of this name, so an extra field cannot use it.
pub(super) fn is_reserved(name: &str) -> bool {
    ["prospect", "event", "at", "key", "seq", "by", "premise", "basis"].contains(&name)
}

/// Creates the event at an arbitrary instant.
pub(super) fn make(event: &str, mut fields: Fields) -> Result<Event, EventError> {
    fields.set("at", "2024-01-31T12:00:00Z");
    Event::from_fields(event, fields, Zone::utc())
}

/// Returns the mistake in an event with these fields, where one may have a given value and the others have valid
/// values.
pub(super) fn mistake(event: &str, names: &[&str], own: Option<(&str, &Value)>) -> Option<FieldError> {
    let mut tried: Fields = fields(event)
        .into_iter()
        .filter(|(name, _)| names.contains(name))
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    if let Some((name, value)) = own {
        tried.set(name, value.clone());
    }
    match make(event, tried) {
        Err(EventError::Field(error)) => Some(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_fields(event: &str) -> Fields {
        fields(event).into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
    }

    #[test]
    fn every_event_knows_all_its_fields() {
        for event in Event::NAMES {
            let made = make(event, all_fields(event)).unwrap();
            assert!(made.extra().is_empty(), "{event}: {:?}", made.extra());
            for (name, value) in fields(event) {
                // A field unknown to the event would be kept as an extra field.
                let fields = fields(event);
                let names: Vec<&str> =
                    fields.iter().map(|(name, _)| *name).filter(|other| *other != name).collect();
                assert_eq!(mistake(event, &names, Some((name, &Value::from(value)))), None, "{event} {name}");
            }
        }
    }

    #[test]
    fn an_event_with_all_its_fields_writes_no_other_field() {
        for event in Event::NAMES {
            let written = make(event, all_fields(event)).unwrap().to_fields();
            for name in written.names() {
                assert!(fields(event).iter().any(|(field, _)| *field == name), "{event}: {name}");
            }
        }
    }
}
