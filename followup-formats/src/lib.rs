//! Event logs, CRM exports and contact lists as follow-up events.
mod error;
mod events;
mod line;
pub mod mapping;
mod open;
mod prospect;
mod record;
mod rejects;
mod row;
mod source;

pub use error::ReadError;
pub use events::EventReader;
pub use line::LINE_MAX_BYTES;
pub use mapping::{MappedReader, Mapping, MappingError, MappingProblem};
pub use open::{Opened, open};
pub use rejects::RejectWriter;
pub use row::{Reject, Row};
