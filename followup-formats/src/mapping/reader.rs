//! The reader that applies a mapping to rows.

use std::collections::{BTreeMap, VecDeque};
use std::io::BufRead;
use std::ops::RangeInclusive;

use followup_core::{ProspectId, Zone};
use serde_json::{Map, Value};

use super::Mapping;
use super::cases::Cases;
use super::cells::{Cells, Columns, KeyParts, Slot};
use super::condition::Step;
use super::rule::{Bench, Blame};
use super::times::Times;
use super::unmapped::Unmapped;
use crate::error::ReadError;
use crate::record::Record;
use crate::row::{Reject, Row};
use crate::source::{CsvSource, JsonSource, Source, detect};

/// A reader of a foreign file through a mapping, created by [`Mapping::reader`].
///
/// A row may yield no event, one or several; each is a separate [`Row::Imported`], in the order of the rules. A row
/// that cannot be used yields one [`Row::Rejected`] and no event.
///
/// # Examples
/// ```
/// use followup_core::Zone;
/// use followup_formats::{MappedReader, Mapping, Row};
///
/// let mapping = Mapping::shipped("olist_mql").expect("the mapping ships with the library");
/// let leads = "mql_id,first_contact_date,landing_page_id,origin\na,2018-03-22,p,social\nb,soon,p,email\n";
/// let mut reader: MappedReader<'_, _> = mapping.reader(leads.as_bytes(), Zone::utc())?;
/// let first = reader.next().transpose()?;
/// assert!(matches!(first, Some(Row::Imported { line: 2, event, .. }) if event.name() == "inquired"));
/// let second = reader.next().transpose()?;
/// assert!(matches!(second, Some(Row::Rejected(reject)) if reject.to_string().contains("soon")));
/// assert_eq!(reader.rows(), 2);
/// # Ok::<(), followup_formats::ReadError>(())
/// ```
pub struct MappedReader<'m, R> {
    source: MappedSource<R>,
    places: Vec<Option<usize>>,
    run: Run<'m>,
    rows: u64,
    ended: bool,
}

impl<R> std::fmt::Debug for MappedReader<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MappedReader").finish_non_exhaustive()
    }
}

enum MappedSource<R> {
    Csv(CsvSource<R>),
    Json(JsonSource<R>, Record),
}

/// The state that persists from row to row.
struct Run<'m> {
    mapping: &'m Mapping,
    zone: Zone,
    cases: Cases,
    unmapped: Unmapped,
    ready: VecDeque<Ready>,
    /// Reused buffers for composed text, to avoid an allocation for each row.
    prospect: String,
    text: String,
    unlisted: Vec<Slot>,
}

/// The events that a rule yields for a row. Uses the memory of one event, whatever their number.
struct Ready {
    row: Row,
    /// The numbers to append to the keys of the events not yet returned; at least one.
    numbers: Option<RangeInclusive<u16>>,
}

impl<'m, R: BufRead> MappedReader<'m, R> {
    pub(super) fn new(reader: R, mapping: &'m Mapping, zone: Zone) -> Result<MappedReader<'m, R>, ReadError> {
        let (source, places) = match detect(reader, mapping.delimiter)? {
            Source::Csv(csv) => {
                let places = places(&csv, mapping)?;
                (MappedSource::Csv(csv), places)
            }
            // Objects may omit keys that are null, so an object does not tell which columns exist.
            Source::Json(json) => {
                let places = (0..mapping.columns.names().len()).map(Some).collect();
                (MappedSource::Json(json, Record::default()), places)
            }
        };
        let run = Run {
            mapping,
            zone: mapping.zone.unwrap_or(zone),
            cases: Cases::new(),
            unmapped: Unmapped::default(),
            ready: VecDeque::new(),
            prospect: String::new(),
            text: String::new(),
            unlisted: Vec::new(),
        };
        Ok(MappedReader { source, places, run, rows: 0, ended: false })
    }

    /// Returns the number of rows read so far, including rejected ones.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns the values that the mapping does not name, by column and value, with the number of rows read so far
    /// that have them: states that no rule names, values that no condition compares and no table of values lists.
    /// At most 1,000 values are listed; rows with further values are counted under `…`.
    pub fn unmapped(&self) -> BTreeMap<(String, String), u64> {
        self.run.unmapped.list(&self.run.mapping.columns)
    }

    fn read(&mut self) -> Result<bool, ReadError> {
        let nothing = &self.run.mapping.nothing;
        match &mut self.source {
            MappedSource::Csv(csv) => {
                let Some(row) = csv.read()? else { return Ok(false) };
                let cells = Cells { record: csv.record(), places: &self.places, nothing };
                match row {
                    Ok(()) => self.run.row(csv.line(), cells),
                    Err(reject) => self.run.faulty_row(reject, cells),
                }
            }
            MappedSource::Json(json, record) => {
                let Some(object) = json.read()? else { return Ok(false) };
                let row = match object {
                    Ok(object) => fill(record, &object, &self.run.mapping.columns, json.line()),
                    Err(reject) => {
                        record.clear();
                        Err(reject)
                    }
                };
                let cells = Cells { record, places: &self.places, nothing };
                match row {
                    Ok(()) => self.run.row(json.line(), cells),
                    Err(reject) => self.run.faulty_row(reject, cells),
                }
            }
        }
        self.rows += 1;
        Ok(true)
    }
}

impl<R: BufRead> Iterator for MappedReader<'_, R> {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Result<Row, ReadError>> {
        loop {
            if let Some(row) = self.run.next_ready() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            match self.read() {
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
    }
}

impl Run<'_> {
    fn row(&mut self, line: u64, cells: Cells<'_>) {
        let mapping = self.mapping;
        let blamed = |(slot, why): Blame| {
            let reject = Reject::new(line, why);
            slot.map_or(reject.clone(), |slot| reject.at(mapping.columns.name(slot)))
        };
        if let Err(blame) = self.find_prospect(cells) {
            return self.reject(blamed(blame));
        }
        let case = self.cases.of(&self.prospect);
        case.rows = case.rows.saturating_add(1);
        let nth = case.rows;
        let stated = mapping.state.and_then(|slot| cells.get(slot));
        // A row without a state leaves the case unchanged.
        let state = stated.map_or(case.state, |state| mapping.states.get(state).copied().unwrap_or(0));
        let step = Step { cells, nth, state_before: std::mem::replace(&mut case.state, state), state };
        self.unlisted.clear();
        let mut blame = None;
        let already_ready = self.ready.len();
        for rule in &mapping.rules {
            if !rule.applies(step, &mut case.once) || blame.is_some() {
                continue;
            }
            let times = match rule.times(cells) {
                Ok(Some(0)) => continue,
                Ok(times) => times,
                Err(why) => {
                    blame = Some(why);
                    continue;
                }
            };
            let mut bench = Bench { zone: self.zone, text: &mut self.text, unlisted: &mut self.unlisted };
            match rule.event(cells, KeyParts { prospect: &self.prospect, nth }, &mut bench) {
                Ok(event) => {
                    let row = Row::Imported { line, prospect: self.prospect.clone(), event };
                    self.ready.push_back(Ready { row, numbers: times.map(|times| 1..=times) });
                }
                Err(why) => blame = Some(why),
            }
        }
        self.count_unmapped(cells);
        if let Some(blame) = blame {
            self.ready.truncate(already_ready);
            self.reject(blamed(blame));
        }
    }

    fn reject(&mut self, reject: Reject) {
        self.ready.push_back(Ready { row: Row::Rejected(reject), numbers: None });
    }

    fn next_ready(&mut self) -> Option<Row> {
        let ready = self.ready.front_mut()?;
        let Some(number) = ready.numbers.as_mut().and_then(Iterator::next) else {
            return self.ready.pop_front().map(|ready| ready.row);
        };
        let is_last = ready.numbers.as_ref().is_none_or(RangeInclusive::is_empty);
        let row = if is_last { self.ready.pop_front()?.row } else { ready.row.clone() };
        Some(match row {
            Row::Imported { line, prospect, event } => {
                let key = format!("{}{}", event.key(), Times::key_suffix(number));
                Row::Imported { line, prospect, event: event.with_key(key) }
            }
            Row::Rejected(_) => row,
        })
    }

    /// Counts a faulty row as a row of its case, if the case can be recognized: the rows after it then keep their
    /// numbers, and thus their keys, when the row is repaired.
    fn faulty_row(&mut self, reject: Reject, cells: Cells<'_>) {
        if self.find_prospect(cells).is_ok() {
            self.cases.of(&self.prospect).rows += 1;
        }
        self.reject(reject);
    }

    fn find_prospect(&mut self, cells: Cells<'_>) -> Result<(), Blame> {
        let template = &self.mapping.prospect;
        let found = template.whole(cells, &mut self.prospect);
        found
            .map_err(|slot| (Some(slot), "the cell is empty; expected the id of the prospect".to_owned()))?;
        let checked = ProspectId::new(&self.prospect);
        checked.map(drop).map_err(|error| (template.first_column(), error.to_string()))
    }

    fn count_unmapped(&mut self, cells: Cells<'_>) {
        for watched in &self.mapping.watched {
            if cells.get(watched.slot).is_some_and(|cell| !watched.named.contains(cell)) {
                self.unlisted.push(watched.slot);
            }
        }
        // Several rules may refer to a column; its value counts once per row.
        self.unlisted.sort_unstable();
        self.unlisted.dedup();
        for slot in &self.unlisted {
            if let Some(cell) = cells.get(*slot) {
                self.unmapped.count(*slot, cell);
            }
        }
    }
}

/// Returns the positions of a mapping's columns in a header.
fn places<R: BufRead>(csv: &CsvSource<R>, mapping: &Mapping) -> Result<Vec<Option<usize>>, ReadError> {
    let mut places = Vec::new();
    let mut missing = Vec::new();
    for name in mapping.columns.names() {
        let place = csv.find(name)?;
        let is_optional = mapping.columns.find(name).is_some_and(|slot| mapping.optional.contains(&slot));
        if place.is_none() && !is_optional {
            missing.push(format!("\"{name}\""));
        }
        places.push(place);
    }
    if missing.is_empty() {
        return Ok(places);
    }
    let noun = if missing.len() == 1 { "the column" } else { "the columns" };
    Err(csv.wrong(format!("the header lacks {noun} {}, which the mapping reads", missing.join(", "))))
}

/// Fills a record with the values of a mapping's columns, in their order.
fn fill(
    record: &mut Record,
    object: &Map<String, Value>,
    columns: &Columns,
    line: u64,
) -> Result<(), Reject> {
    record.clear();
    let mut fault = None;
    for name in columns.names() {
        match object.get(name) {
            None | Some(Value::Null) => record.push(""),
            Some(Value::String(text)) => record.push(text),
            Some(Value::Number(number)) => record.push(&number.to_string()),
            Some(Value::Bool(flag)) => record.push(if *flag { "true" } else { "false" }),
            Some(Value::Array(_) | Value::Object(_)) => {
                let why = "unexpected list or object; expected a string, a number, true or false";
                fault = Some(Reject::new(line, why).at(name));
                record.push("");
            }
        }
    }
    fault.map_or(Ok(()), Err)
}
