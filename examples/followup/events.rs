//! The recording commands: add, record, wake, erase.

use anyhow::Context as _;
use followup::block_on;
use followup::desk::Receipt;
use followup::event::Fields;
use followup::state::Finding;
use followup::{DeskError, Event, Money, Prospect};
use serde_json::json;

use crate::args;
use crate::office::{Ended, Office, wrong};

pub(crate) fn add(office: &Office, add: args::Add) -> anyhow::Result<Ended> {
    let id = add.id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    let mut prospect = Prospect::new(id).map_err(wrong)?.name(add.name);
    if let Some(kind) = add.kind {
        prospect = prospect.kind(kind.parse().map_err(wrong)?);
    }
    if let Some(email) = add.email {
        prospect = prospect.email(email).map_err(wrong)?;
    }
    if let Some(zone) = add.zone {
        prospect = prospect.zone(&zone).map_err(wrong)?;
    }
    if let Some(value) = add.value {
        prospect = prospect.value(value.parse::<Money>().map_err(wrong)?);
    }
    if let Some(phone) = add.phone {
        prospect = prospect.phone(phone);
    }
    if let Some(owner) = office.owner.clone() {
        prospect = prospect.owner(owner);
    }
    if let Some(referrer) = add.referrer {
        prospect = prospect.referrer(referrer);
    }
    if let Some(playbook) = add.playbook {
        prospect = prospect.playbook(playbook);
    }
    let receipt = block_on(office.desk.add(prospect, office.now))?;
    show(office, &receipt)
}

pub(crate) fn record(office: &Office, record: args::Record) -> anyhow::Result<Ended> {
    let id = office.id(&record.prospect)?;
    let event = event(office, &record)?;
    let name = event.name();
    if record.check {
        let findings = block_on(office.desk.check(&id, &event, office.now))?;
        return tried(office, &record.prospect, name, findings);
    }
    let taken = match record.happened {
        true => block_on(office.desk.observe_at(&id, event, office.now)),
        false => block_on(office.desk.record_at(&id, event, office.now)),
    };
    let receipt = taken.map_err(|error| match error {
        refused @ DeskError::Refused { .. } => {
            anyhow::Error::new(refused).context("if it happened anyway, record it with --happened")
        }
        other => anyhow::Error::new(other),
    });
    show(office, &receipt?)
}

/// Returns the event described by the command line.
fn event(office: &Office, record: &args::Record) -> anyhow::Result<Event> {
    let mut fields = Fields::default();
    for pair in &record.fields {
        let (field, value) = pair
            .split_once('=')
            .ok_or_else(|| wrong(format!("invalid field \"{pair}\"; expected e.g. channel=email")))?;
        fields.set(field, value);
    }
    let at = match &record.at {
        Some(at) => office.instant("at", at)?,
        None => office.now,
    };
    fields.set("at", at.to_rfc3339());
    if let Some(key) = &record.key {
        fields.set("key", key.as_str());
    }
    let event = Event::from_fields(&record.event, fields, office.desk.policy().zone()).map_err(wrong)?;
    let unknown: Vec<_> = event.extra().names().collect();
    if !unknown.is_empty() {
        return Err(wrong(format!(
            "unknown field \"{}\" of the event \"{}\"",
            unknown.join("\", \""),
            record.event
        )));
    }
    Ok(event)
}

fn tried(office: &Office, prospect: &str, event: &str, findings: Vec<Finding>) -> anyhow::Result<Ended> {
    let fine = !findings.iter().any(Finding::is_refusal);
    if office.json {
        office.line(&json!({ "prospect": prospect, "event": event, "ok": fine, "findings": findings }))?;
    } else if fine {
        office.say(format!("{event} can be recorded"))?;
    }
    office.end(Ended::Done)?;
    if fine {
        return Ok(Ended::Done);
    }
    let list: Vec<_> = findings.iter().map(Finding::to_string).collect();
    anyhow::bail!("{prospect}: {event} would be refused: {}", list.join("; "))
}

fn show(office: &Office, receipt: &Receipt) -> anyhow::Result<Ended> {
    if office.json {
        office.line(receipt)?;
        return office.end(Ended::Done);
    }
    let done = if receipt.repeated { "already recorded" } else { "recorded" };
    office.say(format!("{}: {} {done}; next: {}", receipt.prospect, receipt.event, receipt.plan))?;
    for finding in &receipt.findings {
        office.say(format!("  finding: {finding}"))?;
    }
    office.end(Ended::Done)
}

pub(crate) fn wake(office: &Office) -> anyhow::Result<Ended> {
    let woken = block_on(office.desk.wake(office.now)).context("cannot record the wake-ups")?;
    match office.json {
        true => office.line(&json!({ "woken": woken }))?,
        false => office.say(format!("wake-ups recorded: {woken}"))?,
    }
    office.end(Ended::Done)
}

pub(crate) fn erase(office: &Office, prospect: &str) -> anyhow::Result<Ended> {
    let id = office.id(prospect)?;
    block_on(office.desk.erase(&id, office.now))?;
    match office.json {
        true => office.line(&json!({ "prospect": prospect, "erased": true }))?,
        false => office.say(format!("{prospect}: erased"))?,
    }
    office.end(Ended::Done)
}
