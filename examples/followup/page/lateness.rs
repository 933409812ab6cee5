//! Whether follow-ups were on time, and how late the late ones were.

use followup_insight::report::{FollowUps, Spread};

use super::bars::{Bar, Bars};
use super::numbers::{count, of_them, percent, share, time};
use super::section::{Chart, Section, Tone};
use super::table::{Cell, Table};

const HOURS: f64 = 24.0;

pub(super) fn section(follow_ups: &FollowUps) -> Section {
    let all = follow_ups.too_soon + follow_ups.on_time + follow_ups.too_late + follow_ups.never;
    let mut bars = Vec::new();
    let mut table = Table::new(["Follow-ups", "Count", "Of all"]);
    for (name, number, tone, note) in [
        ("Too soon", follow_ups.too_soon, Tone::Quiet, "before it was due"),
        ("On time", follow_ups.on_time, Tone::Good, "when it was due"),
        ("Too late", follow_ups.too_late, Tone::Bad, "after it was due"),
        (
            "Never",
            follow_ups.never,
            Tone::Bad,
            "due, but not done before they got in touch, the pursuit ended, or now",
        ),
    ] {
        let part = share(number, all);
        let mut bar = Bar::new(name, format!("{} · {}", count(number), percent(part)), part, tone);
        bar.note = Some(note.to_owned());
        bars.push(bar);
        table.row(name, [Cell::count(number), Cell::percent((all > 0).then_some(part))]);
    }
    let late = &follow_ups.hours_late;
    let mut charts = vec![Chart::Bars(Bars::new(bars))];
    let mut tables = vec![table];
    if late.quantiles.n > 0 {
        let (bars, table) = how_late(late);
        charts.push(Chart::Bars(bars));
        tables.extend([table, beyond(late)]);
    }
    Section {
        id: "lateness",
        heading: "Do we follow up on time?".to_owned(),
        says: says(follow_ups, all),
        note: None,
        charts,
        tables,
    }
}

fn says(follow_ups: &FollowUps, all: u64) -> String {
    if all == 0 {
        return "No follow-up has been due yet.".to_owned();
    }
    let mut says = format!(
        "Of {}, {} were on time, {} too late, {} too soon, and {} never made",
        of_them(all, "follow-up", "follow-ups"),
        count(follow_ups.on_time),
        count(follow_ups.too_late),
        count(follow_ups.too_soon),
        count(follow_ups.never)
    );
    if follow_ups.too_late > 0 {
        let middle = time(follow_ups.hours_late.quantiles.median / HOURS);
        says.push_str(&format!("; half of the late ones were late by more than {middle}"));
    }
    says + "."
}

/// Returns how many follow-ups were late by how much, in ranges of days.
fn how_late(late: &Spread) -> (Bars, Table) {
    let n = late.quantiles.n;
    let mut table = Table::new(["Late by", "Count", "Of the late ones"]);
    let mut rows = Vec::new();
    let (mut least, mut left) = (0, n);
    let steps = late.longer_than().map(|(days, over)| (Some(days), over)).chain([(None, 0)]);
    for (days, over) in steps {
        let name = match (least, days) {
            (0, Some(days)) => format!("up to {}", of_them(days.into(), "day", "days")),
            (least, Some(days)) => format!("{least} to {days} days"),
            (least, None) => format!("more than {least} days"),
        };
        let here = left - over;
        let part = share(here, n);
        let value = format!("{} · {}", count(here), percent(part));
        rows.push(Bar::new(name.clone(), value, part, Tone::Bad));
        table.row(name, [Cell::count(here), Cell::percent(Some(part))]);
        (least, left) = (days.unwrap_or(least), over);
    }
    let mut bars = Bars::new(rows);
    bars.title = Some("By how much were the late ones late?".to_owned());
    (bars, table)
}

fn beyond(late: &Spread) -> Table {
    let mut table = Table::new(["Late by more than", "Count"]);
    for (days, over) in late.longer_than() {
        table.row(of_them(days.into(), "day", "days"), [Cell::count(over)]);
    }
    let quantiles = &late.quantiles;
    table.row("Half by more than", [Cell::time(Some(quantiles.median / HOURS))]);
    table.row("One in ten by more than", [Cell::time(Some(quantiles.p90 / HOURS))]);
    table
}
