//! Where do they stand? The words of the planning text, the stages, warmth and temperature.

use crate::common::House;
use followup_core::{Event, ProspectState};

/// One event of every kind in the vocabulary.
const EVERY_KIND: [&str; 47] = [
    "added",
    "valued amount=100 currency=EUR",
    "temperature_set temperature=warm",
    "assigned owner=bo",
    "preferred channel=email",
    "qualified needs=roof",
    "inquired",
    "replied",
    "asked_information",
    "asked_appointment",
    "asked_proposal",
    "ready_to_buy",
    "auto_replied",
    "bounced",
    "opted_out channels=post",
    "opted_in",
    "touched channel=phone",
    "information_sent",
    "proposal_sent",
    "proposal_discussed",
    "appointment_set starts_at=2026-03-12T14:00 minutes=60",
    "appointment_confirmed",
    "appointment_held",
    "appointment_missed",
    "next_step_agreed due_at=2026-03-12T14:00",
    "next_step_declined",
    "decided outcome=later",
    "input_requested input=logo",
    "input_received input=logo",
    "input_waived input=logo",
    "snoozed until=2026-03-12T14:00",
    "paused",
    "resumed",
    "stopped",
    "reopened",
    "away who=owner until=2026-03-12T14:00",
    "playbook_set name=default",
    "replanned",
    "merged into=p-2",
    "noted text=nothing",
    "went_stale",
    "gave_up",
    "lapsed",
    "send_intended action=p/1",
    "sent action=p/1",
    "send_failed action=p/1",
    "send_unknown action=p/1",
];

fn name(event: &str) -> &str {
    event.split(' ').next().expect("a name")
}

#[test]
fn the_vocabulary_is_covered() {
    assert_eq!(EVERY_KIND.map(name), Event::NAMES);
}

#[test]
fn touches_signs_and_conversations_are_those_of_the_text() {
    let house = House::berlin();
    let conversations = [
        "appointment_set",
        "appointment_held",
        "proposal_discussed",
        "next_step_agreed",
        "next_step_declined",
    ];
    let touches = ["touched", "information_sent", "proposal_sent", "input_requested", "sent"];
    let signs = [
        "inquired",
        "replied",
        "asked_information",
        "asked_appointment",
        "asked_proposal",
        "ready_to_buy",
        "appointment_confirmed",
        "input_received",
        "decided",
    ];
    for line in EVERY_KIND {
        let event = house.event(&format!("2026-03-02T10:00 {line}"));
        let conversation = conversations.contains(&name(line));
        assert_eq!(event.is_conversation(), conversation, "{line}");
        assert_eq!(event.is_touch(), conversation || touches.contains(&name(line)), "{line}");
        assert_eq!(event.is_sign(), conversation || signs.contains(&name(line)), "{line}");
        assert_eq!(event.is_contact(), event.is_touch() || event.is_sign(), "{line}");
        // And the state counts them so.
        let state = house.state(&format!("2026-03-02T10:00 {line}"));
        assert_eq!(
            (state.touch_count(), state.sign_count()),
            (event.is_touch().into(), event.is_sign().into()),
            "{line}"
        );
    }
    let reached = house.event("2026-03-02T10:00 touched channel=phone reached=true");
    assert!(reached.is_conversation() && reached.is_touch() && reached.is_sign());
}

#[test]
fn unanswered_are_the_touches_since_their_last_sign() {
    let house = House::berlin();
    let two = "2026-03-02T10:00 replied
               2026-03-02T11:00 touched channel=phone
               2026-03-02T12:00 touched channel=phone";
    assert_eq!(house.state(two).unanswered(), 2);
    for line in EVERY_KIND {
        let event = house.event(&format!("2026-03-02T13:00 {line}"));
        let expected = if event.is_sign() { 0 } else { 2 + u32::from(event.is_touch()) };
        assert_eq!(house.state(&format!("{two}\n2026-03-02T13:00 {line}")).unanswered(), expected, "{line}");
    }
    // A conversation is a touch and then a sign: it leaves none unanswered.
    assert_eq!(house.state("2026-03-02T10:00 touched channel=phone reached=true").unanswered(), 0);
}

// The stage table.

/// The stage after one event, if it has one in the table; the others leave the stage.
fn stage_of(line: &str) -> Option<&'static str> {
    Some(match name(line) {
        "added" | "touched" | "input_requested" | "sent" | "inquired" | "replied" => "interest",
        "information_sent" | "asked_information" => "information",
        "appointment_set" | "asked_appointment" => "appointment",
        "proposal_sent" | "asked_proposal" => "proposal",
        "ready_to_buy" | "decided" => "decision",
        _ => return None,
    })
}

const STAGES: [(&str, &str); 5] = [
    ("interest", "2026-03-01T10:00 added"),
    ("information", "2026-03-01T10:00 asked_information"),
    ("appointment", "2026-03-01T10:00 asked_appointment"),
    ("proposal", "2026-03-01T10:00 asked_proposal"),
    ("decision", "2026-03-01T10:00 ready_to_buy"),
];

#[test]
fn p1_each_event_moves_to_its_stage_and_none_moves_back() {
    let house = House::berlin();
    let place = |stage: &str| STAGES.iter().position(|(name, _)| *name == stage).expect("one of the five");
    for (at, history) in STAGES {
        for line in EVERY_KIND {
            let moved = stage_of(line).filter(|stage| place(stage) > place(at)).unwrap_or(at);
            let expected = if ["went_stale", "reopened"].contains(&name(line)) { "interest" } else { moved };
            let stage = house.state(&format!("{history}\n2026-03-02T10:00 {line}")).stage();
            assert_eq!(stage.as_str(), expected, "{at}, {line}");
        }
    }
}

#[test]
fn p3_the_skip_is_kept_and_what_was_reached_stays_reached() {
    use followup_core::Stage;
    let house = House::berlin();
    let reached = |history: &str| -> Vec<&str> {
        let state = house.state(history);
        Stage::ALL.iter().filter(|stage| state.has_reached(**stage)).map(|stage| stage.as_str()).collect()
    };
    assert_eq!(reached("2026-03-02T10:00 added"), ["interest"]);
    // They jump, and the stages in between were never theirs.
    let jumped = "2026-03-02T10:00 added\n2026-03-02T11:00 asked_proposal";
    assert_eq!(reached(jumped), ["interest", "proposal"]);
    let again = format!("{jumped}\n2026-03-02T12:00 went_stale\n2026-03-02T13:00 information_sent");
    assert_eq!(reached(&again), ["interest", "information", "proposal"]);
}

#[test]
fn p1_we_inform_by_a_touch_with_that_purpose_too() {
    let house = House::berlin();
    for (line, stage) in [
        ("touched channel=email purpose=inform", "information"),
        ("touched channel=email purpose=inform automatic=true", "information"),
        ("sent action=p/1 purpose=inform", "information"),
        ("touched channel=email purpose=discover", "interest"),
        // A proposal is only what was recorded as one.
        ("touched channel=email purpose=propose", "interest"),
        ("touched channel=email purpose=ask_appointment", "interest"),
    ] {
        let state = house.state(&format!("2026-03-02T10:00 {line}"));
        assert_eq!(state.stage().as_str(), stage, "{line}");
        assert_eq!(state.readiness().informed, stage == "information", "{line}");
    }
    let intended = "2026-03-02T10:00 send_intended action=p/1 channel=email purpose=inform
                    2026-03-02T10:01 sent action=p/1";
    assert_eq!(house.state(intended).stage().as_str(), "information", "the intent says what was sent");
}

#[test]
fn s5_a_new_round_begins_at_the_stage_of_its_event() {
    let house = House::berlin();
    for end in ["stopped", "gave_up", "decided outcome=won", "decided outcome=lost", "decided outcome=later"]
    {
        for line in EVERY_KIND {
            let event = house.event(&format!("2026-03-03T10:00 {line}"));
            let request =
                ["inquired", "replied", "ready_to_buy"].contains(&name(line)) || line.starts_with("asked_");
            let talks = event.is_conversation() && !end.starts_with("decided");
            let opens = request || talks || name(line) == "reopened";
            let expected = match opens {
                true => stage_of(line).unwrap_or("interest"),
                // Going stale goes to interest whatever was decided; wake-ups without a premise stand.
                false if name(line) == "went_stale" => "interest",
                false => "decision",
            };
            let history =
                format!("2026-03-01T10:00 ready_to_buy\n2026-03-02T10:00 {end}\n2026-03-03T10:00 {line}");
            assert_eq!(house.state(&history).stage().as_str(), expected, "{end}, {line}");
        }
    }
}

// Warmth and temperature.

#[test]
fn p11_signs_alone_change_the_warmth() {
    let house = House::berlin();
    let hot = [
        "inquired",
        "asked_information",
        "asked_appointment",
        "asked_proposal",
        "ready_to_buy",
        "next_step_agreed",
        "appointment_set",
        "appointment_held",
    ];
    for start in ["cool", "warm", "hot"] {
        let set = format!("2026-03-01T10:00 temperature_set temperature={start}");
        for line in EVERY_KIND {
            let expected = match name(line) {
                "temperature_set" => "warm",
                "replied" if start == "cool" => "warm",
                "replied" => "hot",
                "next_step_declined" if start == "hot" => "warm",
                "next_step_declined" => "cool",
                hotter if hot.contains(&hotter) => "hot",
                _ => start,
            };
            let plan = house.plan(&format!("{set}\n2026-03-02T10:00 {line}"));
            assert_eq!(plan.temperature.as_str(), expected, "{start}, {line}");
        }
    }
    assert_eq!(house.plan("2026-03-02T10:00 added").temperature.as_str(), "warm");
}

#[test]
fn c18_every_three_unanswered_touches_cool_by_one_and_not_below_cool() {
    let house = House::berlin();
    for (start, expected) in [
        ("inquired", ["hot", "hot", "hot", "warm", "warm", "warm", "cool", "cool", "cool", "cool"]),
        ("added", ["warm", "warm", "warm", "cool", "cool", "cool", "cool", "cool", "cool", "cool"]),
    ] {
        let mut history = format!("2026-01-01T10:00 {start}");
        for (touches, temperature) in expected.into_iter().enumerate() {
            assert_eq!(house.plan(&history).temperature.as_str(), temperature, "{start}, {touches} touches");
            history += &format!("\n2026-01-{:02}T10:00 touched channel=phone", touches + 2);
        }
        // A sign restores it.
        let answered = format!("{history}\n2026-02-01T10:00 input_received input=logo");
        assert_eq!(house.plan(&answered).temperature.as_str(), expected[0]);
    }
}

#[test]
fn c18_a_temperature_that_was_set_does_not_cool_until_their_next_sign() {
    let house = House::berlin();
    let touches = |from: u32| -> String {
        (from..from + 3).map(|day| format!("\n2026-01-{day:02}T10:00 touched channel=phone")).collect()
    };
    let set = format!("2026-01-01T10:00 temperature_set temperature=hot{}{}", touches(2), touches(6));
    assert_eq!(house.plan(&set).temperature.as_str(), "hot");
    let after_touches =
        format!("2026-01-01T10:00 added{}\n2026-01-05T10:00 temperature_set temperature=hot", touches(2));
    assert_eq!(house.plan(&after_touches).temperature.as_str(), "hot");
    let signed = format!("{set}\n2026-01-10T10:00 proposal_discussed{}", touches(11));
    assert_eq!(house.plan(&signed).temperature.as_str(), "warm");
}

#[test]
fn p4_readiness_is_information_and_a_sign_or_two_touches() {
    let house = House::berlin();
    for (history, informed, familiar) in [
        ("2026-03-02T10:00 added", false, false),
        ("2026-03-02T10:00 touched channel=phone", false, false),
        ("2026-03-02T10:00 touched channel=phone\n2026-03-02T11:00 touched channel=phone", false, true),
        ("2026-03-02T10:00 information_sent", true, false),
        ("2026-03-02T10:00 information_sent\n2026-03-02T11:00 touched channel=phone", true, true),
        ("2026-03-02T10:00 replied", false, true),
        ("2026-03-02T10:00 input_received input=logo", false, true),
        ("2026-03-02T10:00 auto_replied", false, false),
        ("2026-03-02T10:00 replied\n2026-03-02T11:00 information_sent", true, true),
    ] {
        let readiness = house.state(history).readiness();
        assert_eq!((readiness.informed, readiness.familiar), (informed, familiar), "{history}");
        assert_eq!(readiness.is_ready(), informed && familiar);
    }
}

// The order of the fold, and the fields of the profile.

#[test]
fn events_are_folded_by_instant_then_seq_then_key_whatever_their_order() {
    let house = House::berlin();
    let first = "2026-03-02T10:00 temperature_set temperature=hot key=b seq=1";
    for (other, temperature) in [
        ("2026-03-02T10:00 temperature_set temperature=cool key=a seq=1", "hot"),
        ("2026-03-02T10:00 temperature_set temperature=cool key=c seq=1", "cool"),
        ("2026-03-02T10:00 temperature_set temperature=cool key=a seq=2", "cool"),
        ("2026-03-02T10:00 temperature_set temperature=cool key=c", "hot"),
        ("2026-03-02T10:00 temperature_set temperature=cool key=c seq=-1", "hot"),
        ("2026-03-02T10:00:00.000001 temperature_set temperature=cool key=a", "cool"),
        ("2026-03-02T09:59:59.999999 temperature_set temperature=cool key=z seq=9", "hot"),
    ] {
        for history in [format!("{first}\n{other}"), format!("{other}\n{first}")] {
            assert_eq!(house.plan(&history).temperature.as_str(), temperature, "{history}");
        }
    }
}

#[test]
fn t1_the_same_key_twice_is_one_event_and_with_another_body_an_error() {
    let house = House::berlin();
    let touch = house.event("2026-03-02T10:00 touched channel=phone key=crm-1");
    let once = ProspectState::replay([touch.clone()]).expect("one event");
    let twice = ProspectState::replay([touch.clone(), touch.clone()]).expect("the same event");
    assert_eq!((twice.touch_count(), &twice), (1, &once));
    for other in [
        "2026-03-02T10:00 touched channel=email key=crm-1",
        "2026-03-02T11:00 touched channel=phone key=crm-1",
        "2026-03-02T10:00 noted text=x key=crm-1",
    ] {
        let error = ProspectState::replay([touch.clone(), house.event(other)]).expect_err("two bodies");
        assert!(error.to_string().contains("crm-1"), "{error}");
    }
    // Without a key nothing says that it is the same.
    let unnamed = house.event("2026-03-02T10:00 touched channel=phone");
    let counted = ProspectState::replay([unnamed.clone(), unnamed]).expect("two events");
    assert_eq!(counted.touch_count(), 2);
}

#[test]
fn preferred_and_qualified_change_only_the_fields_that_they_carry() {
    let house = House::berlin();
    let at_once = house.plan(
        "2026-03-02T09:00 replied
         2026-03-02T09:30 touched channel=phone
         2026-03-02T10:00 preferred channel=email weekdays=tue,wed from=10:00 to=12:00
         2026-03-02T11:00 qualified needs=roof decides_how=board decides_on=2026-05-01",
    );
    let one_by_one = house.plan(
        "2026-03-02T09:00 replied
         2026-03-02T09:30 touched channel=phone
         2026-03-02T10:00 preferred channel=email
         2026-03-02T10:01 preferred weekdays=tue,wed
         2026-03-02T10:02 preferred from=10:00
         2026-03-02T10:03 preferred to=12:00
         2026-03-02T11:00 qualified needs=roof
         2026-03-02T11:01 qualified decides_how=board
         2026-03-02T11:02 qualified decides_on=2026-05-01
         2026-03-02T11:03 qualified ready=true",
    );
    assert_eq!(at_once.decision, one_by_one.decision);
    assert_eq!(at_once.needs, one_by_one.needs);
    assert_eq!(house.show(&at_once), "13 inform: 2026-03-17 10:00+01 .. 2026-03-25 12:00+01");
}

#[test]
fn a_wish_that_never_opens_is_refused_when_it_is_stated() {
    for wish in [
        r#""from":"12:00","to":"12:00""#,
        r#""from":"14:00","to":"12:00""#,
        r#""to":"00:00""#,
        r#""from":"24:00""#,
        r#""weekdays":[]"#,
    ] {
        let line = format!(r#"{{"at":"2026-03-02T10:00:00Z","event":"preferred",{wish}}}"#);
        let object = serde_json::from_str(&line).expect("an object");
        assert!(Event::from_json(object, House::berlin().zone).is_err(), "{wish}");
    }
}
