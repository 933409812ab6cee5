//! A stop still holds for the address after the file is reopened, and so does a publication.

use chrono::{DateTime, TimeDelta, Utc};
use followup::event::EventKind;
use followup::plan::Decision;
use followup::publish::Moving;
use followup::{Channel, Desk, Event, Playbook, Prospect};
use followup_store_sqlite::SqliteStore;
use pollster::block_on;

fn said() -> DateTime<Utc> {
    "2026-03-02T14:00:00Z".parse().expect("an instant")
}

fn later(days: i64) -> DateTime<Utc> {
    said() + TimeDelta::days(days)
}

fn desk(path: &std::path::Path) -> Desk {
    let store = SqliteStore::open(path).expect("the store opens");
    block_on(Desk::builder(store).secret([3; 32]).open()).expect("the store opens")
}

fn person(id: &str, email: &str) -> Prospect {
    Prospect::new(id).expect("an id").email(email).expect("an address")
}

fn channel(desk: &Desk, who: &str, days: i64) -> Option<Channel> {
    let view = block_on(desk.plan(who, later(days))).expect("the prospect exists");
    match view.plan.decision {
        Decision::Act { next, .. } => next.channel,
        _ => None,
    }
}

#[test]
fn s6_an_address_stays_opted_out_in_another_process_under_another_id_and_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book.db");
    for (n, kind) in [
        EventKind::OptedOut { channels: vec![] },
        EventKind::OptedOut { channels: vec![Channel::EMAIL] },
        EventKind::Stopped { why: None },
    ]
    .into_iter()
    .enumerate()
    {
        let (p, again, third) = (format!("p-{n}"), format!("again-{n}"), format!("third-{n}"));
        let address = format!("ada-{n}@example.org");
        {
            let desk = desk(&path);
            block_on(desk.add(person(&p, &address), said() - TimeDelta::hours(1))).expect("added");
            block_on(desk.record(p.as_str(), Event::new(said(), kind))).expect("recorded");
        }
        block_on(desk(&path).add(person(&again, &address.to_uppercase()), later(1))).expect("added");
        assert_eq!(channel(&desk(&path), &again, 2), None);
        let mut publishing = desk(&path);
        let next = Playbook::parse(&format!("version = {}\n", n + 2)).expect("a playbook");
        block_on(publishing.publish(next, Moving::Move, later(2))).expect("published");
        assert_eq!(desk(&path).policy().settings().version as usize, n + 2);
        assert_eq!(channel(&desk(&path), &again, 900), None, "years later too");
        let opted_in = Event::new(later(3), EventKind::OptedIn { channels: vec![] });
        block_on(desk(&path).record_at(again.as_str(), opted_in, later(3))).expect("recorded");
        block_on(desk(&path).add(person(&third, &address), later(3))).expect("added");
        assert_eq!(channel(&desk(&path), &third, 3), Some(Channel::EMAIL), "the stop is lifted");
        assert_ne!(channel(&desk(&path), &p, 3), Some(Channel::EMAIL), "their own stop still holds");
    }
}
