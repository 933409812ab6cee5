//! Who is next, when, how, and why? `cargo run --example quickstart`

use chrono::{DateTime, Utc};
use followup::memory::MemoryStore;
use followup::{Channel, Desk, Event, Playbook, Prospect};

fn main() -> anyhow::Result<()> {
    let friday: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
    let monday: DateTime<Utc> = "2026-03-09T09:00:00Z".parse()?;
    let desk = Desk::new(MemoryStore::new(), Playbook::default());

    followup::block_on(async {
        let ada = Prospect::new("p-17")?.name("Ada").email("ada@example.org")?.zone("Europe/Berlin")?;
        desk.add(ada, friday).await?;
        let asked = Event::asked_information(friday, Channel::EMAIL).with_key("crm-8841");
        desk.record("p-17", asked).await?;

        for item in desk.agenda(monday).within_days(7).await? {
            println!("{item}");
        }
        let view = desk.plan("p-17", monday).await?;
        println!("{}", view.plan.why());

        let done = desk.record("p-17", Event::information_sent(monday, Channel::EMAIL)).await?;
        println!("{}", done.plan);
        anyhow::Ok(())
    })
}
