//! The beginnings of pursuits: what is known of a prospect before we follow up.

use chrono::{DateTime, Days, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::arbitrary::{self, placed};
use super::histories::accepted;
use super::history::History;
use super::instants::{self, arb_zone, awkward};
use super::vocabulary::{DAY, HOUR};
use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind, Request};
use followup_core::money::Money;
use followup_core::policy::Policy;
use followup_core::stage::{Kind, Temperature, Who};

/// The maximum number of facts after `added`.
const FACTS_MAX: usize = 5;

/// Choices of the seconds between two facts.
const WAITS: [i64; 7] = [0, 0, HOUR, 20 * HOUR, DAY, 3 * DAY, 10 * DAY];

/// Returns a strategy for the beginnings of pursuits; shrinks to a bare `added` on Monday 2 March 2026, 9:00.
///
/// A beginning is an `added` with any kind, addresses, zone, owner and referrer, and then up to five facts: small,
/// medium and large values in several currencies, those around the bounds of the playbook among them; preferences;
/// qualifications; temperatures; requests; an opt-out of one channel; absences; a stop. A strict `record` accepts each
/// event.
///
/// No input is requested: inputs are chased every few days until they arrive (C17), without a ceiling, and so break any
/// promise about the number of touches. To check a pursuit with inputs, start from a history of your own.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_testing::{AnswerModel, Promise, arb_beginning, play, proptest::prelude::*};
///
/// let policy = Policy::default();
/// let until = "2036-01-01T00:00:00Z".parse()?;
/// proptest!(ProptestConfig::with_cases(16), |(beginning in arb_beginning(&policy))| {
///     let played = play(&policy, &AnswerModel::silent(), &beginning, until);
///     Promise::NobodyFallsInTheGap.check(played.history(), &policy)?;
/// });
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn arb_beginning(policy: &Policy) -> impl Strategy<Value = History> + use<> {
    let (policy, facts) = (policy.clone(), vec((select(&WAITS[..]), fact(policy)), 0..=FACTS_MAX));
    (instants::dials(), added(), facts).prop_map(move |(instant, added, facts)| {
        let mut at = awkward(policy.zone(), &policy, instant);
        let added = Event::new(at, added);
        let facts = facts.into_iter().map(|(wait_seconds, kind)| {
            at += TimeDelta::seconds(wait_seconds);
            Event::new(at, placed(kind, at))
        });
        let events: Vec<Event> = std::iter::once(added).chain(facts).collect();
        accepted(&History::numbered(policy.zone(), events))
    })
}

fn added() -> impl Strategy<Value = EventKind> {
    let kind = prop_oneof![4 => Just(Kind::Prospect), 1 => select(Kind::ALL)];
    let reach = (option::of(Just("a@example.org")), option::of(Just("+4930123456")));
    let ours = (option::of(select(vec!["ann", "bo"])), option::weighted(0.3, Just("p-ref")));
    (kind, reach, option::of(arb_zone()), ours).prop_map(|(kind, (email, phone), zone, (owner, referrer))| {
        EventKind::Added {
            name: None,
            kind,
            email: email.map(str::to_owned),
            phone: phone.map(str::to_owned),
            zone,
            owner: owner.map(str::to_owned),
            referrer: referrer.map(str::to_owned),
            playbook: None,
        }
    })
}

/// Returns a strategy for facts whose instants are relative; see [`placed`].
fn fact(policy: &Policy) -> impl Strategy<Value = EventKind> + use<> {
    let channel = || prop_oneof![4 => select(Channel::BUILT_IN), 1 => arbitrary::channel()];
    let after = || (1..120_i64).prop_map(|days| DateTime::UNIX_EPOCH + TimeDelta::days(days));
    prop_oneof![
        5 => value(policy).prop_map(|value| EventKind::Valued { value }),
        4 => (select(Request::ALL), option::of(channel()))
            .prop_map(|(request, channel)| EventKind::Requested { request, channel }),
        3 => preferred(channel()),
        3 => qualified(),
        2 => select(Temperature::ALL).prop_map(|temperature| EventKind::TemperatureSet { temperature }),
        2 => channel().prop_map(|channel| EventKind::OptedOut { channels: vec![channel] }),
        2 => (select(Who::ALL), after(), option::of(after()))
            .prop_map(|(who, until, from)| EventKind::Away { who, until, from }),
        1 => Just(EventKind::Stopped { why: None }),
    ]
}

/// Returns a strategy for values: around the bounds of the playbook, and of every magnitude in other currencies.
fn value(policy: &Policy) -> impl Strategy<Value = Money> + use<> {
    let bounds = &policy.settings().values;
    let beside = |bound: &Money| {
        let minors = [bound.minor() - 1, bound.minor(), bound.minor().saturating_mul(10)];
        let currency = bound.currency().to_owned();
        minors.map(move |minor| money(minor, &currency))
    };
    let usual = [500_000, 50_000, 5_000_000].map(|minor| money(minor, "EUR"));
    let beside = bounds.small_below.iter().chain(&bounds.large_from).flat_map(beside);
    let known: Vec<Money> = usual.into_iter().chain(beside).collect();
    let any = (1..10_i64, 0..12_u32, select(vec!["EUR", "USD", "JPY", "CHF", "KWD"]))
        .prop_map(|(digit, zeros, currency)| money(digit * 10_i64.pow(zeros), currency));
    prop_oneof![1 => select(known), 1 => any]
}

fn money(minor: i64, currency: &str) -> Money {
    Money::from_minor(minor, currency).expect("the currency is valid")
}

fn preferred(channel: impl Strategy<Value = Channel>) -> impl Strategy<Value = EventKind> {
    (option::of(channel), option::of(arbitrary::weekdays()), arbitrary::hours())
        .prop_map(|(channel, weekdays, (from, to))| EventKind::Preferred { channel, weekdays, from, to })
}

fn qualified() -> impl Strategy<Value = EventKind> {
    let date = |days: u64| DateTime::<Utc>::UNIX_EPOCH.date_naive() + Days::new(days);
    let flag = || option::of(any::<bool>());
    let needs = (option::of(Just("roof")), option::of(Just("board")), option::of(15..240_u32));
    (option::of((1..200_u64).prop_map(date)), flag(), flag(), needs).prop_map(
        |(decides_on, ready, knows_us, (needs, decides_how, minutes))| EventKind::Qualified {
            needs: needs.map(str::to_owned),
            decides_how: decides_how.map(str::to_owned),
            decides_on,
            ready,
            knows_us,
            minutes,
        },
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Broken, find};
    use followup_core::playbook::Playbook;
    use followup_core::stage::ValueBand;

    fn policy() -> Policy {
        Playbook::parse("[values]\nsmall_below = [\"1000CHF\"]\nlarge_from = [\"20000CHF\"]\n")
            .unwrap()
            .into()
    }

    #[test]
    fn beginnings_vary_in_all_that_a_plan_depends_on_and_are_accepted() {
        let policy = policy();
        let seen = std::cell::RefCell::new(BTreeSet::new());
        find(1, 1_000, arb_beginning(&policy), |beginning| {
            assert_eq!(accepted(beginning), *beginning);
            assert_eq!(beginning.events()[0].name(), "added");
            let state = beginning.state();
            let band = policy.settings().band(state.value());
            let currency = state.value().map(|value| value.currency().to_owned());
            let mut seen = seen.borrow_mut();
            seen.insert(format!("{band}"));
            seen.insert(format!("{:?}", state.kind()));
            seen.insert(currency.unwrap_or_default());
            seen.extend(beginning.events().iter().map(|event| event.name().to_owned()));
            if let EventKind::Added { email, phone, .. } = beginning.events()[0].kind() {
                seen.insert(format!("email {} phone {}", email.is_some(), phone.is_some()));
            }
            Ok(())
        })
        .unwrap();
        let seen = seen.into_inner();
        let bands = ValueBand::ALL.iter().map(|band| band.to_string());
        let kinds = Kind::ALL.iter().map(|kind| format!("{kind:?}"));
        let requests = Request::ALL.iter().map(|request| request.as_str().to_owned());
        let other = [
            "",
            "CHF",
            "EUR",
            "JPY",
            "valued",
            "preferred",
            "qualified",
            "opted_out",
            "away",
            "stopped",
            "email true phone true",
            "email true phone false",
            "email false phone true",
            "email false phone false",
        ];
        let expected = bands.chain(kinds).chain(requests).chain(other.map(str::to_owned));
        for what in expected {
            assert!(seen.contains(&what), "\"{what}\" does not occur in {seen:?}");
        }
    }

    #[test]
    fn a_beginning_shrinks_to_a_bare_added() {
        let found = find(1, 10, arb_beginning(&policy()), |beginning| Err(Broken::of("fails", beginning)));
        assert_eq!(found.unwrap_err().value.to_string(), "2026-03-02T09:00Z added");
    }

    #[test]
    fn a_beginning_shrinks_to_the_one_fact_that_matters() {
        let policy = policy();
        let found = find(1, 1_000, arb_beginning(&policy), |beginning| {
            match policy.settings().band(beginning.state().value()) {
                ValueBand::Large => Err(Broken::of("large", beginning)),
                _ => Ok(()),
            }
        });
        let text = found.unwrap_err().value.to_string();
        assert!(text.starts_with("2026-03-02T09:00Z added\n2026-03-02T09:00Z valued amount="), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
