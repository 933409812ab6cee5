//! How a plan reads, and what a history holds that has no limit of its own.

use chrono::{DateTime, TimeDelta, Utc};
use followup_core::event::EventKind;
use followup_core::plan::WaitFor;
use followup_core::stage::{Rest, Standing};
use followup_core::{Channel, Event, Outcome, Policy, ProspectState, Rule, plan};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// A Friday, in working hours.
fn start() -> DateTime<Utc> {
    at("2026-03-06T14:00:00Z")
}

fn state(events: impl IntoIterator<Item = Event>) -> ProspectState {
    ProspectState::replay(events).expect("each key stands for one event")
}

#[test]
fn a_plan_reads_as_one_line() {
    let after = |event: Event| [Event::added(start()).with_key("added"), event.with_key("k")];
    let paused = EventKind::Paused { until: Some(at("2026-05-04T00:00:00Z")), why: None };
    for (event, line, standing) in [
        (
            Event::asked_information(start(), Channel::EMAIL),
            "inform by email from Fri 6 Mar 2026 14:00 UTC to Mon 9 Mar 2026 17:00 UTC",
            Standing::Active,
        ),
        (
            Event::new(start(), paused),
            "wait for the pause end until Mon 4 May 2026 00:00 UTC",
            Standing::Waiting,
        ),
        (Event::stopped(start()), "rest: stopped", Standing::Resting(Rest::Stopped)),
        (Event::opted_out(start()), "rest: opted out", Standing::Resting(Rest::OptedOut)),
        (Event::decided(start(), Outcome::Won), "rest: won", Standing::Resting(Rest::Won)),
    ] {
        let plan = plan(&state(after(event)), &Policy::default());
        assert_eq!((plan.to_string().as_str(), plan.standing()), (line, standing));
        assert!(plan.why().to_string().starts_with(line));
    }
    let words = [WaitFor::Outcome, WaitFor::LastAnswer, WaitFor::PauseEnd].map(WaitFor::as_str);
    assert_eq!(words, ["outcome", "last_answer", "pause_end"]);
}

#[test]
fn an_explanation_names_each_rule_once() {
    let events = [
        Event::added(start()).with_key("a"),
        Event::asked_information(start() + TimeDelta::hours(1), Channel::EMAIL).with_key("b"),
    ];
    let plan = plan(&state(events), &Policy::default());
    let why = plan.why().to_string();
    let mut rules: Vec<Rule> = plan.because.iter().map(|because| because.rule).collect();
    let changed = rules.len();
    rules.sort_unstable();
    rules.dedup();
    assert!(rules.len() < changed, "no rule changed two parts: {why}");
    for rule in &rules {
        assert_eq!(why.matches(&format!("({rule})")).count(), 1, "{why}");
    }
    assert_eq!(why.matches(", because ").count(), 1);
    assert_eq!(why.matches("; ").count(), rules.len() - 1);
    assert_eq!(plan.rules().iter().collect::<Vec<_>>(), rules);
}

#[test]
fn of_inputs_beyond_the_limit_the_oldest_is_let_go() {
    let requested = |n: i64| {
        let input = format!("input-{n:03}");
        let event =
            Event::new(start() + TimeDelta::minutes(n), EventKind::InputRequested { input, deadline: None });
        event.with_key(format!("r-{n:03}"))
    };
    let received = |n: i64| {
        let input = format!("input-{n:03}");
        let event = Event::new(start() + TimeDelta::hours(9 + n), EventKind::InputReceived { input });
        event.with_key(format!("x-{n:03}"))
    };
    let kept = (0..256).map(requested).chain((1..256).map(received));
    assert!(state(kept).is_owed_inputs());
    let full = (0..257).map(requested).chain((1..257).map(received));
    assert!(!state(full).is_owed_inputs());
    assert!(!state([]).is_owed_inputs());
}
