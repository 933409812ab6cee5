//! Numbers for people: only significant digits, grouped thousands, never broken across lines.

use std::fmt;

/// A narrow no-break space.
const THIN: char = '\u{202f}';
/// The text shown instead of a missing number.
pub(super) const NONE: &str = "–";

/// Formats a count with grouped thousands.
pub(super) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut apart = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            apart.push(THIN);
        }
        apart.push(digit);
    }
    apart
}

/// Formats a number of people.
pub(super) fn people(number: u64) -> String {
    of_them(number, "person", "people")
}

/// Formats a number with a noun.
pub(super) fn of_them(number: u64, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{} {many}", count(number)),
    }
}

/// Formats a value, with one decimal if it is below 10.
pub(super) fn decimal(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let sign = if value < 0.0 { "−" } else { "" };
    let value = value.abs();
    if value >= 9.95 {
        return format!("{sign}{}", count(value.round() as u64));
    }
    let text = format!("{value:.1}");
    format!("{sign}{}", text.strip_suffix(".0").unwrap_or(&text))
}

/// Formats a share in percent. A share above 0 is never shown as 0, and one below 100 never as 100.
pub(super) fn percent(share: f64) -> String {
    let text = match share {
        share if share > 0.0 && share < 0.1 => "<0.1".to_owned(),
        share if share > 99.0 && share < 100.0 => format!("{:.1}", share.min(99.9)),
        share => decimal(share),
    };
    format!("{text}{THIN}%")
}

/// Returns a part in percent of the whole; 0 if the whole is 0.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

/// Formats a time given in days, in a suitable unit.
pub(super) fn time(days: f64) -> String {
    let minutes = days.abs() * 24.0 * 60.0;
    let one = |text: String, unit: &str| match text.as_str() {
        "1" | "−1" => format!("{text} {unit}"),
        _ => format!("{text} {unit}s"),
    };
    if minutes == 0.0 {
        "0 minutes".to_owned()
    } else if minutes < 1.0 {
        "under a minute".to_owned()
    } else if minutes < 90.0 {
        one(decimal((days * 24.0 * 60.0).round()), "minute")
    } else if minutes < 48.0 * 60.0 {
        one(decimal((days * 24.0).round()), "hour")
    } else {
        one(decimal(days), "day")
    }
}

/// A position or length in a drawing, formatted with two decimals.
#[derive(Clone, Copy)]
pub(super) struct Place(pub(super) f64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", if self.0.is_finite() { self.0 } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(count),
            ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]
        );
    }

    #[test]
    fn a_share_is_never_rounded_to_none_or_all() {
        let shares = [0.0, 0.02, 3.44, 26.4, 99.6, 99.99, 100.0].map(percent);
        let numbers = shares.map(|share| share.trim_end_matches(['%', THIN]).to_owned());
        assert_eq!(numbers, ["0", "<0.1", "3.4", "26", "99.6", "99.9", "100"]);
    }

    #[test]
    fn a_duration_has_a_fitting_unit() {
        let times = [0.0, 0.0001, 1.0 / 24.0, 0.5, 3.0, 4.26, 61.7].map(time);
        assert_eq!(
            times,
            ["0 minutes", "under a minute", "60 minutes", "12 hours", "3 days", "4.3 days", "62 days"]
        );
        assert_eq!(time(-1.0), "−24 hours");
    }

    #[test]
    fn not_a_number_is_written_as_none() {
        assert_eq!(decimal(f64::NAN), NONE);
        assert_eq!(
            [f64::NAN, f64::INFINITY, 12.345].map(|place| Place(place).to_string()),
            ["0.00", "0.00", "12.35"]
        );
    }
}
