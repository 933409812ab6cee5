//! Zone-aware dates, computed with chrono-tz and with the library: a number of days later in a given zone, then moved
//! forward into Tuesdays and Thursdays from 10:00 to 12:00, except on holidays.

use std::collections::HashSet;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use followup::time::{DayHours, WeekHours, Weekdays, Zone};

use crate::people::{ZONES, start};
use crate::random::Random;

/// Month and day of the holidays of each year.
const HOLIDAYS: [(u32, u32); 14] = [
    (1, 1),
    (1, 19),
    (2, 16),
    (4, 6),
    (5, 25),
    (6, 19),
    (7, 4),
    (7, 6),
    (9, 7),
    (10, 12),
    (11, 11),
    (11, 26),
    (12, 24),
    (12, 25),
];

/// A request for a date.
struct Wish {
    at: DateTime<Utc>,
    days: u64,
    zone: Zone,
    theirs: chrono_tz::Tz,
}

/// The requests for dates, and the open hours.
pub struct Dates {
    wishes: Vec<Wish>,
    week: WeekHours,
    holidays: HashSet<NaiveDate>,
    opens: NaiveTime,
    closes: NaiveTime,
}

impl Dates {
    /// Makes the given number of requests, in eight zones over a year, and checks that both implementations agree on
    /// all of them.
    ///
    /// # Errors
    /// If the implementations disagree.
    pub fn make(many: usize) -> Result<Dates> {
        let mut random = Random::seeded(5);
        let wish = || {
            let name = ZONES[random.below(8) as usize];
            let at = start() + TimeDelta::seconds(random.below(365 * 86_400) as i64);
            Ok(Wish { at, days: 1 + random.below(14), zone: Zone::named(name)?, theirs: name.parse()? })
        };
        let of_year = |year| HOLIDAYS.iter().filter_map(move |(m, d)| NaiveDate::from_ymd_opt(year, *m, *d));
        let clock = |hour| NaiveTime::from_hms_opt(hour, 0, 0).context("invalid hour of the day");
        let dates = Dates {
            wishes: std::iter::repeat_with(wish).take(many).collect::<Result<_>>()?,
            week: WeekHours::on(Weekdays::parse(["tue", "thu"])?, DayHours::parse(["10:00-12:00"])?),
            holidays: (2027..2030).flat_map(of_year).collect(),
            opens: clock(10)?,
            closes: clock(12)?,
        };
        for number in 0..many {
            let (ours, theirs) = (dates.ours(number), dates.chrono_tz(number)?);
            ensure!(ours == theirs, "the library computes {ours}, chrono-tz {theirs}");
        }
        Ok(dates)
    }

    fn wish(&self, number: usize) -> &Wish {
        &self.wishes[number % self.wishes.len()]
    }

    /// Computes a date with the library's time module.
    pub fn ours(&self, number: usize) -> DateTime<Utc> {
        let Wish { at, days, zone, .. } = self.wish(number);
        let local = zone.local_time(*at);
        let mut day = local.date() + Days::new(*days);
        let mut time = local.time();
        loop {
            if !self.holidays.contains(&day)
                && let Some(open) = first_open(self.week.of(day.weekday()), time)
            {
                return zone.instant_of(day.and_time(open));
            }
            (day, time) = (day + Days::new(1), NaiveTime::MIN);
        }
    }

    /// Computes the same date with chrono and chrono-tz.
    ///
    /// # Errors
    /// If a local time is still skipped an hour later.
    pub fn chrono_tz(&self, number: usize) -> Result<DateTime<Utc>> {
        let Wish { at, days, theirs, .. } = self.wish(number);
        let local = at.with_timezone(theirs).naive_local();
        let mut day = local.date() + Days::new(*days);
        let mut time = local.time();
        loop {
            let is_open = matches!(day.weekday(), chrono::Weekday::Tue | chrono::Weekday::Thu);
            if is_open && time < self.closes && !self.holidays.contains(&day) {
                break;
            }
            (day, time) = (day + Days::new(1), NaiveTime::MIN);
        }
        let reading = day.and_time(time.max(self.opens));
        let at = match theirs.from_local_datetime(&reading) {
            MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at,
            MappedLocalTime::None => {
                let later = theirs.from_local_datetime(&(reading + TimeDelta::hours(1))).earliest();
                later.context("a clock change skips more than one hour")?
            }
        };
        Ok(at.to_utc())
    }
}

/// The first open time of a day at or after the given time.
fn first_open(hours: &DayHours, time: NaiveTime) -> Option<NaiveTime> {
    use chrono::Timelike;
    let second = time.num_seconds_from_midnight();
    let (from, _) = hours.intervals().iter().find(|(_, to)| second < *to)?;
    if second >= *from { Some(time) } else { NaiveTime::from_num_seconds_from_midnight_opt(*from, 0) }
}
