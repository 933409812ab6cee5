//! Prospects that tests add.

use chrono::TimeDelta;
use followup::event::EventKind;
use followup::import::ImportItem;
use followup::memory::MemoryStore;
use followup::{Desk, Event, Playbook, Prospect, ProspectId, block_on};

use super::times::{days, start};

/// A prospect id.
pub fn id(id: &str) -> ProspectId {
    ProspectId::new(id).expect("an id")
}

/// Kim's Ada, `p-1`.
pub fn ada() -> Prospect {
    Prospect::new("p-1").expect("an id").email("ada@example.org").expect("an address").owner("kim")
}

/// A prospect with an email address of their own.
pub fn with_mailbox(id: &str) -> Prospect {
    Prospect::new(id).expect("an id").email(format!("{id}@example.org")).expect("an address")
}

/// An event to import.
pub fn item(who: &str, event: Event) -> ImportItem {
    ImportItem::new(who, event).expect("an id")
}

/// A store with a number of prospects, added a second apart: every other one is Kim's, the rest are Lee's.
pub fn many(count: usize) -> MemoryStore {
    let store = MemoryStore::new();
    let people = (0..count).map(|n| {
        let mut event = Event::added(start() + TimeDelta::seconds(n as i64)).with_key("crm");
        if let EventKind::Added { owner, .. } = event.kind_mut() {
            *owner = Some(if n % 2 == 0 { "kim" } else { "lee" }.to_owned());
        }
        item(&format!("p-{n:03}"), event)
    });
    let batch: Vec<_> = people.collect();
    block_on(Desk::new(store.clone(), Playbook::default()).import(&batch, days(1))).expect("imported");
    store
}
