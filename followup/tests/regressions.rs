//! Known failures of other follow-up tools, which must not happen here.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use followup::event::{EventKind, Request};
use followup::publish::Moving;
use followup::send::{Delivery, Dispatcher, Message, TickLimits};
use followup::{Channel, Desk, Event, Playbook};
use followup_store_memory::MemoryStore;
use followup_test_support::people::{id, with_mailbox};
use followup_test_support::playbooks::mailing;
use followup_test_support::times::at;
use pollster::block_on;

/// Three automatic emails, on days that follow each other as closely as the minimum gap allows.
const STEPS: [(&str, &str); 3] = [("P1D", "first"), ("P2D", "second"), ("P2D", "third")];

fn playbook() -> Playbook {
    with_settings("name = \"sequence\"")
}

fn with_settings(settings: &str) -> Playbook {
    Playbook::parse(&mailing(settings, &STEPS)).expect("a playbook")
}

fn desk(store: &MemoryStore) -> Desk {
    Desk::new(store.clone(), playbook())
}

fn add(desk: &Desk, id: &str, at: DateTime<Utc>) {
    block_on(desk.add(with_mailbox(id), at)).expect("it is added");
}

/// Records each message by prospect and template, and rejects one address.
#[derive(Default)]
struct Carrier {
    sent: Mutex<Vec<(String, String)>>,
    rejects: Option<&'static str>,
}

impl Carrier {
    fn templates(&self, who: &str) -> Vec<String> {
        let sent = self.sent.lock().expect("nobody panics while sending");
        sent.iter().filter(|(prospect, _)| prospect == who).map(|(_, template)| template.clone()).collect()
    }
}

#[async_trait]
impl Dispatcher for Carrier {
    async fn send(&self, message: &Message) -> Delivery {
        if self.rejects.is_some_and(|address| message.to.as_deref() == Some(address)) {
            return Delivery::Rejected { why: "no such mailbox".to_owned() };
        }
        let sent = (message.prospect.to_string(), message.template.clone().unwrap_or_default());
        self.sent.lock().expect("nobody panics while sending").push(sent);
        Delivery::Sent { message_id: None }
    }
}

/// Ticks and wakes at an interval, a number of times from an instant on.
fn run(desk: &Desk, carrier: &Carrier, from: DateTime<Utc>, every: TimeDelta, times: i32) {
    for n in 0..times {
        let now = from + every * n;
        block_on(desk.wake(now)).expect("it wakes");
        block_on(desk.tick(now, carrier, TickLimits::default())).expect("it can be claimed");
    }
}

#[test]
fn two_workers_send_a_message_once() {
    let store = MemoryStore::new();
    let (one, other) = (desk(&store), desk(&store));
    for n in 0..20 {
        add(&one, &format!("p-{n}"), at("2026-03-02T10:00:00Z"));
    }
    let carrier = Carrier::default();
    std::thread::scope(|scope| {
        for desk in [&one, &other] {
            scope.spawn(|| run(desk, &carrier, at("2026-03-03T09:00:00Z"), TimeDelta::minutes(20), 20));
        }
    });
    for n in 0..20 {
        assert_eq!(carrier.templates(&format!("p-{n}")), ["first"]);
    }
}

#[test]
fn a_rejected_address_causes_no_second_message_to_others() {
    let store = MemoryStore::new();
    let desk = desk(&store);
    for who in ["a", "b", "c"] {
        add(&desk, who, at("2026-03-02T10:00:00Z"));
    }
    let carrier = Carrier { rejects: Some("b@example.org"), ..Carrier::default() };
    run(&desk, &carrier, at("2026-03-03T09:00:00Z"), TimeDelta::minutes(20), 20);
    assert_eq!(["a", "b", "c"].map(|who| carrier.templates(who).len()), [1, 0, 1]);
    let view = block_on(desk.plan(&id("b"), at("2026-03-03T16:00:00Z"))).unwrap();
    assert!(view.plan.next().is_some_and(|next| !next.automatic), "a person finds another way");
}

#[test]
fn the_end_of_a_pause_sends_one_message() {
    let store = MemoryStore::new();
    let desk = desk(&store);
    add(&desk, "p", at("2026-03-02T10:00:00Z"));
    let pause = EventKind::Paused { until: Some(at("2026-05-04T08:00:00Z")), why: None };
    block_on(desk.record("p", Event::new(at("2026-03-02T11:00:00Z"), pause))).unwrap();
    let carrier = Carrier::default();
    run(&desk, &carrier, at("2026-03-03T08:00:00Z"), TimeDelta::hours(6), 4 * 62);
    assert!(carrier.templates("p").is_empty(), "all three would have been due");
    run(&desk, &carrier, at("2026-05-04T08:00:00Z"), TimeDelta::hours(1), 30);
    assert_eq!(carrier.templates("p").len(), 1, "one, and the next after its gap");
    run(&desk, &carrier, at("2026-05-06T08:00:00Z"), TimeDelta::hours(1), 48);
    assert_eq!(carrier.templates("p"), ["first", "second"]);
}

#[test]
fn an_hour_that_comes_twice_when_clocks_go_back_sends_once() {
    let playbook = with_settings(
        "zone = \"Europe/Berlin\"\n[working_hours]\nmon = \"09:00-17:00\"\nsun = \"02:00-03:00\"",
    );
    let desk = Desk::new(MemoryStore::new(), playbook);
    // The open hour between 2:00 and 3:00 in the night to Sunday occurs twice: at 0:00 and at 1:00 UTC.
    add(&desk, "p", at("2026-10-24T10:00:00Z"));
    let carrier = Carrier::default();
    run(&desk, &carrier, at("2026-10-24T20:00:00Z"), TimeDelta::minutes(5), 12 * 12);
    assert_eq!(carrier.templates("p"), ["first"]);
    run(&desk, &carrier, at("2026-10-31T22:00:00Z"), TimeDelta::minutes(5), 12 * 12);
    assert_eq!(carrier.templates("p"), ["first", "second"]);
}

#[test]
fn replanning_keeps_everything_that_was_scheduled() {
    let store = MemoryStore::new();
    let desk = desk(&store);
    let now = at("2026-03-02T12:00:00Z");
    let kinds = [
        EventKind::Snoozed { until: at("2026-04-10T10:00:00Z") },
        EventKind::NextStepAgreed { due_at: at("2026-03-20T10:00:00Z"), channel: None, purpose: None },
        EventKind::AppointmentSet { starts_at: at("2026-03-25T10:00:00Z"), minutes: 60 },
        EventKind::Paused { until: Some(at("2026-04-20T10:00:00Z")), why: None },
        EventKind::InputRequested { input: "logo".to_owned(), deadline: Some(at("2026-03-30T10:00:00Z")) },
    ];
    for (n, kind) in kinds.into_iter().enumerate() {
        let who = format!("p-{n}");
        add(&desk, &who, at("2026-03-02T10:00:00Z"));
        block_on(desk.observe(who.as_str(), Event::new(now, kind))).expect("it is recorded");
    }
    let plans = |desk: &Desk| {
        let plan = |n: i32| block_on(desk.plan(&id(&format!("p-{n}")), now)).unwrap().plan;
        (0..5).map(plan).collect::<Vec<_>>()
    };
    let before = plans(&desk);
    // Every prospect is replanned: by an event, and by the publication of the same steps as another version.
    for n in 0..5 {
        let replanned = Event::new(now, EventKind::Replanned { planned_by: None }).with_seq(9);
        block_on(desk.observe(format!("p-{n}").as_str(), replanned)).expect("it is recorded");
    }
    assert_eq!(plans(&desk), before);
    let mut desk = block_on(Desk::builder(store).playbook(playbook()).open()).expect("it opens");
    let next = with_settings("name = \"sequence\"\nversion = 2");
    block_on(desk.publish(next, Moving::Move, now)).expect("it is published");
    assert_eq!(plans(&desk), before);
}

#[test]
fn a_prospect_who_comes_back_gets_each_step_once_more() {
    let store = MemoryStore::new();
    let desk = desk(&store);
    add(&desk, "p", at("2026-03-02T10:00:00Z"));
    let carrier = Carrier::default();
    run(&desk, &carrier, at("2026-03-03T09:00:00Z"), TimeDelta::hours(4), 6 * 20);
    assert_eq!(carrier.templates("p"), ["first", "second", "third"]);
    for round in 1..=2 {
        let back = at("2026-04-06T09:00:00Z") + TimeDelta::days(60 * (round - 1));
        block_on(desk.record("p", Event::stopped(back))).unwrap();
        run(&desk, &carrier, back, TimeDelta::hours(4), 6 * 10);
        assert_eq!(carrier.templates("p").len() as i64, 3 + 2 * (round - 1), "the stop still applies");
        let again = back + TimeDelta::days(10);
        let asked = EventKind::Requested { request: Request::Replied, channel: Some(Channel::EMAIL) };
        block_on(desk.record("p", Event::new(again, asked))).unwrap();
        block_on(desk.record("p", Event::touched(again, Channel::PHONE).with_seq(1))).unwrap();
        run(&desk, &carrier, again, TimeDelta::hours(4), 6 * 30);
        let sent = carrier.templates("p");
        let mut times: BTreeMap<&str, i64> = BTreeMap::new();
        sent.iter().for_each(|template| *times.entry(template).or_default() += 1);
        // The call that answered the request was the first step of the new round.
        assert_eq!((times["second"], times["third"]), (round + 1, round + 1), "{sent:?}");
    }
}

#[test]
fn an_inserted_step_skips_nobody_and_loses_nobody() {
    let store = MemoryStore::new();
    let mut desk = block_on(Desk::builder(store.clone()).playbook(playbook()).open()).expect("it opens");
    let carrier = Carrier::default();
    add(&desk, "on-the-way", at("2026-03-02T10:00:00Z"));
    run(&desk, &carrier, at("2026-03-03T09:00:00Z"), TimeDelta::hours(1), 8);
    assert_eq!(carrier.templates("on-the-way"), ["first"]);
    let [first, second, third] = STEPS;
    let edited = mailing("name = \"sequence\"\nversion = 2", &[("P2D", "zeroth"), first, second, third]);
    let edited = Playbook::parse(&edited).expect("a playbook");
    let published =
        block_on(desk.publish(edited, Moving::Stay, at("2026-03-03T18:00:00Z"))).expect("published");
    assert_eq!(published.stayed, 1);
    add(&desk, "new", at("2026-03-03T19:00:00Z"));
    // A worker that was restarted with its old playbook file.
    let worker = block_on(Desk::builder(store).playbook(playbook()).open()).expect("it opens");
    run(&worker, &carrier, at("2026-03-04T09:00:00Z"), TimeDelta::hours(1), 24 * 20);
    assert_eq!(carrier.templates("on-the-way"), ["first", "second", "third"]);
    assert_eq!(carrier.templates("new"), ["zeroth", "first", "second", "third"]);
}
