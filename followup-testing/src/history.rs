//! Histories: the events of one prospect, in a form to read and to paste into a test.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use followup_core::event::{Event, EventError, instant_text};
use followup_core::state::{FoldError, ProspectState};
use followup_core::time::{UnknownZone, Zone};

/// The events of one prospect, in the order in which they became known.
///
/// It prints as one event per line and reads back from that form, so a history that a property found can be pasted
/// into a test. A key is printed unless it is the number of the line, and a home zone other than UTC has a line of its
/// own.
///
/// # Examples
/// ```
/// use followup_testing::History;
///
/// let text = "\
/// zone Europe/Berlin
/// 2026-03-02T09:15Z touched channel=phone
/// 2026-03-04T10:00Z replied channel=email";
/// let history: History = text.parse()?;
/// assert_eq!(history.events().len(), 2);
/// assert_eq!(history.to_string(), text);
/// # Ok::<(), followup_testing::HistoryError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct History {
    home: Zone,
    events: Vec<Event>,
}

/// The error for text or events that are not a history.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A line without an instant, or without an event after it.
    #[error("line {line}: expected an instant and an event, e.g. 2026-03-02T09:15Z touched channel=phone")]
    NoEvent {
        /// The line, counted from 1.
        line: usize,
    },
    /// A word after the event that is not a field.
    #[error("line {line}: invalid field \"{word}\"; expected e.g. channel=phone or needs=\"a new roof\"")]
    NoField {
        /// The line, counted from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// An invalid event.
    #[error("line {line}: {source}")]
    Event {
        /// The line, counted from 1.
        line: usize,
        /// The error of the event.
        source: EventError,
    },
    /// An unknown zone.
    #[error("line {line}: {source}")]
    Zone {
        /// The line, counted from 1.
        line: usize,
        /// The error of the zone.
        source: UnknownZone,
    },
    /// Two different events with one key.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

impl History {
    /// Creates a history from events, in the order in which they became known. An event without a key gets the number
    /// of its line.
    ///
    /// `home` is the zone of a prospect whose own is unknown.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, Zone};
    /// use followup_testing::{History, arb_event_kind, proptest::prelude::*};
    ///
    /// let at = "2026-03-02T09:00:00Z".parse()?;
    /// proptest!(|(kind in arb_event_kind())| {
    ///     let history = History::new(Zone::utc(), [Event::new(at, kind)]).expect("there is only one event");
    ///     prop_assert_eq!(history.to_string().parse(), Ok(history));
    /// });
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// [`FoldError`] if one key has two different events.
    pub fn new(home: Zone, events: impl IntoIterator<Item = Event>) -> Result<History, FoldError> {
        let history = History::numbered(home, events);
        ProspectState::replay_at(home, history.events.iter().cloned())?;
        Ok(history)
    }

    /// Creates the history of a prospect of whom nothing is known but that they were added.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Zone;
    /// use followup_testing::History;
    ///
    /// let added = History::added(Zone::utc(), "2026-03-02T09:00:00Z".parse()?);
    /// assert_eq!(added.to_string(), "2026-03-02T09:00Z added");
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn added(home: Zone, at: DateTime<Utc>) -> History {
        History::numbered(home, [Event::added(at)])
    }

    /// As [`History::new`], for events whose keys are known to differ.
    pub(super) fn numbered(home: Zone, events: impl IntoIterator<Item = Event>) -> History {
        let numbered = events.into_iter().enumerate().map(|(index, event)| match event.key() {
            "" => event.with_key(number(index)),
            _ => event,
        });
        History { home, events: numbered.collect() }
    }

    /// Returns the zone of a prospect whose own is unknown.
    pub fn home(&self) -> Zone {
        self.home
    }

    /// Returns the events, in the order in which they became known.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns the events in the order of the fold, each once.
    ///
    /// # Examples
    /// ```
    /// use followup_testing::History;
    ///
    /// let known_late: History = "2026-03-04T10:00Z replied\n2026-03-02T09:15Z touched channel=phone".parse()?;
    /// let names: Vec<_> = known_late.in_order().iter().map(|event| event.name()).collect();
    /// assert_eq!(names, ["touched", "replied"]);
    /// # Ok::<(), followup_testing::HistoryError>(())
    /// ```
    pub fn in_order(&self) -> Vec<Event> {
        let mut events = self.events.clone();
        events.sort_by(Event::order);
        events.dedup_by(|one, other| one.key() == other.key());
        events
    }

    /// Returns the instant of the newest event.
    pub fn newest(&self) -> Option<DateTime<Utc>> {
        self.events.iter().map(|event| event.at()).max()
    }

    /// Returns the state of the prospect after all events.
    pub fn state(&self) -> ProspectState {
        let mut state = ProspectState::new(self.home);
        self.in_order().iter().for_each(|event| state.apply(event));
        state
    }

    /// Adds an event that became known last.
    pub(super) fn push(&mut self, event: Event) {
        let event = if event.key().is_empty() { event.with_key(number(self.events.len())) } else { event };
        self.events.push(event);
    }
}

/// Returns the key of an event that has none.
pub(super) fn number(index: usize) -> String {
    format!("{:02}", index + 1)
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let home = (self.home != Zone::utc()).then(|| format!("zone {}", self.home));
        let events = self.events.iter().enumerate().map(|(index, event)| line(event, index));
        let lines: Vec<String> = home.into_iter().chain(events).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Prints the history as text, because failed properties print with `Debug`.
impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}\n")
    }
}

impl FromStr for History {
    type Err = HistoryError;

    fn from_str(text: &str) -> Result<History, HistoryError> {
        let (mut home, mut events) = (Zone::utc(), Vec::new());
        for (index, text) in text.lines().enumerate() {
            let line = index + 1;
            let words = words(text);
            match words.as_slice() {
                [] => {}
                [word, zone] if word == "zone" => {
                    home = zone.parse().map_err(|source| HistoryError::Zone { line, source })?;
                }
                [at, name, fields @ ..] => events.push(event(home, at, name, fields, line)?),
                [_] => return Err(HistoryError::NoEvent { line }),
            }
        }
        Ok(History::new(home, events)?)
    }
}

fn event(home: Zone, at: &str, name: &str, fields: &[String], line: usize) -> Result<Event, HistoryError> {
    let mut object = Map::new();
    for word in fields {
        let (field, value) = word
            .split_once('=')
            .ok_or_else(|| HistoryError::NoField { line, word: word.chars().take(40).collect() })?;
        object.insert(field.to_owned(), with_seconds(value).into());
    }
    object.insert("at".to_owned(), with_seconds(at).into());
    object.insert("event".to_owned(), name.into());
    let read = Event::from_json(object, home).map_err(|source| HistoryError::Event { line, source })?;
    Ok(read.1)
}

/// Returns the printed form of an event.
fn line(event: &Event, index: usize) -> String {
    let mut line = format!("{} {}", without_seconds(&instant_text(event.at())), event.name());
    let mut put = |field: &str, value: &str| {
        let plain = !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || c == '"');
        let value = if plain { value.to_owned() } else { Value::from(value).to_string() };
        line += &format!(" {field}={value}");
    };
    for (field, value) in event.to_fields().into_json() {
        let text = match &value {
            Value::Null => continue,
            Value::String(text) => without_seconds(text),
            Value::Array(words) => {
                let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
                words.join(",")
            }
            other => other.to_string(),
        };
        let is_usual = matches!(
            (field.as_str(), text.as_str()),
            ("automatic" | "reached" | "permanent", "false") | ("kind", "prospect")
        );
        if !is_usual {
            put(&field, &text);
        }
    }
    if event.seq() != 0 {
        put("seq", &event.seq().to_string());
    }
    if event.key() != number(index) {
        put("key", event.key());
    }
    line
}

/// Splits a line into words. A value in quotation marks belongs to one word.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let quoted = rest[..end].find("=\"").map(|at| at + 1);
        let (word, length) = match quoted.and_then(|at| unquoted(&rest[at..]).map(|read| (at, read))) {
            Some((at, (value, length))) => (format!("{}{value}", &rest[..at]), at + length),
            None => (rest[..end].to_owned(), end),
        };
        words.push(word);
        rest = rest[length..].trim_start();
    }
    words
}

/// Returns the quoted value at the beginning of a text, and the length of its quoted form.
fn unquoted(text: &str) -> Option<(String, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// Removes the seconds of an instant on a whole minute.
fn without_seconds(text: &str) -> String {
    match text.strip_suffix(":00Z") {
        Some(minute) if is_instant(text) => format!("{minute}Z"),
        _ => text.to_owned(),
    }
}

fn with_seconds(text: &str) -> String {
    let longer = text.strip_suffix('Z').map(|minute| format!("{minute}:00Z"));
    longer.filter(|longer| is_instant(longer)).unwrap_or_else(|| text.to_owned())
}

fn is_instant(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back() {
        let text = "\
zone Australia/Lord_Howe
2026-03-02T09:15Z added email=a@example.org
2026-03-02T09:15:30.000001Z touched channel=phone purpose=check_in seq=3
2026-03-01T00:00Z noted text=\"she said \\\"later\\\", twice\" key=late
2026-03-03T08:00Z preferred from=10:00 to=12:00 weekdays=tue,thu
2026-03-03T08:00Z opted_out channels=phone,text";
        let history: History = text.parse().unwrap();
        assert_eq!(history.to_string(), text);
        assert_eq!(history.events()[2].key(), "late");
        assert_eq!(history.in_order()[0].key(), "late");
    }

    #[test]
    fn a_line_that_is_no_event_is_named() {
        let error = |text: &str| text.parse::<History>().unwrap_err().to_string();
        let expected = "line 2: expected an instant and an event, e.g.";
        assert!(error("\n2026-03-02T09:15Z").starts_with(expected));
        assert!(
            error("2026-03-02T09:15Z touched phone").starts_with("line 1: invalid field \"phone\"; expected")
        );
        assert!(error("2026-03-02T09:15Z shouted").starts_with("line 1: unknown event \"shouted\""));
        assert!(
            error("zone Mars/Olympus").starts_with("line 1: unknown time zone \"Mars/Olympus\"; expected")
        );
        let twice = "2026-03-02T09:15Z replied key=a\n2026-03-02T09:16Z replied key=a";
        assert!(error(twice).starts_with("the key \"a\" is used for two different events"));
    }
}
