//! What does a whole program around the library look like? `cargo run --example host -- crm.db news.csv`

use std::io::{BufRead, BufReader};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use followup::sqlite::SqliteStore;
use followup::stage::By;
use followup::{Channel, Desk, DeskError, Event, Outcome, Playbook, Prospect};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let (book, news) = args.next().zip(args.next()).context("usage: host <book.db> <news.csv>")?;
    let playbook = Playbook::parse("zone = \"Europe/Berlin\"\nholidays = [\"2026-04-03\", \"2026-04-06\"]")?;
    let desk = Desk::new(SqliteStore::open(book)?, playbook);
    followup::block_on(run(&desk, BufReader::new(std::fs::File::open(news)?)))
}

/// Takes the news of a day, a line each, and then says who is next.
async fn run(desk: &Desk, news: impl BufRead) -> Result<()> {
    let mut now = DateTime::<Utc>::UNIX_EPOCH;
    for (number, line) in news.lines().enumerate() {
        let line = line?;
        let fields: Vec<_> = line.splitn(4, ',').map(str::trim).collect();
        let [at, prospect, what, detail] = fields[..] else { continue };
        now = at.parse().with_context(|| format!("line {}", number + 1))?;
        // The same line twice is one event, however often it is sent.
        let key = format!("news-{at}-{what}");
        let event = match what {
            "new" => {
                let person =
                    Prospect::new(prospect)?.name(detail).email(format!("{prospect}@example.org"))?;
                desk.add(person, now).await?;
                continue;
            }
            "asks" => Event::asked_information(now, Channel::EMAIL),
            "informed" => Event::information_sent(now, Channel::EMAIL),
            "called" => Event::touched(now, Channel::PHONE),
            "meets" => Event::appointment_set(now, detail.parse()?, 45),
            "missed" => Event::appointment_missed(now, By::Prospect),
            "bought" => Event::decided(now, Outcome::Won),
            "unsubscribed" => Event::opted_out_of(now, [Channel::EMAIL]),
            _ => Event::noted(now, detail),
        };
        // What the rules refuse is told with its reason, and the rest of the news still counts.
        match desk.record(prospect, event.with_key(key)).await {
            Ok(done) => done.findings.iter().for_each(|finding| println!("{prospect}: note: {finding}")),
            Err(refused @ DeskError::Refused { .. }) => println!("{refused}"),
            Err(error) => return Err(error.into()),
        }
    }
    for item in desk.agenda(now).within_days(14).limit(20).await? {
        println!("{item}");
        if !item.also {
            println!("    {}", desk.plan(item.prospect, now).await?.plan.why());
        }
    }
    Ok(())
}
