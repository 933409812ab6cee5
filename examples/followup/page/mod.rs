//! The report of the gap as a page: one file that needs nothing else, for screens, for paper, in light and in dark.
//!
//! Each chart is a file here, which gives the sentence, the picture and the table of a [`section::Section`]; what they
//! look like is in `templates/`. The page holds no script, and asks for nothing from anywhere.

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
use followup_core::{GapReport, GapReportBy, LoadReport, Scope};
use pollster::block_on;

use crate::office::Office;
use definitions::Definition;
use figures::Figure;
use section::Section;

/// How far the page looks ahead.
const LOAD_DAYS: u32 = 28;

/// All that stands on the page.
#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    as_of: String,
    owner: Option<String>,
    prospects: String,
    /// What the report covers: the first event to the last.
    covers: Option<String>,
    is_empty: bool,
    figures: Vec<Figure>,
    sections: Vec<Section>,
    definitions: Vec<Definition>,
    version: &'static str,
}

/// Writes the page to a file, whole or not at all.
pub(crate) fn write(
    office: &Office,
    scope: &Scope,
    report: &GapReport,
    groups: Option<&GapReportBy>,
    file: &Path,
) -> anyhow::Result<()> {
    let load = block_on(office.desk.report_load(scope, LOAD_DAYS))?;
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
