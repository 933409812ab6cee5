//! The share of prospects who bought, by number of touches.

use followup_insight::report::{GapReport, wilson};

use super::bars::{Bar, Bars, Reach, Tick};
use super::numbers::{NONE, count, people, percent, share};
use super::section::{Chart, Section, Tone};
use super::table::{Cell, Table};

/// The classes with five touches or more.
const MANY: [&str; 3] = ["5", "6-10", "11+"];

pub(super) fn section(report: &GapReport) -> Section {
    let classes: Vec<_> = report
        .prospects_by_touches
        .iter()
        .zip(report.won_by_touches.iter())
        .zip(report.won_pct_by_touches.iter())
        .map(|(((class, prospects), (_, won)), (_, pct))| (class, *prospects, *won, *pct))
        .collect();
    let highest = classes.iter().filter_map(|(_, prospects, won, _)| wilson(*won, *prospects));
    let scale = scale(highest.map(|[_, high]| high).fold(0.0, f64::max));
    let mut bars = Vec::new();
    let mut table = Table::new(["Touches", "Prospects", "Bought", "Share", "At least", "At most"]);
    for (class, prospects, won, pct) in &classes {
        let interval = wilson(*won, *prospects);
        let value = pct.map_or(NONE.to_owned(), percent);
        let mut bar = Bar::new(name(class), value, pct.unwrap_or(0.0) * 100.0 / scale, Tone::Plain);
        bar.interval = interval.map(|[low, high]| Reach::new(low * 100.0 / scale, high * 100.0 / scale));
        bar.note = Some(match prospects {
            0 => "nobody".to_owned(),
            prospects => format!("{} of {} bought", count(*won), count(*prospects)),
        });
        bars.push(bar);
        let [low, high] = interval.map_or([None, None], |[low, high]| [Some(low), Some(high)]);
        table.row(
            name(class),
            [
                Cell::count(*prospects),
                Cell::count(*won),
                Cell::percent(*pct),
                Cell::percent(low),
                Cell::percent(high),
            ],
        );
    }
    let mut bars = Bars::new(bars);
    bars.ticks =
        [0.0, 25.0, 50.0, 75.0, 100.0].map(|part| Tick::new(part, percent(part * scale / 100.0))).into();
    let many = classes.iter().filter(|(class, ..)| MANY.contains(class)).map(|(_, _, won, _)| won).sum();
    Section {
        id: "touches",
        heading: "Does it pay to keep following up?".to_owned(),
        says: says(report.won, many),
        note: Some(
            "Each bar shows the share of people with this number of touches who bought. The line across it \
             is the 95 % confidence interval: the fewer people, the longer the line."
                .to_owned(),
        ),
        charts: vec![Chart::Bars(bars)],
        tables: vec![table],
    }
}

fn name(class: &str) -> String {
    match class {
        "0" => "No touch".to_owned(),
        "1" => "1 touch".to_owned(),
        "11+" => "11 or more".to_owned(),
        class => format!("{} touches", class.replace('-', " to ")),
    }
}

fn says(won: u64, many: u64) -> String {
    match won {
        0 => "Nobody has bought yet.".to_owned(),
        won => format!(
            "Of {} who bought, {} ({}) had five touches or more.",
            people(won),
            if many == 0 { "none".to_owned() } else { count(many) },
            percent(share(many, won))
        ),
    }
}

/// Returns a round number at or above the highest share.
fn scale(highest: f64) -> f64 {
    [4.0, 10.0, 20.0, 40.0, 60.0, 80.0].into_iter().find(|scale| highest <= *scale).unwrap_or(100.0)
}
