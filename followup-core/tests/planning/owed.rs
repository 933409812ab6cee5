//! What else is owed, and what is next of it all? Rows 5 to 9, to the second.

use crate::common::House;
use followup_core::Rule;

// Rows 5 and 6: the appointment.

#[test]
fn p6_a_confirmed_appointment_is_held_from_its_start_for_its_minutes_whatever_the_hour() {
    let house = House::berlin();
    for (starts_at, minutes, window) in [
        ("2026-03-05T14:00", 60, "2026-03-05 14:00+01 .. 2026-03-05 15:00+01"),
        ("2026-03-07T20:15", 45, "2026-03-07 20:15+01 .. 2026-03-07 21:00+01"),
        // The hour from 2 to 3 does not exist that night, and the one of the other night comes twice.
        ("2026-03-29T01:30", 60, "2026-03-29 01:30+01 .. 2026-03-29 03:30+02"),
        ("2026-10-25T02:30", 60, "2026-10-25 02:30+02 .. 2026-10-25 02:30+01"),
    ] {
        let history = format!(
            "2026-03-02T10:00 appointment_set starts_at={starts_at} minutes={minutes}
             2026-03-02T11:00 appointment_confirmed"
        );
        assert_eq!(house.all(&history), [format!("5 hold: {window}")]);
    }
}

#[test]
fn p6_an_appointment_is_confirmed_on_the_last_working_day_before_it() {
    let house = House::berlin().with("holidays = [2026-04-03, 2026-04-06]");
    for (set_at, starts_at, window) in [
        ("2026-03-02T10:00", "2026-03-05T14:00", "2026-03-04 09:00+01 .. 2026-03-04 17:00+01"),
        ("2026-03-02T10:00", "2026-03-09T10:00", "2026-03-06 09:00+01 .. 2026-03-06 17:00+01"),
        ("2026-03-02T10:00", "2026-03-08T10:00", "2026-03-06 09:00+01 .. 2026-03-06 17:00+01"),
        ("2026-03-02T10:00", "2026-03-30T10:00", "2026-03-27 09:00+01 .. 2026-03-27 17:00+01"),
        ("2026-03-02T10:00", "2026-04-07T10:00", "2026-04-02 09:00+02 .. 2026-04-02 17:00+02"),
        // Set on the day before: from then on.
        ("2026-03-04T15:00", "2026-03-05T14:00", "2026-03-04 15:00+01 .. 2026-03-04 17:00+01"),
        // Set after hours: in the morning, at most until it begins.
        ("2026-03-04T18:00", "2026-03-05T14:00", "2026-03-05 09:00+01 .. 2026-03-05 14:00+01"),
        ("2026-03-04T18:00", "2026-03-05T20:00", "2026-03-05 09:00+01 .. 2026-03-05 17:00+01"),
        // Set at the weekend, when the last working day before it is over.
        ("2026-03-07T12:00", "2026-03-09T10:00", "2026-03-09 09:00+01 .. 2026-03-09 10:00+01"),
    ] {
        let history = format!("{set_at} appointment_set starts_at={starts_at} minutes=60");
        assert_eq!(house.all(&history), [format!("6 confirm: {window}")], "{history}");
    }
}

#[test]
fn p6_an_appointment_in_no_need_of_confirming_is_held() {
    let house = House::berlin();
    for (set_at, starts_at) in [
        ("2026-03-05T10:00", "2026-03-05T14:00"),
        // The earliest that hours allow is not before the appointment.
        ("2026-03-06T18:00", "2026-03-09T08:00"),
        ("2026-03-06T18:00", "2026-03-09T09:00"),
        ("2026-03-06T18:00", "2026-03-07T11:00"),
    ] {
        let history = format!("{set_at} appointment_set starts_at={starts_at} minutes=60");
        let all = house.all(&history);
        assert!(all.len() == 1 && all[0].starts_with("5 hold"), "{history}: {all:?}");
    }
    let lapsed = "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60
                  2026-03-04T17:00 lapsed";
    assert_eq!(house.all(lapsed), ["5 hold: 2026-03-05 14:00+01 .. 2026-03-05 15:00+01"]);
}

#[test]
fn p6_whether_it_was_set_on_an_earlier_day_is_read_in_the_zone_of_the_prospect() {
    // Set on the 4th at 23:00 in Berlin, which is the 5th in Kolkata, where it takes place.
    let set = "2026-03-04T23:00:00+01:00 appointment_set starts_at=2026-03-05T10:00:00+01:00 minutes=60";
    assert_eq!(House::berlin().next(set), "6 confirm: 2026-03-05 09:00+01 .. 2026-03-05 10:00+01");
    assert_eq!(
        House::at("Asia/Kolkata").next(set),
        "5 hold: 2026-03-05 14:30+05:30 .. 2026-03-05 15:30+05:30"
    );
}

#[test]
fn p6_an_appointment_without_a_record_is_over_with_the_first_contact_at_or_after_its_end() {
    let house = House::berlin();
    for (event, over) in [
        ("2026-03-05T14:59:59 touched channel=phone", false),
        ("2026-03-05T15:00 touched channel=phone", true),
        ("2026-03-06T10:00 replied", true),
        ("2026-03-06T10:00 decided outcome=later", true),
        ("2026-03-06T10:00 appointment_confirmed", false),
        ("2026-03-06T10:00 auto_replied", false),
        ("2026-03-06T10:00 noted text=nothing", false),
        ("2026-03-06T10:00 bounced", false),
    ] {
        let history = format!(
            "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60
             2026-03-02T11:00 appointment_confirmed
             {event}"
        );
        let held = house.all(&history).iter().any(|line| line.starts_with("5 "));
        assert_eq!(held, !over, "{event}");
    }
}

#[test]
fn p6_a_later_appointment_replaces_the_earlier_one_and_is_confirmed_anew() {
    let history = "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60
                   2026-03-02T11:00 appointment_confirmed
                   2026-03-03T10:00 appointment_set starts_at=2026-03-12T14:00 minutes=60";
    assert_eq!(House::berlin().all(history), ["6 confirm: 2026-03-11 09:00+01 .. 2026-03-11 17:00+01"]);
}

// Row 7: re-booking. Row 8: the proposal.

#[test]
fn p6_a_missed_appointment_is_rebooked_until_any_contact() {
    let house = House::berlin();
    let missed = "2026-03-02T10:00 appointment_set starts_at=2026-03-06T14:00 minutes=60
                  2026-03-06T14:20 appointment_missed by=prospect";
    assert_eq!(house.all(missed), ["7 rebook: 2026-03-06 14:20+01 .. 2026-03-09 17:00+01"]);
    for (event, ends) in [
        ("2026-03-06T15:00 touched channel=phone", true),
        ("2026-03-06T15:00 replied", true),
        ("2026-03-06T15:00 appointment_set starts_at=2026-03-12T14:00 minutes=60", true),
        ("2026-03-06T15:00 auto_replied", false),
        ("2026-03-06T15:00 noted text=nothing", false),
    ] {
        let all = house.all(&format!("{missed}\n{event}"));
        assert_eq!(!all.iter().any(|line| line.starts_with("7 ")), ends, "{event}");
    }
}

#[test]
fn p7_a_proposal_is_owed_from_the_meeting_to_the_close_of_the_next_open_day() {
    let house = House::berlin();
    for (held_at, window) in [
        ("2026-03-05T15:00", "2026-03-05 15:00+01 .. 2026-03-06 17:00+01"),
        ("2026-03-06T15:00", "2026-03-06 15:00+01 .. 2026-03-09 17:00+01"),
        ("2026-03-07T15:00", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
    ] {
        let history = format!("{held_at} appointment_held");
        assert_eq!(house.all(&history), [format!("8 propose: {window}")], "{held_at}");
    }
}

#[test]
fn p7_the_proposal_is_owed_until_one_is_sent_after_the_meeting() {
    let house = House::berlin();
    let owed = |history: &str| house.all(history).iter().any(|line| line.starts_with("8 "));
    let held = "2026-03-05T15:00 appointment_held key=m";
    assert!(owed(held));
    assert!(owed(&format!("2026-03-04T10:00 proposal_sent\n{held}")), "one from before is none");
    assert!(owed(&format!("{held}\n2026-03-06T10:00 touched channel=phone")));
    assert!(owed(&format!("{held}\n2026-03-06T10:00 replied")));
    assert!(!owed(&format!("{held}\n2026-03-05T15:00 proposal_sent key=z")));
    assert!(owed(&format!("{held}\n2026-03-05T15:00 proposal_sent key=a")), "it comes before, in order");
    // Rows 3 to 9 go on after a "later".
    assert!(owed(&format!("{held}\n2026-03-06T10:00 decided outcome=later")));
    // A second round and going stale forget the meeting.
    assert!(!owed(&format!("{held}\n2026-03-06T10:00 reopened")));
    assert!(!owed(&format!("{held}\n2026-03-06T10:00 went_stale")));
}

#[test]
fn p7_an_open_agreed_step_that_is_newer_than_the_meeting_stands_for_the_proposal() {
    let house = House::berlin();
    let held = "2026-03-04T15:00 appointment_held";
    let proposal = "8 propose: 2026-03-04 15:00+01 .. 2026-03-05 17:00+01";
    let newer = format!("{held}\n2026-03-04T16:00 next_step_agreed due_at=2026-03-12T14:00");
    assert_eq!(house.all(&newer), ["3 check_in: 2026-03-12 14:00+01 .. 2026-03-12 17:00+01"]);
    let done = format!("{newer}\n2026-03-12T10:00 touched channel=phone");
    assert_eq!(house.all(&done), [proposal]);
    let older = format!("2026-03-03T16:00 next_step_agreed due_at=2026-03-12T14:00\n{held}");
    assert_eq!(house.all(&older), [proposal, "3 check_in: 2026-03-12 14:00+01 .. 2026-03-12 17:00+01"]);
}

// Row 9: inputs.

#[test]
fn c17_inputs_are_chased_after_a_third_of_the_time_that_is_left() {
    let house = House::berlin();
    for (deadline, window) in [
        // 8 days: 2⅔, whole days 2.
        ("deadline=2026-03-10T10:00", "2026-03-04 09:00+01 .. 2026-03-04 17:00+01"),
        // 9 days less a second: still 2. 9 days: 3.
        ("deadline=2026-03-11T09:59:59", "2026-03-04 09:00+01 .. 2026-03-04 17:00+01"),
        ("deadline=2026-03-11T10:00", "2026-03-05 09:00+01 .. 2026-03-05 17:00+01"),
        // 16 hours: at least one day.
        ("deadline=2026-03-03T02:00", "2026-03-03 09:00+01 .. 2026-03-03 17:00+01"),
        ("", "2026-03-05 09:00+01 .. 2026-03-05 17:00+01"),
        // 30 days less the hour that the clocks skip: 9.
        ("deadline=2026-04-01T10:00", "2026-03-11 09:00+01 .. 2026-03-11 17:00+01"),
        // A third of 18 days leads to Sunday, and the hours to Monday.
        ("deadline=2026-03-20T10:00", "2026-03-09 09:00+01 .. 2026-03-09 17:00+01"),
    ] {
        let history = format!("2026-03-02T10:00 input_requested input=logo {deadline}");
        assert_eq!(house.all(&history), [format!("9 chase_inputs: {window}")], "{deadline}");
    }
}

#[test]
fn c17_the_nearest_deadline_of_what_is_outstanding_counts_from_the_last_touch() {
    let house = House::berlin();
    let history = "2026-03-02T10:00 input_requested input=logo deadline=2026-04-30T10:00
                   2026-03-02T10:00 input_requested input=texts deadline=2026-03-14T10:00
                   2026-03-02T10:00 input_requested input=photos";
    // 12 days are left: a third is 4.
    assert_eq!(house.all(history), ["9 chase_inputs: 2026-03-06 09:00+01 .. 2026-03-06 17:00+01"]);
    // Touched on the 6th, 8 days are left: whole days of a third are 2, which leads to Sunday.
    let touched = format!("{history}\n2026-03-06T10:00 touched channel=phone");
    assert_eq!(house.all(&touched), ["9 chase_inputs: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01"]);
    // With the texts in, 59 days less an hour are left until the logo: 19, which leads to Saturday.
    let texts_in = format!("{history}\n2026-03-03T10:00 input_received input=texts");
    assert_eq!(house.all(&texts_in), ["9 chase_inputs: 2026-03-23 09:00+01 .. 2026-03-23 17:00+01"]);
    let undated = format!("{texts_in}\n2026-03-03T11:00 input_waived input=logo");
    assert_eq!(house.all(&undated), ["9 chase_inputs: 2026-03-05 09:00+01 .. 2026-03-05 17:00+01"]);
    let complete = format!("{undated}\n2026-03-03T12:00 input_received input=photos");
    assert!(house.next(&complete).starts_with("13 "), "{}", house.next(&complete));
}

#[test]
fn c17_past_the_deadline_it_is_every_day_for_five_touches_and_then_every_third() {
    let house = House::berlin();
    let mut history = "2026-03-02T10:00 input_requested input=logo deadline=2026-03-03T10:00\n".to_owned();
    let asks_the_owner =
        |history: &str| house.plan(history).needs.iter().any(|need| need.as_str() == "ask the owner");
    for (touched_at, day) in [
        // A touch at the deadline is past it.
        ("2026-03-03T10:00", "2026-03-04"),
        ("2026-03-04T10:00", "2026-03-05"),
        ("2026-03-05T10:00", "2026-03-06"),
        ("2026-03-06T10:00", "2026-03-09"),
    ] {
        history += &format!("{touched_at} touched channel=phone\n");
        let expected = format!("9 chase_inputs: {day} 09:00+01 .. {day} 17:00+01");
        assert_eq!(house.all(&history), [expected], "{touched_at}");
        assert!(!asks_the_owner(&history), "{touched_at}");
    }
    history += "2026-03-09T10:00 touched channel=phone\n";
    assert_eq!(house.all(&history), ["9 chase_inputs: 2026-03-12 09:00+01 .. 2026-03-12 17:00+01"]);
    assert!(asks_the_owner(&history));
    // Five at the deadline itself are five past it.
    let at_once = (1..=5).map(|seq| format!("\n2026-03-03T10:00 touched channel=phone seq={seq}"));
    let history = "2026-03-02T10:00 input_requested input=logo deadline=2026-03-03T10:00".to_owned();
    let five: String = [history].into_iter().chain(at_once).collect();
    assert_eq!(house.all(&five), ["9 chase_inputs: 2026-03-06 09:00+01 .. 2026-03-06 17:00+01"]);
    assert!(asks_the_owner(&five));
}

#[test]
fn s4_asked_for_again_an_input_has_its_new_deadline() {
    let history = "2026-03-02T10:00 input_requested input=logo deadline=2026-03-05T10:00
                   2026-03-03T10:00 input_requested input=logo deadline=2026-03-21T10:00";
    assert_eq!(House::berlin().all(history), ["9 chase_inputs: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01"]);
}

// What is owed at once.

#[test]
fn of_all_that_is_owed_the_earliest_deadline_is_next_and_the_others_are_also_owed() {
    let history = "2026-03-02T10:00 asked_information
                   2026-03-02T10:30 touched channel=phone purpose=check_in
                   2026-03-03T10:00 appointment_held
                   2026-03-03T11:00 input_requested input=logo";
    assert_eq!(
        House::berlin().all(history),
        [
            "4 inform: 2026-03-02 10:00+01 .. 2026-03-03 17:00+01",
            "8 propose: 2026-03-03 10:00+01 .. 2026-03-04 17:00+01",
            "9 chase_inputs: 2026-03-06 09:00+01 .. 2026-03-06 17:00+01",
        ]
    );
    let plan = House::berlin().plan(history);
    let obligations: Vec<_> = plan.actions().map(|action| action.obligation.to_string()).collect();
    assert_eq!(obligations, ["answer:01", "propose:03", "chase:04"]);
}

#[test]
fn of_equal_deadlines_the_first_row_is_next() {
    let history = "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60
                   2026-03-03T10:00 replied
                   2026-03-03T10:30 input_requested input=logo deadline=2026-03-04T10:00
                   2026-03-03T11:00 asked_information";
    assert_eq!(
        House::berlin().all(history),
        [
            "4 inform: 2026-03-03 11:00+01 .. 2026-03-04 17:00+01",
            "6 confirm: 2026-03-04 09:00+01 .. 2026-03-04 17:00+01",
            "9 chase_inputs: 2026-03-04 09:00+01 .. 2026-03-04 17:00+01",
        ]
    );
}

#[test]
fn an_old_debt_never_hides_the_appointment_of_today() {
    let history = "2026-03-02T10:00 asked_proposal
                   2026-03-02T11:00 appointment_set starts_at=2026-03-12T14:00 minutes=60
                   2026-03-02T12:00 appointment_confirmed
                   2026-03-03T10:00 asked_proposal";
    assert_eq!(
        House::berlin().all(history),
        [
            "4 propose: 2026-03-03 10:00+01 .. 2026-03-04 17:00+01",
            "5 hold: 2026-03-12 14:00+01 .. 2026-03-12 15:00+01",
        ]
    );
}

#[test]
fn p6_a_confirmation_ends_when_the_appointment_begins_though_nobody_is_there_then() {
    let house = House::berlin().with(
        "[working_hours]
         wed = [\"09:00-12:00\", \"13:00-17:00\"]
         thu = [\"09:00-12:00\", \"13:00-17:00\"]",
    );
    let history = "2026-03-04T18:00 appointment_set starts_at=2026-03-05T12:30 minutes=60";
    assert_eq!(house.next(history), "6 confirm: 2026-03-05 09:00+01 .. 2026-03-05 12:30+01");
}

#[test]
fn the_plan_names_the_rule_that_it_comes_from() {
    let house = House::berlin();
    for (history, rule) in [
        ("2026-03-02T10:00 next_step_agreed due_at=2026-03-12T14:00", Rule::P10),
        ("2026-03-02T10:00 inquired", Rule::C4),
        ("2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60", Rule::P6),
        ("2026-03-02T10:00 appointment_held", Rule::P7),
        ("2026-03-02T10:00 input_requested input=logo", Rule::C17),
        ("2026-03-02T10:00 added", Rule::C2),
        ("2026-03-02T10:00 touched channel=phone", Rule::C8),
        ("2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=phone", Rule::C1),
        ("2026-03-02T10:00 proposal_sent", Rule::P7),
        ("2026-03-02T10:00 decided outcome=later", Rule::P9),
        ("2026-03-02T10:00 replied\n2026-03-02T11:00 stopped", Rule::S3),
        ("2026-03-02T10:00 replied\n2026-03-02T11:00 opted_out", Rule::S6),
        ("2026-03-02T10:00 replied\n2026-03-02T11:00 gave_up", Rule::S2),
        ("2026-03-02T10:00 touched channel=phone purpose=last_message", Rule::S2),
        ("2026-03-02T10:00 inquired", Rule::W6),
        ("2026-03-07T10:00 inquired", Rule::C16),
    ] {
        let plan = house.plan(history);
        assert!(plan.rules().contains(rule), "{history}: {:?}", plan.rules());
    }
}
