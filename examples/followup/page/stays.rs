//! The time that people stay in each stage.

use followup::Stage;
use followup_insight::report::{GapReport, SPREAD_DAYS, Spread};

use super::columns::{Column, Columns};
use super::funnel::name;
use super::numbers::{of_them, percent, share, time};
use super::section::{Chart, Section, Tone};
use super::table::{Cell, Table};

pub(super) fn section(report: &GapReport) -> Section {
    let known = || report.time_in_stage.iter().filter(|(_, spread)| spread.quantiles.n > 0);
    let longest =
        known().max_by(|(_, one), (_, other)| one.quantiles.median.total_cmp(&other.quantiles.median));
    let says = match longest {
        Some((stage, spread)) => format!(
            "People stay longest in {}: half of the stays there last longer than {}, one in ten longer than {}.",
            name(*stage).to_lowercase(),
            time(spread.quantiles.median),
            time(spread.quantiles.p90)
        ),
        None => "Nobody has been in any stage yet.".to_owned(),
    };
    Section {
        id: "stays",
        heading: "How long do people stay in each stage?".to_owned(),
        says,
        note: Some(
            "Each column shows the share of stays that lasted longer than this number of days. The more \
             slowly the columns fall, the longer people stay."
                .to_owned(),
        ),
        charts: known().map(|(stage, spread)| Chart::Columns(columns(*stage, spread))).collect(),
        tables: vec![stays(report), other_times(report)],
    }
}

fn columns(stage: Stage, spread: &Spread) -> Columns {
    let n = spread.quantiles.n;
    let columns = spread.longer_than().map(|(days, over)| Column {
        height: share(over, n),
        value: percent(share(over, n)),
        label: Some(format!("{days} d")),
        about: format!("longer than {}: {}", of_them(days.into(), "day", "days"), percent(share(over, n))),
        is_shaded: false,
        tone: Tone::Plain,
    });
    let note = format!(
        "{}, half of them longer than {}, one in ten longer than {}",
        of_them(n, "stay", "stays"),
        time(spread.quantiles.median),
        time(spread.quantiles.p90)
    );
    Columns::new(name(stage), note, columns.collect(), Some(100.0))
}

fn stays(report: &GapReport) -> Table {
    let over = SPREAD_DAYS.map(|days| format!("Over {}", of_them(days.into(), "day", "days")));
    let head = ["Stage", "Stays", "Half longer than", "One in ten longer than"];
    let mut table = Table::new(head.into_iter().chain(over.iter().map(String::as_str)));
    for (stage, spread) in &report.time_in_stage {
        let over = spread.longer_than().map(|(_, over)| Cell::count(over));
        table.row(name(*stage), cells(spread).into_iter().chain(over));
    }
    table
}

/// Returns the other times of the report, which have no chart.
fn other_times(report: &GapReport) -> Table {
    let mut table = Table::new(["Other times", "Count", "Half longer than", "One in ten longer than"]);
    for (name, spread) in [
        ("From the inquiry to our first touch", &report.first_touch),
        ("Between our touches", &report.between_touches),
        ("From our touch to their next sign", &report.response),
        ("Since the last contact, if open", &report.open_silence),
        ("From the first contact to the win", &report.cycle_days),
        ("From the first contact to the loss", &report.lost_cycle_days),
    ] {
        table.row(name, cells(spread));
    }
    table
}

fn cells(spread: &Spread) -> [Cell; 3] {
    let known = |value| (spread.quantiles.n > 0).then_some(value);
    [
        Cell::count(spread.quantiles.n),
        Cell::time(known(spread.quantiles.median)),
        Cell::time(known(spread.quantiles.p90)),
    ]
}
