//! The fields of each event, each with a valid value for checking a mapping.

use followup_core::event::{FieldError, Fields};
use followup_core::{Event, Zone};
use serde_json::Value;

/// A field of an event, and a valid value for it.
type Field = (&'static str, &'static str);

const AT: &str = "2024-01-31T12:00:00Z";
const CHANNEL: Field = ("channel", "phone");
const PURPOSE: Field = ("purpose", "inform");
const REASON: Field = ("reason", "article");
const AMOUNT: Field = ("amount", "1");
const CURRENCY: Field = ("currency", "EUR");
const UNTIL: Field = ("until", AT);
const WHY: Field = ("why", "x");
const INPUT: Field = ("input", "x");
const ACTION: Field = ("action", "x");
const OWNER: Field = ("owner", "x");
const BY: Field = ("by", "us");

const ADDED: &[Field] = &[
    ("name", "x"),
    ("kind", "client"),
    ("email", "x"),
    ("phone", "x"),
    ("zone", "UTC"),
    OWNER,
    ("referrer", "x"),
    ("playbook", "x"),
];
const PREFERRED: &[Field] = &[CHANNEL, ("weekdays", "mon"), ("from", "09:00"), ("to", "17:00")];
const QUALIFIED: &[Field] = &[
    ("needs", "x"),
    ("decides_how", "x"),
    ("decides_on", "2024-01-31"),
    ("ready", "true"),
    ("knows_us", "true"),
    ("minutes", "60"),
];
const TOUCHED: &[Field] =
    &[CHANNEL, PURPOSE, REASON, ("personal", "true"), ("automatic", "false"), ("reached", "true")];

/// Returns the fields of an event besides its instant, key and `seq`.
pub(super) fn fields(event: &str) -> &'static [Field] {
    match event {
        "added" => ADDED,
        "valued" => &[AMOUNT, CURRENCY],
        "temperature_set" => &[("temperature", "warm")],
        "assigned" => &[OWNER],
        "preferred" => PREFERRED,
        "qualified" => QUALIFIED,
        "inquired" | "replied" | "asked_information" | "asked_appointment" | "asked_proposal"
        | "ready_to_buy" | "information_sent" => &[CHANNEL],
        "auto_replied" | "snoozed" => &[UNTIL],
        "bounced" => &[("permanent", "true"), ("address", "x")],
        "opted_out" | "opted_in" => &[("channels", "email")],
        "touched" => TOUCHED,
        "proposal_sent" => &[AMOUNT, CURRENCY, CHANNEL],
        "appointment_set" => &[("starts_at", AT), ("minutes", "60")],
        "appointment_missed" => &[BY],
        "next_step_agreed" => &[("due_at", AT), CHANNEL, PURPOSE],
        "decided" => &[("outcome", "won"), UNTIL, WHY],
        "input_requested" => &[INPUT, ("deadline", AT)],
        "input_received" | "input_waived" => &[INPUT],
        "paused" => &[UNTIL, WHY],
        "stopped" => &[WHY],
        "reopened" => &[BY],
        "away" => &[("who", "prospect"), UNTIL, ("from", AT)],
        "playbook_set" => &[("name", "x"), ("version", "1")],
        "replanned" => &[("planned_by", "x")],
        "merged" => &[("into", "x")],
        "noted" => &[("text", "x")],
        "lapsed" | "send_unknown" => &[ACTION],
        "send_intended" => &[ACTION, CHANNEL, PURPOSE, REASON],
        "sent" => &[ACTION, ("message_id", "x"), CHANNEL, PURPOSE, REASON],
        "send_failed" => &[ACTION, WHY, ("permanent", "true")],
        _ => &[],
    }
}

/// Returns true if every event has a field of this name, so an extra field cannot use it.
pub(super) fn is_reserved(name: &str) -> bool {
    ["prospect", "event", "at", "key", "seq", "by", "premise", "basis"].contains(&name)
}

/// Creates the event at an arbitrary instant.
pub(super) fn make(event: &str, mut fields: Fields) -> Result<Event, followup_core::event::EventError> {
    fields.set("at", AT);
    Event::from_fields(event, fields, Zone::utc())
}

/// Returns the mistake in an event with these fields, where one may have a given value and the others have valid
/// values.
pub(super) fn mistake(event: &str, names: &[&str], own: Option<(&str, &Value)>) -> Option<FieldError> {
    let right = fields(event).iter().filter(|(name, _)| names.contains(name));
    let mut tried: Fields = right.map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    if let Some((name, value)) = own {
        tried.set(name, value.clone());
    }
    match make(event, tried) {
        Err(followup_core::event::EventError::Field(error)) => Some(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_takes_the_fields_listed_here_and_keeps_none_as_unknown() {
        for event in Event::NAMES {
            let all: Fields =
                fields(event).iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
            let made = make(event, all).unwrap();
            assert!(made.extra.is_empty(), "{event}: {:?}", made.extra);
            for (name, value) in fields(event) {
                // A field unknown to the event would be kept as an extra field.
                let names: Vec<&str> =
                    fields(event).iter().map(|(name, _)| *name).filter(|other| other != name).collect();
                let own = Value::from(*value);
                assert_eq!(mistake(event, &names, Some((name, &own))), None, "{event} {name}");
            }
        }
    }

    #[test]
    fn an_event_with_all_its_fields_writes_no_field_that_is_not_listed() {
        for event in Event::NAMES {
            let all: Fields =
                fields(event).iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
            let written = make(event, all).unwrap().to_fields();
            for name in written.names() {
                assert!(
                    name == "kind" || fields(event).iter().any(|(field, _)| *field == name),
                    "{event}: {name}"
                );
            }
        }
    }
}
