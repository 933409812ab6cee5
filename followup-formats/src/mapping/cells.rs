//! The cells of a row that a mapping refers to.

use std::collections::HashMap;

use super::mistakes::{Mistakes, Node};
use crate::record::Record;

/// A column that a mapping refers to, as an index into [`Columns`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Slot(usize);

/// The columns that a mapping refers to, each once.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    slots: HashMap<String, Slot>,
}

impl Columns {
    pub(super) fn slot(&mut self, name: &str) -> Slot {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        let slot = Slot(self.names.len());
        self.names.push(name.to_owned());
        self.slots.insert(name.to_owned(), slot);
        slot
    }

    pub(super) fn find(&self, name: &str) -> Option<Slot> {
        self.slots.get(name).copied()
    }

    pub(super) fn name(&self, slot: Slot) -> &str {
        &self.names[slot.0]
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }
}

/// The cells of one row, by slot.
#[derive(Clone, Copy)]
pub(super) struct Cells<'r> {
    pub(super) record: &'r Record,
    /// The position of each slot in the record; `None` for an optional column that the header lacks.
    pub(super) places: &'r [Option<usize>],
    /// Values that count as empty.
    pub(super) nothing: &'r [String],
}

impl<'r> Cells<'r> {
    /// Returns a cell without surrounding blanks; `None` if it is empty or its value counts as empty.
    pub(super) fn get(&self, slot: Slot) -> Option<&'r str> {
        let cell = self.record.get(self.places[slot.0]?)?.trim();
        (!cell.is_empty() && !self.nothing.iter().any(|nothing| nothing == cell)).then_some(cell)
    }
}

/// A text composed of cells: `"{First Name} {Last Name}"`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, PartialEq, Debug)]
enum Piece {
    Text(String),
    Cell(Slot),
    Prospect,
    Nth,
}

/// The parts of a key that are not cells.
#[derive(Clone, Copy)]
pub(super) struct KeyParts<'k> {
    pub(super) prospect: &'k str,
    pub(super) nth: u32,
}

impl Template {
    pub(super) fn column(slot: Slot) -> Template {
        Template { pieces: vec![Piece::Cell(slot)] }
    }

    /// Parses a template in which every `{name}` is a column.
    pub(super) fn read(node: &Node<'_>, columns: &mut Columns, mistakes: &mut Mistakes) -> Option<Template> {
        Template::read_with(node, columns, mistakes, |_| None)
    }

    /// Parses the template of a key, in which `{prospect}` and `{nth}` are not columns.
    pub(super) fn read_key(
        node: &Node<'_>,
        columns: &mut Columns,
        mistakes: &mut Mistakes,
    ) -> Option<Template> {
        Template::read_with(node, columns, mistakes, |name| match name {
            "prospect" => Some(Piece::Prospect),
            "nth" => Some(Piece::Nth),
            _ => None,
        })
    }

    pub(super) fn default_key() -> Template {
        Template { pieces: vec![Piece::Prospect, Piece::Text("/".to_owned()), Piece::Nth] }
    }

    fn read_with(
        node: &Node<'_>,
        columns: &mut Columns,
        mistakes: &mut Mistakes,
        special: impl Fn(&str) -> Option<Piece>,
    ) -> Option<Template> {
        let mut rest = mistakes.text(node, "a template as text, like \"{first} {last}\"")?;
        let mut pieces = Vec::new();
        while let Some((text, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}').filter(|(name, _)| !name.trim().is_empty())
            else {
                mistakes.add(
                    node.span(),
                    "unclosed or empty brace; expected a column in braces, like \"{column}\"",
                );
                return None;
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(text.to_owned()));
            }
            pieces.push(special(name.trim()).unwrap_or_else(|| Piece::Cell(columns.slot(name.trim()))));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        if pieces.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            mistakes.add(
                node.span(),
                "the template names no column, so all rows get the same text; expected e.g. \"{column}\"",
            );
            return None;
        }
        Some(Template { pieces })
    }

    /// Returns the column if the template is a single column.
    pub(super) fn only_column(&self) -> Option<Slot> {
        match self.pieces[..] {
            [Piece::Cell(slot)] => Some(slot),
            _ => None,
        }
    }

    /// Returns the first column.
    pub(super) fn first_column(&self) -> Option<Slot> {
        self.slots().next()
    }

    fn slots(&self) -> impl Iterator<Item = Slot> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Cell(slot) => Some(*slot),
            _ => None,
        })
    }

    /// Writes the text into `text`. Returns the column as an error if a cell is empty.
    pub(super) fn whole(&self, cells: Cells<'_>, text: &mut String) -> Result<(), Slot> {
        text.clear();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Cell(slot) => text.push_str(cells.get(*slot).ok_or(*slot)?),
                Piece::Prospect | Piece::Nth => {}
            }
        }
        Ok(())
    }

    /// Writes the text into `text`, without empty cells and surrounding blanks; `None` if all cells are empty.
    pub(super) fn loose(&self, cells: Cells<'_>, text: &mut String) -> Option<()> {
        self.slots().any(|slot| cells.get(slot).is_some()).then_some(())?;
        text.clear();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Cell(slot) => text.push_str(cells.get(*slot).unwrap_or_default()),
                Piece::Prospect | Piece::Nth => {}
            }
        }
        let trimmed = text.trim_end().len();
        text.truncate(trimmed);
        let blank = text.len() - text.trim_start().len();
        text.drain(..blank);
        Some(())
    }

    /// Appends the text of a key, skipping empty cells.
    pub(super) fn key(&self, cells: Cells<'_>, parts: KeyParts<'_>, text: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Cell(slot) => text.push_str(cells.get(*slot).unwrap_or_default()),
                Piece::Prospect => text.push_str(parts.prospect),
                Piece::Nth => push_number(parts.nth, text),
            }
        }
    }
}

fn push_number(number: u32, text: &mut String) {
    use std::fmt::Write;
    // Writing to a string cannot fail.
    let _ = write!(text, "{number}");
}
