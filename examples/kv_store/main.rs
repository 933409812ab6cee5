//! How do I keep prospects in an embedded key-value engine? `cargo run --example kv_store`

mod store;

use followup::{BookId, Channel, Desk, Event, Playbook, Prospect, block_on};
use store::KvStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("followup.redb");
    let now = "2026-03-06T14:00:00Z".parse()?;
    {
        let desk = Desk::new(KvStore::open(&path)?.book(BookId::default()), Playbook::default());
        block_on(desk.add(Prospect::new("p-17")?.name("Ada"), now))?;
        block_on(desk.record("p-17", Event::asked_information(now, Channel::EMAIL)))?;
    }
    // The file has everything, so a later process continues from there.
    let desk = Desk::new(KvStore::open(&path)?.book(BookId::default()), Playbook::default());
    for item in block_on(desk.agenda(now).into_future())? {
        println!("{item}");
    }
    Ok(())
}
