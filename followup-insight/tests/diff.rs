//! The counts of a diff, for plans that can be compared by hand.

use chrono::{DateTime, TimeDelta, Utc};
use followup::{Channel, Desk, Event, Outcome, Playbook};
use followup_insight::Insight;
use followup_store_memory::MemoryStore;
use followup_test_support::desks::{desk, observe};
use followup_test_support::people::with_mailbox;
use followup_test_support::times::{days, hours, start};
use pollster::block_on;

#[test]
fn a_diff_lists_who_would_start_and_who_would_stop() {
    let desk = desk();
    for (name, outcome) in [("later", Outcome::Later), ("won", Outcome::Won), ("lost", Outcome::Lost)] {
        block_on(desk.add(with_mailbox(name), start())).expect("added");
        observe(&desk, name, Event::decided(days(1), outcome));
    }
    let other = Playbook::parse("off = [\"P9\"]\n[keep_in_touch]\nwon = true").expect("a playbook");
    let diff = block_on(Insight::new(&desk).diff(&other, days(2), 9)).expect("compared");
    assert_eq!((diff.prospects, diff.same, diff.changed), (3, 1, 2));
    assert_eq!((diff.starts, diff.stops, diff.earlier, diff.later), (1, 1, 0, 0));
    let changed: Vec<_> = diff.changes.iter().map(|change| change.prospect.as_str()).collect();
    assert_eq!(changed, ["later", "won"]);
}

type Happens = fn(DateTime<Utc>) -> Event;

#[test]
fn a_diff_counts_each_way_in_which_a_plan_changes() {
    let desk = desk();
    for id in ["p-hot", "p-hotter", "p-second", "p-first", "p-won", "p-same"] {
        observe(&desk, id, Event::added(start()));
    }
    let happened: [(&str, i64, Happens); 7] = [
        ("p-hot", 1, |at| Event::inquired(at, None)),
        ("p-hot", 2, |at| Event::touched(at, Channel::EMAIL)),
        ("p-hotter", 1, |at| Event::inquired(at, None)),
        ("p-hotter", 2, |at| Event::touched(at, Channel::EMAIL)),
        ("p-second", 1, |at| Event::touched(at, Channel::PHONE)),
        ("p-won", 1, |at| Event::decided(at, Outcome::Won)),
        ("p-same", 1, |at| Event::asked_information(at, Channel::EMAIL)),
    ];
    for (id, minutes, event) in happened {
        observe(&desk, id, event(start() + TimeDelta::minutes(minutes)));
    }
    let toml = "version = 2\nchannels = [\"email\", \"phone\"]\n[cadence.hot]\nfrom = \"P9D\"\nto = \"P9D\"\n\
                [cadence.second]\nfrom = \"P5D\"\nto = \"P5D\"\n[keep_in_touch]\nwon = true";
    let new = Playbook::parse(toml).expect("a playbook without mistakes");
    let diff = block_on(Insight::new(&desk).diff(&new, hours(1), 10)).expect("the store answers");
    assert_eq!((diff.prospects, diff.same, diff.changed), (6, 1, 5));
    assert_eq!((diff.earlier, diff.later, diff.starts, diff.stops), (1, 2, 1, 0));
    assert_eq!((diff.purpose, diff.channel), (0, 1));
    // From Thursday the 12th to Monday the 9th, and from Monday the 9th to Wednesday the 11th.
    assert_eq!((diff.shift_days.n, diff.shift_days.min, diff.shift_days.max), (3, -3.0, 2.0));
    let who: Vec<_> = diff.changes.iter().map(|change| change.prospect.as_str()).collect();
    assert_eq!(who, ["p-first", "p-hot", "p-hotter", "p-second", "p-won"]);
    // The same comparison in the other direction.
    let back = Desk::new(MemoryStore::new(), new);
    observe(&back, "p-won", Event::added(start()));
    observe(&back, "p-won", Event::decided(start() + TimeDelta::minutes(1), Outcome::Won));
    let diff =
        block_on(Insight::new(&back).diff(Playbook::default(), days(1), 10)).expect("the store answers");
    assert_eq!((diff.changed, diff.starts, diff.stops, diff.later), (1, 0, 1, 0));
}
