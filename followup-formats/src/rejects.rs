//! Rejected rows as CSV.

use std::io::{self, Write};

use crate::row::Reject;

/// A writer of rejected rows as CSV, with the columns file, line, column and reason.
///
/// ```
/// use followup_formats::{Reject, RejectWriter};
///
/// let mut writer = RejectWriter::new(Vec::new())?;
/// writer.write("june.csv", &Reject::new(12, "the prospect's id is empty").at("prospect"))?;
/// assert_eq!(
///     String::from_utf8(writer.finish()?)?,
///     "file,line,column,reason\njune.csv,12,prospect,the prospect's id is empty\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RejectWriter<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> std::fmt::Debug for RejectWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RejectWriter").finish_non_exhaustive()
    }
}

impl<W: Write> RejectWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// Any error of the writer.
    pub fn new(writer: W) -> io::Result<RejectWriter<W>> {
        let mut writer = csv::Writer::from_writer(writer);
        writer.write_record(["file", "line", "column", "reason"])?;
        Ok(RejectWriter { writer })
    }

    /// Writes one rejected row of a file.
    ///
    /// # Errors
    /// Any error of the writer.
    pub fn write(&mut self, file: &str, reject: &Reject) -> io::Result<()> {
        let column = reject.column.as_deref().unwrap_or_default();
        Ok(self.writer.write_record([file, &reject.line.to_string(), column, &reject.reason])?)
    }

    /// Flushes the buffer and returns the writer.
    ///
    /// # Errors
    /// Any error of the writer.
    pub fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| error.into_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_commas_quotes_and_line_breaks_are_quoted() {
        let mut writer = RejectWriter::new(Vec::new()).unwrap();
        writer.write("a,b.csv", &Reject::new(3, "\"x\" is\nwrong")).unwrap();
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        assert_eq!(text, "file,line,column,reason\n\"a,b.csv\",3,,\"\"\"x\"\" is\nwrong\"\n");
    }
}
