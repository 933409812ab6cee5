//! Events of any file, in their own vocabulary or through a mapping.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use followup_core::Zone;

use crate::error::ReadError;
use crate::events::EventReader;
use crate::mapping::{MappedReader, Mapping};
use crate::open::{Opened, open};
use crate::row::Row;

/// Reads a file of events, plain or gzip: through a mapping if there is one, else in their own vocabulary.
///
/// `zone` is that of instants without an offset, unless the mapping states its own.
///
/// # Errors
/// [`ReadError`] if the file cannot be read at all; nothing of it has been handed out then.
pub fn read_events<R: Read>(
    reader: R,
    mapping: Option<&Mapping>,
    zone: Zone,
) -> Result<Rows<'_, Opened<R>>, ReadError> {
    let reader = open(reader)?;
    Ok(Rows(match mapping {
        None => Kind::Native(Box::new(EventReader::new(reader, zone)?)),
        Some(mapping) => Kind::Mapped(Box::new(mapping.reader(reader, zone)?)),
    }))
}

/// The rows of a file of events; made by [`read_events`].
pub struct Rows<'m, R>(Kind<'m, R>);

enum Kind<'m, R> {
    Native(Box<EventReader<R>>),
    Mapped(Box<MappedReader<'m, R>>),
}

impl<R: BufRead> Rows<'_, R> {
    /// How many rows of the file have been read so far, rejected ones included. Through a mapping a row may give
    /// none, one or several events.
    pub fn rows(&self) -> u64 {
        match &self.0 {
            Kind::Native(reader) => reader.rows(),
            Kind::Mapped(reader) => reader.rows(),
        }
    }

    /// The values that the mapping gives no meaning; see [`MappedReader::unmapped`]. Without a mapping there are
    /// none.
    pub fn unmapped(&self) -> BTreeMap<(String, String), u64> {
        match &self.0 {
            Kind::Native(_) => BTreeMap::new(),
            Kind::Mapped(reader) => reader.unmapped(),
        }
    }
}

impl<R: BufRead> Iterator for Rows<'_, R> {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Result<Row, ReadError>> {
        match &mut self.0 {
            Kind::Native(reader) => reader.next(),
            Kind::Mapped(reader) => reader.next(),
        }
    }
}
