//! A section of the page: a question, the answer, the charts, and their numbers.

use askama::Template;

use super::bars::Bars;
use super::columns::Columns;
use super::table::Table;

#[derive(Template)]
#[template(path = "page/section.html")]
pub(super) struct Section {
    pub(super) id: &'static str,
    /// The question that the section answers.
    pub(super) heading: String,
    /// The answer in words.
    pub(super) says: String,
    /// An explanation of the charts.
    pub(super) note: Option<String>,
    pub(super) charts: Vec<Chart>,
    pub(super) tables: Vec<Table>,
}

pub(super) enum Chart {
    Bars(Bars),
    Columns(Columns),
}

/// The meaning of a colour. Words or a number always express it, too.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Plain,
    Good,
    Bad,
    Quiet,
}

impl Tone {
    /// Returns the class in the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Quiet => "quiet",
        }
    }
}
