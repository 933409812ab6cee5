//! Lines of bounded length.

use std::io::{self, BufRead, Read};

/// The maximum length of a line or CSV record, in bytes. A longer one is rejected.
pub const LINE_MAX_BYTES: usize = 1 << 20;

/// A line reader that never keeps more than [`LINE_MAX_BYTES`] of a line.
pub(crate) struct Lines<R> {
    reader: R,
}

/// The result of reading a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    End,
    Whole,
    /// The line was longer than [`LINE_MAX_BYTES`] and was skipped; none of it is kept.
    TooLong,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R) -> Lines<R> {
        Lines { reader }
    }

    /// Appends the next line, including its terminator.
    pub(crate) fn append(&mut self, buffer: &mut Vec<u8>) -> io::Result<Line> {
        let length = buffer.len();
        let limit = LINE_MAX_BYTES as u64 + 1;
        let read = self.reader.by_ref().take(limit).read_until(b'\n', buffer)?;
        if read == 0 {
            return Ok(Line::End);
        }
        if read <= LINE_MAX_BYTES || buffer.last() == Some(&b'\n') {
            return Ok(Line::Whole);
        }
        buffer.truncate(length);
        self.pass_over()?;
        Ok(Line::TooLong)
    }

    fn pass_over(&mut self) -> io::Result<()> {
        let mut rest = Vec::new();
        loop {
            rest.clear();
            let read = self.reader.by_ref().take(LINE_MAX_BYTES as u64).read_until(b'\n', &mut rest)?;
            if read == 0 || rest.last() == Some(&b'\n') {
                return Ok(());
            }
        }
    }
}

/// Skips blank lines. Returns the first byte after them, without consuming it, and the number of skipped lines.
pub(crate) fn first_byte(reader: &mut impl BufRead) -> io::Result<(Option<u8>, u64)> {
    let mut lines = 0;
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let blank = buffer.iter().take_while(|byte| matches!(byte, b' ' | b'\r' | b'\n')).count();
        lines += buffer[..blank].iter().filter(|byte| **byte == b'\n').count() as u64;
        let found = buffer.get(blank).copied();
        let at_end = buffer.is_empty();
        reader.consume(blank);
        if found.is_some() || at_end {
            return Ok((found, lines));
        }
    }
}

/// Returns a line without its terminator.
pub(crate) fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

pub(crate) fn too_long() -> String {
    format!("the line is longer than {LINE_MAX_BYTES} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_the_next_is_read() {
        let mut text = vec![b'x'; 3 * LINE_MAX_BYTES];
        text.extend(b"\r\nshort\r\nlast");
        let mut lines = Lines::new(&text[..]);
        let mut buffer = Vec::new();
        assert_eq!(lines.append(&mut buffer).unwrap(), Line::TooLong);
        assert!(buffer.is_empty());
        assert_eq!(lines.append(&mut buffer).unwrap(), Line::Whole);
        assert_eq!(trimmed(&buffer), b"short");
        assert_eq!(lines.append(&mut buffer).unwrap(), Line::Whole);
        assert_eq!(buffer, b"short\r\nlast");
        assert_eq!(lines.append(&mut buffer).unwrap(), Line::End);
    }

    #[test]
    fn the_longest_line_is_still_read() {
        for ending in ["", "\n"] {
            let text = [&vec![b'x'; LINE_MAX_BYTES][..], ending.as_bytes()].concat();
            let mut buffer = Vec::new();
            assert_eq!(Lines::new(&text[..]).append(&mut buffer).unwrap(), Line::Whole);
            assert_eq!(buffer, text);
        }
    }

    #[test]
    fn blank_lines_at_the_start_are_skipped_and_counted() {
        let mut text = &b"\r\n \n{\"a\":1}"[..];
        assert_eq!(first_byte(&mut text).unwrap(), (Some(b'{'), 2));
        assert_eq!(text[0], b'{');
        assert_eq!(first_byte(&mut &b"\n\n"[..]).unwrap(), (None, 2));
    }
}
