//! One event that rows give, and when.

use chrono::{DateTime, Utc};
use followup_core::{Event, EventError, Fields, KEY_MAX_BYTES, Zone};
use serde_json::Value;

use super::cells::{Cells, KeyParts, Slot, Template};
use super::condition::{Condition, Step};
use super::field::{FieldSource, Found, StatedField};
use super::mistakes::Node;
use super::parser::Parser;
use super::time::Formats;
use super::times::Times;
use super::vocabulary;

/// A rule of a mapping: an event, its conditions, and where its particulars come from.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct EventRule {
    name: &'static str,
    /// What is put behind the row's key: the rule's number, so that keys sort in the order of the rules, and the
    /// event's name.
    suffix: String,
    when: Vec<Condition>,
    unless: Vec<Condition>,
    /// The bit of [`Case::once`](super::cases::Case::once) that is its own.
    once: u16,
    /// How many events a row gives; one, if the rule does not say.
    times: Option<Times>,
    time: TimeSource,
    key: Template,
    fields: Vec<(String, FieldSource)>,
    /// The event but for its instant and key, if no cell goes into it.
    prototype: Option<Event>,
}

/// The cells that an instant is made of.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct TimeSource {
    pub(super) template: Template,
    pub(super) formats: Formats,
}

/// Why a row cannot give an event: the column to blame, and what is wrong with it.
pub(super) type Blame = (Option<Slot>, String);

/// What a rule works with, apart from the row.
pub(super) struct Bench<'b> {
    pub(super) zone: Zone,
    /// For text that is put together, so that it need not be allocated each time.
    pub(super) text: &'b mut String,
    /// The columns whose values no table of values names.
    pub(super) unlisted: &'b mut Vec<Slot>,
}

const KNOWN: [&str; 9] = ["event", "when", "unless", "once", "times", "time", "key", "fields", "extra"];

/// The most rules of a mapping; their numbers have two digits.
pub(super) const RULES_MAX: usize = 99;

impl EventRule {
    /// Reads the rule with this number, from 1.
    pub(super) fn read(node: &Node<'_>, number: usize, parser: &mut Parser) -> Option<EventRule> {
        let table = parser.mistakes.table(node, &KNOWN)?;
        let entry = |name: &str| table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, node)| node);
        let name = match entry("event") {
            Some(node) => read_name(node, parser),
            None => {
                parser.mistakes.add(node.span(), "it takes event = \"…\", one of the vocabulary's names");
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
                parser.mistakes.add(node.span(), "an event that is given once a case has no number of times");
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

    /// Whether the row gives the event; `once` holds the bits of those that its case has given.
    pub(super) fn applies(&self, step: Step<'_>, once: &mut u16) -> bool {
        let applies = *once & self.once == 0
            && self.when.iter().all(|condition| condition.holds(step))
            && !self.unless.iter().any(|condition| condition.holds(step));
        if applies {
            *once |= self.once;
        }
        applies
    }

    /// How many events the row gives; `None` if it is one and the rule says nothing of it.
    pub(super) fn times(&self, cells: Cells<'_>) -> Result<Option<u16>, Blame> {
        self.times.as_ref().map(|times| times.count(cells)).transpose()
    }

    /// Makes the event of a row, or the one that all of several are like but for the number behind their keys.
    pub(super) fn event(
        &self,
        cells: Cells<'_>,
        parts: KeyParts<'_>,
        bench: &mut Bench<'_>,
    ) -> Result<Event, Blame> {
        let at = self.time.instant(cells, bench)?;
        let mut event = match &self.prototype {
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
        event.at = at;
        event.seq = i64::from(parts.nth);
        event.key = key;
        Ok(event)
    }

    fn event_of_cells(&self, cells: Cells<'_>, bench: &mut Bench<'_>) -> Result<Event, Blame> {
        let mut values = Fields::default();
        let unlisted_before = bench.unlisted.len();
        for (name, source) in &self.fields {
            let found = source.find(cells, bench.zone, bench.text);
            match found.map_err(|why| (source.column(), format!("{}, for {name} of {}", why, self.name)))? {
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
                Some(_) => "the mapping gives this value no meaning: name it under values, or say otherwise",
                None => "",
            };
            let separator = if why.is_empty() { "" } else { "; " };
            (column, format!("for the event \"{}\" {error}{separator}{why}", self.name))
        })
    }
}

impl TimeSource {
    fn instant(&self, cells: Cells<'_>, bench: &mut Bench<'_>) -> Result<DateTime<Utc>, Blame> {
        let column = self.template.first_column();
        // Most times are one cell, which then need not be copied.
        let text = match self.template.only_column().map(|slot| cells.get(slot).ok_or(slot)) {
            Some(text) => text,
            None => self.template.whole(cells, bench.text).map(|()| bench.text.as_str()),
        };
        let text =
            text.map_err(|slot| (Some(slot), "it is empty, but says when the event happened".to_owned()))?;
        self.formats.instant(text, bench.zone).map_err(|why| (column, why))
    }
}

fn read_name(node: &Node<'_>, parser: &mut Parser) -> Option<&'static str> {
    let text = parser.mistakes.text(node, "the name of an event")?;
    let name = Event::NAMES.iter().find(|name| **name == text);
    if name.is_none() {
        let message = format!(
            "\"{}\" is no event; the vocabulary is: {}",
            crate::error::excerpt(text),
            Event::NAMES.join(", ")
        );
        parser.mistakes.add(node.span(), message);
    }
    name.copied()
}

/// Tries the fields of an event, those that hold for every event of the file included.
fn checked_fields(
    name: &'static str,
    node: &Node<'_>,
    own: Vec<StatedField>,
    extra: Vec<StatedField>,
    parser: &mut Parser,
) -> Vec<(String, FieldSource)> {
    let takes: Vec<&str> = vocabulary::fields(name).iter().map(|(field, _)| *field).collect();
    for field in own.iter().filter(|field| !takes.contains(&field.name.as_str())) {
        let message = format!(
            "\"{name}\" does not take the field \"{}\"; it takes {}; other fields go under extra",
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
            format!("\"{}\" means something to the event \"{name}\": it goes under fields", field.name);
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
        parser.mistakes.add(node.span(), format!("for the event \"{name}\" {missing}"));
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
