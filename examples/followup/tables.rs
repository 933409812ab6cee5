//! Tables for people, at most 100 columns wide.

use chrono::{DateTime, Utc};
use comfy_table::{ContentArrangement, Table, presets};
use followup::agenda::AgendaItem;
use followup::plan::{Because, Decision, Supposed, What};
use followup::read::{HistoryEntry, View};
use followup::{Plan, Rule, Zone};
use followup_insight::playbook_diff::PlaybookDiff;
use followup_insight::preview::Preview;

const WIDTH: u16 = 100;

pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH);
    table.set_header(header);
    table
}

/// Formats an instant as a local date and time.
fn local(at: DateTime<Utc>, zone: Zone) -> String {
    zone.local_time(at).format("%a %-d %b %Y %H:%M").to_string()
}

pub(crate) fn words(text: &str) -> String {
    text.replace('_', " ")
}

pub(crate) fn agenda(items: &[AgendaItem]) -> String {
    if items.is_empty() {
        return "Nobody is due.".to_owned();
    }
    // Either all items have a planned day, or none has.
    let planned = items.iter().any(|item| item.planned_on.is_some());
    let day = if planned { "on" } else { "until (UTC)" };
    let mut table = table(&["who", "what", "by", "reason", day, "", "why"]);
    for item in items {
        let until = || item.action.window.latest.format("%a %-d %b %H:%M").to_string();
        let who = item.name.as_deref().unwrap_or(item.prospect.as_str());
        let channel = item.batch_channel.or(item.action.channel);
        let state = match item.hours_late {
            0 => item.state.as_str().to_owned(),
            hours if hours < 48 => format!("{hours} h late"),
            hours => format!("{} d late", hours / 24),
        };
        let what = words(item.action.purpose.as_str());
        // W6 applies to nearly every line; the plan shows what is still to find out.
        let rules: Vec<_> =
            item.rules.iter().filter(|rule| *rule != Rule::W6).map(|rule| rule.to_string()).collect();
        table.add_row([
            who.to_owned(),
            if item.also { format!("also {what}") } else { what },
            channel.map_or("-".to_owned(), |channel| channel.to_string()),
            words(item.action.reason.as_str()),
            item.planned_on.map_or_else(until, |day| day.format("%a %-d %b").to_string()),
            state,
            rules.join(" "),
        ]);
    }
    table.to_string()
}

fn next(plan: &Plan, zone: Zone) -> String {
    match &plan.decision {
        Decision::Act { next, .. } => {
            let window = next.window;
            let by = next.channel.map_or(String::new(), |channel| format!(" by {channel}"));
            let (from, to) = (local(window.earliest, zone), local(window.latest, zone));
            format!("{}{by}, {from} to {to}", words(next.purpose.as_str()))
        }
        Decision::Wait { until, why } => {
            format!("wait for the {} until {}", words(why.as_str()), local(*until, zone))
        }
        Decision::Rest { why } => format!("rest: {}", words(why.as_str())),
    }
}

pub(crate) fn plan(view: &View) -> String {
    let who = view.profile.name.as_deref().unwrap_or(view.prospect.as_str());
    let zone = view.state.zone();
    let plan = &view.plan;
    let mut lines = vec![
        format!("{who} ({}, {}): {}", plan.stage, plan.temperature, next(plan, zone)),
        format!("  times are in {zone}"),
    ];
    if let Some(action) = plan.next() {
        let manner = if action.personal { "personal" } else { "generic" };
        lines.push(format!("  reason: {}, {manner}", words(action.reason.as_str())));
    }
    for action in plan.also() {
        let until = local(action.window.latest, zone);
        lines.push(format!("  also owed: {} until {until}", words(action.purpose.as_str())));
    }
    if let Some(wake) = &plan.wake {
        lines.push(format!(
            "  if nothing happens: {} on {}",
            words(wake.kind.as_str()),
            local(wake.at(), zone)
        ));
    }
    if !plan.needs.is_empty() {
        lines.push(format!(
            "  to find out: {}",
            plan.needs.iter().map(|need| words(need.as_str())).collect::<Vec<_>>().join(", ")
        ));
    }
    lines.join("\n")
}

/// Returns a table of the rules that shaped the plan, with what each changed.
pub(crate) fn why(view: &View) -> String {
    let zone = view.state.zone();
    // An instant is alone or follows a word, as in "went_stale 2026-04-08T16:00:00Z".
    let readable = |text: &str| {
        let word =
            |word: &str| word.parse::<DateTime<Utc>>().map_or_else(|_| words(word), |at| local(at, zone));
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    let mut because = table(&["rule", "meaning", "changed", "from", "to"]);
    // The rank and the target only follow from the window.
    let shown = |because: &&Because| !matches!(because.what, What::RankAt | What::Target);
    for reason in view.plan.because.iter().filter(shown) {
        because.add_row([
            reason.rule.to_string(),
            reason.rule.title().to_owned(),
            words(reason.what.as_str()),
            readable(&reason.from.to_string()),
            readable(&reason.to.to_string()),
        ]);
    }
    if view.plan.alternatives.is_empty() {
        return because.to_string();
    }
    let mut lost = table(&["alternative", "for", "from", "until"]);
    for candidate in &view.plan.alternatives {
        lost.add_row([
            words(candidate.kind.as_str()),
            words(candidate.purpose.as_str()),
            local(candidate.earliest, zone),
            local(candidate.latest, zone),
        ]);
    }
    format!("{because}\n{lost}")
}

pub(crate) fn outcomes(answers: &[Supposed], zone: Zone) -> String {
    let mut table = table(&["if", "stage", "then"]);
    for answer in answers {
        table.add_row([words(answer.name), answer.plan.stage.to_string(), next(&answer.plan, zone)]);
    }
    table.to_string()
}

pub(crate) fn history(entries: impl Iterator<Item = HistoryEntry>) -> String {
    let mut table = table(&["when (UTC)", "event", "fields"]);
    for entry in entries {
        let mut fields = entry.event.to_fields().into_json();
        fields.remove("basis");
        let particulars: Vec<_> = fields
            .iter()
            .map(|(name, value)| match value.as_str() {
                Some(text) => format!("{name}={text}"),
                None => format!("{name}={value}"),
            })
            .collect();
        let voided = if entry.voided { " (voided)" } else { "" };
        table.add_row([
            entry.event.at().format("%Y-%m-%d %H:%M:%S").to_string(),
            format!("{}{voided}", words(entry.event.name())),
            particulars.join(" "),
        ]);
    }
    table.to_string()
}

/// Returns the tables of what a playbook would change.
pub(crate) fn diff(diff: &PlaybookDiff) -> String {
    let shift = &diff.shift_days;
    let mut lines = vec![
        format!("{} prospects: {} unchanged, {} changed", diff.prospects, diff.same, diff.changed),
        format!("{} would start, {} would stop", diff.starts, diff.stops),
        format!(
            "{} earlier, {} later: by a median of {:.1} days, {:.1} to {:.1}",
            diff.earlier, diff.later, shift.median, shift.min, shift.max
        ),
        format!("{} for another purpose, {} on another channel", diff.purpose, diff.channel),
    ];
    if !diff.load.is_empty() {
        let mut load = table(&["day", "now", "then"]);
        for (on, day) in diff.load.iter().take(LOAD_DAYS_SHOWN) {
            load.add_row([
                on.format("%a %-d %b %Y").to_string(),
                day.before.to_string(),
                day.after.to_string(),
            ]);
        }
        lines.push(load.to_string());
        if diff.load.len() > LOAD_DAYS_SHOWN {
            lines.push(format!("and {} later days", diff.load.len() - LOAD_DAYS_SHOWN));
        }
    }
    if !diff.changes.is_empty() {
        let mut changes = table(&["who", "now", "then"]);
        for change in &diff.changes {
            let who = change.name.as_deref().unwrap_or(change.prospect.as_str());
            changes.add_row([
                who.to_owned(),
                next(&change.before, change.zone),
                next(&change.after, change.zone),
            ]);
        }
        lines.push(changes.to_string());
    }
    lines.join("\n")
}

/// The maximum number of days of the load in a table; JSON has all.
const LOAD_DAYS_SHOWN: usize = 14;

/// Returns the table of what a playbook would do with a prospect.
pub(crate) fn preview(preview: &Preview, zone: Zone) -> String {
    let mut table = table(&["when", "what", "by", "reason"]);
    for step in &preview.steps {
        table.add_row([
            local(step.at, zone),
            words(&step.what),
            step.channel.map_or("-".to_owned(), |channel| channel.to_string()),
            step.reason.map_or("-".to_owned(), |reason| words(reason.as_str())),
        ]);
    }
    format!("Prospect ({}):\n{table}", preview.behaviour)
}
