//! Hours of the week in which something may happen.

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use super::{second_of_day, weekday_text};

/// The most intervals that one day may have.
pub(crate) const INTERVALS_MAX: usize = 4;

const DAY_SECONDS: u32 = 86_400;

/// The open hours of one weekday: disjoint, ascending intervals of local time; a start is included, an end excluded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct DayHours {
    intervals: [(u32, u32); INTERVALS_MAX],
    len: u8,
}

/// The open hours of a week.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct WeekHours {
    days: [DayHours; 7],
}

/// A set of weekdays.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Weekdays(u8);

/// Hours that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HoursError {
    /// A time that is none.
    #[error("\"{0}\" is no time of day: write it like 09:00, up to 24:00")]
    Clock(String),
    /// A weekday that is none.
    #[error("\"{0}\" is no weekday: write mon, tue, wed, thu, fri, sat or sun")]
    Weekday(String),
    /// An interval that ends before it begins.
    #[error("hours from {from} to {to} never open: the end comes after the beginning, on the same day")]
    NeverOpens {
        /// The beginning.
        from: String,
        /// The end.
        to: String,
    },
    /// Intervals that overlap or are too many.
    #[error("a day has at most {INTERVALS_MAX} intervals, in order and apart from each other")]
    Intervals,
    /// Text that is no interval.
    #[error("\"{0}\" is no interval: write it like 09:00-17:00")]
    Interval(String),
}

/// Reads a local time of day, `00:00` to `24:00`, as seconds since midnight.
///
/// # Errors
/// [`HoursError::Clock`].
pub fn parse_clock(text: &str) -> Result<u32, HoursError> {
    let error = || HoursError::Clock(text.chars().take(20).collect());
    if text == "24:00" {
        return Ok(DAY_SECONDS);
    }
    let format = if text.len() == 8 { "%H:%M:%S" } else { "%H:%M" };
    NaiveTime::parse_from_str(text, format).map(second_of_day).map_err(|_| error())
}

/// Prints seconds since midnight as a time of day.
pub fn clock_text(second: u32) -> String {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    match second {
        0 => format!("{hour:02}:{minute:02}"),
        _ => format!("{hour:02}:{minute:02}:{second:02}"),
    }
}

impl DayHours {
    /// A day that never opens.
    pub const CLOSED: DayHours = DayHours { intervals: [(0, 0); INTERVALS_MAX], len: 0 };

    /// A day that is open from one time to another.
    ///
    /// # Errors
    /// [`HoursError::NeverOpens`] unless `from < to ≤ 24:00`.
    pub fn from_to(from: u32, to: u32) -> Result<DayHours, HoursError> {
        DayHours::default().and(from, to)
    }

    /// The same day, open in one later interval more.
    ///
    /// # Errors
    /// [`HoursError`] if the interval is empty, not after those before it, or one too many.
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

    /// Reads intervals like `09:00-12:00`.
    ///
    /// # Errors
    /// [`HoursError`] for the first that cannot be.
    pub fn parse<'a>(intervals: impl IntoIterator<Item = &'a str>) -> Result<DayHours, HoursError> {
        intervals.into_iter().try_fold(DayHours::default(), |day, text| {
            let (from, to) =
                text.split_once('-').ok_or_else(|| HoursError::Interval(text.chars().take(40).collect()))?;
            day.and(parse_clock(from.trim())?, parse_clock(to.trim())?)
        })
    }

    /// Its intervals, in seconds since local midnight.
    pub fn intervals(&self) -> &[(u32, u32)] {
        &self.intervals[..usize::from(self.len)]
    }

    /// Whether it never opens.
    pub fn is_closed(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn last_end(&self) -> Option<u32> {
        self.intervals().last().map(|(_, end)| *end)
    }

    /// What lies both in this day and between two times.
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
    /// Every hour of every day.
    pub fn always() -> WeekHours {
        let whole = DayHours { intervals: [(0, DAY_SECONDS), (0, 0), (0, 0), (0, 0)], len: 1 };
        WeekHours { days: [whole; 7] }
    }

    /// The same hours on each of these weekdays.
    pub fn on(weekdays: Weekdays, hours: DayHours) -> WeekHours {
        let mut week = WeekHours::default();
        for index in 0..7 {
            if weekdays.has_index(index) {
                week.days[index] = hours;
            }
        }
        week
    }

    /// The hours of a weekday, Monday being 0.
    pub(crate) fn day(&self, weekday_index: usize) -> &DayHours {
        &self.days[weekday_index]
    }

    /// The hours of a weekday.
    pub fn of(&self, weekday: Weekday) -> &DayHours {
        &self.days[weekday.num_days_from_monday() as usize]
    }

    /// The same week with other hours on one weekday.
    #[must_use]
    pub fn with(mut self, weekday: Weekday, hours: DayHours) -> WeekHours {
        self.days[weekday.num_days_from_monday() as usize] = hours;
        self
    }

    /// Whether no day ever opens.
    pub fn is_closed(&self) -> bool {
        self.days.iter().all(DayHours::is_closed)
    }

    /// What lies between two times, on every day.
    #[must_use]
    pub(crate) fn between(mut self, from: u32, to: u32) -> WeekHours {
        for day in &mut self.days {
            *day = day.between(from, to);
        }
        self
    }

    /// A person's wish: its weekdays and times, and these hours for what it leaves out (C11).
    #[must_use]
    pub fn wished(&self, weekdays: Option<Weekdays>, from: Option<u32>, to: Option<u32>) -> WeekHours {
        // A wished weekday on which we are closed has the hours of the first day on which we are open.
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
                    let from = from.or(base.intervals().first().map(|(start, _)| *start)).unwrap_or(0);
                    let to = to.or(base.last_end()).unwrap_or(DAY_SECONDS);
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

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its weekdays, from Monday.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        WEEK.into_iter().filter(move |weekday| self.contains(*weekday))
    }

    /// Reads `mon`, `tue` … (letter case and longer forms such as `Monday` are fine).
    ///
    /// # Errors
    /// [`HoursError::Weekday`] for the first that is none.
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
