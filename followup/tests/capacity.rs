//! Does an agenda with a capacity move actions to later days in rank order (C3, E3, E4)?

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use followup::agenda::AgendaItem;
use followup::{Channel, Desk, Event, Prospect, ProspectId};
use followup_test_support::desks::desk;
use followup_test_support::times::at;
use pollster::block_on;
use proptest::prelude::*;

/// The head start of an owed action for a hot prospect of large value.
const LONGEST_HEAD_START_DAYS: i64 = 14 + 3 + 3;

fn monday() -> DateTime<Utc> {
    at("2026-03-02T08:00:00Z")
}

fn add(desk: &Desk, number: usize, owner: &str, at: DateTime<Utc>) -> ProspectId {
    let prospect = Prospect::new(format!("p-{number:03}")).expect("an id").owner(owner);
    let id = prospect.id().clone();
    block_on(desk.add(prospect, at)).expect("they are new");
    id
}

fn agenda(desk: &Desk, per_day: usize, now: DateTime<Utc>) -> Vec<AgendaItem> {
    block_on(desk.agenda(now).within_days(60).per_day(per_day).into_future()).expect("the store answers")
}

fn day(line: &AgendaItem) -> NaiveDate {
    line.planned_on.expect("a day was asked for")
}

#[test]
fn e4_actions_beyond_the_capacity_move_to_the_next_open_day_in_rank_order() {
    let desk = desk();
    for number in 0..12 {
        add(&desk, number, "ann", monday());
    }
    let days: Vec<String> = agenda(&desk, 5, monday()).iter().map(|line| day(line).to_string()).collect();
    let expected = [["2026-03-02"; 5], ["2026-03-03"; 5], ["2026-03-04"; 5]].concat();
    assert_eq!(days, expected[..12]);
    // Friday's overflow moves to Monday; each owner has a separate capacity.
    let friday = monday() + TimeDelta::days(4);
    add(&desk, 99, "bob", monday());
    let lines = agenda(&desk, 11, friday);
    let of = |owner: &str| -> Vec<String> {
        let own = lines.iter().filter(|line| line.owner.as_deref() == Some(owner));
        own.map(|line| day(line).to_string()).collect()
    };
    assert_eq!(of("ann").last().map(String::as_str), Some("2026-03-09"));
    assert_eq!(of("bob"), ["2026-03-06"]);
}

#[test]
fn e4_an_appointment_keeps_its_day_and_takes_room_there() {
    let desk = desk();
    let id = add(&desk, 0, "ann", monday());
    let starts_at = monday() + TimeDelta::hours(30);
    block_on(desk.observe(id, Event::appointment_set(monday(), starts_at, 60))).expect("it is taken");
    for number in 1..4 {
        add(&desk, number, "ann", monday());
    }
    let lines = agenda(&desk, 1, monday());
    let held = lines.iter().find(|line| line.action.purpose.as_str() == "hold").expect("it is set");
    assert_eq!(day(held).to_string(), "2026-03-03");
    let others = lines
        .iter()
        .filter(|line| line.action.purpose.as_str() == "inform")
        .map(|line| day(line).to_string());
    assert!(others.clone().all(|day| day != "2026-03-03"), "{:?}", others.collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn e4_no_day_exceeds_its_capacity_and_nobody_waits_behind_later_ranks(
        people in prop::collection::vec((0..2_usize, 0..9_i64), 1..40),
        per_day in 1..6_usize,
    ) {
        let desk = desk();
        let now = monday() + TimeDelta::days(9);
        for (number, (owner, days)) in people.iter().enumerate() {
            add(&desk, number, ["ann", "bob"][*owner], monday() + TimeDelta::days(*days));
        }
        let lines = agenda(&desk, per_day, now);
        let mut taken: BTreeMap<(Option<String>, NaiveDate), usize> = BTreeMap::new();
        let mut places: BTreeMap<Option<String>, usize> = BTreeMap::new();
        for line in &lines {
            *taken.entry((line.owner.clone(), day(line))).or_default() += 1;
            // All of them are open: the line at place n is planned on the n ÷ capacity-th open day from today.
            let place = places.entry(line.owner.clone()).or_default();
            let open_days = (0..).map(|n| now.date_naive() + TimeDelta::days(n));
            let mut open_days = open_days.filter(|day| !["Sat", "Sun"].contains(&day.format("%a").to_string().as_str()));
            prop_assert_eq!(Some(day(line)), open_days.nth(*place / per_day));
            *place += 1;
        }
        prop_assert!(taken.values().all(|lines| *lines <= per_day));
    }

    /// The bound: the delay never exceeds the time to touch everybody once plus the longest head start.
    #[test]
    fn e4_nobody_starves_however_little_a_day_can_hold(
        waiting in 1..12_usize, each_day in 0..3_usize, per_day in 1..4_usize,
    ) {
        let desk = desk();
        let mut people = 0;
        let mut most_days_late = 0;
        for days in 0..60 {
            let now = monday() + TimeDelta::days(days);
            let coming = if days == 0 { waiting } else if days < 8 { each_day } else { 0 };
            for _ in 0..coming {
                add(&desk, people, "ann", now);
                people += 1;
            }
            for line in agenda(&desk, per_day, now) {
                most_days_late = most_days_late.max((now - line.action.window.latest).num_days());
                if day(&line) == now.date_naive() {
                    block_on(desk.observe(line.prospect, Event::touched(now, Channel::PHONE))).expect("a touch");
                }
            }
        }
        // Five days of seven are open.
        let once_each = people.div_ceil(per_day) as i64 * 7 / 5 + 3;
        let bound = once_each + LONGEST_HEAD_START_DAYS;
        prop_assert!(most_days_late <= bound, "{} > {}", most_days_late, bound);
    }

    #[test]
    fn c3_first_contacts_are_phoned_if_and_only_if_few_are_due_that_owner_that_day(
        ann in 0..12_usize, bob in 0..12_usize,
    ) {
        let desk = desk();
        for number in 0..ann + bob {
            add(&desk, number, if number < ann { "ann" } else { "bob" }, monday());
        }
        for line in agenda(&desk, 100, monday()) {
            let few = if line.owner.as_deref() == Some("ann") { ann <= 5 } else { bob <= 5 };
            prop_assert_eq!(line.batch_channel, Some(if few { Channel::PHONE } else { Channel::EMAIL }));
        }
    }

    #[test]
    fn e3_the_agenda_stands_in_rank_order_and_a_limit_takes_its_beginning(
        people in prop::collection::vec(0..20_i64, 1..30), limit in 0..20_usize,
    ) {
        let desk = desk();
        for (number, days) in people.iter().enumerate() {
            add(&desk, number, "ann", monday() + TimeDelta::days(*days));
        }
        let now = monday() + TimeDelta::days(20);
        let all = block_on(desk.agenda(now).into_future()).expect("the store answers");
        prop_assert!(all.is_sorted_by_key(|line| (line.action.rank_at, line.prospect.clone())));
        prop_assert_eq!(all.len(), people.len());
        let some = block_on(desk.agenda(now).limit(limit).into_future()).expect("the store answers");
        let ids = |lines: &[AgendaItem]| lines.iter().map(|line| line.prospect.clone()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&some), ids(&all[..limit.min(all.len())]));
    }
}
