//! Each kind of event from JSON and back, and what is said of a field that is wrong.

use chrono::{DateTime, TimeDelta, Utc};
use followup_core::event::{
    Discovery, EventError, EventKind, EventSpec, FieldError, Fields, KEY_MAX_BYTES, NextStep, Preference,
    Request, TheirDecision, Touch,
};
use followup_core::stage::{By, Kind, Who};
use followup_core::time::{Clock, Weekdays};
use followup_core::{Channel, Event, Money, Outcome, Purpose, Reason, Stage, Temperature, Zone};
use serde_json::{Map, Value, json};

const AT: &str = "2026-03-06T14:00:00Z";

fn at() -> DateTime<Utc> {
    AT.parse().expect("an instant")
}

/// An event of a kind with particulars, as one JSON object.
fn object(name: &str, particulars: &Value) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("key".into(), "k".into());
    object.insert("prospect".into(), "p".into());
    object.insert("at".into(), AT.into());
    object.insert("event".into(), name.into());
    object.extend(particulars.as_object().expect("an object").clone());
    object
}

fn read(name: &str, particulars: Value) -> Result<Event, EventError> {
    Event::from_json(object(name, &particulars), Zone::utc()).map(|(_, event)| event)
}

fn refusal(name: &str, particulars: Value) -> String {
    match read(name, particulars.clone()) {
        Ok(event) => panic!("{name} {particulars} is taken as {event:?}"),
        Err(error) => error.to_string(),
    }
}

/// Every kind, with nothing but what it needs and with all that it takes, in the form in which it is written.
fn vocabulary() -> Vec<(&'static str, Vec<Value>)> {
    let send = json!({ "action": "a-1", "channel": "email", "purpose": "inform", "reason": "article" });
    let sent = json!({
        "action": "a-1", "message_id": "m-1", "channel": "email", "purpose": "inform", "reason": "article"
    });
    let touched = json!({
        "channel": "phone", "purpose": "check_in", "reason": "advice", "personal": false, "automatic": true,
        "reached": true
    });
    let qualified = json!({
        "needs": "a roof", "decides_how": "with the board", "decides_on": "2026-06-30", "ready": true,
        "knows_us": false, "minutes": 90
    });
    let added = json!({
        "name": "Ada", "kind": "stakeholder", "email": "ada@example.org", "phone": "+49 30 1",
        "zone": "Europe/Berlin", "owner": "kim", "referrer": "Bob", "playbook": "services"
    });
    let wish = json!({ "channel": "email", "weekdays": ["mon", "wed"], "from": "09:30", "to": "24:00" });
    let request = vec![json!({}), json!({ "channel": "web" })];
    let later = "2026-04-01T00:00:00Z";
    let away = json!({ "who": "owner", "until": later, "from": "2026-03-20T08:30:00.500Z" });
    let nothing = vec![json!({})];
    vec![
        ("added", vec![json!({ "kind": "prospect" }), added]),
        ("valued", vec![json!({ "amount": "-99.50", "currency": "USD" })]),
        ("temperature_set", vec![json!({ "temperature": "cool" })]),
        ("assigned", vec![json!({ "owner": "kim" })]),
        ("preferred", vec![json!({}), wish]),
        ("qualified", vec![json!({}), qualified]),
        ("inquired", request.clone()),
        ("replied", request.clone()),
        ("asked_information", request.clone()),
        ("asked_appointment", request.clone()),
        ("asked_proposal", request.clone()),
        ("ready_to_buy", request.clone()),
        ("auto_replied", vec![json!({}), json!({ "until": later })]),
        (
            "bounced",
            vec![json!({ "permanent": false }), json!({ "permanent": true, "address": "a@example.org" })],
        ),
        ("opted_out", vec![json!({}), json!({ "channels": ["email", "fax"] })]),
        ("opted_in", vec![json!({}), json!({ "channels": ["phone"] })]),
        ("touched", vec![json!({ "channel": "visit" }), touched]),
        ("information_sent", request.clone()),
        (
            "proposal_sent",
            vec![json!({}), json!({ "amount": "12000", "currency": "EUR", "channel": "post" })],
        ),
        ("proposal_discussed", nothing.clone()),
        ("appointment_set", vec![json!({ "starts_at": later, "minutes": 1 })]),
        ("appointment_confirmed", nothing.clone()),
        ("appointment_held", nothing.clone()),
        ("appointment_missed", vec![json!({}), json!({ "by": "prospect" })]),
        (
            "next_step_agreed",
            vec![
                json!({ "due_at": later }),
                json!({ "due_at": later, "channel": "text", "purpose": "discuss" }),
            ],
        ),
        ("next_step_declined", nothing.clone()),
        (
            "decided",
            vec![json!({ "outcome": "won" }), json!({ "outcome": "later", "until": later, "why": "money" })],
        ),
        ("input_requested", vec![json!({ "input": "plan" }), json!({ "input": "plan", "deadline": later })]),
        ("input_received", vec![json!({ "input": "plan" })]),
        ("input_waived", vec![json!({ "input": "plan" })]),
        ("snoozed", vec![json!({ "until": later })]),
        ("paused", vec![json!({}), json!({ "until": later, "why": "a move" })]),
        ("resumed", nothing.clone()),
        ("stopped", vec![json!({}), json!({ "why": "no", "by": "us" })]),
        ("reopened", nothing.clone()),
        ("away", vec![json!({ "who": "prospect", "until": later }), away]),
        ("playbook_set", vec![json!({ "name": "services" }), json!({ "name": "services", "version": 3 })]),
        ("replanned", vec![json!({}), json!({ "planned_by": "7" })]),
        ("merged", vec![json!({ "into": "q" })]),
        ("noted", vec![json!({ "text": "likes tea" })]),
        ("went_stale", vec![json!({}), json!({ "premise": "stale-1", "basis": "00ff" })]),
        ("gave_up", nothing.clone()),
        ("lapsed", vec![json!({}), json!({ "action": "a-1" })]),
        ("send_intended", vec![json!({ "action": "a-1" }), send]),
        ("sent", vec![json!({ "action": "a-1" }), sent]),
        (
            "send_failed",
            vec![
                json!({ "action": "a-1", "permanent": false }),
                json!({ "action": "a-1", "why": "no such mailbox", "permanent": true }),
            ],
        ),
        ("send_unknown", vec![json!({ "action": "a-1" })]),
    ]
}

#[test]
fn every_kind_is_written_as_it_was_read() {
    let vocabulary = vocabulary();
    let names: Vec<_> = vocabulary.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, Event::NAMES);
    for (name, forms) in vocabulary {
        for particulars in forms {
            let object = object(name, &particulars);
            let (prospect, event) = Event::from_json(object.clone(), Zone::utc())
                .unwrap_or_else(|error| panic!("{name} {particulars}: {error}"));
            assert_eq!(prospect.as_deref(), Some("p"));
            assert_eq!((event.name(), event.key(), event.at()), (name, "k", at()));
            assert!(event.extra().is_empty(), "{name} leaves {:?}", event.extra());
            assert_eq!(Value::from(event.to_json("p")), Value::from(object));
            assert_eq!(event.to_fields().as_json(), particulars.as_object().expect("an object"));
        }
    }
}

#[test]
fn what_surrounds_the_kind_is_kept() {
    let particulars =
        json!({ "seq": -3, "by": "system", "basis": "b", "premise": "w", "campaign": { "n": 1 } });
    let event = read("resumed", particulars.clone()).expect("an event");
    assert_eq!((event.seq(), event.by()), (-3, Some(By::System)));
    assert_eq!((event.to_fields().as_json()["basis"].as_str(), event.premise()), (Some("b"), Some("w")));
    assert_eq!(event.extra().names().collect::<Vec<_>>(), ["campaign"]);
    assert_eq!(event.extra().as_json(), json!({ "campaign": { "n": 1 } }).as_object().expect("an object"));
    assert_eq!(event.to_json("p"), object("resumed", &particulars));
    let bare = Map::from_iter([("at".to_owned(), json!(AT)), ("event".to_owned(), json!("resumed"))]);
    let (prospect, event) = Event::from_json(bare, Zone::utc()).expect("an event");
    assert_eq!((prospect, event), (None, Event::new(at(), EventKind::Resumed)));
}

#[test]
fn fields_from_a_spreadsheet_are_read_as_what_they_mean() {
    for (flag, means) in
        [("true", true), ("YES", true), ("1", true), ("False", false), ("no", false), ("0", false)]
    {
        let event = read("qualified", json!({ "ready": flag, "minutes": "45", "needs": 7 })).expect(flag);
        let EventKind::Qualified { ready, minutes, needs, knows_us, .. } = event.kind() else {
            panic!("{flag}")
        };
        assert_eq!((*ready, *minutes, needs.as_deref(), *knows_us), (Some(means), Some(45), Some("7"), None));
    }
    for words in ["phone,email", "phone; email", " phone email ", "phone,,email"] {
        let event = read("opted_out", json!({ "channels": words })).expect(words);
        assert_eq!(event.kind(), &EventKind::OptedOut { channels: vec![Channel::PHONE, Channel::EMAIL] });
    }
    let event = read("paused", json!({ "until": "", "why": null })).expect("empty is absent");
    assert_eq!(event.kind(), &EventKind::Paused { until: None, why: None });
    let event = read("qualified", json!({ "decides_on": "2026-06-30T23:00:00+02:00" })).expect("a date");
    assert_eq!(event.to_fields().as_json()["decides_on"], "2026-06-30");
}

#[test]
fn a_field_that_is_wrong_is_named_with_what_would_be_right() {
    let channel = "expected 1 to 23 characters of a-z, 0-9 and _, starting with a letter";
    let date = "expected a date from 1900 to 2199, e.g. 2026-03-31, found";
    let long = "x".repeat(KEY_MAX_BYTES + 1);
    for (name, particulars, field, why) in [
        ("noted", json!({ "text": [1] }), "text", "expected text, found [1]".to_owned()),
        ("noted", json!({ "text": "t", "key": long }), "key", "it is longer than 200 bytes".to_owned()),
        ("noted", json!({ "text": "t", "by": "me" }), "by", "unknown party \"me\"; expected one of: us, prospect, system".to_owned()),
        ("noted", json!({ "text": "t", "seq": "one" }), "seq", "invalid digit found in string".to_owned()),
        ("noted", json!({ "text": "t", "seq": 9_007_199_254_740_993_i64 }), "seq", "expected -9007199254740992 to 9007199254740992".to_owned()),
        ("noted", json!({ "text": "t", "seq": -9_007_199_254_740_993_i64 }), "seq", "expected -9007199254740992 to 9007199254740992".to_owned()),
        ("bounced", json!({ "permanent": "maybe" }), "permanent", "expected true or false, found \"maybe\"".to_owned()),
        ("bounced", json!({ "permanent": 2 }), "permanent", "expected true or false, found 2".to_owned()),
        ("qualified", json!({ "decides_on": "30.6.2026" }), "decides_on", format!("{date} \"30.6.2026\"")),
        ("qualified", json!({ "decides_on": "1899-12-31" }), "decides_on", format!("{date} \"1899-12-31\"")),
        ("qualified", json!({ "decides_on": "2200-01-01" }), "decides_on", format!("{date} \"2200-01-01\"")),
        ("qualified", json!({ "decides_on": "2026-06-301" }), "decides_on", format!("{date} \"2026-06-301\"")),
        ("opted_out", json!({ "channels": ["phone", 2] }), "channels", "expected text, found 2".to_owned()),
        ("opted_out", json!({ "channels": 2 }), "channels", "expected a list of texts, found 2".to_owned()),
        ("opted_out", json!({ "channels": "Fax" }), "channels", format!("invalid channel \"Fax\": {channel}")),
        ("touched", json!({ "channel": "4fax" }), "channel", format!("invalid channel \"4fax\": {channel}")),
        ("preferred", json!({ "weekdays": "mon,fun" }), "weekdays", "unknown weekday \"fun\"; expected one of: mon, tue, wed, thu, fri, sat, sun".to_owned()),
        ("preferred", json!({ "weekdays": [] }), "weekdays", "expected at least one weekday".to_owned()),
        ("preferred", json!({ "from": "9 am" }), "from", "invalid time of day \"9 am\"; expected 00:00 to 24:00, e.g. 09:00".to_owned()),
        ("preferred", json!({ "from": "17:00", "to": "09:00" }), "to", "invalid hours 17:00 to 09:00: the end must be after the beginning, on the same day".to_owned()),
        ("preferred", json!({ "to": "00:00" }), "to", "hours that end at 00:00 never open".to_owned()),
        ("preferred", json!({ "from": "24:00" }), "from", "hours that begin at 24:00 never open".to_owned()),
        ("snoozed", json!({ "until": "soon" }), "until", "expected an instant, e.g. 2026-03-06T15:00:00+01:00, found \"soon\"".to_owned()),
        ("snoozed", json!({ "until": "2200-01-01T00:00:00Z" }), "until", "expected the years 1900 to 2199, found \"2200-01-01T00:00:00Z\"".to_owned()),
        ("snoozed", json!({ "until": "1899-12-31" }), "until", "expected the years 1900 to 2199, found \"1899-12-31\"".to_owned()),
        ("appointment_set", json!({ "starts_at": AT, "minutes": 0 }), "minutes", "expected 1 to 100000 minutes".to_owned()),
        ("appointment_set", json!({ "starts_at": AT, "minutes": 100_001 }), "minutes", "expected 1 to 100000 minutes".to_owned()),
        ("valued", json!({ "amount": "1.234", "currency": "EUR" }), "amount", "invalid amount of money \"1.234\": it has more decimals than the currency (expected e.g. 12000EUR or 99.50 USD)".to_owned()),
        ("decided", json!({ "outcome": "maybe" }), "outcome", "unknown outcome \"maybe\"; expected one of: won, lost, later".to_owned()),
    ] {
        assert_eq!(refusal(name, particulars.clone()), format!("invalid field \"{field}\": {why}"));
        match read(name, particulars) {
            Err(EventError::Field(error)) => assert_eq!(error.field(), field),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn bounds_are_taken_to_the_last_one() {
    for (name, particulars) in [
        ("noted", json!({ "text": "t", "key": "x".repeat(KEY_MAX_BYTES) })),
        ("noted", json!({ "text": "t", "seq": 9_007_199_254_740_992_i64 })),
        ("noted", json!({ "text": "t", "seq": -9_007_199_254_740_992_i64 })),
        ("qualified", json!({ "decides_on": "1900-01-01" })),
        ("qualified", json!({ "decides_on": "2199-12-31" })),
        ("snoozed", json!({ "until": "1900-01-01T00:00:00Z" })),
        ("snoozed", json!({ "until": "2199-12-31T23:59:59.999999Z" })),
        ("appointment_set", json!({ "starts_at": AT, "minutes": 100_000 })),
    ] {
        let event = read(name, particulars.clone()).expect(name);
        assert_eq!(Value::from(event.to_json("p")), Value::from(object(name, &particulars)));
    }
}

#[test]
fn what_an_event_cannot_do_without_is_missing_by_name() {
    for (name, particulars, field) in [
        ("valued", json!({}), "amount"),
        ("valued", json!({ "amount": "1" }), "currency"),
        ("temperature_set", json!({}), "temperature"),
        ("assigned", json!({ "owner": "" }), "owner"),
        ("touched", json!({}), "channel"),
        ("appointment_set", json!({ "minutes": 60 }), "starts_at"),
        ("appointment_set", json!({ "starts_at": AT }), "minutes"),
        ("next_step_agreed", json!({}), "due_at"),
        ("decided", json!({}), "outcome"),
        ("input_requested", json!({}), "input"),
        ("input_received", json!({}), "input"),
        ("input_waived", json!({}), "input"),
        ("snoozed", json!({}), "until"),
        ("away", json!({ "until": AT }), "who"),
        ("away", json!({ "who": "owner" }), "until"),
        ("playbook_set", json!({}), "name"),
        ("merged", json!({}), "into"),
        ("noted", json!({ "text": null }), "text"),
        ("send_intended", json!({}), "action"),
        ("sent", json!({}), "action"),
        ("send_failed", json!({}), "action"),
        ("send_unknown", json!({}), "action"),
        ("noted", json!({ "text": "t", "at": "" }), "at"),
        ("", json!({}), "event"),
    ] {
        assert_eq!(refusal(name, particulars), format!("missing field \"{field}\""), "{name}");
    }
    assert_eq!(FieldError::Missing("at").field(), "at");
    let unknown = refusal(&"y".repeat(41), json!({}));
    assert_eq!(
        unknown,
        format!("unknown event \"{}\"; expected one of: {}", "y".repeat(40), Event::NAMES.join(", "))
    );
}

#[test]
fn an_instant_without_an_offset_is_local() {
    let berlin: Zone = "Europe/Berlin".parse().expect("a zone");
    for (text, means) in [
        ("2026-03-06T15:00:00+01:00", "2026-03-06T14:00:00Z"),
        (" 2026-03-06T15:00:00.25 ", "2026-03-06T14:00:00.250Z"),
        ("2026-03-06 15:00:00", "2026-03-06T14:00:00Z"),
        ("2026-03-06T15:00", "2026-03-06T14:00:00Z"),
        ("2026-03-06 15:00", "2026-03-06T14:00:00Z"),
        ("2026-07-06", "2026-07-05T22:00:00Z"),
    ] {
        let means: DateTime<Utc> = means.parse().expect("an instant");
        assert_eq!(Event::parse_instant("until", text, berlin), Ok(means), "{text}");
    }
    let error = Event::parse_instant("until", "soon", berlin).expect_err("no instant");
    assert_eq!(error.field(), "until");
    assert_eq!(
        error.to_string(),
        "invalid field \"until\": expected an instant, e.g. 2026-03-06T15:00:00+01:00, found \"soon\""
    );
}

#[test]
fn constructors_make_what_they_are_called() {
    let later: DateTime<Utc> = "2026-04-01T00:00:00Z".parse().expect("an instant");
    let requested = |request| EventKind::Requested { request, channel: None };
    let touched = EventKind::Touched {
        channel: Channel::TEXT,
        purpose: None,
        reason: None,
        personal: None,
        automatic: false,
        reached: false,
    };
    let added = EventKind::Added {
        name: None,
        kind: Kind::Prospect,
        email: None,
        phone: None,
        zone: None,
        owner: None,
        referrer: None,
        playbook: None,
    };
    for (event, kind) in [
        (Event::added(at()), added),
        (Event::requested(at(), Request::Replied, None), requested(Request::Replied)),
        (Event::inquired(at(), None), requested(Request::Inquired)),
        (Event::replied(at(), None), requested(Request::Replied)),
        (Event::asked_information(at(), None), requested(Request::AskedInformation)),
        (Event::asked_appointment(at(), None), requested(Request::AskedAppointment)),
        (Event::asked_proposal(at(), None), requested(Request::AskedProposal)),
        (Event::ready_to_buy(at(), None), requested(Request::ReadyToBuy)),
        (Event::touched(at(), Channel::TEXT), touched),
        (Event::information_sent(at(), None), EventKind::InformationSent { channel: None }),
        (Event::proposal_sent(at(), None, None), EventKind::ProposalSent { amount: None, channel: None }),
        (
            Event::appointment_set(at(), later, 30),
            EventKind::AppointmentSet { starts_at: later, minutes: 30 },
        ),
        (Event::appointment_held(at()), EventKind::AppointmentHeld),
        (
            Event::next_step_agreed(at(), later),
            EventKind::NextStepAgreed { due_at: later, channel: None, purpose: None },
        ),
        (
            Event::decided(at(), Outcome::Lost),
            EventKind::Decided { outcome: Outcome::Lost, until: None, why: None },
        ),
        (Event::opted_out(at()), EventKind::OptedOut { channels: Vec::new() }),
        (Event::stopped(at()), EventKind::Stopped { why: None }),
        (Event::noted(at(), "tea"), EventKind::Noted { text: "tea".to_owned() }),
        (
            Event::temperature_set(at(), Temperature::Hot),
            EventKind::TemperatureSet { temperature: Temperature::Hot },
        ),
    ] {
        assert_eq!(event, Event::new(at(), kind));
    }
}

#[test]
fn a_constructor_says_all_that_the_kind_knows() {
    let fields = |event: &Event| Value::from(event.to_fields().into_json());
    let (due, clock) = (at() + TimeDelta::days(7), Clock(18 * 3_600));
    let euros = Money::from_decimal("1200.00", "EUR").expect("money");
    let date = due.date_naive();
    let touch = Touch::on(Channel::PHONE).purpose(Purpose::CLOSE).reason(Reason::ARTICLE).personal(false);
    let wish = Preference::default().channel(Channel::POST).weekdays(Weekdays::WORKING).from(clock).to(clock);
    let found = Discovery::default().needs("n").decides_how("h").decides_on(date);
    let step = NextStep::due(due).channel(Channel::POST).purpose(Purpose::CLOSE);
    for (event, told) in [
        (Event::valued(at(), euros), json!({ "amount": "1200", "currency": "EUR" })),
        (Event::assigned(at(), "kim"), json!({ "owner": "kim" })),
        (
            Event::preferred(at(), wish),
            json!({
                "channel": "post", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "from": "18:00", "to": "18:00",
            }),
        ),
        (
            Event::qualified(at(), found.ready(true).knows_us(false).minutes(20)),
            json!({
                "needs": "n", "decides_how": "h", "decides_on": "2026-03-13", "ready": true, "knows_us": false,
                "minutes": 20,
            }),
        ),
        (Event::inquired(at(), Channel::WEB), json!({ "channel": "web" })),
        (Event::ready_to_buy(at(), None), json!({})),
        (Event::auto_replied(at(), due), json!({ "until": "2026-03-13T14:00:00Z" })),
        (Event::bounced(at(), "a@b.c"), json!({ "permanent": false, "address": "a@b.c" })),
        (Event::bounced_permanently(at(), "a@b.c"), json!({ "permanent": true, "address": "a@b.c" })),
        (Event::opted_out(at()), json!({})),
        (Event::opted_out_of(at(), [Channel::EMAIL]), json!({ "channels": ["email"] })),
        (Event::opted_in(at()), json!({})),
        (Event::opted_in_to(at(), [Channel::EMAIL]), json!({ "channels": ["email"] })),
        (
            Event::touched(at(), touch.automatic().reached()),
            json!({
                "channel": "phone", "purpose": "close", "reason": "article", "personal": false, "automatic": true,
                "reached": true,
            }),
        ),
        (Event::touched(at(), Channel::POST), json!({ "channel": "post" })),
        (Event::information_sent(at(), Channel::POST), json!({ "channel": "post" })),
        (
            Event::proposal_sent(at(), Channel::POST, euros),
            json!({ "amount": "1200", "currency": "EUR", "channel": "post" }),
        ),
        (Event::appointment_missed(at(), By::Us), json!({ "by": "us" })),
        (
            Event::next_step_agreed(at(), step),
            json!({ "due_at": "2026-03-13T14:00:00Z", "channel": "post", "purpose": "close" }),
        ),
        (Event::next_step_agreed(at(), due), json!({ "due_at": "2026-03-13T14:00:00Z" })),
        (
            Event::decided(at(), TheirDecision::later(due).why("w")),
            json!({ "outcome": "later", "until": "2026-03-13T14:00:00Z", "why": "w" }),
        ),
        (Event::decided(at(), Outcome::Won), json!({ "outcome": "won" })),
        (
            Event::input_requested(at(), "logo", due),
            json!({ "input": "logo", "deadline": "2026-03-13T14:00:00Z" }),
        ),
        (Event::snoozed(at(), due), json!({ "until": "2026-03-13T14:00:00Z" })),
        (Event::paused(at(), None), json!({})),
        (Event::stopped_because(at(), "w"), json!({ "why": "w" })),
        (
            Event::away(at(), Who::Owner, at(), due),
            json!({ "who": "owner", "from": "2026-03-06T14:00:00Z", "until": "2026-03-13T14:00:00Z" }),
        ),
        (Event::playbook_set(at(), "b", 2), json!({ "name": "b", "version": 2 })),
        (Event::merged(at(), "q"), json!({ "into": "q" })),
    ] {
        assert_eq!(fields(&event), told, "{}", event.name());
    }
    let woken = Event::resumed(at()).with_premise("w").with_seq(4).with_key("k").with_by(By::System);
    assert_eq!(
        (woken.premise(), woken.seq(), woken.key(), woken.by()),
        (Some("w"), 4, "k", Some(By::System))
    );
}

#[test]
fn the_vocabulary_describes_what_is_read_and_written() {
    assert_eq!(EventSpec::ALL.iter().map(|spec| spec.name).collect::<Vec<_>>(), Event::NAMES);
    for spec in EventSpec::ALL {
        let examples = spec.fields().map(|field| (field.name.to_owned(), Value::from(field.example)));
        let all: Map<_, _> = examples.chain([("at".to_owned(), json!(AT))]).collect();
        let event = Event::from_fields(spec.name, all.clone().into_iter().collect(), Zone::utc())
            .unwrap_or_else(|error| panic!("{}: {error}", spec.name));
        assert!(event.extra().is_empty(), "{} leaves {:?}", spec.name, event.extra());
        for field in spec.fields().filter(|field| field.required) {
            let mut without = all.clone();
            without.remove(field.name);
            let missing = Event::from_fields(spec.name, without.into_iter().collect(), Zone::utc());
            let named = missing.expect_err(field.name).to_string();
            assert!(named.contains(field.name), "{}: {named}", spec.name);
        }
        let schema = Event::schema();
        let described = schema["oneOf"].as_array().expect("a list");
        let own = described.iter().find(|schema| schema["title"] == spec.name).expect(spec.name);
        for field in spec.fields() {
            assert!(own["properties"][field.name].is_object(), "{}: {}", spec.name, field.name);
        }
        assert!(!spec.title.is_empty());
    }
}

#[test]
fn an_instant_is_cut_to_the_microsecond() {
    let fine: DateTime<Utc> = "2026-03-06T14:00:00.123456789Z".parse().expect("an instant");
    assert_eq!(Event::stopped(fine).to_json("p")["at"], "2026-03-06T14:00:00.123456Z");
}

/// What an event counts as: `t`ouch, `c`onversation, `s`ign, contact (`+`), `w`ake-up, `p`rofile.
fn marks(event: &Event) -> String {
    let marks = [
        (event.is_touch(), 't'),
        (event.is_conversation(), 'c'),
        (event.is_sign(), 's'),
        (event.is_contact(), '+'),
        (event.is_wake_up(), 'w'),
        (event.is_profile(), 'p'),
    ];
    marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect()
}

#[test]
fn each_kind_counts_as_what_it_is() {
    let expected = |name: &str| match name {
        "added" | "valued" | "temperature_set" | "assigned" | "preferred" | "qualified" => "p",
        "inquired"
        | "replied"
        | "asked_information"
        | "asked_appointment"
        | "asked_proposal"
        | "ready_to_buy"
        | "appointment_confirmed"
        | "decided"
        | "input_received" => "s+",
        "appointment_set" | "appointment_held" | "proposal_discussed" | "next_step_agreed"
        | "next_step_declined" => "tcs+",
        "touched" | "information_sent" | "proposal_sent" | "input_requested" | "sent" => "t+",
        "went_stale" | "gave_up" | "lapsed" | "send_unknown" => "w",
        _ => "",
    };
    for (name, forms) in vocabulary() {
        let event = read(name, forms[0].clone()).expect(name);
        assert_eq!(marks(&event), expected(name), "{name}");
    }
    let reached = read("touched", json!({ "channel": "phone", "reached": true })).expect("a touch");
    assert_eq!(marks(&reached), "tcs+");
    assert_eq!(marks(&Event::new(at(), EventKind::Resumed).with_premise("paused-1")), "w");
}

#[test]
fn the_channel_is_that_of_the_request_or_the_touch() {
    assert_eq!(Event::inquired(at(), Channel::WEB).channel(), Some(Channel::WEB));
    assert_eq!(Event::inquired(at(), None).channel(), None);
    assert_eq!(Event::touched(at(), Channel::TEXT).channel(), Some(Channel::TEXT));
    assert_eq!(Event::information_sent(at(), Channel::POST).channel(), Some(Channel::POST));
    assert_eq!(Event::proposal_sent(at(), Channel::EMAIL, None).channel(), Some(Channel::EMAIL));
    let sent = read("sent", json!({ "action": "a", "channel": "social" })).expect("an event");
    assert_eq!(sent.channel(), Some(Channel::SOCIAL));
    assert_eq!(Event::appointment_held(at()).channel(), None);
    assert_eq!(Event::stopped(at()).channel(), None);
}

#[test]
fn each_request_leads_to_its_stage_and_asks_for_its_answer() {
    let table: Vec<_> = Request::ALL
        .iter()
        .map(|request| (request.as_str(), request.stage(), request.purpose().as_str().to_owned()))
        .collect();
    let row = |name, stage, purpose: &str| (name, stage, purpose.to_owned());
    assert_eq!(
        table,
        [
            row("inquired", Stage::Interest, "discover"),
            row("replied", Stage::Interest, "check_in"),
            row("asked_information", Stage::Information, "inform"),
            row("asked_appointment", Stage::Appointment, "ask_appointment"),
            row("asked_proposal", Stage::Proposal, "propose"),
            row("ready_to_buy", Stage::Decision, "close"),
        ]
    );
}

#[test]
fn fields_are_a_map_by_name() {
    let mut fields = Fields::default();
    assert!(fields.is_empty());
    fields.set("b", 2);
    fields.set("a", "one");
    assert!(!fields.is_empty());
    assert_eq!(fields.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(Value::from(fields.as_json().clone()), json!({ "a": "one", "b": 2 }));
    assert_eq!(Value::from(fields.clone().into_json()), json!({ "a": "one", "b": 2 }));
    assert_eq!(fields.into_json().into_iter().collect::<Fields>().names().count(), 2);
}
