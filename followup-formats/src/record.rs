//! CSV records of bounded size (RFC 4180).
//!
//! The `csv` crate reads an unclosed quote to the end of the file, into memory, and loses every row up to there.
//! Here a record has a maximum size, and reading resumes on the line after the first line of a broken record.

use std::io::{self, BufRead};

use crate::line::{LINE_MAX_BYTES, Line, Lines, too_long, trimmed};

/// The cells of a record.
#[derive(Default)]
pub(crate) struct Record {
    text: String,
    ends: Vec<usize>,
    /// The number of bytes between two cells: 1 if the text still contains the delimiters, which saves removing them.
    gap: usize,
}

impl Record {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] + self.gap };
        Some(&self.text[start..end])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.gap = 0;
    }

    pub(crate) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }
}

/// The result of reading a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    End,
    Whole,
    /// The reason why the record cannot be used. It holds the cells that could be recognized.
    Faulty(String),
}

/// A reader of records. Skips blank lines.
pub(crate) struct Records<R> {
    lines: Lines<R>,
    delimiter: u8,
    /// The lines of the record that is being read.
    raw: Vec<u8>,
    /// Lines consumed by a broken record, to be read again.
    again: Vec<u8>,
    again_from: usize,
    /// Whether a line that was too long follows the lines to be read again.
    too_long_after: bool,
    /// The number of the last line taken.
    last_taken: u64,
    start: u64,
    bytes: Vec<u8>,
    record: Record,
    taken_bytes: usize,
    reread_bytes: usize,
}

enum Fault {
    Unclosed,
    AfterQuote,
}

impl<R: BufRead> Records<R> {
    /// Creates a reader whose first line has the number `lines_before + 1`.
    pub(crate) fn new(reader: R, delimiter: u8, lines_before: u64) -> Records<R> {
        Records {
            lines: Lines::new(reader),
            delimiter,
            raw: Vec::new(),
            again: Vec::new(),
            again_from: 0,
            too_long_after: false,
            last_taken: lines_before,
            start: lines_before,
            bytes: Vec::new(),
            record: Record::default(),
            taken_bytes: 0,
            reread_bytes: 0,
        }
    }

    pub(crate) fn set_delimiter(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
    }

    /// Returns the line on which the last record begins, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.start
    }

    /// Returns the cells of the last record.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// Returns the lines of the last record, unchanged.
    pub(crate) fn raw(&self) -> &[u8] {
        trimmed(&self.raw)
    }

    /// Reads the next record.
    pub(crate) fn read(&mut self) -> io::Result<Outcome> {
        loop {
            self.raw.clear();
            self.record.clear();
            let line = self.take_line()?;
            self.start = self.last_taken;
            match line {
                Line::End => return Ok(Outcome::End),
                Line::TooLong => return Ok(Outcome::Faulty(too_long())),
                Line::Whole if trimmed(&self.raw).is_empty() => {}
                Line::Whole => break,
            }
        }
        self.bytes.clear();
        let fault = if self.raw.contains(&b'"') {
            self.split()?.err()
        } else {
            self.split_plain();
            None
        };
        // Checking the joined cells is not enough: two cells with half a character each would form a valid one.
        let invalid = std::str::from_utf8(&self.raw).err().map(|error| self.raw[error.valid_up_to()]);
        self.fill_record(invalid);
        if let Some(fault) = fault {
            return Ok(Outcome::Faulty(self.resume(&fault)));
        }
        Ok(match invalid {
            None => Outcome::Whole,
            Some(byte) => Outcome::Faulty(format!(
                "the row is not valid UTF-8: unexpected byte 0x{byte:02x}; save the file as UTF-8"
            )),
        })
    }

    fn take_line(&mut self) -> io::Result<Line> {
        let rest = &self.again[self.again_from..];
        if !rest.is_empty() {
            let length =
                rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |newline| newline + 1);
            self.raw.extend_from_slice(&rest[..length]);
            self.again_from += length;
            self.last_taken += 1;
            return Ok(Line::Whole);
        }
        if std::mem::take(&mut self.too_long_after) {
            self.last_taken += 1;
            return Ok(Line::TooLong);
        }
        let before = self.raw.len();
        let line = self.lines.append(&mut self.raw)?;
        self.taken_bytes += self.raw.len() - before;
        self.last_taken += u64::from(line != Line::End);
        Ok(line)
    }

    /// Splits a line without quoted cells.
    fn split_plain(&mut self) {
        let line = trimmed(&self.raw);
        self.bytes.extend_from_slice(line);
        let delimiters = line.iter().enumerate().filter(|(_, byte)| **byte == self.delimiter);
        self.record.ends.extend(delimiters.map(|(at, _)| at));
        self.record.ends.push(line.len());
        self.record.gap = 1;
    }

    /// Splits a record with quoted cells, taking more lines as needed.
    fn split(&mut self) -> io::Result<Result<(), Fault>> {
        let mut at = 0;
        loop {
            if self.raw.get(at) == Some(&b'"') {
                at += 1;
                match self.quoted(at)? {
                    Ok(end) => at = end,
                    Err(fault) => return Ok(Err(fault)),
                }
                self.record.ends.push(self.bytes.len());
                match self.raw.get(at) {
                    Some(byte) if *byte == self.delimiter => at += 1,
                    _ if trimmed(&self.raw).len() <= at => return Ok(Ok(())),
                    _ => return Ok(Err(Fault::AfterQuote)),
                }
            } else {
                let rest = &trimmed(&self.raw)[at..];
                let end = rest.iter().position(|byte| *byte == self.delimiter);
                self.bytes.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
                self.record.ends.push(self.bytes.len());
                match end {
                    Some(end) => at += end + 1,
                    None => return Ok(Ok(())),
                }
            }
        }
    }

    /// Reads a quoted cell, starting after its opening quote. Returns the position after its closing quote.
    fn quoted(&mut self, mut at: usize) -> io::Result<Result<usize, Fault>> {
        loop {
            let rest = &self.raw[at..];
            let Some(quote) = rest.iter().position(|byte| *byte == b'"') else {
                self.bytes.extend_from_slice(rest);
                at = self.raw.len();
                if at > LINE_MAX_BYTES || !self.take_more()? {
                    return Ok(Err(Fault::Unclosed));
                }
                continue;
            };
            self.bytes.extend_from_slice(&rest[..quote]);
            at += quote + 1;
            if self.raw.get(at) != Some(&b'"') {
                return Ok(Ok(at));
            }
            self.bytes.push(b'"');
            at += 1;
        }
    }

    fn take_more(&mut self) -> io::Result<bool> {
        match self.take_line()? {
            Line::Whole => Ok(true),
            Line::End => Ok(false),
            Line::TooLong => {
                self.too_long_after = true;
                self.last_taken -= 1;
                Ok(false)
            }
        }
    }

    /// Moves the cells into the record. Invalid UTF-8 is replaced, so that the other cells can be read.
    fn fill_record(&mut self, invalid: Option<u8>) {
        if let (None, Ok(text)) = (invalid, std::str::from_utf8(&self.bytes)) {
            self.record.text.push_str(text);
            return;
        }
        // A replacement changes lengths, so each cell is replaced separately.
        let mut start = 0;
        for end in &mut self.record.ends {
            self.record.text.push_str(&String::from_utf8_lossy(&self.bytes[start..*end]));
            start = std::mem::replace(end, self.record.text.len()) + self.record.gap;
        }
        self.record.gap = 0;
    }

    /// Puts back the lines of a broken record after its first one, and returns the reason.
    fn resume(&mut self, fault: &Fault) -> String {
        let what = match fault {
            Fault::Unclosed => "a quoted cell is not closed",
            Fault::AfterQuote => "a quoted cell has text after its closing quote",
        };
        let advice = "write a quote inside a quoted cell twice";
        let first =
            self.raw.iter().position(|byte| *byte == b'\n').map_or(self.raw.len(), |newline| newline + 1);
        let others = self.raw.len() - first;
        // Without this bound, reading a file full of stray quotes would take quadratic time.
        if self.reread_bytes + others > 64 * LINE_MAX_BYTES + 8 * self.taken_bytes {
            return format!("{what}; {advice}; lines {} to {} are skipped", self.start, self.last_taken);
        }
        if others > 0 {
            self.reread_bytes += others;
            let rest = self.again.split_off(self.again_from);
            self.again.clear();
            self.again.extend_from_slice(&self.raw[first..]);
            self.again.extend(rest);
            self.again_from = 0;
            self.last_taken = self.start;
        }
        self.raw.truncate(first);
        format!("{what}; {advice}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns every record with its line: cells joined by `|`, or `!` and the start of the reason.
    fn read(text: &[u8]) -> Vec<(u64, String)> {
        let mut records = Records::new(text, b',', 0);
        let mut all = Vec::new();
        loop {
            match records.read().unwrap() {
                Outcome::End => return all,
                Outcome::Whole => {
                    let cells: Vec<&str> = records.record().iter().collect();
                    all.push((records.line(), cells.join("|")));
                }
                Outcome::Faulty(why) => all.push((records.line(), format!("!{}", &why[..12]))),
            }
        }
    }

    #[test]
    fn cells_are_split_quoted_or_not_with_any_line_ending() {
        for (text, cells) in [
            (&b"a,b\n"[..], &[(1, "a|b")][..]),
            (b"a,b\r\n,\r\n", &[(1, "a|b"), (2, "|")]),
            (b"a", &[(1, "a")]),
            (b"\n\r\na,\n", &[(3, "a|")]),
            (b"\"a,1\",\"b \"\"c\"\"\"\nd,\"\"", &[(1, "a,1|b \"c\""), (2, "d|")]),
            (b"\"two\r\nlines\",x\nnext,y", &[(1, "two\r\nlines|x"), (3, "next|y")]),
            (b"5\" disk,\"x\"\n", &[(1, "5\" disk|x")]),
            (b"\"a\",\n,\"b\"\r\n", &[(1, "a|"), (2, "|b")]),
            (b"\"\"\n", &[(1, "")]),
        ] {
            let expected: Vec<_> = cells.iter().map(|(line, cells)| (*line, (*cells).to_owned())).collect();
            assert_eq!(read(text), expected, "{:?}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_broken_record_costs_its_first_line_and_no_other() {
        let expected = [(1, "a|b"), (2, "!a quoted cel"), (3, "c|d"), (4, "e|f")];
        for broken in ["\"x,y", "\"x\"y,z", "x,\"y"] {
            let text = format!("a,b\n{broken}\nc,d\ne,f\n");
            let read = read(text.as_bytes());
            assert_eq!(read.iter().map(|(l, c)| (*l, c.as_str())).collect::<Vec<_>>(), expected, "{broken}");
        }
        assert_eq!(
            read(b"a,\"b\nc,\"d\ne,f"),
            [(1, "!a quoted cel".to_owned()), (2, "!a quoted cel".to_owned()), (3, "e|f".to_owned())]
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_swallow_the_file() {
        let mut text = b"\"open,1\n".to_vec();
        for number in 0..400_000 {
            text.extend(format!("row,{number}\n").bytes());
        }
        let rows = read(&text);
        assert_eq!(rows.len(), 400_001);
        assert_eq!((rows[0].0, &rows[0].1[..1]), (1, "!"));
        assert_eq!(rows[400_000], (400_001, "row|399999".to_owned()));
    }

    #[test]
    fn a_line_too_long_inside_a_quote_is_a_reject_of_its_own() {
        let text = format!("\"open\nfine,1\n{}\nfine,2\n", "x".repeat(2 * LINE_MAX_BYTES));
        let rows: Vec<_> =
            read(text.as_bytes()).into_iter().map(|(line, cells)| (line, cells[..5].to_owned())).collect();
        let expected = [(1, "!a qu"), (2, "fine|"), (3, "!the "), (4, "fine|")];
        assert_eq!(rows, expected.map(|(line, cells)| (line, cells.to_owned())));
    }

    #[test]
    fn stray_quotes_in_every_line_cost_linear_time() {
        // Each line leaves a quote open, whether it begins inside or outside a quote.
        let text = "a\",\"x\n".repeat(1_000_000);
        let rows = read(text.as_bytes());
        assert!(!rows.is_empty() && rows.iter().all(|(_, cells)| cells.starts_with('!')));
    }

    #[test]
    fn a_cell_that_is_not_utf_8_costs_its_row_only() {
        let mut records = Records::new(&b"id,name\n7,M\xfcller\n8,Ada\n"[..], b',', 0);
        assert_eq!(records.read().unwrap(), Outcome::Whole);
        assert!(matches!(records.read().unwrap(), Outcome::Faulty(why) if why.contains("0xfc")));
        assert_eq!(records.record().get(0), Some("7"));
        assert_eq!(records.record().get(1), Some("M\u{fffd}ller"));
        assert_eq!(records.read().unwrap(), Outcome::Whole);
        // Two halves of a character in adjacent cells do not form a character.
        for line in [&b"\xc3,\xbc\n"[..], b"\"\xc3\",\xbc\n", b"\"\xc3\",\"\xbc\"\n", b"\"\xc3\",\"\xbc\n"] {
            let mut records = Records::new(line, b',', 0);
            assert!(matches!(records.read().unwrap(), Outcome::Faulty(_)));
            assert_eq!(records.record().get(0), Some("\u{fffd}"));
        }
    }
}
