//! Looking after the file: backup, integrity.

use std::io::Write;
use std::path::Path;

use followup_store_sqlite::{Integrity, Place, SqliteStore, Unsound};
use serde_json::{Map, Value, json};

use crate::args::Common;
use crate::office::{Database, Ended, database, open, wrong};

/// The store in a file that is there. Looking after one that is not would make an empty one, and call it sound.
fn store(common: &Common) -> anyhow::Result<(&str, SqliteStore)> {
    match database(common)? {
        Database::Memory => Err(wrong("memory: is gone when the command ends: give --db a file")),
        Database::File(path) if !Path::new(path).is_file() => {
            Err(wrong(format!("there is no file {path}: give --db one that is there")))
        }
        Database::File(path) => Ok((path, open(path)?)),
    }
}

pub(crate) fn backup(common: &Common, to: &Path) -> anyhow::Result<Ended> {
    let (path, store) = store(common)?;
    store.backup(to)?;
    let bytes = std::fs::metadata(to)?.len();
    let mut out = std::io::stdout().lock();
    match common.json {
        true => {
            writeln!(out, "{}", json!({ "database": path, "backup": to.to_string_lossy(), "bytes": bytes }))?;
        }
        false => writeln!(out, "{path} is copied to {}: {bytes} bytes", to.display())?,
    }
    Ok(Ended::Done)
}

pub(crate) fn integrity(common: &Common) -> anyhow::Result<Ended> {
    let (path, store) = store(common)?;
    let report = store.check_integrity()?;
    let mut out = std::io::stdout().lock();
    if common.json {
        writeln!(out, "{}", report_json(path, &report))?;
    } else {
        for finding in &report.findings {
            writeln!(out, "{finding}")?;
        }
        let checked: Vec<_> =
            checked(&report).iter().map(|(what, count)| format!("{count} {what}")).collect();
        writeln!(out, "{path}: looked at {}", checked.join(", ").replace('_', " "))?;
        if report.is_sound() {
            writeln!(out, "{path}: all is as it was written")?;
        }
    }
    let found = report.findings.len() as u64 + report.omitted;
    anyhow::ensure!(
        report.is_sound(),
        "{path} is damaged: {found} findings, listed above; restore a copy from before, or keep this one and export what can be read"
    );
    Ok(Ended::Done)
}

fn checked(report: &Integrity) -> [(&'static str, u64); 8] {
    let checked = &report.checked;
    [
        ("books", checked.books),
        ("prospects", checked.prospects),
        ("records", checked.records),
        ("due_entries", checked.due_entries),
        ("claims", checked.claims),
        ("profiles", checked.profiles),
        ("suppressions", checked.suppressions),
        ("documents", checked.documents),
    ]
}

fn report_json(path: &str, report: &Integrity) -> Value {
    let checked: Map<String, Value> =
        checked(report).into_iter().map(|(what, count)| (what.to_owned(), count.into())).collect();
    let findings: Vec<_> = report.findings.iter().map(finding_json).collect();
    json!({
        "database": path,
        "sound": report.is_sound(),
        "checked": checked,
        "findings": findings,
        "omitted": report.omitted,
    })
}

fn finding_json(finding: &Unsound) -> Value {
    let (book, prospect, table, row) = match &finding.place {
        Place::Book(book) => (Some(book.as_str()), None, None, None),
        Place::Prospect(book, prospect) => (Some(book.as_str()), Some(prospect.as_str()), None, None),
        Place::Row(table, row) => (None, None, Some(*table), Some(*row)),
        _ => (None, None, None, None),
    };
    json!({ "book": book, "prospect": prospect, "table": table, "row": row, "what": finding.what })
}
