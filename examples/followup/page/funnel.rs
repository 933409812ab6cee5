//! The funnel: how many prospects ever reached each stage.

use followup::Stage;
use followup_insight::report::GapReport;

use super::bars::{Bar, Bars, Reach};
use super::numbers::{count, people, percent, share};
use super::section::{Chart, Section, Tone};
use super::table::{Cell, Table};

pub(super) fn section(report: &GapReport) -> Section {
    let reached = |stage| report.reached.get(&stage).copied().unwrap_or(0);
    let of_all = |number| share(number, report.prospects);
    let mut bars = Vec::new();
    let mut table = Table::new(["Stage", "Reached", "Of all", "Of the previous stage", "There now"]);
    let mut before: Option<u64> = None;
    for stage in Stage::ALL.iter().copied() {
        let here = reached(stage);
        let length = of_all(here);
        let of_before = before.filter(|before| *before > 0).map(|before| share(here, before));
        let value = format!("{} · {}", count(here), percent(length));
        let mut bar = Bar::new(name(stage), value, length, Tone::Plain);
        bar.note = before.map(|before| onward(before, here));
        if stage == Stage::Appointment {
            let interested = reached(Stage::Interest);
            if interested > here {
                bar.missing = Some(Reach::new(length, of_all(interested)));
                bar.note = Some(format!(
                    "The gap: {} of {} did not get from interest to an appointment.",
                    count(interested - here),
                    count(interested)
                ));
            }
        }
        bars.push(bar);
        let stands = report.by_stage.get(&stage).copied().unwrap_or(0);
        table.row(
            name(stage),
            [Cell::count(here), Cell::percent(Some(length)), Cell::percent(of_before), Cell::count(stands)],
        );
        before = Some(here);
    }
    Section {
        id: "funnel",
        heading: "Where do people drop out?".to_owned(),
        says: says(reached(Stage::Interest), reached(Stage::Appointment), report.won),
        note: Some(
            "Each bar shows everybody who ever reached that stage, as a share of all. The striped part shows \
             those without an appointment; some of them may still get one."
                .to_owned(),
        ),
        charts: vec![Chart::Bars(Bars::new(bars))],
        tables: vec![table],
    }
}

/// Returns the name of a stage on the page.
pub(super) fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Interest => "Interest",
        Stage::Information => "Information",
        Stage::Appointment => "Appointment",
        Stage::Proposal => "Proposal",
        Stage::Decision => "Decision",
    }
}

fn onward(before: u64, here: u64) -> String {
    match (before, here) {
        (0, 0) => "Nobody reached this stage.".to_owned(),
        (0, _) => "They skipped the previous stage.".to_owned(),
        (before, here) if here > before => "More than at the previous stage: some skipped it.".to_owned(),
        (before, here) => format!("{} of the previous stage", percent(share(here, before))),
    }
}

fn says(interested: u64, appointments: u64, won: u64) -> String {
    let were = if interested == 1 { "was" } else { "were" };
    let came = match appointments {
        0 => "nobody got".to_owned(),
        appointments => format!("{} got", count(appointments)),
    };
    let bought = match (won, appointments) {
        (0, _) => "nobody bought.".to_owned(),
        (won, appointments) if won > appointments => format!("{} bought anyway.", count(won)),
        (won, _) => format!("{} bought.", people(won)),
    };
    format!("Of {} who {were} interested, {came} as far as an appointment, and {bought}", count(interested))
}
