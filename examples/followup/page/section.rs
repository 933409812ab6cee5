//! A part of the page: a question, what is to be seen, the picture, and its numbers.

use askama::Template;

use super::bars::Bars;
use super::columns::Columns;
use super::table::Table;

#[derive(Template)]
#[template(path = "page/section.html")]
pub(super) struct Section {
    pub(super) id: &'static str,
    /// The question that it answers.
    pub(super) heading: String,
    /// What is to be seen, in words.
    pub(super) says: String,
    /// What one has to know to read the picture.
    pub(super) note: Option<String>,
    pub(super) charts: Vec<Chart>,
    pub(super) tables: Vec<Table>,
}

pub(super) enum Chart {
    Bars(Bars),
    Columns(Columns),
}

/// What a mark says by its colour; words or a number say it, too.
#[derive(Clone, Copy)]
pub(super) enum Tone {
    Plain,
    Good,
    Bad,
    Quiet,
}

impl Tone {
    /// The class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Quiet => "quiet",
        }
    }
}
