//! The messages that `Desk::tick` sends, and those that it must not send.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use followup::event::EventKind;
use followup::send::{Delivery, Dispatcher, Message, TickLimits, TickOutcome, Ticked};
use followup::{Channel, Desk, Event, Playbook, Prospect, ProspectId};
use followup_store_memory::MemoryStore;
use followup_test_support::playbooks::mailing;
use followup_test_support::times::at;
use pollster::block_on;

/// Two automatic emails.
fn sequence() -> String {
    mailing("name = \"sequence\"", &[("P1D", "first"), ("P7D", "second")])
}

fn id() -> ProspectId {
    ProspectId::new("p-1").expect("an id")
}

/// The opening of the day on which the first message is due.
fn opening() -> DateTime<Utc> {
    at("2026-03-03T09:00:00Z")
}

fn desk_over(store: MemoryStore) -> Desk {
    Desk::builder(store).playbook(Playbook::parse(&sequence()).expect("a playbook")).secret([3; 32]).build()
}

/// A desk with one prospect, added on a Monday.
fn desk() -> Desk {
    let desk = desk_over(MemoryStore::new());
    add(&desk, "p-1", "ada@example.org");
    desk
}

fn add(desk: &Desk, id: &str, email: &str) {
    let prospect = Prospect::new(id).expect("an id").name("Ada").email(email).expect("an address");
    block_on(desk.add(prospect, at("2026-03-02T10:00:00Z"))).expect("it is added");
}

/// Gives one answer to every message, and records the messages.
struct Scripted {
    answer: Delivery,
    sent: Mutex<Vec<Message>>,
}

impl Scripted {
    fn new(answer: Delivery) -> Scripted {
        Scripted { answer, sent: Mutex::default() }
    }

    fn sends() -> Scripted {
        Scripted::new(Delivery::Sent { message_id: Some("m-1".to_owned()) })
    }

    fn templates(&self) -> Vec<String> {
        let sent = self.sent.lock().expect("nobody panics while sending");
        sent.iter().map(|message| message.template.clone().unwrap_or_default()).collect()
    }
}

#[async_trait]
impl Dispatcher for Scripted {
    async fn send(&self, message: &Message) -> Delivery {
        self.sent.lock().expect("nobody panics while sending").push(message.clone());
        self.answer.clone()
    }
}

fn tick(desk: &Desk, now: DateTime<Utc>, dispatcher: &dyn Dispatcher) -> Vec<Ticked> {
    block_on(desk.tick(now, dispatcher, TickLimits::default())).expect("it can be claimed")
}

fn only(ticked: Vec<Ticked>) -> TickOutcome {
    let [ticked] = <[Ticked; 1]>::try_from(ticked).expect("one action was claimed");
    ticked.outcome
}

fn journal(desk: &Desk) -> Vec<String> {
    let history = block_on(desk.history(&id())).expect("the prospect exists");
    history.iter().map(|entry| entry.event.name().to_owned()).collect()
}

fn purpose(desk: &Desk, now: DateTime<Utc>) -> String {
    let view = block_on(desk.plan(&id(), now)).expect("the prospect exists");
    view.plan.next().map(|next| next.purpose.to_string()).unwrap_or_default()
}

#[test]
fn a_due_message_is_sent_once_and_recorded() {
    let (desk, sender) = (desk(), Scripted::sends());
    let before = opening() - TimeDelta::microseconds(1);
    assert!(tick(&desk, before, &sender).is_empty(), "not open yet");
    assert!(matches!(only(tick(&desk, opening(), &sender)), TickOutcome::Sent));
    assert!(tick(&desk, opening(), &sender).is_empty(), "nothing is left");
    let sent = sender.sent.lock().unwrap()[0].clone();
    assert_eq!((sent.action().to_string().as_str(), sent.template.as_deref()), ("p-1/1", Some("first")));
    assert_eq!((sent.to.as_deref(), sent.name.as_deref()), (Some("ada@example.org"), Some("Ada")));
    assert_eq!(journal(&desk), ["added", "send_intended", "sent"]);
    assert!(matches!(only(tick(&desk, at("2026-03-10T09:00:00Z"), &sender)), TickOutcome::Sent));
    assert_eq!(sender.templates(), ["first", "second"]);
}

#[test]
fn a_deferred_message_is_retried_after_a_delay_and_not_before() {
    let (desk, sender) = (desk(), Scripted::new(Delivery::Deferred { why: "greylisted".to_owned() }));
    let limits = TickLimits::default().retry_after(TimeDelta::minutes(30));
    let tick = |now| block_on(desk.tick(now, &sender, limits)).expect("it can be claimed");
    assert!(matches!(only(tick(opening())), TickOutcome::Deferred { .. }));
    assert!(tick(opening() + TimeDelta::minutes(30) - TimeDelta::microseconds(1)).is_empty());
    assert!(matches!(only(tick(opening() + TimeDelta::minutes(30))), TickOutcome::Deferred { .. }));
    assert_eq!(sender.templates(), ["first", "first"]);
}

#[test]
fn a_rejected_message_is_left_to_a_person() {
    let (desk, sender) = (desk(), Scripted::new(Delivery::Rejected { why: "no such mailbox".to_owned() }));
    assert!(matches!(only(tick(&desk, opening(), &sender)), TickOutcome::Rejected { .. }));
    let view = block_on(desk.plan(&id(), opening())).unwrap();
    let next = view.plan.next().unwrap();
    assert!(!next.automatic && next.channel != Some(Channel::EMAIL), "{next:?}");
    assert!(tick(&desk, at("2026-06-01T09:00:00Z"), &sender).is_empty(), "never again by itself");
}

#[test]
fn an_unknown_outcome_is_left_to_a_person() {
    let (desk, sender) = (desk(), Scripted::new(Delivery::Unknown));
    assert!(matches!(only(tick(&desk, opening(), &sender)), TickOutcome::Unknown));
    assert_eq!(purpose(&desk, opening()), "resolve_send");
    assert!(tick(&desk, at("2026-06-01T09:00:00Z"), &sender).is_empty());
    assert_eq!(sender.templates(), ["first"]);
}

/// Never answers, like a process that ends while it sends.
struct Dies(AtomicUsize);

#[async_trait]
impl Dispatcher for Dies {
    async fn send(&self, _: &Message) -> Delivery {
        self.0.fetch_add(1, Ordering::Relaxed);
        std::future::pending().await
    }
}

#[test]
fn a_process_that_ends_while_sending_leaves_an_unknown_outcome_and_no_second_message() {
    let (desk, dies) = (desk(), Dies(AtomicUsize::new(0)));
    {
        let mut ticking = Box::pin(desk.tick(opening(), &dies, TickLimits::default()));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(ticking.as_mut().poll(&mut context).is_pending());
    }
    let sender = Scripted::sends();
    for minutes in [5, 14] {
        let now = opening() + TimeDelta::minutes(minutes);
        assert!(tick(&desk, now, &sender).is_empty(), "in flight");
        assert_eq!(purpose(&desk, now), "", "in flight");
    }
    let later = opening() + TimeDelta::minutes(15);
    assert_eq!(block_on(desk.wake(later)).unwrap(), 1);
    assert_eq!(purpose(&desk, later), "resolve_send");
    assert!(tick(&desk, at("2026-06-01T09:00:00Z"), &sender).is_empty());
    assert_eq!((dies.0.load(Ordering::Relaxed), sender.templates().len()), (1, 0));
}

#[test]
fn an_outcome_after_the_wake_up_resolves_the_unknown_send() {
    let desk = desk();
    // The wake-up is recorded while the slow dispatcher sends.
    struct Slow(Desk);
    #[async_trait]
    impl Dispatcher for Slow {
        async fn send(&self, _: &Message) -> Delivery {
            self.0.wake(opening() + TimeDelta::hours(1)).await.expect("it wakes");
            Delivery::Sent { message_id: None }
        }
    }
    assert!(matches!(only(tick(&desk, opening(), &Slow(desk.clone()))), TickOutcome::Sent));
    assert_ne!(purpose(&desk, opening() + TimeDelta::hours(2)), "resolve_send");
    assert_eq!(journal(&desk).iter().filter(|name| *name == "sent").count(), 1);
}

#[test]
fn s3_a_message_that_is_stopped_before_it_begins_is_not_sent() {
    for stop in [Event::stopped(opening()), Event::opted_out(opening()), Event::replied(opening(), None)] {
        let (desk, sender) = (desk(), Scripted::sends());
        let receipt = block_on(desk.record("p-1", stop)).unwrap();
        assert_eq!(receipt.in_flight, None);
        assert!(tick(&desk, opening(), &sender).is_empty());
        assert!(sender.templates().is_empty());
    }
}

#[test]
fn s3_a_stop_names_the_message_in_flight() {
    let desk = desk();
    struct Stops(Desk, Mutex<Option<String>>);
    #[async_trait]
    impl Dispatcher for Stops {
        async fn send(&self, _: &Message) -> Delivery {
            let receipt =
                self.0.record("p-1", Event::stopped(opening()).with_seq(9)).await.expect("it is recorded");
            *self.1.lock().unwrap() = receipt.in_flight;
            Delivery::Sent { message_id: None }
        }
    }
    let stops = Stops(desk.clone(), Mutex::default());
    assert!(matches!(only(tick(&desk, opening(), &stops)), TickOutcome::Sent));
    assert_eq!(stops.1.lock().unwrap().as_deref(), Some("p-1/1"));
    assert!(block_on(desk.plan(&id(), opening())).unwrap().plan.next().is_none(), "the stop applies");
}

#[test]
fn c16_an_overdue_message_waits_for_open_hours() {
    let (desk, sender) = (desk(), Scripted::sends());
    let night = at("2026-03-03T20:00:00Z");
    let TickOutcome::OutsideHours { until } = only(tick(&desk, night, &sender)) else {
        panic!("it is night")
    };
    assert_eq!(until, at("2026-03-04T09:00:00Z"));
    assert!(tick(&desk, until - TimeDelta::microseconds(1), &sender).is_empty());
    assert!(matches!(only(tick(&desk, until, &sender)), TickOutcome::Sent));
}

#[test]
fn s6_an_address_that_opted_out_is_not_written_to_under_another_id() {
    let (desk, sender) = (desk(), Scripted::sends());
    block_on(desk.record("p-1", Event::opted_out(at("2026-03-02T11:00:00Z")))).unwrap();
    block_on(desk.erase(&id(), at("2026-03-02T12:00:00Z"))).unwrap();
    add(&desk, "p-2", "Ada@Example.ORG");
    assert!(matches!(only(tick(&desk, opening(), &sender)), TickOutcome::Suppressed));
    assert!(tick(&desk, opening(), &sender).is_empty(), "it is left for a day");
    assert!(matches!(only(tick(&desk, at("2026-06-01T09:00:00Z"), &sender)), TickOutcome::Suppressed));
    assert!(sender.templates().is_empty());
    let journal = block_on(desk.history(&ProspectId::new("p-2").unwrap())).unwrap();
    assert_eq!(journal.len(), 1, "it is derived, not written");
}

#[test]
fn s6_opting_in_again_lifts_the_suppression() {
    let (desk, sender) = (desk(), Scripted::sends());
    block_on(desk.record("p-1", Event::opted_out(at("2026-03-02T11:00:00Z")))).unwrap();
    let opted_in = Event::new(at("2026-03-02T12:00:00Z"), EventKind::OptedIn { channels: vec![] });
    block_on(desk.record("p-1", opted_in)).unwrap();
    add(&desk, "p-2", "ada@example.org");
    assert_eq!(tick(&desk, opening(), &sender).len(), 2);
    assert_eq!(sender.templates(), ["first", "first"]);
}

#[test]
fn an_action_planned_by_another_playbook_is_replanned_and_not_sent() {
    let store = MemoryStore::new();
    add(&desk_over(store.clone()), "p-1", "ada@example.org");
    let now_by_hand = sequence().replace("automatic = true", "automatic = false");
    let desk = Desk::new(store, Playbook::parse(&now_by_hand).unwrap());
    let sender = Scripted::sends();
    assert!(matches!(only(tick(&desk, opening(), &sender)), TickOutcome::Replanned));
    assert!(tick(&desk, opening(), &sender).is_empty());
    assert_eq!(journal(&desk), ["added", "replanned"]);
}

#[test]
fn a_desk_without_the_playbook_leaves_the_message_to_one_that_has_it() {
    let store = MemoryStore::new();
    let desk = desk_over(store.clone());
    add(&desk, "p-1", "ada@example.org");
    let set = EventKind::PlaybookSet { name: "sequence".to_owned(), version: None };
    block_on(desk.record("p-1", Event::new(at("2026-03-02T11:00:00Z"), set))).unwrap();
    let stranger = Desk::new(store, Playbook::parse("name = \"another\"").unwrap());
    let sender = Scripted::sends();
    assert!(matches!(only(tick(&stranger, opening(), &sender)), TickOutcome::PlaybookMissing { .. }));
    assert!(tick(&desk, opening(), &sender).is_empty(), "leased");
    assert!(matches!(only(tick(&desk, opening() + TimeDelta::minutes(5), &sender)), TickOutcome::Sent));
}

#[test]
fn wake_ups_are_recorded_before_a_message_is_sent() {
    let (desk, sender) = (desk(), Scripted::sends());
    let pause = EventKind::Paused { until: Some(at("2026-04-01T12:00:00Z")), why: None };
    block_on(desk.record("p-1", Event::new(at("2026-03-02T11:00:00Z"), pause))).unwrap();
    assert!(tick(&desk, at("2026-04-01T11:00:00Z"), &sender).is_empty(), "paused");
    assert_eq!(block_on(desk.wake(at("2026-04-02T09:00:00Z"))).unwrap(), 1);
    assert!(matches!(only(tick(&desk, at("2026-04-03T09:00:00Z"), &sender)), TickOutcome::Sent));
    assert_eq!(sender.templates(), ["first"]);
}

#[test]
fn an_action_with_an_earlier_wake_up_is_replanned() {
    let playbook = "[[steps.information]]\nafter = \"P1D\"\npurpose = \"check_in\"\nchannel = \"email\"\n\
                    automatic = true";
    let desk = Desk::new(MemoryStore::new(), Playbook::parse(playbook).expect("a playbook"));
    add(&desk, "p-1", "ada@example.org");
    let informed = Event::information_sent(at("2026-03-02T11:00:00Z"), Channel::POST);
    block_on(desk.observe("p-1", informed)).expect("it is observed");
    let sender = Scripted::sends();
    let outcome = only(tick(&desk, at("2026-05-01T10:00:00Z"), &sender));
    assert!(matches!(outcome, TickOutcome::Replanned), "{outcome:?}");
    assert!(sender.templates().is_empty());
    assert_eq!(journal(&desk).last().map(String::as_str), Some("went_stale"));
}

#[test]
fn a_clock_behind_the_newest_event_sends_nothing() {
    let (desk, sender) = (desk(), Scripted::sends());
    block_on(desk.observe("p-1", Event::noted(at("2026-03-05T09:00:00Z"), "later"))).unwrap();
    assert!(matches!(only(tick(&desk, opening(), &sender)), TickOutcome::ClockBehind { .. }));
    assert!(sender.templates().is_empty());
    // At the instant of the newest event, the clock is not behind.
    assert!(matches!(only(tick(&desk, at("2026-03-05T09:00:00Z"), &sender)), TickOutcome::Sent));
}

#[test]
fn s6_an_action_for_a_person_is_not_sent_to_a_suppressed_prospect() {
    let (store, sender) = (MemoryStore::new(), Scripted::sends());
    let acknowledging = Playbook::parse("[answers]\nacknowledge = true").expect("a playbook");
    let desk = Desk::new(store, acknowledging);
    add(&desk, "p-1", "ada@example.org");
    let out = EventKind::OptedOut { channels: vec![Channel::EMAIL] };
    block_on(desk.record("p-1", Event::new(at("2026-03-02T11:00:00Z"), out))).unwrap();
    let other = Prospect::new("p-2").unwrap().email("ada@example.org").unwrap().phone("+49 30 123456");
    block_on(desk.add(other, at("2026-03-02T12:00:00Z"))).unwrap();
    let inquired = Event::inquired(at("2026-03-02T13:00:00Z"), Channel::PHONE);
    block_on(desk.record("p-2", inquired)).unwrap();
    // The acknowledgement would be an email; the answer is a call by a person.
    assert!(matches!(only(tick(&desk, at("2026-03-02T13:01:00Z"), &sender)), TickOutcome::Suppressed));
    assert!(sender.templates().is_empty());
}

#[test]
fn a_channel_without_stored_addresses_needs_none() {
    let social = sequence().replace("channel = \"email\"", "channel = \"social\"");
    let desk = Desk::new(MemoryStore::new(), Playbook::parse(&social).expect("a playbook"));
    let sender = Scripted::sends();
    add(&desk, "p-1", "ada@example.org");
    assert!(matches!(only(tick(&desk, opening(), &sender)), TickOutcome::Sent));
    let sent = sender.sent.lock().unwrap();
    assert_eq!((sent[0].channel, sent[0].to.as_deref()), (Channel::SOCIAL, None));
}

#[test]
fn a_message_without_an_address_is_left_to_a_person() {
    let (desk, sender) = (desk_over(MemoryStore::new()), Scripted::sends());
    block_on(desk.add(Prospect::new("p-1").unwrap(), at("2026-03-02T10:00:00Z"))).unwrap();
    assert!(matches!(only(tick(&desk, opening(), &sender)), TickOutcome::Rejected { .. }));
    assert!(sender.templates().is_empty());
    assert!(tick(&desk, at("2026-06-01T09:00:00Z"), &sender).is_empty());
}

#[test]
fn one_of_many_workers_sends() {
    let desk = desk_over(MemoryStore::new());
    for n in 0..40 {
        add(&desk, &format!("p-{n}"), "ada@example.org");
    }
    let sender = Arc::new(Scripted::sends());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (desk, sender) = (desk.clone(), Arc::clone(&sender));
            scope.spawn(move || {
                let limits = TickLimits::default().messages(7);
                while !block_on(desk.tick(opening(), &*sender, limits)).unwrap().is_empty() {}
            });
        }
    });
    let mut actions: Vec<_> = sender.sent.lock().unwrap().iter().map(Message::action).collect();
    actions.sort();
    let count = actions.len();
    actions.dedup();
    assert_eq!((count, actions.len()), (40, 40));
}
