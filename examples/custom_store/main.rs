//! What does a store of one's own take? `cargo run --example custom_store`

mod store;

use followup_core::{BlockingDesk, BookId, Channel, Desk, Event, Playbook, Prospect};
use store::OwnStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = "2026-03-06T14:00:00Z".parse()?;
    let store = OwnStore::default().book(BookId::default());
    let desk = BlockingDesk::from(Desk::new(store, Playbook::default()));
    desk.add(Prospect::new("p-17")?.name("Ada"), now)?;
    desk.record("p-17", Event::asked_information(now).via(Channel::EMAIL))?;
    for item in desk.agenda(now).wait()? {
        println!("{item}");
    }
    Ok(())
}
