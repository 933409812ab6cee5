//! Event files in the native vocabulary.

use std::io::BufRead;

use followup_core::event::EventError;
use followup_core::{Event, ProspectId, Zone};
use serde_json::{Map, Value};

use crate::error::ReadError;
use crate::row::{Reject, Row};
use crate::source::{CsvSource, JsonSource, Source, detect};

const NEEDED: [&str; 3] = ["prospect", "at", "event"];

/// A reader of events in the native vocabulary, as CSV (with field names in the header) or as JSON Lines.
///
/// The first non-blank byte determines the format. Instants without an offset are local times in the reader's zone.
/// Unknown fields are kept with the event; empty cells are absent fields. A prospect's id has 1 to 64 bytes and no
/// control characters.
///
/// The order of the lines does not matter: events of one prospect at the same instant are ordered by `seq` (0 if the
/// row has none), then by `key`. A file that needs an order among equal instants has to set `seq`. (Rows read through
/// a [`Mapping`](crate::Mapping) keep the order of the file.)
///
/// ```
/// use followup_core::Zone;
/// use followup_formats::{EventReader, Row};
///
/// let file = "prospect,at,event,channel\np-17,2026-03-02T09:15:00Z,asked_information,email\np-17,soon,replied,\n";
/// let rows: Vec<Row> = EventReader::new(file.as_bytes(), Zone::utc())?.collect::<Result<_, _>>()?;
/// assert!(matches!(&rows[0], Row::Imported { line: 2, event, .. } if event.name() == "asked_information"));
/// assert!(matches!(&rows[1], Row::Rejected(reject) if reject.line == 3 && reject.column.as_deref() == Some("at")));
/// # Ok::<(), followup_formats::ReadError>(())
/// ```
pub struct EventReader<R> {
    zone: Zone,
    source: NativeSource<R>,
    rows: u64,
    ended: bool,
}

impl<R> std::fmt::Debug for EventReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventReader").finish_non_exhaustive()
    }
}

enum NativeSource<R> {
    Csv { csv: CsvSource<R>, prospect: usize, event: usize },
    Json(JsonSource<R>),
}

impl<R: BufRead> EventReader<R> {
    /// Reads the header. `zone` applies to instants without an offset.
    ///
    /// # Errors
    /// [`ReadError`] if the file is empty, is not text, or its header lacks the columns prospect, at and event.
    pub fn new(reader: R, zone: Zone) -> Result<EventReader<R>, ReadError> {
        let source = match detect(reader, b',')? {
            Source::Json(json) => NativeSource::Json(json),
            Source::Csv(csv) => {
                for name in csv.header() {
                    csv.find(name)?;
                }
                let missing = NEEDED.iter().filter(|name| !csv.header().iter().any(|column| column == *name));
                let missing: Vec<&str> = missing.copied().collect();
                if !missing.is_empty() {
                    let why = format!(
                        "the header lacks {}; expected the columns prospect, at and event",
                        missing.join(", ")
                    );
                    return Err(csv.wrong(why));
                }
                let place = |name| csv.find(name).map(|place| place.unwrap_or_default());
                NativeSource::Csv { prospect: place("prospect")?, event: place("event")?, csv }
            }
        };
        Ok(EventReader { zone, source, rows: 0, ended: false })
    }

    /// Returns the number of rows read so far, including rejected ones.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn read(&mut self) -> Result<Option<Row>, ReadError> {
        let (line, event) = match &mut self.source {
            NativeSource::Json(json) => {
                let Some(object) = json.read()? else { return Ok(None) };
                let zone = self.zone;
                (json.line(), object.and_then(|object| from_json(object, json.line(), zone)))
            }
            NativeSource::Csv { csv, prospect, event } => {
                let Some(row) = csv.read()? else { return Ok(None) };
                let zone = self.zone;
                (csv.line(), row.and_then(|()| from_csv(csv, *prospect, *event, zone)))
            }
        };
        self.rows += 1;
        let checked = event.and_then(|(prospect, event)| match ProspectId::new(&prospect) {
            Ok(_) => Ok(Row::Imported { line, prospect, event }),
            Err(error) => Err(Reject::new(line, error.to_string()).at("prospect")),
        });
        Ok(Some(checked.unwrap_or_else(Row::Rejected)))
    }
}

impl<R: BufRead> Iterator for EventReader<R> {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Result<Row, ReadError>> {
        if self.ended {
            return None;
        }
        let row = self.read().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row
    }
}

fn from_json(object: Map<String, Value>, line: u64, zone: Zone) -> Result<(String, Event), Reject> {
    let (prospect, event) = Event::from_json(object, zone).map_err(|error| rejected(line, &error))?;
    let prospect = prospect.ok_or_else(|| Reject::new(line, "missing field \"prospect\"").at("prospect"))?;
    Ok((prospect, event))
}

fn from_csv<R: BufRead>(
    csv: &CsvSource<R>,
    prospect: usize,
    event: usize,
    zone: Zone,
) -> Result<(String, Event), Reject> {
    let record = csv.record();
    let cell = |place| record.get(place).unwrap_or_default();
    let columns = csv.header().iter().zip(record.iter()).enumerate();
    let fields =
        columns.filter(|(place, (_, cell))| *place != prospect && *place != event && !cell.is_empty());
    let fields = fields.map(|(_, (name, cell))| (name.clone(), Value::from(cell))).collect();
    if cell(event).is_empty() {
        return Err(Reject::new(csv.line(), "missing field \"event\"").at("event"));
    }
    let event =
        Event::from_fields(cell(event), fields, zone).map_err(|error| rejected(csv.line(), &error))?;
    Ok((cell(prospect).to_owned(), event))
}

fn rejected(line: u64, error: &EventError) -> Reject {
    let reject = Reject::new(line, error.to_string());
    match error {
        EventError::UnknownKind(_) => reject.at("event"),
        EventError::Field(error) => reject.at(error.field()),
        _ => reject,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::LINE_MAX_BYTES;

    fn read(file: &[u8]) -> Vec<Row> {
        EventReader::new(file, Zone::utc()).unwrap().map(Result::unwrap).collect()
    }

    /// Returns line and column of each reject, and line and `+` of each event.
    fn outline(rows: &[Row]) -> Vec<(u64, &str)> {
        let outline = rows.iter().map(|row| match row {
            Row::Imported { line, .. } => (*line, "+"),
            Row::Rejected(reject) => (reject.line, reject.column.as_deref().unwrap_or("-")),
        });
        outline.collect()
    }

    #[test]
    fn csv_and_json_lines_give_the_same_events() {
        let csv = "prospect,event,at,channel,reached,seq,crm_id\n\
            17,touched,2026-03-02T10:15:00+01:00,phone,true,3,x-1\n\
            17,replied,2026-03-02 09:15,,,,\n";
        let json = "{\"prospect\":17,\"event\":\"touched\",\"at\":\"2026-03-02T09:15:00Z\",\"channel\":\"phone\",\
            \"reached\":true,\"seq\":3,\"crm_id\":\"x-1\"}\n\
            \n{\"prospect\":\"17\",\"event\":\"replied\",\"at\":\"2026-03-02T09:15\"}";
        let events = |file: &str| -> Vec<(String, Event)> {
            let imported = read(file.as_bytes()).into_iter().map(|row| match row {
                Row::Imported { prospect, event, .. } => (prospect, event),
                Row::Rejected(reject) => panic!("{reject}"),
            });
            imported.collect()
        };
        assert_eq!(events(csv), events(json));
        assert_eq!(events(csv)[0].1.seq(), 3);
        assert_eq!(events(csv)[1].1.key(), "");
        assert_eq!(events(csv)[0].1.extra().names().collect::<Vec<_>>(), ["crm_id"]);
    }

    #[test]
    fn each_bad_row_of_json_lines_is_rejected_and_the_others_are_read() {
        let good = "{\"prospect\":\"a\",\"event\":\"replied\",\"at\":\"2026-03-02\"}";
        let mut file = Vec::new();
        for line in [
            good.as_bytes(),
            b"{\"prospect\":\"a\",\"event\":\"smiled\",\"at\":\"2026-03-02\"}",
            b"{\"prospect\":\"a\",\"event\":\"touched\",\"at\":\"2026-03-02\"}",
            b"{\"prospect\":\"a\",\"event\":\"replied\",\"at\":\"yesterday\"}",
            b"{\"event\":\"replied\",\"at\":\"2026-03-02\"}",
            b"{\"prospect\":{},\"event\":\"replied\",\"at\":\"2026-03-02\"}",
            b"{\"prospect\":\"a\",\"event\":\"repl",
            b"[1]",
            b"{\"prospect\":\"\xff\"}",
            b"{\"prospect\":\"a\\nb\",\"event\":\"replied\",\"at\":\"2026-03-02\"}",
            &vec![b'{'; LINE_MAX_BYTES + 1],
            &[b'['; 5000],
            good.as_bytes(),
        ] {
            file.extend(line);
            file.push(b'\n');
        }
        let rows = read(&file);
        let expected = [
            (1, "+"),
            (2, "event"),
            (3, "channel"),
            (4, "at"),
            (5, "prospect"),
            (6, "prospect"),
            (7, "-"),
            (8, "-"),
            (9, "-"),
            (10, "prospect"),
            (11, "-"),
            (12, "-"),
            (13, "+"),
        ];
        assert_eq!(outline(&rows), expected);
    }

    #[test]
    fn each_bad_row_of_csv_is_rejected_and_the_others_are_read() {
        let file = b"prospect,at,event,channel\n\
            a,2026-03-02,replied,email\n\
            ,2026-03-02,replied,email\n\
            a,,replied,email\n\
            a,2026-03-02,,email\n\
            a,2026-03-02,replied\n\
            a,2026-03-02,replied,email,\n\
            \xff,2026-03-02,replied,email\n\
            a,2026-03-02,replied,\"email\n\
            a,2026-03-02,replied,e-mail\n\
            a,2026-03-02,replied,email\n";
        let expected = [
            (2, "+"),
            (3, "prospect"),
            (4, "at"),
            (5, "event"),
            (6, "-"),
            (7, "-"),
            (8, "-"),
            (9, "-"),
            (10, "channel"),
            (11, "+"),
        ];
        let mut reader = EventReader::new(&file[..], Zone::utc()).unwrap();
        let rows: Vec<Row> = reader.by_ref().map(Result::unwrap).collect();
        assert_eq!(outline(&rows), expected);
        assert_eq!(reader.rows(), 10);
    }

    #[test]
    fn an_unreadable_file_is_an_error_that_says_what_is_expected() {
        for (file, part) in [
            (&b""[..], "empty"),
            (b"\n \n", "empty"),
            (
                b"prospect,when,event\n",
                "lacks at; expected the columns prospect, at and event; the header is: prospect, when, event",
            ),
            (b"prospect,at,event,at\n", "duplicate column \"at\""),
            (b"[{}]", "JSON array"),
            (b"\x89PNG\r\n\x1a\n", "not text"),
            (b"prospect,at,event\ra,b,c\r", "carriage returns"),
        ] {
            let error = EventReader::new(file, Zone::utc()).err().unwrap().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_truncated_file_is_an_error_that_names_the_last_line() {
        struct Broken;
        impl std::io::Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("the disk is gone"))
            }
        }
        let text = &b"prospect,at,event\na,2026-03-02,replied\n"[..];
        let reader = std::io::BufReader::new(std::io::Read::chain(text, Broken));
        let mut rows = EventReader::new(reader, Zone::utc()).unwrap();
        assert!(matches!(rows.next(), Some(Ok(Row::Imported { .. }))));
        assert!(matches!(rows.next(), Some(Err(ReadError::Io { line: 2, .. }))));
        assert!(rows.next().is_none());
    }
}
