//! Event files, in the native vocabulary or through a mapping.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use followup_core::Zone;

use crate::error::ReadError;
use crate::events::EventReader;
use crate::mapping::{MappedReader, Mapping};
use crate::open::{Opened, open};
use crate::row::Row;

/// Reads an event file, plain or gzip, through a mapping if one is given, otherwise in the native vocabulary.
///
/// `zone` applies to instants without an offset, unless the mapping sets its own zone.
///
/// # Errors
/// [`ReadError`] if the file cannot be read at all. No row has been returned in that case.
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

/// An iterator over the rows of an event file, created by [`read_events`].
///
/// # Examples
/// ```
/// use followup_core::Zone;
/// use followup_formats::{Mapping, Row, Rows, read_events};
///
/// let mapping = Mapping::parse(
///     r#"
///     prospect = "client"
///     time = "called"
///     state = "result"
///
///     [[event]]
///     event = "decided"
///     when = { into = ["won", "lost"] }
///     fields.outcome = { column = "result" }
///     "#,
/// )?;
/// let log = "client,called,result\nc1,2026-05-04,busy\nc1,2026-05-05,won\nc2,someday,lost\n";
/// let mut rows: Rows<'_, _> = read_events(log.as_bytes(), Some(&mapping), Zone::utc())?;
/// let events = rows.by_ref().filter(|row| matches!(row, Ok(Row::Imported { .. }))).count();
/// assert_eq!((rows.rows(), events), (3, 1), "one call gives no event, and one has no date");
/// assert_eq!(rows.unmapped()[&("result".to_owned(), "busy".to_owned())], 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Rows<'m, R>(Kind<'m, R>);

impl<R> std::fmt::Debug for Rows<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

enum Kind<'m, R> {
    Native(Box<EventReader<R>>),
    Mapped(Box<MappedReader<'m, R>>),
}

impl<R: BufRead> Rows<'_, R> {
    /// Returns the number of rows read so far, including rejected ones. Through a mapping, a row may yield no event,
    /// one or several.
    pub fn rows(&self) -> u64 {
        match &self.0 {
            Kind::Native(reader) => reader.rows(),
            Kind::Mapped(reader) => reader.rows(),
        }
    }

    /// Returns the values that the mapping does not name; see [`MappedReader::unmapped`]. Empty without a mapping.
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
