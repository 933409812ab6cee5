//! The parser of mapping files.

use std::collections::{BTreeMap, HashMap, HashSet};

use followup_core::Zone;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::cells::{Columns, Slot, Template};
use super::field::StatedField;
use super::mistakes::{MappingError, Mistakes, Node};
use super::rule::{EventRule, RULES_MAX, TimeSource};
use super::time::Formats;
use super::{Mapping, Watched};

/// The maximum size of a mapping file, in bytes.
const BYTES_MAX: usize = 1 << 20;

const KNOWN: [&str; 12] = [
    "description",
    "prospect",
    "delimiter",
    "nothing",
    "zone",
    "time",
    "state",
    "key",
    "known",
    "optional",
    "fields",
    "event",
];

/// The state of the parser.
pub(super) struct Parser {
    pub(super) mistakes: Mistakes,
    pub(super) columns: Columns,
    state: Option<Slot>,
    states: HashMap<String, u16>,
    /// The values that the mapping names, for columns whose other values are counted.
    named: BTreeMap<Slot, HashSet<String>>,
    once_bits: u32,
    time: Option<TimeSource>,
    time_is_stated: bool,
    formats: Formats,
    key: Option<Template>,
    shared: Vec<StatedField>,
    shared_used: HashSet<String>,
    /// Fields with a mistake, which must not be reported as missing too.
    broken: HashSet<String>,
    rules: usize,
}

pub(super) fn parse(source: &str) -> Result<Mapping, MappingError> {
    let mut parser = Parser {
        mistakes: Mistakes::default(),
        columns: Columns::default(),
        state: None,
        states: HashMap::new(),
        named: BTreeMap::new(),
        once_bits: 0,
        time: None,
        time_is_stated: false,
        formats: Formats::usual(),
        key: None,
        shared: Vec::new(),
        shared_used: HashSet::new(),
        broken: HashSet::new(),
        rules: 0,
    };
    let mapping = parser.file(source);
    match (parser.mistakes.into_error(source), mapping) {
        (None, Some(mapping)) => Ok(mapping),
        (Some(error), _) => Err(error),
        (None, None) => unreachable!("a mapping that cannot be made has a mistake"),
    }
}

impl Parser {
    fn file(&mut self, source: &str) -> Option<Mapping> {
        if source.len() > BYTES_MAX {
            self.mistakes.add(0..0, format!("the file is larger than {BYTES_MAX} bytes"));
            return None;
        }
        let (table, syntax) = DeTable::parse_recoverable(source);
        for error in &syntax {
            self.mistakes.add(error.span().unwrap_or(0..0), error.message().to_owned());
        }
        // After a syntax error the rest of the file may parse as something unintended.
        if !syntax.is_empty() {
            return None;
        }
        let root = Spanned::new(0..0, DeValue::Table(table.into_inner()));
        self.root(&root)
    }

    fn root(&mut self, root: &Node<'_>) -> Option<Mapping> {
        let table = self.mistakes.table(root, &KNOWN)?;
        let entry = |name: &str| table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, node)| node);
        let prospect =
            self.setting("prospect", entry("prospect"), |parser, node| parser.column_or_template(node));
        if entry("prospect").is_none() {
            self.mistakes.add(0..0, "missing key \"prospect\": the column that holds the prospect's id");
        }
        let prospect = prospect.flatten();
        let delimiter = self.setting("delimiter", entry("delimiter"), Parser::delimiter).flatten();
        let nothing =
            self.setting("nothing", entry("nothing"), |parser, node| parser.mistakes.cells(node)).flatten();
        let zone = self.setting("zone", entry("zone"), Parser::zone).flatten();
        self.setting("description", entry("description"), |parser, node| {
            parser.mistakes.text(node, "text");
        });
        self.setting("state", entry("state"), |parser, node| {
            let name = parser.mistakes.text(node, "the name of a column");
            parser.state = name.map(|name| parser.columns.slot(name));
        });
        self.setting("key", entry("key"), |parser, node| parser.key = parser.key(node));
        self.setting("time", entry("time"), |parser, node| {
            parser.time_is_stated = true;
            parser.time = parser.time(node);
            if let Some(time) = &parser.time {
                parser.formats = time.formats.clone();
            }
        });
        self.setting("fields", entry("fields"), |parser, node| parser.shared = parser.fields(node));
        let rules = self.setting("event", entry("event"), Parser::rules).flatten();
        if entry("event").is_none() {
            self.mistakes.add(0..0, "expected at least one [[event]] table");
        }
        self.setting("known", entry("known"), Parser::known);
        let optional = self.setting("optional", entry("optional"), Parser::optional).flatten();
        for field in std::mem::take(&mut self.shared) {
            if !self.shared_used.contains(&field.name) {
                let message = format!("no event in this file has the field \"{}\"", field.name);
                self.mistakes.add(field.place, message);
            }
        }
        Some(Mapping {
            delimiter: delimiter.unwrap_or(b','),
            nothing: nothing.unwrap_or_default(),
            zone,
            prospect: prospect?,
            state: self.state,
            states: std::mem::take(&mut self.states),
            rules: rules?,
            watched: std::mem::take(&mut self.named)
                .into_iter()
                .map(|(slot, named)| Watched { slot, named })
                .collect(),
            optional: optional.unwrap_or_default(),
            columns: std::mem::take(&mut self.columns),
        })
    }

    fn setting<T>(
        &mut self,
        name: &str,
        node: Option<&Node<'_>>,
        read: impl FnOnce(&mut Parser, &Node<'_>) -> T,
    ) -> Option<T> {
        let node = node?;
        self.mistakes.enter(name);
        let value = read(self, node);
        self.mistakes.leave();
        Some(value)
    }

    fn delimiter(&mut self, node: &Node<'_>) -> Option<u8> {
        let text = self.mistakes.text(node, "one character as text, like \";\"")?;
        match *text.as_bytes() {
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(&byte) => Some(byte),
            _ => {
                self.mistakes.add(
                    node.span(),
                    "expected one ASCII character other than a quote or line break, like \";\" or \"\\t\"",
                );
                None
            }
        }
    }

    fn zone(&mut self, node: &Node<'_>) -> Option<Zone> {
        let name = self.mistakes.text(node, "the name of a time zone, like \"Europe/Berlin\"")?;
        match Zone::named(name) {
            Ok(zone) => Some(zone),
            Err(error) => {
                self.mistakes.add(node.span(), error.to_string());
                None
            }
        }
    }

    fn rules(&mut self, node: &Node<'_>) -> Option<Vec<EventRule>> {
        let items = self.mistakes.list(node, "[[event]] tables")?;
        self.rules = items.len();
        if !(1..=RULES_MAX).contains(&self.rules) {
            self.mistakes.add(node.span(), format!("expected 1 to {RULES_MAX} [[event]] tables"));
            return None;
        }
        let mut rules = Vec::new();
        for (index, node) in items.iter().enumerate() {
            self.mistakes.enter(index.to_string());
            rules.extend(EventRule::read(node, index + 1, self));
            self.mistakes.leave();
        }
        Some(rules)
    }

    /// Parses the values that need no rule and are not counted as unmapped.
    fn known(&mut self, node: &Node<'_>) {
        let Some(table) = self.mistakes.any_table(node) else { return };
        for (name, node) in table {
            let values = self.mistakes.cells(node);
            let slot = self.columns.find(name.get_ref());
            match slot.and_then(|slot| self.named.get_mut(&slot)) {
                Some(named) => named.extend(values.into_iter().flatten()),
                None => self.mistakes.add(name.span(), "no rule refers to the values of this column"),
            }
        }
    }

    fn optional(&mut self, node: &Node<'_>) -> Option<Vec<Slot>> {
        let names = self.mistakes.cells(node)?;
        let mut slots = Vec::new();
        for name in names {
            match self.columns.find(&name) {
                Some(slot) => slots.push(slot),
                None => {
                    self.mistakes.add(node.span(), format!("the mapping does not use the column \"{name}\""))
                }
            }
        }
        Some(slots)
    }

    /// Parses a column's name, `{ column = … }` or `{ template = … }`.
    fn column_or_template(&mut self, node: &Node<'_>) -> Option<Template> {
        match node.get_ref() {
            DeValue::Table(_) => {
                self.mistakes.table(node, &["column", "template"]);
                self.template_of(node)
            }
            _ => {
                let name = self.mistakes.text(node, "the name of a column, or { template = \"…\" }")?;
                Some(Template::column(self.columns.slot(name)))
            }
        }
    }

    /// Parses the `column` or the `template` of a table, which must have exactly one of them.
    pub(super) fn template_of(&mut self, node: &Node<'_>) -> Option<Template> {
        let table = node.get_ref().as_table()?;
        let entry = |name: &str| table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, node)| node);
        match (entry("column"), entry("template")) {
            (Some(column), None) => {
                let name = self.mistakes.text(column, "the name of a column")?;
                Some(Template::column(self.columns.slot(name)))
            }
            (None, Some(template)) => Template::read(template, &mut self.columns, &mut self.mistakes),
            _ => {
                self.mistakes.add(node.span(), "expected either column = \"…\" or template = \"…\"");
                None
            }
        }
    }

    /// Parses a time: a column's name, or a table with `column` or `template`, `formats`, and `day_only`.
    pub(super) fn time(&mut self, node: &Node<'_>) -> Option<TimeSource> {
        let Some(table) = node.get_ref().as_table() else {
            let template = self.column_or_template(node)?;
            return Some(TimeSource { template, formats: self.formats.clone() });
        };
        self.mistakes.table(node, &["column", "template", "formats", "day_only"]);
        let template = self.template_of(node);
        let entry = |name: &str| table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, node)| node);
        let formats = match entry("formats") {
            Some(node) => {
                self.mistakes.enter("formats");
                let formats = Formats::read(node, &mut self.mistakes);
                self.mistakes.leave();
                formats
            }
            None => Some(self.formats.clone()),
        };
        let day_only = self.setting("day_only", entry("day_only"), |parser, node| parser.mistakes.flag(node));
        let mut formats = formats?;
        if let Some(day_only) = day_only.flatten() {
            formats.day_only = day_only;
        }
        Some(TimeSource { template: template?, formats })
    }

    /// Returns the time of the file as a whole, for a rule without its own.
    pub(super) fn default_time(&mut self, own: Option<&Node<'_>>, rule: &Node<'_>) -> Option<TimeSource> {
        if !self.time_is_stated && own.is_none() {
            self.mistakes.add(
                rule.span(),
                "missing key \"time\", here or at the top: the column that holds the time of the event",
            );
        }
        self.time.clone()
    }

    pub(super) fn key(&mut self, node: &Node<'_>) -> Option<Template> {
        Template::read_key(node, &mut self.columns, &mut self.mistakes)
    }

    pub(super) fn default_key(&self) -> Template {
        self.key.clone().unwrap_or_else(Template::default_key)
    }

    pub(super) fn fields(&mut self, node: &Node<'_>) -> Vec<StatedField> {
        let Some(table) = self.mistakes.any_table(node) else { return Vec::new() };
        let mut fields = Vec::new();
        for (name, node) in table {
            self.mistakes.enter(name.get_ref().as_ref());
            match StatedField::read(name.get_ref(), node, self) {
                Some(field) => fields.push(field),
                None => drop(self.broken.insert(name.get_ref().to_string())),
            }
            self.mistakes.leave();
        }
        fields
    }

    /// Returns the fields of the file as a whole that an event can have.
    pub(super) fn shared_fields(&mut self, takes: &[&str]) -> Vec<StatedField> {
        let shared = self.shared.iter().filter(|field| takes.contains(&field.name.as_str()));
        let shared: Vec<StatedField> = shared.cloned().collect();
        self.shared_used.extend(shared.iter().map(|field| field.name.clone()));
        shared
    }

    pub(super) fn is_broken(&self, field: &str) -> bool {
        self.broken.contains(field)
    }

    /// Parses states. Returns their indices.
    pub(super) fn states(&mut self, node: &Node<'_>) -> Option<Vec<u16>> {
        let Some(slot) = self.state else {
            self.mistakes
                .add(node.span(), "missing key \"state\" at the top: the column that holds the case's state");
            return None;
        };
        let values = self.named_values(slot, node)?;
        let mut indices = Vec::new();
        for value in values {
            // Index 0 means a state that the mapping does not name.
            let Ok(next) = u16::try_from(self.states.len() + 1) else {
                self.mistakes.add(node.span(), format!("a mapping can name at most {} states", u16::MAX));
                return None;
            };
            indices.push(*self.states.entry(value).or_insert(next));
        }
        Some(indices)
    }

    /// Parses values of a column, whose other values are then counted.
    pub(super) fn named_values(&mut self, slot: Slot, node: &Node<'_>) -> Option<Vec<String>> {
        let values = self.mistakes.cells(node)?;
        self.named.entry(slot).or_default().extend(values.iter().cloned());
        Some(values)
    }

    pub(super) fn once_bit(&mut self, node: &Node<'_>) -> u16 {
        if self.once_bits == u16::BITS {
            self.mistakes.add(node.span(), format!("at most {} rules can have once = true", u16::BITS));
            return 0;
        }
        self.once_bits += 1;
        1 << (self.once_bits - 1)
    }

    /// Returns the number of digits in the number of a rule.
    pub(super) fn number_width(&self) -> usize {
        if self.rules > 9 { 2 } else { 1 }
    }
}
