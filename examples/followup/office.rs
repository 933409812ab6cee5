//! The context of a command: the database, the playbook, the time and the output.

use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use followup::block_on;
use followup::desk::DeskBuilder;
use followup::memory::MemoryStore;
use followup::sqlite::SqliteStore;
use followup::{BookId, Desk, Event, Playbook, ProspectId};
use serde::Serialize;

use crate::args::Common;

/// The result of a successful command.
pub(crate) enum Ended {
    /// Everything was done.
    Done,
    /// Done, but some input was rejected.
    SomeRejected,
}

/// An error in the call itself.
#[derive(Debug)]
pub(crate) struct Wrong(pub(crate) String);

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

/// Converts an error caused by an argument into a [`Wrong`] call.
pub(crate) fn wrong(error: impl std::fmt::Display) -> anyhow::Error {
    // Including its causes.
    anyhow::Error::new(Wrong(format!("{error:#}")))
}

/// Replaces characters that control a terminal, so that imported names cannot repaint the screen or reverse a line.
fn printable(text: &str) -> String {
    let steers = |char: char| {
        char != '\n' && char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(steers, "\u{fffd}")
}

/// The context of a command.
pub(crate) struct Office {
    pub(crate) desk: Desk,
    pub(crate) now: DateTime<Utc>,
    pub(crate) owner: Option<String>,
    pub(crate) json: bool,
    out: Mutex<BufWriter<Stdout>>,
}

impl Office {
    pub(crate) fn open(common: Common) -> anyhow::Result<Office> {
        let given = given(&common)?;
        let book = BookId::new(&common.book).map_err(wrong)?;
        let builder = match database(&common)? {
            Database::Memory => Desk::builder(MemoryStore::new().book(book)),
            Database::File(path) => Desk::builder(open(path)?.book(book)),
        };
        // Without a file, the newest version published under the name of the built-in playbook applies.
        let builder = given.into_iter().fold(builder, DeskBuilder::playbook);
        let desk = block_on(builder.open())?;
        let now = now(common.now.as_deref(), desk.policy().playbook())?;
        let out = Mutex::new(BufWriter::new(io::stdout()));
        Ok(Office { desk, now, owner: common.owner, json: common.json, out })
    }

    /// Parses a prospect id from the command line.
    pub(crate) fn id(&self, id: &str) -> anyhow::Result<ProspectId> {
        ProspectId::new(id).map_err(wrong)
    }

    /// Parses an instant from the command line.
    pub(crate) fn instant(&self, field: &'static str, text: &str) -> anyhow::Result<DateTime<Utc>> {
        Event::parse_instant(field, text, self.desk.policy().zone()).map_err(wrong)
    }

    fn out(&self) -> MutexGuard<'_, BufWriter<Stdout>> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints one line of JSON.
    pub(crate) fn line(&self, value: &impl Serialize) -> anyhow::Result<()> {
        Ok(writeln!(self.out(), "{}", serde_json::to_string(value)?)?)
    }

    /// Prints text for people.
    pub(crate) fn say(&self, text: impl std::fmt::Display) -> anyhow::Result<()> {
        Ok(writeln!(self.out(), "{}", printable(&text.to_string()))?)
    }

    /// Flushes the output, so that an error there is not lost.
    pub(crate) fn end(&self, ended: Ended) -> anyhow::Result<Ended> {
        self.out().flush()?;
        Ok(ended)
    }
}

/// The database that `--db` names.
pub(crate) enum Database<'a> {
    /// An in-memory database, which is gone when the command ends.
    Memory,
    /// A SQLite file.
    File(&'a str),
}

pub(crate) fn database(common: &Common) -> anyhow::Result<Database<'_>> {
    match common.db.as_deref().unwrap_or("followup.db") {
        "memory:" => Ok(Database::Memory),
        path if path.starts_with("postgres://") || path.starts_with("postgresql://") => {
            Err(wrong("PostgreSQL is not supported yet; give --db a file or memory:"))
        }
        path => Ok(Database::File(path)),
    }
}

pub(crate) fn open(path: &str) -> anyhow::Result<SqliteStore> {
    SqliteStore::open(path).with_context(|| format!("cannot open the database {path}"))
}

/// Reads the playbook named by the call, if any.
pub(crate) fn given(common: &Common) -> anyhow::Result<Option<Playbook>> {
    common.playbook_file.as_deref().map(read).transpose()
}

/// Reads a playbook from a file.
pub(crate) fn read(path: &Path) -> anyhow::Result<Playbook> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the playbook {}", path.display()))?;
    Playbook::parse(&text)
        .map_err(|error| anyhow::anyhow!("the playbook {} has mistakes:\n{error}", path.display()))
}

/// Returns the given time, or else the current time. This is the only place that reads a clock.
pub(crate) fn now(said: Option<&str>, playbook: &Playbook) -> anyhow::Result<DateTime<Utc>> {
    match said {
        Some(text) => Event::parse_instant("--now", text, playbook.zone()).map_err(wrong),
        None => Ok(Utc::now()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_text_cannot_control_the_terminal() {
        assert_eq!(
            printable("Ada\u{1b}[31m\t\u{7}\u{202e}adA\u{2069}"),
            "Ada\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}adA\u{fffd}"
        );
        assert_eq!(printable("Zoë 👩‍🚀\nשלום"), "Zoë 👩‍🚀\nשלום", "other alphabets, signs and lines are kept");
    }
}
