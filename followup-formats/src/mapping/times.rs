//! How often an event happened that a row tells of.

use followup_core::KEY_MAX_BYTES;
use toml::de::DeValue;

use super::cells::{Cells, Slot};
use super::mistakes::Node;
use super::parser::Parser;
use super::rule::Blame;
use crate::error::excerpt;

/// The most events that a rule gives a row.
const TIMES_MAX: u16 = 1_000;

/// The column with the number of times.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Times {
    column: Slot,
    /// How many of them are not meant, because another rule gives them.
    less: u16,
}

impl Times {
    /// What goes behind the key of each: as many digits as the most of them need, so that keys sort in order.
    pub(super) fn key_suffix(number: u16) -> String {
        format!("/{number:04}")
    }

    /// The longest key that leaves room for the number.
    pub(super) const KEY_MAX_BYTES: usize = KEY_MAX_BYTES - "/1000".len();

    /// Reads a column's name, or `{ column = …, less = … }`.
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
            parser.mistakes.add(node.span(), format!("it takes {what}"));
        }
        Some(Times { column: column?, less: less? })
    }

    /// The number of a row.
    pub(super) fn count(&self, cells: Cells<'_>) -> Result<u16, Blame> {
        let Some(text) = cells.get(self.column) else {
            let why = "it is empty, but says how many times the event happened";
            return Err((Some(self.column), why.to_owned()));
        };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| is_number && (self.less..=TIMES_MAX).contains(number));
        number.map(|number: u16| number - self.less).ok_or_else(|| {
            let why = format!(
                "\"{}\" is no whole number from {} to {TIMES_MAX}, but says how many times the event happened",
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
        parser.mistakes.add(node.span(), format!("it takes a whole number from 0 to {TIMES_MAX}"));
    }
    number
}
