//! What is owed to whoever asked, and when? The worked examples of the planning text, and rows 0 to 4.

use crate::common::{House, utc};

#[test]
fn the_first_worked_example_answers_an_inquiry_by_monday_evening() {
    let plan = House::berlin().plan("2026-03-06T15:00 inquired");
    let next = plan.next().expect("an answer is owed");
    assert_eq!(next.purpose.as_str(), "discover");
    assert_eq!(next.window.earliest, utc("2026-03-06T14:00:00Z"));
    assert_eq!(next.window.latest, utc("2026-03-09T16:00:00Z"));
}

#[test]
fn the_second_worked_example_comes_back_in_a_week_on_the_new_clock() {
    let plan = House::berlin().plan(
        "2026-03-02T10:00 inquired
         2026-03-02T11:00 touched channel=phone
         2026-03-23T10:00 replied
         2026-03-23T11:00 touched channel=email",
    );
    let next = plan.next().expect("the cadence goes on");
    assert_eq!((plan.temperature.as_str(), next.purpose.as_str()), ("hot", "inform"));
    assert_eq!(next.window.earliest, utc("2026-03-30T07:00:00Z"));
    assert_eq!(next.window.latest, utc("2026-03-30T15:00:00Z"));
}

#[test]
fn the_third_worked_example_clamps_three_months_to_the_end_of_february() {
    let plan = House::berlin().plan(
        "2025-11-03T10:00 inquired
         2025-11-03T10:05 temperature_set temperature=cool
         2025-11-30T12:00 touched channel=email",
    );
    let next = plan.next().expect("the cadence goes on");
    assert_eq!(next.purpose.as_str(), "inform");
    assert_eq!(next.window.earliest, utc("2026-01-30T08:00:00Z"));
    assert_eq!(next.window.latest, utc("2026-02-27T16:00:00Z"));
}

#[test]
fn the_fourth_worked_example_counts_no_holiday_as_an_open_day() {
    let house = House::berlin().with("holidays = [2026-04-03, 2026-04-06]");
    let plan = house.plan("2026-04-02T16:30 inquired");
    let next = plan.next().expect("an answer is owed");
    assert_eq!(next.purpose.as_str(), "discover");
    assert_eq!(next.window.earliest, utc("2026-04-02T14:30:00Z"));
    assert_eq!(next.window.latest, utc("2026-04-07T15:00:00Z"));
}

#[test]
fn s6_the_fifth_worked_example_refuses_to_touch_who_opted_out() {
    let house = House::berlin();
    let history = "2026-03-02T10:00 inquired
                   2026-03-02T12:00 opted_out";
    assert_eq!(house.refusals(history, "2026-03-03T10:00 touched channel=phone"), ["S6 opted_out"]);
    assert_eq!(house.next(history), "rest: opted_out");
}

// Rows 0 to 2: automatic sending.

#[test]
fn row_0_a_send_in_flight_is_waited_for_a_quarter_of_an_hour_whatever_the_hour() {
    let house = House::berlin();
    let history = "2026-03-01T10:00 inquired
                   2026-03-07T23:50 send_intended action=p/1 channel=email";
    assert_eq!(house.next(history), "wait for outcome until 2026-03-08 00:05+01");
    assert_eq!(house.wake_up(history), "send_unknown 2026-03-08 00:05+01");
}

#[test]
fn row_0_comes_before_all_a_stop_included() {
    let history = "2026-03-02T10:00 send_intended action=p/1
                   2026-03-02T10:05 stopped";
    assert_eq!(House::berlin().next(history), "wait for outcome until 2026-03-02 10:15+01");
}

#[test]
fn row_1_an_unknown_send_is_resolved_by_the_close_of_the_next_open_day() {
    let house = House::berlin();
    for (unknown_at, expected) in [
        ("2026-03-05T16:50", "1 resolve_send: 2026-03-05 16:50+01 .. 2026-03-06 17:00+01"),
        ("2026-03-06T16:50", "1 resolve_send: 2026-03-06 16:50+01 .. 2026-03-09 17:00+01"),
        ("2026-03-07T12:00", "1 resolve_send: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
    ] {
        let history = format!(
            "2026-03-02T10:00 inquired
             2026-03-05T16:35 send_intended action=p/1
             {unknown_at} send_unknown action=p/1"
        );
        assert_eq!(house.all(&history), [expected], "{unknown_at}");
        assert_eq!(house.wake_up(&history), "none");
    }
}

#[test]
fn row_1_ends_when_somebody_says_what_became_of_the_send() {
    let house = House::berlin();
    let unknown = "2026-03-02T10:00 asked_information
                   2026-03-02T11:00 send_intended action=p/1 channel=email purpose=inform
                   2026-03-02T11:15 send_unknown action=p/1";
    let answer = "4 inform: 2026-03-02 10:00+01 .. 2026-03-03 17:00+01";
    let failed = format!("{unknown}\n2026-03-02T12:00 send_failed action=p/1");
    assert_eq!(house.next(&failed), answer);
    for purpose in ["", " purpose=inform"] {
        let sent = format!("{unknown}\n2026-03-02T12:00 sent action=p/1{purpose}");
        let asked = "13 ask_appointment: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01";
        assert_eq!(house.next(&sent), asked, "what went out is what was intended");
    }
    let by_hand = format!("{unknown}\n2026-03-02T12:00 touched channel=phone");
    assert_eq!(house.next(&by_hand), answer);
}

const WELCOME: &str = "
    [[steps.interest]]
    after = \"P3D\"
    within = \"P2D\"
    purpose = \"inform\"
    channel = \"email\"
    template = \"welcome\"
    automatic = true
    personal = false
";

#[test]
fn row_2_what_failed_for_good_is_done_by_hand_on_another_channel() {
    let house = House::berlin().with(WELCOME);
    let before = "2026-03-02T10:00 added";
    let planned = house.plan(before);
    let planned = planned.next().expect("the step");
    assert_eq!(house.next(before), "12 inform: 2026-03-05 09:00+01 .. 2026-03-06 17:00+01");
    assert_eq!((planned.automatic, planned.channel.map(|c| c.to_string())), (true, Some("email".into())));
    let intended = format!("{before}\n2026-03-05T09:00 send_intended action=p/1 channel=email");
    let failed = format!("{intended}\n2026-03-05T09:01 send_failed action=p/1 permanent=true");
    let plan = house.plan(&failed);
    let next = plan.next().expect("the same step");
    assert_eq!(house.next(&failed), house.next(before));
    assert_eq!(next.obligation, planned.obligation);
    assert_eq!((next.automatic, next.channel.map(|c| c.to_string())), (false, Some("phone".into())));
    // The channel of a request that failed is given up too.
    let reply = "2026-03-02T10:00 replied channel=email
                 2026-03-02T10:01 send_intended action=p/1 channel=email
                 2026-03-02T10:02 send_failed action=p/1 permanent=true";
    let answer = house.plan(reply).next().expect("the answer").clone();
    assert_eq!((answer.kind.row(), answer.channel.map(|c| c.to_string())), (4, Some("phone".into())));
    let for_now = format!("{intended}\n2026-03-05T09:01 send_failed action=p/1");
    assert_eq!(house.plan(&for_now).next(), Some(planned), "a failure for now is tried again");
}

// Row 3: the agreed step.

#[test]
fn row_3_an_agreed_step_lasts_from_its_instant_to_the_close_of_its_day() {
    let house = House::berlin();
    for (due_at, window) in [
        ("2026-03-12T14:00", "2026-03-12 14:00+01 .. 2026-03-12 17:00+01"),
        ("2026-03-12T09:00", "2026-03-12 09:00+01 .. 2026-03-12 17:00+01"),
        ("2026-03-12T16:59:59", "2026-03-12 16:59:59+01 .. 2026-03-12 17:00+01"),
        // A window excludes its end: at 17:00 it is closed, and the step has the rest of the day.
        ("2026-03-12T17:00", "2026-03-12 17:00+01 .. 2026-03-13 00:00+01"),
        ("2026-03-12T20:00", "2026-03-12 20:00+01 .. 2026-03-13 00:00+01"),
        ("2026-03-12T00:00", "2026-03-12 00:00+01 .. 2026-03-13 00:00+01"),
        ("2026-03-14T11:00", "2026-03-14 11:00+01 .. 2026-03-15 00:00+01"),
        // The day on which the clocks go forward ends after 23 hours, the one on which they go back after 25.
        ("2026-03-29T11:00", "2026-03-29 11:00+02 .. 2026-03-30 00:00+02"),
        ("2026-10-25T00:30", "2026-10-25 00:30+02 .. 2026-10-26 00:00+01"),
    ] {
        let history = format!("2026-03-02T10:00 next_step_agreed due_at={due_at}");
        assert_eq!(house.next(&history), format!("3 check_in: {window}"), "{due_at}");
    }
    let history = "2026-03-02T10:00 next_step_agreed due_at=2026-03-12T14:00 purpose=discuss";
    assert_eq!(house.next(history), "3 discuss: 2026-03-12 14:00+01 .. 2026-03-12 17:00+01");
}

#[test]
fn row_3_ends_with_a_contact_on_its_civil_day_or_after_it_and_with_none_before() {
    let house = House::berlin();
    for (contact, ends) in [
        ("2026-03-11T23:59:59 touched channel=phone", false),
        ("2026-03-12T00:00 touched channel=phone", true),
        ("2026-03-12T13:59 information_sent", true),
        ("2026-03-12T14:00 touched channel=phone", true),
        ("2026-03-20T10:00 touched channel=phone automatic=true", true),
        ("2026-03-12T10:00 input_received input=logo", true),
        ("2026-03-03T10:00 next_step_declined", true),
        ("2026-03-03T10:00 appointment_set starts_at=2026-03-20T10:00 minutes=30", true),
        // None of these is a contact.
        ("2026-03-12T14:00 auto_replied", false),
        ("2026-03-12T14:00 bounced", false),
        ("2026-03-12T14:00 opted_in", false),
        ("2026-03-12T14:00 opted_out channels=email", false),
        ("2026-03-12T14:00 noted text=nothing", false),
        ("2026-03-12T14:00 appointment_missed", false),
        ("2026-03-12T14:00 input_waived input=logo", false),
    ] {
        let history = format!("2026-03-02T10:00 next_step_agreed due_at=2026-03-12T14:00\n{contact}");
        let open = house.all(&history).iter().any(|line| line.starts_with("3 "));
        assert_eq!(open, !ends, "{contact}");
    }
}

#[test]
fn row_3_looks_only_at_contacts_after_the_agreement_in_the_order_of_the_fold() {
    let house = House::berlin();
    let agreed = "2026-03-02T10:00 next_step_agreed due_at=2026-03-02T15:00 key=m";
    let step = "3 check_in: 2026-03-02 15:00+01 .. 2026-03-02 17:00+01";
    assert_eq!(house.next(agreed), step);
    for (contact, ends) in [
        ("2026-03-02T09:00 touched channel=phone", false),
        ("2026-03-02T10:00 touched channel=phone key=a", false),
        ("2026-03-02T10:00 touched channel=phone key=z", true),
        ("2026-03-02T10:00 touched channel=phone key=z seq=-1", false),
        ("2026-03-02T10:00 touched channel=phone key=a seq=1", true),
        ("2026-03-02T11:00 touched channel=phone", true),
    ] {
        let next = house.next(&format!("{agreed}\n{contact}"));
        assert_eq!(next != step, ends, "{contact}: {next}");
    }
}

#[test]
fn row_3_reads_the_civil_day_in_the_zone_of_the_prospect() {
    // 02:00 UTC on the 12th is 22:00 on the 11th in New York.
    let house = House::berlin();
    let agreed = "2026-03-02T10:00:00Z added zone=America/New_York
                  2026-03-02T15:00:00Z next_step_agreed due_at=2026-03-12T02:00:00Z";
    let step = "3 check_in: 2026-03-12 03:00+01 .. 2026-03-12 05:00+01";
    assert_eq!(house.next(agreed), step);
    let the_day_before = format!("{agreed}\n2026-03-11T03:59:59Z touched channel=phone");
    assert_eq!(house.next(&the_day_before), step);
    let on_the_day = format!("{agreed}\n2026-03-11T04:00:00Z touched channel=phone");
    assert_ne!(house.next(&on_the_day), step);
}

#[test]
fn row_3_is_the_last_agreement_only() {
    let history = "2026-03-02T10:00 next_step_agreed due_at=2026-03-05T14:00
                   2026-03-03T10:00 next_step_agreed due_at=2026-03-12T14:00";
    assert_eq!(House::berlin().all(history), ["3 check_in: 2026-03-12 14:00+01 .. 2026-03-12 17:00+01"]);
}

// Row 4: the answer.

#[test]
fn c4_each_request_is_answered_with_its_own_purpose_by_the_close_of_the_next_open_day() {
    let house = House::berlin();
    for (request, purpose) in [
        ("inquired", "discover"),
        ("replied", "check_in"),
        ("asked_information", "inform"),
        ("asked_appointment", "ask_appointment"),
        ("asked_proposal", "propose"),
        ("ready_to_buy", "close"),
    ] {
        for (at, window) in [
            ("2026-03-03T10:00", "2026-03-03 10:00+01 .. 2026-03-04 17:00+01"),
            ("2026-03-03T07:00", "2026-03-03 09:00+01 .. 2026-03-04 17:00+01"),
            ("2026-03-06T17:00", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
            ("2026-03-07T12:00", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
            // The clocks go forward on Sunday the 29th and back on Sunday the 25th of October.
            ("2026-03-27T16:30", "2026-03-27 16:30+01 .. 2026-03-30 17:00+02"),
            ("2026-10-25T02:30", "2026-10-26 09:00+01 .. 2026-10-26 17:00+01"),
        ] {
            let history = format!("{at} {request}");
            assert_eq!(house.next(&history), format!("4 {purpose}: {window}"), "{history}");
        }
    }
}

#[test]
fn c4_the_answer_is_due_where_they_are() {
    for (zone, expected) in [
        // 22:00 UTC on Thursday the 5th.
        ("America/New_York", "4 discover: 2026-03-06 09:00-05 .. 2026-03-06 17:00-05"),
        ("America/Sao_Paulo", "4 discover: 2026-03-06 09:00-03 .. 2026-03-06 17:00-03"),
        ("Asia/Kolkata", "4 discover: 2026-03-06 09:00+05:30 .. 2026-03-09 17:00+05:30"),
        ("Australia/Lord_Howe", "4 discover: 2026-03-06 09:00+11 .. 2026-03-09 17:00+11"),
        ("Pacific/Apia", "4 discover: 2026-03-06 11:00+13 .. 2026-03-09 17:00+13"),
        ("America/Los_Angeles", "4 discover: 2026-03-05 14:00-08 .. 2026-03-06 17:00-08"),
    ] {
        assert_eq!(House::at(zone).next("2026-03-05T22:00:00Z inquired"), expected, "{zone}");
        // In New York the 5th is over at 5 p.m., which is 22:00 UTC: the next open day is the 6th.
    }
}

#[test]
fn c4_the_request_that_is_furthest_in_stage_says_what_the_answer_is_for() {
    let house = House::berlin();
    let history = "2026-03-03T10:00 asked_information
                   2026-03-03T11:00 asked_proposal
                   2026-03-03T12:00 replied";
    assert_eq!(house.all(history), ["4 propose: 2026-03-03 10:00+01 .. 2026-03-04 17:00+01"]);
}

#[test]
fn c4_of_requests_of_one_stage_the_newest_says_what_the_answer_is_for() {
    let house = House::berlin();
    let window = "2026-03-03 10:00+01 .. 2026-03-04 17:00+01";
    for (history, purpose) in [
        ("2026-03-03T10:00 inquired\n2026-03-03T11:00 replied", "check_in"),
        ("2026-03-03T10:00 replied\n2026-03-03T11:00 inquired", "discover"),
        // Asked again, the first date stands and it counts as the newest.
        ("2026-03-03T10:00 inquired\n2026-03-03T11:00 replied\n2026-03-05T12:00 inquired", "discover"),
        // At the same instant `seq` decides, then the key.
        ("2026-03-03T10:00 inquired seq=2\n2026-03-03T10:00 replied seq=1", "discover"),
        ("2026-03-03T10:00 inquired key=a\n2026-03-03T10:00 replied key=b", "check_in"),
        ("2026-03-03T10:00 inquired key=b\n2026-03-03T10:00 replied key=a", "discover"),
    ] {
        assert_eq!(house.next(history), format!("4 {purpose}: {window}"), "{history}");
    }
}

/// Whether a request is still owed an answer after one event more.
fn is_owed(request: &str, event: &str) -> bool {
    let history = format!("2026-03-03T10:00 {request}\n2026-03-03T12:00 {event}");
    House::berlin().all(&history).iter().any(|line| line.starts_with("4 "))
}

#[test]
fn c4_information_is_owed_until_we_inform() {
    for (event, owed) in [
        ("information_sent", false),
        ("touched channel=email purpose=inform", false),
        ("touched channel=email purpose=inform automatic=true", false),
        ("sent action=p/1 purpose=inform", false),
        ("touched channel=phone", true),
        ("touched channel=phone reached=true", true),
        ("touched channel=phone purpose=check_in", true),
        ("proposal_sent", true),
        ("input_requested input=logo", true),
        ("proposal_discussed", true),
        ("appointment_held", true),
        ("next_step_declined", true),
    ] {
        assert_eq!(is_owed("asked_information", event), owed, "{event}");
    }
}

#[test]
fn c4_a_proposal_is_owed_until_it_is_sent() {
    for (event, owed) in [
        ("proposal_sent", false),
        ("touched channel=email purpose=propose", true),
        ("information_sent", true),
        ("touched channel=phone reached=true", true),
        ("proposal_discussed", true),
    ] {
        assert_eq!(is_owed("asked_proposal", event), owed, "{event}");
    }
}

#[test]
fn c4_the_others_are_owed_until_we_touch_them_by_hand() {
    for request in ["inquired", "replied", "asked_appointment", "ready_to_buy"] {
        for (event, owed) in [
            ("touched channel=phone", false),
            ("touched channel=phone reached=true", false),
            ("touched channel=email personal=false", false),
            ("information_sent", false),
            ("proposal_sent", false),
            ("input_requested input=logo", false),
            ("proposal_discussed", false),
            ("appointment_held", false),
            ("next_step_declined", false),
            ("touched channel=email automatic=true", true),
            ("touched channel=email automatic=true purpose=inform", true),
            ("auto_replied", true),
            ("bounced", true),
            ("noted text=call", true),
            ("snoozed until=2026-03-20T10:00", true),
            ("paused", true),
            ("away who=owner until=2026-03-20T10:00", true),
            ("appointment_confirmed", true),
            ("input_received input=logo", true),
        ] {
            assert_eq!(is_owed(request, event), owed, "{request}, {event}");
        }
    }
}

#[test]
fn c4_the_automatic_message_that_was_made_for_a_request_answers_it_and_no_other_does() {
    let house = House::berlin();
    let made_for_it = "2026-03-03T10:00 replied
                       2026-03-03T10:01 send_intended action=p/2 channel=email purpose=check_in
                       2026-03-03T10:02 sent action=p/2";
    assert_eq!(house.next(made_for_it), "13 inform: 2026-03-10 09:00+01 .. 2026-03-10 17:00+01");
    let made_before = "2026-03-03T10:00 send_intended action=p/1 channel=email purpose=check_in
                       2026-03-03T10:01 replied
                       2026-03-03T10:02 sent action=p/1";
    assert_eq!(house.next(made_before), "4 check_in: 2026-03-03 10:01+01 .. 2026-03-04 17:00+01");
}

#[test]
fn c4_an_acknowledgement_is_no_touch_and_the_answer_follows() {
    let house = House::berlin();
    let history = "2026-03-07T10:00 inquired
                   2026-03-07T10:01 send_intended action=p/1 channel=email purpose=acknowledge
                   2026-03-07T10:02 sent action=p/1";
    assert_eq!(house.next(history), "4 discover: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01");
    assert_eq!(house.state(history).touch_count(), 0);
}

#[test]
fn c4_what_ends_or_replaces_a_request_ends_every_request() {
    for request in
        ["inquired", "replied", "asked_information", "asked_appointment", "asked_proposal", "ready_to_buy"]
    {
        for event in [
            "next_step_agreed due_at=2026-03-12T14:00",
            "appointment_set starts_at=2026-03-12T14:00 minutes=60",
            "decided outcome=won",
            "decided outcome=later",
            "stopped",
            "gave_up",
            "went_stale",
            "opted_out",
            "opted_out channels=phone,email,post,social,text,visit,web",
        ] {
            assert!(!is_owed(request, event), "{request}, {event}");
        }
        assert!(is_owed(request, "opted_out channels=email"), "{request}");
    }
}

#[test]
fn an_alternative_is_what_else_is_owed_and_what_we_would_start() {
    let house = House::berlin();
    let alternatives = |history: &str| {
        let plan = house.plan(history);
        plan.alternatives.iter().map(|other| other.kind.as_str()).collect::<Vec<_>>()
    };
    let asked = "2026-03-02T10:00 asked_information channel=email";
    assert_eq!(alternatives(asked), ["cadence"]);
    assert_eq!(
        alternatives(&format!("{asked}\n2026-03-02T11:00 input_requested input=logo")),
        ["chase", "cadence"]
    );
    assert_eq!(
        alternatives("2026-03-02T10:00 decided outcome=later"),
        Vec::<&str>::new(),
        "there is one thing to do"
    );
    let stakeholder = "2026-03-02T10:00 added kind=stakeholder\n2026-03-02T11:00 input_requested input=logo";
    assert_eq!(alternatives(stakeholder), Vec::<&str>::new(), "a stakeholder is not pursued");
}

#[test]
fn what_a_rule_says_of_a_channel_names_both_channels() {
    let house = House::berlin();
    let plan = house.plan("2026-03-02T10:00 added\n2026-03-02T11:00 preferred channel=post");
    let because = plan.because.iter().find(|because| because.what.as_str() == "channel");
    let because = because.expect("their wish decided");
    let said = [because.rule.to_string(), because.from.to_string(), because.to.to_string()];
    assert_eq!(said, ["C11", "phone", "post"]);
}

#[test]
fn a_request_is_owed_until_it_is_answered_and_no_other_is() {
    use followup_core::event::Request;
    let state = House::berlin().state("2026-03-02T10:00 asked_information channel=email");
    let owed: Vec<_> = Request::ALL.iter().filter(|request| state.owes(**request)).collect();
    assert_eq!(owed, [&Request::AskedInformation]);
}
