//! Tables with the numbers of a chart.

use askama::Template;

use super::numbers::{self, NONE};

#[derive(Template)]
#[template(path = "page/table.html")]
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A row with its name.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
}

/// A number, for people and for programs.
pub(super) struct Cell {
    pub(super) text: String,
    /// The value for programs, as in the report.
    pub(super) value: Option<String>,
}

impl Table {
    pub(super) fn new<'h>(head: impl IntoIterator<Item = &'h str>) -> Table {
        Table { head: head.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, name: impl Into<String>, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(Row { name: name.into(), cells: cells.into_iter().collect() });
    }
}

impl Cell {
    pub(super) fn count(count: u64) -> Cell {
        Cell { text: numbers::count(count), value: Some(count.to_string()) }
    }

    pub(super) fn percent(share: Option<f64>) -> Cell {
        Cell::number(share, numbers::percent)
    }

    /// Creates a cell for a time given in days.
    pub(super) fn time(days: Option<f64>) -> Cell {
        Cell::number(days, numbers::time)
    }

    pub(super) fn text(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), value: None }
    }

    fn number(value: Option<f64>, text: impl Fn(f64) -> String) -> Cell {
        match value.filter(|value| value.is_finite()) {
            Some(value) => Cell { text: text(value), value: Some(value.to_string()) },
            None => Cell::text(NONE),
        }
    }
}
