//! Sources of event fields.

use std::collections::HashMap;
use std::ops::Range;

use followup_core::Zone;
use serde_json::Value;
use toml::de::DeValue;

use super::cells::{Cells, Slot, Template};
use super::mistakes::Node;
use super::parser::Parser;
use super::time::Formats;
use crate::error::excerpt;

/// The source of a field: a constant, or cells.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum FieldSource {
    Constant(Value),
    Cells(Box<CellSource>),
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct CellSource {
    template: Template,
    /// The value for each text; a text with the value "" leaves the field out.
    values: Option<HashMap<String, String>>,
    otherwise: Option<String>,
    /// The value for empty cells.
    empty: Option<String>,
    formats: Option<Formats>,
    decimal: Option<char>,
}

/// A field as declared in the mapping file, with the values that the file itself contains.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct StatedField {
    pub(super) name: String,
    pub(super) place: Range<usize>,
    pub(super) source: FieldSource,
    pub(super) stated: Vec<(Range<usize>, Value)>,
}

/// The result of looking up a field in one row.
pub(super) enum Found {
    Value(Value),
    Absent,
    /// The text is not listed in the table of values.
    Unlisted,
}

const KNOWN: [&str; 7] = ["column", "template", "values", "otherwise", "empty", "formats", "decimal"];

impl StatedField {
    pub(super) fn read(name: &str, node: &Node<'_>, parser: &mut Parser) -> Option<StatedField> {
        let mut stated = Vec::new();
        let source = match node.get_ref() {
            DeValue::Table(_) => read_cells(node, parser, &mut stated)?,
            DeValue::Array(_) => {
                let items = parser.mistakes.cells(node)?;
                FieldSource::Constant(Value::from(items))
            }
            DeValue::Boolean(flag) => FieldSource::Constant(Value::from(*flag)),
            _ => FieldSource::Constant(Value::from(parser.mistakes.cell(node)?)),
        };
        if let FieldSource::Constant(value) = &source {
            stated.push((node.span(), value.clone()));
        }
        Some(StatedField { name: name.to_owned(), place: node.span(), source, stated })
    }
}

fn read_cells(
    node: &Node<'_>,
    parser: &mut Parser,
    stated: &mut Vec<(Range<usize>, Value)>,
) -> Option<FieldSource> {
    let table = parser.mistakes.table(node, &KNOWN)?;
    let template = parser.template_of(node);
    let (mut values, mut otherwise, mut empty, mut formats, mut decimal) = (None, None, None, None, None);
    for (key, node) in table {
        match key.get_ref().as_ref() {
            "values" => {
                let mut meanings = HashMap::new();
                for (cell, node) in parser.mistakes.any_table(node)? {
                    if let Some(meaning) = read_meaning(node, parser, stated) {
                        meanings.insert(cell.get_ref().to_string(), meaning);
                    }
                }
                values = Some(meanings);
            }
            "otherwise" => otherwise = read_meaning(node, parser, stated),
            "empty" => empty = read_meaning(node, parser, stated),
            "formats" => formats = Formats::read(node, &mut parser.mistakes),
            "decimal" => {
                decimal = node
                    .get_ref()
                    .as_str()
                    .and_then(|text| text.parse().ok())
                    .filter(|c| [',', '.'].contains(c));
                if decimal.is_none() {
                    parser.mistakes.add(node.span(), "invalid decimal separator; expected \",\" or \".\"");
                }
            }
            _ => {}
        }
    }
    if otherwise.is_some() && values.is_none() {
        parser
            .mistakes
            .add(node.span(), "\"otherwise\" needs \"values\": it is the value for texts not listed there");
    }
    let cells = CellSource { template: template?, values, otherwise, empty, formats, decimal };
    Some(FieldSource::Cells(Box::new(cells)))
}

/// Parses the value for a cell; `""` leaves the field out.
fn read_meaning(
    node: &Node<'_>,
    parser: &mut Parser,
    stated: &mut Vec<(Range<usize>, Value)>,
) -> Option<String> {
    let meaning = parser.mistakes.cell(node)?;
    if !meaning.is_empty() {
        stated.push((node.span(), Value::from(meaning.as_str())));
    }
    Some(meaning)
}

impl FieldSource {
    /// Returns the column to name in an error about the value.
    pub(super) fn column(&self) -> Option<Slot> {
        match self {
            FieldSource::Constant(_) => None,
            FieldSource::Cells(cells) => cells.template.first_column(),
        }
    }

    /// Returns the value in a row, or the reason why the cells cannot be read.
    pub(super) fn find(&self, cells: Cells<'_>, zone: Zone, text: &mut String) -> Result<Found, String> {
        match self {
            FieldSource::Constant(value) => Ok(Found::Value(value.clone())),
            FieldSource::Cells(source) => source.find(cells, zone, text),
        }
    }
}

impl CellSource {
    fn find(&self, cells: Cells<'_>, zone: Zone, text: &mut String) -> Result<Found, String> {
        if self.template.loose(cells, text).is_none() {
            let empty = self.empty.as_deref().filter(|empty| !empty.is_empty());
            return Ok(empty.map_or(Found::Absent, |empty| Found::Value(empty.into())));
        }
        if let Some(values) = &self.values {
            let Some(meaning) = values.get(text.as_str()).or(self.otherwise.as_ref()) else {
                return Ok(Found::Unlisted);
            };
            text.clone_from(meaning);
        }
        if text.is_empty() {
            return Ok(Found::Absent);
        }
        if let Some(formats) = &self.formats {
            let at = formats.instant(text, zone)?;
            return Ok(Found::Value(at.to_rfc3339().into()));
        }
        if let Some(decimal) = self.decimal {
            let plain = plain_decimal(text, decimal);
            return plain.map(|plain| Found::Value(plain.into())).ok_or_else(|| {
                format!("invalid number \"{}\"; expected \"{decimal}\" as decimal separator", excerpt(text))
            });
        }
        Ok(Found::Value(text.as_str().into()))
    }
}

/// Returns a number without digit separators, with a point as decimal separator.
fn plain_decimal(text: &str, decimal: char) -> Option<String> {
    let (whole, fraction) = text.split_once(decimal).unwrap_or((text, ""));
    let is_grouping =
        |c: char| matches!(c, '.' | ',' | '\'' | '’' | '\u{a0}' | '\u{202f}' | ' ') && c != decimal;
    // If digits are grouped, every group except the first has three.
    let mut groups = whole.trim_start_matches('-').split(is_grouping);
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().is_some_and(|group| !group.is_empty() && is_number(group));
    if !first || !groups.all(|group| group.len() == 3 && is_number(group)) || !is_number(fraction) {
        return None;
    }
    let whole: String = whole.chars().filter(|c| !is_grouping(*c)).collect();
    Some(if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_either_decimal_sign() {
        for (text, decimal, plain) in [
            ("1.234,50", ',', Some("1234.50")),
            ("1,234,567.8", '.', Some("1234567.8")),
            ("1 234", ',', Some("1234")),
            ("-12", '.', Some("-12")),
            ("12'000.00", '.', Some("12000.00")),
            ("1.23,4.5", ',', None),
            ("1.5", ',', None),
            ("1,5", '.', None),
            ("", ',', None),
            ("1,2,3", ',', None),
            ("dear", ',', None),
            ("€12", ',', None),
        ] {
            assert_eq!(plain_decimal(text, decimal).as_deref(), plain, "{text}");
        }
    }
}
