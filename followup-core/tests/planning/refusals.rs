//! What does a strict record refuse, and what is missing then? And what is never refused?

use crate::common::House;
use chrono::TimeDelta;

const NONE: [&str; 0] = [];

/// Information, and a sign: ready for an appointment.
const READY: &str = "2026-03-01T10:00 replied
                     2026-03-01T11:00 information_sent";

const ASK: &str = "2026-03-02T10:00 touched channel=phone purpose=ask_appointment";
const SET: &str = "2026-03-02T10:00 appointment_set starts_at=2026-03-12T14:00 minutes=60";

#[test]
fn p4_an_appointment_is_not_asked_for_or_set_before_they_are_ready_for_it() {
    let house = House::berlin();
    for event in [ASK, SET] {
        for (history, refused) in [
            ("2026-03-01T10:00 added", true),
            ("2026-03-01T10:00 replied", true),
            ("2026-03-01T10:00 information_sent", true),
            ("2026-03-01T10:00 touched channel=phone\n2026-03-01T11:00 touched channel=phone", true),
            (READY, false),
            ("2026-03-01T10:00 information_sent\n2026-03-01T11:00 touched channel=phone", false),
            // At that stage, and not informed.
            ("2026-03-01T10:00 appointment_set starts_at=2026-03-01T12:00 minutes=60", true),
            // They asked for one, or are beyond that stage.
            ("2026-03-01T10:00 asked_appointment", false),
            ("2026-03-01T10:00 asked_appointment\n2026-03-01T11:00 asked_information", false),
            ("2026-03-01T10:00 asked_proposal", false),
            ("2026-03-01T10:00 ready_to_buy", false),
            // What was gained is forgotten when they go stale, and the asking with the round.
            (
                "2026-03-01T10:00 replied\n2026-03-01T11:00 information_sent\n2026-03-01T12:00 went_stale",
                true,
            ),
            ("2026-03-01T10:00 asked_appointment\n2026-03-01T11:00 reopened", true),
        ] {
            let expected: &[&str] = if refused { &["P4 not_ready"] } else { &NONE };
            assert_eq!(house.refusals(history, event), expected, "{history}\n{event}");
        }
    }
}

#[test]
fn p4_the_refusal_lists_what_is_missing() {
    let house = House::berlin();
    let detail = |history: &str| house.findings(history, ASK).remove(0).detail;
    let nothing = detail("2026-03-01T10:00 added");
    assert!(nothing.contains("information") && nothing.contains("two touches"), "{nothing}");
    let informed = detail("2026-03-01T10:00 information_sent");
    assert!(!informed.contains("information_sent") && informed.contains("two touches"), "{informed}");
    let familiar = detail("2026-03-01T10:00 replied");
    assert!(familiar.contains("information_sent") && !familiar.contains("two touches"), "{familiar}");
}

#[test]
fn p5_an_appointment_that_is_no_strategy_session_is_a_finding_and_never_a_refusal() {
    let house = House::berlin();
    let short = "2026-03-02T10:00 appointment_set starts_at=2026-03-12T14:00 minutes=30";
    assert_eq!(house.refusals(READY, short), NONE);
    let findings = house.findings(READY, short);
    assert_eq!(findings.iter().map(|found| found.rule.to_string()).collect::<Vec<_>>(), ["P5"]);
    let unknown = format!("{READY}\n2026-03-01T12:00 qualified knows_us=false ready=false");
    let detail = house.findings(&unknown, SET).remove(0).detail;
    assert!(detail.contains("know us") && detail.contains("ready"), "{detail}");
    assert!(house.findings(READY, SET).is_empty());
}

#[test]
fn p2_a_proposal_takes_a_held_appointment_unless_they_asked_for_it() {
    let house = House::berlin();
    let proposal = "2026-03-02T10:00 proposal_sent";
    for (history, refused) in [
        (READY, true),
        ("2026-03-01T10:00 asked_appointment", true),
        ("2026-03-01T10:00 ready_to_buy", true),
        (
            "2026-03-01T10:00 asked_appointment
             2026-03-01T11:00 appointment_set starts_at=2026-03-01T12:00 minutes=60",
            true,
        ),
        ("2026-03-01T10:00 appointment_held", false),
        ("2026-03-01T10:00 asked_proposal", false),
        ("2026-03-01T10:00 asked_proposal\n2026-03-01T11:00 replied", false),
        // Answered, the asking still stands in this round; the next one begins anew.
        ("2026-03-01T10:00 asked_proposal\n2026-03-01T11:00 proposal_sent", false),
        (
            "2026-03-01T10:00 asked_proposal
             2026-03-01T11:00 decided outcome=lost
             2026-03-01T12:00 reopened",
            true,
        ),
        (
            "2026-03-01T10:00 appointment_held
             2026-03-01T11:00 decided outcome=lost
             2026-03-01T12:00 reopened",
            true,
        ),
    ] {
        let expected: &[&str] = if refused { &["P2 skipped_stage"] } else { &NONE };
        assert_eq!(house.refusals(history, proposal), expected, "{history}");
    }
}

#[test]
fn p7_a_touch_with_the_purpose_propose_is_no_proposal() {
    let house = House::berlin();
    let touch = "2026-03-02T10:00 touched channel=email purpose=propose";
    let findings = house.findings("2026-03-01T10:00 asked_proposal", touch);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].is_refusal() && findings[0].detail.contains("proposal_sent"), "{}", findings[0]);
}

#[test]
fn p6_there_is_nothing_to_confirm_hold_or_miss_without_an_appointment() {
    let house = House::berlin();
    for event in ["appointment_confirmed", "appointment_held", "appointment_missed"] {
        let line = format!("2026-03-02T10:00 {event}");
        let set = "2026-03-01T11:00 appointment_set starts_at=2026-03-02T09:00 minutes=60";
        assert_eq!(house.refusals(READY, &line), ["P6 no_appointment"], "{event}");
        assert_eq!(house.refusals(&format!("{READY}\n{set}"), &line), NONE, "{event}");
        let held = format!("{READY}\n{set}\n2026-03-01T12:00 appointment_held");
        assert_eq!(house.refusals(&held, &line), ["P6 no_appointment"], "{event}");
    }
}

#[test]
fn s6_no_touch_on_a_channel_that_they_opted_out_of() {
    let house = House::berlin();
    for (opted_out, event, refused) in [
        ("opted_out", "touched channel=phone", true),
        ("opted_out", "touched channel=email automatic=true", true),
        ("opted_out", "information_sent channel=email", true),
        ("opted_out", "information_sent", true),
        ("opted_out channels=email", "touched channel=email", true),
        ("opted_out channels=email", "information_sent channel=email", true),
        ("opted_out channels=email", "touched channel=phone", false),
        ("opted_out channels=email", "information_sent channel=post", false),
        ("opted_out channels=phone,email", "touched channel=phone", true),
        ("opted_out", "noted text=nothing", false),
        ("opted_out", "temperature_set temperature=hot", false),
        ("opted_out", "stopped", false),
        ("opted_out", "auto_replied", false),
    ] {
        let history = format!("{READY}\n2026-03-01T12:00 {opted_out}");
        let expected: &[&str] = if refused { &["S6 opted_out"] } else { &NONE };
        let line = format!("2026-03-02T10:00 {event}");
        assert_eq!(house.refusals(&history, &line), expected, "{opted_out}, {event}");
        let opted_in = format!("{history}\n2026-03-01T13:00 opted_in");
        assert_eq!(house.refusals(&opted_in, &line), NONE, "{opted_out}, {event}");
    }
}

#[test]
fn s6_only_the_answer_to_a_newer_request_goes_out_and_only_on_the_channel_that_they_used() {
    let house = House::berlin();
    let touch = |channel: &str| format!("2026-03-02T12:00 touched channel={channel}");
    for opted_out in ["opted_out", "opted_out channels=email,post"] {
        let asked = format!("2026-03-01T10:00 {opted_out}\n2026-03-02T10:00 replied channel=email");
        assert_eq!(house.refusals(&asked, &touch("email")), NONE);
        assert_eq!(house.refusals(&asked, &touch("post")), ["S6 opted_out"]);
        // Answered, it is over.
        let answered = format!("{asked}\n2026-03-02T11:00 touched channel=email");
        assert_eq!(house.refusals(&answered, &touch("email")), ["S6 opted_out"]);
    }
    // A request from before the opting out is none, whatever the instant: the order of the fold counts.
    let both = |request: i32, opted_out: i32| {
        format!(
            "2026-03-01T10:00 replied channel=email seq={request}
             2026-03-01T10:00 opted_out channels=email seq={opted_out}"
        )
    };
    assert_eq!(house.refusals(&both(1, 2), &touch("email")), ["S6 opted_out"]);
    assert_eq!(house.refusals(&both(2, 1), &touch("email")), NONE);
}

#[test]
fn p9_there_is_no_second_decision_in_a_round_except_after_later() {
    let house = House::berlin();
    for (first, refused) in [("won", true), ("lost", true), ("later", false)] {
        for second in ["won", "lost", "later"] {
            let history = format!("{READY}\n2026-03-01T12:00 decided outcome={first}");
            let line = format!("2026-03-02T10:00 decided outcome={second}");
            let expected: &[&str] = if refused { &["P9 second_decision"] } else { &NONE };
            assert_eq!(house.refusals(&history, &line), expected, "{first}, {second}");
            let reopened = format!("{history}\n2026-03-01T13:00 reopened");
            assert_eq!(house.refusals(&reopened, &line), NONE, "{first}, {second}");
            let back = format!("{history}\n2026-03-01T13:00 replied");
            assert_eq!(house.refusals(&back, &line), NONE, "{first}, {second}");
        }
    }
}

#[test]
fn s3_nothing_of_ours_on_a_prospect_at_rest_but_reopening_notes_and_the_profile() {
    let house = House::berlin();
    for (end, rule) in
        [("stopped", "S3"), ("gave_up", "S2"), ("decided outcome=won", "P9"), ("decided outcome=lost", "P9")]
    {
        let history = format!("{READY}\n2026-03-01T12:00 {end}");
        for event in [
            "touched channel=phone",
            "touched channel=email automatic=true",
            "information_sent",
            "input_requested input=logo",
            "snoozed until=2026-03-12T10:00",
            "paused",
            "sent action=p/1",
            "send_intended action=p/1",
        ] {
            let line = format!("2026-03-02T10:00 {event}");
            assert_eq!(house.refusals(&history, &line), [format!("{rule} at_rest")], "{end}, {event}");
        }
        for event in [
            "reopened",
            "noted text=nothing",
            "temperature_set temperature=hot",
            "assigned owner=bo",
            "preferred channel=email",
            "qualified needs=roof",
            "valued amount=1 currency=EUR",
            "added",
        ] {
            assert_eq!(
                house.refusals(&history, &format!("2026-03-02T10:00 {event}")),
                NONE,
                "{end}, {event}"
            );
        }
    }
    // "Later" is no rest.
    let later = format!("{READY}\n2026-03-01T12:00 decided outcome=later");
    assert_eq!(house.refusals(&later, "2026-03-02T10:00 touched channel=phone"), NONE);
}

#[test]
fn t1_nothing_is_recorded_from_the_future() {
    let house = House::berlin();
    let event = house.event("2026-03-02T10:00 replied");
    let state = house.state(READY);
    let refused = |before: TimeDelta| state.check(&event, event.at() - before).len();
    assert_eq!((refused(TimeDelta::zero()), refused(TimeDelta::microseconds(1))), (0, 1));
    let finding = state.check(&event, event.at() - TimeDelta::days(1)).remove(0);
    assert_eq!((finding.rule.to_string().as_str(), finding.finding.as_str()), ("T1", "in_future"));
    assert!(finding.is_refusal());
}

#[test]
fn p3_requests_and_other_signs_are_never_refused() {
    let house = House::berlin();
    for history in [
        "2026-03-01T10:00 added",
        "2026-03-01T10:00 stopped",
        "2026-03-01T10:00 gave_up",
        "2026-03-01T10:00 opted_out",
        "2026-03-01T10:00 decided outcome=won",
        "2026-03-01T10:00 decided outcome=lost",
        "2026-03-01T10:00 decided outcome=later",
        "2026-03-01T10:00 paused",
    ] {
        for event in [
            "inquired",
            "replied",
            "asked_information",
            "asked_appointment",
            "asked_proposal",
            "ready_to_buy",
            "input_received input=logo",
            "auto_replied",
            "bounced",
            "opted_out",
            "opted_in",
        ] {
            assert_eq!(
                house.refusals(history, &format!("2026-03-02T10:00 {event}")),
                NONE,
                "{history}, {event}"
            );
        }
    }
}
