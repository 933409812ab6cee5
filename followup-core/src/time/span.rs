//! Spans of time as people write them.

use std::fmt;
use std::str::FromStr;

/// A span of time: civil from days upwards, exact for hours and minutes.
///
/// Written as ISO 8601 (`P14D`, `P2M`, `P1W`, `PT72H`, `PT5M`) or in words (`14 days`, `3 open days`, `2 months`). Days
/// and longer units are civil days in the prospect's zone, whatever clock changes are between; months clamp to the
/// month's end. The maximum is 1,200 months or 36,000 days.
///
/// # Examples
/// ```
/// use followup_core::Span;
///
/// assert_eq!("14 days".parse(), Ok(Span::days(14)));
/// assert_eq!("PT72H".parse(), Ok(Span::hours(72)));
/// assert_eq!(Span::open_days(3).to_string(), "3 open days");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Span {
    count: u32,
    unit: Unit,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Unit {
    Months,
    Weeks,
    Days,
    OpenDays,
    Hours,
    Minutes,
}

/// The error for text that is not a span of time.
///
/// # Examples
/// ```
/// use followup_core::Span;
/// use followup_core::time::SpanError;
///
/// let error: SpanError = "14".parse::<Span>().unwrap_err();
/// assert!(error.to_string().starts_with("invalid span of time \"14\": expected a number and a unit"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid span of time \"{text}\": {why}; expected e.g. P14D, P2M, PT72H, \"14 days\" or \"3 open days\""
)]
pub struct SpanError {
    text: String,
    why: &'static str,
}

impl Span {
    /// Creates a span of calendar months.
    pub const fn months(count: u32) -> Span {
        Span { count, unit: Unit::Months }
    }

    /// Creates a span of civil days.
    pub const fn days(count: u32) -> Span {
        Span { count, unit: Unit::Days }
    }

    /// Creates a span of days that have open hours.
    pub const fn open_days(count: u32) -> Span {
        Span { count, unit: Unit::OpenDays }
    }

    /// Creates a span of exact hours.
    pub const fn hours(count: u32) -> Span {
        Span { count, unit: Unit::Hours }
    }

    /// Creates a span of exact minutes.
    pub const fn minutes(count: u32) -> Span {
        Span { count, unit: Unit::Minutes }
    }

    pub(crate) fn count(self) -> u32 {
        self.count
    }

    pub(crate) fn unit(self) -> Unit {
        self.unit
    }

    /// Whether it counts civil days (months, weeks, days), so that it leads from a day to a day.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Span;
    ///
    /// let (day, open_day, hours) = (Span::days(1), Span::open_days(1), Span::hours(24));
    /// assert_eq!((day.is_civil(), day.is_exact()), (true, false));
    /// assert_eq!((open_day.is_civil(), open_day.is_exact()), (false, false));
    /// assert_eq!((hours.is_civil(), hours.is_exact()), (false, true));
    /// ```
    pub fn is_civil(self) -> bool {
        matches!(self.unit, Unit::Months | Unit::Weeks | Unit::Days)
    }

    /// Whether it is exact (hours, minutes).
    pub fn is_exact(self) -> bool {
        matches!(self.unit, Unit::Hours | Unit::Minutes)
    }

    /// Returns the usual length in seconds, for comparisons: a month has 30 days, a day 24 hours.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Span;
    ///
    /// assert!(Span::months(1).approximate_seconds() > Span::hours(72).approximate_seconds());
    /// ```
    pub fn approximate_seconds(self) -> u64 {
        let unit = match self.unit {
            Unit::Months => 30 * 86_400,
            Unit::Weeks => 7 * 86_400,
            Unit::Days | Unit::OpenDays => 86_400,
            Unit::Hours => 3_600,
            Unit::Minutes => 60,
        };
        u64::from(self.count) * unit
    }

    /// Returns the length where a rule says "exactly": a day is 24 hours, a month 30 days.
    pub(crate) fn exact(self) -> super::Micros {
        self.approximate_seconds() as super::Micros * super::SECOND
    }

    fn parse_iso(text: &str) -> Result<Span, &'static str> {
        let (body, time) = match text.strip_prefix("T") {
            Some(body) => (body, true),
            None => (text, false),
        };
        let digits = body.bytes().take_while(u8::is_ascii_digit).count();
        let unit = match (&body[digits..], time) {
            ("Y" | "M", false) => Unit::Months,
            ("W", false) => Unit::Weeks,
            ("D", false) => Unit::Days,
            ("H", true) => Unit::Hours,
            ("M", true) => Unit::Minutes,
            _ => return Err("expected one number and one unit"),
        };
        let per_unit = if body.ends_with('Y') { 12 } else { 1 };
        Span::checked(&body[..digits], unit, per_unit)
    }

    fn parse_plain(text: &str) -> Result<Span, &'static str> {
        let (count, unit) = text.split_once(' ').ok_or("expected a number and a unit")?;
        let (unit, per_unit) = match unit.trim_start().strip_suffix('s').unwrap_or(unit.trim_start()) {
            "year" => (Unit::Months, 12),
            "month" => (Unit::Months, 1),
            "week" => (Unit::Weeks, 1),
            "day" => (Unit::Days, 1),
            "open day" | "working day" => (Unit::OpenDays, 1),
            "hour" => (Unit::Hours, 1),
            "minute" => (Unit::Minutes, 1),
            _ => return Err("the unit is unknown"),
        };
        Span::checked(count, unit, per_unit)
    }

    fn checked(count: &str, unit: Unit, per_unit: u32) -> Result<Span, &'static str> {
        if !count.bytes().all(|b| b.is_ascii_digit()) || count.is_empty() {
            return Err("the number must be whole and without a sign");
        }
        let count = count.parse::<u32>().ok().and_then(|count| count.checked_mul(per_unit));
        let span = Span { count: count.ok_or("the number is too large")?, unit };
        if span.approximate_seconds() > 36_000 * 86_400 {
            return Err("the maximum is 1200 months or 36000 days");
        }
        Ok(span)
    }
}

impl FromStr for Span {
    type Err = SpanError;
    fn from_str(text: &str) -> Result<Span, SpanError> {
        let trimmed = text.trim();
        let parsed = match trimmed.strip_prefix('P') {
            Some(iso) => Span::parse_iso(iso),
            None => Span::parse_plain(trimmed),
        };
        parsed.map_err(|why| SpanError { text: text.chars().take(40).collect(), why })
    }
}

/// Formats as ISO 8601, or as `3 open days`, for which ISO 8601 has no form.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count;
        match self.unit {
            Unit::Months => f.pad(&format!("P{count}M")),
            Unit::Weeks => f.pad(&format!("P{count}W")),
            Unit::Days => f.pad(&format!("P{count}D")),
            Unit::OpenDays if count == 1 => f.pad("1 open day"),
            Unit::OpenDays => f.pad(&format!("{count} open days")),
            Unit::Hours => f.pad(&format!("PT{count}H")),
            Unit::Minutes => f.pad(&format!("PT{count}M")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_in_both_forms_and_print_one() {
        for (text, span, printed) in [
            ("P14D", Span::days(14), "P14D"),
            ("14 days", Span::days(14), "P14D"),
            ("1 day", Span::days(1), "P1D"),
            ("P2M", Span::months(2), "P2M"),
            ("P1Y", Span::months(12), "P12M"),
            ("PT72H", Span::hours(72), "PT72H"),
            ("PT5M", Span::minutes(5), "PT5M"),
            ("3 open days", Span::open_days(3), "3 open days"),
            ("1 open day", Span::open_days(1), "1 open day"),
        ] {
            assert_eq!(text.parse(), Ok(span), "{text}");
            assert_eq!(span.to_string(), printed);
            assert_eq!(printed.parse(), Ok(span));
        }
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "14",
            "P1.5D",
            "-P1D",
            "P1DT2H",
            "P1H",
            "P101Y",
            "99999999999 days",
            "3 fortnights",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
