//! Which actions the agenda lists, in which order, and how a line prints.

use chrono::{DateTime, TimeDelta, Utc};
use followup::agenda::{Agenda, AgendaItem};
use followup::event::EventKind;
use followup::{Channel, Desk, Event, Outcome, Playbook};
use followup_store_memory::MemoryStore;
use followup_test_support::desks::{desk, observe};
use followup_test_support::people::{ada, id, many, with_mailbox};
use followup_test_support::times::{days, hours, start};
use pollster::block_on;

fn foremost(desk: &Desk, now: DateTime<Utc>, limit: usize) -> Vec<AgendaItem> {
    block_on(desk.agenda(now).limit(limit).into_future()).expect("an agenda")
}

#[test]
fn obligations_other_than_the_next_action_are_marked() {
    let desk = desk();
    observe(&desk, "p", Event::asked_information(start(), Channel::EMAIL));
    observe(
        &desk,
        "p",
        Event::new(start(), EventKind::InputRequested { input: "plan".to_owned(), deadline: None })
            .with_seq(1),
    );
    let also: Vec<_> =
        foremost(&desk, days(1), 9).iter().map(|line| (line.action.kind.row(), line.also)).collect();
    assert_eq!(also, [(4, false), (9, true)]);
}

/// A due first contact counts for its batch even if the limit cuts it off (C3).
#[test]
fn c3_a_limit_does_not_change_the_size_of_a_batch() {
    for (people, channel) in [(5, Channel::PHONE), (6, Channel::EMAIL)] {
        let desk = desk();
        (0..people).for_each(|n| observe(&desk, &format!("p-{n}"), Event::added(start()).with_key("crm")));
        let lines = foremost(&desk, days(1), people - 1);
        assert_eq!(lines.len(), people - 1);
        assert!(lines.iter().all(|line| line.batch_channel == Some(channel)), "{lines:?}");
    }
}

#[test]
fn a_prospect_whose_plan_time_has_changed_takes_nobodys_place() {
    let desk = desk();
    // Informed and then forgotten: they went stale yesterday, and their next touch is two weeks away.
    for id in ["a", "b"] {
        observe(&desk, id, Event::added(start()).with_key("crm"));
        observe(&desk, id, Event::information_sent(hours(1), Channel::EMAIL));
    }
    let view = block_on(desk.plan("a", days(2))).expect("a view");
    let stale = view.plan.wake.expect("they go stale").at();
    let now = stale + TimeDelta::days(1);
    observe(&desk, "c", Event::inquired(now - TimeDelta::hours(1), Channel::EMAIL));
    let who: Vec<_> = foremost(&desk, now, 1).iter().map(|line| line.prospect.to_string()).collect();
    assert_eq!(who, ["c"]);
}

#[test]
fn an_agenda_of_the_past_shows_who_was_next_then() {
    let desk = desk();
    observe(&desk, "p", Event::added(start()).with_key("crm"));
    observe(&desk, "p", Event::decided(days(9), Outcome::Won));
    let who = |now| foremost(&desk, now, 9).iter().map(|line| line.prospect.to_string()).collect::<Vec<_>>();
    assert_eq!((who(days(1)), who(days(9))), (vec!["p".to_owned()], Vec::new()));
}

#[test]
fn a_line_of_the_agenda_says_who_what_how_and_until_when() {
    let desk = desk();
    block_on(desk.add(ada().name("Ada"), start())).expect("added");
    observe(&desk, "p-1", Event::asked_information(days(1), Channel::EMAIL));
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

#[test]
fn an_agenda_longer_than_a_page_is_complete_under_another_playbook() {
    let store = many(300);
    let other = Playbook::parse("[rank]\nwarm_days = 2\nhot_days = 5").expect("a playbook");
    let names = |desk: &Desk, limit: usize, owner: Option<&str>| {
        let agenda = desk.agenda(days(1)).limit(limit);
        let agenda = owner.into_iter().fold(agenda, Agenda::owner);
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
fn an_agenda_is_replanned_if_one_of_several_playbooks_has_changed() {
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
    block_on(before.add(with_mailbox("p-2").playbook("named"), start())).expect("added");
    observe(&before, "p-2", Event::information_sent(days(1), Channel::EMAIL));
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
