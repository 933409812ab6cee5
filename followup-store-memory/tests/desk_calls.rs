//! What each call of the desk answers, also of one whose calls block, and what it says when it cannot.

mod common;

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use common::Hooked;
use followup_core::{
    BlockingDesk, Breach, Channel, Decision, Delivery, Desk, DeskError, Dispatcher, Document, DocumentKind,
    Event, EventKind, ImportItem, Kind, Message, Moving, Outcome, Playbook, Prospect, ProspectId, Rejected,
    Rest, Rule, Scope, Stage, Standing, Store, StoreError, StoreErrorKind, TickLimits, TickOutcome,
};
use followup_store_memory::MemoryStore;
use pollster::block_on;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn id(id: &str) -> ProspectId {
    ProspectId::new(id).expect("an id")
}

/// A Monday, in working hours.
fn start() -> DateTime<Utc> {
    at("2026-03-02T10:00:00Z")
}

fn days(days: i64) -> DateTime<Utc> {
    start() + TimeDelta::days(days)
}

fn desk() -> Desk {
    Desk::new(MemoryStore::new(), Playbook::default())
}

fn observe(desk: &Desk, id: &str, event: Event) {
    block_on(desk.observe(id, event)).expect("it is observed");
}

fn added(kind: Kind) -> Event {
    let mut event = Event::added(start());
    if let EventKind::Added { kind: told, .. } = &mut event.kind {
        *told = kind;
    }
    event
}

/// A store whose method fails, always or once.
fn failing(store: &MemoryStore, method: &'static str, kind: StoreErrorKind, times: usize) -> Hooked {
    let left = Mutex::new(times);
    let before = move |called: &'static str| {
        let mut left = left.lock().expect("nothing panics under the lock");
        if called == method && *left > 0 {
            *left -= 1;
            return Err(StoreError::new(kind, "the store was asked"));
        }
        Ok(())
    };
    Hooked::new(store.clone(), Box::new(before), Box::new(|_| Ok(())))
}

/// Says that all is sent, and remembers whose.
#[derive(Default)]
struct Carrier(Mutex<Vec<String>>);

#[async_trait]
impl Dispatcher for Carrier {
    async fn send(&self, message: &Message) -> Delivery {
        self.0.lock().expect("nothing panics under the lock").push(message.action());
        Delivery::Sent { message_id: Some("m-1".to_owned()) }
    }
}

/// A book in which everybody stands somewhere else.
fn book() -> Desk {
    let desk = desk();
    let phoned = |at| Event::touched(at, Channel::PHONE);
    observe(&desk, "a-untouched", added(Kind::Prospect));
    observe(&desk, "b-touched", added(Kind::Prospect));
    observe(&desk, "b-touched", phoned(days(1)));
    observe(&desk, "c-won", added(Kind::Prospect));
    for day in 1..=4 {
        observe(&desk, "c-won", phoned(days(day)));
    }
    observe(&desk, "c-won", Event::decided(days(4), Outcome::Won));
    observe(&desk, "d-lost", added(Kind::Prospect));
    observe(&desk, "d-lost", Event::asked_proposal(days(1)));
    observe(&desk, "d-lost", Event::decided(days(2), Outcome::Lost));
    observe(&desk, "e-stopped", added(Kind::Prospect));
    observe(&desk, "e-stopped", Event::stopped(days(1)));
    observe(&desk, "f-paused", added(Kind::Prospect));
    let paused = EventKind::Paused { until: Some(days(90)), why: None };
    observe(&desk, "f-paused", Event::new(days(1), paused));
    observe(&desk, "g-complete", added(Kind::Stakeholder));
    observe(&desk, "h-owing", added(Kind::Stakeholder));
    let requested = EventKind::InputRequested { input: "plan".to_owned(), deadline: None };
    observe(&desk, "h-owing", Event::new(days(1), requested));
    observe(&desk, "i-won", added(Kind::Prospect));
    observe(&desk, "i-won", Event::decided(days(1), Outcome::Won));
    observe(&desk, "z-not-yet", Event::added(days(60)));
    desk
}

#[test]
fn the_gap_report_counts_everybody_to_whom_something_has_happened() {
    let report = block_on(book().report_gap(&Scope::at(days(5)))).expect("it can be read");
    assert_eq!(report.prospects, 9);
    assert_eq!(report.by_stage, BTreeMap::from([(Stage::Interest, 6), (Stage::Decision, 3)]));
    let standings =
        [("active", 3), ("waiting", 1), ("won", 2), ("lost", 1), ("stopped", 1), ("inputs_complete", 1)];
    assert_eq!(report.by_standing, BTreeMap::from(standings));
    assert_eq!((report.won, report.lost), (2, 1));
    assert_eq!(report.open, 4);
    assert_eq!(report.never_touched, 6);
    assert_eq!(report.open_without_next_action, 0);
    assert_eq!(report.conversion_pct, Some(200.0 / 3.0));
    assert_eq!(report.won_pct, Some(200.0 / 9.0));
    let touches = report.touches;
    assert_eq!((touches.n, touches.min, touches.max), (9, 0.0, 4.0));
    assert_eq!((touches.median, touches.mean), (0.0, 6.0 / 9.0));
    assert!((touches.p90 - 1.6).abs() < 1e-9, "{touches:?}");
    let reached: Vec<_> = report.reached.into_iter().collect();
    assert_eq!(
        reached,
        [
            (Stage::Interest, 9),
            (Stage::Information, 0),
            (Stage::Appointment, 0),
            (Stage::Proposal, 1),
            (Stage::Decision, 3),
        ]
    );
}

#[test]
fn a_gap_report_of_nobody_has_no_shares() {
    let report =
        block_on(book().report_gap(&Scope::at(start() - TimeDelta::days(1)))).expect("it can be read");
    assert_eq!((report.prospects, report.open, report.touches.n), (0, 0, 0));
    assert_eq!((report.conversion_pct, report.won_pct), (None, None));
    let undecided = desk();
    observe(&undecided, "a", added(Kind::Prospect));
    let report = block_on(undecided.report_gap(&Scope::at(days(1)))).expect("it can be read");
    assert_eq!((report.conversion_pct, report.won_pct), (None, Some(0.0)));
}

const SEQUENCE: &str = r#"
    name = "sequence"

    [[steps.interest]]
    after = "P1D"
    within = "P0D"
    purpose = "check_in"
    channel = "email"
    automatic = true
"#;

fn ada() -> Prospect {
    Prospect::new("p-1").expect("an id").email("ada@example.org").expect("an address").owner("kim")
}

#[test]
fn a_desk_whose_calls_block_answers_as_the_desk_does() {
    let playbook = || Playbook::parse(SEQUENCE).expect("a playbook");
    let mut awaited = block_on(Desk::builder(MemoryStore::new()).playbook(playbook()).open()).expect("open");
    let mut blocking =
        BlockingDesk::open(Desk::builder(MemoryStore::new()).playbook(playbook())).expect("open");
    let p = id("p-1");
    let noted = |n: i64, text: &str| Event::noted(start() + TimeDelta::hours(n), text);
    assert_eq!(
        blocking.add(ada(), start()).expect("added"),
        block_on(awaited.add(ada(), start())).expect("added")
    );
    assert_eq!(
        blocking.record("p-1", noted(1, "one")).expect("recorded"),
        block_on(awaited.record("p-1", noted(1, "one"))).expect("recorded")
    );
    assert_eq!(
        blocking.observe("p-1", noted(2, "two")).expect("observed"),
        block_on(awaited.observe("p-1", noted(2, "two"))).expect("observed")
    );
    let now = days(1) - TimeDelta::hours(2);
    assert_eq!(
        blocking.record_at(&p, noted(3, "three"), now).expect("recorded"),
        block_on(awaited.record_at(&p, noted(3, "three"), now)).expect("recorded")
    );
    assert_eq!(
        blocking.observe_at(&p, noted(4, "four"), now).expect("observed"),
        block_on(awaited.observe_at(&p, noted(4, "four"), now)).expect("observed")
    );
    assert_eq!(
        blocking.prepare(&p, noted(5, "five"), now).expect("prepared"),
        block_on(awaited.prepare(&p, noted(5, "five"), now)).expect("prepared")
    );
    let held = Event::appointment_held(now);
    let findings = blocking.check(&p, &held, now).expect("checked");
    assert_eq!(findings, block_on(awaited.check(&p, &held, now)).expect("checked"));
    assert_eq!(findings.iter().map(|found| found.finding).collect::<Vec<_>>(), [Breach::NoAppointment]);
    let batch = [ImportItem { prospect: id("p-2"), event: Event::added(start()).key("crm") }];
    let imported = blocking.import(&batch, now).expect("imported");
    assert_eq!(imported, block_on(awaited.import(&batch, now)).expect("imported"));
    assert_eq!((imported.new, imported.new_prospects), (1, 1));
    assert_eq!(blocking.plan(&p, now).expect("a view"), block_on(awaited.plan(&p, now)).expect("a view"));
    assert_eq!(blocking.stored_plan(&p).expect("a view"), block_on(awaited.stored_plan(&p)).expect("a view"));
    let history = blocking.history(&p).expect("a history");
    assert_eq!(history, block_on(awaited.history(&p)).expect("a history"));
    assert_eq!(history.len(), 5);
    let agenda = blocking.agenda(now).wait().expect("an agenda");
    assert_eq!(agenda, block_on(awaited.agenda(now).into_future()).expect("an agenda"));
    assert_eq!(agenda.iter().map(|line| line.prospect.as_str()).collect::<Vec<_>>(), ["p-1", "p-2"]);
    assert_eq!(
        blocking.owner_away("kim", days(20), days(21), now).expect("told"),
        block_on(awaited.owner_away("kim", days(20), days(21), now)).expect("told")
    );
    let sending = days(1) + TimeDelta::hours(1);
    let (one, other) = (Carrier::default(), Carrier::default());
    let ticked = blocking.tick(sending, &one, TickLimits::default()).expect("ticked");
    let also = block_on(awaited.tick(sending, &other, TickLimits::default())).expect("ticked");
    assert_eq!(format!("{ticked:?}"), format!("{also:?}"));
    assert!(ticked.iter().any(|ticked| matches!(ticked.outcome, TickOutcome::Sent)), "{ticked:?}");
    assert_eq!(blocking.wake(days(400)).expect("woken"), block_on(awaited.wake(days(400))).expect("woken"));
    let next = || Playbook::parse("name = \"sequence\"\nversion = 2").expect("a playbook");
    let diff = blocking.diff(&next(), days(400), 9).expect("compared");
    assert_eq!(diff, block_on(awaited.diff(&next(), days(400), 9)).expect("compared"));
    assert_eq!(diff.prospects, 2);
    assert_eq!(
        blocking.publish(next(), Moving::Move, days(400)).expect("published"),
        block_on(awaited.publish(next(), Moving::Move, days(400))).expect("published")
    );
    blocking.erase(&p, days(401)).expect("erased");
    block_on(awaited.erase(&p, days(401))).expect("erased");
    let report = blocking.report_gap(&Scope::at(days(402))).expect("a report");
    assert_eq!(report, block_on(awaited.report_gap(&Scope::at(days(402)))).expect("a report"));
    assert_eq!(report.by_standing.get("erased"), Some(&1));
    assert_eq!(
        blocking.plan(&p, days(402)).expect("a view").plan.standing(),
        Standing::Resting(Rest::Erased)
    );
    assert_eq!(blocking.desk().playbook(), awaited.playbook());
}

#[test]
fn a_desk_that_is_loaded_again_has_what_others_published() {
    let store = MemoryStore::new();
    let mut blocking = BlockingDesk::from(Desk::new(store.clone(), Playbook::default()));
    let mut other = Desk::new(store, Playbook::default());
    let next = Playbook::parse("version = 2").expect("a playbook");
    block_on(other.publish(next.clone(), Moving::Stay, start())).expect("published");
    assert_eq!(blocking.desk().playbook(), &Playbook::default());
    blocking.reload().expect("loaded");
    assert_eq!(blocking.desk().playbook(), &next);
}

#[test]
fn erasing_takes_the_free_text_of_each_kind_and_leaves_the_rest() {
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
    for (hours, (kind, _)) in (1..).zip(&table) {
        observe(&desk, "p-1", Event::new(start() + TimeDelta::hours(hours), kind.clone()));
    }
    let mut marked = Event::new(days(1), EventKind::GaveUp);
    marked.extra.set("colour", "blue");
    observe(&desk, "p-1", marked);
    block_on(desk.erase(&id("p-1"), days(2))).expect("erased");
    let entries = block_on(desk.history(&id("p-1"))).expect("a history");
    let EventKind::Added { name, email, owner, .. } = &entries[0].event.kind else { panic!("{entries:?}") };
    assert_eq!((name.as_deref(), email.as_deref(), owner.as_deref()), (None, None, Some("kim")));
    for (entry, (_, expected)) in entries[1..].iter().zip(&table) {
        assert_eq!(&entry.event.kind, expected);
    }
    let [.., marked, last] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((&marked.event.kind, marked.event.extra.is_empty()), (&EventKind::GaveUp, true));
    assert_eq!(last.event.kind, EventKind::Stopped { why: Some("erased".to_owned()) });
    assert_eq!(entries.len(), table.len() + 3);
    let view = block_on(desk.plan(&id("p-1"), days(3))).expect("a view");
    assert_eq!(view.profile, Default::default());
    assert_eq!(view.plan.decision, Decision::Rest { why: Rest::Erased });
}

fn item(who: &str, event: Event) -> ImportItem {
    ImportItem { prospect: id(who), event }
}

/// A wish for evenings, when the house is closed.
fn evenings(at: DateTime<Utc>) -> Event {
    Event::new(at, EventKind::Preferred { channel: None, weekdays: None, from: Some(18 * 3600), to: None })
}

#[test]
fn an_import_tells_what_is_new_what_is_repeated_and_what_it_cannot_take() {
    let desk = desk();
    let conflict = "p: the key \"k\" stands for another event already; give each event a key of its own";
    let never = "p: the wish never opens within our hours; state weekdays and times that do (C11)";
    let told = |rejected: &[Rejected]| -> Vec<_> {
        rejected.iter().map(|rejected| (rejected.index, rejected.reason.clone())).collect()
    };
    let rejected = [(0, never.to_owned()), (2, conflict.to_owned())];
    let batch = [
        item("p", evenings(days(2)).key("wish")),
        item("p", Event::noted(days(1), "one").key("k")),
        item("p", Event::noted(days(1), "two").key("k")),
        item("p", Event::noted(days(1), "one").key("k")),
        item("p", Event::added(start())),
        item("q", Event::added(start())),
    ];
    let imported = block_on(desk.import(&batch, days(9))).expect("imported");
    assert_eq!((imported.new, imported.repeated, imported.new_prospects), (3, 1, 2));
    assert_eq!(told(&imported.rejected), rejected);
    let again = block_on(desk.import(&batch, days(9))).expect("imported");
    assert_eq!((again.new, again.repeated, again.new_prospects), (0, 4, 0));
    assert_eq!(told(&again.rejected), rejected);
    let other = [item("p", Event::noted(days(1), "two").key("k"))];
    let imported = block_on(desk.import(&other, days(9))).expect("imported");
    assert_eq!((imported.new, imported.repeated), (0, 0));
    assert_eq!(told(&imported.rejected), [(0, conflict.to_owned())]);
    assert_eq!(block_on(desk.history(&id("p"))).expect("a history").len(), 2);
}

#[test]
fn an_import_is_decided_again_after_somebody_elses_append_but_not_without_end() {
    let batch = [item("p", Event::added(start()))];
    for (times, kind, taken) in [
        (16, StoreErrorKind::Conflict, true),
        (17, StoreErrorKind::Conflict, false),
        (1, StoreErrorKind::Full, false),
    ] {
        let store = MemoryStore::new();
        let desk = Desk::new(failing(&store, "append", kind, times), Playbook::default());
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
fn an_event_is_decided_again_after_somebody_elses_append_but_not_without_end() {
    for (times, taken) in [(64, true), (65, false)] {
        let store = MemoryStore::new();
        block_on(Desk::new(store.clone(), Playbook::default()).add(ada(), start())).expect("added");
        let desk = Desk::new(failing(&store, "append", StoreErrorKind::Conflict, times), Playbook::default());
        match block_on(desk.record("p-1", Event::noted(days(1), "one"))) {
            Ok(receipt) => assert_eq!((taken, receipt.repeated), (true, false), "{times}"),
            Err(error) => assert_eq!((taken, error.is_conflict()), (false, true), "{times}"),
        }
        let history = block_on(desk.history(&id("p-1"))).expect("a history");
        assert_eq!(history.len(), if taken { 2 } else { 1 });
    }
}

#[test]
fn an_event_whose_append_nobody_knows_of_is_told_again_but_not_without_end() {
    for (times, taken) in [(2, true), (3, false)] {
        let store = MemoryStore::new();
        block_on(Desk::new(store.clone(), Playbook::default()).add(ada(), start())).expect("added");
        let desk = Desk::new(failing(&store, "append", StoreErrorKind::Unknown, times), Playbook::default());
        match block_on(desk.record("p-1", Event::noted(days(1), "one"))) {
            Ok(receipt) => assert_eq!((taken, receipt.repeated), (true, false), "{times}"),
            Err(error) => assert_eq!((taken, error.is_unknown()), (false, true), "{times}"),
        }
    }
}

#[test]
fn of_several_tellings_the_newest_counts_in_whatever_order_they_arrive() {
    let told = |name: &str, at: DateTime<Utc>| {
        let mut event = Event::added(at).key(name.to_lowercase());
        if let EventKind::Added { name: told, .. } = &mut event.kind {
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
fn a_wish_that_never_opens_is_refused_however_it_is_told() {
    let desk = desk();
    block_on(desk.add(ada(), start())).expect("added");
    let (p, wish) = (id("p-1"), evenings(days(1)));
    let found = block_on(desk.check(&p, &wish, days(1))).expect("checked");
    let [found] = &found[..] else { panic!("{found:?}") };
    assert_eq!((found.rule, found.finding, found.is_refusal()), (Rule::C11, Breach::NeverOpens, true));
    let detail = "the wish never opens within our hours; state weekdays and times that do";
    assert_eq!((found.detail.as_str(), found.to_string()), (detail, format!("never_opens (C11): {detail}")));
    let refused = block_on(desk.record("p-1", wish.clone())).expect_err("refused");
    assert_eq!(refused.to_string(), format!("p-1: preferred is refused: never_opens (C11): {detail}"));
    let error = block_on(desk.observe("p-1", wish)).expect_err("refused");
    assert_eq!(error.to_string(), format!("p-1: {detail} (C11)"));
    let open = EventKind::Preferred { channel: None, weekdays: None, from: Some(16 * 3600), to: None };
    block_on(desk.record("p-1", Event::new(days(1), open))).expect("it opens");
}

#[test]
fn taking_in_is_repeated_for_the_same_and_refused_for_another() {
    let desk = desk();
    assert!(!block_on(desk.add(ada(), start())).expect("added").repeated);
    assert!(block_on(desk.add(ada(), start())).expect("added").repeated);
    for again in [(ada().playbook("services"), start()), (ada(), days(1))] {
        let error = block_on(desk.add(again.0, again.1)).expect_err("another");
        assert_eq!(
            error.to_string(),
            "there is a prospect \"p-1\" already, added with other particulars or at another time; record what \
             changed"
        );
    }
    let full =
        Desk::new(failing(&MemoryStore::new(), "append", StoreErrorKind::Full, 1), Playbook::default());
    let error = block_on(full.add(ada(), start())).expect_err("no room");
    assert!(matches!(&error, DeskError::Store(error) if error.kind() == StoreErrorKind::Full), "{error:?}");
    let set = Prospect::new("p-2").expect("an id").playbook("services").phone("1").kind(Kind::Client);
    block_on(desk.add(set, start())).expect("added");
    let view = block_on(desk.plan(&id("p-2"), start())).expect("a view");
    assert_eq!((view.state.playbook(), view.state.kind()), (Some("services"), Kind::Client));
    assert_eq!(view.profile.phone.as_deref(), Some("1"));
}

#[test]
fn a_key_stands_for_one_event_and_an_unknown_prospect_for_none() {
    let desk = desk();
    block_on(desk.add(ada(), start())).expect("added");
    block_on(desk.record("p-1", Event::noted(days(1), "one").key("k"))).expect("recorded");
    let error = block_on(desk.record("p-1", Event::noted(days(1), "two").key("k"))).expect_err("another");
    assert_eq!(
        error.to_string(),
        "p-1: the key \"k\" stands for another event already; give each event a key of its own"
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
fn what_is_prepared_is_written_by_whoever_appends_it() {
    let store = MemoryStore::new();
    let desk = Desk::new(store.clone(), Playbook::default());
    block_on(desk.add(ada(), start())).expect("added");
    let asked = Event::asked_information(days(1)).key("k");
    let prepared = block_on(desk.prepare(&id("p-1"), asked.clone(), days(1))).expect("prepared");
    let receipt = prepared.receipt().clone();
    assert_eq!((receipt.key.as_str(), receipt.revision.0, receipt.repeated), ("k", 2, false));
    let [change] = prepared.changes() else { panic!("{prepared:?}") };
    assert_eq!((change.prospect.as_str(), change.expected.0, change.records.len()), ("p-1", 1, 1));
    assert_eq!(block_on(desk.history(&id("p-1"))).expect("a history").len(), 1);
    block_on(store.append(prepared.changes().to_vec())).expect("written");
    assert_eq!(block_on(desk.stored_plan(&id("p-1"))).expect("a view").plan, receipt.plan);
    let again = block_on(desk.prepare(&id("p-1"), asked, days(1))).expect("prepared");
    assert!(again.receipt().repeated && again.changes().is_empty());
    assert_eq!((again.receipt().key.as_str(), again.receipt().revision.0), ("k", 2));
    let refused = block_on(desk.prepare(&id("p-1"), Event::appointment_held(days(1)), days(1)));
    assert!(matches!(refused, Err(DeskError::Refused { event: "appointment_held", .. })), "{refused:?}");
}

/// A store in which the newest change stands otherwise than the desk meant it.
fn tampered(tamper: impl FnOnce(&mut followup_core::Append)) -> MemoryStore {
    let store = MemoryStore::new();
    let desk = Desk::new(store.clone(), Playbook::default());
    block_on(desk.add(ada(), start())).expect("added");
    let prepared = block_on(desk.prepare(&id("p-1"), Event::replied(days(1)), days(1))).expect("prepared");
    let mut change = prepared.changes()[0].clone();
    tamper(&mut change);
    block_on(store.append(vec![change])).expect("written");
    store
}

#[test]
fn what_is_stored_and_cannot_be_read_is_told_with_whose_it_is() {
    for (store, expected) in [
        (tampered(|change| change.snapshot.bytes.truncate(3)), "p-1: the stored snapshot cannot be read: "),
        (
            tampered(|change| change.profile = Some("{".to_owned())),
            "p-1: the stored profile cannot be read: ",
        ),
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
    let receipt = block_on(fresh.observe("p-1", Event::replied(days(1)))).expect("observed");
    assert_eq!(moved.plan.decision, receipt.plan.decision);
}

#[test]
fn a_document_that_cannot_be_read_is_told_by_kind_and_name() {
    let store = MemoryStore::new();
    let document = Document::new(DocumentKind::Playbook, "house", 3, "nurture = 1", start());
    block_on(store.save(document)).expect("saved");
    let Err(error) = block_on(Desk::builder(store).open()) else { panic!("it opens") };
    assert_eq!(
        error.to_string(),
        "the playbook house/3 cannot be read: 1:11: error: nurture: it takes true or false, but this is an integer"
    );
    let store = MemoryStore::new();
    let document = Document::new(DocumentKind::OwnerAway, "kim", 1, "{", start());
    block_on(store.save(document)).expect("saved");
    let error = block_on(Desk::new(store, Playbook::default()).add(ada(), start())).expect_err("no absence");
    let error = error.to_string();
    assert!(error.starts_with("the owner_away kim cannot be read: EOF"), "{error}");
}

#[test]
fn an_absence_is_saved_again_after_somebody_elses_but_not_after_a_failure() {
    for (times, kind, told) in [(1, StoreErrorKind::Conflict, true), (1, StoreErrorKind::Full, false)] {
        let store = MemoryStore::new();
        block_on(Desk::new(store.clone(), Playbook::default()).add(ada(), start())).expect("added");
        let desk = Desk::new(failing(&store, "save", kind, times), Playbook::default());
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
fn limits_are_what_they_are_set_to() {
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
fn each_answer_says_what_it_would_lead_to() {
    let desk = desk();
    block_on(desk.add(ada(), start())).expect("added");
    let view = block_on(desk.plan(&id("p-1"), start())).expect("a view");
    let answers = view.outcomes(desk.playbook());
    let ends: Vec<_> = answers.iter().filter(|answer| answer.ends()).map(|answer| answer.name).collect();
    assert_eq!(ends, ["won", "lost", "opted_out"]);
    assert_eq!(answers.len(), 13);
}

#[test]
fn a_line_of_the_agenda_says_who_what_how_and_until_when() {
    let desk = desk();
    block_on(desk.add(ada().name("Ada"), start())).expect("added");
    observe(&desk, "p-1", Event::asked_information(days(1)).via(Channel::EMAIL));
    observe(&desk, "p-2", Event::added(start()));
    let lines = block_on(desk.agenda(days(1)).into_future()).expect("an agenda");
    let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "Ada: inform by email, until Wed 4 Mar 17:00 UTC (due)",
            "p-2: inform by phone, until Tue 3 Mar 17:00 UTC (due)",
        ]
    );
    let kims = block_on(desk.agenda(days(1)).owner("kim").into_future()).expect("an agenda");
    assert_eq!(kims.iter().map(|line| line.prospect.as_str()).collect::<Vec<_>>(), ["p-1"]);
    let nobodys = block_on(desk.agenda(days(1)).owner("lee").into_future()).expect("an agenda");
    assert_eq!(nobodys, []);
}

fn many(count: usize) -> MemoryStore {
    let store = MemoryStore::new();
    let people = (0..count).map(|n| {
        let mut event = Event::added(start() + TimeDelta::seconds(n as i64)).key("crm");
        if let EventKind::Added { owner, .. } = &mut event.kind {
            *owner = Some(if n % 2 == 0 { "kim" } else { "lee" }.to_owned());
        }
        item(&format!("p-{n:03}"), event)
    });
    let batch: Vec<_> = people.collect();
    block_on(Desk::new(store.clone(), Playbook::default()).import(&batch, days(1))).expect("imported");
    store
}

#[test]
fn an_agenda_longer_than_a_page_is_whole_by_whatever_playbook_it_was_stored() {
    let store = many(300);
    let other = Playbook::parse("[rank]\nwarm_days = 2\nhot_days = 5").expect("a playbook");
    let names = |desk: &Desk, limit: usize, owner: Option<&str>| {
        let agenda = desk.agenda(days(1)).limit(limit);
        let agenda = owner.into_iter().fold(agenda, followup_core::Agenda::owner);
        let lines = block_on(agenda.into_future()).expect("an agenda");
        lines.iter().map(|line| line.prospect.to_string()).collect::<Vec<_>>()
    };
    let all: Vec<_> = (0..300).map(|n| format!("p-{n:03}")).collect();
    let lees: Vec<_> = (0..300).filter(|n| n % 2 == 1).map(|n| format!("p-{n:03}")).collect();
    for playbook in [Playbook::default(), other] {
        let desk = Desk::new(store.clone(), playbook);
        assert_eq!(names(&desk, usize::MAX, None), all);
        assert_eq!(names(&desk, 2, None), all[..2]);
        assert_eq!(names(&desk, usize::MAX, Some("lee")), lees);
        assert_eq!(names(&desk, 1, Some("lee")), lees[..1]);
    }
}

#[test]
fn an_action_before_which_time_has_changed_something_is_not_begun() {
    let playbook = "[[steps.information]]\nafter = \"P1D\"\npurpose = \"check_in\"\nchannel = \"email\"\nautomatic = true";
    let desk = Desk::new(MemoryStore::new(), Playbook::parse(playbook).expect("a playbook"));
    block_on(desk.add(ada(), start())).expect("added");
    observe(&desk, "p-1", Event::information_sent(start() + TimeDelta::hours(1)).via(Channel::POST));
    let carrier = Carrier::default();
    let ticked = block_on(desk.tick(days(60), &carrier, TickLimits::default())).expect("ticked");
    let [ticked] = &ticked[..] else { panic!("{ticked:?}") };
    assert!(matches!(ticked.outcome, TickOutcome::Replanned), "{ticked:?}");
    assert!(carrier.0.lock().expect("nothing panics under the lock").is_empty());
    let entries = block_on(desk.history(&id("p-1"))).expect("a history");
    assert_eq!(entries.last().map(|entry| entry.event.name()), Some("went_stale"));
}

#[test]
fn an_agenda_is_planned_anew_where_one_playbook_of_several_has_changed() {
    let named = |days: u32| {
        let interval = format!("from = \"P{days}D\"\nto = \"P{days}D\"\n");
        let toml = format!(
            "name = \"named\"\n[cadence.warm]\n{interval}[cadence.hot]\n{interval}[cadence.second]\n{interval}"
        );
        Playbook::parse(&toml).expect("a playbook")
    };
    let store = MemoryStore::new();
    let desk = |days| Desk::builder(store.clone()).playbook(Playbook::default()).another(named(days)).build();
    let before = desk(9);
    observe(&before, "p-1", Event::added(start()));
    block_on(before.add(ada_as("p-2").playbook("named"), start())).expect("added");
    observe(&before, "p-2", Event::information_sent(days(1)).via(Channel::EMAIL));
    let after = desk(12);
    for (now, reach) in [(days(1), 30), (days(60), 30)] {
        let lines = block_on(after.agenda(now).within_days(reach).into_future()).expect("an agenda");
        let found: Vec<_> = lines.into_iter().map(|line| (line.prospect, line.action)).collect();
        let planned = ["p-1", "p-2"].map(|p| {
            let plan = block_on(after.plan(&id(p), now)).expect("a view").plan;
            (id(p), plan.next().cloned().expect("an action"))
        });
        assert_eq!(found, planned, "{now}");
        let stored = block_on(before.plan(&id("p-2"), now)).expect("a view").plan;
        assert_ne!(stored.next(), Some(&planned[1].1));
    }
}

fn ada_as(id: &str) -> Prospect {
    Prospect::new(id).expect("an id").email(format!("{id}@example.org")).expect("an address")
}

#[test]
fn a_comparison_tells_who_would_start_and_who_would_stop() {
    let desk = desk();
    for (name, outcome) in [("later", Outcome::Later), ("won", Outcome::Won), ("lost", Outcome::Lost)] {
        block_on(desk.add(ada_as(name), start())).expect("added");
        observe(&desk, name, Event::decided(days(1), outcome));
    }
    let other = Playbook::parse("off = [\"P9\"]\n[keep_in_touch]\nwon = true").expect("a playbook");
    let diff = block_on(desk.diff(&other, days(2), 9)).expect("compared");
    assert_eq!((diff.prospects, diff.same, diff.changed), (3, 1, 2));
    assert_eq!((diff.starts, diff.stops, diff.earlier, diff.later), (1, 1, 0, 0));
    let changed: Vec<_> = diff.changes.iter().map(|change| change.prospect.as_str()).collect();
    assert_eq!(changed, ["later", "won"]);
}

#[test]
fn a_record_that_was_merged_passes_an_opting_out_on_once() {
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
fn a_premise_of_what_is_no_wake_up_holds() {
    let desk = desk();
    observe(&desk, "p", Event::added(start()));
    observe(&desk, "p", Event::noted(days(1), "tea").premise("whatever"));
    observe(&desk, "p", Event::new(days(2), EventKind::WentStale).premise("whatever"));
    let entries = block_on(desk.history(&id("p"))).expect("a history");
    assert_eq!(entries.iter().map(|entry| entry.voided).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn a_diff_counts_each_way_in_which_a_plan_changes() {
    let desk = desk();
    for id in ["p-hot", "p-hotter", "p-second", "p-first", "p-won", "p-same"] {
        observe(&desk, id, added(Kind::Prospect));
    }
    for (id, minutes, event) in [
        ("p-hot", 1, Event::inquired as fn(DateTime<Utc>) -> Event),
        ("p-hot", 2, |at| Event::touched(at, Channel::EMAIL)),
        ("p-hotter", 1, Event::inquired),
        ("p-hotter", 2, |at| Event::touched(at, Channel::EMAIL)),
        ("p-second", 1, |at| Event::touched(at, Channel::PHONE)),
        ("p-won", 1, |at| Event::decided(at, Outcome::Won)),
        ("p-same", 1, |at| Event::asked_information(at).via(Channel::EMAIL)),
    ] {
        observe(&desk, id, event(start() + TimeDelta::minutes(minutes)));
    }
    let toml = "version = 2\nchannels = [\"email\", \"phone\"]\n[cadence.hot]\nfrom = \"P9D\"\nto = \"P9D\"\n\
                [cadence.second]\nfrom = \"P5D\"\nto = \"P5D\"\n[keep_in_touch]\nwon = true";
    let new = Playbook::parse(toml).expect("a playbook without mistakes");
    let diff = block_on(desk.diff(&new, days(0) + TimeDelta::hours(1), 10)).expect("the store answers");
    assert_eq!((diff.prospects, diff.same, diff.changed), (6, 1, 5));
    assert_eq!((diff.earlier, diff.later, diff.starts, diff.stops), (1, 2, 1, 0));
    assert_eq!((diff.purpose, diff.channel), (0, 1));
    // From Thursday the 12th to Monday the 9th, and from Monday the 9th to Wednesday the 11th.
    assert_eq!((diff.shift_days.n, diff.shift_days.min, diff.shift_days.max), (3, -3.0, 2.0));
    let who: Vec<_> = diff.changes.iter().map(|change| change.prospect.as_str()).collect();
    assert_eq!(who, ["p-first", "p-hot", "p-hotter", "p-second", "p-won"]);
    // The other way round.
    let back = Desk::new(MemoryStore::new(), new);
    observe(&back, "p-won", added(Kind::Prospect));
    observe(&back, "p-won", Event::decided(start() + TimeDelta::minutes(1), Outcome::Won));
    let diff = block_on(back.diff(&Playbook::default(), days(1), 10)).expect("the store answers");
    assert_eq!((diff.changed, diff.starts, diff.stops, diff.later), (1, 0, 1, 0));
}

#[test]
fn of_several_notes_the_newest_is_shown_in_whatever_order_they_arrive() {
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
fn a_label_is_kept_in_the_profile_and_made_up_for_nobody() {
    let desk = desk();
    observe(&desk, "plain", Event::added(start()));
    let mut labelled = Event::added(start());
    labelled.extra.set("label", "from the fair");
    observe(&desk, "labelled", labelled);
    let label = |who: &str| block_on(desk.plan(&id(who), days(1))).expect("a view").profile.label;
    assert_eq!((label("plain"), label("labelled")), (None, Some("from the fair".to_owned())));
    let entries = block_on(desk.history(&id("plain"))).expect("a history");
    assert!(entries[0].event.extra.is_empty(), "{:?}", entries[0]);
}

#[test]
fn waking_up_to_a_moment_before_the_newest_event_changes_nothing() {
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

#[test]
fn a_send_that_cannot_be_recorded_has_failed_and_one_that_is_somebody_elses_by_now_is_late() {
    let playbook = "[[steps.interest]]\nafter = \"P1D\"\nchannel = \"email\"\nautomatic = true";
    let playbook = Playbook::parse(playbook).expect("a playbook");
    for (kind, late) in [(StoreErrorKind::Full, false), (StoreErrorKind::Fenced, true)] {
        let store = MemoryStore::new();
        block_on(Desk::new(store.clone(), playbook.clone()).add(ada(), start())).expect("added");
        let desk = Desk::new(failing(&store, "append", kind, 1), playbook.clone());
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

#[test]
fn what_is_stored_as_automatic_and_is_a_persons_is_planned_anew() {
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
    assert!(carrier.0.lock().expect("nothing panics under the lock").is_empty());
}
