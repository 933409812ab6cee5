//! A column chart, in the order of time or size.

use askama::Template;

use super::numbers::Place;
use super::section::Tone;

/// The height of the highest column, in pixels.
const HEIGHT: f64 = 96.0;
/// The space above the columns for values, in pixels.
const ABOVE: f64 = 18.0;
/// The space beneath the columns for labels, in pixels.
const BENEATH: f64 = 20.0;
/// A column is cut if it is more than this many times as high as the second highest.
const CUT_FROM: f64 = 3.0;
/// The distance of the break from the top of a cut column, in pixels.
const CUT_BENEATH_TOP: f64 = 12.0;
/// The width of a label on a narrow screen, in percent.
const LABEL_WIDTH: f64 = 14.0;
/// A number nearer to an edge than this is aligned to the edge, in percent.
const EDGE: f64 = 6.0;
/// The maximum number of columns that always show their values; more columns need a wide screen.
const VALUES_MAX: usize = 12;

#[derive(Template)]
#[template(path = "page/columns.html")]
pub(super) struct Columns {
    pub(super) title: String,
    pub(super) note: String,
    marks: Vec<Mark>,
    height: Place,
    base: Place,
    label_y: Place,
    /// Whether every column has room for its value and its label.
    few: bool,
}

/// A column, as given by the caller.
pub(super) struct Column {
    pub(super) height: f64,
    /// The text above the column.
    pub(super) value: String,
    /// The text beneath the column, if there is room.
    pub(super) label: Option<String>,
    /// The tooltip.
    pub(super) about: String,
    pub(super) is_shaded: bool,
    pub(super) tone: Tone,
}

/// A column, as drawn. Horizontal positions are in percent, vertical ones in pixels.
struct Mark {
    about: String,
    tone: Tone,
    left: Place,
    width: Place,
    bar_left: Place,
    bar_width: Place,
    value_x: Place,
    value_anchor: &'static str,
    top: Place,
    bar_height: Place,
    is_shaded: bool,
    is_cut: bool,
    cut_y: Place,
    value: String,
    value_y: Place,
    label: Option<Label>,
}

struct Label {
    text: String,
    at: Place,
    anchor: &'static str,
}

impl Columns {
    /// Creates a chart. Without a scale, all columns fit, except a highest one far above the others.
    pub(super) fn new(
        title: impl Into<String>,
        note: impl Into<String>,
        columns: Vec<Column>,
        scale: Option<f64>,
    ) -> Columns {
        let scale = scale.unwrap_or_else(|| scale_of(columns.iter().map(|column| column.height)));
        let width = 100.0 / columns.len().max(1) as f64;
        let few = columns.len() <= VALUES_MAX;
        let mut labelled_until = f64::NEG_INFINITY;
        let mut marks = Vec::with_capacity(columns.len());
        for (nth, column) in columns.into_iter().enumerate() {
            let left = nth as f64 * width;
            let part = if scale > 0.0 { column.height / scale } else { 0.0 };
            let least = if column.height > 0.0 { 1.5 } else { 0.0 };
            let bar_height = (part.min(1.0) * HEIGHT).max(least);
            let middle = left + width / 2.0;
            let label = column.label.filter(|_| few || left >= labelled_until).map(|text| {
                labelled_until = left + LABEL_WIDTH;
                let near_the_end = !few && left + LABEL_WIDTH > 100.0;
                let (at, anchor) = match (few, near_the_end) {
                    (true, _) => (middle, "middle"),
                    (false, false) => (left, "start"),
                    (false, true) => (left + width, "end"),
                };
                Label { text, at: Place(at), anchor }
            });
            // A number may extend beyond its column, but not beyond the page.
            let (value_x, value_anchor) = match (few, middle) {
                (false, middle) if middle < EDGE => (left, "start"),
                (false, middle) if middle > 100.0 - EDGE => (left + width, "end"),
                _ => (middle, "middle"),
            };
            let top = ABOVE + HEIGHT - bar_height;
            marks.push(Mark {
                about: column.about,
                tone: column.tone,
                left: Place(left),
                width: Place(width),
                bar_left: Place(left + width * 0.1),
                bar_width: Place(width * 0.8),
                value_x: Place(value_x),
                value_anchor,
                top: Place(top),
                bar_height: Place(bar_height),
                is_shaded: column.is_shaded,
                is_cut: part > 1.0,
                cut_y: Place(top + CUT_BENEATH_TOP),
                value: column.value,
                value_y: Place(top - 4.0),
                label,
            });
        }
        Columns {
            title: title.into(),
            note: note.into(),
            marks,
            height: Place(ABOVE + HEIGHT + BENEATH),
            base: Place(ABOVE + HEIGHT),
            label_y: Place(ABOVE + HEIGHT + 15.0),
            few,
        }
    }

    /// Returns true if a column is higher than the scale.
    pub(super) fn has_a_cut(&self) -> bool {
        self.marks.iter().any(|mark| mark.is_cut)
    }
}

/// Returns the greatest height, or a smaller one if the highest column dwarfs all others.
pub(super) fn scale_of(heights: impl IntoIterator<Item = f64>) -> f64 {
    let (mut highest, mut second) = (0.0_f64, 0.0_f64);
    for height in heights {
        if height > highest {
            (highest, second) = (height, highest);
        } else {
            second = second.max(height);
        }
    }
    if second > 0.0 && highest > second * CUT_FROM { second * CUT_FROM / 2.0 } else { highest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlying_column_is_cut() {
        assert_eq!(scale_of([1.0, 3.0, 2.0]), 3.0);
        assert_eq!(scale_of([40.0, 10.0, 2.0]), 15.0);
        assert_eq!(scale_of([40.0, 0.0]), 40.0);
        assert_eq!(scale_of([]), 0.0);
    }
}
