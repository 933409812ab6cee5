//! Random histories of a few people, and the desks on which they are recorded.

use std::ops::Range;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use followup::event::Fields;
use followup::{Desk, Event, Playbook, Policy, ProspectId, Zone};
use followup_store_memory::MemoryStore;
use pollster::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// The zone of prospects without a zone of their own.
pub(crate) const HOME: &str = "Europe/Vienna";

/// Evenings, and days next to clock changes of the zones below.
pub(crate) const STARTS: [&str; 6] = [
    "2026-03-02T09:00:00Z",
    "2026-03-03T20:30:00Z",
    "2026-03-06T22:00:00Z",
    "2026-03-27T15:30:00Z",
    "2026-03-31T11:59:59.5Z",
    "2026-10-23T14:00:00Z",
];

/// Minutes between an event and the next; some become known late.
pub(crate) const WAITS: [i64; 20] = [
    1440, 0, 0, 0, 1, 60, 540, 690, 1440, 2880, 2940, 4290, 4320, 4350, 12960, 23040, 47520, 136800, -120,
    -28800,
];

/// The choices of events; frequent ones are repeated. `+72` is 72 hours later.
pub(crate) const LINES: &str = "
    touched channel=phone; touched channel=phone; touched channel=phone; touched channel=email;
    touched channel=email; touched channel=email purpose=last_message;
    touched channel=text purpose=inform; touched channel=post personal=false;
    touched channel=phone reached=true; touched channel=visit reached=true purpose=ask_appointment;
    information_sent channel=email; information_sent; proposal_sent channel=email;
    proposal_sent amount=900 currency=EUR; proposal_sent; proposal_discussed;
    sent action=p/1 channel=email; send_intended action=p/1 channel=text purpose=check_in;
    sent action=p/1; input_requested input=logo; input_requested input=logo deadline=+100;
    input_requested input=texts deadline=+30; input_received input=logo; input_received input=logo;
    input_received input=texts; input_waived input=texts; inquired channel=web origin=fair;
    inquired origin=letter; inquired; replied channel=email; replied channel=phone; replied;
    asked_information channel=email; asked_appointment; asked_proposal channel=phone; ready_to_buy;
    appointment_set starts_at=+30 minutes=60; appointment_set starts_at=+200 minutes=30;
    appointment_confirmed; appointment_held; appointment_missed by=prospect;
    next_step_agreed due_at=+72 channel=phone; next_step_declined; decided outcome=won;
    decided outcome=won; decided outcome=lost; decided outcome=lost; decided outcome=later;
    decided outcome=later until=+1000; valued amount=1200.50 currency=EUR;
    valued amount=99000 currency=JPY; assigned owner=lee;
    preferred weekdays=tue,wed,thu,sat from=18:00 to=22:00;
    preferred weekdays=tue,wed,thu,sat from=18:00 to=22:00; opted_out; opted_out channels=email;
    opted_out channels=text; opted_in;
    opted_in channels=phone; stopped; gave_up; went_stale; reopened; paused
";

/// A prospect: the fields of `added`, its instant, and the further events.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    known: String,
    start: &'static str,
    steps: Vec<Step>,
}

/// The minutes since the previous event, a letter of the key, and the event.
pub(crate) type Step = (i64, char, &'static str);

pub(crate) fn arb_person() -> impl Strategy<Value = Person> {
    let lines: Vec<&str> = LINES.split(';').map(str::trim).collect();
    let zones =
        ["", " zone=Europe/Vienna", " zone=America/New_York", " zone=Pacific/Auckland", " zone=Asia/Kolkata"];
    let owners = ["", " owner=kim", " owner=lee"];
    let kinds = ["", "", "", " kind=stakeholder"];
    let known = (select(zones.to_vec()), select(owners.to_vec()), select(kinds.to_vec()))
        .prop_map(|(zone, owner, kind)| format!("{zone}{owner}{kind}"));
    let steps = |lines: Vec<&'static str>, numbers: Range<usize>| {
        vec((select(WAITS.to_vec()), select(vec!['a', 'm', 'z']), select(lines)), numbers)
    };
    let calls =
        vec!["touched channel=phone", "touched channel=email", "touched channel=text", "noted text=x"];
    let steps = prop_oneof![6 => steps(lines, 1..14), 1 => steps(calls, 1..16)];
    (known, select(STARTS.to_vec()), steps).prop_map(|(known, start, steps)| Person { known, start, steps })
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// An instant after all events.
pub(crate) fn far() -> DateTime<Utc> {
    instant("2040-01-01T00:00:00Z")
}

/// A strategy for the instant of a report, often between the events.
pub(crate) fn arb_now() -> impl Strategy<Value = DateTime<Utc>> {
    let days = prop_oneof![2 => 0..60_i64, 2 => 200..330_i64, 1 => 330..2_000_i64];
    (days, select(vec![0, 1, 420, 810])).prop_map(|(days, minutes)| {
        instant("2026-03-02T09:00:00Z") + TimeDelta::days(days) + TimeDelta::minutes(minutes)
    })
}

pub(crate) fn event(line: &str, at: DateTime<Utc>) -> Event {
    let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let mut fields = Fields::default();
    let mut words = line.split(' ');
    let name = words.next().expect("a name");
    fields.set("at", stamp(at));
    for (field, value) in words.filter_map(|word| word.split_once('=')) {
        match value.strip_prefix('+') {
            Some(hours) => fields.set(field, stamp(at + TimeDelta::hours(hours.parse().expect("hours")))),
            None => fields.set(field, value),
        }
    }
    Event::from_fields(name, fields, Zone::utc()).expect("a line of the vocabulary")
}

pub(crate) fn events(person: &Person) -> Vec<Event> {
    let mut at = instant(person.start);
    let mut events = Vec::new();
    if !person.known.is_empty() {
        events.push(event(&format!("added name=A{}", person.known), at).with_key("added"));
    }
    for (index, (wait, letter, line)) in person.steps.iter().enumerate() {
        at += TimeDelta::minutes(*wait);
        events.push(event(line, at).with_key(format!("{letter}{index:02}")));
    }
    events
}

pub(crate) fn id(index: usize) -> ProspectId {
    format!("p-{index}").parse().expect("an id")
}

pub(crate) fn policy() -> Policy {
    Playbook::parse(&format!("zone = \"{HOME}\"")).expect("a playbook").into()
}

/// A desk with all events up to an instant, recorded at that instant.
pub(crate) fn desk(people: &[Person], until: DateTime<Utc>) -> Desk {
    let desk = Desk::new(MemoryStore::new(), policy());
    for (index, person) in people.iter().enumerate() {
        for event in events(person).into_iter().filter(|event| event.at() <= until) {
            block_on(desk.observe_at(id(index), event, until)).expect("it is observed");
        }
    }
    desk
}

/// The same desk with the wake-ups up to that instant.
pub(crate) fn woken(people: &[Person], now: DateTime<Utc>) -> Desk {
    let desk = desk(people, now);
    block_on(desk.wake(now)).expect("it is recorded");
    desk
}
