//! Mapping files: any event log or CRM export as events.
//!
//! A mapping is a TOML file. It says which column is the prospect and which the time, and by [`[[event]]`](#events)
//! rules which rows mean which event. It reads CSV and JSON Lines alike (the columns are then the objects' keys).
//!
//! ```
//! use followup_core::Zone;
//! use followup_formats::{Mapping, Row};
//!
//! let mapping = Mapping::parse(r#"
//! prospect = "ticket"
//! state = "status"                                   # the column whose changes matter
//! nothing = ["?", "NULL"]                            # cells that mean nothing
//! zone = "Europe/Berlin"
//! time = { column = "changed", formats = ["%d.%m.%Y %H:%M", "%d.%m.%Y"] }
//!
//! [known]
//! status = ["new"]                                   # needs no rule
//!
//! [[event]]
//! event = "inquired"
//! when = { first = true }                            # the first row of a ticket
//! fields.channel = { column = "via", values = { Tel = "phone", Mail = "email" } }
//!
//! [[event]]
//! event = "touched"
//! fields = { channel = "email" }
//!
//! [[event]]
//! event = "decided"
//! when = { into = ["won", "lost"] }                  # the status changes into one of these
//! fields.outcome = { column = "status" }
//! "#)?;
//!
//! let log = "ticket,status,changed,via\n\
//!            T7,new,2.3.2026 09:15,Tel\n\
//!            T7,on hold,3.3.2026,?\n\
//!            T7,won,4.3.2026 16:00,?\n";
//! let mut reader = mapping.reader(log.as_bytes(), Zone::utc())?;
//! let events: Vec<String> = reader
//!     .by_ref()
//!     .map(|row| match row {
//!         Ok(Row::Imported { event, .. }) => format!("{} {} {}", event.at.to_rfc3339(), event.key, event.name()),
//!         other => panic!("{other:?}"),
//!     })
//!     .collect();
//! assert_eq!(events, [
//!     "2026-03-02T08:15:00+00:00 T7/1/1-inquired inquired",
//!     "2026-03-02T08:15:00+00:00 T7/1/2-touched touched",
//!     "2026-03-02T23:00:00+00:00 T7/2/2-touched touched",
//!     "2026-03-04T15:00:00+00:00 T7/3/2-touched touched",
//!     "2026-03-04T15:00:00+00:00 T7/3/3-decided decided",
//! ]);
//! assert_eq!(reader.unmapped()[&("status".to_owned(), "on hold".to_owned())], 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The file as a whole
//!
//! | key | says |
//! |---|---|
//! | `prospect` | the prospect's id: a column, or `{ template = "{country}-{number}" }`; 1 to 64 bytes. The rows of one prospect are one case. |
//! | `time` | when it happened: a column, or a table with `column` or `template`, `formats`, and `day_only` |
//! | `state` | the column whose changes `into` and `out_of` look at |
//! | `key` | the key of a row, a template; `"{prospect}/{nth}"` if it is not said |
//! | `zone` | the zone of times without an offset; that of the caller if it is not said |
//! | `delimiter` | of CSV; `","` if it is not said |
//! | `nothing` | values of cells that mean nothing, beside the empty one |
//! | `optional` | columns that the header may lack; their cells are empty then |
//! | `known` | by column, values that need no rule, and so are not counted as unmapped |
//! | `fields` | [fields](#fields) of every event that takes them and does not state its own |
//! | `description` | a text for people |
//!
//! Cells are read without the blanks around them. A **template** is text with columns in braces; a row in which one
//! of them is empty has no prospect and no time. **Formats** are [chrono's](chrono::format::strftime), one or a list
//! of which the first that fits is taken; a date alone is its 0:00. Without formats, RFC 3339 and ISO 8601 are read.
//! With `day_only = true` the time of day is left out: every instant is the 0:00 of its day in the zone. An
//! event's own time without `formats` takes over those of the file, and its `day_only`.
//!
//! # Events
//!
//! Each `[[event]]` gives one event a row at most, unless it says `times`, and a row may give several, in the order
//! of the rules.
//!
//! | key | says |
//! |---|---|
//! | `event` | the event's name, as in the vocabulary |
//! | `when` | conditions that all have to hold; every row, if it is not said |
//! | `unless` | conditions none of which may hold |
//! | `once` | `true`: at most once a case |
//! | `times` | the column that says how many times it happened: as many events, all of them at the row's time |
//! | `time`, `key` | the event's own, instead of the file's |
//! | `fields` | the fields that the vocabulary gives the event |
//! | `extra` | further fields, which are kept with the event |
//!
//! | condition | holds if |
//! |---|---|
//! | `first = true` | the row is the first of its case |
//! | `into = ["a", "b"]` | the state is one of these, and was none of them in the case's row before (a first row counts) |
//! | `out_of = ["a", "b"]` | the state was one of these in the row before, and is none of them |
//! | `columns.x = "a"` or `["a", "b"]` | the cell is this, or one of these |
//! | `columns.x = { not = "a" }` | the cell is something else, or empty |
//! | `columns.x = { present = true }` | the cell is not empty |
//!
//! "The row before" is the one before in the file, whatever its time. A row with an empty state leaves the state of
//! its case as it was. A row that is rejected gives no event, but its state counts: so that the file gives, once
//! that row is repaired, the events that were missing, and the others again.
//!
//! # Events that are known by number only
//!
//! Some tables count what happened instead of listing it: "called 3 times, the last time on 5 May". With
//! `times = "calls"` the row gives three events, which differ by their keys alone: behind each stands its number, from
//! `/0001`. The cell holds a whole number from 0, which gives none, to 1,000; a row in which it is empty or anything
//! else is rejected, unless a condition keeps the rule from it. A rule with `times` cannot have `once`.
//!
//! Often one of them, the last, is known better than the others. It has a rule of its own then, after the one with
//! the number, which leaves it out by `less`:
//!
//! ```
//! # let mapping = followup_formats::Mapping::parse(r#"
//! prospect = "client"
//! time = "last_call"
//!
//! [[event]]
//! event = "touched"
//! times = { column = "calls", less = 1 }
//! fields = { channel = "phone" }
//!
//! [[event]]
//! event = "touched"
//! fields = { channel = "phone" }
//! extra.seconds = { column = "seconds" }
//! # "#)?;
//! # let table = "client,calls,last_call,seconds\nc1,3,2026-05-05,70\n";
//! # let keys: Vec<String> = mapping
//! #     .reader(table.as_bytes(), followup_core::Zone::utc())?
//! #     .map(|row| match row {
//! #         Ok(followup_formats::Row::Imported { event, .. }) => event.key,
//! #         other => panic!("{other:?}"),
//! #     })
//! #     .collect();
//! # assert_eq!(keys, ["c1/1/1-touched/0001", "c1/1/1-touched/0002", "c1/1/2-touched"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A row with a number below `less` is rejected, too.
//!
//! # Fields
//!
//! A field is a constant (`outcome = "won"`) or a table:
//!
//! | key | says |
//! |---|---|
//! | `column` or `template` | the cells; empty ones are left out |
//! | `values` | what each text stands for; `""` leaves the field out. A text that is not there leaves it out, too, and is counted as unmapped. |
//! | `otherwise` | what a text stands for that is not there |
//! | `empty` | what empty cells stand for |
//! | `formats` | the text is a time |
//! | `decimal` | the text is a number with this decimal sign, `","` or `"."`; signs that group digits are left out |
//!
//! # Keys and order
//!
//! An event's key is that of its row, and behind it the rule's number and the event's name: `INC0001/12/4-touched`.
//! Behind that stands, where a rule says [how many times](#events-that-are-known-by-number-only), which time it is.
//! It has to be the same when the file is imported again with other cases added or moved, so that it is made of
//! cells, of `{prospect}`, and of `{nth}`: which row of its case it is, from 1. Where the log numbers its updates
//! itself and never twice, that number is better, because `{nth}` shifts if a row is put in before.
//!
//! Events of one prospect at the same instant are in the order of their rows, for which `seq` is `{nth}` (and not the
//! number of the row in the file, which changes with other cases), and within a row in the order of the rules, which
//! is that of their keys unless a rule has a key of its own. All rows of a case have to stand in one file; between
//! two files about the same prospects (their keys must differ) the keys order what is at the same instant.
//!
//! # What is not mapped
//!
//! Values of a column that the rules compare with something, of `state`, and of a field's `values` are counted if
//! the mapping names them nowhere: see [`MappedReader::unmapped`].
//!
//! # Mappings that ship
//!
//! [`Mapping::shipped`] has them by name: `helpdesk`, `hubspot_deals`, `maven_crm`, `olist_closed`, `olist_mql`,
//! `uci_bank`, `uci_incident`. Their texts, with a description each, are a start for one's own
//! ([`Mapping::shipped_text`]).

mod cases;
mod cells;
mod condition;
mod field;
mod mistakes;
mod parser;
mod reader;
mod rule;
mod shipped;
#[cfg(test)]
mod tests;
mod time;
mod times;
mod unmapped;
mod vocabulary;

use std::collections::{HashMap, HashSet};
use std::io::BufRead;

use followup_core::Zone;

pub use mistakes::{MappingError, MappingProblem};
pub use reader::MappedReader;

use cells::{Columns, Slot, Template};
use rule::EventRule;

use crate::error::ReadError;

/// How rows of a foreign file become events; the [module](self) has the format of mapping files.
#[derive(Clone, PartialEq, Debug)]
pub struct Mapping {
    delimiter: u8,
    /// Values of cells that mean nothing.
    nothing: Vec<String>,
    zone: Option<Zone>,
    prospect: Template,
    state: Option<Slot>,
    /// The states that the rules name, from 1; 0 is every other.
    states: HashMap<String, u16>,
    rules: Vec<EventRule>,
    watched: Vec<Watched>,
    optional: Vec<Slot>,
    columns: Columns,
}

/// A column whose values are counted unless the mapping names them.
#[derive(Clone, PartialEq, Debug)]
struct Watched {
    slot: Slot,
    named: HashSet<String>,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`MappingError`] with every mistake in it, each with its line and column.
    pub fn parse(toml: &str) -> Result<Mapping, MappingError> {
        parser::parse(toml)
    }

    /// Begins to read a file; `zone` is that of times without an offset, unless the mapping states its own.
    ///
    /// # Errors
    /// [`ReadError`] if the file is empty, is no text, or its header lacks columns that the mapping reads.
    pub fn reader<R: BufRead>(&self, reader: R, zone: Zone) -> Result<MappedReader<'_, R>, ReadError> {
        MappedReader::new(reader, self, zone)
    }

    /// The names of the events that it can give, in the order of its rules.
    pub fn events(&self) -> impl Iterator<Item = &'static str> {
        self.rules.iter().map(EventRule::name)
    }

    /// The columns that it reads, each once; those that the header may lack included.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.names().iter().map(String::as_str)
    }
}
