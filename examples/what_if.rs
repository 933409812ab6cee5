//! What if hot prospects were touched every five days instead of every seven? `cargo run --example what_if`

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use followup::block_on;
use followup::import::ImportItem;
use followup::memory::MemoryStore;
use followup::publish::Moving;
use followup::{Desk, Plan, Playbook, Zone};
use followup_formats::{Mapping, Row, read_events};
use followup_insight::Insight;
use followup_insight::simulate::{ResponseModel, Scenario, Simulation};

/// Three days of a service desk: fifty incidents from a public log (see its README for the source).
const LOG: &str = include_str!("../followup-formats/samples/uci_incident_sample.csv");

fn main() -> anyhow::Result<()> {
    let now: DateTime<Utc> = "2016-03-01T18:00:00Z".parse()?;
    let every_five_days = Playbook::parse("version = 2\n[cadence.hot]\nfrom = \"P5D\"\nto = \"P5D\"\n")?;
    let mut desk = Desk::new(MemoryStore::new(), Playbook::default());
    block_on(desk.import(&history(now)?, now))?;

    let diff = block_on(Insight::new(&desk).diff(&every_five_days, now, 50))?;
    println!("{} of {} prospects would have another next step", diff.changed, diff.prospects);
    println!("{} earlier, by a median of {:.0} days", diff.earlier, -diff.shift_days.median);
    let latest = |plan: &Plan| plan.next().map(|next| next.window.latest);
    for change in diff.changes.iter().filter(|change| latest(&change.after) < latest(&change.before)).take(1)
    {
        println!("{}: {}\n  instead of {}", change.prospect, change.after, change.before);
    }

    // The worst case: nobody answers any more. `fit_responses` estimates how people have answered so far.
    let month = Scenario::of_days(30).responses(ResponseModel::silent());
    let insight = Insight::new(&desk);
    let before = block_on(insight.simulate(&month, now))?;
    let after = block_on(insight.simulate(&month.clone().playbook(&every_five_days), now))?;
    println!("touches in 30 days of silence: {} now, {} then", before.touches, after.touches);
    let of = |simulation: &Simulation, day| simulation.load.get(day).map_or(0, |load| load.by_hand);
    for day in before.load.keys().chain(after.load.keys()).collect::<BTreeSet<_>>() {
        let (now, then) = (of(&before, day), of(&after, day));
        if now != then {
            println!("  on {day}: {now} now, {then} then");
        }
    }

    let published = block_on(desk.publish(every_five_days, Moving::MoveUnlessPast, now))?;
    println!("published: {} moved, {} stayed", published.moved, published.stayed);
    Ok(())
}

/// Returns the events known at an instant.
fn history(now: DateTime<Utc>) -> anyhow::Result<Vec<ImportItem>> {
    let mapping = Mapping::shipped("uci_incident").expect("it ships");
    let mut items = Vec::new();
    for row in read_events(LOG.as_bytes(), Some(&mapping), Zone::utc())? {
        if let Row::Imported { prospect, event, .. } = row?
            && event.at() <= now
        {
            items.push(ImportItem::new(prospect, event)?);
        }
    }
    Ok(items)
}
