//! Desks over an empty store in memory, with the default playbook.

use followup::memory::MemoryStore;
use followup::{Desk, Event, Playbook, block_on};

/// An empty desk.
pub fn desk() -> Desk {
    Desk::new(MemoryStore::new(), Playbook::default())
}

/// Observes an event.
pub fn observe(desk: &Desk, id: &str, event: Event) {
    block_on(desk.observe(id, event)).expect("it is observed");
}
