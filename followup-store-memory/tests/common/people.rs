//! Whom the tests take in.

use chrono::TimeDelta;
use followup_core::{Desk, Event, EventKind, ImportItem, Playbook, Prospect, ProspectId};
use followup_store_memory::MemoryStore;
use pollster::block_on;

use super::times::{days, start};

pub(crate) fn id(id: &str) -> ProspectId {
    ProspectId::new(id).expect("an id")
}

/// Kim's Ada, `p-1`.
pub(crate) fn ada() -> Prospect {
    Prospect::new("p-1").expect("an id").email("ada@example.org").expect("an address").owner("kim")
}

/// Somebody with an address of their own.
pub(crate) fn with_mailbox(id: &str) -> Prospect {
    Prospect::new(id).expect("an id").email(format!("{id}@example.org")).expect("an address")
}

pub(crate) fn item(who: &str, event: Event) -> ImportItem {
    ImportItem { prospect: id(who), event }
}

/// A store with so many people, a second apart, of whom every other is Kim's and the rest are Lee's.
pub(crate) fn many(count: usize) -> MemoryStore {
    let store = MemoryStore::new();
    let people = (0..count).map(|n| {
        let mut event = Event::added(start() + TimeDelta::seconds(n as i64)).key("crm");
        if let EventKind::Added { owner, .. } = &mut event.kind {
            *owner = Some(if n % 2 == 0 { "kim" } else { "lee" }.to_owned());
        }
        item(&format!("p-{n:03}"), event)
    });
    let batch: Vec<_> = people.collect();
    block_on(Desk::new(store.clone(), Playbook::default()).import(&batch, days(1))).expect("imported");
    store
}
