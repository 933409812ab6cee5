//! Simulations as JSON, and as tables for people.

use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::NaiveDate;
use followup_core::{Channel, ChannelLoad, DayDifference, Simulation, SimulationDifference, Stage};
use serde_json::{Map, Value, json};

use crate::json::instant;
use crate::tables::{table, words};

/// How many days of the load are shown to people; JSON has all.
const DAYS_SHOWN: usize = 31;

pub(crate) fn simulation_json(simulation: &Simulation) -> Value {
    let load: Vec<Value> = simulation
        .load
        .iter()
        .map(|(on, day)| {
            let channel = |(channel, load): (&Option<Channel>, &ChannelLoad)| {
                let name = channel.map_or("none".to_owned(), |channel| channel.to_string());
                (name, json!({ "by_hand": load.by_hand, "automatic": load.automatic }))
            };
            let by_channel: Map<String, Value> = day.by_channel.iter().map(channel).collect();
            json!({
                "on": on.to_string(),
                "by_hand": day.by_hand,
                "automatic": day.automatic,
                "by_channel": by_channel,
                "left_over": day.left_over,
            })
        })
        .collect();
    let overflow = simulation.overflow.as_ref().map(|overflow| {
        json!({
            "per_day": overflow.per_day,
            "moved": overflow.moved,
            "peak": overflow.peak,
            "peak_on": overflow.peak_on.map(|on| on.to_string()),
            "left": overflow.left,
            "longest_wait_days": overflow.longest_wait_days,
        })
    });
    json!({
        "from": instant(simulation.now),
        "until": instant(simulation.until),
        "seed": simulation.seed,
        "prospects": simulation.prospects,
        "events": simulation.events,
        "by_hand": simulation.by_hand,
        "automatic": simulation.automatic,
        "touches": simulation.touches,
        "held": simulation.held,
        "responses": counts(&simulation.responses),
        "wake_ups": named(&simulation.wake_ups, |kind| kind.as_str().to_owned()),
        "stops": counts(&simulation.stops),
        "reopened": simulation.reopened,
        "later": simulation.later,
        "won": simulation.won,
        "lost": simulation.lost,
        "expected_won": simulation.expected_won,
        "conversion_pct": simulation.conversion_pct(),
        "by_stage": stages(simulation),
        "by_standing": counts(&simulation.by_standing),
        "overflow": overflow,
        "plans": simulation.plans,
        "plans_per_prospect_day": simulation.plans_per_prospect_day(),
        "cut_short": simulation.cut_short,
        "load": load,
    })
}

pub(crate) fn difference_json(difference: &SimulationDifference) -> Value {
    let day = |(on, day): (&NaiveDate, &DayDifference)| {
        json!({
            "on": on.to_string(),
            "by_hand": day.by_hand,
            "automatic": day.automatic,
            "left_over": day.left_over,
        })
    };
    json!({
        "by_hand": difference.by_hand,
        "automatic": difference.automatic,
        "touches": difference.touches,
        "held": difference.held,
        "responses": counts(&difference.responses),
        "wake_ups": named(&difference.wake_ups, |kind| kind.as_str().to_owned()),
        "stops": counts(&difference.stops),
        "reopened": difference.reopened,
        "later": difference.later,
        "won": difference.won,
        "lost": difference.lost,
        "expected_won": difference.expected_won,
        "by_stage": counts(&difference.by_stage),
        "by_standing": counts(&difference.by_standing),
        "moved": difference.moved,
        "left": difference.left,
        "load": difference.load.iter().map(day).collect::<Vec<_>>(),
    })
}

fn named<K: Copy, N: Copy + Into<Value>>(counts: &BTreeMap<K, N>, name: impl Fn(K) -> String) -> Value {
    counts.iter().map(|(key, count)| (name(*key), (*count).into())).collect::<Map<_, _>>().into()
}

fn counts<K: Copy + Display, N: Copy + Into<Value>>(counts: &BTreeMap<K, N>) -> Value {
    named(counts, |key| key.to_string())
}

fn stages(simulation: &Simulation) -> Value {
    let of = |stage: &Stage| (stage.to_string(), simulation.by_stage.get(stage).copied().unwrap_or(0).into());
    Stage::ALL.iter().map(of).collect::<Map<_, _>>().into()
}

/// One future.
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

/// Two futures, and what differs.
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
    row("sent without a person", now.automatic, then.automatic);
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
        "won, on the average of all draws".to_owned(),
        format!("{:.1}", now.expected_won),
        format!("{:.1}", then.expected_won),
        format!("{:+.1}", difference.expected_won),
    ]);
    let mut lines = vec![head(now, answers), rows.to_string()];
    let mut load = table(&["day", "by hand, more or less", "sent, more or less"]);
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
            "{} won ({:.1} on the average of all draws), {} lost, {} later",
            simulation.won, simulation.expected_won, simulation.lost, simulation.later
        ),
        format!("at the end: {}", pairs(&simulation.by_standing)),
    ];
    if let Some(overflow) = &simulation.overflow {
        let peak = overflow.peak_on.map_or(String::new(), |on| format!(" on {}", on.format("%a %-d %b %Y")));
        lines.push(format!(
            "with {} a day: {} not done on their day, at most {} left over{peak}, {} at the end",
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
