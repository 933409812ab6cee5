//! The demo: a database of invented people, their week, their gap, and one plan explained.

use std::path::Path;

use anyhow::Context as _;
use followup_core::{DeskError, ImportItem, ProspectId, Scope};
use followup_formats::{Row, read_events};
use pollster::block_on;

use crate::args::Common;
use crate::office::{Ended, Office};
use crate::{report, report_tables, tables};

/// The people of the demo and what happened to them.
const HISTORY: &str = include_str!("../data/demo.jsonl");
/// A Monday morning in their lives.
const MONDAY: &str = "2026-03-09T08:00:00Z";
/// Whose plan is explained.
const EXPLAINED: &str = "ada";

pub(crate) fn run(mut common: Common) -> anyhow::Result<Ended> {
    let path = common.db.get_or_insert_with(|| "followup-demo.db".to_owned()).clone();
    common.now.get_or_insert_with(|| MONDAY.to_owned());
    let office = Office::open(common)?;
    let imported = fill(&office)?;
    let items = block_on(async { office.desk.agenda(office.now).await })?;
    let gap = block_on(office.desk.report_gap(&Scope::at(office.now)))?;
    let view = block_on(office.desk.plan(&office.id(EXPLAINED)?, office.now))?;

    if office.json {
        for item in &items {
            office.line(crate::json::agenda_json(item))?;
        }
        office.line(report::gap_json(&gap)?)?;
        let mut line = crate::json::view_json(&view, office.now);
        line.insert("because".to_owned(), view.plan.because.iter().map(crate::json::because_json).collect());
        office.line(line.into())?;
        return office.end(Ended::Done);
    }
    let place = if Path::new(&path).exists() { path.as_str() } else { "memory" };
    office.say(format!("{imported} events of twelve invented people are in {place}.\n"))?;
    office
        .say(format!("Who is next in the week from {}?\n", office.now.format("%A %-d %B %Y, %H:%M UTC")))?;
    office.say(tables::agenda(&items))?;
    office.say("\nWhere do they stand, and has anybody fallen in the gap?\n")?;
    office.say(report_tables::gap(&gap))?;
    office.say("\nWhy this, and why then?\n")?;
    office.say(tables::plan(&view))?;
    office.say(tables::why(&view))?;
    office.say(format!(
        "\nNext: followup --db {place} --now {MONDAY} agenda    (or plan {EXPLAINED} --outcomes)"
    ))?;
    office.end(Ended::Done)
}

/// Imports the history; repeating the demo repeats nothing.
fn fill(office: &Office) -> anyhow::Result<usize> {
    let zone = office.desk.playbook().zone();
    let mut batch = Vec::new();
    for row in read_events(HISTORY.as_bytes(), None, zone).context("cannot read the demo's history")? {
        match row.context("cannot read the demo's history")? {
            Row::Imported { prospect, event, .. } => {
                let prospect = ProspectId::new(prospect).map_err(DeskError::from)?;
                batch.push(ImportItem { prospect, event });
            }
            other => anyhow::bail!("the demo's history is broken: {other:?}"),
        }
    }
    let imported = block_on(office.desk.import(&batch, office.now))?;
    anyhow::ensure!(imported.rejected.is_empty(), "the demo's history is broken: {:?}", imported.rejected);
    Ok(batch.len())
}
