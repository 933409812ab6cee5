//! The gap report as a page: one self-contained file, for screens and paper, in light and dark mode.
//!
//! Each file here produces the sentence, the charts and the tables of a [`section::Section`]; `templates/` defines
//! their appearance. The page contains no script and loads nothing.

mod bars;
mod columns;
mod definitions;
mod figures;
mod file;
mod funnel;
mod groups;
mod lateness;
mod load;
mod months;
mod numbers;
mod section;
mod stays;
mod table;
mod touches;

use std::path::Path;

use anyhow::Context as _;
use askama::Template;
use followup::block_on;
use followup::read::Scope;
use followup_insight::Insight;
use followup_insight::report::{GapReport, GapReportBy, LoadReport};

use crate::office::Office;
use definitions::Definition;
use figures::Figure;
use section::Section;

/// The number of days that the page looks ahead.
const LOAD_DAYS: u32 = 28;

/// The content of the page.
#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    as_of: String,
    owner: Option<String>,
    prospects: String,
    /// The period that the report covers, from the first event to the last.
    covers: Option<String>,
    is_empty: bool,
    figures: Vec<Figure>,
    sections: Vec<Section>,
    definitions: Vec<Definition>,
    version: &'static str,
}

/// Writes the page to a file, atomically.
pub(crate) fn write(
    office: &Office,
    scope: &Scope,
    report: &GapReport,
    groups: Option<&GapReportBy>,
    file: &Path,
) -> anyhow::Result<()> {
    let load = block_on(Insight::new(&office.desk).load(scope, LOAD_DAYS))?;
    let page = Page::new(scope, report, &load, groups).render().context("cannot lay out the page")?;
    file::replace(file, &page)
}

impl Page {
    fn new(scope: &Scope, report: &GapReport, load: &LoadReport, groups: Option<&GapReportBy>) -> Page {
        let is_empty = report.prospects == 0;
        let sections = if is_empty {
            Vec::new()
        } else {
            let always = [
                funnel::section(report),
                stays::section(report),
                lateness::section(&report.follow_ups),
                touches::section(report),
                load::section(load),
                months::section(report),
            ];
            always.into_iter().chain(groups.map(groups::section)).collect()
        };
        let day = |at: chrono::DateTime<chrono::Utc>| at.format("%-d %B %Y").to_string();
        let covers = report.first_event.zip(report.last_event);
        Page {
            as_of: scope.now.format("%A %-d %B %Y, %H:%M UTC").to_string(),
            owner: scope.owner.clone(),
            prospects: numbers::people(report.prospects),
            covers: covers.map(|(first, last)| format!("{} to {}", day(first), day(last))),
            is_empty,
            figures: if is_empty { Vec::new() } else { figures::of(report) },
            sections,
            definitions: definitions::all(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}
