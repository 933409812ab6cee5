//! Mapping files.

mod cases;
mod cells;
mod condition;
mod field;
mod mistakes;
mod parser;
mod reader;
mod rule;
mod shipped;
mod time;
mod unmapped;
mod vocabulary;

use std::collections::{HashMap, HashSet};
use std::io::BufRead;

use followup_core::Zone;

pub use mistakes::{MappingError, MappingProblem};
pub use reader::MappedReader;
pub(crate) use time::in_zone;

use cells::{Columns, Slot, Template};
use rule::EventRule;

use crate::error::ReadError;

/// A mapping.
#[derive(Clone, PartialEq, Debug)]
pub struct Mapping {
    delimiter: u8,
    /// Values of cells that mean nothing.
    nothing: Vec<String>,
    zone: Option<Zone>,
    prospect: Template,
    state: Option<Slot>,
    /// The states that the rules name, from 1; 0 is every other.
    states: HashMap<String, u16>,
    rules: Vec<EventRule>,
    watched: Vec<Watched>,
    optional: Vec<Slot>,
    columns: Columns,
}

/// A column whose values are counted unless the mapping names them.
#[derive(Clone, PartialEq, Debug)]
struct Watched {
    slot: Slot,
    named: HashSet<String>,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`MappingError`] with every mistake in it, each with its line and column.
    pub fn parse(toml: &str) -> Result<Mapping, MappingError> {
        parser::parse(toml)
    }

    /// Begins to read a file.
    pub fn reader<R: BufRead>(&self, reader: R, zone: Zone) -> Result<MappedReader<'_, R>, ReadError> {
        MappedReader::new(reader, self, zone)
    }

    /// The names of the events that it can give, in the order of its rules.
    pub fn events(&self) -> impl Iterator<Item = &'static str> {
        self.rules.iter().map(EventRule::name)
    }
}
