//! What pushes a date, how far, and what is said about it? The six clamps, to the second.

use crate::common::House;
use followup_core::Rule;

/// Hot, last contact on Monday the 2nd of March: the cadence's touch is due on Monday the 9th.
const HOT: &str = "2026-03-02T10:00 replied
                   2026-03-02T11:00 touched channel=email";
const DUE: &str = "13 inform: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01";

fn after_hot(lines: &str) -> String {
    House::berlin().next(&format!("{HOT}\n{lines}"))
}

// Clamp 1: absences and snoozes.

#[test]
fn c14_an_absence_moves_the_window_to_the_next_open_day_after_its_last_day() {
    for who in ["prospect", "owner"] {
        for (times, window) in [
            // Until Wednesday: from Thursday on, three days later.
            ("until=2026-03-11T12:00", "2026-03-12 09:00+01 .. 2026-03-12 17:00+01"),
            ("until=2026-03-11T23:59:59", "2026-03-12 09:00+01 .. 2026-03-12 17:00+01"),
            ("until=2026-03-12T00:00", "2026-03-13 09:00+01 .. 2026-03-13 17:00+01"),
            // Until Friday: Monday.
            ("until=2026-03-13T12:00", "2026-03-16 09:00+01 .. 2026-03-16 17:00+01"),
            ("until=2026-03-15T12:00", "2026-03-16 09:00+01 .. 2026-03-16 17:00+01"),
            // Its last day is the day on which they would be touched, or the day before.
            ("until=2026-03-09T00:00", "2026-03-10 09:00+01 .. 2026-03-10 17:00+01"),
            ("until=2026-03-08T23:59:59", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
            // From after that day on.
            ("from=2026-03-09T09:00:01 until=2026-03-12T12:00", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
            ("from=2026-03-09T09:00 until=2026-03-12T12:00", "2026-03-13 09:00+01 .. 2026-03-13 17:00+01"),
            // Over the clock change.
            ("until=2026-03-29T12:00", "2026-03-30 09:00+02 .. 2026-03-30 17:00+02"),
        ] {
            let next = after_hot(&format!("2026-03-03T10:00 away who={who} {times}"));
            assert_eq!(next, format!("13 inform: {window}"), "{who} {times}");
        }
    }
}

#[test]
fn c14_an_automatic_reply_is_an_absence_of_seven_days_unless_it_says_until_when() {
    for (reply, window) in [
        ("2026-03-04T10:00 auto_replied", "2026-03-12 09:00+01 .. 2026-03-12 17:00+01"),
        ("2026-03-02T11:01 auto_replied", "2026-03-10 09:00+01 .. 2026-03-10 17:00+01"),
        ("2026-03-01T10:00 auto_replied", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
        (
            "2026-03-04T10:00 auto_replied until=2026-03-05T10:00",
            "2026-03-09 09:00+01 .. 2026-03-09 17:00+01",
        ),
        (
            "2026-03-04T10:00 auto_replied until=2026-03-16T10:00",
            "2026-03-17 09:00+01 .. 2026-03-17 17:00+01",
        ),
    ] {
        let history = format!("{HOT}\n{reply}");
        let house = House::berlin();
        assert_eq!(house.next(&history), format!("13 inform: {window}"), "{reply}");
        // It is no sign: what was hot and answered by us stays so, and no strike is counted.
        assert_eq!(house.stands(&history), "interest hot");
        assert_eq!(house.state(&history).unanswered(), 1);
    }
}

#[test]
fn c14_absences_follow_each_other_until_none_holds() {
    for lines in [
        "2026-03-03T10:00 away who=prospect until=2026-03-11T12:00
         2026-03-03T10:01 away who=owner from=2026-03-12T00:00 until=2026-03-13T12:00",
        // In the other order the second pass finds it.
        "2026-03-03T10:00 away who=prospect from=2026-03-12T00:00 until=2026-03-13T12:00
         2026-03-03T10:01 away who=owner until=2026-03-11T12:00",
        "2026-03-03T10:00 away who=owner from=2026-03-12T00:00 until=2026-03-13T12:00
         2026-03-03T10:01 away who=owner until=2026-03-11T12:00",
    ] {
        assert_eq!(after_hot(lines), "13 inform: 2026-03-16 09:00+01 .. 2026-03-16 17:00+01", "{lines}");
    }
}

#[test]
fn c14_a_snooze_moves_the_window_to_its_instant() {
    for (until, window) in [
        // One day later, at an instant of that day.
        ("2026-03-10T14:00", "2026-03-10 14:00+01 .. 2026-03-10 17:00+01"),
        ("2026-03-10T18:00", "2026-03-11 09:00+01 .. 2026-03-11 17:00+01"),
        // Five days later, Saturday: the hours lead to Monday.
        ("2026-03-14T14:00", "2026-03-16 09:00+01 .. 2026-03-16 17:00+01"),
        ("2026-03-09T15:00", "2026-03-09 15:00+01 .. 2026-03-09 17:00+01"),
        ("2026-03-09T09:00", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
    ] {
        assert_eq!(
            after_hot(&format!("2026-03-03T10:00 snoozed until={until}")),
            format!("13 inform: {window}"),
            "{until}"
        );
    }
    // The newest snooze counts.
    let twice =
        "2026-03-03T10:00 snoozed until=2026-04-10T14:00\n2026-03-04T10:00 snoozed until=2026-03-10T14:00";
    assert_eq!(after_hot(twice), "13 inform: 2026-03-10 14:00+01 .. 2026-03-10 17:00+01");
}

#[test]
fn c14_a_window_of_several_days_keeps_its_length_in_civil_days() {
    let warm = "2026-03-02T10:00 replied
                2026-03-02T11:00 touched channel=email
                2026-03-02T12:00 temperature_set temperature=warm";
    let house = House::berlin();
    assert_eq!(house.next(warm), "13 inform: 2026-03-16 09:00+01 .. 2026-03-30 17:00+02");
    let away = format!("{warm}\n2026-03-03T10:00 away who=prospect until=2026-03-17T12:00");
    assert_eq!(house.next(&away), "13 inform: 2026-03-18 09:00+01 .. 2026-04-01 17:00+02");
    // Moved by three days to Thursday the 2nd, and with the snooze by one day more.
    let and_snoozed = format!(
        "{warm}
         2026-03-03T10:00 away who=prospect until=2026-03-18T12:00
         2026-03-03T10:00 snoozed until=2026-03-20T11:00"
    );
    assert_eq!(house.next(&and_snoozed), "13 inform: 2026-03-20 11:00+01 .. 2026-04-03 17:00+02");
}

#[test]
fn c14_a_latest_at_the_end_of_a_closed_day_belongs_to_that_day() {
    // The chase would be on Sunday the 8th, from its 0:00 to its 24:00; moved by three days, to a close.
    let chase = "2026-03-05T10:00 input_requested input=logo";
    let house = House::berlin();
    assert_eq!(house.next(chase), "9 chase_inputs: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01");
    let away = format!("{chase}\n2026-03-05T11:00 away who=prospect until=2026-03-10T12:00");
    assert_eq!(house.next(&away), "9 chase_inputs: 2026-03-11 09:00+01 .. 2026-03-11 17:00+01");
    // Snoozed into the closed day, it stays in it, and then goes by the hours.
    let snoozed = format!("{chase}\n2026-03-05T11:00 snoozed until=2026-03-08T12:00");
    assert_eq!(house.next(&snoozed), "9 chase_inputs: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01");
}

#[test]
fn c14_holds_back_what_we_start_and_never_what_they_asked_for_or_agreed_on() {
    let house = House::berlin();
    let held_back = [
        ("input_requested input=logo", "9 chase_inputs: 2026-03-13 09:00+01 .. 2026-03-13 17:00+01"),
        // From Thursday to Saturday, moved by eight days: to Sunday, and by the hours back to Friday.
        ("proposal_sent", "11 discuss: 2026-03-13 09:00+01 .. 2026-03-13 17:00+01"),
        ("touched channel=phone", "13 inform: 2026-03-13 09:00+01 .. 2026-03-16 17:00+01"),
    ];
    let not_held_back = [
        "next_step_agreed due_at=2026-03-10T14:00",
        "replied",
        "appointment_set starts_at=2026-03-10T14:00 minutes=60",
        "appointment_missed",
        "appointment_held",
    ];
    for away in ["away who=owner until=2026-03-12T12:00", "snoozed until=2026-03-13T09:00"] {
        for (event, next) in held_back {
            let history = format!("2026-03-02T10:00 {event}\n2026-03-02T11:00 {away}");
            assert_eq!(house.next(&history), next, "{history}");
        }
        for event in not_held_back {
            let alone = format!("2026-03-02T10:00 {event}");
            assert_eq!(
                house.next(&format!("{alone}\n2026-03-02T11:00 {away}")),
                house.next(&alone),
                "{event}, {away}"
            );
        }
    }
    // Coming back after "later", and keeping in touch, are ours too.
    let later = "2026-03-02T10:00 decided outcome=later until=2026-04-01T10:00
                 2026-03-02T11:00 away who=owner until=2026-04-03T10:00";
    assert_eq!(house.next(later), "14 re_engage: 2026-04-06 09:00+02 .. 2026-04-13 17:00+02");
}

#[test]
fn c14_any_sign_ends_their_absences_and_the_snooze_and_an_assignment_the_owners() {
    let theirs = "2026-03-02T12:00 away who=prospect until=2026-03-20T12:00";
    let ours = "2026-03-02T12:00 away who=owner until=2026-03-20T12:00";
    let snooze = "2026-03-02T12:00 snoozed until=2026-03-23T09:00";
    let auto = "2026-03-02T12:00 auto_replied until=2026-03-20T12:00";
    let away = "13 inform: 2026-03-23 09:00+01 .. 2026-03-23 17:00+01";
    for (line, ended_by_sign, ended_by_assignment) in
        [(theirs, true, false), (ours, false, true), (snooze, true, false), (auto, true, false)]
    {
        assert_eq!(after_hot(line), away, "{line}");
        let sign = after_hot(&format!("{line}\n2026-03-02T13:00 input_received input=logo"));
        assert_eq!(sign, if ended_by_sign { DUE } else { away }, "{line}");
        let assigned = after_hot(&format!("{line}\n2026-03-02T13:00 assigned owner=bo"));
        assert_eq!(assigned, if ended_by_assignment { DUE } else { away }, "{line}");
        // A touch of ours, a bounce and a note end nothing.
        let noted = after_hot(&format!("{line}\n2026-03-02T13:00 noted text=x\n2026-03-02T13:00 bounced"));
        assert_eq!(noted, away, "{line}");
    }
    // At the same instant the order of the fold decides which came first.
    let before = after_hot(
        "2026-03-02T12:00 input_received input=logo seq=1\n2026-03-02T12:00 snoozed until=2026-03-23T09:00",
    );
    assert_eq!(before, DUE);
    let after = after_hot(
        "2026-03-02T12:00 input_received input=logo\n2026-03-02T12:00 snoozed until=2026-03-23T09:00 seq=1",
    );
    assert_eq!(after, away);
}

#[test]
fn c14_an_owner_is_away_from_their_first_instant_to_the_end_of_their_last_day() {
    let house = House::berlin();
    let away = "2026-03-02T10:00 away who=owner from=2026-03-10T12:00 until=2026-03-12T12:00";
    let is_away = |history: &str, now: &str| {
        let now = house.event(&format!("{now} noted text=now")).at();
        house.state(history).owner_is_away(now)
    };
    for (now, expected) in [
        ("2026-03-10T11:59", false),
        ("2026-03-10T12:00", true),
        ("2026-03-12T12:00", true),
        ("2026-03-12T23:59", true),
        ("2026-03-13T00:00", false),
    ] {
        assert_eq!(is_away(away, now), expected, "{now}");
        assert!(!is_away(&format!("{away}\n2026-03-03T10:00 assigned owner=bo"), now), "{now}");
        assert!(!is_away(&away.replace("owner", "prospect"), now), "{now}");
    }
    assert!(is_away("2026-03-02T10:00 away who=owner until=2026-03-12T12:00", "2026-03-02T10:00"));
}

// Clamps 2 and 3: the minimum gap and the ceiling.

const DAILY: &str = "
    [[steps.interest]]
    after = \"P1D\"
    within = \"P0D\"

    [[steps.interest]]
    after = \"P1D\"
    within = \"P0D\"
";

#[test]
fn c5_the_minimum_gap_pushes_a_step_of_the_playbook_to_the_second_day() {
    let house = House::berlin().with(DAILY);
    let history = "2026-03-02T10:00 added\n2026-03-03T16:59 touched channel=phone";
    // One day later would be Wednesday the 4th; the opening of the last touch + 2 days is that of the 5th.
    assert_eq!(house.next(history), "12 check_in: 2026-03-05 09:00+01 .. 2026-03-05 17:00+01");
    let plan = house.plan(history);
    let conflict = plan.next().and_then(|next| next.conflict.clone()).expect("the step comes late");
    assert_eq!(conflict.rules.iter().collect::<Vec<_>>(), [Rule::C5, Rule::C7]);
    assert_eq!(house.clock(conflict.own_latest), "2026-03-04 17:00+01");
    // Two days after Thursday is Saturday; the hours lead on to Monday.
    let thursday = "2026-03-02T10:00 added\n2026-03-05T10:00 touched channel=phone";
    assert_eq!(house.next(thursday), "12 check_in: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01");
}

#[test]
fn c5_the_minimum_gap_does_not_delay_what_they_asked_for() {
    let house = House::berlin();
    let touched = "2026-03-03T10:00 touched channel=phone";
    for event in ["replied", "appointment_held", "appointment_missed"] {
        let history = format!("{touched}\n2026-03-03T11:00 {event}");
        assert!(house.next(&history).contains("2026-03-03 11:00+01 .. 2026-03-04 17:00+01"), "{event}");
    }
    let chase = format!("{touched}\n2026-03-03T11:00 input_requested input=logo deadline=2026-03-04T11:00");
    assert_eq!(house.next(&chase), "9 chase_inputs: 2026-03-04 09:00+01 .. 2026-03-04 17:00+01");
}

#[test]
fn c5_the_gap_is_counted_in_civil_days_where_they_are() {
    let house = House::at("America/New_York").with(DAILY);
    // 23:30 on Friday the 6th; the clocks go forward on Sunday the 8th.
    let history = "2026-03-02T10:00 added\n2026-03-06T23:30 touched channel=email";
    assert_eq!(house.next(history), "12 check_in: 2026-03-09 09:00-04 .. 2026-03-09 17:00-04");
}

#[test]
fn c5_w7_hold_for_keeping_in_touch_too() {
    let house = House::berlin().with("[keep_in_touch]\nwon = true\nafter = \"P1D\"\nwindow = \"P1D\"\n");
    let won = "2026-03-01T10:00 decided outcome=won\n2026-03-02T10:00 touched channel=email";
    assert_eq!(house.next(won), "15 keep_in_touch: 2026-03-04 09:00+01 .. 2026-03-04 17:00+01");
    // The fifth last unanswered touch was on the 2nd of March: 30 days later is the 1st of April.
    let five =
        format!("2026-03-01T10:00 decided outcome=won\n{FIVE}\n2026-03-11T10:00 touched channel=phone");
    assert_eq!(house.next(&five), "15 keep_in_touch: 2026-04-01 09:00+02 .. 2026-04-01 17:00+02");
}

const FIVE: &str = "
    2026-03-02T10:00 touched channel=phone
    2026-03-04T10:00 touched channel=email personal=false
    2026-03-06T10:00 touched channel=phone
    2026-03-09T10:00 touched channel=email personal=false
";

#[test]
fn w7_after_five_unanswered_touches_the_sixth_waits_for_thirty_days_from_the_first_of_them() {
    let house = House::berlin();
    let four = format!("2026-03-01T10:00 replied\n{FIVE}\n2026-03-09T11:00 temperature_set temperature=hot");
    assert_eq!(house.next(&four), "13 inform: 2026-03-16 09:00+01 .. 2026-03-16 17:00+01");
    let five = format!("{four}\n2026-03-11T10:00 touched channel=phone");
    assert_eq!(house.next(&five), "13 inform: 2026-04-01 09:00+02 .. 2026-04-01 17:00+02");
    let plan = house.plan(&five);
    let conflict = plan.next().and_then(|next| next.conflict.clone()).expect("the touch comes late");
    assert_eq!(conflict.rules.iter().collect::<Vec<_>>(), [Rule::C6, Rule::W7]);
    assert_eq!(house.clock(conflict.own_latest), "2026-03-18 17:00+01");
    assert_eq!(house.clock(conflict.latest), "2026-04-01 17:00+02");
    // With a sixth, it is the fifth last: the 4th of March, and 30 days later is Friday the 3rd of April.
    let six = format!("{five}\n2026-03-12T10:00 touched channel=email personal=false");
    assert_eq!(house.next(&six), "13 inform: 2026-04-03 09:00+02 .. 2026-04-03 17:00+02");
    // A sign starts the count anew.
    let answered = format!("{five}\n2026-03-12T10:00 input_received input=logo");
    assert_eq!(house.next(&answered), "13 inform: 2026-03-19 09:00+01 .. 2026-03-19 17:00+01");
}

#[test]
fn w7_binds_the_last_message_and_no_debt() {
    let house = House::berlin();
    let proposed = format!("2026-02-28T10:00 asked_proposal\n2026-03-01T10:00 proposal_sent\n{FIVE}");
    // Five unanswered, the first on the 1st of March: 30 days later is Tuesday the 31st.
    assert_eq!(house.next(&proposed), "10 last_message: 2026-03-31 09:00+02 .. 2026-03-31 17:00+02");
    let owed = format!("{proposed}\n2026-03-10T10:00 input_requested input=logo");
    assert_eq!(house.next(&owed), "9 chase_inputs: 2026-03-13 09:00+01 .. 2026-03-13 17:00+01");
}

// Clamp 4: hours.

#[test]
fn c16_their_window_is_kept_and_what_it_leaves_out_comes_from_the_working_hours() {
    for (wish, window) in [
        // Monday the 9th is no wished day: from Tuesday at ten on. The last close before its end is past.
        ("weekdays=tue,thu from=10:00 to=12:00", "2026-03-10 10:00+01 .. 2026-03-10 12:00+01"),
        ("weekdays=mon from=10:00 to=12:00", "2026-03-09 10:00+01 .. 2026-03-09 12:00+01"),
        ("from=18:00 to=20:00", "2026-03-09 18:00+01 .. 2026-03-09 20:00+01"),
        ("weekdays=sat", "2026-03-14 09:00+01 .. 2026-03-14 17:00+01"),
        ("from=13:00", "2026-03-09 13:00+01 .. 2026-03-09 17:00+01"),
        ("to=10:30", "2026-03-09 09:00+01 .. 2026-03-09 10:30+01"),
        // The touch is a call: never outside of 8 to 21, whatever the wish.
        ("weekdays=sun from=00:00 to=24:00", "2026-03-15 08:00+01 .. 2026-03-15 21:00+01"),
        ("channel=email weekdays=sun from=00:00 to=24:00", "2026-03-15 00:00+01 .. 2026-03-16 00:00+01"),
    ] {
        assert_eq!(
            after_hot(&format!("2026-03-02T12:00 preferred {wish}")),
            format!("13 inform: {window}"),
            "{wish}"
        );
    }
    // A wish changes only the fields that it carries.
    let twice = "2026-03-02T12:00 preferred weekdays=tue\n2026-03-02T13:00 preferred from=14:00";
    assert_eq!(after_hot(twice), "13 inform: 2026-03-10 14:00+01 .. 2026-03-10 17:00+01");
}

#[test]
fn c16_a_window_that_hours_push_past_its_end_ends_with_its_new_day_and_says_so() {
    let house = House::berlin();
    let history = format!("{HOT}\n2026-03-02T12:00 preferred weekdays=tue");
    let plan = house.plan(&history);
    let conflict = plan.next().and_then(|next| next.conflict.clone()).expect("Tuesday is later than Monday");
    assert_eq!(conflict.rules.iter().collect::<Vec<_>>(), [Rule::C6, Rule::C16]);
    assert_eq!(house.clock(conflict.own_latest), "2026-03-10 00:00+01");
    assert_eq!(house.clock(conflict.latest), "2026-03-10 17:00+01");
    // Pushed and in time: no conflict.
    let warm = format!("{history}\n2026-03-02T13:00 temperature_set temperature=warm");
    assert_eq!(house.plan(&warm).next().and_then(|next| next.conflict.clone()), None);
}

#[test]
fn c16_holidays_close_the_working_hours_and_not_their_window() {
    let house = House::berlin().with("holidays = [2026-03-09, 2026-03-10]");
    assert_eq!(house.next(HOT), "13 inform: 2026-03-11 09:00+01 .. 2026-03-11 17:00+01");
    let wished = format!("{HOT}\n2026-03-02T12:00 preferred from=10:00 to=12:00");
    assert_eq!(house.next(&wished), "13 inform: 2026-03-09 10:00+01 .. 2026-03-09 12:00+01");
    // A wish for a channel is no window.
    let channel = format!("{HOT}\n2026-03-02T12:00 preferred channel=email");
    assert_eq!(house.next(&channel), "13 inform: 2026-03-11 09:00+01 .. 2026-03-11 17:00+01");
}

#[test]
fn c16_answers_confirmations_and_rebookings_go_by_the_working_hours() {
    let house = House::berlin();
    for event in ["replied", "appointment_set starts_at=2026-03-12T14:00 minutes=60", "appointment_missed"] {
        let history = format!("2026-03-02T10:00 {event}");
        let wished = format!("2026-03-01T10:00 preferred weekdays=fri from=16:00 to=17:00\n{history}");
        assert_eq!(house.next(&wished), house.next(&history), "{event}");
    }
    // An agreed step, a proposal and a chase go by their window.
    for (event, next) in [
        (
            "next_step_agreed due_at=2026-03-12T14:00",
            "3 check_in: 2026-03-12 14:00+01 .. 2026-03-13 00:00+01",
        ),
        (
            "next_step_agreed due_at=2026-03-13T16:30",
            "3 check_in: 2026-03-13 16:30+01 .. 2026-03-13 17:00+01",
        ),
        ("appointment_held", "8 propose: 2026-03-06 16:00+01 .. 2026-03-06 17:00+01"),
        ("input_requested input=logo", "9 chase_inputs: 2026-03-06 16:00+01 .. 2026-03-06 17:00+01"),
    ] {
        let wished =
            format!("2026-03-01T10:00 preferred weekdays=fri from=16:00 to=17:00\n2026-03-02T10:00 {event}");
        assert_eq!(house.next(&wished), next, "{event}");
    }
}

const LONG_DAYS: &str = "
    [working_hours]
    mon = [\"06:00-23:00\"]
    tue = [\"06:00-23:00\"]
    wed = [\"06:00-23:00\"]
    thu = [\"06:00-23:00\"]
    fri = [\"06:00-23:00\"]
";

#[test]
fn c16_calls_and_texts_never_go_out_before_eight_or_after_nine_in_the_evening() {
    let house = House::berlin().with(LONG_DAYS);
    for (channel, window) in [
        ("email", "2026-03-03 06:00+01 .. 2026-03-03 23:00+01"),
        ("post", "2026-03-03 06:00+01 .. 2026-03-03 23:00+01"),
        ("web", "2026-03-03 06:00+01 .. 2026-03-03 23:00+01"),
        ("phone", "2026-03-03 08:00+01 .. 2026-03-03 21:00+01"),
        ("text", "2026-03-03 08:00+01 .. 2026-03-03 21:00+01"),
    ] {
        let history = format!("2026-03-02T23:30 inquired channel={channel}");
        assert_eq!(house.next(&history), format!("4 discover: {window}"), "{channel}");
        let wished = format!(
            "2026-03-02T10:00 replied
             2026-03-02T11:00 touched channel=phone
             2026-03-02T12:00 preferred channel={channel} from=06:00 to=23:00"
        );
        let week_later = window.replace("03-03", "03-09");
        assert_eq!(house.next(&wished), format!("13 inform: {week_later}"), "{channel}");
    }
}

#[test]
fn c16_a_confirmation_by_phone_is_in_time_or_not_needed() {
    // Set at 21:30 for 7:30: by phone nobody may be called in between, so that it is held as it is.
    let house = House::berlin().with(LONG_DAYS);
    let set = "2026-03-04T21:30 appointment_set starts_at=2026-03-05T07:30 minutes=60";
    assert_eq!(house.next(set), "5 hold: 2026-03-05 07:30+01 .. 2026-03-05 08:30+01");
    let by_mail = format!("2026-03-01T10:00 preferred channel=email\n{set}");
    assert_eq!(house.next(&by_mail), "6 confirm: 2026-03-04 21:30+01 .. 2026-03-04 23:00+01");
    let later = "2026-03-04T21:30 appointment_set starts_at=2026-03-05T10:00 minutes=60";
    assert_eq!(house.next(later), "6 confirm: 2026-03-05 08:00+01 .. 2026-03-05 10:00+01");
}

#[test]
fn c16_hours_that_a_clock_change_skips_or_repeats_are_the_instants_that_show_them() {
    let house = House::berlin();
    let wish = |weekday: &str, hours: &str| {
        format!("2026-01-02T12:00 preferred channel=email weekdays={weekday} {hours}")
    };
    // Sunday the 29th of March: 2:00 to 3:00 does not exist.
    for (hours, window) in [
        ("from=01:00 to=04:00", "2026-03-29 01:00+01 .. 2026-03-29 04:00+02"),
        ("from=02:30 to=04:00", "2026-03-29 03:00+02 .. 2026-03-29 04:00+02"),
        ("from=01:00 to=02:30", "2026-03-29 01:00+01 .. 2026-03-29 03:00+02"),
    ] {
        let history = format!("{}\n2026-03-24T10:00 appointment_held", wish("sun", hours));
        assert_eq!(house.next(&history), format!("8 propose: {window}"), "{hours}");
    }
    // Sunday the 25th of October: 2:00 to 3:00 comes twice.
    for (hours, window) in [
        ("from=01:00 to=04:00", "2026-10-25 01:00+02 .. 2026-10-25 04:00+01"),
        ("from=02:30 to=04:00", "2026-10-25 02:30+02 .. 2026-10-25 04:00+01"),
        ("from=01:00 to=02:30", "2026-10-25 01:00+02 .. 2026-10-25 02:30+01"),
    ] {
        let history = format!("{}\n2026-10-20T10:00 appointment_held", wish("sun", hours));
        assert_eq!(house.next(&history), format!("8 propose: {window}"), "{hours}");
    }
}

#[test]
fn c16_hours_are_those_of_the_prospects_zone_else_of_the_house() {
    let house = House::berlin();
    for (zone, window) in [
        ("", "2026-03-05 09:00+01 .. 2026-03-05 17:00+01"),
        ("zone=America/New_York", "2026-03-05 15:00+01 .. 2026-03-05 23:00+01"),
        ("zone=Asia/Tehran", "2026-03-05 06:30+01 .. 2026-03-05 14:30+01"),
        // The 2nd at 10:00 in Berlin is the 2nd at 22:00 in Apia, and its 5th opens on the 4th here.
        ("zone=Pacific/Apia", "2026-03-04 21:00+01 .. 2026-03-05 05:00+01"),
    ] {
        let history = format!("2026-03-02T09:00 added {zone}\n2026-03-02T10:00 input_requested input=logo");
        assert_eq!(house.next(&history), format!("9 chase_inputs: {window}"), "{zone}");
    }
    // Learnt later, the zone holds for what is next.
    let learnt = "2026-03-02T10:00 input_requested input=logo\n2026-03-03T10:00 added zone=America/New_York";
    assert_eq!(house.next(learnt), "9 chase_inputs: 2026-03-05 15:00+01 .. 2026-03-05 23:00+01");
}

// Clamp 5: the verdict. Clamp 6: the target.

#[test]
fn a_conflict_names_the_rule_of_the_row_and_the_clamps_that_moved_it() {
    let house = House::berlin();
    for (history, rules) in [
        (
            format!("{HOT}\n2026-03-03T10:00 away who=prospect until=2026-03-11T12:00"),
            &[Rule::C6, Rule::C14][..],
        ),
        (
            format!("{HOT}\n2026-03-03T10:00 snoozed until=2026-03-14T14:00"),
            &[Rule::C6, Rule::C14, Rule::C16],
        ),
        // Three days after Thursday is Sunday: own latest its 24:00, moved to Monday's close.
        ("2026-03-05T10:00 input_requested input=logo".to_owned(), &[Rule::C16, Rule::C17]),
        (
            "2026-03-02T10:00 decided outcome=later until=2026-04-01T10:00
             2026-03-02T11:00 away who=owner until=2026-04-02T10:00"
                .to_owned(),
            &[Rule::P9, Rule::C14],
        ),
    ] {
        let plan = house.plan(&history);
        let conflict = plan.next().and_then(|next| next.conflict.clone()).expect("it comes late");
        assert_eq!(conflict.rules.iter().collect::<Vec<_>>(), rules, "{history}");
        assert!(conflict.latest > conflict.own_latest);
    }
    for history in [HOT, "2026-03-02T10:00 inquired", "2026-03-07T10:00 inquired"] {
        assert_eq!(house.plan(history).next().and_then(|next| next.conflict.clone()), None, "{history}");
    }
}

#[test]
fn the_target_of_the_cadence_is_the_opening_of_the_middle_day_and_of_all_others_the_earliest() {
    let house = House::berlin();
    let target = |history: &str| house.clock(house.plan(history).next().expect("an action").window.target);
    let warm = "2026-03-02T10:00 replied
                2026-03-02T11:00 touched channel=email
                2026-03-02T12:00 temperature_set temperature=warm";
    // From the 16th to the 30th: the 23rd.
    assert_eq!(target(warm), "2026-03-23 09:00+01");
    // From the 16th to the 24th by their decision: the 20th; to the 25th: the 20th too, rounded down.
    assert_eq!(
        target(&format!("{warm}\n2026-03-02T13:00 qualified decides_on=2026-03-25")),
        "2026-03-20 09:00+01"
    );
    assert_eq!(
        target(&format!("{warm}\n2026-03-02T13:00 qualified decides_on=2026-03-26")),
        "2026-03-20 09:00+01"
    );
    // The 21st is a Saturday: Monday.
    assert_eq!(
        target(&format!("{warm}\n2026-03-02T13:00 qualified decides_on=2026-03-27")),
        "2026-03-23 09:00+01"
    );
    // A window that ends at 24:00 ends with that day: from the 16th to the 25th, the middle is the 20th.
    let hours =
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| format!("{day} = [\"00:00-24:00\"]\n"));
    let all_day = House::berlin().with(&format!("[working_hours]\n{}", hours.concat()));
    let by_mail = format!(
        "{warm}\n2026-03-02T13:00 preferred channel=email\n2026-03-02T13:00 qualified decides_on=2026-03-26"
    );
    assert_eq!(all_day.next(&by_mail), "13 inform: 2026-03-16 00:00+01 .. 2026-03-26 00:00+01");
    assert_eq!(
        all_day.clock(all_day.plan(&by_mail).next().expect("an action").window.target),
        "2026-03-20 00:00+01"
    );
    assert_eq!(target(HOT), "2026-03-09 09:00+01");
    // Kept inside: the first day opens late.
    assert_eq!(
        target(&format!("{HOT}\n2026-03-03T10:00 snoozed until=2026-03-10T14:00")),
        "2026-03-10 14:00+01"
    );
    assert_eq!(target("2026-03-05T15:00 added"), "2026-03-05 15:00+01");
    // From Friday 15:00 to Monday: the middle is Saturday, and the next open instant Monday's opening.
    assert_eq!(target("2026-03-06T15:00 added"), "2026-03-09 09:00+01");
    for history in [
        "2026-03-02T10:00 asked_proposal\n2026-03-02T11:00 proposal_sent",
        "2026-03-02T10:00 inquired",
        "2026-03-02T10:00 decided outcome=later",
        "2026-03-02T10:00 appointment_set starts_at=2026-03-12T14:00 minutes=60",
        "2026-03-02T10:00 next_step_agreed due_at=2026-03-12T14:00",
    ] {
        let plan = house.plan(history);
        let window = plan.next().expect("an action").window;
        assert_eq!(window.target, window.earliest, "{history}");
    }
}

#[test]
fn c16_a_day_that_a_clock_change_skips_is_no_open_day() {
    // Samoa had no 30 December 2011, a Friday.
    let house = House::at("Pacific/Apia");
    let inquired = "2011-12-29T15:00:00-10:00 inquired";
    assert_eq!(house.next(inquired), "4 discover: 2011-12-29 15:00-10 .. 2012-01-02 17:00+14");
    // Nor have hours that fall into a gap as a whole.
    let night = House::berlin()
        .with("[working_hours]\nsat = \"02:00-03:00\"\nsun = \"02:00-03:00\"\nwed = \"10:00-11:00\"");
    assert_eq!(
        night.next("2026-03-28T02:30 inquired channel=email"),
        "4 discover: 2026-03-28 02:30+01 .. 2026-04-01 11:00+02"
    );
    // In Nuuk the clocks go forward at 23:00 on Saturday, long after that day's noon.
    let late =
        House::at("America/Nuuk").with("[working_hours]\nsat = \"23:00-24:00\"\nwed = \"10:00-11:00\"");
    assert_eq!(
        late.next("2025-03-26T10:30 inquired channel=email"),
        "4 discover: 2025-03-26 10:30-02 .. 2025-04-02 11:00-01"
    );
}

#[test]
fn c16_hours_that_end_where_an_hour_comes_back_end_the_first_time() {
    // In Berlin 2:00 on the 25th of October 2026 comes twice as 2:00 in winter is 3:00 in summer.
    let house = House::berlin()
        .with("[working_hours]\nsat = \"01:00-02:00\"\nsun = \"01:00-02:00\"\nwed = \"10:00-11:00\"");
    assert_eq!(
        house.next("2026-10-24T01:30 inquired channel=email"),
        "4 discover: 2026-10-24 01:30+02 .. 2026-10-25 02:00+02"
    );
}
