//! What goes wrong elsewhere must not here: stories that need no store, each with its name.

use followup_core::Rule;
use followup_core::plan::Decision;
use followup_core::state::Breach;

use crate::common::House;

#[test]
fn today_is_the_day_where_they_are_and_not_where_the_server_stands() {
    // Half past eleven on a Monday evening in Los Angeles is Tuesday in Berlin and by UTC.
    for house in ["America/Los_Angeles", "Europe/Berlin", "Pacific/Auckland"] {
        let house = House::at(house);
        let added = house.plan("2026-03-03T07:30:00Z added zone=America/Los_Angeles");
        let window = added.next().expect("a first contact").window;
        assert_eq!(window.earliest.to_rfc3339(), "2026-03-03T17:00:00+00:00", "Tuesday nine o'clock there");
        assert_eq!(window.latest.to_rfc3339(), "2026-03-04T01:00:00+00:00", "Tuesday five o'clock there");
    }
}

#[test]
fn a_weekend_does_not_keep_the_clock_time_of_a_lead_on_saturday_evening() {
    // An answer is promised in days, not in hours: a target of one hour (due on Monday at ten) cannot be said. What can
    // is nearest to it: it opens with Monday, and twenty o'clock is nowhere.
    let hours = "[working_hours]\nmon = \"09:00-18:00\"\ntue = \"09:00-18:00\"\nwed = \"09:00-18:00\"\n\
                 thu = \"09:00-18:00\"\nfri = \"09:00-18:00\"\n";
    let house = House::berlin().with(hours);
    assert_eq!(
        house.next("2026-03-07T20:00 inquired channel=email"),
        "4 discover: 2026-03-09 09:00+01 .. 2026-03-09 18:00+01"
    );
    // Where an hour can be said, it runs exactly and at any hour: the acknowledgement goes out on Saturday.
    let acknowledges = format!("{hours}[answers]\nacknowledge = true\nacknowledge_within = \"PT1H\"\n");
    assert_eq!(
        House::berlin()
            .with(&acknowledges)
            .next("2026-03-07T19:00 added email=*\n2026-03-07T20:00 inquired channel=email"),
        "4 acknowledge: 2026-03-07 20:00+01 .. 2026-03-07 21:00+01"
    );
}

#[test]
fn a_touch_that_is_blocked_again_and_again_ends_in_a_verdict() {
    let house = House::berlin();
    let mut history = "2026-03-02T10:00 replied\n2026-03-02T11:00 touched channel=phone".to_owned();
    let mut before = house.plan(&history).next().expect("a touch").window.earliest;
    // Away, back, and away again before the day comes: for a year.
    for week in 0..52 {
        let day =
            chrono::NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day") + chrono::TimeDelta::weeks(week);
        history += &format!("\n{day}T08:00 away who=owner until={}T12:00", day + chrono::TimeDelta::days(3));
        let plan = house.plan(&history);
        let next = plan.next().expect("it is never dropped");
        assert!(next.window.earliest > before, "each block leads to a strictly later time");
        before = next.window.earliest;
        assert_eq!(house.plan(&history), plan, "asked again, it is the same");
        let conflict = next.conflict.as_ref().expect("what could not be kept is said");
        assert!(conflict.rules.contains(Rule::C6) && conflict.rules.contains(Rule::C14), "{conflict:?}");
    }
}

#[test]
fn a_cap_pushes_no_answer_out_and_says_what_it_pushes() {
    let house = House::berlin();
    let mut history = "2026-03-02T10:00 added".to_owned();
    for day in [3, 5, 9, 11, 13] {
        history += &format!("\n2026-03-{day:02}T10:00 touched channel=email");
    }
    let plan = house
        .with("[cadence.cool]\nfrom = \"P3D\"\nto = \"P3D\"\n[cadence.warm]\nfrom = \"P3D\"\nto = \"P3D\"\n");
    let capped = plan.plan(&history);
    let next = capped.next().expect("a touch");
    assert_eq!(plan.clock(next.window.earliest), "2026-04-02 09:00+02");
    let conflict = next.conflict.as_ref().expect("it is late, and says so");
    assert!(conflict.rules.contains(Rule::W7) && conflict.rules.contains(Rule::C6));
    // What they ask for goes out at once, whatever was sent before.
    let asked = format!("{history}\n2026-03-16T10:00 asked_information channel=email");
    assert_eq!(plan.next(&asked), "4 inform: 2026-03-16 10:00+01 .. 2026-03-17 17:00+01");
}

#[test]
fn a_real_contact_resets_the_clock_of_what_was_to_go_out_by_itself() {
    let house = House::berlin().with(
        "[[steps.interest]]\nafter = \"P1D\"\nwithin = \"P0D\"\nchannel = \"email\"\nautomatic = true\n\
         [[steps.interest]]\nafter = \"P7D\"\nwithin = \"P0D\"\nchannel = \"email\"\nautomatic = true\n",
    );
    let touched = "2026-03-02T10:00 added\n2026-03-03T10:00 touched channel=email automatic=true";
    assert_eq!(house.next(touched), "12 check_in: 2026-03-10 09:00+01 .. 2026-03-10 17:00+01");
    // They met by chance on the eve of the mail: it does not go out as if nothing had been.
    let met = format!("{touched}\n2026-03-09T18:00 touched channel=visit reached=true");
    let next = house.plan(&met).next().expect("a touch").window.earliest;
    assert!(house.clock(next).as_str() > "2026-03-15", "{}", house.clock(next));
}

#[test]
fn out_of_office_is_neither_a_reply_nor_an_opting_out() {
    let house = House::berlin();
    let touched = "2026-03-02T10:00 inquired channel=email\n2026-03-02T11:00 touched channel=email";
    let away = format!("{touched}\n2026-03-02T11:01 auto_replied until=2026-03-20T12:00");
    let (before, after) = (house.state(touched), house.state(&away));
    assert_eq!((before.unanswered(), before.sign_count()), (after.unanswered(), after.sign_count()));
    assert_eq!(after.at_rest(), None);
    assert_eq!(house.stands(touched), house.stands(&away));
    assert!(!after.owes(followup_core::event::Request::Replied), "nothing is owed to a machine");
    assert_eq!(house.next(&away), "13 inform: 2026-03-23 09:00+01 .. 2026-03-23 17:00+01");
    assert_eq!(house.refusals(&away, "2026-03-04T10:00 touched channel=email"), Vec::<String>::new());
}

#[test]
fn a_date_in_the_past_is_late_or_refused_and_never_silent() {
    let house = House::berlin();
    let start = "2026-03-02T10:00 inquired channel=email\n2026-03-02T11:00 touched channel=phone";
    // Agreed for a day that is over: it is owed, and late at once.
    let agreed = format!("{start}\n2026-03-10T10:00 next_step_agreed due_at=2026-03-05T10:00");
    assert_eq!(house.next(&agreed), "3 check_in: 2026-03-05 10:00+01 .. 2026-03-05 17:00+01");
    // "Later" until a day that is over: the return is due at once.
    let later = format!("{start}\n2026-03-10T10:00 decided outcome=later until=2026-03-05T10:00");
    let Decision::Act { next, .. } = house.plan(&later).decision else { panic!("they come back") };
    assert_eq!((next.kind.row(), house.clock(next.window.earliest).as_str()), (14, "2026-03-05 10:00+01"));
    // A snooze, an absence and a decision date that are over hold nothing back.
    let plain = house.next(start);
    for over in ["snoozed until=2026-03-01T10:00", "away who=prospect until=2026-03-01T10:00"] {
        assert_eq!(house.next(&format!("{start}\n2026-03-02T12:00 {over}")), plain, "{over}");
    }
    // A pause that is over ends at once.
    let paused = format!("{start}\n2026-03-10T10:00 paused until=2026-03-05T10:00");
    assert!(house.wake_up(&paused).starts_with("resumed 2026-03-"), "{}", house.wake_up(&paused));
    // What has not happened yet is refused.
    let event = house.event("2026-03-12T10:00 touched channel=phone");
    let found = house.state(start).check(&event, house.event("2026-03-11T10:00 noted text=now").at());
    assert!(found.iter().any(|finding| finding.finding == Breach::InFuture));
}

#[test]
fn nothing_of_the_history_is_gone_when_it_is_done() {
    let house = House::berlin();
    let way = "2026-03-02T10:00 inquired channel=email
               2026-03-02T11:00 touched channel=phone
               2026-03-03T10:00 proposal_sent";
    for end in
        ["decided outcome=won", "decided outcome=lost", "stopped", "gave_up", "went_stale", "opted_out"]
    {
        let state = house.state(&format!("{way}\n2026-03-04T10:00 {end}"));
        assert_eq!(
            (state.touch_count(), state.has_reached(followup_core::Stage::Proposal)),
            (2, true),
            "{end}"
        );
        assert!(state.last_contact().is_some(), "{end}");
    }
}
