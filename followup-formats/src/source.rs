//! Where rows come from: CSV with its header, or JSON Lines.

use std::io::BufRead;

use serde_json::{Map, Value};

use crate::error::{ReadError, excerpt};
use crate::line::{Line, Lines, first_byte, too_long, trimmed};
use crate::record::{Outcome, Record, Records};
use crate::row::Reject;

/// A file of rows, told apart by its first byte that is not blank: `{` begins JSON Lines.
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
            Err(ReadError::unreadable("one JSON array", "write one JSON object a line (JSON Lines)"))
        }
        Some(_) => CsvSource::open(reader, delimiter, blank_lines).map(Source::Csv),
    }
}

/// CSV behind its header.
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
                format!("no text with a header line ({why})"),
                "it takes UTF-8 text, as CSV or JSON Lines, plain or gzip",
            ));
        }
        let header: Vec<String> = records.record().iter().map(|name| name.trim().to_owned()).collect();
        if header.iter().any(|name| name.contains('\r')) {
            let what = "text whose lines end in carriage returns alone";
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

    /// Where a column stands; one that stands twice is a mistake.
    pub(crate) fn find(&self, name: &str) -> Result<Option<usize>, ReadError> {
        let mut places = self.header.iter().enumerate().filter(|(_, column)| *column == name);
        let place = places.next().map(|(place, _)| place);
        match places.next() {
            Some(_) => Err(self.wrong(format!("the column \"{}\" stands there twice", excerpt(name)))),
            None => Ok(place),
        }
    }

    pub(crate) fn wrong(&self, why: String) -> ReadError {
        ReadError::Header { line: self.records.line(), why, header: self.header.clone() }
    }

    /// The cells of the last row; of a faulty one as far as they could be told.
    pub(crate) fn record(&self) -> &Record {
        self.records.record()
    }

    /// Reads the next row. One with more or fewer cells than the header is faulty, too.
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

/// An object, or why a line is none.
pub(crate) type Object = Result<Map<String, Value>, Reject>;

/// JSON Lines.
pub(crate) struct JsonSource<R> {
    lines: Lines<R>,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> JsonSource<R> {
    /// The number of the last line, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Reads the next object, passing over blank lines.
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
    // Each line is read by itself, so the line that serde_json names is always the first.
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = error.to_string();
    format!("it is no JSON object: {}, at byte {}", what.trim_end_matches(&place), error.column())
}
