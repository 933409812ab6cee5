//! What comes after a decision, a stop, a pause or an opting out? Rows 14 and 15, and rest.

use crate::common::House;

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
