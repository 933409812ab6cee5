//! What happened to one prospect, as lines that can be read, and pasted into a test.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use followup_core::event::{Event, EventError, instant_text};
use followup_core::state::{FoldError, ProspectState};
use followup_core::time::{UnknownZone, Zone};

/// What happened to one prospect, in the order in which it became known.
///
/// It prints as one event a line, and reads back from what it prints: a history that a property found can be
/// pasted into a test. A key is printed where it is not the number of the line, and a home zone that is not UTC
/// stands in a line of its own.
///
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

/// Why some text, or some events, are no history.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// A line that has no instant, or no event after it.
    #[error("line {line}: it is no event; write it like 2026-03-02T09:15Z touched channel=phone")]
    NoEvent {
        /// The line, from 1.
        line: usize,
    },
    /// A word after the event that is no field.
    #[error("line {line}: \"{word}\" is no field; write it like channel=phone, or needs=\"a new roof\"")]
    NoField {
        /// The line, from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// An event that cannot be.
    #[error("line {line}: {source}")]
    Event {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: EventError,
    },
    /// A zone that is none.
    #[error("line {line}: {source}")]
    Zone {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: UnknownZone,
    },
    /// Two events with one key.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

impl History {
    /// Takes events, in the order in which they became known; one without a key has the number of its line.
    ///
    /// `home` is the zone for a prospect whose own is not known.
    ///
    /// # Errors
    /// [`FoldError`] if the same key comes with two different bodies.
    pub fn new(home: Zone, events: impl IntoIterator<Item = Event>) -> Result<History, FoldError> {
        let history = History::numbered(home, events);
        ProspectState::replay_at(home, history.events.iter().cloned())?;
        Ok(history)
    }

    /// The same, of events whose keys are known to differ.
    pub(super) fn numbered(home: Zone, events: impl IntoIterator<Item = Event>) -> History {
        let numbered = events.into_iter().enumerate().map(|(index, event)| match event.key.as_str() {
            "" => event.key(number(index)),
            _ => event,
        });
        History { home, events: numbered.collect() }
    }

    /// The zone for a prospect whose own is not known.
    pub fn home(&self) -> Zone {
        self.home
    }

    /// Its events, in the order in which they became known.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Its events in the order of the fold, each once.
    pub fn in_order(&self) -> Vec<Event> {
        let mut events = self.events.clone();
        events.sort_by(Event::order);
        events.dedup_by(|one, other| one.key == other.key);
        events
    }

    /// The instant of its newest event.
    pub fn newest(&self) -> Option<DateTime<Utc>> {
        self.events.iter().map(|event| event.at).max()
    }

    /// Where the prospect stands after all of it.
    pub fn state(&self) -> ProspectState {
        let mut state = ProspectState::new(self.home);
        self.in_order().iter().for_each(|event| state.apply(event));
        state
    }

    /// The same history, in which this became known last.
    pub(super) fn push(&mut self, event: Event) {
        let event = if event.key.is_empty() { event.key(number(self.events.len())) } else { event };
        self.events.push(event);
    }
}

/// The key of an event that has none of its own.
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

/// What a property that fails prints is meant to be read.
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

/// One event as it is printed.
fn line(event: &Event, index: usize) -> String {
    let mut line = format!("{} {}", without_seconds(&instant_text(event.at)), event.name());
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
    if event.seq != 0 {
        put("seq", &event.seq.to_string());
    }
    if event.key != number(index) {
        put("key", &event.key);
    }
    line
}

/// The words of a line; a value in quotation marks is one of them, whatever it holds.
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

/// What stands between quotation marks at the beginning of a text, and how much of the text that was.
fn unquoted(text: &str) -> Option<(String, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// An instant on a whole minute is printed without its seconds.
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
        assert_eq!(history.events()[2].key, "late");
        assert_eq!(history.in_order()[0].key, "late");
    }

    #[test]
    fn a_line_that_is_no_event_is_named() {
        let error = |text: &str| text.parse::<History>().unwrap_err().to_string();
        assert!(error("\n2026-03-02T09:15Z").starts_with("line 2: it is no event; write it like"));
        assert!(error("2026-03-02T09:15Z touched phone").starts_with("line 1: \"phone\" is no field"));
        assert!(error("2026-03-02T09:15Z shouted").starts_with("line 1: \"shouted\" is no event"));
        assert!(error("zone Mars/Olympus").starts_with("line 1: \"Mars/Olympus\" is no time zone"));
        let twice = "2026-03-02T09:15Z replied key=a\n2026-03-02T09:16Z replied key=a";
        assert!(error(twice).starts_with("the key \"a\" stands for two different events"));
    }
}
