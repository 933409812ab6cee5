//! Is an acknowledged stop final on each path: recording, importing, merging, waking, adding again and sending?

use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use followup::event::{EventKind, Request};
use followup::import::ImportItem;
use followup::plan::Decision;
use followup::publish::Moving;
use followup::send::{Delivery, Dispatcher, Message, TickLimits};
use followup::stage::{By, Rest};
use followup::state::Breach;
use followup::{Channel, Desk, DeskError, Event, Playbook, Prospect, Store};
use followup_store_memory::MemoryStore;
use followup_store_testkit::Hooked;
use followup_test_support::people::{id, item};
use followup_test_support::playbooks::mailing;
use followup_test_support::times::at;
use pollster::block_on;

/// The emails of the playbook: the second as soon as the minimum gap allows.
const STEPS: [(&str, &str); 2] = [("P1D", "first"), ("P3D", "second")];

const EMAIL: &str = "ada@example.org";
const PHONE: &str = "+49 (0)30 123-456";

fn added() -> DateTime<Utc> {
    at("2026-03-02T10:00:00Z")
}

/// The instant of the stop.
fn said() -> DateTime<Utc> {
    at("2026-03-02T14:00:00Z")
}

fn later(days: i64) -> DateTime<Utc> {
    said() + TimeDelta::days(days)
}

fn person(id: &str, email: &str, phone: &str) -> Prospect {
    Prospect::new(id).expect("an id").name("Ada").email(email).expect("an address").phone(phone)
}

fn imported(id: &str, email: &str, phone: &str, at: DateTime<Utc>) -> ImportItem {
    let mut event = Event::added(at).with_key("crm");
    if let EventKind::Added { email: mail, phone: number, .. } = event.kind_mut() {
        (*mail, *number) = (Some(email.to_owned()), Some(phone.to_owned()));
    }
    item(id, event)
}

fn desk() -> Desk {
    desk_over(MemoryStore::new())
}

fn desk_over(store: impl Store + 'static) -> Desk {
    Desk::builder(store).playbook(version(1, &STEPS)).secret([3; 32]).build()
}

/// A version of a playbook that sends at any hour.
fn version(version: u32, steps: &[(&str, &str)]) -> Playbook {
    let settings = format!("name = \"sequence\"\nversion = {version}\noff = [\"C16\"]");
    Playbook::parse(&mailing(&settings, steps)).expect("a playbook")
}

/// A stop of a prospect.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Stop {
    OptedOut,
    /// An opt-out of email only.
    OptedOutOfEmail,
    Stopped,
}

const STOPS: [Stop; 3] = [Stop::OptedOut, Stop::OptedOutOfEmail, Stop::Stopped];

impl Stop {
    fn event(self) -> Event {
        let kind = match self {
            Stop::OptedOut => EventKind::OptedOut { channels: vec![] },
            Stop::OptedOutOfEmail => EventKind::OptedOut { channels: vec![Channel::EMAIL] },
            Stop::Stopped => EventKind::Stopped { why: None },
        };
        Event::new(said(), kind).with_key("stop")
    }
}

#[derive(Default)]
struct Sender(Mutex<Vec<Message>>);

#[async_trait]
impl Dispatcher for Sender {
    async fn send(&self, message: &Message) -> Delivery {
        self.0.lock().expect("nobody panics while sending").push(message.clone());
        Delivery::Sent { message_id: None }
    }
}

/// Asserts that nothing that a stop ends is planned or sent for a prospect, for years.
#[track_caller]
fn assert_final(desk: &Desk, stop: Stop, who: &str) {
    let sender = Sender::default();
    for days in [1, 2, 9, 30, 400, 1_200] {
        let now = later(days);
        let view = block_on(desk.plan(&id(who), now)).expect("the prospect exists");
        let agenda = block_on(async { desk.agenda(now).within_days(60).await }).expect("it can be read");
        let mine = || agenda.iter().filter(|line| line.prospect == id(who));
        match stop {
            Stop::OptedOutOfEmail => {
                let mut channels = view.plan.actions().filter_map(|action| action.channel);
                assert!(
                    channels.all(|channel| channel != Channel::EMAIL),
                    "{who}, {stop:?}: {:?}",
                    view.plan
                );
                assert!(mine().all(|line| line.action.channel != Some(Channel::EMAIL)), "{who}, {stop:?}");
                let stored = block_on(desk.read().stored_plan(&id(who), now)).expect("the prospect exists");
                assert!(stored.plan.actions().all(|action| action.channel != Some(Channel::EMAIL)));
            }
            _ => {
                let Decision::Rest { why } = view.plan.decision else {
                    panic!("{who}, {stop:?}, {now}: {:?}", view.plan.decision)
                };
                assert!(matches!(why, Rest::OptedOut | Rest::Stopped | Rest::Merged), "{who}: {why}");
                assert_eq!(mine().count(), 0, "{who}, {stop:?}");
                let stored = block_on(desk.read().stored_plan(&id(who), now)).expect("the prospect exists");
                assert!(matches!(stored.plan.decision, Decision::Rest { .. }), "{who}, {stop:?}");
            }
        }
        block_on(desk.tick(now, &sender, TickLimits::default())).expect("it can be claimed");
        block_on(desk.wake(now)).expect("it wakes");
        block_on(desk.tick(now, &sender, TickLimits::default())).expect("it can be claimed");
    }
    let sent = sender.0.into_inner().expect("nobody panics while sending");
    let mailed =
        sent.iter().filter(|message| message.channel == Channel::EMAIL && message.prospect == id(who));
    assert_eq!(mailed.count(), 0, "{who}, {stop:?}");
}

/// A desk to which Ada was added as `p`, with a stop.
fn told(stop: Stop) -> Desk {
    let desk = desk();
    block_on(desk.add(person("p", EMAIL, PHONE), added())).expect("she is added");
    let receipt = block_on(desk.record("p", stop.event())).expect("it is recorded");
    if stop != Stop::OptedOutOfEmail {
        assert!(matches!(receipt.plan.decision, Decision::Rest { .. }));
    }
    desk
}

fn refusal(result: Result<followup::desk::Receipt, DeskError>) -> Vec<Breach> {
    match result {
        Err(DeskError::Refused { findings, .. }) => findings.iter().map(|finding| finding.finding).collect(),
        other => panic!("it is not refused: {other:?}"),
    }
}

#[test]
fn s6_a_strict_touch_is_refused_under_each_id_that_has_the_address() {
    for stop in STOPS {
        let desk = told(stop);
        block_on(desk.add(person("again", "ADA@example.org", "0049 30 123 456"), later(1))).expect("added");
        let breach = if stop == Stop::Stopped { Breach::AtRest } else { Breach::OptedOut };
        for (who, breach) in [("p", breach), ("again", Breach::OptedOut)] {
            let touch = || Event::touched(later(2), Channel::EMAIL);
            let mut found = block_on(desk.check(&id(who), &touch(), later(2))).expect("it can be tried");
            found.retain(|finding| finding.is_refusal());
            assert_eq!(found.iter().map(|finding| finding.finding).collect::<Vec<_>>(), [breach], "{stop:?}");
            assert_eq!(refusal(block_on(desk.record(who, touch()))), [breach], "{who}, {stop:?}");
            assert_final(&desk, stop, who);
        }
    }
}

#[test]
fn s6_observed_events_are_kept_and_flagged_and_reopen_nothing() {
    for stop in STOPS {
        for who in ["p", "again"] {
            let desk = told(stop);
            block_on(desk.add(person("again", EMAIL, PHONE), later(1))).expect("added");
            let ours = [
                Event::touched(later(1), Channel::EMAIL).with_key("touch"),
                Event::information_sent(later(1), Channel::EMAIL).with_seq(1).with_key("info"),
                Event::proposal_sent(later(1), Channel::EMAIL, None).with_seq(2).with_key("proposal"),
            ];
            for event in ours {
                let receipt = block_on(desk.observe(who, event)).expect("it is observed");
                let found: Vec<_> = receipt.findings.iter().map(|finding| finding.finding).collect();
                let breach =
                    if (stop, who) == (Stop::Stopped, "p") { Breach::AtRest } else { Breach::OptedOut };
                assert!(found.contains(&breach), "{who}, {stop:?}: {found:?}");
            }
            assert_final(&desk, stop, who);
        }
    }
}

#[test]
fn s6_late_facts_from_before_a_stop_reopen_nothing_in_any_order() {
    for stop in STOPS {
        let before = said() - TimeDelta::hours(1);
        let history = [
            Event::inquired(before, Channel::EMAIL).with_key("inquired"),
            Event::asked_proposal(before, None).with_seq(1).with_key("proposal"),
            Event::next_step_agreed(before, later(3)).with_seq(2).with_key("agreed"),
            Event::appointment_set(before, later(5), 60).with_seq(3).with_key("set"),
            Event::touched(later(1), Channel::PHONE).with_key("touched"),
        ];
        for turn in 0..history.len() {
            for who in ["p", "again"] {
                let desk = told(stop);
                block_on(desk.add(person("again", EMAIL, PHONE), added())).expect("added");
                let mut history = history.clone();
                history.rotate_left(turn);
                for event in history {
                    let item = item(who, event);
                    let taken = block_on(desk.import(&[item], later(1))).expect("it can be imported");
                    assert_eq!(taken.new, 1, "{:?}", taken.rejected);
                }
                if stop != Stop::OptedOutOfEmail {
                    assert_final(&desk, stop, who);
                }
            }
        }
    }
}

#[test]
fn s6_a_stop_is_final_for_the_prospect_that_a_record_is_merged_into() {
    for stop in STOPS {
        // The stop is known before the merge, after it, or is imported; the other record is merged further.
        for (path, way) in ["before", "after", "imported"].into_iter().enumerate() {
            let desk = desk();
            let other =
                |name: &str| Prospect::new(name).unwrap().email(format!("{name}@example.net")).unwrap();
            block_on(desk.add(person("p", EMAIL, PHONE), added())).expect("added");
            block_on(desk.add(other("b"), added())).expect("added");
            block_on(desk.add(other("c"), added())).expect("added");
            let merged = |into: &str| EventKind::Merged { into: into.to_owned() };
            let on = Event::new(added() + TimeDelta::hours(1), merged("c")).with_key("on");
            block_on(desk.record("b", on)).expect("it is recorded");
            let merge = Event::new(said() + TimeDelta::hours(if path == 0 { 1 } else { -1 }), merged("b"))
                .with_key("m");
            let events = if path == 0 { [stop.event(), merge] } else { [merge, stop.event()] };
            for event in events {
                if way == "imported" {
                    let batch = [item("p", event)];
                    let taken = block_on(desk.import(&batch, later(1))).expect("it can be imported");
                    assert_eq!(
                        (taken.new, taken.repeated),
                        (1, 0),
                        "events that are passed on are not counted"
                    );
                    assert_eq!(block_on(desk.import(&batch, later(1))).unwrap().repeated, 1);
                } else {
                    let now = event.at();
                    block_on(desk.observe_at(&id("p"), event.clone(), now)).expect("it is recorded");
                    assert!(block_on(desk.observe_at(&id("p"), event, now)).expect("again").repeated);
                }
            }
            for who in ["b", "c"] {
                let names: Vec<_> = block_on(desk.history(&id(who)))
                    .unwrap()
                    .into_iter()
                    .map(|entry| entry.event.name())
                    .filter(|name| ["opted_out", "stopped"].contains(name))
                    .collect();
                assert_eq!(names.len(), 1, "{way}, {who}: {names:?}");
            }
            assert_final(&desk, stop, "c");
        }
    }
}

#[test]
fn s6_a_stop_ends_in_records_that_are_merged_in_a_circle() {
    for stop in STOPS {
        let desk = desk();
        for (who, into) in [("a", "b"), ("b", "c"), ("c", "a")] {
            block_on(desk.add(Prospect::new(who).unwrap(), added())).expect("added");
            let merged = EventKind::Merged { into: into.to_owned() };
            block_on(desk.record(who, Event::new(added(), merged).with_seq(1))).expect("it is recorded");
        }
        block_on(desk.record("a", stop.event())).expect("it is recorded");
        let again = stop.event().with_key("again");
        block_on(desk.import(&[item("b", again)], later(1))).expect("imported");
        for who in ["a", "b", "c"] {
            assert!(block_on(desk.history(&id(who))).unwrap().len() <= 5, "{stop:?}");
            assert!(matches!(
                block_on(desk.plan(&id(who), later(1))).unwrap().plan.decision,
                Decision::Rest { .. }
            ));
        }
    }
}

#[test]
fn s6_the_same_address_under_another_id_is_opted_out_whenever_it_is_added() {
    for stop in STOPS {
        for (email, phone) in [
            (EMAIL, PHONE),
            ("ADA@Example.ORG", "+49 30 123456"),
            (" ada@EXAMPLE.org", "0049-30-12-34-56"),
            (EMAIL, "+49 89 999"),
        ] {
            // The address is added or imported after the stop, before it, or together with it.
            let desk = told(stop);
            block_on(desk.import(&[imported("new", email, phone, later(1))], later(1))).expect("imported");
            if let Ok(prospect) = Prospect::new("by-hand").unwrap().email(email) {
                block_on(desk.add(prospect.phone(phone), later(1))).expect("added");
                assert_final(&desk, stop, "by-hand");
            }
            assert_final(&desk, stop, "new");

            let desk = self::desk();
            let first = imported("p", EMAIL, PHONE, added());
            let word = item("p", stop.event());
            let before = imported("new", email, phone, added());
            block_on(desk.import(std::slice::from_ref(&before), later(0))).expect("imported");
            block_on(desk.import(&[word.clone(), first.clone()], later(0))).expect("imported");
            assert_final(&desk, stop, "new");

            let desk = self::desk();
            block_on(desk.import(&[before, word, first], later(0))).expect("imported");
            assert_final(&desk, stop, "new");
        }
    }
}

#[test]
fn s6_a_stop_applies_from_its_instant_and_not_before() {
    for stop in STOPS {
        let desk = told(stop);
        block_on(desk.add(person("again", EMAIL, PHONE), added())).expect("added");
        // A view of the past does not have the stop yet, and earlier touches are not breaches.
        let earlier = said() - TimeDelta::hours(1);
        let view = block_on(desk.plan(&id("again"), earlier)).expect("the prospect exists");
        assert_eq!(view.plan.next().and_then(|next| next.channel), Some(Channel::EMAIL), "{stop:?}");
        let touched = |at| Event::touched(at, Channel::EMAIL);
        let found = |event| block_on(desk.observe_at(&id("again"), event, later(1))).expect("taken").findings;
        assert_eq!(found(touched(earlier)), [], "{stop:?}");
        assert_eq!(found(touched(later(0))).len(), 1, "{stop:?}: at the instant itself it holds");
        assert_final(&desk, stop, "again");
    }
}

#[test]
fn s6_a_stop_in_the_transaction_of_a_host_is_passed_on() {
    for stop in STOPS {
        let desk = desk();
        for who in ["p", "b"] {
            block_on(desk.add(Prospect::new(who).expect("an id"), added())).expect("added");
        }
        let merged = EventKind::Merged { into: "b".to_owned() };
        block_on(desk.record("p", Event::new(added(), merged).with_seq(1))).expect("it is recorded");
        let prepared = block_on(desk.prepare(&id("p"), stop.event(), said())).expect("it can be prepared");
        let whose: Vec<_> = prepared.changes().iter().map(|change| change.prospect.as_str()).collect();
        assert_eq!(whose, ["b", "p"], "the stop of the other record is written first");
        block_on(desk.store().append(prepared.changes().to_vec())).expect("it is written");
        assert_final(&desk, stop, "b");
    }
}

#[test]
fn s6_a_publication_reopens_nothing() {
    for stop in STOPS {
        for (version, moving) in (2_u32..).zip(Moving::ALL) {
            let mut desk = told(stop);
            block_on(desk.add(person("again", EMAIL, PHONE), later(0))).expect("added");
            let sooner = self::version(version, &[("P0D", "first"), ("P3D", "second")]);
            block_on(desk.publish(sooner, *moving, later(1))).expect("it is published");
            assert_final(&desk, stop, "p");
            assert_final(&desk, stop, "again");
        }
    }
}

#[test]
fn s6_erasing_keeps_a_suppression_and_makes_none() {
    for stop in STOPS {
        let desk = told(stop);
        block_on(desk.erase(&id("p"), later(0))).expect("erased");
        block_on(desk.add(person("new", EMAIL, PHONE), later(1))).expect("added");
        assert_final(&desk, stop, "new");
    }
    let desk = desk();
    block_on(desk.add(person("p", EMAIL, PHONE), added())).expect("added");
    block_on(desk.erase(&id("p"), said())).expect("erased");
    block_on(desk.add(person("new", EMAIL, PHONE), later(1))).expect("added");
    assert!(block_on(desk.plan(&id("new"), later(1))).unwrap().plan.next().is_some());
}

#[test]
fn s6_a_newer_request_is_answered_on_its_channel_and_then_the_pursuit_rests() {
    for stop in [Stop::OptedOut, Stop::Stopped] {
        let desk = told(stop);
        block_on(desk.add(person("new", EMAIL, PHONE), later(1))).expect("added");
        let asked =
            EventKind::Requested { request: Request::AskedInformation, channel: Some(Channel::EMAIL) };
        let receipt = block_on(desk.record("new", Event::new(later(2), asked))).expect("a request is taken");
        let next = receipt.plan.next().expect("it is answered");
        assert_eq!((next.purpose.as_str(), next.channel), ("inform", Some(Channel::EMAIL)), "{stop:?}");
        assert_eq!(receipt.plan.also().len(), 0);
        let by_phone = Event::information_sent(later(2), Channel::PHONE).with_seq(1);
        assert_eq!(refusal(block_on(desk.record("new", by_phone))), [Breach::OptedOut]);
        let answer = Event::information_sent(later(2), Channel::EMAIL).with_seq(2);
        let receipt = block_on(desk.record("new", answer)).expect("the answer may go out");
        assert!(matches!(receipt.plan.decision, Decision::Rest { why: Rest::OptedOut }), "{stop:?}");
    }
}

#[test]
fn s6_only_an_opt_in_or_a_return_after_a_stop_lifts_it() {
    let acts =
        |desk: &Desk, who: &str, now| block_on(desk.plan(&id(who), now)).unwrap().plan.next().is_some();
    for stop in STOPS {
        // An opt-in under the other id brings back the other id, and every later prospect with that address.
        let desk = told(stop);
        block_on(desk.add(person("new", EMAIL, PHONE), later(1))).expect("added");
        let noted =
            block_on(desk.record("new", Event::noted(later(1), "nothing changes").with_seq(1))).unwrap();
        assert_ne!(noted.plan.next().and_then(|next| next.channel), Some(Channel::EMAIL), "{stop:?}");
        let opted_in = Event::new(later(2), EventKind::OptedIn { channels: vec![] });
        let receipt = block_on(desk.record("new", opted_in)).expect("it is recorded");
        assert_eq!(receipt.plan.next().and_then(|next| next.channel), Some(Channel::EMAIL), "{stop:?}");
        block_on(desk.add(person("third", EMAIL, PHONE), later(3))).expect("added");
        let sender = Sender::default();
        block_on(desk.tick(later(4), &sender, TickLimits::default())).expect("it can be claimed");
        let sent = sender.0.lock().unwrap();
        assert!(sent.iter().any(|message| message.prospect == id("third")), "{stop:?}");
        let mailed = |message: &Message| message.prospect == id("p") && message.channel == Channel::EMAIL;
        assert!(!sent.iter().any(mailed), "{stop:?}: her own stop still applies");
    }
    // An opt-in from before the opt-out lifts nothing.
    let desk = told(Stop::OptedOut);
    block_on(desk.add(person("new", EMAIL, PHONE), added())).expect("added");
    let early = Event::new(said() - TimeDelta::hours(1), EventKind::OptedIn { channels: vec![] });
    block_on(desk.observe_at(&id("new"), early, later(1))).expect("it is recorded");
    assert_final(&desk, Stop::OptedOut, "new");
    // A prospect who comes back after a stop is pursued again under each id (S5); after an opt-out they only get an
    // answer.
    for (stop, welcome) in [(Stop::Stopped, true), (Stop::OptedOut, false)] {
        let desk = told(stop);
        block_on(desk.add(person("new", EMAIL, PHONE), later(1))).expect("added");
        block_on(desk.record("p", Event::inquired(later(2), Channel::PHONE))).expect("it is recorded");
        block_on(desk.record("p", Event::touched(later(2), Channel::PHONE).with_seq(1)))
            .expect("it is recorded");
        assert_eq!(
            (acts(&desk, "p", later(3)), acts(&desk, "new", later(3))),
            (welcome, welcome),
            "{stop:?}"
        );
    }
}

#[test]
fn s6_a_shared_number_closes_only_calls_and_texts() {
    let desk = desk();
    let number = "030 123";
    let only = |id: &str| Prospect::new(id).unwrap().phone(number);
    block_on(desk.add(only("p"), added())).expect("added");
    block_on(desk.record("p", Event::opted_out(said()))).expect("recorded");
    block_on(desk.add(only("same"), later(1))).expect("added");
    block_on(desk.add(person("colleague", "leo@example.org", number), later(1))).expect("added");
    assert_final(&desk, Stop::OptedOut, "same");
    let view = block_on(desk.plan(&id("colleague"), later(1))).unwrap();
    assert_eq!(view.plan.next().and_then(|next| next.channel), Some(Channel::EMAIL));
    let call = Event::touched(later(1), Channel::PHONE);
    let text = Event::touched(later(1), Channel::TEXT);
    for event in [call, text] {
        assert_eq!(refusal(block_on(desk.record("colleague", event))), [Breach::OptedOut]);
    }
}

#[test]
fn s6_an_opt_out_under_another_id_between_check_and_send_holds_the_message_back() {
    let store = MemoryStore::new();
    let calm = desk_over(store.clone());
    block_on(calm.add(Prospect::new("p").unwrap().email(EMAIL).unwrap(), added())).expect("added");
    let ours = Event::stopped(added()).with_seq(1).with_by(By::Us);
    block_on(calm.record("p", ours)).expect("the stop is ours, not hers");
    block_on(calm.add(Prospect::new("new").unwrap().email(EMAIL).unwrap(), added())).expect("added");
    let other = Mutex::new(Some(calm.clone()));
    let overtakes = move |method| {
        let other = (method == "append").then(|| other.lock().expect("nobody panics").take()).flatten();
        if let Some(other) = other {
            block_on(other.record("p", Event::opted_out(said()))).expect("it is recorded");
        }
        Ok(())
    };
    let desk = desk_over(Hooked::new(store, Box::new(overtakes), Box::new(|_| Ok(()))));
    let sender = Sender::default();
    let ticked = block_on(desk.tick(later(1), &sender, TickLimits::default())).expect("it can be claimed");
    assert_eq!(ticked.len(), 1, "{ticked:?}");
    assert_eq!(sender.0.lock().unwrap().len(), 0, "the opt-out was acknowledged first");
    assert_final(&calm, Stop::OptedOut, "new");
}
