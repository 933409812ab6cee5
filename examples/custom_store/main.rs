//! How do I write my own store? `cargo run --example custom_store`

mod store;

use followup::{BookId, Channel, Desk, Event, Playbook, Prospect, block_on};
use store::OwnStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = "2026-03-06T14:00:00Z".parse()?;
    let store = OwnStore::default().book(BookId::default());
    let desk = Desk::new(store, Playbook::default());
    block_on(desk.add(Prospect::new("p-17")?.name("Ada"), now))?;
    block_on(desk.record("p-17", Event::asked_information(now, Channel::EMAIL)))?;
    for item in block_on(desk.agenda(now).into_future())? {
        println!("{item}");
    }
    Ok(())
}
