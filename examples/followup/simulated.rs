//! Simulations as tables for people.

use std::collections::BTreeMap;

use followup_insight::simulate::{Simulation, SimulationDifference};
use serde_json::Value;

use crate::tables::{table, words};

/// The maximum number of days of the load in a table; JSON has all.
const DAYS_SHOWN: usize = 31;

/// Returns the table of one simulation.
pub(crate) fn simulation_table(simulation: &Simulation, answers: &Value) -> String {
    let mut lines = vec![head(simulation, answers), facts(simulation)];
    let mut load = table(&["day", "by hand", "sent", "by channel", "left over"]);
    for (on, day) in simulation.load.iter().take(DAYS_SHOWN) {
        let channels: Vec<_> = day
            .by_channel
            .iter()
            .map(|(channel, load)| {
                let name = channel.map_or("meeting".to_owned(), |channel| channel.to_string());
                format!("{name} {}", load.by_hand + load.automatic)
            })
            .collect();
        load.add_row([
            on.format("%a %-d %b %Y").to_string(),
            day.by_hand.to_string(),
            day.automatic.to_string(),
            channels.join(", "),
            day.left_over.to_string(),
        ]);
    }
    lines.push(load.to_string());
    lines.extend(later_days(simulation.load.len()));
    lines.join("\n")
}

/// Returns the table of two simulations and their difference.
pub(crate) fn difference_table(
    now: &Simulation,
    then: &Simulation,
    difference: &SimulationDifference,
    playbook: &str,
    answers: &Value,
) -> String {
    let mut rows = table(&["", "now", playbook, "difference"]);
    let mut row = |name: &str, now: u64, then: u64| {
        rows.add_row([
            name.to_owned(),
            now.to_string(),
            then.to_string(),
            signed(then.cast_signed() - now.cast_signed()),
        ]);
    };
    row("done by hand", now.by_hand, then.by_hand);
    row("sent automatically", now.automatic, then.automatic);
    row("appointments held", now.held, then.held);
    row("won", now.won, then.won);
    row("lost", now.lost, then.lost);
    row("later", now.later, then.later);
    row("pursued again", now.reopened, then.reopened);
    for stop in now.stops.keys().chain(then.stops.keys().filter(|stop| !now.stops.contains_key(stop))) {
        let of = |simulation: &Simulation| simulation.stops.get(stop).copied().unwrap_or(0);
        row(&format!("come to rest: {}", words(stop.as_str())), of(now), of(then));
    }
    if let (Some(one), Some(other)) = (&now.overflow, &then.overflow) {
        row("not done on their day", one.moved, other.moved);
        row("left over on the worst day", one.peak, other.peak);
        row("left over at the end", one.left, other.left);
    }
    rows.add_row([
        "won, expected value".to_owned(),
        format!("{:.1}", now.expected_won),
        format!("{:.1}", then.expected_won),
        format!("{:+.1}", difference.expected_won),
    ]);
    let mut lines = vec![head(now, answers), rows.to_string()];
    let mut load = table(&["day", "by hand, change", "sent, change"]);
    for (on, day) in difference.load.iter().take(DAYS_SHOWN) {
        load.add_row([on.format("%a %-d %b %Y").to_string(), signed(day.by_hand), signed(day.automatic)]);
    }
    lines.push(load.to_string());
    lines.extend(later_days(difference.load.len()));
    lines.join("\n")
}

fn head(simulation: &Simulation, answers: &Value) -> String {
    let answer = match answers["touches"].as_u64() {
        Some(touches) => format!("answers as in {touches} touches so far"),
        None => "answers as given".to_owned(),
    };
    format!(
        "{} prospects for {} days from {}; seed {}, {answer}",
        simulation.prospects,
        simulation.days(),
        simulation.now.format("%a %-d %b %Y %H:%M UTC"),
        simulation.seed,
    )
}

fn facts(simulation: &Simulation) -> String {
    let list = |counts: Vec<(String, u64)>| {
        let counts: Vec<_> =
            counts.into_iter().map(|(name, count)| format!("{} {count}", words(&name))).collect();
        if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
    };
    let pairs = |counts: &BTreeMap<&'static str, u64>| {
        list(counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect())
    };
    let responses =
        simulation.responses.iter().map(|(response, count)| (response.to_string(), *count)).collect();
    let stops = simulation.stops.iter().map(|(stop, count)| (stop.to_string(), *count)).collect();
    let mut lines = vec![
        format!(
            "{} done by hand, {} sent, {} appointments held",
            simulation.by_hand, simulation.automatic, simulation.held
        ),
        format!("answers: {}", list(responses)),
        format!("come to rest: {}; pursued again: {}", list(stops), simulation.reopened),
        format!(
            "{} won (expected value {:.1}), {} lost, {} later",
            simulation.won, simulation.expected_won, simulation.lost, simulation.later
        ),
        format!("at the end: {}", pairs(&simulation.by_standing)),
    ];
    if let Some(overflow) = &simulation.overflow {
        let peak = overflow.peak_on.map_or(String::new(), |on| format!(" on {}", on.format("%a %-d %b %Y")));
        lines.push(format!(
            "with {} per day: {} not done on their day, at most {} left over{peak}, {} at the end",
            overflow.per_day, overflow.moved, overflow.peak, overflow.left
        ));
    }
    lines.join("\n")
}

fn later_days(days: usize) -> Option<String> {
    (days > DAYS_SHOWN).then(|| format!("and {} later days", days - DAYS_SHOWN))
}

fn signed(number: i64) -> String {
    if number == 0 { "0".to_owned() } else { format!("{number:+}") }
}
