//! What are the first lines that a user of the library writes? `cargo run --example first_twenty_lines -- crm.db`

use chrono::{DateTime, Utc};
use followup::sqlite::SqliteStore;
use followup::{Channel, Desk, Event, Policy, Prospect, ProspectState, plan};

fn main() -> anyhow::Result<()> {
    followup::block_on(run(&std::env::args().nth(1).unwrap_or("crm.db".to_owned())))
}

async fn run(path: &str) -> anyhow::Result<()> {
    let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
    let policy = Policy::default(); // no store, no async, no clock
    let ada = ProspectState::replay([Event::asked_information(t).via(Channel::EMAIL)])?;
    println!("{}", plan(&ada, &policy).why()); // inform until Mon 9 Mar 17:00, because …

    let desk = Desk::new(SqliteStore::open(path)?, policy);
    desk.add(Prospect::new("p-17")?.name("Ada").email("ada@example.org")?.zone("Europe/Berlin")?, t).await?;
    let done = desk.record("p-17", Event::replied(t).via(Channel::EMAIL).key("crm-8841")).await?;
    println!("{} {:?}", done.plan, done.findings);
    for item in desk.agenda(t).within_days(7).limit(20).await? {
        println!("{item}");
    }
    Ok(())
}
