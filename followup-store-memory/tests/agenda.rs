//! Who stands on the agenda, and beside whom.

use chrono::{DateTime, TimeDelta, Utc};
use followup_core::{AgendaItem, Channel, Desk, Event, EventKind, Outcome, Playbook};
use followup_store_memory::MemoryStore;
use pollster::block_on;

/// A Monday, in working hours.
fn start() -> DateTime<Utc> {
    "2026-03-02T10:00:00Z".parse().expect("an instant")
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

fn foremost(desk: &Desk, now: DateTime<Utc>, limit: usize) -> Vec<AgendaItem> {
    block_on(desk.agenda(now).limit(limit).into_future()).expect("an agenda")
}

#[test]
fn what_is_owed_beside_the_next_action_is_marked_so() {
    let desk = desk();
    observe(&desk, "p", Event::asked_information(start()).via(Channel::EMAIL));
    observe(
        &desk,
        "p",
        Event::new(start(), EventKind::InputRequested { input: "plan".to_owned(), deadline: None }).seq(1),
    );
    let also: Vec<_> =
        foremost(&desk, days(1), 9).iter().map(|line| (line.action.kind.row(), line.also)).collect();
    assert_eq!(also, [(4, false), (9, true)]);
}

/// A first contact that is due counts for its batch also where it is not among the lines that are wanted (C3).
#[test]
fn c3_a_batch_is_no_smaller_for_those_who_look_at_its_head() {
    for (people, channel) in [(5, Channel::PHONE), (6, Channel::EMAIL)] {
        let desk = desk();
        (0..people).for_each(|n| observe(&desk, &format!("p-{n}"), Event::added(start()).key("crm")));
        let lines = foremost(&desk, days(1), people - 1);
        assert_eq!(lines.len(), people - 1);
        assert!(lines.iter().all(|line| line.batch_channel == Some(channel)), "{lines:?}");
    }
}

#[test]
fn whom_time_has_changed_takes_nobodys_place() {
    let desk = desk();
    // Informed and then forgotten: they went stale yesterday, and are to be touched again in two weeks.
    for id in ["a", "b"] {
        observe(&desk, id, Event::added(start()).key("crm"));
        observe(&desk, id, Event::information_sent(start() + TimeDelta::hours(1)).via(Channel::EMAIL));
    }
    let view = block_on(desk.plan(&"a".parse().expect("an id"), days(2))).expect("a view");
    let stale = view.plan.wake.expect("they go stale").at();
    let now = stale + TimeDelta::days(1);
    observe(&desk, "c", Event::inquired(now - TimeDelta::hours(1)).via(Channel::EMAIL));
    let who: Vec<_> = foremost(&desk, now, 1).iter().map(|line| line.prospect.to_string()).collect();
    assert_eq!(who, ["c"]);
}

#[test]
fn an_agenda_of_the_past_shows_who_was_next_then() {
    let desk = desk();
    observe(&desk, "p", Event::added(start()).key("crm"));
    observe(&desk, "p", Event::decided(days(9), Outcome::Won));
    let who = |now| foremost(&desk, now, 9).iter().map(|line| line.prospect.to_string()).collect::<Vec<_>>();
    assert_eq!((who(days(1)), who(days(9))), (vec!["p".to_owned()], Vec::new()));
}
