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
        4 => arb_observed_history_of(&vocabulary::names()),
        1 => histories(vocabulary::names_of_silence(), WAITS.to_vec()),
    ]
}

/// Returns a strategy for histories as those of [`arb_observed_history`], with events of these names only. A name that
/// is given twice comes twice as often, and a failing name shrinks to the first.
///
/// # Examples
/// ```
/// use followup_core::{Channel, Playbook, Policy};
/// use followup_testing::{arb_observed_history_of, check_plans, proptest::prelude::*};
///
/// // Under this playbook, nobody is called without asking for something.
/// let policy = Policy::from(Playbook::parse("channels = [\"email\", \"post\"]")?);
/// let unasked = arb_observed_history_of(&["touched", "touched", "information_sent", "proposal_sent"]);
/// proptest!(ProptestConfig::with_cases(64), |(history in unasked)| {
///     check_plans(&history, &policy, |plan| match plan.next() {
///         Some(next) if next.channel == Some(Channel::PHONE) => Err("a call is planned".to_owned()),
///         _ => Ok(()),
///     })?;
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// If there are no names, or one of them is not in [`Event::NAMES`].
pub fn arb_observed_history_of(names: &[&str]) -> impl Strategy<Value = History> + use<> {
    let names = names.iter().map(|name| known(name)).collect();
    histories(names, [&WAITS[..], &WAITS_IN_ANY_ORDER].concat())
}

/// Returns a name as it is in the vocabulary.
fn known(name: &str) -> &'static str {
    let known = Event::NAMES.iter().copied().find(|known| *known == name);
    known.unwrap_or_else(|| panic!("unknown event \"{name}\"; expected a name of `Event::NAMES`"))
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
    fn a_history_of_certain_names_has_no_others_and_more_of_those_that_are_given_twice() {
        let counts = RefCell::new(std::collections::BTreeMap::new());
        let names = ["touched", "replied", "touched", "touched"];
        find(1, 400, arb_observed_history_of(&names), |history| {
            let mut counts = counts.borrow_mut();
            history.events().iter().for_each(|event| *counts.entry(event.name()).or_insert(0) += 1);
            Ok(())
        })
        .unwrap();
        let counts = counts.into_inner();
        assert_eq!(Vec::from_iter(counts.keys().copied()), ["replied", "touched"]);
        assert!(counts["touched"] > 2 * counts["replied"], "{counts:?}");
    }

    #[test]
    #[should_panic(expected = "unknown event \"shouted\"; expected a name of `Event::NAMES`")]
    fn an_unknown_name_panics() {
        let _ = arb_observed_history_of(&["touched", "shouted"]);
    }

    #[test]
    fn an_observed_history_shrinks_to_one_event_at_the_usual_instant() {
        assert_eq!(shrunk("stopped", arb_observed_history()).to_string(), "2026-03-02T09:00Z stopped");
    }
}
