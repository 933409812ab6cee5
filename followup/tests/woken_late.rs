//! Wake-ups in a history that is imported at once: they are dated to when they were due, as if recorded in time.

use chrono::{DateTime, Utc};
use followup::event::EventKind;
use followup::{Channel, Desk, Event};
use followup_test_support::desks::desk;
use followup_test_support::people::{id, item};
use followup_test_support::times::at;
use pollster::block_on;

fn import(desk: &Desk, events: &[Event], now: DateTime<Utc>) {
    let batch: Vec<_> = events.iter().map(|event| item("ada", event.clone())).collect();
    let imported = block_on(desk.import(&batch, now)).expect("it is imported");
    assert_eq!(imported.new, events.len() as u64);
}

/// The plan, and the journal without voided entries.
fn said(desk: &Desk, now: DateTime<Utc>) -> (String, Vec<String>) {
    let plan = block_on(desk.plan(&id("ada"), now)).expect("a plan").plan;
    let history = block_on(desk.history(&id("ada"))).expect("a history");
    let entries = history.iter().filter(|entry| !entry.voided);
    let line = |event: &Event| format!("{} {}", event.at().format("%m-%d %H:%M"), event.name());
    (plan.to_string(), entries.map(|entry| line(&entry.event)).collect())
}

/// Compares the same history in three books: imported at once and not woken, imported at once and woken, and imported in
/// two parts with a wake-up in between.
fn in_three_ways(events: &[Event], looked: &str, now: &str) -> Vec<String> {
    let now = at(now);
    let (asleep, awake, looked_after) = (desk(), desk(), desk());
    import(&asleep, events, now);
    import(&awake, events, now);
    block_on(awake.wake(now)).expect("it wakes");
    let (newest, before) = events.split_last().expect("there are events");
    import(&looked_after, before, at(looked));
    block_on(looked_after.wake(at(looked))).expect("it wakes");
    import(&looked_after, std::slice::from_ref(newest), now);
    block_on(looked_after.wake(now)).expect("it wakes");
    let ((plan, _), (woken, record)) = (said(&asleep, now), said(&awake, now));
    assert_eq!(plan, woken, "recorded or not");
    assert_eq!((woken, record.clone()), said(&looked_after, now), "as if recorded in time");
    record
}

fn noted(text: &str) -> Event {
    Event::new(at(text), EventKind::Noted { text: "x".to_owned() })
}

#[test]
fn a_pause_ends_on_its_date_despite_later_events() {
    let paused = EventKind::Paused { until: Some(at("2026-04-01T09:00:00Z")), why: None };
    let events = [
        Event::added(at("2026-03-20T09:00:00Z")),
        Event::touched(at("2026-03-21T09:00:00Z"), Channel::PHONE),
        Event::new(at("2026-03-22T09:00:00Z"), paused),
        noted("2026-05-01T09:00:00Z"),
    ];
    let record = in_three_ways(&events, "2026-04-02T00:00:00Z", "2026-05-02T00:00:00Z");
    assert_eq!(record[3..], ["04-01 09:00 resumed", "05-01 09:00 noted"]);
}

#[test]
fn p8_a_prospect_goes_stale_on_time_despite_later_events() {
    let events =
        [Event::proposal_sent(at("2026-01-05T09:00:00Z"), None, None), noted("2026-06-01T09:00:00Z")];
    let record = in_three_ways(&events, "2026-05-01T00:00:00Z", "2026-07-01T00:00:00Z");
    assert_eq!(record[1..], ["02-06 17:00 went_stale", "06-01 09:00 noted"]);
}

#[test]
fn a_send_becomes_unknown_after_15_minutes_despite_later_events() {
    let intended =
        EventKind::SendIntended { action: "a/1".to_owned(), channel: None, purpose: None, reason: None };
    let events = [
        Event::added(at("2026-02-01T09:00:00Z")),
        Event::new(at("2026-02-02T09:21:00Z"), intended),
        Event::replied(at("2026-03-16T15:50:00Z"), None),
    ];
    let record = in_three_ways(&events, "2026-02-03T00:00:00Z", "2026-03-17T00:00:00Z");
    assert_eq!(record[2..], ["02-02 09:36 send_unknown", "03-16 15:50 replied"]);
}

#[test]
fn a_wake_up_that_a_later_event_undid_is_not_recorded() {
    // They would have gone stale in February, but the touch in June shows that they were still pursued.
    let touched = Event::touched(at("2026-06-01T09:00:00Z"), Channel::PHONE);
    let events = [Event::proposal_sent(at("2026-01-05T09:00:00Z"), None, None), touched];
    let desk = desk();
    import(&desk, &events, at("2026-06-02T00:00:00Z"));
    assert_eq!(block_on(desk.wake(at("2026-06-02T00:00:00Z"))).expect("it wakes"), 0);
}
