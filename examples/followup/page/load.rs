//! The planned load of the coming weeks, by day and by channel.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};
use followup_insight::report::{DayActions, LoadReport};

use super::columns::{Column, Columns, scale_of};
use super::numbers::{count, of_them};
use super::section::{Chart, Section, Tone};
use super::table::{Cell, Table};

/// The maximum number of channels with their own chart and column; the others are combined.
const CHANNELS_SHOWN: usize = 5;
/// The maximum number of owners with their own row.
const OWNERS_SHOWN: usize = 20;

pub(super) fn section(load: &LoadReport) -> Section {
    let channels = largest(load, |day| &day.by_channel);
    let within = load.actions - load.later;
    let (mut charts, mut tables, mut note) = (Vec::new(), Vec::new(), None);
    if within > 0 {
        let heights = load.days.iter().map(|day| day.actions as f64);
        let scale = scale_of(heights);
        let all = columns("All channels", &load.days, scale, |day| day.actions);
        note = Some(explain(load, &all));
        charts.push(Chart::Columns(all));
        for (channel, _) in shown(&channels) {
            let of = |day: &DayActions| day.by_channel.get(channel).copied().unwrap_or(0);
            charts.push(Chart::Columns(columns(&capital(channel), &load.days, scale, of)));
        }
        if channels.len() > CHANNELS_SHOWN {
            let of = |day: &DayActions| others(day, &channels);
            charts.push(Chart::Columns(columns(&other_channels(&channels), &load.days, scale, of)));
        }
        tables = vec![days(load, &channels), owners(load)];
    }
    Section {
        id: "load",
        heading: format!("What is planned for the coming {}?", of_them(days_in(load), "day", "days")),
        says: says(load, within),
        note,
        charts,
        tables,
    }
}

fn days_in(load: &LoadReport) -> u64 {
    load.days.len() as u64
}

fn says(load: &LoadReport, within: u64) -> String {
    let later = match load.later {
        0 => String::new(),
        later => format!(" {} planned for later.", are(later)),
    };
    if within == 0 {
        return format!(
            "Nothing is planned for the coming {}.{later}",
            of_them(days_in(load), "day", "days")
        );
    }
    let overdue = match load.overdue {
        0 => "none of them overdue".to_owned(),
        overdue => format!("{} of them overdue", count(overdue)),
    };
    let fullest = load.days.iter().rev().max_by_key(|day| day.actions);
    let fullest = fullest.map_or(String::new(), |day| {
        format!(" The fullest day is {}, with {}.", date(day.on), count(day.actions))
    });
    format!("{} planned, {overdue}.{fullest}{later}", are(within))
}

fn are(number: u64) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!("{} {are}", of_them(number, "follow-up", "follow-ups"))
}

fn explain(load: &LoadReport, all: &Columns) -> String {
    let mut note = "Each column is a day, starting today; weekends are shaded.".to_owned();
    if load.overdue > 0 {
        note.push_str(" Overdue follow-ups count for today.");
    }
    if all.has_a_cut() {
        note.push_str(" A column with a break is higher than shown; its number is the true height.");
    }
    note
}

fn columns(title: &str, days: &[DayActions], scale: f64, of: impl Fn(&DayActions) -> u64) -> Columns {
    let sum: u64 = days.iter().map(&of).sum();
    let columns = days.iter().enumerate().map(|(nth, day)| {
        let number = of(day);
        let label = match (nth, day.on.weekday()) {
            (0, _) => Some("today".to_owned()),
            (_, Weekday::Mon) => Some(day.on.format("%-d %b").to_string()),
            _ => None,
        };
        Column {
            height: number as f64,
            value: if number == 0 { String::new() } else { count(number) },
            label,
            about: format!("{}: {}", date(day.on), count(number)),
            is_shaded: is_weekend(day.on),
            tone: Tone::Plain,
        }
    });
    Columns::new(title, count(sum), columns.collect(), Some(scale))
}

fn is_weekend(on: NaiveDate) -> bool {
    matches!(on.weekday(), Weekday::Sat | Weekday::Sun)
}

fn date(on: NaiveDate) -> String {
    on.format("%a %-d %b %Y").to_string()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Returns names with their sums over all days, largest first.
fn largest(load: &LoadReport, of: impl Fn(&DayActions) -> &BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for day in &load.days {
        for (name, number) in of(day) {
            *sums.entry(name).or_default() += number;
        }
    }
    let mut sums: Vec<_> = sums.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect();
    sums.sort_by(|(_, one), (_, other)| other.cmp(one));
    sums
}

fn shown(channels: &[(String, u64)]) -> &[(String, u64)] {
    &channels[..channels.len().min(CHANNELS_SHOWN)]
}

fn others(day: &DayActions, channels: &[(String, u64)]) -> u64 {
    let named = shown(channels).iter().filter_map(|(channel, _)| day.by_channel.get(channel));
    day.actions - named.sum::<u64>()
}

fn other_channels(channels: &[(String, u64)]) -> String {
    let number = channels.len() - CHANNELS_SHOWN;
    of_them(number as u64, "other channel", "other channels")
}

fn days(load: &LoadReport, channels: &[(String, u64)]) -> Table {
    let mut head = vec!["Day".to_owned(), "Follow-ups".to_owned(), "Automatic".to_owned()];
    head.extend(shown(channels).iter().map(|(channel, _)| capital(channel)));
    let has_others = channels.len() > CHANNELS_SHOWN;
    if has_others {
        head.push(other_channels(channels));
    }
    let mut table = Table::new(head.iter().map(String::as_str));
    for day in &load.days {
        let named =
            shown(channels).iter().map(|(channel, _)| day.by_channel.get(channel).copied().unwrap_or(0));
        let rest = has_others.then(|| others(day, channels));
        let numbers = [day.actions, day.automatic].into_iter().chain(named).chain(rest);
        table.row(date(day.on), numbers.map(Cell::count));
    }
    table
}

fn owners(load: &LoadReport) -> Table {
    let owners = largest(load, |day| &day.by_owner);
    let mut table = Table::new(["Owner", "Follow-ups"]);
    for (owner, number) in owners.iter().take(OWNERS_SHOWN) {
        table.row(owner, [Cell::count(*number)]);
    }
    let rest = owners.iter().skip(OWNERS_SHOWN);
    if rest.len() > 0 {
        let name = of_them(rest.len() as u64, "other", "others");
        table.row(name, [Cell::count(rest.map(|(_, number)| number).sum())]);
    }
    table
}
