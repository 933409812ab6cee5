//! Checks civil time against tables that other libraries computed, and against jiff for every zone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use chrono::{NaiveDate, NaiveDateTime, Weekday};
use jiff::Timestamp;
use jiff::civil::DateTime as Civil;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::*;

const LOCAL_TO_UTC: &[u8] = include_bytes!("../../tests/data/local_to_utc.csv.gz");
const ADD_DAYS: &[u8] = include_bytes!("../../tests/data/add_days.csv.gz");
const BUSINESS_DAYS: &[u8] = include_bytes!("../../tests/data/business_days.csv.gz");
const HOLIDAYS: &[u8] = include_bytes!("../../tests/data/holidays.csv.gz");

/// Returns the rows of a table without its header.
fn rows(gzip: &[u8]) -> Vec<csv::StringRecord> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(gzip).read_to_string(&mut text).unwrap();
    csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect()
}

fn local(text: &str) -> Micros {
    text.parse::<NaiveDateTime>().unwrap().and_utc().timestamp_micros()
}

fn utc(text: &str) -> Micros {
    to_micros(text.parse().unwrap())
}

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn day(text: &str) -> Day {
    Day::of(text.parse::<NaiveDate>().unwrap())
}

#[test]
fn every_local_time_of_the_table_is_the_instant_before_the_change() {
    let (mut gaps, mut folds, mut uniques) = (0, 0, 0);
    for row in rows(LOCAL_TO_UTC) {
        let (zone, clock, kind) = (zone(&row[0]), local(&row[1]), &row[2]);
        let (first, second) = (utc(&row[3]), utc(&row[4]));
        assert_eq!(zone.instant(clock), first, "{row:?}");
        match kind {
            "unique" => {
                uniques += 1;
                assert_eq!((zone.local(first), first), (clock, second), "{row:?}");
            }
            "fold" => {
                folds += 1;
                assert!(first < second, "{row:?}");
                assert_eq!((zone.local(first), zone.local(second)), (clock, clock), "{row:?}");
            }
            "gap" => {
                // The two readings are as far apart as the clocks move, and the skipped reading is between them.
                gaps += 1;
                assert_eq!(zone.local(first) - clock, first - second, "{row:?}");
                assert_eq!(clock - zone.local(second), first - second, "{row:?}");
            }
            other => panic!("unknown kind of local time: {other}"),
        }
    }
    assert_eq!((gaps, folds, uniques), (96, 96, 1080));
}

#[test]
fn days_are_added_at_the_same_wall_clock_and_hours_exactly() {
    let rows = rows(ADD_DAYS);
    for row in &rows {
        let zone = zone(&row[0]);
        let calendar = Calendar::new(zone, WeekHours::always(), &[]);
        let (from, days) = (utc(&row[1]), row[2].parse::<u32>().unwrap());
        assert_eq!(calendar.after(from, Span::days(days)), utc(&row[3]), "{row:?}");
        assert_eq!(calendar.after(from, Span::hours(24 * days)), utc(&row[4]), "{row:?}");
    }
    assert_eq!(rows.len(), 720);
}

/// Returns the holidays of each country in the table.
fn holidays() -> BTreeMap<String, Vec<Day>> {
    let mut countries: BTreeMap<String, Vec<Day>> = BTreeMap::new();
    for row in rows(HOLIDAYS) {
        countries.entry(row[0].to_owned()).or_default().push(day(&row[1]));
    }
    for days in countries.values_mut() {
        days.sort();
        days.dedup();
    }
    countries
}

/// Returns hours of 9:00 to 17:00, on Sunday to Thursday in Israel and on Monday to Friday elsewhere.
fn working_week(country: &str) -> WeekHours {
    let hours = DayHours::from_to(9 * 3600, 17 * 3600).unwrap();
    match country {
        "IL" => {
            let weekend = [Weekday::Fri, Weekday::Sat];
            WeekHours::on(WEEK.into_iter().filter(|weekday| !weekend.contains(weekday)).collect(), hours)
        }
        _ => WeekHours::on(Weekdays::WORKING, hours),
    }
}

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

#[test]
fn open_days_are_counted_as_the_table_of_business_days_says() {
    let holidays = holidays();
    let rows = rows(BUSINESS_DAYS);
    for row in &rows {
        let calendar = Calendar::new(Zone::utc(), working_week(&row[0]), &holidays[&row[0]]);
        let (date, end) = (day(&row[1]), day(&row[6]));
        assert_eq!(calendar.is_open_day(date), &row[2] == "yes", "{row:?}");
        assert_eq!(calendar.plus_open_days(date, row[3].parse().unwrap()), day(&row[4]), "{row:?}");
        let same_or_next = if calendar.is_open_day(date) { date } else { calendar.plus_open_days(date, 1) };
        assert_eq!(same_or_next, day(&row[5]), "{row:?}");
        let between = (date.0..end.0).filter(|day| calendar.is_open_day(Day(*day))).count();
        assert_eq!(between, row[7].parse::<usize>().unwrap(), "{row:?}");
    }
    assert_eq!(rows.len(), 360);
}

#[test]
fn holidays_and_weekends_are_closed_and_every_other_day_is_open() {
    let countries = holidays();
    assert_eq!(rows(HOLIDAYS).len(), 536);
    for (country, holidays) in &countries {
        let calendar = Calendar::new(Zone::utc(), working_week(country), holidays);
        for number in day("2023-01-01").0..day("2031-01-01").0 {
            let date = Day(number);
            let weekend = match date.date().format("%a").to_string().as_str() {
                "Fri" => country == "IL",
                "Sat" => true,
                "Sun" => country != "IL",
                _ => false,
            };
            let closed = weekend || holidays.contains(&date);
            assert_eq!(calendar.is_open_day(date), !closed, "{country} {}", date.date());
            // A closed day opens at its 0:00 and closes at its 24:00.
            let midnight = Micros::from(number) * DAY;
            let (opening, close) = if closed { (0, 24) } else { (9, 17) };
            assert_eq!(calendar.opening(date), midnight + opening * HOUR, "{country} {}", date.date());
            assert_eq!(calendar.close(date), midnight + close * HOUR, "{country} {}", date.date());
        }
    }
}

/// Returns the offset of a zone, in hours, at noon UTC of the first of each month from 2025 to 2030.
fn monthly_offsets(zone: Zone) -> Vec<i64> {
    let months = (2025..=2030).flat_map(|year| (1..=12).map(move |month| (year, month)));
    let noons = months.map(|(year, month)| local(&format!("{year}-{month:02}-01T12:00:00")));
    noons.map(|at| zone.stretch(at).offset / HOUR).collect()
}

#[test]
fn zones_that_changed_their_rules_in_2026_have_the_new_ones() {
    assert_eq!(TZDB_VERSION, "2026f");
    // Summer time in 2025, and permanently from 8 March 2026.
    for (name, winter) in [("America/Vancouver", -8), ("America/Edmonton", -7), ("America/Winnipeg", -6)] {
        let expected: Vec<i64> = (2025..=2030)
            .flat_map(|year| (1..=12).map(move |month| (year, month)))
            .map(|(year, month)| match (year, month) {
                // The clocks change after 1 March and after 1 November.
                (2025, 4..=11) => winter + 1,
                (2025, _) | (2026, 1..=3) => winter,
                _ => winter + 1,
            })
            .collect();
        assert_eq!(monthly_offsets(zone(name)), expected, "{name}");
    }
    // Morocco is at +1 outside Ramadan until 20 September 2026, and at +0 from then on.
    let expected: Vec<i64> = (2025..=2030)
        .flat_map(|year| (1..=12).map(move |month| (year, month)))
        .map(|(year, month)| match (year, month) {
            (2025, 3..=4) | (2026, 3) | (2026, 10..=12) | (2027.., _) => 0,
            _ => 1,
        })
        .collect();
    assert_eq!(monthly_offsets(zone("Africa/Casablanca")), expected);
    let database = TimeZoneDatabase::bundled();
    for name in ["America/Vancouver", "America/Edmonton", "America/Winnipeg", "Africa/Casablanca"] {
        let (zone, rules) = (zone(name), database.get(name).unwrap());
        let mut at = utc("2025-01-01T00:00:00Z");
        while at < utc("2031-01-01T00:00:00Z") {
            assert_eq!(zone.stretch(at).offset, jiff_offset(&rules, at), "{name} at {}", to_instant(at));
            at += HOUR / 2;
        }
    }
}

fn jiff_offset(rules: &TimeZone, at: Micros) -> Micros {
    Micros::from(rules.to_offset(Timestamp::from_microsecond(at).unwrap()).seconds()) * SECOND
}

fn jiff_instant(rules: &TimeZone, local: Micros) -> Micros {
    let clock: Civil = TimeZone::UTC.to_datetime(Timestamp::from_microsecond(local).unwrap());
    rules.to_ambiguous_timestamp(clock).compatible().unwrap().as_microsecond()
}

/// The range of event dates, less a margin for the offsets.
const FROM: &str = "1900-01-02T00:00:00Z";
const TO: &str = "2199-12-30T00:00:00Z";

/// Returns the instant of a clock reading beside a change: the earlier instant that shows it, or, if none does, the
/// instant by the offset before the change.
fn by_definition(rules: &TimeZone, change: Micros, clock: Micros) -> Micros {
    let (before, after) = (jiff_offset(rules, change - 1), jiff_offset(rules, change));
    let readings = [clock - before.max(after), clock - before.min(after)];
    let shown = readings.into_iter().find(|at| at + jiff_offset(rules, *at) == clock);
    shown.unwrap_or(clock - before)
}

#[test]
fn every_transition_of_every_zone_reads_as_jiff_reads_it() {
    let database = TimeZoneDatabase::bundled();
    let (mut zones, mut transitions) = (0, 0);
    let mut jiff_errs = BTreeSet::new();
    for name in database.available() {
        let (zone, rules) = (zone(name.as_str()), database.get(name.as_str()).unwrap());
        zones += 1;
        let start = Timestamp::from_microsecond(utc(FROM)).unwrap();
        for transition in rules.following(start) {
            let change = transition.timestamp().as_microsecond();
            if change >= utc(TO) {
                break;
            }
            transitions += 1;
            let half_hour = 30 * MINUTE;
            for delta in [-half_hour, -SECOND, -1, 0, 1, SECOND, half_hour] {
                let at = change + delta;
                assert_eq!(zone.stretch(at).offset, jiff_offset(&rules, at), "{name} at {}", to_instant(at));
                for offset in [jiff_offset(&rules, change - 1), jiff_offset(&rules, change)] {
                    let clock = change + offset + delta;
                    let (ours, theirs) = (zone.instant(clock), jiff_instant(&rules, clock));
                    let shows = to_instant(clock);
                    assert_eq!(ours, by_definition(&rules, change, clock), "{name}: the clock shows {shows}");
                    if ours != theirs {
                        jiff_errs.insert(format!("{name} {}", shows.date_naive()));
                    }
                }
            }
        }
    }
    assert!(zones >= 590, "{zones} zones");
    assert!(transitions >= 100_000, "{transitions} transitions");
    // Greenland kept its summer offset as the new standard offset, so no clock moved that night. jiff 0.2.46 reads
    // the hour before as if one had moved, and its answer does not show the requested time.
    let greenland = ["America/Godthab 2023-10-28", "America/Nuuk 2023-10-28"];
    assert_eq!(jiff_errs, greenland.map(str::to_owned).into());
}

#[test]
fn every_hour_of_a_lifetime_reads_back_in_every_zone() {
    let database = TimeZoneDatabase::bundled();
    for name in database.available() {
        let (zone, rules) = (zone(name.as_str()), database.get(name.as_str()).unwrap());
        // The step does not divide a day, so every hour and weekday occurs.
        let mut at = utc("1970-01-01T00:00:00Z");
        while at < utc("2100-01-01T00:00:00Z") {
            let clock = at + jiff_offset(&rules, at);
            assert_eq!(zone.local(at), clock, "{name} at {}", to_instant(at));
            assert_eq!(zone.instant(clock), jiff_instant(&rules, clock), "{name} at {}", to_instant(at));
            at += 37 * DAY + 7 * HOUR + 11 * MINUTE;
        }
    }
}

/// Returns hours that clock changes cut: usual ones, around midnight, and inside the skipped or repeated hour.
fn awkward_hours() -> Vec<DayHours> {
    let days: [&[&str]; 7] = [
        &["09:00-17:00"],
        &["09:00-12:00", "13:00-17:30"],
        &["00:00-24:00"],
        &["00:00-00:30", "23:30-24:00"],
        &["00:20-01:40", "02:20-03:40"],
        &["01:00-02:30"],
        &["02:30-04:00"],
    ];
    days.iter().map(|intervals| DayHours::parse(intervals.iter().copied()).unwrap()).collect()
}

/// Local clock times minute by minute, by jiff, and whether each is open.
struct Walk {
    from: Micros,
    minutes: Vec<(Day, bool)>,
}

impl Walk {
    fn new(rules: &TimeZone, hours: &DayHours, closed: Day, from: Micros, minutes: i64) -> Walk {
        let minute = |number: i64| {
            let clock = from + number * MINUTE;
            let clock = clock + jiff_offset(rules, clock);
            let (day, second) = (Day(clock.div_euclid(DAY) as i32), clock.rem_euclid(DAY) / SECOND);
            let within = |(a, b): &(u32, u32)| (i64::from(*a)..i64::from(*b)).contains(&second);
            (day, day != closed && hours.intervals().iter().any(within))
        };
        Walk { from, minutes: (0..minutes).map(minute).collect() }
    }

    fn at(&self, number: usize) -> Micros {
        self.from + number as Micros * MINUTE
    }

    fn next_open(&self, number: usize) -> Option<Micros> {
        (number..self.minutes.len()).find(|number| self.minutes[*number].1).map(|number| self.at(number))
    }

    /// Returns the first open minute of a day and the end of its last one; for a closed day, the day itself.
    fn hours_of(&self, day: Day) -> (Micros, Micros) {
        let of_day = |number: &usize| self.minutes[*number].0 == day;
        let numbers: Vec<usize> = (0..self.minutes.len()).filter(of_day).collect();
        let open: Vec<usize> = numbers.iter().copied().filter(|number| self.minutes[*number].1).collect();
        let hours = if open.is_empty() { &numbers } else { &open };
        (self.at(hours[0]), self.at(hours[hours.len() - 1] + 1))
    }
}

#[test]
fn c16_open_hours_are_the_minutes_whose_local_time_lies_in_them() {
    let names = [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Santiago",
        "Asia/Beirut",
        "Africa/Cairo",
        "Antarctica/Troll",
        "Asia/Tehran",
        "America/Sao_Paulo",
        "Africa/Casablanca",
    ];
    let database = TimeZoneDatabase::bundled();
    let mut compared = 0;
    for name in names {
        let (zone, rules) = (zone(name), database.get(name).unwrap());
        let start = Timestamp::from_microsecond(utc("2016-01-01T00:00:00Z")).unwrap();
        for transition in rules.following(start).take(14) {
            let change = transition.timestamp().as_microsecond();
            let first = zone.day_of(change).plus(-2);
            for hours in awkward_hours() {
                let closed = [first.plus(3)];
                let all_week = WeekHours::on(WEEK.into_iter().collect(), hours);
                let calendar = Calendar::new(zone, all_week, &closed);
                let walk = Walk::new(&rules, &hours, closed[0], calendar.midnight(first), 7 * 24 * 60);
                for day in (0..5).map(|days| first.plus(days)) {
                    let context = format!("{name} {} {hours:?}", day.date());
                    let found = (calendar.opening(day), calendar.close(day));
                    assert_eq!(found, walk.hours_of(day), "{context}");
                    let opens = walk.minutes.iter().any(|(of, open)| *of == day && *open);
                    assert_eq!(calendar.is_open_day(day), opens, "{context}");
                    if opens {
                        assert_eq!(calendar.last_close(found.1), found.1, "{context}");
                    }
                }
                for number in (0..5 * 24 * 60).step_by(7) {
                    let (at, (_, open)) = (walk.at(number), walk.minutes[number]);
                    let context = || format!("{name} {} {hours:?}", to_instant(at));
                    assert_eq!(calendar.is_open(at), open, "{}", context());
                    assert_eq!(Some(calendar.next_open(at)), walk.next_open(number), "{}", context());
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 500_000, "{compared}");
}
