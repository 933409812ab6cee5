//! What does time alone change, when, and what if a late fact shows otherwise? The wake-ups, to the second.

use crate::common::{House, utc};
use chrono::TimeDelta;
use followup_core::{Event, ProspectState, plan};

/// Informed, and hot: the cadence's touch is due on Monday the 9th of March by 17:00.
const INFORMED: &str = "2026-03-02T10:00 asked_information
                        2026-03-02T11:00 information_sent";

/// The names and instants of what waking up to an instant records.
fn woken(house: &House, history: &str, now: &str) -> Vec<String> {
    let events = house.state(history).wake(&house.policy, house.event(&format!("{now} noted text=now")).at());
    events.iter().map(|event| format!("{} {}", event.name(), house.clock(event.at()))).collect()
}

/// What is next once time has done its part up to an instant.
fn next_at(house: &House, history: &str, now: &str) -> String {
    let mut state = house.state(history);
    state.wake(&house.policy, house.event(&format!("{now} noted text=now")).at());
    house.show(&plan(&state, &house.policy))
}

#[test]
fn p8_four_weeks_exactly_past_the_latest_date_they_go_stale() {
    let house = House::berlin();
    // 28 times 24 hours after the 9th at 17:00; the clocks have gone forward in between.
    assert_eq!(house.wake_up(INFORMED), "went_stale 2026-04-06 18:00+02");
    assert_eq!(woken(&house, INFORMED, "2026-04-06T17:59:59"), Vec::<String>::new());
    assert_eq!(woken(&house, INFORMED, "2026-04-06T18:00"), ["went_stale 2026-04-06 18:00+02"]);
    // Back at interest, as warm as before; what was delivered is forgotten; the cadence counts from then on.
    let stale = format!("{INFORMED}\n2026-04-06T18:00 went_stale");
    assert_eq!(house.stands(&stale), "interest hot");
    assert_eq!(house.next(&stale), "13 inform: 2026-04-13 09:00+02 .. 2026-04-13 17:00+02");
    assert_eq!(house.wake_up(&stale), "none");
    assert_eq!(next_at(&house, INFORMED, "2027-01-01T00:00"), house.next(&stale));
}

#[test]
fn p8_nobody_goes_stale_at_interest_or_decided_or_paused_or_while_something_is_owed() {
    let house = House::berlin();
    for history in [
        "2026-03-02T10:00 added",
        "2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=phone",
        "2026-03-02T10:00 asked_information",
        "2026-03-02T10:00 asked_information
         2026-03-02T11:00 information_sent
         2026-03-02T12:00 input_requested input=logo",
        "2026-03-02T10:00 ready_to_buy\n2026-03-02T11:00 decided outcome=later",
        "2026-03-02T10:00 ready_to_buy\n2026-03-02T11:00 decided outcome=won",
        "2026-03-02T10:00 ready_to_buy\n2026-03-02T11:00 stopped",
    ] {
        assert_eq!(house.wake_up(history), "none", "{history}");
    }
    let paused = format!("{INFORMED}\n2026-03-02T12:00 paused");
    assert_eq!(house.wake_up(&paused), "resumed 2026-04-01 12:00+02");
}

#[test]
fn p8_rows_10_to_13_all_go_stale() {
    let steps = "[[steps.information]]\nafter = \"P1W\"\nwithin = \"P1D\"\n".repeat(2);
    let proposed = "2026-03-02T10:00 asked_proposal\n2026-03-02T11:00 proposal_sent";
    let silent =
        format!("{proposed}\n2026-03-09T10:00 touched channel=phone\n2026-03-16T10:00 touched channel=phone");
    for (house, history, next, wake_up) in [
        (House::berlin(), silent.as_str(), "10 ", "went_stale 2026-04-22 18:00+02"),
        (House::berlin(), proposed, "11 ", "went_stale 2026-04-03 18:00+02"),
        (House::berlin().with(&steps), INFORMED, "12 ", "went_stale 2026-04-07 18:00+02"),
        (House::berlin(), INFORMED, "13 ", "went_stale 2026-04-06 18:00+02"),
    ] {
        assert!(house.next(history).starts_with(next), "{}", house.next(history));
        assert_eq!(house.wake_up(history), wake_up);
    }
}

#[test]
fn p8_going_stale_forgets_the_pursuit_and_the_readiness_and_nothing_of_the_history() {
    let house = House::berlin();
    let before = "2026-03-02T09:00 asked_proposal
                  2026-03-02T10:00 information_sent
                  2026-03-02T11:00 proposal_sent
                  2026-03-02T12:00 appointment_set starts_at=2026-03-12T10:00 minutes=60
                  2026-03-02T13:00 next_step_agreed due_at=2026-03-12T10:00
                  2026-03-02T14:00 touched channel=phone purpose=last_message";
    let stale = format!("{before}\n2026-03-03T10:00 went_stale");
    // No agreed step, no appointment, no waiting for an answer, no discussion.
    assert_eq!(house.all(&stale), ["13 inform: 2026-03-10 09:00+01 .. 2026-03-10 17:00+01"]);
    let state = house.state(&stale);
    assert!(!state.readiness().informed && !state.readiness().familiar);
    assert_eq!((state.touches(), state.unanswered()), (house.state(before).touches(), 1));
    // Readiness is gained anew: information, and a sign or two touches, both since then.
    let informed = format!("{stale}\n2026-03-04T10:00 information_sent");
    assert!(house.state(&informed).readiness().informed && !house.state(&informed).readiness().familiar);
    let twice = format!("{informed}\n2026-03-05T10:00 touched channel=phone");
    assert!(house.state(&twice).readiness().is_ready());
}

#[test]
fn s2_a_last_message_without_a_sign_is_a_giving_up_after_fourteen_days_exactly() {
    let house = House::berlin();
    let said = "2026-03-02T10:00 asked_proposal
                2026-03-02T11:00 proposal_sent
                2026-03-09T10:00 touched channel=phone
                2026-03-16T10:00 touched channel=phone
                2026-03-18T10:00 touched channel=email purpose=last_message";
    assert_eq!(woken(&house, said, "2026-04-01T10:59:59"), Vec::<String>::new());
    assert_eq!(woken(&house, said, "2026-04-01T11:00"), ["gave_up 2026-04-01 11:00+02"]);
    assert_eq!(next_at(&house, said, "2026-04-01T11:00"), "rest: gave_up");
    // A touch of ours does not delay it, a sign of theirs ends it.
    let touched = format!("{said}\n2026-03-25T10:00 touched channel=phone");
    assert_eq!(house.wake_up(&touched), "gave_up 2026-04-01 11:00+02");
    let answered = format!("{said}\n2026-03-25T10:00 input_received input=logo");
    assert_eq!(house.wake_up(&answered), "went_stale 2026-04-29 17:00+02");
}

#[test]
fn p6_an_unconfirmed_appointment_lapses_at_the_latest_of_its_confirmation_and_is_held() {
    let house = House::berlin();
    let set = "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60";
    assert_eq!(house.wake_up(set), "lapsed 2026-03-04 17:00+01");
    assert_eq!(
        next_at(&house, set, "2026-03-04T16:59:59"),
        "6 confirm: 2026-03-04 09:00+01 .. 2026-03-04 17:00+01"
    );
    assert_eq!(
        next_at(&house, set, "2026-03-04T17:00"),
        "5 hold: 2026-03-05 14:00+01 .. 2026-03-05 15:00+01"
    );
    // In the morning of the day itself: at most until it begins.
    let late = "2026-03-04T18:00 appointment_set starts_at=2026-03-05T14:00 minutes=60";
    assert_eq!(house.wake_up(late), "lapsed 2026-03-05 14:00+01");
    // Also while something else is next.
    let beside = format!("{set}\n2026-03-03T10:00 replied");
    assert!(house.next(&beside).starts_with("4 "));
    assert_eq!(house.wake_up(&beside), "lapsed 2026-03-04 17:00+01");
}

#[test]
fn row_0_an_intent_without_an_outcome_for_a_quarter_of_an_hour_is_unknown() {
    let house = House::berlin();
    let intent = "2026-03-02T10:00 send_intended action=p/1";
    assert_eq!(woken(&house, intent, "2026-03-02T10:14:59"), Vec::<String>::new());
    assert_eq!(woken(&house, intent, "2026-03-02T10:15"), ["send_unknown 2026-03-02 10:15+01"]);
    assert_eq!(
        next_at(&house, intent, "2026-05-01T10:00"),
        "1 resolve_send: 2026-03-02 10:15+01 .. 2026-03-03 17:00+01"
    );
    for outcome in ["sent action=p/1", "send_failed action=p/1", "send_failed action=p/1 permanent=true"] {
        assert_eq!(
            woken(&house, &format!("{intent}\n2026-03-02T10:01 {outcome}"), "2026-03-02T10:15"),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_pause_ends_by_itself_and_nothing_missed_is_caught_up() {
    let house = House::berlin();
    let hot = "2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=phone";
    let paused = format!("{hot}\n2026-03-03T10:00 paused until=2026-06-01T10:00");
    assert_eq!(woken(&house, &paused, "2026-06-01T10:00"), ["resumed 2026-06-01 10:00+02"]);
    // The cadence counts from the end of the pause.
    assert_eq!(
        next_at(&house, &paused, "2026-06-01T10:00"),
        "13 inform: 2026-06-08 09:00+02 .. 2026-06-08 17:00+02"
    );
    let undated = format!("{hot}\n2026-03-03T10:00 paused");
    assert_eq!(house.wake_up(&undated), "resumed 2026-04-02 10:00+02");
    // Paused again, the newest pause counts.
    let again = format!("{paused}\n2026-03-04T10:00 paused until=2026-03-20T10:00");
    assert_eq!(house.wake_up(&again), "resumed 2026-03-20 10:00+01");
}

#[test]
fn the_minimum_gap_holds_after_a_pause() {
    let house = House::berlin().with(
        "[[steps.interest]]
                                      after = \"P0D\"
                                      within = \"P1D\"
                                      [[steps.interest]]
                                      after = \"P0D\"
                                      within = \"P1D\"
                                      ",
    );
    let history = "2026-03-02T10:00 touched channel=phone
                   2026-03-02T11:00 paused until=2026-03-03T10:00
                   2026-03-03T10:00 resumed";
    assert_eq!(house.next(history), "12 check_in: 2026-03-04 09:00+01 .. 2026-03-04 17:00+01");
}

#[test]
fn of_several_wake_ups_the_oldest_comes_first() {
    let house = House::berlin();
    let history = "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60
                   2026-03-02T11:00 paused until=2026-03-03T10:00";
    assert_eq!(
        woken(&house, history, "2026-03-10T10:00"),
        ["resumed 2026-03-03 10:00+01", "lapsed 2026-03-04 17:00+01"]
    );
    let other = history.replace("03T10:00", "05T10:00");
    assert_eq!(
        woken(&house, &other, "2026-03-10T10:00"),
        ["lapsed 2026-03-04 17:00+01", "resumed 2026-03-05 10:00+01"]
    );
}

#[test]
fn wake_ups_of_one_instant_fold_in_the_order_in_which_they_were_due() {
    let house = House::berlin();
    // Both were due before the note, and are recorded at its instant: first the end of the pause.
    let history = "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60
                   2026-03-02T11:00 paused until=2026-03-03T10:00
                   2026-03-04T20:00 noted text=imported";
    let mut state = house.state(history);
    let recorded = state.wake(&house.policy, utc("2026-03-10T00:00:00Z"));
    assert_eq!(recorded.iter().map(Event::name).collect::<Vec<_>>(), ["resumed", "lapsed"]);
    assert!(recorded.iter().all(|event| house.clock(event.at()) == "2026-03-04 20:00+01"));
    let journal = house.events(history).into_iter().chain(recorded);
    let mut folded = ProspectState::replay_at(house.zone, journal).expect("each key stands for one event");
    assert_eq!(folded, state);
    assert_eq!(folded.wake(&house.policy, utc("2026-03-10T00:00:00Z")), vec![]);
}

#[test]
fn a_wake_up_that_was_due_before_the_newest_event_is_recorded_after_it() {
    let house = House::berlin();
    // A history that was taken in as a whole: nobody looked in April.
    let history = format!("{INFORMED}\n2026-08-03T10:00 noted text=imported");
    assert_eq!(house.wake_up(&history), "went_stale 2026-04-06 18:00+02");
    assert_eq!(woken(&house, &history, "2026-08-03T10:00"), ["went_stale 2026-08-03 10:00+02"]);
    assert_eq!(
        woken(&house, &history, "2026-05-01T10:00"),
        Vec::<String>::new(),
        "it is not recorded in the past"
    );
}

#[test]
fn a_wake_up_comes_after_everything_else_of_its_instant() {
    let house = House::berlin();
    let mut state = house.state(INFORMED);
    let stale = state.wake(&house.policy, utc("2026-04-06T16:00:00Z")).pop().expect("it is due");
    // A contact of the same instant counts as having come in time.
    let contact = house.event("2026-04-06T18:00 touched channel=phone key=z seq=7");
    let mut events = house.events(INFORMED);
    events.extend([stale, contact]);
    let state = ProspectState::replay_at(house.zone, events).expect("each key stands for one event");
    assert_eq!(plan(&state, &house.policy).stage.as_str(), "information");
}

/// Wakes, puts one late event among the others, and folds everything again.
fn with_a_late_fact(house: &House, history: &str, now: &str, late: &str) -> (String, String) {
    let now = house.event(&format!("{now} noted text=now")).at();
    let mut events = house.events(history);
    events.extend(house.state(history).wake(&house.policy, now));
    events.push(house.event(late).with_key("late"));
    let mut state = ProspectState::replay_at(house.zone, events).expect("each key stands for one event");
    let stored = house.show(&plan(&state, &house.policy));
    state.wake(&house.policy, now);
    (stored, house.show(&plan(&state, &house.policy)))
}

#[test]
fn a_late_contact_voids_the_going_stale_that_it_shows_to_be_wrong() {
    let house = House::berlin();
    let (_, next) =
        with_a_late_fact(&house, INFORMED, "2026-04-10T10:00", "2026-04-01T10:00 touched channel=phone");
    assert_eq!(next, "13 ask_appointment: 2026-04-08 09:00+02 .. 2026-04-08 17:00+02");
    // A note does not, nor does a contact after it.
    let (_, noted) = with_a_late_fact(&house, INFORMED, "2026-04-10T10:00", "2026-04-01T10:00 noted text=x");
    assert_eq!(noted, "13 inform: 2026-04-13 09:00+02 .. 2026-04-13 17:00+02");
    let (_, after) =
        with_a_late_fact(&house, INFORMED, "2026-04-10T10:00", "2026-04-08T10:00 touched channel=phone");
    assert_eq!(after, "13 inform: 2026-04-15 09:00+02 .. 2026-04-15 17:00+02");
}

#[test]
fn a_late_reply_voids_the_giving_up() {
    let house = House::berlin();
    let said = "2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=email purpose=last_message";
    assert_eq!(next_at(&house, said, "2026-04-01T10:00"), "rest: gave_up");
    let (_, next) =
        with_a_late_fact(&house, said, "2026-04-01T10:00", "2026-03-10T10:00 input_received input=logo");
    assert_eq!(next, "13 inform: 2026-03-17 09:00+01 .. 2026-03-17 17:00+01");
}

#[test]
fn a_late_confirmation_voids_the_lapse_and_a_late_outcome_the_unknown_send() {
    let house = House::berlin();
    let set = "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60";
    let (stored, _) =
        with_a_late_fact(&house, set, "2026-03-04T18:00", "2026-03-03T10:00 appointment_missed");
    assert!(stored.starts_with("7 rebook"), "{stored}");
    let intent =
        "2026-03-02T10:00 replied\n2026-03-02T11:00 send_intended action=p/1 channel=email purpose=check_in";
    let (_, sent) = with_a_late_fact(&house, intent, "2026-03-02T12:00", "2026-03-02T11:01 sent action=p/1");
    assert_eq!(sent, "13 inform: 2026-03-09 09:00+01 .. 2026-03-09 17:00+01");
}

#[test]
fn a_late_change_of_the_date_moves_a_wake_up_to_where_it_would_have_been() {
    let house = House::berlin();
    // Warm, and so stale 28 days after the 30th; cool since the 3rd, it is far from stale.
    let warm = "2026-03-02T10:00 asked_information
                2026-03-02T11:00 information_sent
                2026-03-02T12:00 temperature_set temperature=warm";
    assert_eq!(house.wake_up(warm), "went_stale 2026-04-27 17:00+02");
    let (_, cool) = with_a_late_fact(
        &house,
        warm,
        "2026-05-01T10:00",
        "2026-03-03T10:00 temperature_set temperature=cool",
    );
    assert_eq!(cool, "13 check_in: 2026-05-04 09:00+02 .. 2026-06-02 17:00+02");
    // Hot since the 3rd, it went stale earlier, on the 6th of April, and the cadence counts from then.
    let (_, hot) = with_a_late_fact(
        &house,
        warm,
        "2026-05-01T10:00",
        "2026-03-03T10:00 temperature_set temperature=hot",
    );
    assert_eq!(hot, "13 inform: 2026-04-13 09:00+02 .. 2026-04-13 17:00+02");
}

#[test]
fn a_wake_up_without_a_premise_is_taken_as_it_stands() {
    let house = House::berlin();
    let imported = format!("{INFORMED}\n2026-03-03T10:00 went_stale");
    assert_eq!(house.stands(&imported), "interest hot");
    // One that names what is not so changes nothing, and stays in the history.
    let wrong = format!("{imported} premise=nobody");
    assert_eq!(house.stands(&wrong), "information hot");
    for (event, premise_of) in
        [("gave_up", "02"), ("resumed", "02"), ("lapsed", "02"), ("send_unknown action=p/1", "02")]
    {
        let history = format!("{INFORMED}\n2026-03-03T10:00 {event} premise={premise_of}");
        assert_eq!(house.next(&history), house.next(INFORMED), "{event}");
    }
    let set = "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60 key=set";
    let lapsed = format!("{set}\n2026-03-04T17:00 lapsed premise=set");
    assert!(house.next(&lapsed).starts_with("5 "), "{}", house.next(&lapsed));
    let another = format!("{set}\n2026-03-03T10:00 appointment_set starts_at=2026-03-06T14:00 minutes=60");
    assert!(house.next(&format!("{another}\n2026-03-04T17:00 lapsed premise=set")).starts_with("6 "));
    let paused = "2026-03-02T10:00 paused key=first\n2026-03-03T10:00 paused until=2026-05-01T10:00";
    let resumed = format!("{paused}\n2026-04-01T10:00 resumed premise=first");
    assert_eq!(house.next(&resumed), "wait for pause_end until 2026-05-01 10:00+02");
    let right = format!("{imported} premise=02");
    assert_eq!(house.stands(&right), "interest hot");
}

#[test]
fn each_wake_up_ends_in_a_rest_or_a_strictly_later_one() {
    let house = House::berlin();
    let history = "2026-03-02T10:00 asked_appointment
                   2026-03-02T10:30 appointment_set starts_at=2026-03-05T14:00 minutes=60
                   2026-03-02T11:00 paused until=2026-03-20T10:00
                   2026-03-02T12:00 send_intended action=p/1";
    let mut state = house.state(history);
    let far = utc("2030-01-01T00:00:00Z");
    let events: Vec<Event> = state.wake(&house.policy, far);
    assert!(events.windows(2).all(|pair| pair[0].order(&pair[1]).is_lt()), "{events:?}");
    assert!(state.wake(&house.policy, far).is_empty());
    let wake = plan(&state, &house.policy).wake;
    assert!(wake.is_none_or(|wake| wake.at() > far));
}

#[test]
fn waking_daily_gives_what_waking_at_once_gives() {
    let house = House::berlin();
    for history in [
        INFORMED,
        "2026-03-02T10:00 appointment_set starts_at=2026-03-05T14:00 minutes=60\n2026-03-02T11:00 paused",
    ] {
        let mut at_once = house.state(history);
        at_once.wake(&house.policy, utc("2026-12-31T00:00:00Z"));
        let mut daily = house.state(history);
        let mut now = utc("2026-03-03T00:00:00Z");
        while now <= utc("2026-12-31T00:00:00Z") {
            daily.wake(&house.policy, now);
            now += TimeDelta::days(1);
        }
        assert_eq!(daily, at_once);
    }
}

#[test]
fn a_basis_of_another_layout_is_not_compared_and_the_premise_alone_decides() {
    let house = House::berlin();
    let stale = |basis: &str| format!("{INFORMED}\n2026-04-06T18:00 went_stale premise=02 basis={basis}");
    assert_eq!(house.stands(&stale("1-0123456789abcdef")), "interest hot");
    assert_eq!(house.stands(&stale("2-0123456789abcdef")), "interest hot");
    assert_eq!(house.stands(&stale("3-0123456789abcdef")), "information hot");
    let of_another = stale("1-0123456789abcdef").replace("premise=02", "premise=99");
    assert_eq!(house.stands(&of_another), "information hot");
}
