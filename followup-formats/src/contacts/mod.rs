//! Contact lists exported by other programs.

mod contact;
mod layout;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::BufRead;

pub use contact::Contact;
pub use layout::ContactSource;

use crate::error::ReadError;
use crate::line::first_byte;
use crate::record::{Outcome, Record, Records};
use crate::row::Reject;
use layout::Cells;

/// One row of a contact list.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum ContactRow {
    /// A contact.
    Contact(Contact),
    /// A row that cannot be used. Reading continues with the next row.
    Rejected(Reject),
}

/// A reader of contact lists in CSV, exported by Google, Outlook, LinkedIn, HubSpot or Salesforce.
///
/// The header determines the program. The delimiter is a comma, a semicolon or a tab, and the lines that LinkedIn
/// writes before the header are skipped. A row without a name, an email and a phone is rejected.
///
/// ```
/// use followup_formats::{ContactReader, ContactRow, ContactSource};
///
/// let file = "Record ID,First Name,Last Name,Email,Phone Number,Contact owner\n\
///             42,Ada,Byron,ada@example.org,,grace\n";
/// let mut reader = ContactReader::new(file.as_bytes())?;
/// assert_eq!(reader.source(), ContactSource::HubSpot);
/// let Some(Ok(ContactRow::Contact(ada))) = reader.next() else { panic!("a contact was expected") };
/// assert_eq!((ada.id.as_str(), ada.name.as_deref()), ("hubspot-42", Some("Ada Byron")));
/// # Ok::<(), followup_formats::ReadError>(())
/// ```
pub struct ContactReader<R> {
    records: Records<R>,
    header: Vec<String>,
    places: HashMap<String, usize>,
    source: ContactSource,
    rows: u64,
    ended: bool,
}

impl<R> std::fmt::Debug for ContactReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContactReader").finish_non_exhaustive()
    }
}

/// The maximum number of records before a header.
const PREAMBLE_MAX: usize = 20;
const DELIMITERS: [u8; 3] = *b",;\t";

impl<R: BufRead> ContactReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ReadError`] if the file is empty, is not text, is a vCard file (not supported yet), or has an unknown
    /// header.
    pub fn new(mut reader: R) -> Result<ContactReader<R>, ReadError> {
        let (first, blank_lines) =
            first_byte(&mut reader).map_err(|source| ReadError::Io { line: 0, source })?;
        if first.is_none() {
            return Err(ReadError::Empty);
        }
        let mut records = Records::new(reader, b',', blank_lines);
        let mut first_header = None;
        for _ in 0..PREAMBLE_MAX {
            let line = records.line();
            let outcome = records.read().map_err(|source| ReadError::Io { line, source })?;
            if outcome == Outcome::End {
                break;
            }
            if records.raw().trim_ascii().eq_ignore_ascii_case(b"BEGIN:VCARD") {
                let instead = "export the contacts as CSV";
                return Err(ReadError::unreadable("a vCard file, which is not supported yet", instead));
            }
            for delimiter in DELIMITERS {
                let header = split(records.raw(), delimiter);
                if let Some(source) = ContactSource::of(&header) {
                    records.set_delimiter(delimiter);
                    let places = header.iter().cloned().zip(0..).collect();
                    return Ok(ContactReader { records, header, places, source, rows: 0, ended: false });
                }
            }
            if first_header.is_none() {
                first_header = Some((records.line(), split(records.raw(), b',')));
            }
        }
        let (line, header) = first_header.unwrap_or_default();
        Err(ReadError::Header { line, why: layout::unknown(&header), header })
    }

    /// Returns the program that exported the list.
    pub fn source(&self) -> ContactSource {
        self.source
    }

    /// Returns the number of rows read so far, including rejected ones.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn read(&mut self) -> Result<Option<ContactRow>, ReadError> {
        let line = self.records.line();
        let outcome = self.records.read().map_err(|source| ReadError::Io { line, source })?;
        let line = self.records.line();
        let record: &Record = self.records.record();
        self.rows += u64::from(outcome != Outcome::End);
        let contact = match outcome {
            Outcome::End => return Ok(None),
            Outcome::Faulty(why) => Err(Reject::new(line, why)),
            Outcome::Whole if record.len() != self.header.len() => {
                let (cells, columns) = (record.len(), self.header.len());
                Err(Reject::new(line, format!("the row has {cells} cells, but the header has {columns}")))
            }
            Outcome::Whole => layout::read(self.source, &Cells { record, places: &self.places }, line),
        };
        Ok(Some(contact.map_or_else(ContactRow::Rejected, ContactRow::Contact)))
    }
}

impl<R: BufRead> Iterator for ContactReader<R> {
    type Item = Result<ContactRow, ReadError>;

    fn next(&mut self) -> Option<Result<ContactRow, ReadError>> {
        if self.ended {
            return None;
        }
        let row = self.read().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row
    }
}

fn split(line: &[u8], delimiter: u8) -> Vec<String> {
    let mut records = Records::new(line, delimiter, 0);
    match records.read() {
        Ok(Outcome::Whole) => records.record().iter().map(|name| name.trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}
