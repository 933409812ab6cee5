//! Open days and hours in one zone.

use super::hours::{DayHours, WeekHours};
use super::span::Unit;
use super::zone::Zone;
use super::{DAY, Day, HOUR, MINUTE, Micros, SECOND, Span};

/// The number of days in which to look for an open day. The check of a playbook rejects one that is closed for longer,
/// so a checked playbook never reaches this bound.
const LOOK_DAYS: i32 = 3_700;

/// A calendar of open hours: a zone, the hours of the week, and the days that are closed.
///
/// # Examples
/// ```
/// use followup_core::time::{Calendar, Day, DayHours, WeekHours, Weekdays, Zone, to_micros};
///
/// let week = WeekHours::on(Weekdays::WORKING, DayHours::parse(["09:00-17:00"])?);
/// let good_friday = [Day::of("2026-04-03".parse()?)];
/// let calendar = Calendar::new(Zone::named("Europe/Berlin")?, week, &good_friday);
/// let thursday_evening = to_micros("2026-04-02T18:00:00Z".parse()?);
/// assert_eq!(calendar.next_open(thursday_evening), to_micros("2026-04-06T07:00:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The instants of a day, in the calendar of a playbook:
///
/// ```
/// use followup_core::time::{Day, to_instant, to_micros};
/// use followup_core::{Playbook, Zone};
///
/// let playbook = Playbook::default();
/// let calendar = playbook.calendar();
/// let friday = Day::of("2026-03-06".parse()?);
/// let saturday = friday.plus(1);
/// assert_eq!((friday.weekday_index(), calendar.is_open_day(friday)), (4, true));
/// assert_eq!((saturday.weekday_index(), calendar.is_open_day(saturday)), (5, false));
///
/// let text = |at| to_instant(at).format("%a %H:%M").to_string();
/// assert_eq!(text(calendar.opening(friday)), "Fri 09:00");
/// assert_eq!(text(calendar.close(friday)), "Fri 17:00");
/// assert_eq!(text(calendar.opening(saturday)), "Sat 00:00");
/// assert_eq!(text(calendar.close(saturday)), "Sun 00:00");
/// assert_eq!(text(calendar.last_close(to_micros("2026-03-08T12:00:00Z".parse()?))), "Fri 17:00");
///
/// let midnight = calendar.midnight(saturday);
/// assert_eq!(calendar.day_of(midnight), saturday);
/// assert_eq!(calendar.day_of_deadline(midnight), friday);
///
/// let in_tokyo = calendar.in_zone(Zone::named("Asia/Tokyo")?);
/// assert_eq!(text(in_tokyo.opening(friday)), "Fri 00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    zone: Zone,
    week: WeekHours,
    /// Closed days, ascending.
    holidays: &'a [Day],
}

impl<'a> Calendar<'a> {
    /// Creates the calendar of a zone. `holidays` are closed days, ascending.
    pub fn new(zone: Zone, week: WeekHours, holidays: &'a [Day]) -> Calendar<'a> {
        Calendar { zone, week, holidays }
    }

    /// Returns the same hours and holidays in another zone.
    #[must_use]
    pub fn in_zone(self, zone: Zone) -> Calendar<'a> {
        Calendar { zone, ..self }
    }

    /// Returns the civil day of an instant.
    pub fn day_of(&self, at: Micros) -> Day {
        self.zone.day_of(at)
    }

    /// Returns the civil day that a deadline belongs to: 0:00 belongs to the day before.
    pub fn day_of_deadline(&self, at: Micros) -> Day {
        self.zone.day_of(at - 1)
    }

    fn hours(&self, day: Day) -> &DayHours {
        static CLOSED: DayHours = DayHours::CLOSED;
        if self.holidays.binary_search(&day).is_ok() { &CLOSED } else { self.week.day(day.weekday_index()) }
    }

    /// Whether a civil day has open hours. A day that a clock change skips, or whose open hours it skips, has none.
    pub fn is_open_day(&self, day: Day) -> bool {
        if self.hours(day).is_closed() {
            return false;
        }
        let noon_utc = Micros::from(day.0) * DAY + DAY / 2;
        let stretch = self.zone.stretch(noon_utc);
        let is_undisturbed = stretch.start <= noon_utc - 2 * DAY && noon_utc + 2 * DAY <= stretch.end;
        is_undisturbed
            || self.next_open_within(self.midnight(day), 1).is_some_and(|at| self.day_of(at) == day)
    }

    /// Whether an instant is within open hours.
    pub fn is_open(&self, at: Micros) -> bool {
        let local = self.zone.local(at);
        let (day, second) = split(local);
        self.hours(day).intervals().iter().any(|(from, to)| (*from..*to).contains(&second))
    }

    /// Returns the first instant of a civil day.
    pub fn midnight(&self, day: Day) -> Micros {
        let at = self.zone.instant(Micros::from(day.0) * DAY);
        // If a clock change skips midnight, the day begins at the end of the gap.
        let stretch = self.zone.stretch(at);
        let skipped = self.zone.local(at) != Micros::from(day.0) * DAY;
        if skipped && self.zone.day_of(stretch.start) == day { stretch.start } else { at }
    }

    /// Returns the first open instant of an open day, and 0:00 of a closed one.
    pub fn opening(&self, day: Day) -> Micros {
        let midnight = self.midnight(day);
        match self.next_open_within(midnight, 1) {
            Some(at) if self.day_of(at) == day => at,
            _ => midnight,
        }
    }

    /// Returns the end of the last open hour of an open day, and 24:00 of a closed one.
    pub fn close(&self, day: Day) -> Micros {
        let end = match self.hours(day).last_end().filter(|_| self.is_open_day(day)) {
            Some(end) if end < 86_400 => {
                self.zone.instant(Micros::from(day.0) * DAY + Micros::from(end) * SECOND)
            }
            _ => return self.midnight(day.plus(1)),
        };
        let stretch = self.zone.stretch(end);
        if stretch.start <= end - DAY && end + DAY <= stretch.end {
            return end;
        }
        self.close_beside_a_change(day)
    }

    /// Returns the close of a day with a clock change: hours that end in a gap end with it, repeated hours end at their
    /// second pass.
    fn close_beside_a_change(&self, day: Day) -> Micros {
        let (mut at, end) = (self.midnight(day), self.midnight(day.plus(1)));
        let mut close = end;
        while at < end {
            let stretch = self.zone.stretch(at);
            let until = stretch.end.min(end);
            for (from, to) in self.hours(day).intervals() {
                let instant =
                    |second: u32| Micros::from(day.0) * DAY + Micros::from(second) * SECOND - stretch.offset;
                if instant(*from).max(at) < instant(*to).min(until) {
                    close = instant(*to).min(until);
                }
            }
            at = until;
        }
        close
    }

    /// Returns the first open instant at or after an instant; the instant itself if no day opens.
    pub fn next_open(&self, at: Micros) -> Micros {
        self.next_open_within(at, LOOK_DAYS).unwrap_or(at)
    }

    /// Walks stretches of one offset, in each of which local time is continuous. The local clock decides what is open,
    /// so both passes of an hour that a clock change repeats are open, and a gap is skipped.
    fn next_open_within(&self, at: Micros, days: i32) -> Option<Micros> {
        let mut at = at;
        let last = self.day_of(at).plus(days);
        loop {
            let stretch = self.zone.stretch(at);
            let (day, second) = split(at + stretch.offset);
            if day > last {
                return None;
            }
            let intervals = self.hours(day).intervals();
            let ahead = intervals.iter().find(|(_, to)| second < *to).map(|(from, _)| *from);
            let found = ahead.map(|from| {
                if from <= second {
                    at
                } else {
                    Micros::from(day.0) * DAY + Micros::from(from) * SECOND - stretch.offset
                }
            });
            let tomorrow = Micros::from(day.0 + 1) * DAY - stretch.offset;
            match found {
                Some(open) if open < stretch.end => return Some(open),
                _ => at = tomorrow.min(stretch.end),
            }
        }
    }

    /// Returns the last close at or before an instant; the instant itself if no day opens.
    pub fn last_close(&self, at: Micros) -> Micros {
        let day = self.day_of(at);
        let candidates = (-1..LOOK_DAYS).map(|back| day.plus(-back)).filter(|day| self.is_open_day(*day));
        candidates.map(|day| self.close(day)).find(|close| *close <= at).unwrap_or(at)
    }

    /// Returns the n-th open day after a day (n ≥ 1) or before it (n ≤ −1); for 0 the day itself.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Playbook;
    /// use followup_core::time::Day;
    ///
    /// let playbook = Playbook::default();
    /// let friday = Day::of("2026-03-06".parse()?);
    /// assert_eq!(playbook.calendar().plus_open_days(friday, 1).date().to_string(), "2026-03-09");
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    pub fn plus_open_days(&self, day: Day, n: i32) -> Day {
        let step = n.signum();
        let mut found = day;
        let mut left = n.abs();
        let mut looked = 0;
        while left > 0 && looked < LOOK_DAYS {
            found = found.plus(step);
            looked += 1;
            if self.is_open_day(found) {
                left -= 1;
                looked = 0;
            }
        }
        found
    }

    /// Returns the day that is a span after a day. Exact spans count as whole days, rounded up.
    pub fn plus(&self, day: Day, span: Span) -> Day {
        let count = i32::try_from(span.count()).unwrap_or(i32::MAX);
        match span.unit() {
            Unit::Months => day.plus_months(span.count()),
            Unit::Weeks => day.plus(count.saturating_mul(7)),
            Unit::Days => day.plus(count),
            Unit::OpenDays => self.plus_open_days(day, count),
            Unit::Hours => day.plus((count - 1) / 24 + 1),
            Unit::Minutes => day.plus((count - 1) / (24 * 60) + 1),
        }
    }

    /// Returns the instant that is a span after an instant: the same clock time on a later day, or exact time later.
    ///
    /// # Examples
    /// ```
    /// use followup_core::time::{to_instant, to_micros};
    /// use followup_core::{Playbook, Span};
    ///
    /// let playbook = Playbook::parse("zone = \"Europe/Berlin\"")?;
    /// // The clocks change in the night to 29 March.
    /// let saturday = to_micros("2026-03-28T11:00:00Z".parse()?);
    /// let (day, hours) = (Span::days(1), Span::hours(24));
    /// let after = |span| to_instant(playbook.calendar().after(saturday, span)).to_rfc3339();
    /// assert_eq!(after(day), "2026-03-29T10:00:00+00:00");
    /// assert_eq!(after(hours), "2026-03-29T11:00:00+00:00");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn after(&self, at: Micros, span: Span) -> Micros {
        let count = Micros::from(span.count());
        match span.unit() {
            Unit::Hours => at + count * HOUR,
            Unit::Minutes => at + count * MINUTE,
            _ => {
                let local = self.zone.local(at);
                let day = self.plus(self.day_of(at), span);
                self.zone.instant(Micros::from(day.0) * DAY + local.rem_euclid(DAY))
            }
        }
    }
}

/// Splits a local clock time into its day and the second of that day.
fn split(local: Micros) -> (Day, u32) {
    (Day(local.div_euclid(DAY) as i32), (local.rem_euclid(DAY) / SECOND) as u32)
}
