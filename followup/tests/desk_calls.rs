//! The answers of each call of a desk.

use chrono::{DateTime, TimeDelta, Utc};
use followup::event::EventKind;
use followup::import::Rejected;
use followup::plan::what_if;
use followup::publish::Moving;
use followup::read::Scope;
use followup::send::{TickLimits, TickOutcome};
use followup::stage::{Kind, Rest, Standing};
use followup::state::Breach;
use followup::store::StoreErrorKind;
use followup::time::Clock;
use followup::{Desk, DeskError, Event, Playbook, Policy, Prospect, Rule, Store};
use followup_insight::Insight;
use followup_store_memory::MemoryStore;
use followup_store_testkit::Hooked;
use followup_test_support::carrier::Carrier;
use followup_test_support::desks::{desk, observe};
use followup_test_support::people::{ada, id, item, many};
use followup_test_support::playbooks::mailing;
use followup_test_support::times::{days, hours, start};
use pollster::block_on;

#[test]
fn every_call_answers_the_same_for_an_id_and_for_its_text() {
    let playbook = mailing("name = \"sequence\"", &[("P1D", "first")]);
    let playbook = || Playbook::parse(&playbook).expect("a playbook");
    let open = || block_on(Desk::builder(MemoryStore::new()).playbook(playbook()).open()).expect("open");
    let (mut by_text, mut by_id) = (open(), open());
    let p = id("p-1");
    let noted = |n: i64, text: &str| Event::noted(hours(n), text);
    assert_eq!(
        block_on(by_text.add(ada(), start())).expect("added"),
        block_on(by_id.add(ada(), start())).expect("added")
    );
    assert_eq!(
        block_on(by_text.record("p-1", noted(1, "one"))).expect("recorded"),
        block_on(by_id.record(&p, noted(1, "one"))).expect("recorded")
    );
    assert_eq!(
        block_on(by_text.observe("p-1", noted(2, "two"))).expect("observed"),
        block_on(by_id.observe(p.clone(), noted(2, "two"))).expect("observed")
    );
    let now = days(1) - TimeDelta::hours(2);
    assert_eq!(
        block_on(by_text.record_at("p-1", noted(3, "three"), now)).expect("recorded"),
        block_on(by_id.record_at(&p, noted(3, "three"), now)).expect("recorded")
    );
    assert_eq!(
        block_on(by_text.observe_at("p-1", noted(4, "four"), now)).expect("observed"),
        block_on(by_id.observe_at(&p, noted(4, "four"), now)).expect("observed")
    );
    assert_eq!(
        block_on(by_text.prepare("p-1", noted(5, "five"), now)).expect("prepared"),
        block_on(by_id.prepare(&p, noted(5, "five"), now)).expect("prepared")
    );
    let held = Event::appointment_held(now);
    let findings = block_on(by_text.check("p-1", &held, now)).expect("checked");
    assert_eq!(findings, block_on(by_id.check(&p, &held, now)).expect("checked"));
    assert_eq!(findings.iter().map(|found| found.finding).collect::<Vec<_>>(), [Breach::NoAppointment]);
    let batch = [item("p-2", Event::added(start()).with_key("crm"))];
    let imported = block_on(by_text.import(&batch, now)).expect("imported");
    assert_eq!(imported, block_on(by_id.import(&batch, now)).expect("imported"));
    assert_eq!((imported.new, imported.new_prospects), (1, 1));
    let view = block_on(by_text.plan("p-1", now)).expect("a view");
    assert_eq!(view, block_on(by_id.plan(&p, now)).expect("a view"));
    let stored = block_on(by_text.read().stored_plan(&p, now)).expect("a view");
    assert_eq!(stored, block_on(by_id.read().stored_plan(&p, now)).expect("a view"));
    let history = block_on(by_text.history("p-1")).expect("a history");
    assert_eq!(history, block_on(by_id.history(&p)).expect("a history"));
    assert_eq!(history.len(), 5);
    let agenda = block_on(by_text.agenda(now).into_future()).expect("an agenda");
    assert_eq!(agenda, block_on(by_id.agenda(now).into_future()).expect("an agenda"));
    assert_eq!(agenda.iter().map(|line| line.prospect.as_str()).collect::<Vec<_>>(), ["p-1", "p-2"]);
    assert_eq!(
        block_on(by_text.owner_away("kim", days(20), days(21), now)).expect("told"),
        block_on(by_id.owner_away("kim", days(20), days(21), now)).expect("told")
    );
    let sending = days(1) + TimeDelta::hours(1);
    let (one, other) = (Carrier::default(), Carrier::default());
    let ticked = block_on(by_text.tick(sending, &one, TickLimits::default())).expect("ticked");
    let also = block_on(by_id.tick(sending, &other, TickLimits::default())).expect("ticked");
    assert_eq!(format!("{ticked:?}"), format!("{also:?}"));
    assert!(ticked.iter().any(|ticked| matches!(ticked.outcome, TickOutcome::Sent)), "{ticked:?}");
    let woken = block_on(by_text.wake(days(400))).expect("woken");
    assert_eq!(woken, block_on(by_id.wake(days(400))).expect("woken"));
    let next = || Playbook::parse("name = \"sequence\"\nversion = 2").expect("a playbook");
    let diff = block_on(Insight::new(&by_text).diff(next(), days(400), 9)).expect("compared");
    assert_eq!(diff, block_on(Insight::new(&by_id).diff(next(), days(400), 9)).expect("compared"));
    assert_eq!(diff.prospects, 2);
    assert_eq!(
        block_on(by_text.publish(next(), Moving::Move, days(400))).expect("published"),
        block_on(by_id.publish(next(), Moving::Move, days(400))).expect("published")
    );
    block_on(by_text.erase("p-1", days(401))).expect("erased");
    block_on(by_id.erase(&p, days(401))).expect("erased");
    let report = block_on(Insight::new(&by_text).gap(&Scope::at(days(402)))).expect("a report");
    assert_eq!(report, block_on(Insight::new(&by_id).gap(&Scope::at(days(402)))).expect("a report"));
    assert_eq!(report.by_standing.get("erased"), Some(&1));
    assert_eq!(
        block_on(by_text.plan("p-1", days(402))).expect("a view").plan.standing(),
        Standing::Resting(Rest::Erased)
    );
    assert_eq!(by_text.policy(), by_id.policy());
}

#[test]
fn a_reloaded_desk_has_the_playbooks_that_others_published() {
    let store = MemoryStore::new();
    let mut desk = Desk::new(store.clone(), Playbook::default());
    let mut other = Desk::new(store, Playbook::default());
    let next = Playbook::parse("version = 2").expect("a playbook");
    block_on(other.publish(next.clone(), Moving::Stay, start())).expect("published");
    assert_eq!(desk.policy(), &Policy::default());
    block_on(desk.reload()).expect("loaded");
    assert_eq!(desk.policy(), &Policy::from(next));
}

/// A preference for evenings, when the house is closed.
fn evenings(at: DateTime<Utc>) -> Event {
    Event::new(
        at,
        EventKind::Preferred { channel: None, weekdays: None, from: Some(Clock(18 * 3_600)), to: None },
    )
}

#[test]
fn an_import_reports_new_repeated_and_rejected_events() {
    let desk = desk();
    let conflict = "p: the key \"k\" already belongs to another event; give each event its own key";
    let never =
        "p: the preferred hours never overlap our working hours; give weekdays and times that do (C11)";
    let told = |rejected: &[Rejected]| -> Vec<_> {
        rejected.iter().map(|rejected| (rejected.index, rejected.reason.clone())).collect()
    };
    let rejected = [(0, never.to_owned()), (2, conflict.to_owned())];
    let batch = [
        item("p", evenings(days(2)).with_key("wish")),
        item("p", Event::noted(days(1), "one").with_key("k")),
        item("p", Event::noted(days(1), "two").with_key("k")),
        item("p", Event::noted(days(1), "one").with_key("k")),
        item("p", Event::added(start())),
        item("q", Event::added(start())),
    ];
    let imported = block_on(desk.import(&batch, days(9))).expect("imported");
    assert_eq!((imported.new, imported.repeated, imported.new_prospects), (3, 1, 2));
    assert_eq!(told(&imported.rejected), rejected);
    let again = block_on(desk.import(&batch, days(9))).expect("imported");
    assert_eq!((again.new, again.repeated, again.new_prospects), (0, 4, 0));
    assert_eq!(told(&again.rejected), rejected);
    let other = [item("p", Event::noted(days(1), "two").with_key("k"))];
    let imported = block_on(desk.import(&other, days(9))).expect("imported");
    assert_eq!((imported.new, imported.repeated), (0, 0));
    assert_eq!(told(&imported.rejected), [(0, conflict.to_owned())]);
    assert_eq!(block_on(desk.history(&id("p"))).expect("a history").len(), 2);
}

#[test]
fn waking_reaches_more_than_a_page() {
    let store = many(1_001);
    let desk = Desk::new(store, Playbook::default());
    for n in 0..1_001 {
        let paused = EventKind::Paused { until: Some(days(3)), why: None };
        observe(&desk, &format!("p-{n:03}"), Event::new(days(2), paused));
    }
    assert_eq!(block_on(desk.wake(days(3))).expect("woken"), 1_001);
    assert_eq!(block_on(desk.wake(days(3))).expect("woken"), 0);
}

#[test]
fn preferred_hours_that_never_open_are_refused_by_every_call() {
    let desk = desk();
    block_on(desk.add(ada(), start())).expect("added");
    let (p, wish) = (id("p-1"), evenings(days(1)));
    let found = block_on(desk.check(&p, &wish, days(1))).expect("checked");
    let [found] = &found[..] else { panic!("{found:?}") };
    assert_eq!((found.rule, found.finding, found.is_refusal()), (Rule::C11, Breach::NeverOpens, true));
    let detail = "the preferred hours never overlap our working hours; give weekdays and times that do";
    assert_eq!((found.detail.as_str(), found.to_string()), (detail, format!("never_opens (C11): {detail}")));
    let refused = block_on(desk.record("p-1", wish.clone())).expect_err("refused");
    assert_eq!(refused.to_string(), format!("p-1: preferred is refused: never_opens (C11): {detail}"));
    let error = block_on(desk.observe("p-1", wish)).expect_err("refused");
    assert_eq!(error.to_string(), format!("p-1: {detail} (C11)"));
    let open =
        EventKind::Preferred { channel: None, weekdays: None, from: Some(Clock(16 * 3_600)), to: None };
    block_on(desk.record("p-1", Event::new(days(1), open))).expect("it opens");
}

#[test]
fn adding_is_idempotent_and_refused_with_other_fields() {
    let desk = desk();
    assert!(!block_on(desk.add(ada(), start())).expect("added").repeated);
    assert!(block_on(desk.add(ada(), start())).expect("added").repeated);
    for again in [(ada().playbook("services"), start()), (ada(), days(1))] {
        let error = block_on(desk.add(again.0, again.1)).expect_err("another");
        assert_eq!(
            error.to_string(),
            "prospect \"p-1\" already exists with other fields or another time; record what changed as events"
        );
    }
    let full = Desk::new(
        Hooked::failing(MemoryStore::new(), "append", StoreErrorKind::Full, 1),
        Playbook::default(),
    );
    let error = block_on(full.add(ada(), start())).expect_err("no room");
    assert!(matches!(&error, DeskError::Store(error) if error.kind() == StoreErrorKind::Full), "{error:?}");
    let set = Prospect::new("p-2").expect("an id").playbook("services").phone("1").kind(Kind::Client);
    block_on(desk.add(set, start())).expect("added");
    let view = block_on(desk.plan(&id("p-2"), start())).expect("a view");
    assert_eq!((view.state.playbook(), view.state.kind()), (Some("services"), Kind::Client));
    assert_eq!(view.profile.phone.as_deref(), Some("1"));
}

#[test]
fn a_key_belongs_to_one_event_and_an_unknown_prospect_is_an_error() {
    let desk = desk();
    block_on(desk.add(ada(), start())).expect("added");
    block_on(desk.record("p-1", Event::noted(days(1), "one").with_key("k"))).expect("recorded");
    let error =
        block_on(desk.record("p-1", Event::noted(days(1), "two").with_key("k"))).expect_err("another");
    assert_eq!(
        error.to_string(),
        "p-1: the key \"k\" already belongs to another event; give each event its own key"
    );
    for error in [
        block_on(desk.record("p-9", Event::noted(days(1), "one"))).expect_err("nobody"),
        block_on(desk.plan(&id("p-9"), days(1))).expect_err("nobody"),
        block_on(desk.plan(&id("p-1"), start() - TimeDelta::days(1))).expect_err("nothing yet"),
        block_on(desk.history(&id("p-9"))).expect_err("nobody"),
        block_on(desk.erase(&id("p-9"), days(1))).expect_err("nobody"),
    ] {
        assert!(matches!(&error, DeskError::UnknownProspect(_)), "{error:?}");
        assert!(error.to_string().ends_with("; add it first"), "{error}");
    }
    let error = block_on(desk.record("", Event::noted(days(1), "one"))).expect_err("no id");
    assert!(matches!(error, DeskError::Id(_)));
}

#[test]
fn a_prepared_event_is_written_by_the_host() {
    let store = MemoryStore::new();
    let desk = Desk::new(store.clone(), Playbook::default());
    block_on(desk.add(ada(), start())).expect("added");
    let asked = Event::asked_information(days(1), None).with_key("k");
    let prepared = block_on(desk.prepare(&id("p-1"), asked.clone(), days(1))).expect("prepared");
    let receipt = prepared.receipt().clone();
    assert_eq!((receipt.key.as_str(), receipt.revision.0, receipt.repeated), ("k", 2, false));
    let [change] = prepared.changes() else { panic!("{prepared:?}") };
    assert_eq!((change.prospect.as_str(), change.expected.0, change.records.len()), ("p-1", 1, 1));
    assert_eq!(block_on(desk.history(&id("p-1"))).expect("a history").len(), 1);
    block_on(store.append(prepared.changes().to_vec())).expect("written");
    assert_eq!(block_on(desk.read().stored_plan(&id("p-1"), days(1))).expect("a view").plan, receipt.plan);
    let again = block_on(desk.prepare(&id("p-1"), asked, days(1))).expect("prepared");
    assert!(again.receipt().repeated && again.changes().is_empty());
    assert_eq!((again.receipt().key.as_str(), again.receipt().revision.0), ("k", 2));
    let refused = block_on(desk.prepare(&id("p-1"), Event::appointment_held(days(1)), days(1)));
    assert!(matches!(refused, Err(DeskError::Refused { event: "appointment_held", .. })), "{refused:?}");
}

#[test]
fn tick_limits_can_be_set() {
    let limits = TickLimits::default()
        .messages(3)
        .at_once(2)
        .lease(TimeDelta::minutes(7))
        .retry_after(TimeDelta::minutes(9));
    assert_eq!((limits.messages, limits.at_once), (3, 2));
    assert_eq!((limits.lease, limits.retry_after), (TimeDelta::minutes(7), TimeDelta::minutes(9)));
    let usual = TickLimits::default();
    assert_eq!((usual.messages, usual.at_once), (64, 8));
    assert_eq!((usual.lease, usual.retry_after), (TimeDelta::minutes(5), TimeDelta::minutes(15)));
}

#[test]
fn what_if_lists_every_answer() {
    let desk = desk();
    block_on(desk.add(ada(), start())).expect("added");
    let view = block_on(desk.plan(&id("p-1"), start())).expect("a view");
    let answers = what_if(&view.state, desk.policy());
    let ends: Vec<_> = answers.iter().filter(|answer| answer.ends()).map(|answer| answer.name).collect();
    assert_eq!(ends, ["won", "lost", "opted_out"]);
    assert_eq!(answers.len(), 13);
}

#[test]
fn a_merged_record_passes_an_opt_out_on_once() {
    let desk = desk();
    let merged = |at| Event::new(at, EventKind::Merged { into: "q".to_owned() });
    let names = |id: &str| -> Vec<_> {
        let entries = block_on(desk.history(&self::id(id))).expect("a history");
        entries.iter().map(|entry| entry.event.name()).collect()
    };
    for (day, name) in [(1, "p"), (3, "r")] {
        observe(&desk, name, Event::added(start()));
        observe(&desk, name, Event::opted_out(days(day)));
        observe(&desk, name, merged(days(day + 1)));
        assert_eq!(names("q"), ["opted_out"]);
        assert_eq!(names(name), ["added", "opted_out", "merged"]);
    }
}

#[test]
fn a_premise_voids_only_wake_ups() {
    let desk = desk();
    observe(&desk, "p", Event::added(start()));
    observe(&desk, "p", Event::noted(days(1), "tea").with_premise("another"));
    observe(&desk, "p", Event::new(days(2), EventKind::WentStale).with_premise("another"));
    let entries = block_on(desk.history(&id("p"))).expect("a history");
    assert_eq!(entries.iter().map(|entry| entry.voided).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn waking_before_the_newest_event_changes_nothing() {
    let desk = desk();
    let paused = EventKind::Paused { until: Some(days(3)), why: None };
    let batch = [
        item("p", Event::added(start())),
        item("p", Event::new(days(1), paused)),
        item("p", Event::noted(days(9), "later")),
    ];
    block_on(desk.import(&batch, days(10))).expect("imported");
    assert_eq!(block_on(desk.wake(days(5))).expect("woken"), 0);
    assert_eq!(block_on(desk.wake(days(9))).expect("woken"), 1);
}
