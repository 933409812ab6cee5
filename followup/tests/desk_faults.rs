//! A desk over a store that fails, or whose data the desk did not write.

use followup::send::{TickLimits, TickOutcome};
use followup::store::{Append, Document, DocumentKind, StoreErrorKind};
use followup::{Desk, Event, Playbook, Store};
use followup_store_memory::MemoryStore;
use followup_store_testkit::Hooked;
use followup_test_support::carrier::Carrier;
use followup_test_support::people::{ada, id, item};
use followup_test_support::playbooks::mailing;
use followup_test_support::times::{days, start};
use pollster::block_on;

#[test]
fn an_import_is_retried_after_conflicts_up_to_a_limit() {
    let batch = [item("p", Event::added(start()))];
    for (times, kind, taken) in [
        (16, StoreErrorKind::Conflict, true),
        (17, StoreErrorKind::Conflict, false),
        (1, StoreErrorKind::Full, false),
    ] {
        let store = Hooked::failing(MemoryStore::new(), "append", kind, times);
        let desk = Desk::new(store, Playbook::default());
        match block_on(desk.import(&batch, days(1))) {
            Ok(imported) => assert_eq!((taken, imported.new), (true, 1), "{times}"),
            Err(error) => {
                assert!(!taken, "{times}");
                assert_eq!(error.to_string(), "the store failed: the store was asked");
                assert_eq!(
                    (error.is_conflict(), error.is_unknown()),
                    (kind == StoreErrorKind::Conflict, false)
                );
            }
        }
    }
}

#[test]
fn an_event_is_retried_after_conflicts_up_to_a_limit() {
    for (times, taken) in [(64, true), (65, false)] {
        let store = MemoryStore::new();
        block_on(Desk::new(store.clone(), Playbook::default()).add(ada(), start())).expect("added");
        let desk =
            Desk::new(Hooked::failing(store, "append", StoreErrorKind::Conflict, times), Playbook::default());
        match block_on(desk.record("p-1", Event::noted(days(1), "one"))) {
            Ok(receipt) => assert_eq!((taken, receipt.repeated), (true, false), "{times}"),
            Err(error) => assert_eq!((taken, error.is_conflict()), (false, true), "{times}"),
        }
        let history = block_on(desk.history(&id("p-1"))).expect("a history");
        assert_eq!(history.len(), if taken { 2 } else { 1 });
    }
}

#[test]
fn an_event_is_retried_after_unknown_appends_up_to_a_limit() {
    for (times, taken) in [(2, true), (3, false)] {
        let store = MemoryStore::new();
        block_on(Desk::new(store.clone(), Playbook::default()).add(ada(), start())).expect("added");
        let desk =
            Desk::new(Hooked::failing(store, "append", StoreErrorKind::Unknown, times), Playbook::default());
        match block_on(desk.record("p-1", Event::noted(days(1), "one"))) {
            Ok(receipt) => assert_eq!((taken, receipt.repeated), (true, false), "{times}"),
            Err(error) => assert_eq!((taken, error.is_unknown()), (false, true), "{times}"),
        }
    }
}

#[test]
fn an_absence_is_retried_after_a_conflict_but_not_after_a_failure() {
    for (times, kind, told) in [(1, StoreErrorKind::Conflict, true), (1, StoreErrorKind::Full, false)] {
        let store = MemoryStore::new();
        block_on(Desk::new(store.clone(), Playbook::default()).add(ada(), start())).expect("added");
        let desk = Desk::new(Hooked::failing(store, "save", kind, times), Playbook::default());
        match block_on(desk.owner_away("kim", days(1), days(9), start())) {
            Ok(count) => assert_eq!((count, told), (1, true)),
            Err(error) => assert_eq!(
                (error.to_string().as_str(), told),
                ("the store failed: the store was asked", false)
            ),
        }
        let view = block_on(desk.plan(&id("p-1"), days(2))).expect("a view");
        assert_eq!(view.state.owner_is_away(days(2)), told);
    }
}

#[test]
fn a_send_that_cannot_be_recorded_fails_and_a_fenced_one_is_late() {
    let playbook = Playbook::parse(&mailing("", &[("P1D", "first")])).expect("a playbook");
    for (kind, late) in [(StoreErrorKind::Full, false), (StoreErrorKind::Fenced, true)] {
        let store = MemoryStore::new();
        block_on(Desk::new(store.clone(), playbook.clone()).add(ada(), start())).expect("added");
        let desk = Desk::new(Hooked::failing(store, "append", kind, 1), playbook.clone());
        let (carrier, now) = (Carrier::default(), days(1));
        let ticked = block_on(desk.tick(now, &carrier, TickLimits::default())).expect("ticked");
        let [ticked] = &ticked[..] else { panic!("{ticked:?}") };
        match &ticked.outcome {
            TickOutcome::Late { delivery } => assert_eq!((late, delivery), (true, &None)),
            TickOutcome::Failed { delivery, .. } => assert_eq!((late, delivery), (false, &None)),
            other => panic!("{other:?}"),
        }
    }
}

/// A store whose newest change differs from the one that the desk prepared.
fn tampered(tamper: impl FnOnce(&mut Append)) -> MemoryStore {
    let store = MemoryStore::new();
    let desk = Desk::new(store.clone(), Playbook::default());
    block_on(desk.add(ada(), start())).expect("added");
    let prepared =
        block_on(desk.prepare(&id("p-1"), Event::replied(days(1), None), days(1))).expect("prepared");
    let mut change = prepared.changes()[0].clone();
    tamper(&mut change);
    block_on(store.append(vec![change])).expect("written");
    store
}

#[test]
fn unreadable_data_is_reported_with_its_prospect() {
    for (store, expected) in [
        (tampered(|change| change.snapshot.bytes.truncate(3)), "p-1: cannot read the stored snapshot: "),
        (tampered(|change| change.profile = Some("{".to_owned())), "p-1: cannot read the stored profile: "),
    ] {
        let error = block_on(Desk::new(store, Playbook::default()).plan(&id("p-1"), days(1)));
        let error = error.expect_err("it cannot be read").to_string();
        assert!(error.starts_with(expected) && error.len() > expected.len(), "{error}");
    }
}

#[test]
fn a_state_of_another_version_or_home_is_folded_again_from_the_journal() {
    let sound = tampered(|_| {});
    let view = |store: &MemoryStore, playbook: Playbook| {
        block_on(Desk::new(store.clone(), playbook).plan(&id("p-1"), days(1))).expect("a view")
    };
    let other = tampered(|change| {
        change.snapshot.fold_version += 1;
        change.snapshot.bytes.clear();
    });
    assert_eq!(view(&other, Playbook::default()), view(&sound, Playbook::default()));
    let tokyo = || Playbook::parse("zone = \"Asia/Tokyo\"").expect("a playbook");
    let moved = view(&sound, tokyo());
    assert_eq!(moved.state.zone().name(), "Asia/Tokyo");
    let fresh = Desk::new(MemoryStore::new(), tokyo());
    block_on(fresh.add(ada(), start())).expect("added");
    let receipt = block_on(fresh.observe("p-1", Event::replied(days(1), None))).expect("observed");
    assert_eq!(moved.plan.decision, receipt.plan.decision);
}

#[test]
fn an_action_for_a_person_that_is_stored_as_automatic_is_replanned() {
    let store = tampered(|change| {
        let due = change.due.as_mut().expect("something is due");
        due.automatic = true;
        due.earliest = Some(days(1));
    });
    let desk = Desk::new(store, Playbook::default());
    let carrier = Carrier::default();
    let ticked = block_on(desk.tick(days(2), &carrier, TickLimits::default())).expect("ticked");
    let [ticked] = &ticked[..] else { panic!("{ticked:?}") };
    assert!(matches!(ticked.outcome, TickOutcome::Replanned), "{ticked:?}");
    assert!(carrier.sent().is_empty());
}

#[test]
fn an_unreadable_document_is_reported_with_its_kind_and_name() {
    let store = MemoryStore::new();
    let document = Document::new(DocumentKind::Playbook, "house", 3, "nurture = 1", start());
    block_on(store.save(document)).expect("saved");
    let Err(error) = block_on(Desk::builder(store).open()) else { panic!("it opens") };
    assert_eq!(
        error.to_string(),
        "cannot read the playbook \"house/3\": 1:11: error: nurture: expected true or false, found an integer"
    );
    let store = MemoryStore::new();
    let document = Document::new(DocumentKind::OwnerAway, "kim", 1, "{", start());
    block_on(store.save(document)).expect("saved");
    let error = block_on(Desk::new(store, Playbook::default()).add(ada(), start())).expect_err("no absence");
    let error = error.to_string();
    assert!(error.starts_with("cannot read the owner_away \"kim\": EOF"), "{error}");
}
