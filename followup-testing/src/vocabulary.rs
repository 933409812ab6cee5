//! Events of every kind, chosen by dials. A dial of zero gives as few fields as the kind allows.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Map;

use super::{arbitrary, instants};
use followup_core::event::{Event, EventKind};
use followup_core::policy::Policy;
use followup_core::stage::By;
use followup_core::time::Zone;

pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 24 * HOUR;

/// The three dials that choose the fields of an event.
pub(super) type Dials = [u8; 3];

/// Names that occur often, in addition to once each.
const OFTEN: [&str; 38] = [
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "touched",
    "information_sent",
    "information_sent",
    "information_sent",
    "proposal_sent",
    "proposal_sent",
    "replied",
    "replied",
    "inquired",
    "asked_information",
    "asked_proposal",
    "appointment_set",
    "appointment_set",
    "appointment_set",
    "appointment_held",
    "appointment_held",
    "next_step_agreed",
    "next_step_agreed",
    "qualified",
    "preferred",
    "preferred",
    "away",
    "snoozed",
    "temperature_set",
    "valued",
    "paused",
    "input_requested",
];

/// Names of events that people do not record.
const NOT_BY_HAND: [&str; 10] = [
    "merged",
    "went_stale",
    "gave_up",
    "lapsed",
    "send_intended",
    "sent",
    "send_failed",
    "send_unknown",
    "playbook_set",
    "replanned",
];

/// Returns a strategy for events of every kind; shrinks to a call at the usual instant.
///
/// Three of four have values that meet each other often, at awkward instants: five channels, three amounts, a few
/// distances in time. The others have any value that their fields allow, from 1900 to 2199: text in any script, amounts
/// up to the largest, channels that no playbook knows.
///
/// # Examples
/// ```
/// use followup_core::{Event, Zone};
/// use followup_testing::{arb_event, proptest::prelude::*};
///
/// // What an event says is kept when it is written and read.
/// proptest!(|(event in arb_event())| {
///     let (prospect, read) = Event::from_json(event.to_json("p-1"), Zone::utc()).expect("the event is valid");
///     prop_assert_eq!((prospect.as_deref(), read), (Some("p-1"), event));
/// });
/// ```
pub fn arb_event() -> impl Strategy<Value = Event> {
    let policy = Policy::default();
    let usual =
        (select(names()), any::<Dials>(), instants::dials()).prop_map(move |(name, dials, instant)| {
            event(name, instants::awkward(Zone::utc(), &policy, instant), dials)
        });
    let all = arbitrary::kinds(Event::NAMES.iter().copied());
    let arbitrary = (all, arbitrary::instant(), arbitrary::seq(), option::of(select(By::ALL)));
    let arbitrary = arbitrary.prop_map(|(kind, at, seq, by)| {
        arbitrary::done_by(Event::new(at, arbitrary::placed(kind, at)).with_seq(seq), by)
    });
    prop_oneof![3 => usual, 1 => arbitrary]
}

/// Returns a strategy for the kinds of events with their fields, as those of [`arb_event`]; shrinks to a call.
pub fn arb_event_kind() -> impl Strategy<Value = EventKind> {
    arb_event().prop_map(Event::into_kind)
}

/// Returns all names, frequent ones more often. The first is what a failing name shrinks to.
pub(super) fn names() -> Vec<&'static str> {
    let all = Event::NAMES.iter().copied().filter(|name| read(name, DateTime::UNIX_EPOCH, [0; 3]).is_some());
    OFTEN.into_iter().chain(all).collect()
}

/// Returns the names of events that people record, as opposed to time or a machine.
pub(super) fn names_by_hand() -> Vec<&'static str> {
    let by_hand = names().into_iter().filter(|name| !NOT_BY_HAND.contains(name));
    by_hand.collect()
}

/// Returns the names of a pursuit that is met with silence.
pub(super) fn names_of_silence() -> Vec<&'static str> {
    let silence = ["touched", "information_sent", "proposal_sent", "valued", "temperature_set", "replied"];
    let touches = std::iter::repeat_n("touched", 10);
    touches.chain(silence).collect()
}

/// Creates an event of a kind.
pub(super) fn event(name: &str, at: DateTime<Utc>, dials: Dials) -> Event {
    read(name, at, dials).unwrap_or_else(|| Event::noted(at, name))
}

fn read(name: &str, at: DateTime<Utc>, dials: Dials) -> Option<Event> {
    let mut object = Map::new();
    for word in fields(name, at, dials).split_whitespace() {
        let (field, value) = word.split_once('=')?;
        object.insert(field.to_owned(), value.into());
    }
    object.insert("at".to_owned(), stamp(at).into());
    object.insert("event".to_owned(), name.into());
    Event::from_json(object, Zone::utc()).ok().map(|(_, event)| event)
}

/// The seconds from an event to the instants in its fields.
const AHEAD: [i64; 12] = [
    7 * DAY,
    HOUR,
    5 * HOUR,
    20 * HOUR,
    DAY,
    2 * DAY + HOUR,
    3 * DAY,
    0,
    16 * DAY,
    40 * DAY,
    130 * DAY,
    -DAY,
];

const PURPOSES: [&str; 6] = [
    "",
    " purpose=inform",
    " purpose=ask_appointment",
    " purpose=last_message",
    " purpose=check_in",
    " purpose=close",
];

const ZONES: [&str; 6] =
    ["Europe/Berlin", "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"];

const ALL_CHANNELS: &str = " channels=phone,email,post,social,text,visit,web";

fn one_of<T: Copy>(choices: &[T], dial: u8) -> T {
    choices[usize::from(dial) % choices.len()]
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Returns the fields of an event, as words.
fn fields(name: &str, at: DateTime<Utc>, [a, b, c]: Dials) -> String {
    let then = |dial: u8| stamp(at + TimeDelta::seconds(one_of(&AHEAD, dial)));
    let channel = |dial: u8| one_of(&["phone", "email", "text", "post", "web"], dial);
    let maybe = |field: &str, value: String, dial: u8| match dial % 3 {
        0 => String::new(),
        _ => format!(" {field}={value}"),
    };
    let purpose = one_of(&PURPOSES, b);
    match name {
        "added" => {
            let zone = maybe("zone", one_of(&ZONES, a).to_owned(), b);
            let kind = one_of(&["", "", "", " kind=stakeholder", " kind=referral_source"], c);
            let reach =
                one_of(&["", " email=a@example.org", " phone=+491", " email=a@example.org phone=+491"], b);
            format!("{zone}{kind}{reach}")
        }
        "valued" => format!("amount={} currency=EUR", one_of(&[5_000, 500, 50_000], a)),
        "temperature_set" => format!("temperature={}", one_of(&["warm", "cool", "hot"], a)),
        "assigned" => format!("owner={}", one_of(&["ann", "bo"], a)),
        "preferred" => {
            let hours = [
                "",
                " from=10:00 to=11:30",
                " from=18:00 to=22:00",
                " from=01:30 to=20:30",
                " from=15:00",
                " to=08:30",
            ];
            let days = ["", " weekdays=tue,thu", " weekdays=sun", " weekdays=mon,tue,wed,thu,fri"];
            let channel = maybe("channel", channel(c).to_owned(), c);
            format!("{}{}{channel}", one_of(&hours, a), one_of(&days, b))
        }
        "qualified" => {
            let date = (at + TimeDelta::seconds(one_of(&AHEAD, a))).date_naive();
            let more = one_of(&["", " needs=roof", " decides_how=board", " needs=roof decides_how=board"], c);
            format!("{}{more}", maybe("decides_on", date.to_string(), b))
        }
        "bounced" => one_of(&["", "permanent=true"], a).to_owned(),
        "opted_out" | "opted_in" => {
            one_of(&["", " channels=email", " channels=phone,text", ALL_CHANNELS], a).to_owned()
        }
        "touched" => {
            let manner = one_of(&["", "", "", " personal=false", " automatic=true", " reached=true"], c);
            let reason = one_of(&["", " reason=article", " reason=advice", " reason=are_you_ready"], a / 8);
            format!("channel={}{purpose}{manner}{reason}", channel(a))
        }
        "appointment_set" => format!("starts_at={} minutes={}", then(a), one_of(&[60, 30, 600], b)),
        "appointment_missed" => "by=prospect".to_owned(),
        "next_step_agreed" => {
            format!("due_at={}{purpose}{}", then(a), maybe("channel", channel(c).to_owned(), c))
        }
        "decided" => {
            let outcome = one_of(&["later", "won", "lost", "later"], a);
            format!("outcome={outcome}{}", maybe("until", then(b), c))
        }
        "input_requested" => {
            format!("input={}{}", one_of(&["logo", "texts"], a), maybe("deadline", then(b), c))
        }
        "input_received" | "input_waived" => format!("input={}", one_of(&["logo", "texts"], a)),
        "snoozed" => format!("until={}", then(a)),
        "paused" | "auto_replied" => maybe("until", then(a), b),
        "away" => {
            let who = one_of(&["prospect", "owner"], c);
            format!("who={who} until={}{}", then(a), maybe("from", then(b), c / 2))
        }
        "playbook_set" => "name=default".to_owned(),
        "merged" => "into=p-2".to_owned(),
        "noted" => "text=x".to_owned(),
        "send_intended" | "sent" => {
            format!("action=p/1{purpose}{}", maybe("channel", channel(c).to_owned(), c))
        }
        "send_failed" => format!("action=p/1{}", one_of(&["", " permanent=true"], a)),
        "send_unknown" => "action=p/1".to_owned(),
        "inquired" | "replied" | "asked_information" | "asked_appointment" | "asked_proposal"
        | "ready_to_buy" | "information_sent" | "proposal_sent" => maybe("channel", channel(a).to_owned(), b),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_comes() {
        for name in Event::NAMES {
            for dial in 0..=255 {
                let read = read(name, DateTime::UNIX_EPOCH, [dial, dial / 2, dial / 3]);
                assert_eq!(
                    read.map(|event| event.name()),
                    Some(*name),
                    "add its required fields to `fields`"
                );
            }
        }
    }

    #[test]
    fn fields_that_an_event_does_not_know_are_not_made_up() {
        for name in Event::NAMES {
            let event = event(name, DateTime::UNIX_EPOCH, [1; 3]);
            assert!(event.extra().is_empty(), "{name}: {:?}", event.extra());
        }
    }
}
