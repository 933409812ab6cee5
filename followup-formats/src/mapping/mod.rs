//! Mapping files, which turn any event log or CRM export into events.
//!
//! A mapping is a TOML file. It names the columns of the prospect and the time, and its [`[[event]]`](#events) rules
//! define which rows yield which events. It applies to CSV and to JSON Lines (where the keys are the columns).
//!
//! ```
//! use followup_core::Zone;
//! use followup_formats::{Mapping, Row};
//!
//! let mapping = Mapping::parse(r#"
//! prospect = "ticket"
//! state = "status"                                   # the column whose changes matter
//! nothing = ["?", "NULL"]                            # cells that count as empty
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
//!         Ok(Row::Imported { event, .. }) => format!("{} {} {}", event.at().to_rfc3339(), event.key(), event.name()),
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
//! | key | meaning |
//! |---|---|
//! | `prospect` | the prospect's id: a column, or `{ template = "{country}-{number}" }`; 1 to 64 bytes. The rows of one prospect form a case. |
//! | `time` | the time of the event: a column, or a table with `column` or `template`, `formats`, and `day_only` |
//! | `state` | the column whose changes `into` and `out_of` detect |
//! | `key` | the key of a row, a template; default `"{prospect}/{nth}"` |
//! | `zone` | the zone of times without an offset; default: the caller's |
//! | `delimiter` | the CSV delimiter; default `","` |
//! | `nothing` | cell values that count as empty |
//! | `optional` | columns that the header may lack; their cells are then empty |
//! | `known` | values, by column, that need no rule and are not counted as unmapped |
//! | `fields` | [fields](#fields) for every event that has them and does not set its own |
//! | `description` | a text for people |
//!
//! Surrounding blanks of cells are ignored. A **template** is text with columns in braces; a row in which one of them
//! is empty has no prospect or no time. **Formats** are [chrono's](chrono::format::strftime): one, or a list of which
//! the first that fits applies. A date alone means 0:00 of that day. Without formats, RFC 3339 and ISO 8601 are read.
//! With `day_only = true` the time of day is dropped: every instant is 0:00 of its day in the zone. An event's own
//! `time` without `formats` inherits the file's formats and `day_only`.
//!
//! # Events
//!
//! Each `[[event]]` yields at most one event per row, unless it has `times`. A row may yield several events, in the
//! order of the rules.
//!
//! | key | meaning |
//! |---|---|
//! | `event` | the name of the event in the vocabulary |
//! | `when` | conditions that must all hold; default: every row |
//! | `unless` | conditions of which none may hold |
//! | `once` | `true`: at most once per case |
//! | `times` | the column with the number of occurrences: that many events, all at the row's time |
//! | `time`, `key` | the event's own, instead of the file's |
//! | `fields` | the event's fields in the vocabulary |
//! | `extra` | further fields, kept with the event |
//!
//! | condition | holds if |
//! |---|---|
//! | `first = true` | the row is the first of its case |
//! | `into = ["a", "b"]` | the state is one of these, and was none of these in the previous row of the case (or the row is the first) |
//! | `out_of = ["a", "b"]` | the state was one of these in the previous row, and is none of these now |
//! | `columns.x = "a"` or `["a", "b"]` | the cell equals this, or one of these |
//! | `columns.x = { not = "a" }` | the cell differs from this, or is empty |
//! | `columns.x = { present = true }` | the cell is not empty |
//!
//! The previous row is the one before in the file, whatever its time. A row with an empty state leaves the state of
//! its case unchanged. A rejected row yields no event, but its state counts. Importing the file again after the row
//! is repaired therefore yields the missing events, and the same events as before.
//!
//! # Events known only by number
//!
//! Some tables count events instead of listing them: "called 3 times, the last time on 5 May". With
//! `times = "calls"` the row yields three events that differ only in their keys, which end in a number from `/0001`.
//! The cell holds a whole number from 0 (no event) to 1,000. A row in which it is empty or anything else is rejected,
//! unless a condition excludes the row from the rule. A rule with `times` cannot have `once`.
//!
//! Often more is known about one of these events, the last. It then has its own rule, after the one with the number,
//! which subtracts it with `less`:
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
//! #         Ok(followup_formats::Row::Imported { event, .. }) => event.key().to_owned(),
//! #         other => panic!("{other:?}"),
//! #     })
//! #     .collect();
//! # assert_eq!(keys, ["c1/1/1-touched/0001", "c1/1/1-touched/0002", "c1/1/2-touched"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A row with a number below `less` is rejected.
//!
//! # Fields
//!
//! A field is a constant (`outcome = "won"`) or a table:
//!
//! | key | meaning |
//! |---|---|
//! | `column` or `template` | the cells; empty cells are skipped |
//! | `values` | the value for each text; `""` leaves the field out. An unlisted text also leaves it out, and is counted as unmapped. |
//! | `otherwise` | the value for unlisted texts |
//! | `empty` | the value for empty cells |
//! | `formats` | the text is a time in one of these formats |
//! | `decimal` | the text is a number with this decimal separator, `","` or `"."`; digit group separators are ignored |
//!
//! # Keys and order
//!
//! An event's key consists of the row's key, the rule's number and the event's name: `INC0001/12/4-touched`. A rule
//! with [`times`](#events-known-only-by-number) appends the number of the occurrence.
//! A key must stay the same when the file is imported again with other cases added or moved. It is therefore composed
//! of cells, `{prospect}` and `{nth}`, the number of the row within its case, counted from 1. If the log has a unique
//! number for each update, prefer that, because `{nth}` shifts when an earlier row is inserted.
//!
//! Events of one prospect at the same instant are in the order of their rows: `seq` is `{nth}` (not the number of the
//! row in the file, which changes with other cases). Within a row they are in the order of the rules, which is the
//! order of their keys unless a rule has its own key. All rows of a case must be in one file. Between two files about
//! the same prospects (their keys must differ), the keys order events at the same instant.
//!
//! # Unmapped values
//!
//! Values of `state`, of columns that the rules compare, and of a field's `values` are counted if the mapping does
//! not name them; see [`MappedReader::unmapped`].
//!
//! # Shipped mappings
//!
//! [`Mapping::shipped`] returns them by name: `helpdesk`, `hubspot_deals`, `maven_crm`, `olist_closed`, `olist_mql`,
//! `uci_bank`, `uci_incident`. Their texts ([`Mapping::shipped_text`]), each with a description, can serve as
//! templates for other mappings.

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

/// The rules by which rows of a foreign file become events. The [module](self) documents the format.
#[derive(Clone, PartialEq, Debug)]
pub struct Mapping {
    delimiter: u8,
    /// Cell values that count as empty.
    nothing: Vec<String>,
    zone: Option<Zone>,
    prospect: Template,
    state: Option<Slot>,
    /// The states that the rules name, numbered from 1; 0 means any other state.
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
    /// Parses a mapping file.
    ///
    /// # Errors
    /// [`MappingError`] with every mistake in the file, each with its line and column.
    pub fn parse(toml: &str) -> Result<Mapping, MappingError> {
        parser::parse(toml)
    }

    /// Returns a reader of a file. `zone` applies to times without an offset, unless the mapping sets its own zone.
    ///
    /// # Errors
    /// [`ReadError`] if the file is empty, is not text, or its header lacks columns that the mapping reads.
    pub fn reader<R: BufRead>(&self, reader: R, zone: Zone) -> Result<MappedReader<'_, R>, ReadError> {
        MappedReader::new(reader, self, zone)
    }

    /// Returns the names of the events that the mapping can yield, in the order of its rules.
    pub fn events(&self) -> impl Iterator<Item = &'static str> {
        self.rules.iter().map(EventRule::name)
    }

    /// Returns the columns that the mapping reads, each once, including optional ones.
    ///
    /// ```
    /// use followup_formats::Mapping;
    ///
    /// let mapping = Mapping::shipped("olist_mql").expect("the mapping ships with the library");
    /// let mut columns: Vec<_> = mapping.columns().collect();
    /// columns.sort_unstable();
    /// assert_eq!(columns, ["first_contact_date", "landing_page_id", "mql_id", "origin"]);
    /// assert_eq!(mapping.events().collect::<Vec<_>>(), ["inquired"]);
    /// ```
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.names().iter().map(String::as_str)
    }
}
