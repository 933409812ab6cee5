//! Does a desk store the replay of the journal, whenever it is woken and in any order of arrival?

use chrono::{DateTime, TimeDelta, Utc};
use followup::read::View;
use followup::{Channel, Desk, Event, ProspectId, ProspectState};
use followup_test_support::desks::desk;
use followup_test_support::events::{KINDS, kind};
use followup_test_support::people::item;
use pollster::block_on;
use proptest::prelude::*;

fn start() -> DateTime<Utc> {
    "2026-01-05T09:00:00Z".parse().expect("an instant")
}

fn id() -> ProspectId {
    ProspectId::new("p").expect("an id")
}

/// A history in which days and weeks pass between events.
fn history() -> impl Strategy<Value = Vec<Event>> {
    let channel = prop::sample::select(vec![Channel::PHONE, Channel::EMAIL]);
    prop::collection::vec((0..KINDS, channel, 1_i64..1_500), 1..14).prop_map(|steps| {
        let mut at = start();
        let event = |(index, (choice, channel, hours))| {
            at += TimeDelta::hours(hours);
            Event::new(at, kind(choice, channel, at)).with_key(format!("k{index:02}"))
        };
        steps.into_iter().enumerate().map(event).collect()
    })
}

/// Adds a prospect and observes events as they happen, waking at the given interval in between.
fn live(events: &[Event], wake_every_days: Option<i64>) -> (Desk, DateTime<Utc>) {
    let desk = desk();
    block_on(desk.observe_at(&id(), Event::added(start()).with_key("added"), start()))
        .expect("a new prospect");
    let mut now = start();
    let end = events.last().map_or(start(), |event| event.at()) + TimeDelta::days(100);
    let ends = [None];
    for event in events.iter().map(Some).chain(ends) {
        let until = event.map_or(end, |event| event.at());
        while let Some(days) = wake_every_days.filter(|days| now + TimeDelta::days(*days) < until) {
            now += TimeDelta::days(days);
            block_on(desk.wake(now)).expect("it wakes");
        }
        if let Some(event) = event {
            block_on(desk.observe_at(&id(), event.clone(), event.at())).expect("it is observed");
            now = now.max(event.at());
        }
    }
    (desk, end)
}

fn seen(desk: &Desk, now: DateTime<Utc>) -> View {
    block_on(desk.plan(&id(), now)).expect("the prospect exists")
}

fn assert_same(one: &View, other: &View) {
    assert_eq!(one.plan, other.plan);
    assert_eq!((one.state.stage(), one.state.touches()), (other.state.stage(), other.state.touches()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn waking_daily_weekly_or_never_gives_the_same_plan(events in history()) {
        let (never, now) = live(&events, None);
        for days in [1, 7, 31] {
            let (often, _) = live(&events, Some(days));
            assert_same(&seen(&never, now), &seen(&often, now));
        }
    }

    #[test]
    fn a_late_fact_gives_the_same_plan_as_in_time(events in history(), which in any::<prop::sample::Index>()) {
        let (in_time, now) = live(&events, Some(3));
        let mut others = events.clone();
        let late = others.remove(which.index(events.len()));
        // All other events are observed and woken without it, up to the same end.
        let last = events.last().expect("there is an event").at();
        let (desk, _) = live(&others, Some(3));
        block_on(desk.wake(last + TimeDelta::days(100))).expect("it wakes");
        block_on(desk.observe_at(&id(), late, now)).expect("it is observed");
        block_on(desk.wake(now)).expect("it wakes");
        assert_same(&seen(&in_time, now), &seen(&desk, now));
    }

    #[test]
    fn the_stored_state_is_the_replay_of_the_journal(events in history(), wake in 1_i64..40) {
        let (desk, now) = live(&events, Some(wake));
        let stored = block_on(desk.read().stored_plan(&id(), now)).expect("the prospect exists");
        let entries = block_on(desk.history(&id())).expect("the prospect exists");
        let replayed = ProspectState::replay(entries.into_iter().map(|entry| entry.event)).expect("keys are unique");
        prop_assert_eq!(&stored.state, &replayed);
        block_on(desk.wake(now)).expect("it wakes");
        let woken = block_on(desk.read().stored_plan(&id(), now)).expect("the prospect exists");
        prop_assert_eq!(woken.plan, seen(&desk, now).plan);
    }

    #[test]
    fn an_import_is_the_same_in_any_order_and_in_any_batches(events in history(), size in 1_usize..6, seed in any::<u64>()) {
        let items: Vec<_> = events.iter().map(|event| item("p", event.clone())).collect();
        let now = start() + TimeDelta::days(3_000);
        let whole = desk();
        block_on(whole.import(&items, now)).expect("it can be imported");
        let mut shuffled = items.clone();
        let mut state = seed | 1;
        for index in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(index, (state >> 33) as usize % (index + 1));
        }
        let parts = desk();
        for _ in 0..2 {
            for batch in shuffled.chunks(size) {
                block_on(parts.import(batch, now)).expect("it can be imported");
            }
        }
        let [whole, parts] = [&whole, &parts].map(|desk| block_on(desk.read().stored_plan(&id(), now)).expect("the prospect exists"));
        prop_assert_eq!(whole.state, parts.state);
        prop_assert_eq!(whole.plan, parts.plan);
        prop_assert_eq!(whole.revision, parts.revision);
    }
}
