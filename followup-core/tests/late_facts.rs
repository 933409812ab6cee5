//! What holds for every history? Properties of the fold, of plans, of wake-ups and of late facts.
//!
//! The statements about a single plan are `followup_testing::invariants`. A failure prints the history in the form of
//! the table tests; `PROPTEST_CASES`, 256 by default, multiplies the number of cases.

mod common;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use common::House;
use common::cases::{cases, cases_of, config};
use followup_core::event::{EventKind, Touch};
use followup_core::plan::{Action, Decision, WaitFor, what_if};
use followup_core::stage::Rest;
use followup_core::{Channel, Event, Plan, Playbook, Policy, ProspectState, Rule, plan};
use followup_testing::{History, arb_observed_history_of, invariants};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn fold(house: &House, events: &[Event]) -> ProspectState {
    ProspectState::replay_at(house.zone, events.iter().cloned()).expect("each key has one event")
}

/// Returns the content of a plan without its explanation.
fn said(plan: &Plan) -> impl PartialEq + std::fmt::Debug + use<> {
    let Plan { decision, wake, stage, temperature, band, needs, .. } = plan.clone();
    (decision, wake, stage, temperature, band, needs)
}

fn newest(events: &[Event]) -> DateTime<Utc> {
    events.iter().map(|event| event.at()).max().expect("a history is not empty")
}

// The fold.

proptest! {
    #![proptest_config(config(2_000))]

    /// R7: repeated and reordered input changes nothing.
    #[test]
    fn the_order_in_which_events_come_in_and_their_repetition_change_nothing(
        (case, mixed) in cases().prop_flat_map(|case| {
            let mixed = [case.history.events(), case.history.events()].concat();
            (Just(case), Just(mixed).prop_shuffle())
        })
    ) {
        prop_assert_eq!(fold(&case.house(), &mixed), case.history.state());
    }

    #[test]
    fn a_plan_is_a_function_of_state_and_playbook_and_a_stored_state_is_the_same_state(case in cases()) {
        let house = case.house();
        let state = case.history.state();
        let bytes = postcard::to_stdvec(&state).expect("a state can be written");
        let from_bytes: ProspectState = postcard::from_bytes(&bytes).expect("and read");
        prop_assert_eq!(&from_bytes, &state);
        let text = serde_json::to_string(&state).expect("a state can be written");
        let from_text: ProspectState = serde_json::from_str(&text).expect("and read");
        prop_assert_eq!(&from_text, &state);
        let here = plan(&state, &house.policy);
        let playbook = Playbook::parse(&house.policy.playbook().to_toml()).expect("what was written reads back");
        prop_assert_eq!(&plan(&from_bytes, &Policy::from(playbook)), &here);
        // The fold goes on from a stored state as from the state itself.
        let tomorrow = newest(case.history.events()) + TimeDelta::days(1);
        let next = Event::touched(tomorrow, Touch::on(Channel::PHONE)).with_key("next");
        let (mut stored, mut kept) = (from_bytes, state);
        stored.apply(&next);
        kept.apply(&next);
        prop_assert_eq!(stored, kept);
    }
}

// What is planned.

proptest! {
    #![proptest_config(config(2_000))]

    /// C5, W7, C16 and all other invariants, after every event.
    #[test]
    fn c5_w7_c16_no_touch_comes_too_soon_or_at_an_indecent_hour(case in cases()) {
        invariants::check(&case.history, &case.house().policy)?;
    }
}

proptest! {
    #![proptest_config(config(6_000))]

    /// C14: what they asked for or agreed on is never moved by an absence or a snooze.
    #[test]
    fn c14_an_absence_moves_nothing_that_they_asked_for(case in cases(), absence in 0..4_usize) {
        let house = case.house();
        let state = case.history.state();
        let at = newest(case.history.events());
        let until = at + TimeDelta::days(60);
        let line = [
            format!("away who=owner until={}", until.to_rfc3339()),
            format!("away who=prospect until={}", until.to_rfc3339()),
            format!("snoozed until={}", until.to_rfc3339()),
            "auto_replied".to_owned(),
        ];
        let mut away = state.clone();
        away.apply(&house.event(&format!("{} {} key=zz seq=9", at.to_rfc3339(), line[absence])));
        // Which of them is next may change, as the chase among them is ours.
        let owed = |state: &ProspectState| -> Vec<Action> {
            let plan = plan(state, &house.policy);
            let theirs = plan.actions().filter(|action| (3..=8).contains(&action.kind.row()));
            let mut theirs: Vec<Action> = theirs.cloned().collect();
            theirs.sort_by(|a, b| a.obligation.cmp(&b.obligation));
            theirs
        };
        prop_assert_eq!(owed(&away), owed(&state));
    }
}

/// Names of events that bring nobody back after a stop: no request, conversation, opting in or reopening, and no send,
/// whose outcome is waited for even then.
const AFTER_A_STOP: [&str; 26] = [
    "valued",
    "temperature_set",
    "assigned",
    "preferred",
    "qualified",
    "auto_replied",
    "bounced",
    "information_sent",
    "proposal_sent",
    "appointment_confirmed",
    "appointment_missed",
    "input_requested",
    "input_received",
    "input_waived",
    "snoozed",
    "paused",
    "resumed",
    "away",
    "playbook_set",
    "replanned",
    "noted",
    "went_stale",
    "lapsed",
    "opted_out",
    "stopped",
    "information_sent",
];

const BEFORE_A_STOP: [&str; 11] = [
    "touched",
    "replied",
    "asked_proposal",
    "appointment_set",
    "appointment_held",
    "next_step_agreed",
    "input_requested",
    "proposal_sent",
    "paused",
    "away",
    "added",
];

const STOPS: [&str; 5] = ["stopped", "opted_out", "gave_up", "decided outcome=won", "decided outcome=lost"];

proptest! {
    #![proptest_config(config(2_500))]

    /// S3, S6: a stop is final until they come back themselves.
    #[test]
    fn s3_s6_after_a_stop_there_is_nothing_of_ours_to_do(
        case in cases_of(&BEFORE_A_STOP, 0..1),
        stop in select(&STOPS[..]),
        tail in arb_observed_history_of(&AFTER_A_STOP),
    ) {
        let house = case.house();
        let mut events = case.history.in_order();
        let stopped_at = newest(&events);
        let stop = house.event(&format!("{} {stop} key=stop", stopped_at.to_rfc3339()));
        events.push(stop.with_seq(i64::MAX));
        let tail = tail.in_order();
        let start = tail[0].at();
        for event in tail {
            let key = format!("tail-{}", event.key());
            let at = stopped_at + TimeDelta::microseconds(1) + (event.at() - start);
            events.push(event.with_at(at).with_key(key));
        }
        let mut state = fold(&house, &events);
        let plan_at_once = plan(&state, &house.policy);
        prop_assert!(matches!(plan_at_once.decision, Decision::Rest { .. }), "{plan_at_once}");
        // Time alone does not bring them back.
        prop_assert_eq!(state.wake(&house.policy, newest(&events) + TimeDelta::days(1_000)), vec![]);
        // Their own request does; if they opted out of everything, they get the answer and nothing else.
        let then = newest(&events) + TimeDelta::seconds(1);
        state.apply(&house.event(&format!("{} replied channel=email key=back", then.to_rfc3339())));
        let rows: Vec<u8> = plan(&state, &house.policy).actions().map(|action| action.kind.row()).collect();
        prop_assert!(rows.contains(&4), "{rows:?}");
        if state.at_rest() == Some(Rest::OptedOut) {
            prop_assert!(rows.iter().all(|row| (3..=6).contains(row)), "{rows:?}");
        }
    }

    /// A prospect whose events put them at rest has no action, except to find out about a send.
    #[test]
    fn s3_a_prospect_at_rest_has_no_action(case in cases()) {
        let house = case.house();
        let state = case.history.state();
        let plan = plan(&state, &house.policy);
        let rows: Vec<u8> = plan.actions().map(|action| action.kind.row()).filter(|row| *row != 1).collect();
        match state.at_rest() {
            Some(Rest::OptedOut) => prop_assert!(rows.iter().all(|row| (3..=6).contains(row)), "{rows:?}"),
            // With keeping in touch switched on, contact goes on after the decision.
            Some(Rest::Won | Rest::Lost) if house.policy.settings().keep_in_touch.won => {
                prop_assert!(rows.iter().all(|row| (3..=9).contains(row) || *row == 15), "{rows:?}");
            }
            Some(_) => prop_assert_eq!(rows, Vec::<u8>::new()),
            None => {}
        }
    }

    #[test]
    fn every_answer_leads_to_a_plan(case in cases()) {
        let house = case.house();
        let state = case.history.state();
        for answer in what_if(&state, &house.policy) {
            for action in answer.plan.actions() {
                prop_assert!(action.window.earliest <= action.window.latest, "{}: {action:?}", answer.name);
            }
        }
    }
}

// Why.

/// Returns every rule that can be switched off, and those of a stop.
fn removable() -> impl Iterator<Item = Rule> {
    Rule::SWITCHABLE.iter().copied().chain([Rule::S3, Rule::S6])
}

/// A rule, and the events without which it has no effect.
type Cause = (Rule, fn(&Event) -> bool);

/// Returns the plan of a history without some of its events.
fn without(house: &House, events: &[Event], gone: impl Fn(&Event) -> bool) -> Plan {
    let left: Vec<Event> = events.iter().filter(|event| !gone(event)).cloned().collect();
    plan(&fold(house, &left), &house.policy)
}

proptest! {
    #![proptest_config(config(2_500))]

    #[test]
    fn a_rule_is_named_if_and_only_if_the_plan_is_another_without_it(case in cases()) {
        let house = case.house();
        let state = case.history.state();
        let with = plan(&state, &house.policy);
        for rule in removable() {
            let differs = said(&plan(&state, &house.policy.without(rule))) != said(&with);
            prop_assert_eq!(differs, with.rules().contains(rule), "{}: {:?}", rule, with.because);
        }
    }

    #[test]
    fn a_rule_is_named_only_if_the_plan_is_another_without_its_cause(case in cases()) {
        let house = case.house();
        let mut events = case.history.in_order();
        // A first contact counts from the same instant, whichever events are left out.
        let added = Event::added(events[0].at() - TimeDelta::days(30)).with_key("added");
        events.insert(0, added);
        let with = plan(&fold(&house, &events), &house.policy);
        let differs = |gone: &dyn Fn(&Event) -> bool| said(&without(&house, &events, gone)) != said(&with);
        let wish = differs(&|event| matches!(event.kind(), EventKind::Preferred { .. }));
        let absence = differs(&|event| {
            use EventKind::{AutoReplied, Away, Snoozed};
            matches!(event.kind(), Away { .. } | AutoReplied { .. } | Snoozed { .. })
        });
        prop_assert_eq!(wish, with.rules().contains(Rule::C11), "C11: {:?}", with.because);
        prop_assert_eq!(absence, with.rules().contains(Rule::C14), "C14: {:?}", with.because);
        let causes: [Cause; 7] = [
            (Rule::S3, |event| matches!(event.kind(), EventKind::Stopped { .. })),
            (Rule::S6, |event| matches!(event.kind(), EventKind::OptedOut { .. })),
            (Rule::C12, |event| matches!(event.kind(), EventKind::Qualified { .. })),
            (Rule::C17, |event| matches!(event.kind(), EventKind::InputRequested { .. })),
            (Rule::C4, |event| matches!(event.kind(), EventKind::Requested { .. })),
            (Rule::P10, |event| matches!(event.kind(), EventKind::NextStepAgreed { .. })),
            (Rule::W7, |event| event.is_touch()),
        ];
        for (rule, cause) in causes {
            prop_assert!(!with.rules().contains(rule) || differs(&cause), "{}: {:?}", rule, with.because);
        }
    }
}

// Wake-ups and late facts.

/// Returns how long after the newest event somebody looks.
fn waits() -> impl Strategy<Value = TimeDelta> {
    select(vec![0, HOUR, 3 * DAY, 20 * DAY, 70 * DAY, 400 * DAY]).prop_map(TimeDelta::seconds)
}

/// Applies an event, and before it the wake-ups that were due, as for a prospect who is always looked at. Returns the
/// wake-ups. An event with a premise is a wake-up that was recorded by somebody who looked.
fn take(house: &House, state: &mut ProspectState, event: &Event) -> Vec<Event> {
    let woken = match event.premise() {
        Some(_) => Vec::new(),
        None => state.wake(&house.policy, event.at() - TimeDelta::microseconds(1)),
    };
    state.apply(event);
    woken
}

/// Returns the journal and the state of a prospect who is always looked at.
fn live(house: &House, events: &[Event], now: DateTime<Utc>) -> (Vec<Event>, ProspectState) {
    let mut state = ProspectState::new(house.zone);
    let mut journal = Vec::new();
    for event in events {
        journal.extend(take(house, &mut state, event));
        journal.push(event.clone());
    }
    journal.extend(state.wake(&house.policy, now));
    (journal, state)
}

/// Returns the same events and a late one, in the order of the fold.
fn with(events: &[Event], late: &Event) -> Vec<Event> {
    let mut events = [events, std::slice::from_ref(late)].concat();
    events.sort_by(Event::order);
    events
}

/// The place of an event that becomes known late: beside an event or a wake-up.
#[derive(Clone, Copy, Debug)]
struct Place {
    beside: Index,
    distance: TimeDelta,
    seq: i64,
}

impl Place {
    fn put(self, fact: Event, journal: &[Event], now: DateTime<Utc>) -> Event {
        let beside = journal.get(self.beside.index(journal.len().max(1))).unwrap_or(&fact);
        let at = (beside.at() + self.distance).min(now);
        fact.with_at(at).with_seq(self.seq)
    }
}

fn places() -> impl Strategy<Value = Place> {
    let microseconds = [-1, 0, 1].map(TimeDelta::microseconds);
    let seconds = [-DAY, -HOUR, HOUR, DAY, 5 * DAY].map(TimeDelta::seconds);
    let distances = select([&microseconds[..], &seconds].concat());
    (any::<Index>(), distances, -1..=1_i64).prop_map(|(beside, distance, seq)| Place {
        beside,
        distance,
        seq,
    })
}

/// Checks that the nth event of a history gives the same plan if it becomes known last, at its own place or at another
/// one: the journal is folded again with the fact in its place, and where wake-ups after it no longer hold, those that
/// are due instead are made.
fn check_late_fact(
    house: &House,
    history: &History,
    nth: usize,
    place: Option<Place>,
    wait: TimeDelta,
) -> Result<(), TestCaseError> {
    let mut events = history.in_order();
    let now = newest(&events) + wait;
    let fact = events.remove(nth);
    let (journal, _) = live(house, &events, now);
    let fact = match place {
        Some(place) => place.put(fact, &journal, now),
        None => fact,
    };
    let in_time = with(&events, &fact);
    let (_, expected) = live(house, &in_time, now);

    let refolded = with(&journal, &fact);
    let is_fact = |event: &Event| event.key() == fact.key();
    let place = refolded.iter().position(is_fact).expect("the fact is in the journal");
    let mut state = ProspectState::new(house.zone);
    refolded[..place].iter().for_each(|event| state.apply(event));
    for event in &refolded[place..] {
        take(house, &mut state, event);
    }
    state.wake(&house.policy, now);
    let (late, expected) = (plan(&state, &house.policy), plan(&expected, &house.policy));
    prop_assert_eq!(said(&late), said(&expected), "{} at {}", fact.name(), fact.at());

    // The same if nobody looked before the newest event.
    let nth = in_time.iter().position(is_fact).expect("the fact is in the history");
    let history = History::new(house.zone, in_time).expect("each key has one event");
    let days = u32::try_from(wait.num_days()).expect("waits are not negative");
    invariants::check_late_fact(&history, &house.policy, nth, days)?;
    Ok(())
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn waking_daily_monthly_and_once_give_the_same_state(case in cases(), wait in waits()) {
        let house = case.house();
        let events = case.history.in_order();
        let state = case.history.state();
        let now = newest(&events) + wait;
        let woken_every = |days: i64| {
            let (mut state, mut at, mut recorded) = (state.clone(), newest(&events), Vec::new());
            while at < now {
                recorded.extend(state.wake(&house.policy, at));
                at += TimeDelta::days(days);
            }
            recorded.extend(state.wake(&house.policy, now));
            (state, recorded)
        };
        let at_once = woken_every(10_000);
        prop_assert_eq!(&woken_every(1), &at_once);
        prop_assert_eq!(&woken_every(30), &at_once);
        // Nothing is left that is due, and what was recorded folds to the same state.
        let (woken, recorded) = at_once;
        prop_assert_eq!(woken.clone().wake(&house.policy, now), vec![]);
        let journal = [recorded.clone(), events].concat();
        prop_assert_eq!(&fold(&house, &journal), &woken);
        prop_assert!(recorded.windows(2).all(|pair| pair[0].order(&pair[1]).is_lt()), "{:?}", recorded);
    }

    #[test]
    fn a_wake_up_is_due_at_its_instant_and_not_a_microsecond_before(case in cases()) {
        let house = case.house();
        let state = case.history.state();
        let before = plan(&state, &house.policy);
        if let Some(wake) = before.wake.clone() {
            let due_at = wake.at().max(newest(case.history.events()));
            prop_assert_eq!(state.clone().wake(&house.policy, due_at - TimeDelta::microseconds(1)), vec![]);
            let mut woken = state.clone();
            let recorded = woken.wake(&house.policy, due_at);
            let first = recorded.first().map(|event| (event.name(), event.at()));
            prop_assert_eq!(first, Some((wake.kind.as_str(), due_at)));
            prop_assert_ne!(said(&plan(&woken, &house.policy)), said(&before));
            if let Decision::Wait { why, .. } = before.decision {
                let waits_for = match why {
                    WaitFor::Outcome => "send_unknown",
                    WaitFor::LastAnswer => "gave_up",
                    WaitFor::PauseEnd => "resumed",
                    _ => "?",
                };
                prop_assert_eq!(wake.kind.as_str(), waits_for);
            }
        }
    }
}

#[test]
fn a_late_fact_of_every_kind_gives_the_plan_as_if_it_had_come_in_time() {
    let config = config(300);
    let each = config.cases;
    let mut runner = TestRunner::new(config);
    let cases = (cases(), vec(option::weighted(0.8, places()), 16), waits());
    let counts = RefCell::new(BTreeMap::from_iter(Event::NAMES.iter().map(|name| (*name, 0))));
    let rare = || -> BTreeSet<&str> {
        counts.borrow().iter().filter(|(_, count)| **count < each).map(|(name, _)| *name).collect()
    };
    // Some kinds are rare, so histories are taken until each kind was late often enough.
    for _ in 0..1_000 * each {
        let rare = rare();
        if rare.is_empty() {
            break;
        }
        let case = cases.new_tree(&mut runner).expect("no case is filtered out");
        let checked = runner.run_one(case, |(case, places, wait)| {
            let house = case.house();
            for (nth, (fact, place)) in case.history.in_order().iter().zip(places).enumerate() {
                if rare.contains(fact.name()) {
                    check_late_fact(&house, &case.history, nth, place, wait)?;
                    *counts.borrow_mut().entry(fact.name()).or_default() += 1;
                }
            }
            Ok(())
        });
        checked.unwrap_or_else(|failure| panic!("{failure}"));
    }
    assert!(rare().is_empty(), "expected {each} late facts of each kind: {counts:?}");
}

#[test]
fn the_histories_reach_every_row_and_every_wake_up() {
    // The counts depend on the seed, so it is always the same one.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig { cases: 4_096, ..config(1) }, rng);
    let (rows, wakes) = (RefCell::new([0; 16]), RefCell::new(BTreeMap::new()));
    let counted = runner.run(&cases(), |case| {
        let plan = plan(&case.history.state(), &case.house().policy);
        plan.actions().for_each(|action| rows.borrow_mut()[usize::from(action.kind.row())] += 1);
        if let Some(wake) = plan.wake {
            *wakes.borrow_mut().entry(wake.kind).or_insert(0) += 1;
        }
        Ok(())
    });
    counted.expect("nothing is asserted");
    let (rows, wakes) = (rows.into_inner(), wakes.into_inner());
    for (row, count) in rows.into_iter().enumerate().skip(1).filter(|(row, _)| *row != 2) {
        assert!(count >= 10, "row {row} came {count} times");
    }
    assert_eq!(wakes.len(), 5, "{wakes:?}");
    assert!(wakes.values().all(|count| *count >= 10), "{wakes:?}");
}
