//! Is anything lost or sent twice if calls of the store fail or have an unknown outcome?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use followup::send::{Delivery, Dispatcher, Message, TickLimits};
use followup::store::StoreErrorKind;
use followup::{Desk, Event, Playbook, Prospect, ProspectId, Store, StoreError};
use followup_store_memory::MemoryStore;
use followup_store_testkit::Hooked;
use followup_test_support::playbooks::mailing;
use pollster::block_on;
use proptest::prelude::*;

/// The fault of one call.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Fault {
    None,
    /// The call is done, but its outcome is reported as unknown.
    UnknownWritten,
    /// The call is not done, and its outcome is reported as unknown.
    UnknownLost,
    /// The call is not done, and the store is reported as unavailable.
    Unavailable,
}

/// A store with a fault for each append, claim or renewal, the last one first, and none after that.
fn flaky(store: MemoryStore, faults: Vec<Fault>) -> Hooked<MemoryStore> {
    let faults = Mutex::new(faults);
    let current = Arc::new(Mutex::new(Fault::None));
    let (set, get) = (Arc::clone(&current), current);
    let error = |kind| Err(StoreError::new(kind, "a planted fault"));
    let before = move |method: &'static str| {
        if !matches!(method, "append" | "claim" | "renew") {
            return Ok(());
        }
        let fault = faults.lock().expect("nobody panics under the lock").pop().unwrap_or(Fault::None);
        *set.lock().expect("nobody panics under the lock") = fault;
        match fault {
            Fault::None | Fault::UnknownWritten => Ok(()),
            Fault::UnknownLost => error(StoreErrorKind::Unknown),
            Fault::Unavailable => error(StoreErrorKind::Unavailable),
        }
    };
    let after = move |method: &'static str| {
        let fault = *get.lock().expect("nobody panics under the lock");
        match fault {
            Fault::UnknownWritten if matches!(method, "append" | "claim" | "renew") => {
                error(StoreErrorKind::Unknown)
            }
            _ => Ok(()),
        }
    };
    Hooked::new(store, Box::new(before), Box::new(after))
}

#[derive(Default)]
struct Counting(Mutex<BTreeMap<String, usize>>);

#[async_trait]
impl Dispatcher for Counting {
    async fn send(&self, message: &Message) -> Delivery {
        let mut sent = self.0.lock().expect("nobody panics under the lock");
        *sent.entry(message.action().to_string()).or_default() += 1;
        Delivery::Sent { message_id: None }
    }
}

fn now() -> DateTime<Utc> {
    "2026-03-03T12:00:00Z".parse().expect("an instant")
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::None),
        2 => Just(Fault::UnknownWritten),
        1 => Just(Fault::UnknownLost),
        1 => Just(Fault::Unavailable),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_sent_twice_and_nothing_is_forgotten(faults in prop::collection::vec(fault(), 0..24)) {
        let store = MemoryStore::new();
        let playbook = mailing("off = [\"C16\"]", &[("P0D", "first")]);
        let playbook = || Playbook::parse(&playbook).expect("a playbook");
        let calm = Desk::new(store.clone(), playbook());
        for n in 0..3 {
            let prospect = Prospect::new(format!("p-{n}")).unwrap().email("ada@example.org").unwrap();
            block_on(calm.add(prospect, now() - TimeDelta::days(1))).unwrap();
        }
        let desk = Desk::new(flaky(store, faults), playbook());
        let sender = Counting::default();
        for minutes in 0..120 {
            // A failed claim is retried; a send without a recorded outcome is left to a person.
            let _ = block_on(desk.tick(now() + TimeDelta::minutes(minutes), &sender, TickLimits::default()));
            let _ = block_on(desk.wake(now() + TimeDelta::minutes(minutes)));
        }
        let sent = sender.0.into_inner().unwrap();
        prop_assert!(sent.values().all(|times| *times == 1), "{:?}", sent);
        for n in 0..3 {
            let id = ProspectId::new(format!("p-{n}")).unwrap();
            let mine = sent.keys().filter(|action| action.starts_with(&format!("{id}/"))).count();
            prop_assert!(mine <= 1, "{:?}", sent);
            let names: Vec<_> =
                block_on(calm.history(&id)).unwrap().iter().map(|entry| entry.event.name()).collect();
            let ended = names.iter().any(|name| *name == "sent" || *name == "send_unknown");
            prop_assert!(ended, "{id} is forgotten: {names:?}");
            prop_assert!(!names.contains(&"sent") || mine == 1, "{id}: {names:?}, but {sent:?}");
        }
    }

    #[test]
    fn a_recorded_event_is_stored_once(faults in prop::collection::vec(fault(), 0..6)) {
        let store = MemoryStore::new();
        let desk = Desk::new(flaky(store.clone(), faults), Playbook::default());
        let id = ProspectId::new("p").unwrap();
        let event = || Event::replied(now(), None).with_key("reply");
        let mut tries = 0;
        // After an error, the caller records the same event with the same key again.
        while let Err(error) = block_on(desk.observe_at(&id, event(), now())) {
            prop_assert!(error.is_unknown() || error.to_string().contains("planted"), "{error}");
            tries += 1;
            prop_assert!(tries < 10);
        }
        prop_assert_eq!(block_on(store.history(&id)).unwrap().len(), 1);
    }
}
