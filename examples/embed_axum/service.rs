//! The service without HTTP: its own tables, and followup beside them. All functions block.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use followup::agenda::AgendaItem;
use followup::block_on;
use followup::desk::Receipt;
use followup::event::Fields;
use followup::read::View;
use followup::sqlite::{File, SqliteStore};
use followup::store::StoreErrorKind;
use followup::{Desk, DeskError, Event, Playbook, ProspectId};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use serde_json::{Map, Value};

use crate::failure::Failure;

/// The maximum number of attempts to write an event when other writers interfere.
const ATTEMPTS_MAX: usize = 20;

/// How long to wait for other writers.
const PATIENCE: Duration = Duration::from_secs(1);

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS lead(id TEXT PRIMARY KEY, source TEXT, received_at TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS activity(lead TEXT NOT NULL, key TEXT NOT NULL, note TEXT, PRIMARY KEY(lead, key)) STRICT;
";

pub(crate) struct Service {
    /// The connection for our own tables. Writers take turns on this lock, as they would on the file.
    own: Mutex<Connection>,
    store: SqliteStore,
    desk: Desk,
}

/// A new lead. The sender chooses the id, so that a request without a response can be repeated.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLead {
    id: String,
    name: Option<String>,
    email: Option<String>,
    owner: Option<String>,
    source: Option<String>,
    channel: Option<String>,
    message: Option<String>,
}

impl Service {
    pub(crate) fn open(path: &str) -> anyhow::Result<Service> {
        let store = SqliteStore::options().file(File::Shared).busy_timeout(PATIENCE).open(path)?;
        let own = Connection::open(path)?;
        own.busy_timeout(PATIENCE)?;
        own.execute_batch(TABLES)?;
        let desk = Desk::new(store.clone(), Playbook::default());
        Ok(Service { own: Mutex::new(own), store, desk })
    }

    /// Adds a lead and its inquiry. Sending it again adds only what is missing.
    pub(crate) fn take_in(&self, new: NewLead, now: DateTime<Utc>) -> Result<Receipt, Failure> {
        let id = ProspectId::new(&new.id).map_err(DeskError::from)?;
        let given = [("name", &new.name), ("email", &new.email), ("owner", &new.owner)];
        let given = given.into_iter().filter_map(|(field, value)| Some((field, value.clone()?.into())));
        let profile: Map<String, Value> = given.map(|(field, value)| (field.to_owned(), value)).collect();
        let received_at = loop {
            // A repeated request uses the instant of the first one, so that it is the same event.
            let at = self.received_at(&id)?.unwrap_or(now);
            let added = self.event("added", profile.clone(), at)?.with_key("added");
            let written = self.write(&id, added, now.max(at), |transaction, _| {
                let lead = (id.as_str(), &new.source, at.to_rfc3339());
                transaction.execute("INSERT OR IGNORE INTO lead VALUES (?1, ?2, ?3)", lead).map(drop)
            });
            match written {
                // Another request has added the lead meanwhile, at another instant.
                Err(Failure::Desk(DeskError::KeyConflict { .. })) if self.received_at(&id)? != Some(at) => {}
                written => break written.map(|_| at)?,
            }
        };
        let channel = new.channel.map(|channel| ("channel".to_owned(), channel.into()));
        let inquired =
            self.event("inquired", channel.into_iter().collect(), received_at)?.with_key("inquired");
        // Of two concurrent requests, one may have read the clock before the other.
        self.record_with_note(&id, inquired, now.max(received_at), new.message)
    }

    /// Records an event, given as an object with its name, its fields and an optional note of ours.
    pub(crate) fn record(
        &self,
        id: &str,
        mut told: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<Receipt, Failure> {
        let id = ProspectId::new(id).map_err(DeskError::from)?;
        let Some(Value::String(name)) = told.remove("event") else {
            return Err(Failure::Wrong(
                "missing \"event\"; expected e.g. {\"event\":\"replied\",\"channel\":\"email\"}".to_owned(),
            ));
        };
        let note = told.remove("note").and_then(|note| note.as_str().map(str::to_owned));
        let event = self.event(&name, told, now)?;
        self.record_with_note(&id, event, now, note)
    }

    fn record_with_note(
        &self,
        id: &ProspectId,
        event: Event,
        now: DateTime<Utc>,
        note: Option<String>,
    ) -> Result<Receipt, Failure> {
        self.write(id, event, now, |transaction, key| {
            let activity = (id.as_str(), key, &note);
            transaction.execute("INSERT OR IGNORE INTO activity VALUES (?1, ?2, ?3)", activity).map(drop)
        })
    }

    pub(crate) fn agenda(
        &self,
        owner: Option<&str>,
        days: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<AgendaItem>, Failure> {
        let agenda = self.desk.agenda(now).within_days(days);
        let agenda = match owner {
            Some(owner) => agenda.owner(owner),
            None => agenda,
        };
        Ok(block_on(async { agenda.await })?)
    }

    pub(crate) fn plan(&self, id: &str, now: DateTime<Utc>) -> Result<View, Failure> {
        let id = ProspectId::new(id).map_err(DeskError::from)?;
        Ok(block_on(self.desk.plan(&id, now))?)
    }

    /// Checks that the file can be read.
    pub(crate) fn is_well(&self) -> Result<(), Failure> {
        block_on(self.desk.store().changes(0, 1)).map_err(DeskError::from)?;
        Ok(())
    }

    fn received_at(&self, id: &ProspectId) -> Result<Option<DateTime<Utc>>, Failure> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = "SELECT received_at FROM lead WHERE id = ?1";
        let text: Option<String> = own.query_row(sql, [id.as_str()], |row| row.get(0)).optional()?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    fn event(&self, name: &str, told: Map<String, Value>, at: DateTime<Utc>) -> Result<Event, Failure> {
        let mut fields: Fields = told.into_iter().collect();
        if fields.names().all(|name| name != "at") {
            fields.set("at", at.to_rfc3339());
        }
        let event = Event::from_fields(name, fields, self.desk.policy().zone());
        let event = event.map_err(|error| Failure::Wrong(error.to_string()))?;
        let unknown = event.extra().names().next().map(str::to_owned);
        match unknown {
            Some(unknown) => {
                Err(Failure::Wrong(format!("unknown field \"{unknown}\" of the event \"{name}\"")))
            }
            None => Ok(event),
        }
    }

    /// Writes an event and our own rows, both or neither. `own_rows` receives the event's key.
    fn write(
        &self,
        id: &ProspectId,
        event: Event,
        now: DateTime<Utc>,
        own_rows: impl Fn(&Transaction<'_>, &str) -> rusqlite::Result<()>,
    ) -> Result<Receipt, Failure> {
        for _ in 0..ATTEMPTS_MAX {
            let prepared = block_on(self.desk.prepare(id, event.clone(), now))?;
            // After a panic no transaction is open: dropping a transaction rolls it back.
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = own.transaction_with_behavior(TransactionBehavior::Immediate)?;
            own_rows(&transaction, &prepared.receipt().key)?;
            match self.store.append_in(&transaction, prepared.changes()) {
                Ok(()) => {
                    transaction.commit()?;
                    return Ok(prepared.receipt().clone());
                }
                Err(error) if error.kind() == StoreErrorKind::Conflict => {}
                Err(error) => return Err(DeskError::from(error).into()),
            }
        }
        Err(Failure::Busy)
    }
}
