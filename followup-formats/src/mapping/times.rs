//! The number of events that a row counts.

use followup_core::event::KEY_MAX_BYTES;
use toml::de::DeValue;

use super::cells::{Cells, Slot};
use super::mistakes::Node;
use super::parser::Parser;
use super::rule::Blame;
use crate::error::excerpt;

/// The maximum number of events that a rule yields for a row.
const TIMES_MAX: u16 = 1_000;

/// The column with the number of events.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Times {
    column: Slot,
    /// The number of events to subtract, because another rule yields them.
    less: u16,
}

impl Times {
    /// Returns the suffix of a key, with the digits that the maximum needs, so that keys sort in order.
    pub(super) fn key_suffix(number: u16) -> String {
        format!("/{number:04}")
    }

    /// The maximum length of a key that leaves room for the suffix.
    pub(super) const KEY_MAX_BYTES: usize = KEY_MAX_BYTES - "/1000".len();

    /// Parses a column's name, or `{ column = …, less = … }`.
    pub(super) fn read(node: &Node<'_>, parser: &mut Parser) -> Option<Times> {
        let what = "the name of a column, or { column = \"…\", less = 1 }";
        if node.get_ref().as_table().is_none() {
            let name = parser.mistakes.text(node, what)?;
            return Some(Times { column: parser.columns.slot(name), less: 0 });
        }
        let table = parser.mistakes.table(node, &["column", "less"])?;
        let (mut column, mut less) = (None, Some(0));
        for (key, node) in table {
            parser.mistakes.enter(key.get_ref().as_ref());
            match key.get_ref().as_ref() {
                "column" => {
                    let name = parser.mistakes.text(node, "the name of a column");
                    column = name.map(|name| parser.columns.slot(name));
                }
                "less" => less = read_less(node, parser),
                _ => {}
            }
            parser.mistakes.leave();
        }
        if !table.iter().any(|(key, _)| key.get_ref() == "column") {
            parser.mistakes.add(node.span(), format!("expected {what}"));
        }
        Some(Times { column: column?, less: less? })
    }

    /// Returns the number of events in a row.
    pub(super) fn count(&self, cells: Cells<'_>) -> Result<u16, Blame> {
        let Some(text) = cells.get(self.column) else {
            let why = format!("the cell is empty; expected a whole number from {} to {TIMES_MAX}", self.less);
            return Err((Some(self.column), why));
        };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_number && (self.less..=TIMES_MAX).contains(number));
        number.map(|number: u16| number - self.less).ok_or_else(|| {
            let why = format!(
                "invalid number of events \"{}\"; expected a whole number from {} to {TIMES_MAX}",
                excerpt(text),
                self.less
            );
            (Some(self.column), why)
        })
    }
}

fn read_less(node: &Node<'_>, parser: &mut Parser) -> Option<u16> {
    let number = match node.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        _ => None,
    };
    let number = number.filter(|number| *number <= TIMES_MAX);
    if number.is_none() {
        parser.mistakes.add(node.span(), format!("expected a whole number from 0 to {TIMES_MAX}"));
    }
    number
}
