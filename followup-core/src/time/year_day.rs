//! A day of every year.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use super::Day;

/// A day of every year, written `12-24`. In years without a 29 February, that day is 28 February.
///
/// # Examples
/// ```
/// use followup_core::time::YearDay;
///
/// assert_eq!("12-24".parse(), Ok(YearDay::CHRISTMAS_EVE));
/// assert!("02-30".parse::<YearDay>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct YearDay {
    month: u32,
    day: u32,
}

/// The error for text that is not a day of the year.
///
/// # Examples
/// ```
/// use followup_core::time::{YearDay, YearDayError};
///
/// let error: YearDayError = "24.12.".parse::<YearDay>().unwrap_err();
/// assert_eq!(error.to_string(), "invalid day of the year \"24.12.\"; expected month and day, e.g. 12-24");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid day of the year \"{text}\"; expected month and day, e.g. 12-24")]
pub struct YearDayError {
    text: String,
}

/// A leap year, in which every day of the year exists.
const LEAP_YEAR: i32 = 2000;

impl YearDay {
    /// 24 December.
    pub const CHRISTMAS_EVE: YearDay = YearDay { month: 12, day: 24 };

    /// Returns the first such day that is not before `day`.
    pub(crate) fn not_before(self, day: Day) -> Day {
        let year = day.date().year();
        let this_year = self.of(year);
        if this_year >= day { this_year } else { self.of(year + 1) }
    }

    fn of(self, year: i32) -> Day {
        let exact = NaiveDate::from_ymd_opt(year, self.month, self.day);
        let date = exact.or_else(|| NaiveDate::from_ymd_opt(year, self.month, self.day - 1));
        Day::of(date.unwrap_or(NaiveDate::MAX))
    }
}

impl fmt::Display for YearDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl FromStr for YearDay {
    type Err = YearDayError;

    fn from_str(text: &str) -> Result<YearDay, YearDayError> {
        let parsed = text.split_once('-').and_then(|(month, day)| {
            let two_digits = |text: &str| match text.as_bytes() {
                [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(u32::from(a - b'0') * 10 + u32::from(b - b'0')),
                _ => None,
            };
            let (month, day) = (two_digits(month)?, two_digits(day)?);
            NaiveDate::from_ymd_opt(LEAP_YEAR, month, day).map(|_| YearDay { month, day })
        });
        parsed.ok_or_else(|| YearDayError { text: text.chars().take(20).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(year_day: &str, date: &str) -> String {
        let date: NaiveDate = date.parse().unwrap();
        year_day.parse::<YearDay>().unwrap().not_before(Day::of(date)).date().to_string()
    }

    #[test]
    fn the_next_one_is_this_year_or_the_next() {
        assert_eq!(next("12-24", "2026-12-24"), "2026-12-24");
        assert_eq!(next("12-24", "2026-12-25"), "2027-12-24");
        assert_eq!(next("01-01", "2026-12-31"), "2027-01-01");
    }

    #[test]
    fn the_leap_day_is_the_28th_where_there_is_none() {
        assert_eq!(next("02-29", "2027-01-01"), "2027-02-28");
        assert_eq!(next("02-29", "2028-01-01"), "2028-02-29");
        assert_eq!(next("02-29", "2027-03-01"), "2028-02-29");
    }

    #[test]
    fn what_is_no_day_of_any_year_is_refused() {
        for text in ["", "13-01", "02-30", "1-1", "12-+1", "24.12.", "2026-12-24"] {
            assert!(text.parse::<YearDay>().is_err(), "{text}");
        }
        assert_eq!("12-24".parse::<YearDay>().unwrap().to_string(), "12-24");
    }
}
