//! Zones and instants that reveal mistakes with time.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::sample::select;

use followup_core::policy::Policy;
use followup_core::time::{SECOND, Zone, to_instant, to_micros};

/// Zones with clock changes of an hour, half an hour and two hours, at midnight, in autumn, and without changes. A
/// failing zone shrinks to the first.
const ZONES: [&str; 14] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Pacific/Apia",
    "Pacific/Chatham",
    "America/Sao_Paulo",
    "America/Santiago",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Antarctica/Troll",
];

/// Returns a strategy for zones with clock changes of every kind, and without; shrinks to UTC.
pub fn arb_zone() -> impl Strategy<Value = Zone> {
    select(&ZONES[..]).prop_map(|name| name.parse().expect("the zone exists"))
}

/// Returns a strategy for awkward instants of a zone, from 2024 to 2034: near its clock changes, month ends, leap days,
/// year ends, the playbook's holidays, and its opening and closing times; shrinks to Monday 2 March 2026, 9:00.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_testing::{History, Promise, arb_instant, arb_zone, proptest::prelude::*};
///
/// let policy = Policy::default();
/// let added = arb_zone()
///     .prop_flat_map(|zone| arb_instant(zone, &policy).prop_map(move |at| History::added(zone, at)));
/// proptest!(|(added in added)| {
///     Promise::OpenHours.check(&added, &policy)?;
/// });
/// ```
pub fn arb_instant(zone: Zone, policy: &Policy) -> impl Strategy<Value = DateTime<Utc>> + use<> {
    let policy = policy.clone();
    dials().prop_map(move |dials| awkward(zone, &policy, dials))
}

/// The choice of an awkward instant: its kind, its number within the kind, and its offset.
pub(super) type Dials = (usize, u32, i64);

pub(super) fn dials() -> impl Strategy<Value = Dials> {
    let beside = [0, -1, 1, -SECOND, SECOND, -3_600 * SECOND, 3_600 * SECOND, -20 * 3_600 * SECOND];
    (0..8_usize, 0..60_u32, select(beside.to_vec()))
}

pub(super) fn awkward(zone: Zone, policy: &Policy, (sort, nth, beside): Dials) -> DateTime<Utc> {
    let base = date(2026, 3, 2);
    let local = match sort {
        0 => at_hour(base + Days::new(nth.into()), 9),
        1 => return clock_change(zone, nth) + TimeDelta::microseconds(beside),
        2 => at_hour(date(2024, 2, 1) + Months::new(nth), 0),
        3 => at_hour(date(2024 + 4 * (nth as i32 % 3), 2, 29), 12),
        4 => at_hour(date(2024 + nth as i32 % 10, 1, 1), 0),
        5 => at_second(base + Days::new(nth.into()), opening_and_close(policy, nth).0),
        6 => at_second(base + Days::new(nth.into()), opening_and_close(policy, nth).1),
        _ => {
            let holidays = &policy.settings().holidays;
            let holiday = holidays.get(nth as usize % holidays.len().max(1)).copied();
            at_hour(holiday.unwrap_or(date(2026, 12, 25)), 12)
        }
    };
    zone.instant_of(local) + TimeDelta::microseconds(beside)
}

/// Returns the beginning and the end of the open hours of the nth day after a Monday; a closed day has all hours.
fn opening_and_close(policy: &Policy, nth: u32) -> (u32, u32) {
    let weekday = (date(2026, 3, 2) + Days::new(nth.into())).weekday();
    let intervals = policy.settings().working_hours.of(weekday).intervals();
    let first = intervals.first().map_or(0, |(from, _)| *from);
    (first, intervals.last().map_or(86_400, |(_, to)| *to))
}

/// Returns the nth change of the zone's clocks since 2024; without changes, the beginning of a month.
fn clock_change(zone: Zone, nth: u32) -> DateTime<Utc> {
    let start = zone.instant_of(at_hour(date(2024, 1, 1), 0));
    let end = zone.stretch(to_micros(start)).end;
    let change = (0..nth % 16).fold(end, |end, _| if end == i64::MAX { end } else { zone.stretch(end).end });
    if change == i64::MAX {
        return zone.instant_of(at_hour(date(2024, 1, 1) + Months::new(nth), 0));
    }
    to_instant(change)
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the date exists")
}

fn at_hour(date: NaiveDate, hour: u32) -> NaiveDateTime {
    at_second(date, hour * 3_600)
}

fn at_second(date: NaiveDate, second: u32) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::seconds(second.into())
}
