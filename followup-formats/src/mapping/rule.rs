//! Rules that yield events from rows.

use chrono::{DateTime, Utc};
use followup_core::event::{EventError, Fields, KEY_MAX_BYTES};
use followup_core::{Event, Zone};
use serde_json::Value;

use super::cells::{Cells, KeyParts, Slot, Template};
use super::condition::{Condition, Step};
use super::field::{FieldSource, Found, StatedField};
use super::mistakes::Node;
use super::parser::Parser;
use super::time::Formats;
use super::times::Times;
use super::vocabulary;

/// A rule of a mapping: an event, its conditions, and the sources of its fields.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct EventRule {
    name: &'static str,
    /// The suffix of the row's key: the rule's number, so that keys sort in the order of the rules, and the event's
    /// name.
    suffix: String,
    when: Vec<Condition>,
    unless: Vec<Condition>,
    /// The rule's bit in [`Case::once`](super::cases::Case::once).
    once: u16,
    /// The number of events per row; one if the rule has no `times`.
    times: Option<Times>,
    time: TimeSource,
    key: Template,
    fields: Vec<(String, FieldSource)>,
    /// The event except for its instant and key, if all its fields are constants.
    prototype: Option<Event>,
}

/// The cells that hold an instant, and their formats.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct TimeSource {
    pub(super) template: Template,
    pub(super) formats: Formats,
}

/// The reason why a row cannot yield an event: the column at fault, if any, and the message.
pub(super) type Blame = (Option<Slot>, String);

/// The working state of a rule, apart from the row.
pub(super) struct Bench<'b> {
    pub(super) zone: Zone,
    /// A reused buffer for composed text.
    pub(super) text: &'b mut String,
    /// The columns whose values are not listed in their table of values.
    pub(super) unlisted: &'b mut Vec<Slot>,
}

const KNOWN: [&str; 9] = ["event", "when", "unless", "once", "times", "time", "key", "fields", "extra"];

/// The maximum number of rules in a mapping; their numbers have two digits.
pub(super) const RULES_MAX: usize = 99;

impl EventRule {
    /// Parses the rule with this number, counted from 1.
    pub(super) fn read(node: &Node<'_>, number: usize, parser: &mut Parser) -> Option<EventRule> {
        let table = parser.mistakes.table(node, &KNOWN)?;
        let entry = |name: &str| table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, node)| node);
        let name = match entry("event") {
            Some(node) => read_name(node, parser),
            None => {
                parser.mistakes.add(node.span(), "missing key \"event\": the name of an event");
                None
            }
        };
        let mut within = |name: &str, read: &mut dyn FnMut(&Node<'_>, &mut Parser)| {
            if let Some(node) = entry(name) {
                parser.mistakes.enter(name);
                read(node, parser);
                parser.mistakes.leave();
            }
        };
        let (mut when, mut unless, mut once) = (Vec::new(), Vec::new(), 0);
        let (mut times, mut time, mut key) = (None, None, None);
        let (mut fields, mut extra) = (Vec::new(), Vec::new());
        within("when", &mut |node, parser| when = Condition::read(node, parser));
        within("unless", &mut |node, parser| unless = Condition::read(node, parser));
        within("once", &mut |node, parser| {
            if parser.mistakes.flag(node) == Some(true) {
                once = parser.once_bit(node);
            }
        });
        within("times", &mut |node, parser| {
            times = Times::read(node, parser);
            if once != 0 {
                parser.mistakes.add(node.span(), "\"times\" cannot be combined with \"once\"");
            }
        });
        within("time", &mut |node, parser| time = parser.time(node));
        within("key", &mut |node, parser| key = parser.key(node));
        within("fields", &mut |node, parser| fields = parser.fields(node));
        within("extra", &mut |node, parser| extra = parser.fields(node));
        let time = time.or_else(|| parser.default_time(entry("time"), node));
        let name = name?;
        let fields = checked_fields(name, node, fields, extra, parser);
        Some(EventRule {
            name,
            suffix: format!("/{number:0width$}-{name}", width = parser.number_width()),
            when,
            unless,
            once,
            times,
            time: time?,
            key: key.unwrap_or_else(|| parser.default_key()),
            prototype: prototype(name, &fields),
            fields,
        })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Returns true if the row yields the event. `once` holds the bits of the `once` rules already used by its case.
    pub(super) fn applies(&self, step: Step<'_>, once: &mut u16) -> bool {
        let applies = *once & self.once == 0
            && self.when.iter().all(|condition| condition.holds(step))
            && !self.unless.iter().any(|condition| condition.holds(step));
        if applies {
            *once |= self.once;
        }
        applies
    }

    /// Returns the number of events that the row yields; `None` for a rule without `times`, which yields one.
    pub(super) fn times(&self, cells: Cells<'_>) -> Result<Option<u16>, Blame> {
        self.times.as_ref().map(|times| times.count(cells)).transpose()
    }

    /// Creates the event of a row. With `times`, all events of the row equal it except for the suffix of their keys.
    pub(super) fn event(
        &self,
        cells: Cells<'_>,
        parts: KeyParts<'_>,
        bench: &mut Bench<'_>,
    ) -> Result<Event, Blame> {
        let at = self.time.instant(cells, bench)?;
        let event = match &self.prototype {
            Some(event) => event.clone(),
            None => self.event_of_cells(cells, bench)?,
        };
        let mut key = String::with_capacity(48);
        self.key.key(cells, parts, &mut key);
        key.push_str(&self.suffix);
        let longest = self.times.as_ref().map_or(KEY_MAX_BYTES, |_| Times::KEY_MAX_BYTES);
        if key.len() > longest {
            let why =
                format!("the key of the event \"{}\" would be longer than {KEY_MAX_BYTES} bytes", self.name);
            return Err((self.key.first_column(), why));
        }
        Ok(event.with_at(at).with_seq(i64::from(parts.nth)).with_key(key))
    }

    fn event_of_cells(&self, cells: Cells<'_>, bench: &mut Bench<'_>) -> Result<Event, Blame> {
        let mut values = Fields::default();
        let unlisted_before = bench.unlisted.len();
        for (name, source) in &self.fields {
            let found = source.find(cells, bench.zone, bench.text);
            match found.map_err(|why| {
                (source.column(), format!("field \"{name}\" of the event \"{}\": {why}", self.name))
            })? {
                Found::Value(value) => values.set(name.as_str(), value),
                Found::Absent => {}
                Found::Unlisted => bench.unlisted.extend(source.column()),
            }
        }
        vocabulary::make(self.name, values).map_err(|error| {
            let EventError::Field(error) = error else { return (None, error.to_string()) };
            let source = self.fields.iter().find(|(name, _)| name == error.field());
            let column = source.and_then(|(_, source)| source.column());
            let unlisted = column.filter(|column| bench.unlisted[unlisted_before..].contains(column));
            let why = match unlisted {
                Some(_) => "the mapping does not list this value: add it to \"values\", or set \"otherwise\"",
                None => "",
            };
            let separator = if why.is_empty() { "" } else { "; " };
            (column, format!("event \"{}\": {error}{separator}{why}", self.name))
        })
    }
}

impl TimeSource {
    fn instant(&self, cells: Cells<'_>, bench: &mut Bench<'_>) -> Result<DateTime<Utc>, Blame> {
        let column = self.template.first_column();
        // Most times are a single cell, which need not be copied.
        let text = match self.template.only_column().map(|slot| cells.get(slot).ok_or(slot)) {
            Some(text) => text,
            None => self.template.whole(cells, bench.text).map(|()| bench.text.as_str()),
        };
        let text = text
            .map_err(|slot| (Some(slot), "the cell is empty; expected the time of the event".to_owned()))?;
        self.formats.instant(text, bench.zone).map_err(|why| (column, why))
    }
}

fn read_name(node: &Node<'_>, parser: &mut Parser) -> Option<&'static str> {
    let text = parser.mistakes.text(node, "the name of an event")?;
    let name = Event::NAMES.iter().find(|name| **name == text);
    if name.is_none() {
        let message = format!(
            "unknown event \"{}\"; expected one of: {}",
            crate::error::excerpt(text),
            Event::NAMES.join(", ")
        );
        parser.mistakes.add(node.span(), message);
    }
    name.copied()
}

/// Checks the fields of an event, including those of the file as a whole.
fn checked_fields(
    name: &'static str,
    node: &Node<'_>,
    own: Vec<StatedField>,
    extra: Vec<StatedField>,
    parser: &mut Parser,
) -> Vec<(String, FieldSource)> {
    let takes: Vec<&str> = vocabulary::fields(name).into_iter().map(|(field, _)| field).collect();
    for field in own.iter().filter(|field| !takes.contains(&field.name.as_str())) {
        let message = format!(
            "unknown field \"{}\"; fields of the event \"{name}\": {}; put other fields under \"extra\"",
            crate::error::excerpt(&field.name),
            if takes.is_empty() { "none".to_owned() } else { takes.join(", ") },
        );
        parser.mistakes.enter("fields");
        parser.mistakes.add(field.place.clone(), message);
        parser.mistakes.leave();
    }
    for field in extra
        .iter()
        .filter(|field| takes.contains(&field.name.as_str()) || vocabulary::is_reserved(&field.name))
    {
        let message =
            format!("\"{}\" is a field of the event \"{name}\": put it under \"fields\"", field.name);
        parser.mistakes.enter("extra");
        parser.mistakes.add(field.place.clone(), message);
        parser.mistakes.leave();
    }
    let mut fields: Vec<StatedField> =
        own.into_iter().filter(|field| takes.contains(&field.name.as_str())).collect();
    for shared in parser.shared_fields(&takes) {
        if !fields.iter().any(|field| field.name == shared.name) {
            fields.push(shared);
        }
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    if let Some(missing) =
        vocabulary::mistake(name, &names, None).filter(|missing| !parser.is_broken(missing.field()))
    {
        parser.mistakes.add(node.span(), format!("event \"{name}\": {missing}"));
    }
    for field in &fields {
        for (place, value) in &field.stated {
            let mistake = vocabulary::mistake(name, &names, Some((&field.name, value)));
            if let Some(mistake) = mistake.filter(|mistake| mistake.field() == field.name) {
                parser.mistakes.enter("fields");
                parser.mistakes.add(place.clone(), mistake.to_string());
                parser.mistakes.leave();
            }
        }
    }
    fields.into_iter().chain(extra).map(|field| (field.name, field.source)).collect()
}

fn prototype(name: &str, fields: &[(String, FieldSource)]) -> Option<Event> {
    let constants: Option<Vec<(String, Value)>> = fields
        .iter()
        .map(|(name, source)| match source {
            FieldSource::Constant(value) => Some((name.clone(), value.clone())),
            FieldSource::Cells(_) => None,
        })
        .collect();
    vocabulary::make(name, constants?.into_iter().collect()).ok()
}
