//! Does a publication neither lose nor skip prospects who are being pursued?

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use followup::event::{EventKind, Request};
use followup::plan::{Decision, ObligationKind};
use followup::policy::CustomRule;
use followup::publish::{Moving, Published};
use followup::stage::Rest;
use followup::store::StoreErrorKind;
use followup::{
    Channel, Desk, DeskError, Event, Playbook, Policy, Prospect, ProspectState, Store, StoreError,
};
use followup_insight::Insight;
use followup_insight::playbook_diff::PlaybookDiff;
use followup_store_memory::MemoryStore;
use followup_store_testkit::Hooked;
use followup_test_support::people::{id, with_mailbox};
use followup_test_support::times::at;
use pollster::block_on;
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    at("2026-04-01T12:00:00Z")
}

/// A version whose hot, warm and second touches come after the given number of days.
fn version(version: u32, days: u32) -> Playbook {
    let interval = format!("from = \"P{days}D\"\nto = \"P{days}D\"\n");
    let toml = format!(
        "version = {version}\n[cadence.hot]\n{interval}[cadence.warm]\n{interval}[cadence.second]\n{interval}"
    );
    Playbook::parse(&toml).expect("a playbook")
}

fn desk(store: impl Store + 'static) -> Desk {
    block_on(Desk::builder(store).playbook(version(1, 30)).another(named()).open()).expect("it opens")
}

fn named() -> Playbook {
    Playbook::parse("name = \"named\"\n").expect("a playbook")
}

/// Adds twelve prospects at different points of their pursuit, some at rest, some on another playbook.
fn people(desk: &Desk) {
    for n in 0..12 {
        let name = format!("p-{n:02}");
        let start = at("2026-03-02T10:00:00Z") + TimeDelta::days(2 * n);
        block_on(desk.add(with_mailbox(&name), start)).expect("added");
        let touched = Event::touched(start + TimeDelta::hours(1), Channel::PHONE);
        block_on(desk.record(name.as_str(), touched)).expect("recorded");
        let set = |name: &str| EventKind::PlaybookSet { name: name.to_owned(), version: None };
        let next = start + TimeDelta::hours(2);
        let kind = match n {
            3 => EventKind::Stopped { why: None },
            4 => EventKind::OptedOut { channels: vec![] },
            5 => EventKind::Requested { request: Request::AskedInformation, channel: None },
            6 => set("named"),
            7 => set("default"),
            8 => EventKind::PlaybookSet { name: "default".to_owned(), version: Some(1) },
            9 => EventKind::Paused { until: Some(now() + TimeDelta::days(9)), why: None },
            10 => EventKind::Merged { into: "p-11".to_owned() },
            _ => continue,
        };
        block_on(desk.record(name.as_str(), Event::new(next, kind))).expect("recorded");
    }
}

/// The version, the decision and the stored decision of each prospect.
fn seen(store: &MemoryStore) -> Vec<(String, Option<u32>, Decision, Decision)> {
    let desk = desk(store.clone());
    let heads = block_on(desk.store().scan(None, 99)).expect("it can be read");
    let seen = heads.iter().map(|head| {
        let view = block_on(desk.plan(&head.prospect, now())).expect("the prospect exists");
        let stored = block_on(desk.read().stored_plan(&head.prospect, now())).expect("the prospect exists");
        let version = view.state.playbook_version();
        (head.prospect.to_string(), version, view.plan.decision, stored.plan.decision)
    });
    seen.collect()
}

fn publish(store: impl Store + 'static, days: u32, moving: Moving) -> Result<Published, DeskError> {
    let mut desk = block_on(Desk::builder(store).playbook(version(1, 30)).another(named()).open())?;
    block_on(desk.publish(version(2, days), moving, now()))
}

fn book() -> MemoryStore {
    let store = MemoryStore::new();
    people(&desk(store.clone()));
    store
}

#[test]
fn prospects_who_stay_keep_their_plans_and_new_ones_start_under_the_new_version() {
    let store = book();
    let before = seen(&store);
    let published = publish(store.clone(), 5, Moving::Stay).expect("it is published");
    assert_eq!(
        (published.moved, published.stayed),
        (0, 7),
        "not those at rest, elsewhere, or given a version"
    );
    let after = seen(&store);
    for ((who, _, one, stored), (_, version, other, stored_other)) in before.iter().zip(&after) {
        assert_eq!((one, stored), (other, stored_other), "{who}");
        assert!(version.is_none_or(|version| version == 1), "{who}");
    }
    let desk = desk(store);
    assert_eq!(desk.policy().settings().version, 2);
    block_on(desk.add(Prospect::new("new").unwrap(), now())).expect("added");
    block_on(desk.record("new", Event::touched(now(), Channel::PHONE).with_seq(1))).expect("recorded");
    let view = block_on(desk.plan(&id("new"), now())).unwrap();
    assert_eq!(view.plan.next().unwrap().window.earliest, at("2026-04-06T09:00:00Z"), "five days");
}

#[test]
fn prospects_who_move_continue_under_the_new_version_and_a_stop_stays_a_stop() {
    let store = book();
    let before = seen(&store);
    let published = publish(store.clone(), 5, Moving::Move).expect("it is published");
    assert_eq!((published.moved, published.stayed), (8, 0));
    let desk = desk(store.clone());
    for ((who, _, one, _), (_, version, other, stored)) in before.iter().zip(seen(&store)) {
        assert_eq!(other, stored, "{who}: the stored plan is renewed");
        match who.as_str() {
            "p-03" | "p-04" | "p-10" => {
                assert!(matches!(
                    other,
                    Decision::Rest { why: Rest::Stopped | Rest::OptedOut | Rest::Merged }
                ));
                assert_eq!(version, None, "{who}: prospects at rest get no event");
            }
            "p-06" => assert_eq!((one, version), (&other, None), "on another playbook"),
            _ => assert_eq!(version, Some(2), "{who}"),
        }
        let history = block_on(desk.history(&id(who))).unwrap();
        let woken = history.iter().filter(|entry| entry.event.is_wake_up()).count();
        assert_eq!(woken, 0, "{who}: nothing is caught up");
    }
}

#[test]
fn prospects_who_would_be_late_at_once_stay_and_the_others_move() {
    let store = book();
    let published = publish(store.clone(), 5, Moving::MoveUnlessPast).expect("it is published");
    assert!(published.moved > 0 && published.stayed > 0, "{published:?}");
    assert_eq!(published.moved + published.stayed, 8);
    for (who, version, decision, _) in seen(&store) {
        let Decision::Act { next, .. } = decision else { continue };
        // One prospect was late before, because an answer is owed; one is on another playbook.
        let late = next.window.latest < now();
        assert!(!late || ["p-05", "p-06"].contains(&who.as_str()), "{who}, {version:?}: {next:?}");
    }
}

/// A publication that is completed later keeps those who would be late by then.
#[test]
fn prospects_who_are_late_when_a_publication_is_completed_also_stay() {
    let store = MemoryStore::new();
    let asleep = desk(store.clone());
    block_on(asleep.add(Prospect::new("p").expect("an id"), now())).expect("added");
    block_on(asleep.record("p", Event::touched(now() + TimeDelta::hours(1), Channel::PHONE)))
        .expect("recorded");
    // The third scan fails: the events of those who stay are written, the version is saved, and nobody has moved.
    let looks = AtomicUsize::new(0);
    let before = move |method: &'static str| match method {
        "scan" if looks.fetch_add(1, Ordering::SeqCst) == 2 => {
            Err(StoreError::new(StoreErrorKind::Unavailable, "the store was asked"))
        }
        _ => Ok(()),
    };
    let flaky = Hooked::new(store.clone(), Box::new(before), Box::new(|_| Ok(())));
    let (day, week) = (TimeDelta::days(1), TimeDelta::days(7));
    let mut interrupted = desk(flaky);
    let published = block_on(interrupted.publish(version(2, 5), Moving::MoveUnlessPast, now() + day));
    assert!(published.is_err(), "{published:?}");
    let mut completing = desk(store.clone());
    let published = block_on(completing.publish(version(2, 5), Moving::MoveUnlessPast, now() + week));
    let published = published.expect("it is completed");
    assert_eq!((published.repeated, published.moved, published.stayed), (true, 0, 1));
}

#[test]
fn a_published_version_never_changes_and_versions_grow() {
    let store = book();
    publish(store.clone(), 5, Moving::Stay).expect("it is published");
    let again = publish(store.clone(), 5, Moving::Stay).expect("the same again");
    assert_eq!((again.repeated, again.moved, again.stayed), (true, 0, 0));
    let other = publish(store.clone(), 6, Moving::Stay).expect_err("another text");
    assert_eq!(
        other.to_string(),
        "version 2 of playbook \"default\" already exists with other settings; use version 3"
    );
    let mut desk = desk(store.clone());
    let older = block_on(desk.publish(version(1, 30), Moving::Move, now())).expect_err("older");
    assert_eq!(
        older.to_string(),
        "cannot publish version 1 of playbook \"default\": the newest is 2; use version 3"
    );
    assert!(desk.policy_named("default", Some(1)).is_some(), "those who stay keep it");
    // A playbook that a host passes under the newest version must be the published one.
    let opened = block_on(Desk::builder(store.clone()).playbook(version(2, 9)).open());
    assert!(matches!(opened, Err(DeskError::PublishedOtherwise { version: 2, .. })));
    // A host without the newest version plans by it all the same; an open desk does so once it reloads.
    let mut stale = Desk::builder(store.clone()).playbook(version(1, 30)).build();
    assert_eq!(stale.policy().settings().version, 1);
    block_on(stale.reload()).expect("it can be read");
    assert_eq!(stale.policy().settings().version, 2);
}

/// A rule that holds back the whole pursuit until an instant.
#[derive(Debug)]
struct Embargo;

impl CustomRule for Embargo {
    fn name(&self) -> &str {
        "embargo"
    }
    fn title(&self) -> &str {
        "nobody is touched before May"
    }
    fn not_before(&self, _: &ProspectState, _: ObligationKind) -> Option<DateTime<Utc>> {
        Some(at("2026-05-04T00:00:00Z"))
    }
}

#[test]
fn custom_rules_also_apply_to_published_playbooks() {
    let store = book();
    publish(store.clone(), 5, Moving::Move).expect("it is published");
    let policy = Policy::from(version(1, 30)).with_rule(Embargo).expect("a rule");
    let desk = block_on(Desk::builder(store).playbook(policy).open()).expect("it opens");
    let next = block_on(desk.plan("p-00", now())).expect("the prospect exists").plan;
    assert_eq!(next.next().expect("a touch").window.earliest, at("2026-05-04T09:00:00Z"));
}

#[test]
fn a_published_playbook_takes_precedence_over_a_changed_default() {
    // As after an update of this library that changes the default playbook.
    let store = MemoryStore::new();
    let mut desk = Desk::builder(store.clone()).playbook(version(1, 30)).build();
    block_on(desk.publish(version(1, 30), Moving::Stay, now())).expect("it is published");
    let opened = block_on(Desk::builder(store).open()).expect("it opens");
    assert_eq!(opened.policy().hash(), version(1, 30).hash());
}

#[test]
fn a_prospect_with_a_missing_version_is_left_as_it_is() {
    let store = book();
    let set = EventKind::PlaybookSet { name: "default".to_owned(), version: Some(7) };
    let desk = desk(store);
    let receipt = block_on(desk.record_at(&id("p-00"), Event::new(now(), set), now())).expect("recorded");
    assert!(receipt.plan.next().is_some(), "nobody falls in the gap");
    let published = publish_on(desk, version(2, 5), Moving::Stay);
    assert_eq!(published.stayed, 6, "a prospect who cannot stay on their version is left as they are");
}

fn publish_on(mut desk: Desk, playbook: Playbook, moving: Moving) -> Published {
    block_on(desk.publish(playbook, moving, now())).expect("it is published")
}

#[test]
fn a_diff_lists_the_changes_of_moving_everybody() {
    let store = book();
    let open = desk(store.clone());
    let before = seen(&store);
    let diff = block_on(Insight::new(&open).diff(&version(2, 5), now(), 99)).expect("it can be compared");
    publish(store.clone(), 5, Moving::Move).expect("it is published");
    let after = seen(&store);
    let changed = before.iter().zip(&after).filter(|((who, _, one, _), (_, _, other, _))| {
        let listed = diff.changes.iter().find(|change| change.prospect.as_str() == who);
        assert_eq!(listed.is_some(), one != other, "{who}");
        if let Some(change) = listed {
            assert_eq!((&change.before.decision, &change.after.decision), (one, other), "{who}");
        }
        one != other
    });
    assert_eq!(diff.changed, changed.count() as u64);
    assert_eq!(
        (diff.prospects, diff.same + diff.changed),
        (11, 11),
        "without the prospect on another playbook"
    );
    assert!(diff.earlier > 0 && diff.shift_days.max < 0.0, "{diff:?}");
    let load = diff.load.values();
    let loads = load.fold((0, 0), |sum, day| (sum.0 + day.before, sum.1 + day.after));
    let acting = |seen: &[(String, Option<u32>, Decision, Decision)]| {
        let acts = seen.iter().filter(|(who, ..)| who != "p-06");
        acts.filter(|(_, _, decision, _)| matches!(decision, Decision::Act { .. })).count() as u64
    };
    assert_eq!(loads, (acting(&before), acting(&after)));
    let few = block_on(Insight::new(&open).diff(&version(2, 5), now(), 2)).expect("it can be compared");
    assert_eq!(few.changes[..], diff.changes[..2]);
}

#[test]
fn a_diff_with_an_unused_name_compares_everybody() {
    let open = desk(book());
    let other = Playbook::parse("name = \"other\"\n").unwrap();
    let count =
        |playbook: &Playbook| block_on(Insight::new(&open).diff(playbook, now(), 0)).unwrap().prospects;
    assert_eq!((count(&other), count(&named())), (12, 1));
    let same: PlaybookDiff = block_on(Insight::new(&open).diff(&version(1, 30), now(), 9)).unwrap();
    assert_eq!((same.changed, same.changes.len()), (0, 0));
    // Before the first prospect was added, there is nobody to compare.
    assert_eq!(
        block_on(Insight::new(&open).diff(&other, at("2026-03-02T09:00:00Z"), 0)).unwrap().prospects,
        0
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_publication_that_is_interrupted_at_any_call_and_repeated_ends_as_if_it_had_not_been(
        moving in prop::sample::select(Moving::ALL),
        calls in prop::collection::vec(1_usize..40, 1..4),
        written in any::<bool>(),
        days in 3_u32..40,
    ) {
        let whole = book();
        publish(whole.clone(), days, moving).expect("it is published");
        let parts = book();
        for call in calls {
            let left = Arc::new(AtomicUsize::new(call));
            let fails = move |_| match left.fetch_sub(1, Ordering::Relaxed) {
                // The process has ended, so all later calls fail too.
                left if left <= 1 || left > 1_000 => Err(StoreError::new(StoreErrorKind::Unavailable, "a planted fault")),
                _ => Ok(()),
            };
            let never = Box::new(|_: &'static str| Ok(()));
            let store = match written {
                true => Hooked::new(parts.clone(), never, Box::new(fails)),
                false => Hooked::new(parts.clone(), Box::new(fails), never),
            };
            let _ = publish(store, days, moving);
            // In between, every prospect still has a plan.
            let desk = desk(parts.clone());
            for head in block_on(desk.store().scan(None, 99)).unwrap() {
                let view = block_on(desk.plan(&head.prospect, now())).unwrap();
                let rests = matches!(view.plan.decision, Decision::Rest { .. });
                prop_assert_eq!(rests, view.state.at_rest().is_some(), "{}", head.prospect);
            }
        }
        publish(parts.clone(), days, moving).expect("it is completed");
        prop_assert_eq!(seen(&whole), seen(&parts));
        for (who, _, decision, _) in seen(&parts) {
            let history = block_on(desk(parts.clone()).history(&id(&who))).unwrap();
            let told = history.iter().filter(|entry| entry.event.key().starts_with("published-")).count();
            prop_assert!(told <= 1, "{who} was told {told} times");
            let entries = history.into_iter().map(|entry| entry.event);
            let state = ProspectState::replay(entries).expect("keys are unique");
            let rests = state.at_rest().is_some();
            prop_assert_eq!(rests, matches!(decision, Decision::Rest { .. }), "{}", who);
        }
    }
}
