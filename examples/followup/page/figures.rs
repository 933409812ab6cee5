//! The figures at the top of the page.

use followup_insight::report::{GapReport, wilson};

use super::numbers::{NONE, count, decimal, of_them, people, percent, share};
use super::section::Tone;

/// The range that good sellers reach, in percent of the decided.
const BENCHMARK: [f64; 2] = [15.0, 20.0];
/// The minimum number of decisions for a comparison.
const DECIDED_MIN: u64 = 10;
/// The recommended number of touches per first contact.
const TOUCHES_WORTH_IT: f64 = 4.0;

/// A figure, and its meaning.
pub(super) struct Figure {
    pub(super) name: &'static str,
    /// The value for people.
    pub(super) text: String,
    /// The value for programs, as in the report.
    pub(super) value: String,
    pub(super) says: String,
    pub(super) tone: Tone,
}

pub(super) fn of(report: &GapReport) -> Vec<Figure> {
    vec![
        Figure::count("Open", report.open, format!("of {}", people(report.prospects)), Tone::Plain),
        won(report),
        per_contact(report),
        Figure::zero(
            "Without a next action",
            report.open_without_next_action,
            "Every open prospect has a next action.",
            "They are open, but no action is planned for them.",
        ),
        Figure::zero(
            "Never touched",
            report.never_touched,
            "We have been in touch with everybody.",
            "We have never been in touch with them.",
        ),
        Figure::zero(
            "Touches after a stop",
            report.touches_after_stop.touches,
            "Nobody was touched after a stop.",
            &format!("on {} who had said stop or were given up", people(report.touches_after_stop.prospects)),
        ),
        outside_hours(report),
    ]
}

impl Figure {
    fn count(name: &'static str, number: u64, says: String, tone: Tone) -> Figure {
        Figure { name, text: count(number), value: number.to_string(), says, tone }
    }

    /// A figure that should be zero.
    fn zero(name: &'static str, number: u64, good: &str, bad: &str) -> Figure {
        let (says, tone) = if number == 0 { (good, Tone::Good) } else { (bad, Tone::Bad) };
        Figure::count(name, number, says.to_owned(), tone)
    }
}

fn won(report: &GapReport) -> Figure {
    let decided = report.won + report.lost;
    let [least, most] = BENCHMARK;
    let (says, tone) = match wilson(report.won, decided) {
        None => ("Nobody has decided yet.".to_owned(), Tone::Plain),
        Some([low, high]) => {
            let (compared, tone) = match () {
                () if decided < DECIDED_MIN => ("too few to compare with", Tone::Plain),
                () if low > most => ("above", Tone::Good),
                () if high < least => ("below", Tone::Bad),
                () => ("not clearly different from", Tone::Plain),
            };
            let says = format!(
                "{} of {} decided; the true share is between {} and {} (95 % confidence), {compared} \
                 the {least} to {most} % of good sellers.",
                count(report.won),
                count(decided),
                percent(low),
                percent(high)
            );
            (says, tone)
        }
    };
    let share = report.conversion_pct;
    Figure {
        name: "Won of decided",
        text: share.map_or(NONE.to_owned(), percent),
        value: share.map_or(String::new(), |share| share.to_string()),
        says,
        tone,
    }
}

fn per_contact(report: &GapReport) -> Figure {
    let ratio = report.touches_per_first_contact;
    let (says, tone) = match ratio {
        None => ("No contact yet.".to_owned(), Tone::Plain),
        Some(ratio) if ratio >= TOUCHES_WORTH_IT => {
            ("The goal of four touches per first contact is met.".to_owned(), Tone::Good)
        }
        Some(_) => ("The goal of four touches per first contact is not met.".to_owned(), Tone::Bad),
    };
    Figure {
        name: "Touches per first contact",
        text: ratio.map_or(NONE.to_owned(), decimal),
        value: ratio.map_or(String::new(), |ratio| ratio.to_string()),
        says,
        tone,
    }
}

fn outside_hours(report: &GapReport) -> Figure {
    let touches: u64 = report.by_weekday.values().sum();
    let part = percent(share(report.outside_hours, touches));
    Figure::zero(
        "Outside hours",
        report.outside_hours,
        "Every touch was in open hours.",
        &format!("{part} of {}", of_them(touches, "touch", "touches")),
    )
}
