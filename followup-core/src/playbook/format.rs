//! Reads, writes and describes playbook settings: one implementation per type.
//!
//! One declaration of a section ([`section!`]) generates the struct, its defaults, a reader that reports *all* mistakes
//! with their places, the canonical form and the JSON Schema, so that they always agree.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::DeValue;

use crate::channel::{Channel, ChannelKind};
use crate::money::Money;
use crate::purpose::{Purpose, Reason};
use crate::rule::Rule;
use crate::stage::{LastAnswer, ValueBand};
use crate::time::{
    Clock, DayHours, MAX_INSTANT, MIN_INSTANT, Span, WeekHours, YearDay, Zone, clock_text, parse_clock,
    weekday_text,
};

/// A value that a playbook can set.
pub(crate) trait Setting: Sized {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<Self>;

    /// Updates the value with the settings that the playbook has; the others keep their defaults.
    fn update(&mut self, value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) {
        if let Some(read) = Self::read(value, reader) {
            *self = read;
        }
    }

    fn write(&self) -> Value;
    fn schema() -> Value;
}

/// The mistakes found while a playbook is read, and the place of each setting.
pub(crate) struct Reader<'a> {
    pub(crate) source: &'a str,
    pub(crate) mistakes: Vec<(Range<usize>, String, String)>,
    pub(crate) places: BTreeMap<String, Range<usize>>,
    path: Vec<String>,
}

/// The maximum number of mistakes that are collected; a file with more is probably not a playbook.
const MISTAKES_MAX: usize = 100;

impl<'a> Reader<'a> {
    pub(crate) fn new(source: &'a str) -> Reader<'a> {
        Reader { source, mistakes: Vec::new(), places: BTreeMap::new(), path: Vec::new() }
    }

    pub(crate) fn mistake(&mut self, place: Range<usize>, message: impl Into<String>) {
        if self.mistakes.len() < MISTAKES_MAX {
            self.mistakes.push((place, self.path.join("."), message.into()));
        }
    }

    pub(crate) fn within<T>(&mut self, key: &str, read: impl FnOnce(&mut Reader<'a>) -> T) -> T {
        self.path.push(key.to_owned());
        let value = read(self);
        self.path.pop();
        value
    }

    pub(crate) fn place(&mut self, span: Range<usize>) {
        self.places.insert(self.path.join("."), span);
    }

    fn expect<T>(&mut self, value: &Spanned<DeValue<'_>>, what: &str, found: Option<T>) -> Option<T> {
        if found.is_none() {
            let message = format!("expected {what}, found {}", article(value.get_ref().type_str()));
            self.mistake(value.span(), message);
        }
        found
    }

    /// Reads text and parses it into a type.
    fn parsed<T, E: std::fmt::Display>(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        what: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.expect(value, what, value.get_ref().as_str())?;
        match parse(text) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.mistake(value.span(), error.to_string());
                None
            }
        }
    }
}

fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

/// Declares a section of the playbook. See the module documentation.
macro_rules! section {
    ($(#[$meta:meta])* $type:ident { $($(#[doc = $doc:literal])* $field:ident: $kind:ty = $default:expr,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug)]
        #[non_exhaustive]
        pub struct $type { $($(#[doc = $doc])* pub $field: $kind,)* }

        impl Default for $type {
            fn default() -> $type {
                $type { $($field: $default,)* }
            }
        }

        impl $crate::playbook::format::Setting for $type {
            fn read(
                value: &toml::Spanned<toml::de::DeValue<'_>>,
                reader: &mut $crate::playbook::format::Reader<'_>,
            ) -> Option<$type> {
                let mut section = $type::default();
                $crate::playbook::format::Setting::update(&mut section, value, reader);
                Some(section)
            }

            fn update(
                &mut self,
                value: &toml::Spanned<toml::de::DeValue<'_>>,
                reader: &mut $crate::playbook::format::Reader<'_>,
            ) {
                let known = &[$(stringify!($field)),*];
                let Some(entries) = $crate::playbook::format::table(value, reader, known) else { return };
                for (key, value) in entries {
                    match key.get_ref().as_ref() {
                        $(stringify!($field) => reader.within(stringify!($field), |reader| {
                            reader.place(value.span());
                            $crate::playbook::format::Setting::update(&mut self.$field, value, reader);
                        }),)*
                        _ => {}
                    }
                }
            }

            fn write(&self) -> serde_json::Value {
                let mut object = serde_json::Map::new();
                $(
                    let value = $crate::playbook::format::Setting::write(&self.$field);
                    if !value.is_null() {
                        object.insert(stringify!($field).to_owned(), value);
                    }
                )*
                serde_json::Value::Object(object)
            }

            fn schema() -> serde_json::Value {
                let mut properties = serde_json::Map::new();
                $(
                    let mut schema = <$kind as $crate::playbook::format::Setting>::schema();
                    schema["description"] = concat!($($doc),*).trim().into();
                    let default = $crate::playbook::format::Setting::write(&$type::default().$field);
                    if !default.is_null() {
                        schema["default"] = default;
                    }
                    properties.insert(stringify!($field).to_owned(), schema);
                )*
                serde_json::json!({ "type": "object", "properties": properties, "additionalProperties": false })
            }
        }
    };
}
pub(crate) use section;

/// Returns the entries of a table. Keys that the section does not have are mistakes.
pub(crate) fn table<'v, 'i>(
    value: &'v Spanned<DeValue<'i>>,
    reader: &mut Reader<'_>,
    known: &[&str],
) -> Option<&'v toml::de::DeTable<'i>> {
    let entries = reader.expect(value, "a table", value.get_ref().as_table())?;
    for (key, _) in entries {
        if !known.contains(&key.get_ref().as_ref()) {
            let name: String = key.get_ref().chars().take(40).collect();
            let message = format!("unknown key \"{name}\"; expected one of: {}", known.join(", "));
            reader.mistake(key.span(), message);
        }
    }
    Some(entries)
}

impl Setting for bool {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<bool> {
        reader.expect(value, "true or false", value.get_ref().as_bool())
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
    fn schema() -> Value {
        json!({ "type": "boolean" })
    }
}

impl Setting for u32 {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<u32> {
        let integer = reader.expect(value, "a whole number", value.get_ref().as_integer())?;
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|n| *n <= 1_000_000);
        if number.is_none() {
            reader.mistake(value.span(), "expected a whole number from 0 to 1000000");
        }
        number
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 0, "maximum": 1_000_000 })
    }
}

impl Setting for String {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<String> {
        let text = reader.expect(value, "text", value.get_ref().as_str())?;
        if text.is_empty() || text.len() > 200 {
            reader.mistake(value.span(), "expected 1 to 200 bytes of text");
            return None;
        }
        Some(text.to_owned())
    }
    fn write(&self) -> Value {
        Value::from(self.as_str())
    }
    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1, "maxLength": 200 })
    }
}

/// Implements [`Setting`] for types with one text form.
macro_rules! text_setting {
    ($($type:ty: $what:literal, $schema:expr;)*) => {$(
        impl Setting for $type {
            fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<$type> {
                reader.parsed(value, $what, |text| text.parse::<$type>())
            }
            fn write(&self) -> Value {
                Value::from(self.to_string())
            }
            fn schema() -> Value {
                $schema
            }
        }
    )*};
}

text_setting! {
    Span: "a span of time as text, e.g. \"P14D\"", json!({ "type": "string", "examples": ["P14D", "P2M", "PT72H", "3 open days"] });
    Zone: "the name of a time zone", json!({ "type": "string", "examples": ["Europe/Berlin"] });
    Channel: "the name of a channel", json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,22}$" });
    Purpose: "the name of a purpose", json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,22}$" });
    Reason: "the name of a reason", json!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,22}$" });
    YearDay: "a day of the year as text, e.g. \"12-24\"", json!({ "type": "string", "pattern": "^[01][0-9]-[0-3][0-9]$" });
    LastAnswer: "the name of an answer", json!({ "enum": LastAnswer::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>() });
    ValueBand: "the name of a value band", json!({ "enum": ValueBand::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>() });
    ChannelKind: "a channel kind", json!({ "enum": ChannelKind::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>() });
    Money: "an amount of money as text, e.g. \"12000EUR\"", json!({ "type": "string", "examples": ["12000EUR"] });
}

impl Setting for Rule {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<Rule> {
        let rule = reader.parsed(value, "a rule id", |text| text.parse::<Rule>())?;
        if !Rule::SWITCHABLE.contains(&rule) {
            let ids: Vec<_> = Rule::SWITCHABLE.iter().map(Rule::to_string).collect();
            let message = format!("{rule} cannot be switched off; expected one of: {}", ids.join(", "));
            reader.mistake(value.span(), message);
            return None;
        }
        Some(rule)
    }
    fn write(&self) -> Value {
        Value::from(self.to_string())
    }
    fn schema() -> Value {
        let ids: Vec<_> = Rule::SWITCHABLE.iter().map(Rule::to_string).collect();
        json!({ "enum": ids })
    }
}

/// A date, written as a TOML date or as text.
impl Setting for NaiveDate {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<NaiveDate> {
        let text = match value.get_ref() {
            DeValue::Datetime(datetime) => datetime.to_string(),
            other => reader.expect(value, "a date", other.as_str())?.to_owned(),
        };
        let date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        let date = date.filter(|date| (MIN_INSTANT.date_naive()..MAX_INSTANT.date_naive()).contains(date));
        if date.is_none() {
            reader.mistake(
                value.span(),
                format!("invalid date \"{text}\"; expected a date from 1900 to 2199, e.g. 2026-04-03"),
            );
        }
        date
    }
    fn write(&self) -> Value {
        Value::from(self.to_string())
    }
    fn schema() -> Value {
        json!({ "type": "string", "format": "date" })
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<Option<T>> {
        T::read(value, reader).map(Some)
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Setting::write)
    }
    fn schema() -> Value {
        T::schema()
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<Vec<T>> {
        let items = reader.expect(value, "a list", value.get_ref().as_array())?;
        let mut list = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let read = reader.within(&index.to_string(), |reader| {
                reader.place(item.span());
                T::read(item, reader)
            });
            list.extend(read);
        }
        Some(list)
    }
    fn write(&self) -> Value {
        self.iter().map(Setting::write).collect()
    }
    fn schema() -> Value {
        json!({ "type": "array", "items": T::schema() })
    }
}

/// Open hours: a table from weekdays to intervals. Weekdays that are left out are closed.
impl Setting for WeekHours {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<WeekHours> {
        let names: Vec<_> = WEEKDAYS.iter().map(|weekday| weekday_text(*weekday)).collect();
        let entries = table(value, reader, &names)?;
        let mut week = WeekHours::default();
        for (key, value) in entries {
            let weekday = WEEKDAYS.iter().find(|weekday| weekday_text(**weekday) == key.get_ref().as_ref());
            let hours = reader.within(key.get_ref(), |reader| read_day(value, reader));
            if let (Some(weekday), Some(hours)) = (weekday, hours) {
                week = week.with(*weekday, hours);
            }
        }
        Some(week)
    }
    fn write(&self) -> Value {
        let open =
            WEEKDAYS.iter().map(|weekday| (weekday, self.of(*weekday))).filter(|(_, day)| !day.is_closed());
        open.map(|(weekday, day)| {
            let intervals: Vec<Value> = day
                .intervals()
                .iter()
                .map(|(from, to)| format!("{}-{}", clock_text(*from), clock_text(*to)).into())
                .collect();
            (weekday_text(*weekday).to_owned(), Value::from(intervals))
        })
        .collect::<Map<_, _>>()
        .into()
    }
    fn schema() -> Value {
        let day = json!({ "type": "array", "items": { "type": "string", "examples": ["09:00-17:00"] } });
        let days: Map<_, _> =
            WEEKDAYS.iter().map(|day_name| (weekday_text(*day_name).to_owned(), day.clone())).collect();
        json!({ "type": "object", "properties": days, "additionalProperties": false })
    }
}

pub(super) const WEEKDAYS: [chrono::Weekday; 7] = [
    chrono::Weekday::Mon,
    chrono::Weekday::Tue,
    chrono::Weekday::Wed,
    chrono::Weekday::Thu,
    chrono::Weekday::Fri,
    chrono::Weekday::Sat,
    chrono::Weekday::Sun,
];

fn read_day(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<DayHours> {
    reader.place(value.span());
    let items: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
        DeValue::Array(items) => items.iter().collect(),
        _ => vec![value],
    };
    let texts: Option<Vec<&str>> = items
        .iter()
        .map(|item| reader.expect(item, "hours, e.g. \"09:00-17:00\"", item.get_ref().as_str()))
        .collect();
    match DayHours::parse(texts?) {
        Ok(hours) => Some(hours),
        Err(error) => {
            reader.mistake(value.span(), error.to_string());
            None
        }
    }
}

impl Setting for Clock {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<Clock> {
        reader.parsed(value, "a time of day as text, e.g. \"09:00\"", parse_clock).map(Clock)
    }
    fn write(&self) -> Value {
        Value::from(clock_text(self.0))
    }
    fn schema() -> Value {
        json!({ "type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$" })
    }
}

/// Lists of reasons by purpose.
impl Setting for BTreeMap<Purpose, Vec<Reason>> {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<Self> {
        let entries = reader.expect(value, "a table", value.get_ref().as_table())?;
        // Purposes that the table does not name keep their defaults.
        let mut lists = super::default_reasons();
        for (key, value) in entries {
            match Purpose::new(key.get_ref()) {
                Ok(purpose) => {
                    let reasons = reader.within(key.get_ref(), |reader| {
                        reader.place(value.span());
                        Vec::<Reason>::read(value, reader)
                    });
                    if let Some(reasons) = reasons {
                        lists.insert(purpose, reasons);
                    }
                }
                Err(error) => reader.mistake(key.span(), error.to_string()),
            }
        }
        Some(lists)
    }
    fn write(&self) -> Value {
        self.iter()
            .map(|(purpose, reasons)| (purpose.to_string(), reasons.write()))
            .collect::<Map<_, _>>()
            .into()
    }
    fn schema() -> Value {
        json!({ "type": "object", "additionalProperties": Vec::<Reason>::schema() })
    }
}

/// Kinds by channel.
impl Setting for BTreeMap<Channel, ChannelKind> {
    fn read(value: &Spanned<DeValue<'_>>, reader: &mut Reader<'_>) -> Option<Self> {
        let entries = reader.expect(value, "a table", value.get_ref().as_table())?;
        let mut kinds = BTreeMap::new();
        for (key, value) in entries {
            let kind = reader.within(key.get_ref(), |reader| {
                reader.place(value.span());
                ChannelKind::read(value, reader)
            });
            match Channel::new(key.get_ref()) {
                Ok(channel) => kinds.extend(kind.map(|kind| (channel, kind))),
                Err(error) => reader.mistake(key.span(), error.to_string()),
            }
        }
        Some(kinds)
    }
    fn write(&self) -> Value {
        self.iter().map(|(channel, kind)| (channel.to_string(), kind.write())).collect::<Map<_, _>>().into()
    }
    fn schema() -> Value {
        json!({ "type": "object", "additionalProperties": ChannelKind::schema() })
    }
}
