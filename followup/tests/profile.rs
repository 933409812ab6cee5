//! The profile of a prospect in any order of arrival, and the remains after erasing it.

use chrono::{DateTime, Utc};
use followup::event::EventKind;
use followup::plan::Decision;
use followup::stage::Rest;
use followup::{Channel, Event, Outcome};
use followup_test_support::desks::{desk, observe};
use followup_test_support::people::{ada, id};
use followup_test_support::times::{days, hours, start};
use pollster::block_on;

#[test]
fn the_newest_name_counts_in_any_order_of_arrival() {
    let told = |name: &str, at: DateTime<Utc>| {
        let mut event = Event::added(at).with_key(name.to_lowercase());
        if let EventKind::Added { name: told, .. } = event.kind_mut() {
            *told = Some(name.to_owned());
        }
        event
    };
    for tellings in [[("Ada", start()), ("Ida", days(1))], [("Ida", days(1)), ("Ada", start())]] {
        let desk = desk();
        for (name, at) in tellings {
            block_on(desk.observe_at(&id("p-1"), told(name, at), days(2))).expect("it is observed");
        }
        let view = block_on(desk.plan(&id("p-1"), days(2))).expect("a view");
        assert_eq!(view.profile.name.as_deref(), Some("Ida"), "{tellings:?}");
    }
}

#[test]
fn the_newest_note_is_shown_in_any_order_of_arrival() {
    for notes in [[("one", 1), ("two", 2)], [("two", 2), ("one", 1)]] {
        let desk = desk();
        block_on(desk.add(ada(), start())).expect("added");
        for (text, day) in notes {
            block_on(desk.observe_at(&id("p-1"), Event::noted(days(day), text), days(3))).expect("observed");
        }
        let view = block_on(desk.plan(&id("p-1"), days(3))).expect("a view");
        assert_eq!(view.profile.last_note, Some((days(2), "two".to_owned())), "{notes:?}");
    }
}

#[test]
fn a_label_is_kept_in_the_profile_and_never_invented() {
    let desk = desk();
    observe(&desk, "plain", Event::added(start()));
    let mut labelled = Event::added(start());
    labelled.extra_mut().set("label", "from the fair");
    observe(&desk, "labelled", labelled);
    let label = |who: &str| block_on(desk.plan(&id(who), days(1))).expect("a view").profile.label;
    assert_eq!((label("plain"), label("labelled")), (None, Some("from the fair".to_owned())));
    let entries = block_on(desk.history(&id("plain"))).expect("a history");
    assert!(entries[0].event.extra().is_empty(), "{:?}", entries[0]);
}

#[test]
fn erasing_removes_the_free_text_of_each_kind_and_keeps_the_rest() {
    let told = || Some("told".to_owned());
    let hidden = || Some("*".to_owned());
    let decided = |why| EventKind::Decided { outcome: Outcome::Later, until: Some(days(200)), why };
    let qualified = |needs, decides_how| EventKind::Qualified {
        needs,
        decides_how,
        decides_on: None,
        ready: Some(true),
        knows_us: None,
        minutes: Some(60),
    };
    let sent = |message_id| EventKind::Sent {
        action: "a".to_owned(),
        message_id,
        channel: Some(Channel::EMAIL),
        purpose: None,
        reason: None,
    };
    let failed = |why| EventKind::SendFailed { action: "a".to_owned(), why, permanent: false };
    let waived = EventKind::InputWaived { input: "plan".to_owned() };
    let table = [
        (EventKind::Noted { text: "told".to_owned() }, EventKind::Noted { text: "*".to_owned() }),
        (qualified(told(), told()), qualified(hidden(), hidden())),
        (qualified(None, told()), qualified(None, hidden())),
        (sent(told()), sent(hidden())),
        (failed(told()), failed(hidden())),
        (failed(None), failed(None)),
        (waived.clone(), waived),
        (decided(told()), decided(hidden())),
        (EventKind::Reopened, EventKind::Reopened),
        (EventKind::Paused { until: None, why: told() }, EventKind::Paused { until: None, why: hidden() }),
        (EventKind::Stopped { why: told() }, EventKind::Stopped { why: hidden() }),
    ];
    let desk = desk();
    block_on(desk.add(ada().name("Ada"), start())).expect("added");
    for (hour, (kind, _)) in (1..).zip(&table) {
        observe(&desk, "p-1", Event::new(hours(hour), kind.clone()));
    }
    let mut marked = Event::new(days(1), EventKind::GaveUp);
    marked.extra_mut().set("colour", "blue");
    observe(&desk, "p-1", marked);
    block_on(desk.erase(&id("p-1"), days(2))).expect("erased");
    let entries = block_on(desk.history(&id("p-1"))).expect("a history");
    let EventKind::Added { name, email, owner, .. } = entries[0].event.kind() else { panic!("{entries:?}") };
    assert_eq!((name.as_deref(), email.as_deref(), owner.as_deref()), (None, None, Some("kim")));
    for (entry, (_, expected)) in entries[1..].iter().zip(&table) {
        assert_eq!(entry.event.kind(), expected);
    }
    let [.., marked, last] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((marked.event.kind(), marked.event.extra().is_empty()), (&EventKind::GaveUp, true));
    assert_eq!(last.event.kind(), &EventKind::Stopped { why: Some("erased".to_owned()) });
    assert_eq!(entries.len(), table.len() + 3);
    let view = block_on(desk.plan(&id("p-1"), days(3))).expect("a view");
    assert_eq!(view.profile, Default::default());
    assert_eq!(view.plan.decision, Decision::Rest { why: Rest::Erased });
}
