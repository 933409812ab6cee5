//! What becomes of a person who opts out, comes back and wants to be forgotten, and how does another system hear of it?
//! `cargo run --example consent`

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use followup::memory::MemoryStore;
use followup::{Channel, Desk, Event, Playbook, Prospect};

fn main() -> Result<()> {
    followup::block_on(run())
}

async fn run() -> Result<()> {
    let day: DateTime<Utc> = "2026-03-02T10:00:00Z".parse()?;
    let desk = Desk::new(MemoryStore::new(), Playbook::default());
    let ada = Prospect::new("p-17")?.name("Ada").email("ada@example.org")?.phone("+49 30 1234567");
    desk.add(ada, day).await?;
    let asked = desk.record("p-17", Event::asked_information(day, Channel::EMAIL)).await?;
    println!("asked: {}", asked.plan);

    // One channel less: the answer goes out on another.
    let later = day + TimeDelta::hours(1);
    let no_email = desk.record("p-17", Event::opted_out_of(later, [Channel::EMAIL])).await?;
    println!("no email: {}", no_email.plan);

    // No channel at all, under this id and under any other with the same address.
    let none = desk.record("p-17", Event::opted_out(day + TimeDelta::hours(2))).await?;
    println!("opted out: {}", none.plan);
    let again = Prospect::new("p-18")?.name("Ada L.").email("ada@example.org")?;
    println!("under another id: {}", desk.add(again, day + TimeDelta::hours(3)).await?.plan);

    // Only their own word brings a channel back.
    let back = desk.record("p-17", Event::opted_in_to(day + TimeDelta::days(1), [Channel::EMAIL])).await?;
    println!("opted in: {}", back.plan);

    // The events stay for the reports, without name, address and notes.
    desk.erase("p-17", day + TimeDelta::days(2)).await?;
    println!("erased: {}", desk.plan("p-17", day + TimeDelta::days(2)).await?.plan);
    for entry in desk.history("p-17").await? {
        println!("  {} {}", entry.event.at().format("%F %H:%M"), entry.event.name());
    }

    // Another system reads who changed, from where it stopped.
    let mut cursor = 0;
    loop {
        let page = desk.store().changes(cursor, 100).await?;
        let Some(last) = page.last() else { break };
        cursor = last.cursor;
        for change in &page {
            println!("changed: {} at revision {}", change.prospect, change.revision.0);
        }
    }
    Ok(())
}
