//! Looking back: reports, the audit, backtests.

use std::path::Path;

use followup_core::{
    AuditTotals, Backtest, BacktestLine, Event, GapReport, LoadReport, PlaybookOutcome, ResponseReport,
    Scope, Span, Split,
};
use pollster::block_on;
use serde_json::{Map, Value, json};

use crate::args::Report;
use crate::every::every;
use crate::json::instant;
use crate::office::{Ended, Office, read, wrong};
use crate::{page, report_tables};

/// What each field of a report says.
type Definitions = &'static [(&'static str, &'static str)];

fn scope(office: &Office) -> Scope {
    office.owner.iter().fold(Scope::at(office.now), |scope, owner| scope.owner(owner))
}

pub(crate) fn run(office: &Office, report: Report) -> anyhow::Result<Ended> {
    match report {
        Report::Gap { by, html } => gap(office, by.as_deref(), html.as_deref())?,
        Report::Response { anchor, max_gap } => response(office, &anchor, max_gap.as_deref())?,
        Report::Playbooks => playbooks(office)?,
        Report::Load { days } => {
            let report = block_on(office.desk.report_load(&scope(office), days))?;
            match office.json {
                true => office.line(defined(&report, LoadReport::DEFINITIONS)?)?,
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
        let report = block_on(office.desk.report_gap_by(&scope, by))?;
        if let Some(file) = html {
            page::write(office, &scope, &report.all, Some(&report), file)?;
        }
        return match office.json {
            true => office.line(defined(&report, GapReport::DEFINITIONS)?),
            false => {
                office.say(report_tables::gap(&report.all))?;
                office.say(report_tables::groups(&report))
            }
        };
    }
    let report = block_on(office.desk.report_gap(&scope))?;
    if let Some(file) = html {
        page::write(office, &scope, &report, None, file)?;
    }
    match office.json {
        true => office.line(gap_json(&report)?),
        false => office.say(report_tables::gap(&report)),
    }
}

/// The report of the gap, with what its fields say.
pub(crate) fn gap_json(report: &GapReport) -> anyhow::Result<Value> {
    defined(report, GapReport::DEFINITIONS)
}

fn response(office: &Office, anchor: &str, max_gap: Option<&str>) -> anyhow::Result<()> {
    if !Event::NAMES.contains(&anchor) {
        return Err(wrong(format!(
            "\"{anchor}\" is no event; the vocabulary is: {}",
            Event::NAMES.join(", ")
        )));
    }
    let gap = max_gap.map(str::parse::<Span>).transpose().map_err(wrong)?;
    let report = block_on(office.desk.report_response(&scope(office), anchor, gap))?;
    match office.json {
        true => office.line(defined(&report, ResponseReport::DEFINITIONS)?),
        false => office.say(report_tables::response(&report, anchor, gap)),
    }
}

fn playbooks(office: &Office) -> anyhow::Result<()> {
    let outcomes = block_on(office.desk.report_playbooks(&scope(office)))?;
    if !office.json {
        return office.say(report_tables::playbooks(&outcomes));
    }
    let definitions = definitions(PlaybookOutcome::DEFINITIONS);
    office.line(json!({ "playbooks": serde_json::to_value(&outcomes)?, "definitions": definitions }))
}

pub(crate) fn audit(office: &Office, prospect: Option<String>, totals: bool) -> anyhow::Result<Ended> {
    if let Some(prospect) = prospect {
        let findings = block_on(office.desk.audit(&office.id(&prospect)?, office.now))?;
        for finding in &findings {
            match office.json {
                true => office.line(serde_json::to_value(finding)?)?,
                false => office.say(report_tables::finding(finding))?,
            }
        }
        return office.end(Ended::Done);
    }
    let (scope, mut wrote) = (scope(office), Ok(()));
    let all = office.desk.audit_all(&scope, |finding| {
        if totals || wrote.is_err() {
            return;
        }
        wrote = match office.json {
            true => serde_json::to_value(&finding).map_err(Into::into).and_then(|line| office.line(line)),
            false => office.say(report_tables::finding(&finding)),
        };
    });
    let all = block_on(all)?;
    wrote?;
    match (totals, office.json) {
        (true, true) => office.line(defined(&all, AuditTotals::DEFINITIONS)?)?,
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
    let playbook = match (file, span) {
        (Some(file), _) => read(file).map_err(wrong)?,
        (None, Some(span)) => every(span.parse::<Span>().map_err(wrong)?).map_err(wrong)?,
        (None, None) => return Err(wrong("give a playbook, or --every and a span like PT48H")),
    };
    let (scope, mut wrote) = (scope(office), Ok(()));
    let backtest = office.desk.backtest(&scope, &playbook, |line| {
        if all && wrote.is_ok() {
            wrote = match office.json {
                true => office.line(line_json(&line)),
                false => office.say(report_tables::follow_up(&line)),
            };
        }
    });
    let backtest = block_on(backtest)?;
    wrote?;
    match office.json {
        true => office.line(defined(&backtest, Backtest::DEFINITIONS)?)?,
        false => office.say(report_tables::backtest(&backtest))?,
    }
    office.end(Ended::Done)
}

fn line_json(line: &BacktestLine) -> Value {
    let follow_up = &line.follow_up;
    json!({
        "prospect": line.prospect.as_str(),
        "at": instant(follow_up.at),
        "promptness": follow_up.promptness.as_str(),
        "purpose": follow_up.purpose.as_str(),
        "channel": follow_up.channel.map(|channel| channel.to_string()),
        "rule": follow_up.rule.id(),
        "earliest": instant(follow_up.window.earliest),
        "target": instant(follow_up.window.target),
        "latest": instant(follow_up.window.latest),
    })
}

fn definitions(of: Definitions) -> Map<String, Value> {
    of.iter().map(|(field, says)| ((*field).to_owned(), (*says).into())).collect()
}

/// A report as JSON, with what its fields say.
fn defined(report: &impl serde::Serialize, of: Definitions) -> anyhow::Result<Value> {
    let mut report = serde_json::to_value(report)?;
    report["definitions"] = definitions(of).into();
    Ok(report)
}
