//! The report split by owner, channel, origin or playbook.

use followup_insight::report::GapReportBy;

use super::numbers::{of_them, people};
use super::section::Section;
use super::table::{Cell, Table};

/// The maximum number of groups shown.
const SHOWN: usize = 40;

pub(super) fn section(report: &GapReportBy) -> Section {
    let by = report.by.to_string();
    let mut groups: Vec<_> = report.groups.iter().collect();
    groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.prospects));
    let mut table =
        Table::new(["Group", "Prospects", "Open", "Bought", "Won of decided", "Too late", "Never made"]);
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
        None => "There are no prospects.".to_owned(),
    };
    let hidden = groups.len().saturating_sub(SHOWN);
    Section {
        id: "groups",
        heading: format!("How does each {by} do?"),
        says,
        note: (hidden > 0)
            .then(|| format!("{} with fewer people not shown.", of_them(hidden as u64, "group", "groups"))),
        charts: Vec::new(),
        tables: vec![table],
    }
}
