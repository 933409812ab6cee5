//! Event logs, CRM exports and contact lists as follow-up events: streaming, in bounded memory.
//!
//! Every reader takes a file row by row. A row that is wrong is a [`Reject`] with its line, its column where one
//! is to blame, and the reason; the rows after it are read nevertheless. Only a file that cannot be read at all
//! is an error, a [`ReadError`]. However long the file is, little of it is in memory at once: no line and no CSV
//! record is longer than [`LINE_MAX_BYTES`], and a mapping keeps 16 bytes a case.
//!
//! ```
//! use followup_core::Zone;
//! use followup_formats::{Row, read_events};
//!
//! let file = r#"{"prospect":"p-17","at":"2026-03-02T09:15:00Z","event":"asked_information","channel":"email"}
//! {"prospect":"p-17","at":"2026-03-02T10:00:00Z","event":"smiled"}"#;
//! for row in read_events(file.as_bytes(), None, Zone::utc())? {
//!     match row? {
//!         Row::Imported { line, prospect, event } => println!("{line}: {prospect} {}", event.name()),
//!         Row::Rejected(reject) => println!("{reject}"),
//!         _ => {}
//!     }
//! }
//! # Ok::<(), followup_formats::ReadError>(())
//! ```
//!
//! | what | with |
//! |---|---|
//! | a file, plain or gzip | [`open`] |
//! | events in their own vocabulary, CSV or JSON Lines | [`EventReader`] |
//! | any other event log or export | a [`mapping`] file and [`MappedReader`] |
//! | either of the two | [`read_events`] |
//! | contacts of Google, Outlook, LinkedIn, HubSpot, Salesforce | [`ContactReader`] |
//! | rejected rows as CSV | [`RejectWriter`] |
//!
//! # Features
//!
//! `shared-data` switches on tests against data sets that do not ship with the crate; it changes nothing else.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod contacts;
mod error;
mod events;
mod line;
pub mod mapping;
mod open;
mod record;
mod rejects;
mod row;
mod rows;
mod source;

pub use contacts::{Contact, ContactReader, ContactRow, ContactSource};
pub use error::ReadError;
pub use events::EventReader;
pub use line::LINE_MAX_BYTES;
pub use mapping::{MappedReader, Mapping, MappingError, MappingProblem};
pub use open::{Opened, open};
pub use rejects::RejectWriter;
pub use row::{Reject, Row};
pub use rows::{Rows, read_events};
