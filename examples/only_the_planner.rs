//! Can I keep my own table and use only the planner? `cargo run --example only_the_planner`

use chrono::{DateTime, Utc};
use followup::plan::Decision;
use followup::{Channel, Event, Playbook, Policy, ProspectState, plan};

/// A row of an existing table.
struct Contact {
    name: &'static str,
    /// The history, as stored in the table.
    log: Vec<(DateTime<Utc>, &'static str)>,
    next_follow_up: Option<DateTime<Utc>>,
    note: String,
}

/// Fills in the columns of a row, without a store, a clock or a migration.
fn plan_row(contact: &mut Contact, policy: &Policy) -> anyhow::Result<()> {
    let events = contact.log.iter().enumerate().map(|(nth, (at, what))| {
        let event = match *what {
            "wrote to us" => Event::inquired(*at, Channel::EMAIL),
            "called them" => Event::touched(*at, Channel::PHONE),
            _ => Event::noted(*at, *what),
        };
        event.with_seq(nth as i64)
    });
    let plan = plan(&ProspectState::replay_at(policy.zone(), events)?, policy);
    contact.next_follow_up = match &plan.decision {
        Decision::Act { next, .. } => Some(next.window.target),
        Decision::Wait { until, .. } => Some(*until),
        Decision::Rest { .. } => None,
    };
    contact.note = plan.to_string();
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let policy = Policy::from(Playbook::parse("zone = \"Europe/Berlin\"")?);
    let monday: DateTime<Utc> = "2026-03-02T09:00:00Z".parse()?;
    let tuesday: DateTime<Utc> = "2026-03-03T10:00:00Z".parse()?;
    let mut table = [
        Contact {
            name: "Ada",
            log: vec![(monday, "wrote to us")],
            next_follow_up: None,
            note: String::new(),
        },
        Contact {
            name: "Bob",
            log: vec![(monday, "wrote to us"), (tuesday, "called them")],
            next_follow_up: None,
            note: String::new(),
        },
    ];
    for contact in &mut table {
        plan_row(contact, &policy)?;
        let next = contact.next_follow_up.map_or("-".to_owned(), |at| at.format("%F %H:%M").to_string());
        println!("{}: {next} UTC ({})", contact.name, contact.note);
    }
    Ok(())
}
