//! Which prospects the gap report counts, and how.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use followup::event::EventKind;
use followup::read::Scope;
use followup::stage::Kind;
use followup::{Channel, Desk, Event, Outcome, Purpose, Stage};
use followup_insight::Insight;
use followup_insight::report::GapReport;
use followup_test_support::desks::{desk, observe};
use followup_test_support::times::{days, start};
use pollster::block_on;

fn added(kind: Kind) -> Event {
    let mut event = Event::added(start());
    if let EventKind::Added { kind: told, .. } = event.kind_mut() {
        *told = kind;
    }
    event
}

/// A book in which each prospect has another standing.
fn book() -> Desk {
    let desk = desk();
    let phoned = |at| Event::touched(at, Channel::PHONE);
    observe(&desk, "a-untouched", added(Kind::Prospect));
    observe(&desk, "b-touched", added(Kind::Prospect));
    observe(&desk, "b-touched", phoned(days(1)));
    observe(&desk, "c-won", added(Kind::Prospect));
    for day in 1..=4 {
        observe(&desk, "c-won", phoned(days(day)));
    }
    observe(&desk, "c-won", Event::decided(days(4), Outcome::Won));
    observe(&desk, "d-lost", added(Kind::Prospect));
    observe(&desk, "d-lost", Event::asked_proposal(days(1), None));
    observe(&desk, "d-lost", Event::decided(days(2), Outcome::Lost));
    observe(&desk, "e-stopped", added(Kind::Prospect));
    observe(&desk, "e-stopped", Event::stopped(days(1)));
    observe(&desk, "f-paused", added(Kind::Prospect));
    let paused = EventKind::Paused { until: Some(days(90)), why: None };
    observe(&desk, "f-paused", Event::new(days(1), paused));
    observe(&desk, "g-complete", added(Kind::Stakeholder));
    observe(&desk, "h-owing", added(Kind::Stakeholder));
    let requested = EventKind::InputRequested { input: "plan".to_owned(), deadline: None };
    observe(&desk, "h-owing", Event::new(days(1), requested));
    observe(&desk, "i-won", added(Kind::Prospect));
    observe(&desk, "i-won", Event::decided(days(1), Outcome::Won));
    observe(&desk, "z-not-yet", Event::added(days(60)));
    desk
}

#[test]
fn the_gap_report_counts_every_prospect_with_events() {
    let report = block_on(Insight::new(&book()).gap(&Scope::at(days(5)))).expect("it can be read");
    assert_eq!(report.prospects, 9);
    let stages = Stage::ALL.iter().map(|stage| report.by_stage[stage]);
    assert_eq!(stages.collect::<Vec<_>>(), [6, 0, 0, 0, 3], "also stages without prospects");
    let standings =
        [("active", 3), ("waiting", 1), ("won", 2), ("lost", 1), ("stopped", 1), ("inputs_complete", 1)];
    assert_eq!(report.by_standing, BTreeMap::from(standings));
    assert_eq!((report.won, report.lost), (2, 1));
    assert_eq!(report.open, 4);
    assert_eq!(report.never_touched, 6);
    assert_eq!(report.open_without_next_action, 0);
    assert_eq!(report.conversion_pct, Some(200.0 / 3.0));
    assert_eq!(report.won_pct, Some(200.0 / 9.0));
    let touches = report.touches;
    assert_eq!((touches.n, touches.min, touches.max), (9, 0.0, 4.0));
    assert_eq!((touches.median, touches.mean), (0.0, 6.0 / 9.0));
    assert!((touches.p90 - 1.6).abs() < 1e-9, "{touches:?}");
    let reached: Vec<_> = report.reached.into_iter().collect();
    assert_eq!(
        reached,
        [
            (Stage::Interest, 9),
            (Stage::Information, 0),
            (Stage::Appointment, 0),
            (Stage::Proposal, 1),
            (Stage::Decision, 3),
        ]
    );
}

#[test]
fn a_gap_report_without_prospects_has_no_shares() {
    let report = block_on(Insight::new(&book()).gap(&Scope::at(start() - TimeDelta::days(1))))
        .expect("it can be read");
    assert_eq!((report.prospects, report.open, report.touches.n), (0, 0, 0));
    assert_eq!((report.conversion_pct, report.won_pct), (None, None));
    let undecided = desk();
    observe(&undecided, "a", added(Kind::Prospect));
    let report = block_on(Insight::new(&undecided).gap(&Scope::at(days(1)))).expect("it can be read");
    assert_eq!((report.conversion_pct, report.won_pct), (None, Some(0.0)));
}

/// The reports of the same book without `wake` and with it.
fn asleep_and_awake(events: &[Event], now: DateTime<Utc>) -> [GapReport; 2] {
    [false, true].map(|awake| {
        let desk = desk();
        events.iter().for_each(|event| observe(&desk, "ada", event.clone()));
        if awake {
            block_on(desk.wake(now)).expect("it wakes");
        }
        block_on(Insight::new(&desk).gap(&Scope::at(now))).expect("it can be read")
    })
}

#[test]
fn a_stay_ends_at_a_wake_up_recorded_or_not() {
    let last = EventKind::Touched {
        channel: Channel::EMAIL,
        purpose: Some(Purpose::LAST_MESSAGE),
        reason: None,
        personal: None,
        automatic: false,
        reached: false,
    };
    let events = [Event::new(start(), last), Event::information_sent(days(1), Channel::EMAIL)];
    for report in asleep_and_awake(&events, days(80)) {
        let longest = |stage| report.time_in_stage.get(&stage).map(|stay| stay.quantiles.max);
        assert_eq!(longest(Stage::Interest), Some(1.0));
        assert_eq!(
            longest(Stage::Information),
            Some(13.0),
            "two weeks after the last message they were given up"
        );
    }
}

#[test]
fn an_action_that_a_wake_up_ends_was_never_done() {
    let paused = EventKind::Paused { until: None, why: None };
    let informed = Event::information_sent(days(1), Channel::EMAIL);
    for report in asleep_and_awake(&[informed, Event::new(days(2), paused)], days(200)) {
        assert_eq!(report.follow_ups.never, 2, "before they went stale, and now");
    }
}

#[test]
fn s6_a_prospect_who_opted_out_and_asks_again_is_open() {
    let desk = desk();
    observe(&desk, "ada", Event::new(start(), EventKind::OptedOut { channels: Vec::new() }));
    observe(&desk, "ada", Event::inquired(days(1), Channel::EMAIL));
    let report = block_on(Insight::new(&desk).gap(&Scope::at(days(1)))).expect("it can be read");
    assert_eq!((report.open, report.open_without_next_action), (1, 0));
    assert_eq!(report.by_standing, BTreeMap::from([("active", 1)]));
}

#[test]
fn s6_a_message_counts_on_the_channel_of_its_intent() {
    let desk = desk();
    let action = || "p/1".to_owned();
    let intended = EventKind::SendIntended {
        action: action(),
        channel: Some(Channel::TEXT),
        purpose: None,
        reason: None,
    };
    let sent =
        EventKind::Sent { action: action(), message_id: None, channel: None, purpose: None, reason: None };
    let kinds = [
        EventKind::OptedOut { channels: Vec::new() },
        EventKind::OptedIn { channels: vec![Channel::PHONE] },
        intended,
        sent,
    ];
    for (kind, day) in kinds.into_iter().zip(0..) {
        observe(&desk, "ada", Event::new(days(day), kind));
    }
    let report = block_on(Insight::new(&desk).gap(&Scope::at(days(9)))).expect("it can be read");
    assert_eq!(report.touches_after_stop.touches, 1);
}

#[test]
fn c17_each_input_is_timed_separately_from_its_first_request() {
    let desk = desk();
    let asked = |day, input: &str| {
        Event::new(days(day), EventKind::InputRequested { input: input.to_owned(), deadline: None })
    };
    let received =
        |day, input: &str| Event::new(days(day), EventKind::InputReceived { input: input.to_owned() });
    let events =
        [asked(1, "plan"), asked(2, "list"), asked(3, "plan"), received(4, "plan"), received(8, "list")];
    events.into_iter().for_each(|event| observe(&desk, "ada", event));
    let inputs = block_on(Insight::new(&desk).gap(&Scope::at(days(9)))).expect("it can be read").inputs;
    let took = inputs.days.quantiles;
    assert_eq!((inputs.prospects, inputs.outstanding, took.n, took.min, took.max), (1, 0, 2, 3.0, 6.0));
}
