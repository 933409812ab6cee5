//! The report month by month.

use std::collections::BTreeMap;

use followup_insight::report::{GapReport, Month};

use super::columns::{Column, Columns};
use super::numbers::{count, of_them};
use super::section::{Chart, Section, Tone};
use super::table::{Cell, Table};

/// The maximum number of months shown separately; more months are grouped by year.
const MONTHS_MAX: i64 = 60;
/// The maximum number of years shown.
const YEARS_MAX: i64 = 60;
const NAMES: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A month or a year.
struct Period {
    name: String,
    /// The label beneath the column, if there is room.
    label: Option<String>,
    sums: Sums,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    first_contacts: u64,
    touches: u64,
    won: u64,
    lost: u64,
}

pub(super) fn section(report: &GapReport) -> Section {
    let (periods, note) = periods(&report.by_month);
    let mut table = Table::new(["Month or year", "First contacts", "Touches", "Bought", "Said no"]);
    for period in &periods {
        let Sums { first_contacts, touches, won, lost } = period.sums;
        table.row(period.name.clone(), [first_contacts, touches, won, lost].map(Cell::count));
    }
    let chart = |title, of: fn(&Sums) -> u64| Chart::Columns(columns(title, &periods, of));
    let charts = match periods.as_slice() {
        [] => Vec::new(),
        _ => vec![
            chart("First contacts", |sums| sums.first_contacts),
            chart("Touches", |sums| sums.touches),
            chart("Bought", |sums| sums.won),
        ],
    };
    Section {
        id: "months",
        heading: "How do we do, month by month?".to_owned(),
        says: says(&periods),
        note,
        charts,
        tables: if periods.is_empty() { Vec::new() } else { vec![table] },
    }
}

fn says(periods: &[Period]) -> String {
    let most = |of: fn(&Sums) -> u64| {
        let most = periods.iter().rev().max_by_key(|period| of(&period.sums));
        most.filter(|period| of(&period.sums) > 0).map(|period| (&period.name, of(&period.sums)))
    };
    let Some((name, touches)) = most(|sums| sums.touches) else {
        return "We have not been in touch with anybody yet.".to_owned();
    };
    let mut says = format!("We were busiest in {name}, with {}", of_them(touches, "touch", "touches"));
    if let Some((name, won)) = most(|sums| sums.won) {
        says.push_str(&format!("; most people bought in {name}: {}", count(won)));
    }
    says + "."
}

fn columns(title: &str, periods: &[Period], of: fn(&Sums) -> u64) -> Columns {
    let sum: u64 = periods.iter().map(|period| of(&period.sums)).sum();
    let columns = periods.iter().map(|period| {
        let number = of(&period.sums);
        Column {
            height: number as f64,
            value: count(number),
            label: period.label.clone(),
            about: format!("{}: {}", period.name, count(number)),
            is_shaded: false,
            tone: Tone::Plain,
        }
    });
    let highest = periods.iter().map(|period| of(&period.sums)).max().unwrap_or(0);
    Columns::new(title, format!("{} in all", count(sum)), columns.collect(), Some(highest as f64))
}

/// Returns every month (or year) from the first to the last with an event, and a note about them.
fn periods(by_month: &BTreeMap<String, Month>) -> (Vec<Period>, Option<String>) {
    let mut months: BTreeMap<i64, Sums> = BTreeMap::new();
    for (name, month) in by_month {
        months.entry(number(name)).or_default().add(month);
    }
    let (Some((first, _)), Some((last, _))) = (months.first_key_value(), months.last_key_value()) else {
        return (Vec::new(), None);
    };
    if last - first < MONTHS_MAX {
        let few = last - first < 12;
        let all = (*first..=*last).map(|month| {
            let (year, name) = (month.div_euclid(12), NAMES[month.rem_euclid(12) as usize]);
            let full = format!("{name} {year}");
            let label = match (few, name) {
                (true, _) => Some(name.to_owned()),
                (false, "Jan") => Some(year.to_string()),
                (false, _) => (month == *first).then(|| full.clone()),
            };
            Period { name: full, label, sums: months.get(&month).copied().unwrap_or_default() }
        });
        return (all.collect(), None);
    }
    let mut years: BTreeMap<i64, Sums> = BTreeMap::new();
    for (month, sums) in &months {
        years.entry(month.div_euclid(12)).or_default().join(sums);
    }
    let (first, last) = (first.div_euclid(12), last.div_euclid(12));
    let from = first.max(last - YEARS_MAX + 1);
    let all = (from..=last).map(|year| Period {
        name: year.to_string(),
        label: Some(year.to_string()),
        sums: years.get(&year).copied().unwrap_or_default(),
    });
    let mut note = format!("The report covers more than {MONTHS_MAX} months, so they are grouped by year.");
    if from > first {
        note.push_str(&format!(" Years before {from} are not shown."));
    }
    (all.collect(), Some(note))
}

/// Returns the number of months since January of the year 0.
fn number(name: &str) -> i64 {
    let (year, month) = name.rsplit_once('-').unwrap_or((name, "1"));
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    number(year) * 12 + number(month).clamp(1, 12) - 1
}

impl Sums {
    fn add(&mut self, month: &Month) {
        let Month { first_contacts, touches, won, lost, .. } = *month;
        self.join(&Sums { first_contacts, touches, won, lost });
    }

    fn join(&mut self, other: &Sums) {
        self.first_contacts += other.first_contacts;
        self.touches += other.touches;
        self.won += other.won;
        self.lost += other.lost;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(months: &[&str]) -> (Vec<String>, Option<String>) {
        let months = months.iter().map(|name| ((*name).to_owned(), Month::default())).collect();
        let (periods, note) = periods(&months);
        (periods.into_iter().map(|period| period.name).collect(), note)
    }

    #[test]
    fn empty_months_are_included() {
        let (names, note) = names(&["2025-11", "2026-02"]);
        assert_eq!((names.join(", ").as_str(), note), ("Nov 2025, Dec 2025, Jan 2026, Feb 2026", None));
    }

    #[test]
    fn many_months_are_grouped_by_year_without_the_oldest_years() {
        let (years, note) = names(&["1984-01", "2026-02"]);
        assert_eq!((years.len(), years[0].as_str()), (43, "1984"));
        assert!(!note.unwrap().contains("not shown"));
        let (years, note) = names(&["-9999-01", "2026-02"]);
        assert_eq!((years.len(), years[0].as_str()), (60, "1967"));
        assert!(note.unwrap().contains("Years before 1967 are not shown"));
        assert_eq!(names(&[]), (Vec::new(), None));
    }
}
