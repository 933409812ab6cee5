//! Every simulated pursuit keeps the invariants of plans, and our actions are as planned.

#![allow(clippy::unwrap_used, reason = "in a test, a panic at the line that is wrong is the clearest report")]

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use followup::event::{EventKind, Request};
use followup::{Channel, Event, Policy, ProspectId, ProspectState, Purpose, plan};
use followup_insight::simulate::{Response, ResponseModel, Scenario, simulate_one};
use followup_testing::{
    Broken, History, arb_history, arb_observed_history, arb_playbook, check_future, find,
};
use proptest::strategy::Strategy;

/// The seed of every run, so that a failure repeats.
const SEED: u64 = 17;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Policies of random playbooks, without custom rules.
fn arb_policy() -> impl Strategy<Value = Policy> {
    arb_playbook().prop_map(Policy::from)
}

fn id(text: &str) -> ProspectId {
    ProspectId::new(text).unwrap()
}

/// A model with frequent responses of every kind, so that many events happen in a year.
fn lively() -> ResponseModel {
    let each = |response: &Response| {
        let likelihood = followup_insight::simulate::Likelihood {
            probability: 0.04,
            delay_hours: vec![0.0, 5.0, 100.0, 900.0],
        };
        (*response, likelihood)
    };
    ResponseModel::new(Response::ALL.iter().map(each).collect(), [].into()).unwrap()
}

/// A history with the year that follows it.
fn run_forward(
    history: &History,
    policy: &Policy,
    scenario: &Scenario,
) -> (ProspectState, Vec<Event>, usize) {
    let mut state = history.state();
    let now = history.newest().unwrap_or_else(|| at("2026-03-02T09:00:00Z"));
    let mut events = history.in_order();
    events.extend(state.wake(policy, now));
    let known = events.len();
    let simulated = simulate_one(&id("p-1"), &state, policy, scenario, now);
    simulated.iter().for_each(|event| state.apply(event));
    events.extend(simulated);
    (state, events, known)
}

fn check_forward(
    history: &History,
    policy: &Policy,
    responses: &ResponseModel,
    seed: u64,
) -> Result<(), Broken> {
    let scenario = Scenario::of_days(365).seed(seed).responses(responses.clone());
    let forward = |state: &_, policy: &_, now| simulate_one(&id("p-1"), state, policy, &scenario, now);
    let now = history.newest().unwrap_or_else(|| at("2026-03-02T09:00:00Z"));
    check_future(&plan, &forward, history, policy, now + TimeDelta::days(seed as i64 % 50)).map(drop)
}

trait Ours {
    fn touch_of_ours(&self) -> bool;
}

impl Ours for Event {
    /// Whether the event is an action of ours, and not a response or a wake-up.
    fn touch_of_ours(&self) -> bool {
        matches!(
            self.kind(),
            EventKind::Touched { .. }
                | EventKind::InformationSent { .. }
                | EventKind::ProposalSent { .. }
                | EventKind::Sent { .. }
                | EventKind::AppointmentHeld
                | EventKind::AppointmentMissed { .. }
        )
    }
}

#[test]
fn the_invariants_hold_in_every_simulated_year_after_an_accepted_history() {
    let cases = (arb_policy(), arb_history(), 0..u64::MAX);
    let lively = lively();
    let found =
        find(SEED, 1_000, cases, |(policy, history, seed)| check_forward(history, policy, &lively, *seed));
    found.unwrap_or_else(|found| panic!("{found}"));
}

#[test]
fn the_invariants_hold_in_every_simulated_year_after_an_observed_history() {
    let cases = (arb_policy(), arb_observed_history(), 0..u64::MAX);
    let assumed = ResponseModel::assumed();
    let found =
        find(SEED, 1_000, cases, |(policy, history, seed)| check_forward(history, policy, assumed, *seed));
    found.unwrap_or_else(|found| panic!("{found}"));
}

#[test]
fn the_same_seed_gives_the_same_events_and_another_gives_others() {
    let cases = (arb_policy(), arb_history());
    let mut others = 0;
    let mut run = 0;
    let check = std::cell::RefCell::new((&mut others, &mut run));
    let found = find(SEED, 100, cases, |(policy, history)| {
        let events = |seed| {
            let scenario = Scenario::of_days(200).seed(seed).responses(lively());
            run_forward(history, policy, &scenario).1
        };
        let mut counts = check.borrow_mut();
        *counts.0 += usize::from(events(1) != events(2));
        *counts.1 += 1;
        match events(1) == events(1) {
            true => Ok(()),
            false => Err(Broken::of("the same seed gives other events", history)),
        }
    });
    found.unwrap_or_else(|found| panic!("{found}"));
    assert!(others * 2 > run, "only {others} of {run} histories differ under another seed");
}

#[test]
fn our_touches_are_in_open_hours_and_keep_the_minimum_gap() {
    let now = at("2026-03-02T03:00:00Z");
    let zone = "America/New_York".parse().unwrap();
    let mut acts = 0;
    for number in 0..300 {
        let mut state = ProspectState::new(zone);
        state.apply(&Event::asked_information(now - TimeDelta::days(number), None).with_key("asked"));
        let policy = Policy::default();
        state.wake(&policy, now);
        let scenario = Scenario::of_days(365);
        let mut last_touch: Option<DateTime<Utc>> = None;
        let mut answered = false;
        for event in simulate_one(&id(&format!("p-{number}")), &state, &policy, &scenario, now) {
            assert!(event.at() >= now && event.at() <= now + TimeDelta::days(365));
            if matches!(event.kind(), EventKind::AppointmentHeld | EventKind::AppointmentMissed { .. }) {
                (last_touch, answered) = (Some(event.at()), true);
            } else if event.touch_of_ours() {
                let local = zone.local_time(event.at());
                let open = (9..17).contains(&local.hour());
                let weekday = zone.date_of(event.at()).format("%u").to_string();
                assert!(open && weekday.as_str() < "6", "{} at {local}", event.name());
                if let Some(last) = last_touch.filter(|_| !answered) {
                    let days = (zone.date_of(event.at()) - zone.date_of(last)).num_days();
                    // A confirmation is not subject to the minimum gap.
                    let confirms = event.to_fields().into_json().get("purpose") == Some(&"confirm".into());
                    assert!(days >= 2 || confirms, "{} {days} days after the last", event.name());
                }
                (last_touch, answered) = (Some(event.at()), false);
                acts += 1;
            } else {
                answered = true;
            }
        }
    }
    assert!(acts > 2_000, "{acts}");
}

#[test]
fn a_prospect_at_rest_is_not_touched() {
    let now = at("2026-03-02T09:00:00Z");
    let state = ProspectState::replay([
        Event::asked_information(now - TimeDelta::days(3), None),
        Event::opted_out(now - TimeDelta::days(1)),
    ])
    .unwrap();
    let events = simulate_one(&id("p-1"), &state, &Policy::default(), &Scenario::of_days(365), now);
    assert_eq!(events, []);
}

#[test]
fn an_overdue_action_waits_for_the_next_open_instant() {
    // On this Saturday, the answer has been owed for weeks.
    let now = at("2026-03-07T12:00:00Z");
    let state = ProspectState::replay([Event::asked_information(at("2026-02-02T09:00:00Z"), None)]).unwrap();
    let scenario = Scenario::of_days(7).responses(ResponseModel::silent());
    let events = simulate_one(&id("p-1"), &state, &Policy::default(), &scenario, now);
    assert_eq!(events[0].at(), at("2026-03-09T09:00:00Z"));
    assert_eq!(events[0].name(), "information_sent");
}

#[test]
fn an_appointment_is_confirmed_once_and_then_held_on_time() {
    let now = at("2026-03-02T09:00:00Z");
    let state = ProspectState::replay([
        Event::asked_appointment(at("2026-03-01T09:00:00Z"), None),
        Event::appointment_set(at("2026-03-01T10:00:00Z"), at("2026-03-05T14:00:00Z"), 60),
    ])
    .unwrap();
    let scenario = Scenario::of_days(5).responses(ResponseModel::silent());
    let events = simulate_one(&id("p-1"), &state, &Policy::default(), &scenario, now);
    let happened: Vec<_> =
        events.iter().map(|event| format!("{} {:.16}", event.name(), event.at().to_string())).collect();
    let expected = [
        "touched 2026-03-04 09:00",
        "lapsed 2026-03-04 17:00",
        "appointment_held 2026-03-05 14:00",
        "proposal_sent 2026-03-05 14:00",
    ];
    assert_eq!(happened, expected);
}

/// A model in which every touch gets this response, two hours later.
fn certain(response: &str) -> ResponseModel {
    let text = format!("[all]\n{response} = {{ probability = 1, delay_hours = [2] }}");
    ResponseModel::parse(&text).unwrap()
}

#[test]
fn agreements_and_absences_have_the_assumed_dates() {
    // A Monday.
    let now = at("2026-03-02T09:00:00Z");
    let asked = Event::requested(now, Request::AskedAppointment, None).with_key("asked");
    let state = ProspectState::replay([asked]).unwrap();
    let answer = |response| {
        let scenario = Scenario::of_days(1).responses(certain(response));
        let events = simulate_one(&id("p-1"), &state, &Policy::default(), &scenario, now);
        (events[1].at(), events[1].kind().clone())
    };
    let later = at("2026-03-02T11:00:00Z");
    let EventKind::AppointmentSet { starts_at, minutes } = answer("booked").1 else { panic!("they book") };
    assert_eq!((starts_at, minutes), (later + TimeDelta::days(7), 60));
    let EventKind::NextStepAgreed { due_at, .. } = answer("next_step_agreed").1 else { panic!("they agree") };
    assert_eq!(due_at, later + TimeDelta::days(9));
    let away = EventKind::AutoReplied { until: Some(later + TimeDelta::days(7)) };
    assert_eq!(answer("auto_replied"), (later, away));
}

#[test]
fn an_unknown_send_is_resolved_as_sent() {
    let now = at("2026-03-02T12:00:00Z");
    let action = || "p/1".to_owned();
    let (channel, purpose) = (Some(Channel::EMAIL), Some(Purpose::INFORM));
    let intended = EventKind::SendIntended { action: action(), channel, purpose, reason: None };
    let state = ProspectState::replay([
        Event::requested(at("2026-03-02T09:00:00Z"), Request::AskedInformation, None).with_key("asked"),
        Event::new(at("2026-03-02T10:00:00Z"), intended).with_key("intended"),
        Event::new(at("2026-03-02T10:15:00Z"), EventKind::SendUnknown { action: action() })
            .with_key("unknown"),
    ])
    .unwrap();
    let scenario = Scenario::of_days(30).responses(ResponseModel::silent());
    let events = simulate_one(&id("p-1"), &state, &Policy::default(), &scenario, now);
    let found =
        EventKind::Sent { action: action(), message_id: None, channel: None, purpose: None, reason: None };
    assert_eq!(events[0].kind(), &found);
    assert!(events.iter().all(|event| event.name() != "information_sent"), "they were informed: {events:?}");
}

#[test]
fn each_answer_leads_to_its_event() {
    let now = at("2026-03-02T09:00:00Z");
    let asked = |request| Event::requested(now, request, None).with_key("asked");
    for (response, event) in [
        ("reached", "touched"),
        ("replied", "replied"),
        ("asked_information", "asked_information"),
        ("asked_appointment", "asked_appointment"),
        ("asked_proposal", "asked_proposal"),
        ("ready_to_buy", "ready_to_buy"),
        ("booked", "appointment_set"),
        ("next_step_agreed", "next_step_agreed"),
        ("next_step_declined", "next_step_declined"),
        ("auto_replied", "auto_replied"),
        ("opted_out", "opted_out"),
        ("stopped", "stopped"),
        ("won", "decided"),
        ("lost", "decided"),
        ("later", "decided"),
    ] {
        let state = ProspectState::replay([asked(Request::AskedAppointment)]).unwrap();
        let scenario = Scenario::of_days(1).responses(certain(response));
        let events = simulate_one(&id("p-1"), &state, &Policy::default(), &scenario, now);
        let names: Vec<_> = events.iter().map(Event::name).collect();
        assert!(names.contains(&event), "{response}: {names:?}");
        if response != "reached" {
            assert_eq!(events[1].at() - events[0].at(), TimeDelta::hours(2), "{response}");
        }
    }
}
