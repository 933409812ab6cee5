//! Simulations of a whole book: repeatable, independent for each prospect, and without writing.

#![allow(clippy::unwrap_used, reason = "in a test, a panic at the line that is wrong is the clearest report")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use followup::event::Touch;
use followup::stage::Rest;
use followup::store::StoreExt;
use followup::{Channel, Desk, Event, Outcome, Playbook, Prospect, ProspectId, ProspectState, Purpose};
use followup_insight::Insight;
use followup_insight::simulate::{Response, ResponseModel, Scenario, Simulation};
use followup_store_memory::MemoryStore;
use followup_test_support::times::at;
use pollster::block_on;

/// A Monday morning.
fn now() -> DateTime<Utc> {
    at("2026-03-09T07:00:00Z")
}

const OWNERS: [&str; 2] = ["ann", "bo"];
const ZONES: [&str; 3] = ["Europe/Berlin", "America/New_York", "Asia/Kolkata"];

fn add(desk: &Desk, number: usize) {
    let prospect = Prospect::new(format!("p-{number:03}")).unwrap();
    let prospect =
        prospect.email(format!("p{number}@example.org")).unwrap().phone(format!("+49301{number:05}"));
    let prospect = prospect.zone(ZONES[number % 3]).unwrap().owner(OWNERS[number % 2]);
    let added = now() - TimeDelta::days(30) + TimeDelta::hours(number as i64 % 200);
    block_on(desk.add(prospect, added)).unwrap();
    let id = format!("p-{number:03}");
    let asked = added + TimeDelta::hours(1);
    match number % 4 {
        0 => drop(block_on(desk.record(id.as_str(), Event::asked_information(asked, None))).unwrap()),
        1 => drop(block_on(desk.record(id.as_str(), Event::asked_proposal(asked, None))).unwrap()),
        _ => {}
    }
}

fn desk(people: impl IntoIterator<Item = usize>) -> Desk {
    let desk = Desk::new(MemoryStore::new(), Playbook::default());
    people.into_iter().for_each(|number| add(&desk, number));
    desk
}

fn simulated(desk: &Desk, scenario: &Scenario) -> (Simulation, BTreeMap<String, Vec<Event>>) {
    let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    let watch = |id: &ProspectId, event: &Event| {
        events.entry(id.to_string()).or_default().push(event.clone());
    };
    let simulation = block_on(Insight::new(desk).simulate_watched(scenario, now(), watch)).unwrap();
    (simulation, events)
}

#[test]
fn the_same_seed_gives_the_same_future_and_another_gives_another() {
    let desk = desk(0..60);
    let run = |seed| simulated(&desk, &Scenario::of_days(90).seed(seed));
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).1, run(2).1);
    let unwatched = block_on(Insight::new(&desk).simulate(&Scenario::of_days(90), now())).unwrap();
    assert_eq!(run(1).0, unwatched);
}

#[test]
fn the_future_of_a_prospect_does_not_depend_on_the_others_or_their_order() {
    let scenario = Scenario::of_days(120).seed(5).per_day(1);
    let (_, all) = simulated(&desk(0..60), &scenario);
    let (_, some) = simulated(&desk((10..40).rev()), &scenario);
    assert!(some.len() > 25);
    for (id, events) in &some {
        assert_eq!(events, &all[id], "{id}");
    }
}

#[test]
fn more_than_a_page_of_prospects_is_simulated() {
    let (simulation, events) = simulated(&desk(0..1_100), &Scenario::of_days(14));
    assert_eq!(simulation.prospects, 1_100);
    assert_eq!(simulation.events, events.values().map(|events| events.len() as u64).sum::<u64>());
    assert_eq!(simulation.by_standing.values().sum::<u64>(), 1_100);
    assert_eq!(simulation.by_stage.values().sum::<u64>(), 1_100);
    assert_eq!(simulation.cut_short, 0);
}

#[test]
fn nothing_is_written() {
    let desk = desk(0..20);
    let heads = || block_on(desk.store().pages().next()).unwrap();
    let before = heads();
    let _ = simulated(&desk, &Scenario::of_days(200));
    let _ = block_on(Insight::new(&desk).fit_responses(now())).unwrap();
    assert_eq!(before, heads());
}

#[test]
fn the_counts_are_those_of_the_events() {
    let (simulation, events) = simulated(&desk(0..200), &Scenario::of_days(365).seed(3));
    let all: Vec<&Event> = events.values().flatten().collect();
    let named = |name: &str| all.iter().filter(|event| event.name() == name).count() as u64;
    assert_eq!(simulation.responses[&Response::Replied], named("replied"));
    assert_eq!(simulation.held, named("appointment_held"));
    let decided = simulation.won + simulation.lost + simulation.later;
    assert_eq!(decided, named("decided"));
    assert_eq!(simulation.stops[&Rest::OptedOut], named("opted_out"));
    assert_eq!(
        simulation.wake_ups.values().sum::<u64>(),
        named("went_stale") + named("gave_up") + named("lapsed")
    );
    let load: u64 = simulation.load.values().map(|day| day.by_hand + day.automatic).sum();
    assert_eq!(load, simulation.by_hand + simulation.automatic);
    for day in simulation.load.values() {
        let by_hand: u64 = day.by_channel.values().map(|load| load.by_hand).sum();
        assert_eq!(by_hand, day.by_hand);
    }
    assert!(simulation.plans >= simulation.events, "each event is planned");
    assert!(simulation.plans_per_prospect_day() < 2.0, "{}", simulation.plans_per_prospect_day());
    assert!(simulation.won > 0 && simulation.expected_won > 0.0);
}

#[test]
fn a_prospect_who_comes_back_after_a_rest_or_a_later_is_reopened() {
    let desk = desk(0..200);
    let (simulation, events) = simulated(&desk, &Scenario::of_days(365).seed(3));
    let has_ended =
        |state: &ProspectState| state.at_rest().is_some() || state.outcome() == Some(Outcome::Later);
    let mut reopened = 0;
    for (id, events) in &events {
        let mut state = block_on(desk.plan(id.as_str(), now())).unwrap().state;
        for event in events {
            let before = has_ended(&state);
            state.apply(event);
            reopened += u64::from(before && !has_ended(&state));
        }
    }
    assert!(reopened > 0);
    assert_eq!(simulation.reopened, reopened);
}

#[test]
fn automatic_messages_are_counted_separately() {
    let playbook = Playbook::parse(
        "[[steps.interest]]\nafter = \"P3D\"\nwithin = \"P2D\"\npurpose = \"inform\"\nchannel = \"email\"\n\
         template = \"welcome\"\nautomatic = true\npersonal = false\n",
    );
    let desk = Desk::new(MemoryStore::new(), playbook.expect("a playbook"));
    (0..5).for_each(|number| add(&desk, number));
    let scenario = Scenario::of_days(60).responses(ResponseModel::silent());
    let (simulation, events) = simulated(&desk, &scenario);
    let sent = events.values().flatten().filter(|event| event.name() == "sent").count() as u64;
    assert!(sent > 0);
    assert_eq!(simulation.automatic, sent);
    assert_eq!(simulation.load.values().map(|day| day.automatic).sum::<u64>(), sent);
    let by_channel = simulation.load.values().flat_map(|day| &day.by_channel);
    let by_mail: Vec<_> = by_channel.filter(|(channel, _)| **channel == Some(Channel::EMAIL)).collect();
    assert_eq!(by_mail.iter().map(|(_, load)| load.automatic).sum::<u64>(), sent);
}

#[test]
fn the_expectation_is_the_average_of_the_draws() {
    let desk = desk(0..150);
    let (mut won, mut expected) = (0.0, 0.0);
    for seed in 0..40 {
        let (simulation, _) = simulated(&desk, &Scenario::of_days(120).seed(seed));
        won += simulation.won as f64;
        expected += simulation.expected_won;
    }
    // The standard error of some hundred wins is about a twentieth of them.
    assert!(won > 200.0 && (won - expected).abs() < 0.15 * expected, "{won} won, {expected} expected");
}

#[test]
fn a_suppressed_prospect_is_not_touched() {
    let desk = desk(0..2);
    block_on(desk.record("p-000", Event::opted_out(now() - TimeDelta::days(1)))).unwrap();
    let again = Prospect::new("p-again").unwrap().email("p0@example.org").unwrap();
    block_on(desk.add(again, now())).unwrap();
    let (simulation, events) = simulated(&desk, &Scenario::of_days(60));
    assert_eq!(simulation.prospects, 3);
    assert_eq!(events.keys().collect::<Vec<_>>(), ["p-001"]);
}

#[test]
fn a_view_of_the_past_knows_only_what_had_happened_by_then() {
    let desk = desk(0..1);
    block_on(desk.record("p-000", Event::opted_out(now() + TimeDelta::days(1)))).unwrap();
    let (_, events) = simulated(&desk, &Scenario::of_days(60));
    assert!(events.contains_key("p-000"));
}

#[test]
fn another_playbook_applies_from_now_on_with_the_same_draws() {
    let desk = desk(0..100);
    let scenario = Scenario::of_days(120).responses(ResponseModel::silent());
    let slow =
        "[cadence.hot]\nfrom = \"P30D\"\nto = \"P30D\"\n[cadence.warm]\nfrom = \"P40D\"\nto = \"P50D\"\n";
    let slow = Playbook::parse(slow).unwrap();
    let (now, _) = simulated(&desk, &scenario);
    let (same, _) = simulated(&desk, &scenario.clone().playbook(Playbook::default()));
    let (then, _) = simulated(&desk, &scenario.playbook(slow));
    assert_eq!(now, same);
    let difference = now.difference(&then);
    assert!(difference.touches < -50, "{difference:?}");
    assert_eq!(difference.touches, then.touches as i64 - now.touches as i64);
    assert!(difference.load.values().any(|day| day.by_hand < 0));
    let none = now.difference(&same);
    assert!(none.load.is_empty() && none.responses.is_empty() && none.by_hand == 0);
}

#[test]
fn actions_beyond_the_capacity_are_left_over_and_the_future_stays_the_same() {
    let desk = desk(0..100);
    let (roomy, fates) = simulated(&desk, &Scenario::of_days(60));
    let (tight, same) = simulated(&desk, &Scenario::of_days(60).per_day(3));
    assert_eq!(fates, same);
    let overflow = tight.overflow.as_ref().expect("there is a capacity");
    assert!(overflow.peak > 50 && overflow.moved > overflow.peak, "100 are late at the start: {overflow:?}");
    assert_eq!(roomy.overflow, None);
    let worst = overflow.peak_on.expect("something is left over");
    assert_eq!(tight.load[&worst].left_over, overflow.peak);
    let (ample, _) = simulated(&desk, &Scenario::of_days(60).per_day(1_000));
    let overflow = ample.overflow.expect("there is a capacity");
    assert_eq!((overflow.moved, overflow.left, overflow.peak_on), (0, 0, None));
}

#[test]
fn responses_are_fitted_to_the_history() {
    let desk = desk(0..80);
    for number in 0..80 {
        let id = format!("p-{number:03}");
        let touched = now() - TimeDelta::days(20);
        let touch = Event::touched(touched, Touch::on(Channel::EMAIL).purpose(Purpose::CHECK_IN));
        block_on(desk.observe(id.as_str(), touch)).unwrap();
        if number % 2 == 0 {
            block_on(desk.observe(id.as_str(), Event::replied(touched + TimeDelta::hours(30), None)))
                .unwrap();
        }
    }
    let fitted = block_on(Insight::new(&desk).fit_responses(now())).unwrap();
    assert_eq!((fitted.prospects, fitted.touches), (80, 80));
    let replied = &fitted.model.of(Purpose::CHECK_IN)[&Response::Replied];
    // Of all: (40 + 20 × 0.06) ÷ 100, and of these (40 + 20 × 0.412) ÷ 100.
    assert!((replied.probability - 0.4824).abs() < 1e-9, "{replied:?}");
    assert!(replied.delay_hours.iter().all(|hours| (24.0..36.0).contains(hours)), "{replied:?}");
    let none = block_on(Insight::new(&desk).fit_responses(now() - TimeDelta::days(300))).unwrap();
    assert_eq!(&none.model, ResponseModel::assumed());
}
