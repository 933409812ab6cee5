//! How are due messages sent, day and night, and how does the loop end? `cargo run --example sending -- crm.db`
//!
//! Ends at ctrl-C, between two rounds, so that no message is left without an outcome. A second argument is the instant
//! at which its clock starts, for trying another time of day.

use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use followup::send::{Delivery, Dispatcher, Message, TickLimits};
use followup::sqlite::SqliteStore;
use followup::{Channel, Desk, Event, Playbook, Prospect, async_trait};

/// A new inquiry is acknowledged by a message, without a person.
const PLAYBOOK: &str = "[answers]\nacknowledge = true\nacknowledge_template = \"thanks\"\n";

/// Sends by printing. A real one hands the message to a mail server, with [`Message::action`] as its key.
struct Printer;

#[async_trait]
impl Dispatcher for Printer {
    async fn send(&self, message: &Message) -> Delivery {
        let Some(to) = &message.to else {
            return Delivery::Rejected { why: format!("no address for {}", message.channel) };
        };
        println!("send {} to {to}: {}", message.template.as_deref().unwrap_or("-"), message.purpose);
        Delivery::Sent { message_id: Some(message.action().to_string()) }
    }
}

/// The shortest and the longest pause between two rounds.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().unwrap_or("crm.db".to_owned());
    let start = args.next().map_or(Ok(Utc::now()), |at| at.parse())?;
    let since = Instant::now();
    let clock = || start + TimeDelta::from_std(since.elapsed()).unwrap_or_default();

    let desk = Desk::new(SqliteStore::open(path)?, Playbook::parse(PLAYBOOK)?);
    desk.add(Prospect::new("p-17")?.name("Ada").email("ada@example.org")?, start).await?;
    desk.record("p-17", Event::inquired(start, Channel::WEB).with_key("form-1")).await?;

    // The signal is awaited before the first round, and looked at between two rounds: none is broken off.
    let mut stop = pin!(tokio::signal::ctrl_c());
    let mut pause = Duration::ZERO;
    loop {
        tokio::select! {
            biased;
            signal = &mut stop => {
                signal?;
                println!("ended");
                return Ok(());
            }
            () = tokio::time::sleep(pause) => {}
        }
        round(&desk, clock()).await?;
        // Whatever another process records meanwhile waits for a minute at most.
        let next = desk.next_due().await?.map_or(LONGEST, |due| (due - clock()).to_std().unwrap_or_default());
        pause = next.clamp(SHORTEST, LONGEST);
    }
}

/// Records what time alone has done, then sends what is due. Costs two queries if nothing is due.
async fn round(desk: &Desk, now: DateTime<Utc>) -> Result<()> {
    let woken = desk.wake(now).await?;
    let sent = desk.tick(now, &Printer, TickLimits::default()).await?;
    for one in &sent {
        println!("{}: {:?}", one.prospect, one.outcome);
    }
    println!("{woken} woken, {} claimed", sent.len());
    Ok(())
}
