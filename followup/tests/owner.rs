//! Which prospects does an owner's absence reach?

use chrono::{DateTime, Utc};
use followup::event::EventKind;
use followup::plan::Decision;
use followup::{Desk, Event, Prospect};
use followup_test_support::desks::desk;
use followup_test_support::people::item;
use followup_test_support::times::at;
use pollster::block_on;

fn added() -> DateTime<Utc> {
    at("2026-03-02T10:00:00Z")
}

fn add(desk: &Desk, id: &str, owner: &str) {
    block_on(desk.add(Prospect::new(id).expect("an id").owner(owner), added())).expect("it is added");
}

/// The day on which the next action opens.
fn opens(desk: &Desk, prospect: &str) -> String {
    let view = block_on(desk.plan(prospect, at("2026-03-03T12:00:00Z"))).expect("the prospect exists");
    let Decision::Act { next, .. } = view.plan.decision else { panic!("something is next") };
    next.window.earliest.format("%F").to_string()
}

fn away(desk: &Desk) -> usize {
    let (from, until) = (at("2026-03-02T00:00:00Z"), at("2026-03-13T12:00:00Z"));
    block_on(desk.owner_away("mia", from, until, at("2026-03-03T09:00:00Z"))).expect("it is recorded")
}

#[test]
fn c14_an_absence_reaches_each_prospect_of_the_owner_once() {
    let desk = desk();
    for n in 0..1_200 {
        add(&desk, &format!("p-{n}"), if n % 2 == 0 { "mia" } else { "leo" });
    }
    assert_eq!(away(&desk), 600);
    assert_eq!(
        (opens(&desk, "p-0"), opens(&desk, "p-1")),
        ("2026-03-16".to_owned(), "2026-03-02".to_owned())
    );
    assert_eq!(away(&desk), 0, "repeating it changes nothing");
}

#[test]
fn c14_an_absence_reaches_prospects_that_are_assigned_during_it() {
    let desk = desk();
    add(&desk, "before", "leo");
    away(&desk);
    let assigned = |at| Event::new(at, EventKind::Assigned { owner: "mia".to_owned() });
    block_on(desk.record_at("before", assigned(at("2026-03-03T10:00:00Z")), at("2026-03-03T10:00:00Z")))
        .unwrap();
    add(&desk, "added", "mia");
    block_on(desk.import(&[item("imported", assigned(added()))], at("2026-03-03T11:00:00Z"))).unwrap();
    for prospect in ["before", "added", "imported"] {
        assert_eq!(opens(&desk, prospect), "2026-03-16", "{prospect}");
    }
    // After its end it reaches nobody, and a prospect who is assigned to another owner leaves it behind.
    let late = assigned(at("2026-03-20T10:00:00Z"));
    let receipt = block_on(desk.observe_at("late", late, at("2026-03-20T10:00:00Z"))).unwrap();
    assert_eq!(receipt.revision.0, 1);
    let at_its_end = assigned(at("2026-03-13T12:00:00Z"));
    let receipt = block_on(desk.observe_at("at its end", at_its_end, at("2026-03-13T12:00:00Z"))).unwrap();
    assert_eq!(receipt.revision.0, 1);
    let back = Event::new(at("2026-03-03T11:30:00Z"), EventKind::Assigned { owner: "leo".to_owned() });
    block_on(desk.record_at("before", back, at("2026-03-03T11:30:00Z"))).unwrap();
    assert_ne!(opens(&desk, "before"), "2026-03-16");
}

#[test]
fn c14_each_assignment_brings_the_absence() {
    let desk = desk();
    away(&desk);
    add(&desk, "p", "mia");
    let assigned = |owner: &str, at| Event::new(at, EventKind::Assigned { owner: owner.to_owned() });
    for (owner, instant) in [("leo", "2026-03-03T10:00:00Z"), ("mia", "2026-03-03T11:00:00Z")] {
        block_on(desk.record_at("p", assigned(owner, at(instant)), at(instant))).unwrap();
    }
    assert_eq!(opens(&desk, "p"), "2026-03-16");
    let names: Vec<_> = block_on(desk.history("p")).unwrap().iter().map(|entry| entry.event.name()).collect();
    assert_eq!(names, ["added", "away", "assigned", "assigned", "away"]);
}
