//! Readers that turn event logs, CRM exports and contact lists into follow-up events.
//!
//! Every reader processes a file row by row. A row that cannot be used yields a [`Reject`] with its line, its column
//! if a single column is at fault, and the reason; reading continues with the next row. Only a file that cannot be
//! read at all is an error, a [`ReadError`]. Memory is bounded whatever the length of the file: no line and no CSV
//! record is longer than [`LINE_MAX_BYTES`], and a mapping keeps 16 bytes per case.
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
//! | to read or write | use |
//! |---|---|
//! | a file, plain or gzip | [`open`] |
//! | events in the native vocabulary, CSV or JSON Lines | [`EventReader`] |
//! | any other event log or export | a [`mapping`] file and [`MappedReader`] |
//! | either of these | [`read_events`] |
//! | contacts from Google, Outlook, LinkedIn, HubSpot, Salesforce | [`ContactReader`] |
//! | rejected rows as CSV | [`RejectWriter`] |
//!
//! # Features
//!
//! `shared-data` enables tests against data sets that are not part of the crate. It has no other effect.

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
