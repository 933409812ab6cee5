//! When is the next touch of the cadence, and what is it for? Row 13, to the second.

use crate::common::House;

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
            "2025-01-02T10:00 replied
             {at} touched channel=phone
             {at} temperature_set temperature={temperature}"
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
        assert_eq!(house.plan(&history).next().and_then(|next| next.conflict.clone()), None, "{decides_on}");
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
            "2026-03-02T10:00 appointment_set starts_at=2026-03-02T11:00 minutes=5
             2026-03-02T12:00 touched channel=phone",
            "ask_appointment",
        ),
        (
            "2026-03-02T10:00 asked_proposal
             2026-03-02T11:00 proposal_sent
             2026-03-02T12:00 touched channel=phone",
            "discuss",
        ),
        ("2026-03-02T10:00 ready_to_buy\n2026-03-02T11:00 touched channel=phone", "close"),
        (
            "2026-03-02T10:00 ready_to_buy
             2026-03-02T11:00 proposal_sent
             2026-03-02T12:00 touched channel=phone",
            "close",
        ),
    ] {
        assert_eq!(purpose(&house, history), expected, "{history}");
    }
    // At the stage of the proposal while none is sent: they asked for it, and then agreed on something else.
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
    let cool = "2026-03-02T10:00 replied
                2026-03-02T11:00 touched channel=phone
                2026-03-02T12:00 temperature_set temperature=cool";
    assert_eq!(purpose(&house, cool), "inform");
}

#[test]
fn c1_a_day_whose_first_half_hour_a_clock_change_skips_opens_after_it() {
    // In Toronto the clocks went from 23:30 to 00:30 on the 30th of March 1919.
    let always =
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| format!("{day} = \"00:00-24:00\"\n"));
    let house = House::at("America/Toronto").with(&format!("[working_hours]\n{}", always.concat()));
    let history = "1919-03-24T09:00 preferred channel=email
                   1919-03-24T10:00 asked_information
                   1919-03-24T11:00 information_sent channel=email";
    assert_eq!(house.next(history), "13 ask_appointment: 1919-03-31 00:30-04 .. 1919-04-01 00:00-04");
}
