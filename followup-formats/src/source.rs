//! Sources of rows: CSV with a header, or JSON Lines.

use std::io::BufRead;

use serde_json::{Map, Value};

use crate::error::{ReadError, excerpt};
use crate::line::{Line, Lines, first_byte, too_long, trimmed};
use crate::record::{Outcome, Record, Records};
use crate::row::Reject;

/// A source of rows. The first non-blank byte determines the format: `{` begins JSON Lines.
pub(crate) enum Source<R> {
    Csv(CsvSource<R>),
    Json(JsonSource<R>),
}

pub(crate) fn detect<R: BufRead>(mut reader: R, delimiter: u8) -> Result<Source<R>, ReadError> {
    let (first, blank_lines) = first_byte(&mut reader).map_err(|source| ReadError::Io { line: 0, source })?;
    match first {
        None => Err(ReadError::Empty),
        Some(b'{') => {
            Ok(Source::Json(JsonSource { lines: Lines::new(reader), line: blank_lines, buffer: Vec::new() }))
        }
        Some(b'[') => {
            Err(ReadError::unreadable("one JSON array", "write one JSON object per line (JSON Lines)"))
        }
        Some(_) => CsvSource::open(reader, delimiter, blank_lines).map(Source::Csv),
    }
}

/// A CSV source, positioned after its header.
pub(crate) struct CsvSource<R> {
    records: Records<R>,
    header: Vec<String>,
}

impl<R: BufRead> CsvSource<R> {
    fn open(reader: R, delimiter: u8, blank_lines: u64) -> Result<CsvSource<R>, ReadError> {
        let mut records = Records::new(reader, delimiter, blank_lines);
        let outcome = records.read().map_err(|source| ReadError::Io { line: 0, source })?;
        if let Outcome::Faulty(why) = outcome {
            return Err(ReadError::unreadable(
                format!("not text with a header line ({why})"),
                "expected UTF-8 text, as CSV or JSON Lines, plain or gzip",
            ));
        }
        let header: Vec<String> = records.record().iter().map(|name| name.trim().to_owned()).collect();
        if header.iter().any(|name| name.contains('\r')) {
            let what = "text whose lines end in bare carriage returns";
            return Err(ReadError::unreadable(what, "save it with line feeds"));
        }
        Ok(CsvSource { records, header })
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    pub(crate) fn line(&self) -> u64 {
        self.records.line()
    }

    /// Returns the position of a column. A duplicate column is an error.
    pub(crate) fn find(&self, name: &str) -> Result<Option<usize>, ReadError> {
        let mut places = self.header.iter().enumerate().filter(|(_, column)| *column == name);
        let place = places.next().map(|(place, _)| place);
        match places.next() {
            Some(_) => Err(self.wrong(format!("duplicate column \"{}\"", excerpt(name)))),
            None => Ok(place),
        }
    }

    pub(crate) fn wrong(&self, why: String) -> ReadError {
        ReadError::Header { line: self.records.line(), why, header: self.header.clone() }
    }

    /// Returns the cells of the last row; for a faulty row, those that could be recognized.
    pub(crate) fn record(&self) -> &Record {
        self.records.record()
    }

    /// Reads the next row. A row with more or fewer cells than the header is faulty.
    pub(crate) fn read(&mut self) -> Result<Option<Result<(), Reject>>, ReadError> {
        let line = self.records.line();
        let outcome = self.records.read().map_err(|source| ReadError::Io { line, source })?;
        let (cells, columns) = (self.records.record().len(), self.header.len());
        let fault = match outcome {
            Outcome::End => return Ok(None),
            Outcome::Whole if cells == columns => return Ok(Some(Ok(()))),
            Outcome::Whole => format!("the row has {cells} cells, but the header has {columns}"),
            Outcome::Faulty(why) => why,
        };
        Ok(Some(Err(Reject::new(self.records.line(), fault))))
    }
}

/// A JSON object, or the reject of a line that does not hold one.
pub(crate) type Object = Result<Map<String, Value>, Reject>;

/// A JSON Lines source.
pub(crate) struct JsonSource<R> {
    lines: Lines<R>,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> JsonSource<R> {
    /// Returns the number of the last line, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Reads the next object, skipping blank lines.
    pub(crate) fn read(&mut self) -> Result<Option<Object>, ReadError> {
        loop {
            self.buffer.clear();
            let read = self.lines.append(&mut self.buffer);
            match read.map_err(|source| ReadError::Io { line: self.line, source })? {
                Line::End => return Ok(None),
                Line::TooLong => {
                    self.line += 1;
                    return Ok(Some(Err(Reject::new(self.line, too_long()))));
                }
                Line::Whole => self.line += 1,
            }
            let text = trimmed(&self.buffer);
            if !text.trim_ascii().is_empty() {
                let object =
                    serde_json::from_slice(text).map_err(|error| Reject::new(self.line, no_object(&error)));
                return Ok(Some(object));
            }
        }
    }
}

fn no_object(error: &serde_json::Error) -> String {
    // Each line is parsed separately, so the line that serde_json names is always 1.
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = error.to_string();
    format!("invalid JSON object: {}, at byte {}", what.trim_end_matches(&place), error.column())
}
