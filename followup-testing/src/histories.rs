//! Random histories that shrink to a few lines.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::history::{History, number};
use super::instants::{self, arb_zone, awkward};
use super::vocabulary::{self, DAY, HOUR, event};
use followup_core::event::Event;
use followup_core::policy::Policy;
use followup_core::state::{Finding, ProspectState};
use followup_core::time::Zone;

/// The most events of a history.
const EVENTS_MAX: usize = 16;

/// Seconds between an event and the next.
const WAITS: [i64; 17] = [
    DAY,
    0,
    0,
    0,
    1,
    60,
    HOUR,
    3 * HOUR,
    9 * HOUR,
    15 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    4 * DAY + HOUR,
    9 * DAY,
    16 * DAY,
    33 * DAY,
];

/// More of them, of those who hear of things late and in any order.
const WAITS_IN_ANY_ORDER: [i64; 4] = [95 * DAY, -HOUR, -2 * DAY, -20 * DAY];

/// Histories in which each event is one that a strict `record` accepts.
///
/// What would be refused after the events before it is left out, so what a history shrinks to is again one that
/// is accepted throughout.
pub fn arb_history() -> impl Strategy<Value = History> {
    let names = vocabulary::names_by_hand;
    prop_oneof![
        4 => histories(names(), WAITS.to_vec()),
        1 => histories(vocabulary::names_of_silence(), WAITS.to_vec()),
    ]
    .prop_map(|history| accepted(&history))
}

/// Histories of anything that can be observed: refused moves, equal instants, events that are heard of late.
pub fn arb_observed_history() -> impl Strategy<Value = History> {
    prop_oneof![
        4 => histories(vocabulary::names(), [&WAITS[..], &WAITS_IN_ANY_ORDER].concat()),
        1 => histories(vocabulary::names_of_silence(), WAITS.to_vec()),
    ]
}

/// What of a history a strict `record` accepts, one event after the other, each as it happens.
fn accepted(history: &History) -> History {
    let mut state = ProspectState::new(history.home());
    let mut kept = Vec::new();
    for event in history.events() {
        let event = event.clone().seq(0).key(number(kept.len()));
        let refused = state.check(&event, event.at).iter().any(Finding::is_refusal);
        if !refused && state.is_next(&event) {
            state.apply(&event);
            kept.push(event);
        }
    }
    History::numbered(history.home(), kept)
}

#[derive(Clone, Copy, Debug)]
struct Step {
    wait_seconds: i64,
    name: &'static str,
    dials: vocabulary::Dials,
    seq: i64,
}

fn histories(names: Vec<&'static str>, waits: Vec<i64>) -> impl Strategy<Value = History> {
    let seq = prop_oneof![8 => Just(0), 1 => -1..=1_i64];
    let step = (select(waits), select(names), any::<vocabulary::Dials>(), seq)
        .prop_map(|(wait_seconds, name, dials, seq)| Step { wait_seconds, name, dials, seq });
    let policy = Policy::default();
    (arb_zone(), instants::dials(), vec(step, 1..=EVENTS_MAX))
        .prop_map(move |(zone, start, steps)| lay_out(zone, awkward(zone, &policy, start), &steps))
}

/// Puts steps one after the other, from an instant on.
fn lay_out(zone: Zone, start: DateTime<Utc>, steps: &[Step]) -> History {
    let mut at = start;
    let events = steps.iter().enumerate().map(|(index, step)| {
        if index > 0 {
            at += TimeDelta::seconds(step.wait_seconds);
        }
        event(step.name, at, step.dials).seq(step.seq)
    });
    let events: Vec<Event> = events.collect();
    History::numbered(zone, events)
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;
    use crate::Broken;

    /// What is left of the first history of a seed in which an event of this name comes.
    fn shrunk(name: &'static str, strategy: impl Strategy<Value = History>) -> History {
        let without = |history: &History| {
            let comes = history.events().iter().any(|event| event.name() == name);
            if comes { Err(Broken::of("it comes", history)) } else { Ok(()) }
        };
        find(1, 2_000, strategy, without).expect_err("it comes").value
    }

    #[test]
    fn a_history_shrinks_to_what_matters_and_stays_one_that_is_accepted() {
        let history = shrunk("proposal_sent", arb_history());
        let names: Vec<_> = history.events().iter().map(Event::name).collect();
        assert_eq!(names.last(), Some(&"proposal_sent"));
        assert!(names.len() <= 3, "a held appointment or a request, and what that takes: {history}");
        assert_eq!(accepted(&history), history);
    }

    #[test]
    fn an_observed_history_shrinks_to_one_event_at_the_usual_instant() {
        assert_eq!(shrunk("stopped", arb_observed_history()).to_string(), "2026-03-02T09:00Z stopped");
    }
}
