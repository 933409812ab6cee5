//! What do we start, and when does it stop? Rows 10 to 15, rest, pauses, opting out and stakeholders.

mod common;

use common::House;

/// They asked for a proposal on Monday the 2nd at 10:00 and had it at 11:00.
const PROPOSED: &str = "2026-03-02T10:00 asked_proposal
                        2026-03-02T11:00 proposal_sent";

/// Touches by phone at these instants.
fn touched(instants: &[&str]) -> String {
    instants.iter().map(|at| format!("\n{at} touched channel=phone")).collect()
}

// Row 10: the last message.

#[test]
fn s2_the_last_message_comes_after_three_unanswered_touches_and_two_weeks_of_silence() {
    let house = House::berlin();
    for (touches, next) in [
        // Two unanswered touches are too few: the discussion and the cadence go on.
        (&["2026-03-09T10:00"][..], "13 discuss: 2026-03-16 09:00+01 .. 2026-03-16 17:00+01"),
        // Last touch + 2 days is Wednesday the 18th, silence + 14 days Monday the 16th.
        (
            &["2026-03-09T10:00", "2026-03-16T10:00"],
            "10 last_message: 2026-03-18 09:00+01 .. 2026-03-25 17:00+01",
        ),
        // Last touch + 2 days is Friday the 6th.
        (
            &["2026-03-03T10:00", "2026-03-04T10:00"],
            "10 last_message: 2026-03-16 09:00+01 .. 2026-03-23 17:00+01",
        ),
        // Last touch + 2 days is Saturday the 21st: from Monday on, and until Saturday a week later, less hours.
        (
            &["2026-03-10T10:00", "2026-03-19T10:00"],
            "10 last_message: 2026-03-23 09:00+01 .. 2026-03-27 17:00+01",
        ),
    ] {
        assert_eq!(house.next(&format!("{PROPOSED}{}", touched(touches))), next, "{touches:?}");
    }
}

#[test]
fn s2_a_meeting_held_counts_like_a_proposal_and_without_either_it_does_not_come() {
    let house = House::berlin();
    let touches = touched(&["2026-03-04T10:00", "2026-03-06T10:00", "2026-03-09T10:00"]);
    // The proposal after the meeting is owed, and so comes first: here it was sent in the round before.
    let met = "2026-03-02T10:00 appointment_held
               2026-03-02T11:00 decided outcome=lost";
    assert_eq!(house.next(met), "rest: lost");
    let asked = format!("2026-03-02T10:00 asked_appointment{touches}");
    assert!(house.next(&asked).starts_with("13 "), "{}", house.next(&asked));
    // Silence starts at the first touch, if there was no sign: 4 March + 14 days; the last touch + 2 days is the 11th.
    let unasked = format!(
        "2026-03-02T10:00 added\n2026-03-04T10:00 proposal_sent{}",
        touched(&["2026-03-06T10:00", "2026-03-09T10:00"])
    );
    assert_eq!(house.next(&unasked), "10 last_message: 2026-03-18 09:00+01 .. 2026-03-25 17:00+01");
    let held = format!(
        "2026-03-02T09:00 proposal_sent
         2026-03-02T10:00 appointment_held
         2026-03-02T11:00 proposal_sent{}",
        touched(&["2026-03-09T10:00", "2026-03-16T10:00"])
    );
    assert_eq!(house.next(&held), "10 last_message: 2026-03-18 09:00+01 .. 2026-03-25 17:00+01");
}

/// Eight Mondays at 10:00, the last of them 23 February.
const MONDAYS: [&str; 8] = [
    "2026-01-05T10:00",
    "2026-01-12T10:00",
    "2026-01-19T10:00",
    "2026-01-26T10:00",
    "2026-02-02T10:00",
    "2026-02-09T10:00",
    "2026-02-16T10:00",
    "2026-02-23T10:00",
];

#[test]
fn s1_eight_personal_touches_bring_the_last_message_to_a_medium_or_unknown_value() {
    let house = House::berlin();
    let seven = touched(&MONDAYS[..7]);
    // Silence has cooled warm by two: 16 February + 2 to 3 months.
    assert_eq!(house.next(&seven), "13 inform: 2026-04-16 09:00+02 .. 2026-05-15 17:00+02");
    let eight = touched(&MONDAYS);
    assert_eq!(house.next(&eight), "10 last_message: 2026-04-23 09:00+02 .. 2026-04-30 17:00+02");
    // Generic ones and automatic ones do not count, and any sign starts the count anew.
    for other in [
        "2026-02-23T10:00 touched channel=email personal=false",
        "2026-02-23T10:00 touched channel=email automatic=true",
    ] {
        assert!(house.next(&format!("{seven}\n{other}")).starts_with("13 "), "{other}");
    }
    let answered = format!("{seven}\n2026-02-20T10:00 replied\n2026-02-23T10:00 touched channel=phone");
    assert_eq!(house.next(&answered), "13 inform: 2026-03-02 09:00+01 .. 2026-03-02 17:00+01");
    // A personal automatic touch is a contradiction that the event may state.
    let stated = format!("{seven}\n2026-02-23T10:00 touched channel=email automatic=true personal=true");
    assert!(house.next(&stated).starts_with("10 "), "{}", house.next(&stated));
}

const VALUES: &str = "[values]\nsmall_below = [\"1000EUR\"]\nlarge_from = [\"10000EUR\"]\n";

#[test]
fn s1_three_personal_touches_bring_it_to_a_small_value() {
    let house = House::berlin().with(VALUES);
    let touches = touched(&["2026-02-02T10:00", "2026-02-09T10:00", "2026-02-16T10:00"]);
    let warm_or_cool =
        |amount: &str| format!("2026-02-02T09:00 valued amount={amount} currency=EUR{touches}");
    // Three unanswered touches have cooled warm to cool: 2 months.
    assert_eq!(
        house.next(&warm_or_cool("999.99")),
        "10 last_message: 2026-04-16 09:00+02 .. 2026-04-23 17:00+02"
    );
    assert!(house.next(&warm_or_cool("1000")).starts_with("13 "));
    // A hot one has cooled to warm: 14 days.
    let hot = format!("2026-02-02T08:00 valued amount=500 currency=EUR\n2026-02-02T09:00 inquired{touches}");
    assert_eq!(house.next(&hot), "10 last_message: 2026-03-02 09:00+01 .. 2026-03-09 17:00+01");
}

#[test]
fn s1_and_s2_together_take_the_earlier_date() {
    let house = House::berlin().with(VALUES);
    // S1: 16 March + 14 days is the 30th; S2: the 18th.
    let s2 = format!(
        "2026-03-02T09:00 valued amount=500 currency=EUR\n{PROPOSED}{}",
        touched(&["2026-03-09T10:00", "2026-03-16T10:00"])
    );
    assert_eq!(house.next(&s2), "10 last_message: 2026-03-18 09:00+01 .. 2026-03-25 17:00+01");
    // S1: held hot, 4 March + 7 days is the 11th; S2: the 16th.
    let s1 = format!(
        "2026-03-02T09:00 valued amount=500 currency=EUR\n{PROPOSED}{}
         2026-03-04T11:00 temperature_set temperature=hot",
        touched(&["2026-03-03T10:00", "2026-03-04T10:00"])
    );
    assert_eq!(house.next(&s1), "10 last_message: 2026-03-11 09:00+01 .. 2026-03-18 17:00+01");
}

#[test]
fn c12_the_last_message_waits_for_the_day_after_their_decision() {
    let history = format!(
        "2026-03-02T09:00 qualified decides_on=2026-03-31\n{PROPOSED}{}",
        touched(&["2026-03-09T10:00", "2026-03-16T10:00"])
    );
    assert_eq!(House::berlin().next(&history), "10 last_message: 2026-04-01 09:00+02 .. 2026-04-08 17:00+02");
    let before = history.replace("2026-03-31", "2026-03-17");
    assert_eq!(House::berlin().next(&before), "10 last_message: 2026-03-18 09:00+01 .. 2026-03-25 17:00+01");
}

#[test]
fn s2_after_the_last_message_fourteen_days_are_waited_exactly() {
    let house = House::berlin();
    let silent = format!("{PROPOSED}{}", touched(&["2026-03-09T10:00", "2026-03-16T10:00"]));
    // 14 times 24 hours; the clocks go forward in between.
    let said = format!("{silent}\n2026-03-18T10:00 touched channel=email purpose=last_message");
    assert_eq!(house.next(&said), "wait for last_answer until 2026-04-01 11:00+02");
    assert_eq!(house.wake_up(&said), "gave_up 2026-04-01 11:00+02");
    // Any sign of theirs ends the waiting.
    let answered = format!("{said}\n2026-03-20T10:00 replied");
    assert_eq!(house.next(&answered), "4 check_in: 2026-03-20 10:00+01 .. 2026-03-23 17:00+01");
    // And what is owed goes before it.
    let owed = format!("{said}\n2026-03-19T10:00 input_requested input=logo");
    assert!(house.next(&owed).starts_with("9 "), "{}", house.next(&owed));
}

#[test]
fn s1_a_large_value_is_never_given_up_by_itself_and_the_owner_is_asked() {
    let house = House::berlin().with(VALUES);
    let large = format!("2026-01-02T10:00 valued amount=10000 currency=EUR{}", touched(&MONDAYS));
    assert_eq!(house.next(&large), "13 check_in: 2026-04-23 09:00+02 .. 2026-05-22 17:00+02");
    assert!(house.plan(&large).needs.contains(&"decide whether to go on"));
    let proposed = format!(
        "2026-03-02T09:00 valued amount=20000 currency=EUR\n{PROPOSED}{}",
        touched(&["2026-03-09T10:00", "2026-03-16T10:00"])
    );
    // Cool's 2 to 3 months from the last contact, however hot they are: 16 June is a Tuesday.
    assert_eq!(house.next(&proposed), "13 check_in: 2026-05-18 09:00+02 .. 2026-06-16 17:00+02");
    assert!(house.plan(&proposed).needs.contains(&"decide whether to go on"));
    let two = format!(
        "2026-03-02T09:00 valued amount=20000 currency=EUR\n{PROPOSED}{}",
        touched(&["2026-03-09T10:00"])
    );
    assert!(!house.plan(&two).needs.contains(&"decide whether to go on"));
}

#[test]
fn s1_with_nurture_the_cadence_goes_on_generic_by_value_at_the_pace_of_cool() {
    let house = House::berlin().with("nurture = true");
    let eight = touched(&MONDAYS);
    assert_eq!(house.next(&eight), "13 inform: 2026-04-23 09:00+02 .. 2026-05-22 17:00+02");
    let plan = house.plan(&eight);
    assert!(!plan.next().expect("the cadence goes on").personal);
    let informed = format!("2026-01-02T10:00 information_sent{}", touched(&MONDAYS[..7]));
    assert_eq!(house.next(&informed), "13 check_in: 2026-04-16 09:00+02 .. 2026-05-15 17:00+02");
    // S2 goes on to stop.
    let silent = format!("{PROPOSED}{}", touched(&["2026-03-09T10:00", "2026-03-16T10:00"]));
    assert!(house.next(&silent).starts_with("10 "));
}

// Row 11: the discussion. Row 12: the playbook's steps.

#[test]
fn p7_a_proposal_is_discussed_after_three_to_five_days_without_a_contact() {
    let house = House::berlin();
    for (sent_at, window) in [
        ("2026-03-02T11:00", "2026-03-05 09:00+01 .. 2026-03-06 17:00+01"),
        // Three days after Thursday is Sunday, five days after it Tuesday.
        ("2026-03-05T11:00", "2026-03-09 09:00+01 .. 2026-03-10 17:00+01"),
        ("2026-03-06T11:00", "2026-03-09 09:00+01 .. 2026-03-11 17:00+01"),
        ("2026-03-26T23:30", "2026-03-30 09:00+02 .. 2026-03-31 17:00+02"),
    ] {
        let history = format!("2026-03-01T10:00 asked_proposal\n{sent_at} proposal_sent");
        assert_eq!(house.next(&history), format!("11 discuss: {window}"), "{sent_at}");
    }
    for contact in ["touched channel=phone", "proposal_discussed", "input_received input=logo"] {
        let history = format!("{PROPOSED}\n2026-03-02T12:00 {contact}");
        assert!(house.next(&history).starts_with("13 discuss"), "{contact}: {}", house.next(&history));
    }
    let noted = format!("{PROPOSED}\n2026-03-02T12:00 noted text=nothing\n2026-03-02T12:00 auto_replied");
    assert!(house.next(&noted).starts_with("11 "), "{}", house.next(&noted));
}

const STEPS: &str = "
    [[steps.interest]]
    after = \"P3D\"
    within = \"P2D\"
    purpose = \"inform\"
    channel = \"post\"

    [[steps.interest]]
    after = \"2 open days\"
    within = \"1 open day\"
    purpose = \"ask_appointment\"

    [[steps.information]]
    after = \"P1M\"
    within = \"P1W\"
    purpose = \"check_in\"
";

#[test]
fn c7_the_steps_of_a_stage_are_taken_in_turn_and_then_the_cadence_goes_on() {
    let house = House::berlin().with(STEPS);
    let added = "2026-03-02T10:00 added";
    assert_eq!(house.next(added), "12 inform: 2026-03-05 09:00+01 .. 2026-03-06 17:00+01");
    // Two open days after Thursday the 5th are Monday the 9th.
    let one = format!("{added}{}", touched(&["2026-03-05T10:00"]));
    assert_eq!(house.next(&one), "12 ask_appointment: 2026-03-09 09:00+01 .. 2026-03-10 17:00+01");
    let two = format!("{one}{}", touched(&["2026-03-09T10:00"]));
    assert_eq!(house.next(&two), "13 inform: 2026-03-23 09:00+01 .. 2026-04-06 17:00+02");
    // The touch that leads to another stage is none of that stage: its first step is next.
    let informed = format!("{one}\n2026-03-09T10:00 information_sent");
    assert_eq!(house.next(&informed), "12 check_in: 2026-04-09 09:00+02 .. 2026-04-16 17:00+02");
    let stepped = format!("{informed}{}", touched(&["2026-04-09T10:00"]));
    assert!(house.next(&stepped).starts_with("13 "), "{}", house.next(&stepped));
    // A new round begins with the first step again.
    let again = format!("{two}\n2026-03-10T10:00 reopened");
    assert_eq!(house.next(&again), "12 inform: 2026-03-13 09:00+01 .. 2026-03-13 17:00+01");
}

#[test]
fn what_is_owed_goes_before_the_playbooks_step_and_the_discussion_too() {
    let house = House::berlin().with("[[steps.proposal]]\nafter = \"P1D\"\nwithin = \"P1D\"\n");
    assert!(house.next("2026-03-02T10:00 asked_proposal").starts_with("4 "));
    assert!(house.next(PROPOSED).starts_with("11 "));
    let discussed = format!("{PROPOSED}\n2026-03-05T12:00 proposal_discussed");
    assert!(house.next(&discussed).starts_with("13 "), "the discussion was the first touch at this stage");
}

// Row 13: the cadence.

#[test]
fn c2_the_first_contact_counts_from_added_whatever_else_happened() {
    let house = House::berlin();
    for (history, next) in [
        ("2026-03-05T15:00 added", "13 inform: 2026-03-05 15:00+01 .. 2026-03-06 17:00+01"),
        ("2026-03-06T15:00 added", "13 inform: 2026-03-06 15:00+01 .. 2026-03-09 17:00+01"),
        ("2026-03-08T15:00 added", "13 inform: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
        (
            "2026-03-02T12:00 noted text=met
             2026-03-06T15:00 added
             2026-03-20T10:00 temperature_set temperature=cool
             2026-03-20T10:00 qualified decides_on=2026-08-01
             2026-03-23T10:00 reopened",
            "13 inform: 2026-03-06 15:00+01 .. 2026-03-09 17:00+01",
        ),
    ] {
        assert_eq!(house.next(history), next, "{history}");
    }
}

#[test]
fn c8_after_one_touch_and_never_a_sign_the_second_follows_in_seven_to_ten_days() {
    let house = House::berlin();
    let second = "13 inform: 2026-03-09 09:00+01 .. 2026-03-12 17:00+01";
    let one = "2026-03-01T10:00 added\n2026-03-02T10:00 touched channel=phone";
    assert_eq!(house.next(one), second);
    for temperature in ["hot", "warm", "cool"] {
        let set = format!("{one}\n2026-03-02T11:00 temperature_set temperature={temperature}");
        assert_eq!(house.next(&set), second, "{temperature}");
    }
    let two = format!("{one}\n2026-03-03T10:00 touched channel=phone");
    assert_eq!(house.next(&two), "13 inform: 2026-03-17 09:00+01 .. 2026-03-31 17:00+02");
    let reached = "2026-03-01T10:00 added\n2026-03-02T10:00 touched channel=phone reached=true";
    assert_eq!(house.next(reached), "13 inform: 2026-03-16 09:00+01 .. 2026-03-30 17:00+02");
}

#[test]
fn c1_the_temperature_sets_the_interval_from_the_last_contact() {
    let house = House::berlin();
    let history = |at: &str, temperature: &str| {
        format!(
            "2025-01-02T10:00 replied\n{at} touched channel=phone\n{at} temperature_set temperature={temperature}"
        )
    };
    for (at, temperature, window) in [
        ("2026-03-02T10:00", "hot", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
        ("2026-03-02T10:00", "warm", "2026-03-16 09:00+01 .. 2026-03-30 17:00+02"),
        // Two months later is Saturday the 2nd of May, three Tuesday the 2nd of June.
        ("2026-03-02T10:00", "cool", "2026-05-04 09:00+02 .. 2026-06-02 17:00+02"),
        // A week after Saturday is Saturday: from Monday on; late from then too, since the hours win.
        ("2026-03-07T10:00", "hot", "2026-03-16 09:00+01 .. 2026-03-16 17:00+01"),
        // Month ends clamp: 28 February, a Saturday, and 31 March.
        ("2025-12-31T10:00", "cool", "2026-03-02 09:00+01 .. 2026-03-31 17:00+02"),
        ("2027-11-30T10:00", "cool", "2028-01-31 09:00+01 .. 2028-02-29 17:00+01"),
        ("2026-08-31T10:00", "cool", "2026-11-02 09:00+01 .. 2026-11-30 17:00+01"),
        // A quarter to midnight in Berlin is still that day.
        ("2026-03-02T23:45", "hot", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
    ] {
        assert_eq!(
            house.next(&history(at, temperature)),
            format!("13 inform: {window}"),
            "{at} {temperature}"
        );
    }
}

#[test]
fn c1_days_are_civil_days_where_they_are_whatever_the_clocks_do() {
    let history = "2026-03-02T18:00:00Z replied\n2026-03-02T18:30:00Z touched channel=phone";
    for (zone, next) in [
        // On the 8th of March New York is an hour nearer to UTC than on the 2nd.
        ("America/New_York", "13 inform: 2026-03-09 09:00-04 .. 2026-03-09 17:00-04"),
        ("America/Sao_Paulo", "13 inform: 2026-03-09 09:00-03 .. 2026-03-09 17:00-03"),
        ("Asia/Kolkata", "13 inform: 2026-03-10 09:00+05:30 .. 2026-03-10 17:00+05:30"),
        ("Pacific/Apia", "13 inform: 2026-03-10 09:00+13 .. 2026-03-10 17:00+13"),
        ("Pacific/Pago_Pago", "13 inform: 2026-03-09 09:00-11 .. 2026-03-09 17:00-11"),
    ] {
        assert_eq!(House::at(zone).next(history), next, "{zone}");
    }
    // Lord Howe's clocks move by half an hour, on the 5th of April.
    let autumn = "2026-04-02T00:00:00Z replied\n2026-04-02T00:30:00Z touched channel=phone";
    assert_eq!(
        House::at("Australia/Lord_Howe").next(autumn),
        "13 inform: 2026-04-09 09:00+10:30 .. 2026-04-09 17:00+10:30"
    );
}

#[test]
fn the_cadence_counts_from_going_stale_resuming_or_reopening_if_that_is_later() {
    let house = House::berlin();
    let hot = "2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=phone";
    let monday = "13 inform: 2026-03-23 09:00+01 .. 2026-03-23 17:00+01";
    for event in ["went_stale", "resumed", "reopened"] {
        assert_eq!(house.next(&format!("{hot}\n2026-03-16T10:00 {event}")), monday, "{event}");
        let before = format!("2026-02-27T10:00 {event}\n{hot}");
        assert_eq!(house.next(&before), "13 inform: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01", "{event}");
    }
    // A sign is a contact too, and the last one counts.
    let sign = format!("{hot}\n2026-03-16T10:00 input_received input=logo");
    assert_eq!(house.next(&sign), monday);
}

#[test]
fn c12_a_stated_decision_date_anchors_the_cadence() {
    let house = House::berlin();
    let hot = "2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=phone";
    for (decides_on, window) in [
        // a is the 13th, more than 7 days after base: warm's 14 to 28, but from a on and before the decision.
        ("2026-03-20", "2026-03-13 09:00+01 .. 2026-03-19 17:00+01"),
        // a is exactly 7 days after base: hot's 7.
        ("2026-03-16", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
        ("2026-03-17", "2026-03-10 09:00+01 .. 2026-03-16 17:00+01"),
        // Far away: warm's 14 to 28.
        ("2026-09-01", "2026-03-16 09:00+01 .. 2026-03-30 17:00+02"),
        // Near: from 2 days after base on, at most the day before.
        ("2026-03-06", "2026-03-04 09:00+01 .. 2026-03-05 17:00+01"),
        ("2026-03-05", "2026-03-04 09:00+01 .. 2026-03-04 17:00+01"),
        // Not before from.
        ("2026-03-03", "2026-03-04 09:00+01 .. 2026-03-04 17:00+01"),
        // Not after base: it is not looked at.
        ("2026-03-02", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
        ("2026-02-20", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
    ] {
        let history = format!("{hot}\n2026-03-02T12:00 qualified decides_on={decides_on}");
        assert_eq!(house.next(&history), format!("13 inform: {window}"), "{decides_on}");
    }
}

#[test]
fn c12_holds_for_warm_and_cool_and_for_the_second_contact_too() {
    let house = House::berlin();
    for (temperature, decides_on, window) in [
        // a is 16 April: later than warm's 14 days, so that from stays.
        ("warm", "2026-04-23", "2026-03-16 09:00+01 .. 2026-03-30 17:00+02"),
        ("warm", "2026-03-18", "2026-03-11 09:00+01 .. 2026-03-17 17:00+01"),
        ("cool", "2026-04-23", "2026-04-16 09:00+02 .. 2026-04-22 17:00+02"),
        ("cool", "2026-05-20", "2026-05-04 09:00+02 .. 2026-05-19 17:00+02"),
    ] {
        let history = format!(
            "2026-03-01T10:00 replied
             2026-03-02T10:00 touched channel=phone
             2026-03-02T11:00 temperature_set temperature={temperature}
             2026-03-02T12:00 qualified decides_on={decides_on}"
        );
        assert_eq!(house.next(&history), format!("13 inform: {window}"), "{temperature} {decides_on}");
    }
    for (temperature, decides_on, window) in [
        ("warm", "2026-09-01", "2026-03-09 09:00+01 .. 2026-03-12 17:00+01"),
        ("warm", "2026-03-12", "2026-03-05 09:00+01 .. 2026-03-11 17:00+01"),
        // Hot, and far: warm's in place of 7 to 10.
        ("hot", "2026-09-01", "2026-03-16 09:00+01 .. 2026-03-30 17:00+02"),
        ("hot", "2026-03-12", "2026-03-05 09:00+01 .. 2026-03-11 17:00+01"),
    ] {
        let history = format!(
            "2026-03-01T10:00 added
             2026-03-02T10:00 touched channel=phone
             2026-03-02T11:00 temperature_set temperature={temperature}
             2026-03-02T12:00 qualified decides_on={decides_on}"
        );
        assert_eq!(
            house.next(&history),
            format!("13 inform: {window}"),
            "second, {temperature} {decides_on}"
        );
    }
}

/// The purpose of the cadence's touch.
fn purpose(house: &House, history: &str) -> String {
    let next = house.next(history);
    let purpose = next.strip_prefix("13 ").and_then(|rest| rest.split(':').next());
    purpose.unwrap_or_else(|| panic!("{history}: {next}")).to_owned()
}

#[test]
fn p1_the_purpose_of_the_cadence_moves_them_to_the_next_stage() {
    let house = House::berlin();
    for (history, expected) in [
        ("2026-03-02T10:00 added", "inform"),
        ("2026-03-02T10:00 touched channel=phone", "inform"),
        ("2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=phone", "inform"),
        // Informed, and a sign or two touches: ready.
        ("2026-03-02T10:00 replied\n2026-03-02T11:00 information_sent", "ask_appointment"),
        ("2026-03-02T10:00 information_sent\n2026-03-02T11:00 touched channel=phone", "ask_appointment"),
        // Informed, and not ready yet.
        ("2026-03-02T10:00 information_sent", "check_in"),
        ("2026-03-02T10:00 asked_appointment\n2026-03-02T11:00 touched channel=phone", "ask_appointment"),
        (
            "2026-03-02T10:00 appointment_set starts_at=2026-03-02T11:00 minutes=5\n2026-03-02T12:00 touched channel=phone",
            "ask_appointment",
        ),
        (
            "2026-03-02T10:00 asked_proposal\n2026-03-02T11:00 proposal_sent\n2026-03-02T12:00 touched channel=phone",
            "discuss",
        ),
        ("2026-03-02T10:00 ready_to_buy\n2026-03-02T11:00 touched channel=phone", "close"),
        (
            "2026-03-02T10:00 ready_to_buy\n2026-03-02T11:00 proposal_sent\n2026-03-02T12:00 touched channel=phone",
            "close",
        ),
    ] {
        assert_eq!(purpose(&house, history), expected, "{history}");
    }
    // At the stage of the proposal while none is sent: it was asked for, and then they agreed on something else.
    let asked = "2026-03-02T10:00 asked_proposal
                 2026-03-02T11:00 next_step_agreed due_at=2026-03-02T12:00
                 2026-03-02T12:00 touched channel=phone";
    assert_eq!(purpose(&house, asked), "propose");
}

#[test]
fn w3_an_ask_after_an_ask_becomes_a_check_in() {
    let house = House::berlin();
    let ready = "2026-03-02T10:00 replied\n2026-03-02T11:00 information_sent";
    for (touch, expected) in [
        ("touched channel=phone", "ask_appointment"),
        ("touched channel=phone purpose=check_in", "ask_appointment"),
        ("touched channel=phone purpose=ask_appointment", "check_in"),
        ("touched channel=phone purpose=discuss", "check_in"),
        ("touched channel=phone purpose=close", "check_in"),
        ("touched channel=phone purpose=close reached=true", "check_in"),
        ("touched channel=phone purpose=propose", "ask_appointment"),
        ("next_step_declined", "ask_appointment"),
    ] {
        assert_eq!(purpose(&house, &format!("{ready}\n2026-03-02T12:00 {touch}")), expected, "{touch}");
    }
    // Only the last touch counts.
    let alternated = format!(
        "{ready}
         2026-03-02T12:00 touched channel=phone purpose=close
         2026-03-02T13:00 touched channel=phone"
    );
    assert_eq!(purpose(&house, &alternated), "ask_appointment");
}

#[test]
fn w2_a_cool_prospect_is_not_asked() {
    let house = House::berlin();
    for history in [
        "2026-03-02T10:00 replied\n2026-03-02T11:00 information_sent",
        "2026-03-02T10:00 asked_appointment\n2026-03-02T11:00 touched channel=phone",
        "2026-03-02T10:00 ready_to_buy\n2026-03-02T11:00 touched channel=phone",
    ] {
        assert_ne!(purpose(&house, history), "check_in", "{history}");
        let cool = format!("{history}\n2026-03-02T12:00 temperature_set temperature=cool");
        assert_eq!(purpose(&house, &cool), "check_in", "{history}");
    }
    // What is no ask stays: information, and the proposal.
    let cool = "2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=phone\n2026-03-02T12:00 temperature_set temperature=cool";
    assert_eq!(purpose(&house, cool), "inform");
}

// Rows 14 and 15: after the decision.

#[test]
fn p9_later_comes_back_at_its_date() {
    let house = House::berlin();
    for (later, next) in [
        ("until=2026-06-15T10:00", "14 re_engage: 2026-06-15 10:00+02 .. 2026-06-22 17:00+02"),
        // A date is its 0:00, and Saturday leads to Monday; five open days after Saturday are Friday.
        ("until=2026-06-13", "14 re_engage: 2026-06-15 09:00+02 .. 2026-06-19 17:00+02"),
        // Without a date: 0:00 of the 90th day, which is Sunday the 31st of May.
        ("", "14 re_engage: 2026-06-01 09:00+02 .. 2026-06-05 17:00+02"),
    ] {
        let history = format!("2026-03-01T10:00 replied\n2026-03-02T10:00 decided outcome=later {later}");
        assert_eq!(house.next(&history), next, "{later}");
    }
}

#[test]
fn p9_later_ends_with_a_touch_at_its_date_which_opens_a_new_round_and_has_its_effect() {
    let house = House::berlin();
    let later = "2026-03-01T10:00 ready_to_buy
                 2026-03-02T10:00 decided outcome=later until=2026-06-15T10:00";
    assert_eq!(house.stands(later), "decision hot");
    let before = format!("{later}\n2026-06-15T09:59:59 touched channel=phone");
    assert_eq!(house.next(&before), "14 re_engage: 2026-06-15 10:00+02 .. 2026-06-22 17:00+02");
    assert_eq!(house.stands(&before), "decision hot");
    let at = format!("{later}\n2026-06-15T10:00 touched channel=phone");
    assert_eq!(house.next(&at), "13 inform: 2026-06-22 09:00+02 .. 2026-06-22 17:00+02");
    assert_eq!(house.stands(&at), "interest hot");
    let informed = format!("{later}\n2026-06-15T10:00 information_sent");
    assert_eq!(house.stands(&informed), "information hot");
    let agreed = format!("{later}\n2026-06-15T10:00 next_step_agreed due_at=2026-06-18T10:00");
    assert_eq!(house.next(&agreed), "3 check_in: 2026-06-18 10:00+02 .. 2026-06-18 17:00+02");
    // A sign that is no request and no conversation does not end it, nor does a touch at rest.
    let signed = format!("{later}\n2026-06-15T10:00 input_received input=logo");
    assert!(house.next(&signed).starts_with("14 "), "{}", house.next(&signed));
    let stopped = format!("{later}\n2026-06-01T10:00 stopped\n2026-06-15T10:00 touched channel=phone");
    assert_eq!(house.next(&stopped), "rest: stopped");
    assert_eq!(house.stands(&stopped), "decision hot");
}

#[test]
fn p9_the_default_date_of_later_is_midnight_in_their_zone() {
    let house = House::berlin();
    let later = "2026-03-02T10:00 decided outcome=later";
    let before = format!("{later}\n2026-05-30T23:59:59 touched channel=phone");
    assert_eq!(house.stands(&before), "decision warm");
    let at = format!("{later}\n2026-05-31T00:00 touched channel=phone");
    assert_eq!(house.stands(&at), "interest warm");
}

#[test]
fn p9_they_are_kept_in_touch_with_before_they_come_back_if_that_is_long_enough_before() {
    let house = House::berlin();
    let later = |until: &str| {
        format!("2026-03-02T10:00 replied\n2026-03-02T10:01 decided outcome=later until={until}")
    };
    // 90 days after the 2nd of March is Sunday the 31st of May, 97 days Sunday the 7th of June.
    let kept = "15 keep_in_touch: 2026-06-01 09:00+02 .. 2026-06-05 17:00+02";
    assert_eq!(house.next(&later("2026-12-01T10:00")), kept);
    assert_eq!(house.next(&later("2026-06-30T00:00")), kept, "exactly 30 days before the day of return");
    assert!(house.next(&later("2026-06-29T23:59")).starts_with("14 "));
    // Kept in touch on the 1st of June, the next such day is the 30th of August.
    let again = format!(
        "{}\n2026-06-01T10:00 touched channel=email purpose=keep_in_touch",
        later("2026-12-01T10:00")
    );
    assert_eq!(house.next(&again), "15 keep_in_touch: 2026-08-31 09:00+02 .. 2026-09-04 17:00+02");
    let thrice = format!("{again}\n2026-08-31T10:00 touched channel=email purpose=keep_in_touch");
    assert_eq!(house.next(&thrice), "14 re_engage: 2026-12-01 10:00+01 .. 2026-12-08 17:00+01");
    let off = House::berlin().with("[keep_in_touch]\nlater = false\n");
    assert!(off.next(&later("2026-12-01T10:00")).starts_with("14 "));
}

#[test]
fn p12_won_and_lost_rest_unless_keeping_in_touch_is_switched_on() {
    let house = House::berlin();
    let kept = House::berlin().with("[keep_in_touch]\nwon = true\n");
    let won = "2026-03-02T10:00 decided outcome=won";
    let lost = "2026-03-02T10:00 decided outcome=lost";
    assert_eq!((house.next(won), house.next(lost)), ("rest: won".into(), "rest: lost".into()));
    assert_eq!(kept.next(won), "15 keep_in_touch: 2026-06-01 09:00+02 .. 2026-06-05 17:00+02");
    assert_eq!(kept.next(lost), "rest: lost");
    let both = House::berlin().with("[keep_in_touch]\nwon = true\nlost = true\n");
    assert_eq!(both.next(lost), "15 keep_in_touch: 2026-06-01 09:00+02 .. 2026-06-05 17:00+02");
    // It goes on from the last contact, whoever made it, and what is owed goes before it.
    let touched = format!("{won}\n2026-06-01T10:00 touched channel=email");
    assert_eq!(kept.next(&touched), "15 keep_in_touch: 2026-08-31 09:00+02 .. 2026-09-04 17:00+02");
    let owed = format!("{won}\n2026-03-03T10:00 input_requested input=logo");
    assert!(kept.next(&owed).starts_with("9 "));
    assert_eq!(house.next(&owed), "rest: won");
}

// Rest, pauses, opting out, stakeholders.

#[test]
fn s3_a_stop_and_a_giving_up_rest_and_no_decision_ends_them() {
    let house = House::berlin();
    for (end, rest) in [("stopped", "rest: stopped"), ("gave_up", "rest: gave_up")] {
        for after in [
            "touched channel=phone",
            "decided outcome=won",
            "decided outcome=later",
            "input_requested input=logo",
            "auto_replied",
            "appointment_confirmed",
            "noted text=nothing",
            "opted_in",
            "resumed",
            "went_stale",
        ] {
            let history =
                format!("2026-03-02T10:00 replied\n2026-03-02T11:00 {end}\n2026-03-03T10:00 {after}");
            assert_eq!(house.next(&history), rest, "{after}");
        }
    }
    assert_eq!(house.next("2026-03-02T10:00 merged into=p-2"), "rest: merged");
    assert_eq!(house.wake_up("2026-03-02T10:00 stopped"), "none");
}

#[test]
fn s5_who_comes_back_is_welcome() {
    let house = House::berlin();
    for end in ["stopped", "gave_up", "decided outcome=won", "decided outcome=lost", "decided outcome=later"]
    {
        let ended = format!(
            "2026-03-01T10:00 asked_proposal\n2026-03-01T11:00 proposal_sent\n2026-03-02T10:00 {end}"
        );
        for (request, stage) in [
            ("inquired", "interest"),
            ("replied", "interest"),
            ("asked_information", "information"),
            ("asked_appointment", "appointment"),
            ("asked_proposal", "proposal"),
            ("ready_to_buy", "decision"),
        ] {
            let history = format!("{ended}\n2026-03-04T10:00 {request}");
            assert!(house.next(&history).starts_with("4 "), "{history}");
            assert_eq!(house.stands(&history), format!("{stage} hot"), "{history}");
        }
    }
    // A conversation re-opens after a stop and a giving up, at interest if it has no stage of its own.
    for end in ["stopped", "gave_up"] {
        let ended = format!("2026-03-01T10:00 ready_to_buy\n2026-03-02T10:00 {end}");
        for (conversation, next) in [
            ("touched channel=phone reached=true", "13 "),
            ("proposal_discussed", "13 "),
            ("next_step_agreed due_at=2026-03-12T14:00", "3 "),
            ("next_step_declined", "13 "),
            ("appointment_set starts_at=2026-03-12T14:00 minutes=60", "6 "),
            ("appointment_held", "8 "),
        ] {
            let history = format!("{ended}\n2026-03-04T10:00 {conversation}");
            assert!(house.next(&history).starts_with(next), "{history}: {}", house.next(&history));
            let stage = if next == "6 " { "appointment" } else { "interest" };
            assert!(house.stands(&history).starts_with(stage), "{history}: {}", house.stands(&history));
        }
    }
    // After a decision it takes a request.
    let won = "2026-03-02T10:00 decided outcome=won\n2026-03-04T10:00 touched channel=phone reached=true";
    assert_eq!(house.next(won), "rest: won");
}

#[test]
fn s5_we_reopen_at_interest_and_the_round_before_is_forgotten() {
    let house = House::berlin();
    let history = "2026-03-02T10:00 asked_proposal
                   2026-03-02T11:00 proposal_sent
                   2026-03-03T10:00 decided outcome=lost
                   2026-03-09T10:00 reopened";
    // The proposal of the first round is neither discussed nor followed by a last message.
    assert_eq!(house.next(history), "13 inform: 2026-03-16 09:00+01 .. 2026-03-16 17:00+01");
    assert_eq!(house.stands(history), "interest hot");
    let appointed =
        "2026-03-02T10:00 appointment_set starts_at=2026-03-12T10:00 minutes=60\n2026-03-03T10:00 reopened";
    assert!(house.next(appointed).starts_with("13 "));
    let agreed = "2026-03-02T10:00 next_step_agreed due_at=2026-03-12T10:00\n2026-03-03T10:00 reopened";
    assert!(house.next(agreed).starts_with("13 "));
    let last = "2026-03-02T10:00 touched channel=phone purpose=last_message\n2026-03-03T10:00 reopened";
    assert!(house.next(last).starts_with("13 "));
}

#[test]
fn a_pause_holds_back_what_we_start_and_nothing_that_they_asked_for() {
    let house = House::berlin();
    let paused = "2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=phone\n2026-03-03T10:00 paused";
    // 30 days, on the same clock: the 2nd of April, summer time.
    assert_eq!(house.next(paused), "wait for pause_end until 2026-04-02 10:00+02");
    assert_eq!(house.wake_up(paused), "resumed 2026-04-02 10:00+02");
    let dated = format!("{paused} until=2026-03-20T08:00");
    assert_eq!(house.next(&dated), "wait for pause_end until 2026-03-20 08:00+01");
    for (event, next) in [
        ("asked_information", "4 inform: 2026-03-04 10:00+01 .. 2026-03-05 17:00+01"),
        (
            "next_step_agreed due_at=2026-03-12T14:00",
            "3 check_in: 2026-03-12 14:00+01 .. 2026-03-12 17:00+01",
        ),
        (
            "appointment_set starts_at=2026-03-12T14:00 minutes=60",
            "6 confirm: 2026-03-11 09:00+01 .. 2026-03-11 17:00+01",
        ),
        ("appointment_missed", "7 rebook: 2026-03-04 10:00+01 .. 2026-03-05 17:00+01"),
        ("appointment_held", "8 propose: 2026-03-04 10:00+01 .. 2026-03-05 17:00+01"),
        // We start these.
        ("input_requested input=logo", "wait for pause_end until 2026-04-02 10:00+02"),
        ("proposal_sent", "wait for pause_end until 2026-04-02 10:00+02"),
        ("touched channel=phone purpose=last_message", "wait for pause_end until 2026-04-02 10:00+02"),
        ("decided outcome=later", "wait for pause_end until 2026-04-02 10:00+02"),
        // Nothing is left to wait for.
        ("decided outcome=won", "rest: won"),
        ("stopped", "rest: stopped"),
        ("opted_out", "rest: opted_out"),
        ("resumed", "13 inform: 2026-03-11 09:00+01 .. 2026-03-11 17:00+01"),
    ] {
        assert_eq!(house.next(&format!("{paused}\n2026-03-04T10:00 {event}")), next, "{event}");
    }
    // Beside what is owed, a chase is hidden.
    let beside = format!("{paused}\n2026-03-04T10:00 input_requested input=logo\n2026-03-04T11:00 replied");
    assert_eq!(house.all(&beside), ["4 check_in: 2026-03-04 11:00+01 .. 2026-03-05 17:00+01"]);
}

#[test]
fn s6_opting_out_of_every_channel_leaves_only_what_they_ask_for_afterwards() {
    let house = House::berlin();
    for opted_out in ["opted_out", "opted_out channels=phone,email,post,social,text,visit,web"] {
        let before = "2026-03-01T09:00 appointment_held
                      2026-03-01T10:00 input_requested input=logo
                      2026-03-01T11:00 appointment_set starts_at=2026-03-20T10:00 minutes=60
                      2026-03-01T12:00 next_step_agreed due_at=2026-03-19T10:00
                      2026-03-01T13:00 replied";
        let out = format!("{before}\n2026-03-02T10:00 {opted_out}");
        assert_eq!(house.next(&out), "rest: opted_out");
        for (event, rows) in [
            ("replied", &["4"][..]),
            ("asked_proposal", &["4"]),
            ("next_step_agreed due_at=2026-03-12T14:00", &["3"]),
            ("appointment_set starts_at=2026-03-12T14:00 minutes=60", &["6"]),
            ("appointment_set starts_at=2026-03-03T14:00 minutes=60", &["5"]),
            ("input_requested input=texts", &[]),
            ("touched channel=phone", &[]),
            ("appointment_held", &[]),
            ("appointment_missed", &[]),
            ("proposal_sent", &[]),
            // What was held and the inputs were only hidden.
            ("opted_in", &["8", "9"]),
            ("opted_in channels=email", &["8", "9"]),
        ] {
            let all = house.all(&format!("{out}\n2026-03-03T10:00 {event}"));
            let found: Vec<&str> = all.iter().map(|line| line.split(' ').next().expect("a row")).collect();
            assert_eq!(found, rows, "{opted_out}, {event}");
        }
        let missed =
            "2026-03-01T10:00 appointment_missed\n2026-03-02T10:00 opted_out\n2026-03-03T10:00 opted_in";
        assert!(house.next(missed).starts_with("13 "), "a missed appointment does not come back");
    }
    // Opted out of one channel only, everything goes on.
    let one = "2026-03-01T13:00 replied\n2026-03-02T10:00 opted_out channels=email";
    assert!(house.next(one).starts_with("4 "));
}

#[test]
fn s6_after_the_answer_to_their_new_request_it_is_rest_again() {
    let house = House::berlin();
    let history = "2026-03-02T10:00 replied
                   2026-03-02T11:00 opted_out
                   2026-03-09T10:00 replied channel=email";
    assert_eq!(house.next(history), "4 check_in: 2026-03-09 10:00+01 .. 2026-03-10 17:00+01");
    let answered = format!("{history}\n2026-03-09T11:00 touched channel=email");
    assert_eq!(house.next(&answered), "rest: opted_out");
}

#[test]
fn e2_a_stakeholder_has_what_was_asked_and_agreed_and_the_chase_and_else_rests() {
    let house = House::berlin();
    let added = "2026-03-02T09:00 added kind=stakeholder";
    for (event, next) in [
        ("noted text=nothing", "rest: inputs_complete"),
        ("touched channel=phone", "rest: inputs_complete"),
        ("appointment_held", "rest: inputs_complete"),
        ("proposal_sent", "rest: inputs_complete"),
        ("paused", "rest: inputs_complete"),
        ("replied", "4 check_in: 2026-03-02 10:00+01 .. 2026-03-03 17:00+01"),
        (
            "next_step_agreed due_at=2026-03-12T14:00",
            "3 check_in: 2026-03-12 14:00+01 .. 2026-03-12 17:00+01",
        ),
        (
            "appointment_set starts_at=2026-03-12T14:00 minutes=60",
            "6 confirm: 2026-03-11 09:00+01 .. 2026-03-11 17:00+01",
        ),
        ("appointment_missed", "7 rebook: 2026-03-02 10:00+01 .. 2026-03-03 17:00+01"),
        ("input_requested input=logo", "9 chase_inputs: 2026-03-05 09:00+01 .. 2026-03-05 17:00+01"),
        ("decided outcome=later", "rest: inputs_complete"),
    ] {
        assert_eq!(house.next(&format!("{added}\n2026-03-02T10:00 {event}")), next, "{event}");
    }
    // Paused, with inputs outstanding, there is something to wait for.
    let waits = format!("{added}\n2026-03-02T10:00 input_requested input=logo\n2026-03-02T11:00 paused");
    assert_eq!(house.next(&waits), "wait for pause_end until 2026-04-01 11:00+02");
    let complete = format!(
        "{added}\n2026-03-02T10:00 input_requested input=logo\n2026-03-05T10:00 input_received input=logo"
    );
    assert_eq!(house.next(&complete), "rest: inputs_complete");
}
