//! Desks without anybody, by the playbook that needs no file.

use followup_core::{BlockingDesk, Desk, Event, Playbook};
use followup_store_memory::MemoryStore;
use pollster::block_on;

pub(crate) fn desk() -> Desk {
    Desk::new(MemoryStore::new(), Playbook::default())
}

pub(crate) fn blocking_desk() -> BlockingDesk {
    desk().into()
}

pub(crate) fn observe(desk: &Desk, id: &str, event: Event) {
    block_on(desk.observe(id, event)).expect("it is observed");
}
