//! The retrospective commands: reports, audits, backtests.

use std::collections::BTreeMap;
use std::path::Path;

use followup::block_on;
use followup::read::Scope;
use followup::{Event, Span};
use followup_insight::Insight;
use followup_insight::report::{PlaybookOutcome, Split};
use serde_json::json;

use crate::args::Report;
use crate::every::every;
use crate::office::{Ended, Office, read, wrong};
use crate::{page, report_tables};

fn insight(office: &Office) -> Insight<'_> {
    Insight::new(&office.desk)
}

fn scope(office: &Office) -> Scope {
    office.owner.iter().fold(Scope::at(office.now), |scope, owner| scope.owner(owner))
}

pub(crate) fn run(office: &Office, report: Report) -> anyhow::Result<Ended> {
    match report {
        Report::Gap { by, html } => gap(office, by.as_deref(), html.as_deref())?,
        Report::Response { anchor, max_gap } => response(office, &anchor, max_gap.as_deref())?,
        Report::Playbooks => playbooks(office)?,
        Report::Load { days } => {
            let report = block_on(insight(office).load(&scope(office), days))?;
            match office.json {
                true => office.line(&report.defined())?,
                false => office.say(report_tables::load(&report))?,
            }
        }
    }
    office.end(Ended::Done)
}

fn gap(office: &Office, by: Option<&str>, html: Option<&Path>) -> anyhow::Result<()> {
    let by = by.map(str::parse::<Split>).transpose().map_err(wrong)?;
    let scope = scope(office);
    if let Some(by) = by {
        let report = block_on(insight(office).gap_by(&scope, by))?;
        if let Some(file) = html {
            page::write(office, &scope, &report.all, Some(&report), file)?;
        }
        return match office.json {
            true => office.line(&report.defined()),
            false => {
                office.say(report_tables::gap(&report.all))?;
                office.say(report_tables::groups(&report))
            }
        };
    }
    let report = block_on(insight(office).gap(&scope))?;
    if let Some(file) = html {
        page::write(office, &scope, &report, None, file)?;
    }
    match office.json {
        true => office.line(&report.defined()),
        false => office.say(report_tables::gap(&report)),
    }
}

fn response(office: &Office, anchor: &str, max_gap: Option<&str>) -> anyhow::Result<()> {
    if !Event::NAMES.contains(&anchor) {
        return Err(wrong(format!(
            "unknown event \"{anchor}\"; expected one of: {}",
            Event::NAMES.join(", ")
        )));
    }
    let gap = max_gap.map(str::parse::<Span>).transpose().map_err(wrong)?;
    let report = block_on(insight(office).response(&scope(office), anchor, gap))?;
    match office.json {
        true => office.line(&report.defined()),
        false => office.say(report_tables::response(&report, anchor, gap)),
    }
}

fn playbooks(office: &Office) -> anyhow::Result<()> {
    let outcomes = block_on(insight(office).playbooks(&scope(office)))?;
    if !office.json {
        return office.say(report_tables::playbooks(&outcomes));
    }
    let definitions: BTreeMap<_, _> = PlaybookOutcome::DEFINITIONS.iter().copied().collect();
    office.line(&json!({ "playbooks": outcomes, "definitions": definitions }))
}

pub(crate) fn audit(office: &Office, prospect: Option<String>, totals: bool) -> anyhow::Result<Ended> {
    if let Some(prospect) = prospect {
        let findings = block_on(insight(office).audit(&office.id(&prospect)?, office.now))?;
        for finding in &findings {
            match office.json {
                true => office.line(finding)?,
                false => office.say(report_tables::finding(finding))?,
            }
        }
        return office.end(Ended::Done);
    }
    let (scope, mut wrote) = (scope(office), Ok(()));
    let insight = insight(office);
    let all = insight.audit_all(&scope, |finding| {
        if totals || wrote.is_err() {
            return;
        }
        wrote = match office.json {
            true => office.line(&finding),
            false => office.say(report_tables::finding(&finding)),
        };
    });
    let all = block_on(all)?;
    wrote?;
    match (totals, office.json) {
        (true, true) => office.line(&all.defined())?,
        (false, true) => {}
        (_, false) => office.say(report_tables::totals(&all))?,
    }
    office.end(Ended::Done)
}

pub(crate) fn backtest(
    office: &Office,
    file: Option<&Path>,
    span: Option<&str>,
    all: bool,
) -> anyhow::Result<Ended> {
    let policy = match (file, span) {
        (Some(file), _) => read(file).map_err(wrong)?.into(),
        (None, Some(span)) => every(span.parse::<Span>().map_err(wrong)?).map_err(wrong)?,
        (None, None) => return Err(wrong("missing playbook; give a file, or e.g. --every PT48H")),
    };
    let (scope, mut wrote) = (scope(office), Ok(()));
    let insight = insight(office);
    let backtest = insight.backtest(&scope, policy, |line| {
        if all && wrote.is_ok() {
            wrote = match office.json {
                true => office.line(&line),
                false => office.say(report_tables::follow_up(&line)),
            };
        }
    });
    let backtest = block_on(backtest)?;
    wrote?;
    match office.json {
        true => office.line(&backtest.defined())?,
        false => office.say(report_tables::backtest(&backtest))?,
    }
    office.end(Ended::Done)
}
