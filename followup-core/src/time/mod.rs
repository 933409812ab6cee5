//! Civil time: spans, zones, open hours and windows.
//!
//! Calendar arithmetic counts instants in microseconds since 1970-01-01T00:00:00Z ([`Micros`]), as stores do, and
//! civil days as [`Day`]. Everywhere else an instant is a [`DateTime<Utc>`].

mod calendar;
mod hours;
#[cfg(test)]
mod oracle;
mod span;
mod window;
mod year_day;
mod zone;

use chrono::{DateTime, Datelike, Months, NaiveDate, Timelike, Utc, Weekday};

pub use calendar::Calendar;
pub use hours::{DayHours, HoursError, WeekHours, Weekdays, clock_text, parse_clock};
pub use span::{Span, SpanError};
pub use window::{DueState, Window};
pub use year_day::{YearDay, YearDayError};
pub use zone::{Stretch, TZDB_VERSION, UnknownZone, Zone};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

/// A second.
pub const SECOND: Micros = 1_000_000;
/// A minute.
pub const MINUTE: Micros = 60 * SECOND;
/// An hour.
pub const HOUR: Micros = 60 * MINUTE;
/// Twenty-four hours; a civil day may be shorter or longer.
pub const DAY: Micros = 24 * HOUR;

/// The earliest instant of an event: 1900-01-01T00:00:00Z.
pub const MIN_INSTANT: DateTime<Utc> = at_midnight_utc(1900);
/// The end of the instants that an event may have (exclusive): 2200-01-01T00:00:00Z.
///
/// With these limits every date that a checked playbook can reach (spans are at most 1,200 months) is inside the
/// range of the calendar, so planning cannot overflow.
pub const MAX_INSTANT: DateTime<Utc> = at_midnight_utc(2200);

const fn at_midnight_utc(year: i32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(year, 1, 1)
        .expect("1 January is a valid date of every year")
        .and_time(chrono::NaiveTime::MIN)
        .and_utc()
}

/// Converts an instant to microseconds; finer parts are cut off.
///
/// # Examples
/// ```
/// use followup_core::time::{to_instant, to_micros};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// assert_eq!(to_micros(at), 1_772_805_600_000_000);
/// assert_eq!(to_instant(1_772_805_600_000_000), at);
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn to_micros(at: DateTime<Utc>) -> Micros {
    at.timestamp_micros()
}

/// Converts microseconds to an instant. Counts beyond the range of `DateTime<Utc>` give its maximum.
pub fn to_instant(at: Micros) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// A time of day, in seconds since local midnight; 86,400 is the midnight at the end of the day.
///
/// # Examples
/// ```
/// use followup_core::time::{Clock, parse_clock};
///
/// assert_eq!(Clock(parse_clock("09:30")?).to_string(), "09:30");
/// # Ok::<(), followup_core::time::HoursError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock(pub u32);

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&clock_text(self.0))
    }
}

/// A civil day, as a number of days since 1970-01-01.
///
/// # Examples
/// ```
/// use followup_core::time::Day;
///
/// let day = Day::of("2026-01-31".parse()?);
/// assert_eq!(day.plus(1).date().to_string(), "2026-02-01");
/// assert_eq!(day.plus_months(1).date().to_string(), "2026-02-28");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(pub i32);

impl Day {
    /// Returns the day of a date.
    pub fn of(date: NaiveDate) -> Day {
        Day(date.num_days_from_ce() - EPOCH_FROM_CE)
    }

    /// Returns the date of the day.
    pub fn date(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0 + EPOCH_FROM_CE).unwrap_or(NaiveDate::MAX)
    }

    /// Returns the day that is a number of days later, or earlier if negative.
    pub fn plus(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }

    /// Returns the same day of a later month, or that month's last day if it is shorter.
    pub fn plus_months(self, months: u32) -> Day {
        self.date().checked_add_months(Months::new(months)).map_or(self, Day::of)
    }

    /// Returns the weekday as an index; Monday is 0.
    pub fn weekday_index(self) -> usize {
        (self.0 + 3).rem_euclid(7) as usize
    }
}

const EPOCH_FROM_CE: i32 = 719_163;

/// Returns the three letters of a weekday: `mon` … `sun`.
///
/// # Examples
/// ```
/// use chrono::Weekday;
/// use followup_core::time::weekday_text;
///
/// assert_eq!(weekday_text(Weekday::Mon), "mon");
/// ```
pub fn weekday_text(weekday: Weekday) -> &'static str {
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][weekday.num_days_from_monday() as usize]
}

/// Returns the seconds since local midnight.
pub(crate) fn second_of_day(time: chrono::NaiveTime) -> u32 {
    time.num_seconds_from_midnight()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_the_epoch_and_know_their_weekday() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        assert_eq!(Day::of(epoch), Day(0));
        assert_eq!(Day(0).weekday_index(), 3);
        let leap = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
        assert_eq!(Day::of(leap).plus_months(1).date(), NaiveDate::from_ymd_opt(2024, 2, 29).unwrap());
        assert_eq!(Day::of(leap).date(), leap);
    }

    #[test]
    fn exact_spans_count_as_whole_days_rounded_up_and_pass_exactly() {
        let calendar = Calendar::new(Zone::utc(), WeekHours::always(), &[]);
        for (span, days, micros) in [
            (Span::hours(1), 1, HOUR),
            (Span::hours(24), 1, DAY),
            (Span::hours(25), 2, DAY + HOUR),
            (Span::minutes(1), 1, MINUTE),
            (Span::minutes(1_440), 1, DAY),
            (Span::minutes(1_441), 2, DAY + MINUTE),
            (Span::days(3), 3, 3 * DAY),
            (Span::open_days(3), 3, 3 * DAY),
            (Span::months(1), 31, 31 * DAY),
        ] {
            assert_eq!(calendar.plus(Day(0), span), Day(days), "{span}");
            assert_eq!(calendar.after(5, span), 5 + micros, "{span}");
        }
    }
}
