//! The demo: a database of invented people, a week's agenda, the gap report and one explained plan.

use std::path::Path;

use anyhow::Context as _;
use followup::block_on;
use followup::import::ImportItem;
use followup::read::Scope;
use followup_formats::{Row, read_events};
use followup_insight::Insight;

use crate::args::Common;
use crate::office::{Ended, Office};
use crate::{look, report_tables, tables};

/// The people of the demo and their histories.
const HISTORY: &str = include_str!("../data/demo.jsonl");
/// The time of the demo, a Monday morning.
const MONDAY: &str = "2026-03-09T08:00:00Z";
/// The prospect whose plan is explained.
const EXPLAINED: &str = "ada";

pub(crate) fn run(mut common: Common) -> anyhow::Result<Ended> {
    let path = common.db.get_or_insert_with(|| "followup-demo.db".to_owned()).clone();
    common.now.get_or_insert_with(|| MONDAY.to_owned());
    let office = Office::open(common)?;
    let imported = fill(&office)?;
    let items = block_on(async { office.desk.agenda(office.now).await })?;
    let gap = block_on(Insight::new(&office.desk).gap(&Scope::at(office.now)))?;
    let view = block_on(office.desk.plan(&office.id(EXPLAINED)?, office.now))?;

    if office.json {
        for item in &items {
            office.line(item)?;
        }
        office.line(&gap.defined())?;
        office.line(&look::Line::new(&view).because())?;
        return office.end(Ended::Done);
    }
    let place = if Path::new(&path).exists() { path.as_str() } else { "memory" };
    office.say(format!("{place} contains {imported} events of twelve invented people.\n"))?;
    office
        .say(format!("Who is next in the week from {}?\n", office.now.format("%A %-d %B %Y, %H:%M UTC")))?;
    office.say(tables::agenda(&items))?;
    office.say("\nWhere are they now, and has anybody fallen into the gap?\n")?;
    office.say(report_tables::gap(&gap))?;
    office.say("\nWhy this action, and why at that time?\n")?;
    office.say(tables::plan(&view))?;
    office.say(tables::why(&view))?;
    office.say(format!(
        "\nNext: followup --db {place} --now {MONDAY} agenda    (or plan {EXPLAINED} --outcomes)"
    ))?;
    office.end(Ended::Done)
}

/// Imports the history. Idempotent.
fn fill(office: &Office) -> anyhow::Result<usize> {
    let zone = office.desk.policy().zone();
    let mut batch = Vec::new();
    for row in read_events(HISTORY.as_bytes(), None, zone).context("cannot read the demo's history")? {
        match row.context("cannot read the demo's history")? {
            Row::Imported { prospect, event, .. } => {
                batch.push(ImportItem::new(prospect, event)?);
            }
            other => anyhow::bail!("the demo's history is broken: {other:?}"),
        }
    }
    let imported = block_on(office.desk.import(&batch, office.now))?;
    anyhow::ensure!(imported.rejected.is_empty(), "the demo's history is broken: {:?}", imported.rejected);
    Ok(batch.len())
}
