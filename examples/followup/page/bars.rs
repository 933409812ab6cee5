//! A horizontal bar chart. Each row has a name, a bar and a value, and can wrap on a narrow screen.

use askama::Template;

use super::numbers::Place;
use super::section::Tone;

#[derive(Template)]
#[template(path = "page/bars.html")]
pub(super) struct Bars {
    pub(super) title: Option<String>,
    pub(super) rows: Vec<Bar>,
    pub(super) ticks: Vec<Tick>,
}

/// A number on the scale, with its position in percent of the width.
pub(super) struct Tick {
    at: Place,
    anchor: &'static str,
    text: String,
}

/// A bar. Lengths are in percent of the width.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) note: Option<String>,
    pub(super) length: Place,
    pub(super) tone: Tone,
    /// The missing part.
    pub(super) missing: Option<Reach>,
    /// The confidence interval.
    pub(super) interval: Option<Reach>,
}

/// A range between two positions.
pub(super) struct Reach {
    from: Place,
    to: Place,
    width: Place,
}

impl Reach {
    pub(super) fn new(from: f64, to: f64) -> Reach {
        Reach { from: Place(from), to: Place(to), width: Place(to - from) }
    }
}

impl Tick {
    pub(super) fn new(at: f64, text: String) -> Tick {
        let anchor = match at {
            at if at <= 0.0 => "start",
            at if at >= 100.0 => "end",
            _ => "middle",
        };
        Tick { at: Place(at), anchor, text }
    }
}

impl Bars {
    pub(super) fn new(rows: Vec<Bar>) -> Bars {
        Bars { title: None, rows, ticks: Vec::new() }
    }
}

impl Bar {
    pub(super) fn new(name: impl Into<String>, value: impl Into<String>, length: f64, tone: Tone) -> Bar {
        Bar {
            name: name.into(),
            value: value.into(),
            note: None,
            length: Place(length),
            tone,
            missing: None,
            interval: None,
        }
    }
}
