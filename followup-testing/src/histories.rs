//! Random histories that shrink to a few lines.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::arbitrary;
use super::history::{History, number};
use super::instants::{self, arb_zone, awkward};
use super::vocabulary::{self, DAY, HOUR, event};
use followup_core::event::{Event, EventKind};
use followup_core::policy::Policy;
use followup_core::stage::By;
use followup_core::state::{Finding, ProspectState};
use followup_core::time::Zone;

/// The maximum number of events of a history.
const EVENTS_MAX: usize = 16;

/// Choices of the seconds between an event and the next.
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

/// More choices, for events that become known late and in any order.
const WAITS_IN_ANY_ORDER: [i64; 4] = [95 * DAY, -HOUR, -2 * DAY, -20 * DAY];

/// Returns a strategy for histories in which a strict `record` accepts each event.
///
/// Events that would be refused after those before them are left out, so a shrunk history is also accepted
/// throughout. One event in ten has arbitrary values, as in [`arb_event`](crate::arb_event).
pub fn arb_history() -> impl Strategy<Value = History> {
    let names = vocabulary::names_by_hand;
    prop_oneof![
        4 => histories(names(), WAITS.to_vec()),
        1 => histories(vocabulary::names_of_silence(), WAITS.to_vec()),
    ]
    .prop_map(|history| accepted(&history))
}

/// Returns a strategy for histories of anything that can be observed: refused moves, equal instants, and events that
/// become known late.
pub fn arb_observed_history() -> impl Strategy<Value = History> {
    prop_oneof![
        4 => histories(vocabulary::names(), [&WAITS[..], &WAITS_IN_ANY_ORDER].concat()),
        1 => histories(vocabulary::names_of_silence(), WAITS.to_vec()),
    ]
}

/// Returns the events of a history that a strict `record` accepts one after the other, each when it happens.
pub(super) fn accepted(history: &History) -> History {
    let mut state = ProspectState::new(history.home());
    let mut kept = Vec::new();
    for event in history.events() {
        let event = event.clone().with_seq(0).with_key(number(kept.len()));
        let refused = state.check(&event, event.at()).iter().any(Finding::is_refusal);
        if !refused && state.is_next(&event) {
            state.apply(&event);
            kept.push(event);
        }
    }
    History::numbered(history.home(), kept)
}

#[derive(Clone, Debug)]
struct Step {
    wait_seconds: i64,
    what: What,
    seq: i64,
}

/// The event of a step.
#[derive(Clone, Debug)]
enum What {
    /// An event whose fields are chosen from a few values that meet each other often.
    Usual(&'static str, vocabulary::Dials),
    /// A kind with arbitrary values, to be placed.
    Any(Box<EventKind>, Option<By>),
}

fn histories(names: Vec<&'static str>, waits: Vec<i64>) -> impl Strategy<Value = History> {
    let arbitrary = (arbitrary::kinds(names.clone()), option::weighted(0.1, select(By::ALL)));
    let what = prop_oneof![
        9 => (select(names), any::<vocabulary::Dials>()).prop_map(|(name, dials)| What::Usual(name, dials)),
        1 => arbitrary.prop_map(|(kind, by)| What::Any(Box::new(kind), by)),
    ];
    let step = (select(waits), what, arbitrary::seq()).prop_map(|(wait_seconds, what, seq)| Step {
        wait_seconds,
        what,
        seq,
    });
    let policy = Policy::default();
    (arb_zone(), instants::dials(), vec(step, 1..=EVENTS_MAX))
        .prop_map(move |(zone, start, steps)| lay_out(zone, awkward(zone, &policy, start), steps))
}

/// Places steps one after the other, from an instant on.
fn lay_out(zone: Zone, start: DateTime<Utc>, steps: Vec<Step>) -> History {
    let mut at = start;
    let events = steps.into_iter().enumerate().map(|(index, step)| {
        if index > 0 {
            at += TimeDelta::seconds(step.wait_seconds);
        }
        let event = match step.what {
            What::Usual(name, dials) => event(name, at, dials),
            What::Any(kind, by) => arbitrary::done_by(Event::new(at, arbitrary::placed(*kind, at)), by),
        };
        event.with_seq(step.seq)
    });
    let events: Vec<Event> = events.collect();
    History::numbered(zone, events)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::super::find;
    use super::*;
    use crate::Broken;
    use followup_core::channel::Channel;

    /// Returns the shrunk form of the first history of a seed that has an event of this name.
    fn shrunk(name: &'static str, strategy: impl Strategy<Value = History>) -> History {
        let without = |history: &History| {
            let comes = history.events().iter().any(|event| event.name() == name);
            if comes { Err(Broken::of("the event occurs", history)) } else { Ok(()) }
        };
        find(1, 2_000, strategy, without).expect_err("the event occurs in some history").value
    }

    #[test]
    fn a_history_shrinks_to_what_matters_and_stays_one_that_is_accepted() {
        let history = shrunk("proposal_sent", arb_history());
        let names: Vec<_> = history.events().iter().map(Event::name).collect();
        assert_eq!(names.last(), Some(&"proposal_sent"));
        assert!(names.len() <= 3, "expected at most the event and what it needs: {history}");
        assert_eq!(accepted(&history), history);
    }

    #[test]
    fn histories_have_arbitrary_values_and_read_back_from_what_they_print() {
        let unusual = |event: &Event| match event.kind() {
            EventKind::Noted { text } => text != "x",
            EventKind::Touched { channel, .. } => !Channel::BUILT_IN.contains(channel),
            EventKind::Snoozed { until } => (*until - event.at()).num_seconds() % HOUR != 0,
            _ => false,
        };
        for strategy in [arb_history().boxed(), arb_observed_history().boxed()] {
            let seen = RefCell::new(BTreeSet::new());
            find(1, 1_000, strategy, |history| {
                assert_eq!(history.to_string().parse().as_ref(), Ok(history));
                seen.borrow_mut()
                    .extend(history.events().iter().filter(|event| unusual(event)).map(Event::name));
                Ok(())
            })
            .unwrap();
            assert_eq!(Vec::from_iter(seen.into_inner()), ["noted", "snoozed", "touched"]);
        }
    }

    #[test]
    fn an_observed_history_shrinks_to_one_event_at_the_usual_instant() {
        assert_eq!(shrunk("stopped", arb_observed_history()).to_string(), "2026-03-02T09:00Z stopped");
    }
}
