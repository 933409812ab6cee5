//! What do we start before the cadence goes on? Rows 10 to 12, to the second.

use crate::common::{House, utc};
use followup_core::{Rule, plan};

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
        // Last touch + 2 days is Saturday the 21st: from Monday on, until Friday, as Saturday is closed.
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
    let asked = format!("2026-03-02T10:00 asked_appointment{touches}");
    assert!(house.next(&asked).starts_with("13 "), "{}", house.next(&asked));
    // The proposal after the meeting would be owed first, where the rule for it is not switched off.
    let met = format!("2026-03-02T10:00 appointment_held{touches}");
    assert!(house.next(&met).starts_with("8 "), "{}", house.next(&met));
    let unproposed = House::berlin().with("off = [\"P7\"]");
    assert_eq!(unproposed.next(&met), "10 last_message: 2026-03-16 09:00+01 .. 2026-03-23 17:00+01");
    // Without a sign silence starts at the first touch: 4 March + 14 days.
    let unasked = format!(
        "2026-03-02T10:00 added\n2026-03-04T10:00 proposal_sent{}",
        touched(&["2026-03-06T10:00", "2026-03-09T10:00"])
    );
    assert_eq!(house.next(&unasked), "10 last_message: 2026-03-18 09:00+01 .. 2026-03-25 17:00+01");
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
    assert!(house.plan(&eight).rules().contains(Rule::S1) && !house.plan(&seven).rules().contains(Rule::S1));
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
    let asks_to_go_on = |history: &str| {
        house.plan(history).needs.iter().any(|need| need.as_str() == "decide whether to go on")
    };
    let large = format!("2026-01-02T10:00 valued amount=10000 currency=EUR{}", touched(&MONDAYS));
    assert_eq!(house.next(&large), "13 check_in: 2026-04-23 09:00+02 .. 2026-05-22 17:00+02");
    assert!(asks_to_go_on(&large));
    let proposed = format!(
        "2026-03-02T09:00 valued amount=20000 currency=EUR\n{PROPOSED}{}",
        touched(&["2026-03-09T10:00", "2026-03-16T10:00"])
    );
    // Cool's 2 to 3 months from the last contact, however hot they are: 16 June is a Tuesday.
    assert_eq!(house.next(&proposed), "13 check_in: 2026-05-18 09:00+02 .. 2026-06-16 17:00+02");
    assert!(asks_to_go_on(&proposed));
    let two = format!(
        "2026-03-02T09:00 valued amount=20000 currency=EUR\n{PROPOSED}{}",
        touched(&["2026-03-09T10:00"])
    );
    assert!(!asks_to_go_on(&two));
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
    // To a large value every touch is personal, and no number of them is a limit.
    let valued = House::berlin().with(&format!("nurture = true\n{VALUES}"));
    let large = format!(
        "2026-01-02T10:00 information_sent
         2026-01-02T11:00 valued amount=10000 currency=EUR{eight}
         2026-02-23T11:00 temperature_set temperature=hot"
    );
    assert_eq!(valued.next(&large), "13 ask_appointment: 2026-03-02 09:00+01 .. 2026-03-02 17:00+01");
    assert!(valued.plan(&large).next().expect("the cadence goes on").personal);
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

#[test]
fn c13_silence_alone_never_loses_anybody() {
    let house = House::berlin();
    let mut state = house.state("2026-03-02T10:00 inquired\n2026-03-02T11:00 touched channel=phone");
    for years in 1..=5 {
        state.wake(&house.policy, utc("2026-03-02T10:00:00Z") + chrono::TimeDelta::days(365 * years));
        assert_eq!(state.outcome(), None);
        assert!(house.show(&plan(&state, &house.policy)).starts_with("13 inform: 2026-03-09"));
    }
}

#[test]
fn e1_whoever_there_was_contact_with_is_followed_up_whoever_began_it() {
    let house = House::berlin();
    for first in [
        "added",
        "inquired",
        "replied",
        "asked_information",
        "asked_appointment",
        "asked_proposal",
        "ready_to_buy",
        "touched channel=visit",
        "information_sent",
        "proposal_sent",
        "appointment_held",
        "next_step_declined",
        "auto_replied",
        "bounced",
        "noted text=met",
        "valued amount=5 currency=EUR",
    ] {
        let plan = house.plan(&format!("2026-03-02T10:00 {first}"));
        assert!(plan.next().is_some(), "{first}: {}", house.show(&plan));
    }
}
