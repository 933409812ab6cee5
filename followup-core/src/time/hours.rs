//! Open hours of the week.

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use super::{Clock, second_of_day, weekday_text};

/// The maximum number of intervals of one day.
pub(crate) const INTERVALS_MAX: usize = 4;

const DAY_SECONDS: u32 = 86_400;

/// The open hours of one weekday: disjoint, ascending intervals of local time. A start is inclusive, an end exclusive.
///
/// # Examples
/// ```
/// use followup_core::time::DayHours;
///
/// let hours = DayHours::parse(["09:00-12:00", "13:30-17:00"])?;
/// assert_eq!(hours.intervals(), [(32_400, 43_200), (48_600, 61_200)]);
/// assert!(DayHours::CLOSED.is_closed());
/// # Ok::<(), followup_core::time::HoursError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct DayHours {
    intervals: [(u32, u32); INTERVALS_MAX],
    len: u8,
}

/// The open hours of a week.
///
/// # Examples
/// ```
/// use chrono::Weekday;
/// use followup_core::time::{DayHours, WeekHours, Weekdays};
///
/// let hours = DayHours::parse(["09:00-17:00"])?;
/// let week = WeekHours::on(Weekdays::WORKING, hours).with(Weekday::Sat, DayHours::parse(["10:00-12:00"])?);
/// assert_eq!(week.of(Weekday::Mon), &hours);
/// assert!(week.of(Weekday::Sun).is_closed());
/// # Ok::<(), followup_core::time::HoursError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct WeekHours {
    days: [DayHours; 7],
}

/// A set of weekdays.
///
/// # Examples
/// ```
/// use chrono::Weekday;
/// use followup_core::time::Weekdays;
///
/// let days = Weekdays::parse(["fri", "Monday"])?;
/// assert!(days.contains(Weekday::Fri));
/// assert_eq!(days.to_string(), "mon,fri");
/// # Ok::<(), followup_core::time::HoursError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weekdays(u8);

/// The error for invalid open hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HoursError {
    /// Text that is not a time of day.
    #[error("invalid time of day \"{0}\"; expected 00:00 to 24:00, e.g. 09:00")]
    Clock(String),
    /// Text that is not a weekday.
    #[error("unknown weekday \"{0}\"; expected one of: mon, tue, wed, thu, fri, sat, sun")]
    Weekday(String),
    /// An interval that does not end after its beginning, on the same day.
    #[error("invalid hours {from} to {to}: the end must be after the beginning, on the same day")]
    NeverOpens {
        /// The beginning.
        from: String,
        /// The end.
        to: String,
    },
    /// Intervals that are out of order, not separate, or too many.
    #[error(
        "invalid hours of a day: expected at most {INTERVALS_MAX} separate intervals, in ascending order"
    )]
    Intervals,
    /// Text that is not an interval.
    #[error("invalid interval \"{0}\"; expected a beginning and an end, e.g. 09:00-17:00")]
    Interval(String),
}

/// Reads a local time of day, `00:00` to `24:00`, as seconds since midnight. Seconds may be given: `09:00:30`.
///
/// # Errors
/// [`HoursError::Clock`] if the text is not a time of day.
///
/// # Examples
/// ```
/// use followup_core::time::{clock_text, parse_clock};
///
/// assert_eq!(parse_clock("09:30")?, 34_200);
/// assert_eq!(clock_text(34_200), "09:30");
/// # Ok::<(), followup_core::time::HoursError>(())
/// ```
pub fn parse_clock(text: &str) -> Result<u32, HoursError> {
    let error = || HoursError::Clock(text.chars().take(20).collect());
    if text == "24:00" {
        return Ok(DAY_SECONDS);
    }
    let format = if text.len() == 8 { "%H:%M:%S" } else { "%H:%M" };
    NaiveTime::parse_from_str(text, format).map(second_of_day).map_err(|_| error())
}

/// Formats seconds since midnight as a time of day.
pub fn clock_text(second: u32) -> String {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    match second {
        0 => format!("{hour:02}:{minute:02}"),
        _ => format!("{hour:02}:{minute:02}:{second:02}"),
    }
}

impl DayHours {
    /// A day without open hours.
    pub const CLOSED: DayHours = DayHours { intervals: [(0, 0); INTERVALS_MAX], len: 0 };

    /// Creates a day with one open interval, in seconds since local midnight.
    ///
    /// # Errors
    /// [`HoursError::NeverOpens`] unless `from < to ≤ 86,400`.
    ///
    /// # Examples
    /// ```
    /// use followup_core::time::DayHours;
    ///
    /// assert_eq!(DayHours::from_to(32_400, 61_200)?, DayHours::parse(["09:00-17:00"])?);
    /// assert!(DayHours::from_to(61_200, 32_400).is_err(), "the end must be after the beginning");
    /// # Ok::<(), followup_core::time::HoursError>(())
    /// ```
    pub fn from_to(from: u32, to: u32) -> Result<DayHours, HoursError> {
        DayHours::default().and(from, to)
    }

    /// Adds an open interval, which must be later than the existing ones.
    ///
    /// # Errors
    /// [`HoursError::NeverOpens`] unless `from < to ≤ 86,400`; [`HoursError::Intervals`] if the interval is not after
    /// the existing ones, or is one too many.
    pub fn and(mut self, from: u32, to: u32) -> Result<DayHours, HoursError> {
        if from >= to || to > DAY_SECONDS {
            return Err(HoursError::NeverOpens { from: clock_text(from), to: clock_text(to) });
        }
        if usize::from(self.len) == INTERVALS_MAX || self.last_end().is_some_and(|end| from <= end) {
            return Err(HoursError::Intervals);
        }
        self.intervals[usize::from(self.len)] = (from, to);
        self.len += 1;
        Ok(self)
    }

    /// Reads ascending intervals such as `09:00-12:00`.
    ///
    /// # Errors
    /// [`HoursError`] for the first invalid interval.
    pub fn parse<'a>(intervals: impl IntoIterator<Item = &'a str>) -> Result<DayHours, HoursError> {
        intervals.into_iter().try_fold(DayHours::default(), |day, text| {
            let (from, to) =
                text.split_once('-').ok_or_else(|| HoursError::Interval(text.chars().take(40).collect()))?;
            day.and(parse_clock(from.trim())?, parse_clock(to.trim())?)
        })
    }

    /// Returns the intervals, in seconds since local midnight.
    pub fn intervals(&self) -> &[(u32, u32)] {
        &self.intervals[..usize::from(self.len)]
    }

    /// Whether the day has no open hours.
    pub fn is_closed(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn last_end(&self) -> Option<u32> {
        self.intervals().last().map(|(_, end)| *end)
    }

    /// Returns the part of the open hours that is between two times.
    fn between(self, from: u32, to: u32) -> DayHours {
        let clipped =
            self.intervals().iter().map(|(a, b)| ((*a).max(from), (*b).min(to))).filter(|(a, b)| a < b);
        clipped.fold(DayHours::default(), |mut day, interval| {
            day.intervals[usize::from(day.len)] = interval;
            day.len += 1;
            day
        })
    }
}

impl WeekHours {
    /// Returns a week that is open at every hour of every day.
    ///
    /// # Examples
    /// ```
    /// use chrono::Weekday;
    /// use followup_core::time::WeekHours;
    ///
    /// assert_eq!(WeekHours::always().of(Weekday::Sun).intervals(), [(0, 86_400)]);
    /// ```
    pub fn always() -> WeekHours {
        let whole = DayHours { intervals: [(0, DAY_SECONDS), (0, 0), (0, 0), (0, 0)], len: 1 };
        WeekHours { days: [whole; 7] }
    }

    /// Returns a week with the same hours on each of these weekdays.
    pub fn on(weekdays: Weekdays, hours: DayHours) -> WeekHours {
        let mut week = WeekHours::default();
        for index in 0..7 {
            if weekdays.has_index(index) {
                week.days[index] = hours;
            }
        }
        week
    }

    /// Returns the hours of a weekday by index; Monday is 0.
    pub(crate) fn day(&self, weekday_index: usize) -> &DayHours {
        &self.days[weekday_index]
    }

    /// Returns the hours of a weekday.
    pub fn of(&self, weekday: Weekday) -> &DayHours {
        &self.days[weekday.num_days_from_monday() as usize]
    }

    /// Returns the week with other hours on one weekday.
    #[must_use]
    pub fn with(mut self, weekday: Weekday, hours: DayHours) -> WeekHours {
        self.days[weekday.num_days_from_monday() as usize] = hours;
        self
    }

    /// Whether no day has open hours.
    pub fn is_closed(&self) -> bool {
        self.days.iter().all(DayHours::is_closed)
    }

    /// Returns the part of the open hours that is between two times of each day.
    #[must_use]
    pub(crate) fn between(mut self, from: u32, to: u32) -> WeekHours {
        for day in &mut self.days {
            *day = day.between(from, to);
        }
        self
    }

    /// Returns the hours that a person prefers: their weekdays and times, and these hours for anything left out (C11).
    ///
    /// # Examples
    /// ```
    /// use chrono::Weekday;
    /// use followup_core::time::{Clock, DayHours, WeekHours, Weekdays};
    ///
    /// let week = WeekHours::on(Weekdays::WORKING, DayHours::parse(["09:00-17:00"])?);
    /// let mornings = week.wished(Some(Weekdays::parse(["tue"])?), None, Some(Clock(43_200)));
    /// assert_eq!(mornings.of(Weekday::Tue), &DayHours::parse(["09:00-12:00"])?);
    /// assert!(mornings.of(Weekday::Mon).is_closed());
    /// # Ok::<(), followup_core::time::HoursError>(())
    /// ```
    #[must_use]
    pub fn wished(&self, weekdays: Option<Weekdays>, from: Option<Clock>, to: Option<Clock>) -> WeekHours {
        // A preferred weekday on which we are closed gets the hours of the first day on which we are open.
        let usual = self.days.iter().find(|day| !day.is_closed()).copied().unwrap_or_default();
        let mut week = WeekHours::default();
        for (index, ours) in self.days.iter().enumerate() {
            let wished = weekdays.map_or(!ours.is_closed(), |days| days.has_index(index));
            if !wished {
                continue;
            }
            let base = if ours.is_closed() { usual } else { *ours };
            week.days[index] = match (from, to) {
                (None, None) => base,
                _ => {
                    let first = base.intervals().first().map(|(start, _)| *start);
                    let from = from.map(|from| from.0).or(first).unwrap_or(0);
                    let to = to.map(|to| to.0).or(base.last_end()).unwrap_or(DAY_SECONDS);
                    DayHours::from_to(from, to).unwrap_or_default()
                }
            };
        }
        week
    }
}

impl Weekdays {
    /// Monday to Friday.
    pub const WORKING: Weekdays = Weekdays(0b001_1111);

    pub(crate) fn has_index(self, weekday_index: usize) -> bool {
        self.0 >> weekday_index & 1 == 1
    }

    /// Whether the weekday is in the set.
    pub fn contains(self, weekday: Weekday) -> bool {
        self.has_index(weekday.num_days_from_monday() as usize)
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the weekdays of the set, from Monday.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        WEEK.into_iter().filter(move |weekday| self.contains(*weekday))
    }

    /// Reads `mon`, `tue` … in any letter case; full names such as `Monday` are accepted.
    ///
    /// # Errors
    /// [`HoursError::Weekday`] for the first name that is not a weekday.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Weekdays, HoursError> {
        names.into_iter().map(parse_weekday).collect()
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(weekdays: I) -> Weekdays {
        Weekdays(weekdays.into_iter().fold(0, |set, weekday| set | 1 << weekday.num_days_from_monday()))
    }
}

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

fn parse_weekday(name: &str) -> Result<Weekday, HoursError> {
    let name = name.trim();
    name.parse().map_err(|_| HoursError::Weekday(name.chars().take(20).collect()))
}

impl std::fmt::Display for Weekdays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.iter().map(weekday_text).collect();
        f.write_str(&names.join(","))
    }
}
