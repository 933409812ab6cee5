//! The same for each part: by owner, channel, origin or playbook.

use followup_core::GapReportBy;

use super::numbers::{of_them, people};
use super::section::Section;
use super::table::{Cell, Table};

/// So many parts have a row.
const SHOWN: usize = 40;

pub(super) fn section(report: &GapReportBy) -> Section {
    let by = report.by.to_string();
    let mut groups: Vec<_> = report.groups.iter().collect();
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.prospects));
    let mut table =
        Table::new(["Which", "Prospects", "Open", "Bought", "Of the decided", "Too late", "Never made"]);
    for (name, group) in groups.iter().take(SHOWN) {
        table.row(
            name.as_str(),
            [
                Cell::count(group.prospects),
                Cell::count(group.open),
                Cell::count(group.won),
                Cell::percent(group.conversion_pct),
                Cell::count(group.follow_ups.too_late),
                Cell::count(group.follow_ups.never),
            ],
        );
    }
    let says = match groups.first() {
        Some((name, group)) => {
            format!("The largest of {} is “{name}”, with {}.", groups.len(), people(group.prospects))
        }
        None => "There is nobody.".to_owned(),
    };
    let hidden = groups.len().saturating_sub(SHOWN);
    Section {
        id: "groups",
        heading: format!("How does it go for each {by}?"),
        says,
        note: (hidden > 0)
            .then(|| format!("{} with fewer people are not shown.", of_them(hidden as u64, "part", "parts"))),
        charts: Vec::new(),
        tables: vec![table],
    }
}
