//! What `--json` prints.

use chrono::{DateTime, SecondsFormat, Utc};
use followup_core::{
    Action, AgendaItem, Answer, Because, Decision, Finding, HistoryEntry, LastContact, Lost, Plan,
    PlanChange, Playbook, PlaybookDiff, Preview, Published, Receipt, Rule, RuleSet, View,
};
use serde_json::{Map, Value, json};

pub(crate) fn instant(at: DateTime<Utc>) -> Value {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
}

fn rules(rules: RuleSet) -> Value {
    rules.iter().map(Rule::id).collect()
}

fn contact(contact: Option<LastContact>) -> Value {
    let Some(contact) = contact else { return Value::Null };
    let channel = contact.channel.map(|channel| channel.to_string());
    let purpose = contact.purpose.map(|purpose| purpose.to_string());
    json!({ "at": instant(contact.at), "channel": channel, "purpose": purpose })
}

/// A line of the agenda.
pub(crate) fn agenda_json(item: &AgendaItem) -> Value {
    let mut line = action_json(&item.action);
    line.extend(object(json!({
        "action": format!("{}/{}", item.prospect, item.revision),
        "prospect": item.prospect.as_str(),
        "name": item.name.as_deref().unwrap_or(item.prospect.as_str()),
        "owner": item.owner,
        "stage": item.stage.as_str(),
        "temperature": item.temperature.as_str(),
        "also": item.also,
        "state": item.state.as_str(),
        "hours_late": item.hours_late,
        "to": item.to,
        "value": item.value.map(|value| value.to_string()),
        "last_contact": contact(item.last_contact),
        "last_note": item.last_note,
        "needs": item.needs,
        "batch_channel": item.batch_channel.map(|channel| channel.to_string()),
        "owner_away": item.owner_away,
        "rules": rules(item.rules),
    })));
    // Only where a capacity was asked for.
    line.extend(item.planned_on.map(|day| ("planned_on".to_owned(), day.to_string().into())));
    Value::Object(line)
}

/// The parts of a line that come from the action alone.
fn action_json(action: &Action) -> Map<String, Value> {
    object(json!({
        "purpose": action.purpose.as_str(),
        "channel": action.channel.map(|channel| channel.to_string()),
        "reason": action.reason.as_str(),
        "personal": action.personal,
        "automatic": action.automatic,
        "template": action.template,
        "earliest": instant(action.window.earliest),
        "target": instant(action.window.target),
        "latest": instant(action.window.latest),
        "rank_at": instant(action.rank_at),
        "obligation": action.obligation,
        "row": action.kind.row(),
    }))
}

/// A plan without the person: what is next, and what goes with it.
pub(crate) fn plan_parts(plan: &Plan) -> Map<String, Value> {
    let (word, until, why) = match &plan.decision {
        Decision::Act { .. } => ("act", None, None),
        Decision::Wait { until, why } => ("wait", Some(instant(*until)), Some(why.as_str())),
        Decision::Rest { why } => ("rest", None, Some(why.as_str())),
        _ => ("unknown", None, None),
    };
    let mut line = plan.next().map(action_json).unwrap_or_default();
    let also: Vec<Value> = plan.also().iter().map(|action| Value::Object(action_json(action))).collect();
    line.extend(object(json!({
        "plan": word,
        "stage": plan.stage.as_str(),
        "temperature": plan.temperature.as_str(),
        "until": until,
        "because_of": why,
        "wake_at": plan.wake.as_ref().map(|wake| instant(wake.at())),
        "wake": plan.wake.as_ref().map(|wake| wake.kind.as_str()),
        "also": false,
        "also_owed": also,
        "needs": plan.needs,
        "conflicts": conflicts(plan),
        "rules": rules(plan.rules()),
    })));
    line
}

fn conflicts(plan: &Plan) -> Vec<Value> {
    let conflicts =
        plan.actions().filter_map(|action| action.conflict.as_ref().map(|conflict| (action, conflict)));
    conflicts
        .map(|(action, conflict)| {
            let ids: Vec<_> = conflict.rules.iter().map(Rule::id).collect();
            let detail = format!(
                "{} should be done by {} and cannot be before {}",
                action.kind.as_str(),
                instant(conflict.own_latest).as_str().unwrap_or_default(),
                instant(action.window.earliest).as_str().unwrap_or_default(),
            );
            json!({ "rules": ids, "detail": detail })
        })
        .collect()
}

/// A plan of one prospect.
pub(crate) fn view_json(view: &View, now: DateTime<Utc>) -> Map<String, Value> {
    let mut line = plan_parts(&view.plan);
    let state = &view.state;
    line.extend(object(json!({
        "action": format!("{}/{}", view.prospect, view.revision),
        "prospect": view.prospect.as_str(),
        "name": view.profile.name.as_deref().unwrap_or(view.prospect.as_str()),
        "owner": state.owner(),
        "value": state.value().map(|value| value.to_string()),
        "last_contact": contact(state.last_contact()),
        "last_note": view.profile.last_note.as_ref().filter(|(at, _)| *at <= now).map(|(_, text)| text),
        "owner_away": state.owner_is_away(now),
    })));
    if let Some(next) = view.plan.next() {
        let to = next.channel.and_then(|channel| view.profile.address(channel));
        line.extend(object(json!({
            "state": next.window.state(now).as_str(),
            "hours_late": next.window.hours_late(now),
            "to": to,
        })));
    }
    line
}

pub(crate) fn because_json(because: &Because) -> Value {
    json!({ "rule": because.rule.id(), "what": because.what.as_str(), "from": because.from, "to": because.to })
}

pub(crate) fn lost_json(lost: &Lost) -> Value {
    json!({
        "candidate": lost.kind.as_str(),
        "row": lost.kind.row(),
        "purpose": lost.purpose.as_str(),
        "earliest": instant(lost.earliest),
        "latest": instant(lost.latest),
    })
}

pub(crate) fn outcomes_json(answers: &[Answer]) -> Value {
    answers.iter().map(|answer| (answer.name.to_owned(), Value::Object(plan_parts(&answer.plan)))).collect()
}

pub(crate) fn finding_json(finding: &Finding) -> Value {
    json!({ "rule": finding.rule.id(), "finding": finding.finding.as_str(), "detail": finding.detail })
}

pub(crate) fn receipt_json(receipt: &Receipt, event: &str) -> Value {
    let findings: Vec<Value> = receipt.findings.iter().map(finding_json).collect();
    json!({
        "prospect": receipt.prospect.as_str(),
        "event": event,
        "key": receipt.key,
        "revision": receipt.revision.0,
        "repeated": receipt.repeated,
        "findings": findings,
        "woken": receipt.woken,
        "next": plan_parts(&receipt.plan),
    })
}

/// An event, as `import events` reads it, with when it was recorded.
pub(crate) fn history_json(prospect: &str, entry: &HistoryEntry) -> Value {
    let mut line = entry.event.to_json(prospect);
    line.insert("recorded_at".to_owned(), instant(entry.recorded_at));
    if entry.voided {
        line.insert("voided".to_owned(), true.into());
    }
    Value::Object(line)
}

pub(crate) fn published_json(published: &Published) -> Value {
    json!({
        "playbook": published.name,
        "version": published.version,
        "repeated": published.repeated,
        "moved": published.moved,
        "stayed": published.stayed,
    })
}

pub(crate) fn diff_json(diff: &PlaybookDiff, playbook: &Playbook) -> Value {
    let load: Vec<Value> = diff
        .load
        .iter()
        .map(|(on, load)| json!({ "on": on.to_string(), "before": load.before, "after": load.after }))
        .collect();
    let change = |change: &PlanChange| {
        json!({
            "prospect": change.prospect.as_str(),
            "name": change.name.as_deref().unwrap_or(change.prospect.as_str()),
            "before": plan_parts(&change.before),
            "after": plan_parts(&change.after),
        })
    };
    json!({
        "playbook": playbook.name(),
        "version": playbook.settings().version,
        "prospects": diff.prospects,
        "same": diff.same,
        "changed": diff.changed,
        "starts": diff.starts,
        "stops": diff.stops,
        "earlier": diff.earlier,
        "later": diff.later,
        "shift_days": diff.shift_days,
        "purpose": diff.purpose,
        "channel": diff.channel,
        "load": load,
        "changes": diff.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

pub(crate) fn preview_json(preview: &Preview) -> Value {
    let steps: Vec<Value> = preview
        .steps
        .iter()
        .map(|step| {
            json!({
                "at": instant(step.at),
                "what": step.what,
                "channel": step.channel.map(|channel| channel.to_string()),
                "reason": step.reason.map(|reason| reason.to_string()),
                "plan": step.plan,
            })
        })
        .collect();
    json!({ "prospect": preview.behaviour.as_str(), "steps": steps })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
