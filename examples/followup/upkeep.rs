//! The maintenance commands: backup, integrity.

use std::io::Write;
use std::path::Path;

use followup::sqlite::{Integrity, SqliteStore};
use serde::Serialize;
use serde_json::json;

use crate::args::Common;
use crate::office::{Database, Ended, database, open, wrong};

/// Opens the store in an existing file. Opening a missing file would create an empty one, and find it sound.
fn store(common: &Common) -> anyhow::Result<(&str, SqliteStore)> {
    match database(common)? {
        Database::Memory => Err(wrong("memory: does not outlast the command; give --db a file")),
        Database::File(path) if !Path::new(path).is_file() => {
            Err(wrong(format!("database file not found: {path}; give --db an existing file")))
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
        false => writeln!(out, "copied {path} to {}: {bytes} bytes", to.display())?,
    }
    Ok(Ended::Done)
}

pub(crate) fn integrity(common: &Common) -> anyhow::Result<Ended> {
    let (path, store) = store(common)?;
    let report = store.check_integrity()?;
    let mut out = std::io::stdout().lock();
    if common.json {
        writeln!(out, "{}", serde_json::to_string(&Checked { database: path, integrity: &report })?)?;
    } else {
        for finding in &report.findings {
            writeln!(out, "{finding}")?;
        }
        let checked: Vec<_> =
            checked(&report).iter().map(|(what, count)| format!("{count} {what}")).collect();
        writeln!(out, "{path}: checked {}", checked.join(", ").replace('_', " "))?;
        if report.is_sound() {
            writeln!(out, "{path}: no damage found")?;
        }
    }
    let found = report.findings.len() as u64 + report.omitted;
    anyhow::ensure!(
        report.is_sound(),
        "{path} is damaged: {found} findings, listed above; restore a backup, or keep this file and export what can be read"
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

/// The report of a check as JSON.
#[derive(Serialize)]
struct Checked<'a> {
    database: &'a str,
    #[serde(flatten)]
    integrity: &'a Integrity,
}
