//! Times are correct at every clock change of every zone, in the open hours of plans and in civil days (R9).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use followup::event::{EventKind, Request};
use followup::plan::{Action, WakeKind};
use followup::{Channel, Event, Playbook, Policy, ProspectState, Zone, plan};
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::proof::Proof;
use crate::scratch::Scratch;

/// The range of the transitions, from inclusive to exclusive.
const FROM: &str = "1970-01-01T00:00:00Z";
const TO: &str = "2100-01-01T00:00:00Z";

const HOUR: i64 = 3600;
/// Offsets of the events from a transition, in seconds.
const OFFSETS: [i64; 5] = [-24 * HOUR, -HOUR, 0, HOUR / 2, 24 * HOUR];

/// Open intervals of a day, in local seconds since midnight, end exclusive.
type Hours = &'static [(i64, i64)];

/// A playbook, with its working hours repeated independently: Monday to Friday, Saturday, Sunday.
struct House {
    policy: Policy,
    hours: [Hours; 3],
}

const OFFICE: Hours = &[(9 * HOUR, 17 * HOUR)];
const NIGHT: Hours = &[(HOUR / 2, 5 * HOUR / 2), (10 * HOUR, 12 * HOUR)];
const SATURDAY: Hours = &[(22 * HOUR, 24 * HOUR)];
const SUNDAY: Hours = &[(HOUR / 2, 5 * HOUR / 2)];
/// Hours in which most clocks change; some change at midnight.
const NIGHTLY: &str = r#"
[working_hours]
mon = ["00:30-02:30", "10:00-12:00"]
tue = ["00:30-02:30", "10:00-12:00"]
wed = ["00:30-02:30", "10:00-12:00"]
thu = ["00:30-02:30", "10:00-12:00"]
fri = ["00:30-02:30", "10:00-12:00"]
sat = ["22:00-24:00"]
sun = ["00:30-02:30"]
"#;
const CLOSES_LATER: &str = r#"
[working_hours]
mon = ["09:00-18:00"]
tue = ["09:00-18:00"]
wed = ["09:00-18:00"]
thu = ["09:00-18:00"]
fri = ["09:00-18:00"]
"#;

pub(crate) struct Zones {
    names: Vec<String>,
    houses: Vec<House>,
    /// A playbook whose pauses last until the same time of the next day.
    pausing: Policy,
    /// Planted bug: plans use another zone than the one being checked.
    elsewhere: bool,
    transitions: AtomicU64,
    plans: AtomicU64,
}

impl Proof for Zones {
    const NAME: &'static str = "zones";
    const PROMISE: &'static str = "R9";
    const PLANTED: &'static [&'static str] = &["closes-an-hour-later", "a-day-is-24-hours", "another-zone"];

    fn prepare(_: u64, planted: Option<&str>) -> Result<Zones> {
        let office = if planted == Some("closes-an-hour-later") { CLOSES_LATER } else { "" };
        let pause = if planted == Some("a-day-is-24-hours") { "PT24H" } else { "P1D" };
        let available = TimeZoneDatabase::bundled();
        let mut names: Vec<String> = available.available().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        Ok(Zones {
            names,
            houses: vec![
                House { policy: Playbook::parse(office)?.into(), hours: [OFFICE, &[], &[]] },
                House { policy: Playbook::parse(NIGHTLY)?.into(), hours: [NIGHT, SATURDAY, SUNDAY] },
            ],
            pausing: Playbook::parse(&format!("[absence]\npause = \"{pause}\""))?.into(),
            elsewhere: planted == Some("another-zone"),
            transitions: AtomicU64::new(0),
            plans: AtomicU64::new(0),
        })
    }

    fn points(&self) -> usize {
        self.names.len()
    }

    fn name_of(&self, point: usize) -> String {
        self.names[point].clone()
    }

    fn check(&self, point: usize, _: &Scratch) -> Result<()> {
        let name = &self.names[point];
        let place = Place { name, rules: TimeZoneDatabase::bundled().get(name)? };
        let zone = if self.elsewhere { Zone::utc() } else { Zone::named(name)? };
        let (from, to): (Timestamp, Timestamp) = (FROM.parse()?, TO.parse()?);
        let following = place.rules.following(from).map(|transition| transition.timestamp());
        // A zone without transitions is checked once.
        let transitions = std::iter::once(from).chain(following.take_while(|at| *at < to));
        for transition in transitions {
            self.transitions.fetch_add(1, Ordering::Relaxed);
            for offset in OFFSETS {
                let at = transition.as_second() + offset;
                let told = || format!("{offset} s after {transition}");
                for house in &self.houses {
                    self.lands_in_open_hours(house, &place, zone, at).with_context(told)?;
                }
                self.returns_tomorrow_at_the_same_time(&place, zone, at).with_context(told)?;
            }
        }
        Ok(())
    }

    fn take_figures(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::from([
            ("transitions", self.transitions.swap(0, Ordering::Relaxed)),
            ("plans", self.plans.swap(0, Ordering::Relaxed)),
        ])
    }
}

impl Zones {
    /// Checks an answer by email and a first contact by phone.
    fn lands_in_open_hours(&self, house: &House, place: &Place<'_>, zone: Zone, at: i64) -> Result<()> {
        let inquired = EventKind::Requested { request: Request::Inquired, channel: Some(Channel::EMAIL) };
        for event in [Event::new(instant(at)?, inquired), Event::added(instant(at)?)] {
            let name = event.name();
            let state = ProspectState::replay_at(zone, [event.with_key("first")])?;
            let plan = plan(&state, &house.policy);
            self.plans.fetch_add(1, Ordering::Relaxed);
            let action = plan.next().with_context(|| format!("nothing is planned after {name}"))?;
            let open = Open { house, place, calls: action.channel == Some(Channel::PHONE) };
            open.holds(action, at).with_context(|| format!("{name}: {plan}"))?;
        }
        Ok(())
    }

    fn returns_tomorrow_at_the_same_time(&self, place: &Place<'_>, zone: Zone, at: i64) -> Result<()> {
        let paused = EventKind::Paused { until: None, why: None };
        let added = Event::added(instant(at - 24 * HOUR)?).with_key("added");
        let state =
            ProspectState::replay_at(zone, [added, Event::new(instant(at)?, paused).with_key("paused")])?;
        let plan = plan(&state, &self.pausing);
        self.plans.fetch_add(1, Ordering::Relaxed);
        let wake = plan.wake.context("a pause without a date has no wake-up")?;
        ensure!(wake.kind == WakeKind::Resumed, "a pause ends with {:?}; expected Resumed", wake.kind);
        let tomorrow = place.tomorrow(at)?;
        ensure!(
            wake.at() == instant(tomorrow)?,
            "a pause from {} lasts until {}; expected {}",
            place.clock(at),
            place.clock(wake.at().timestamp()),
            place.clock(tomorrow),
        );
        Ok(())
    }
}

/// A zone as read by jiff.
struct Place<'a> {
    name: &'a str,
    rules: TimeZone,
}

impl Place<'_> {
    fn local(&self, at: i64) -> jiff::civil::DateTime {
        self.rules.to_datetime(Timestamp::from_second(at).expect("in range"))
    }

    fn clock(&self, at: i64) -> String {
        format!("{} {}", self.local(at), self.name)
    }

    /// One civil day later. jiff moves a skipped local time forward by the gap and takes the earlier of two.
    fn tomorrow(&self, at: i64) -> Result<i64> {
        let reading = self.local(at).checked_add(jiff::Span::new().days(1))?;
        // Greenland's clocks did not move that night, but the offset became the standard one. jiff 0.2.46 reads the
        // hour before as if they had moved.
        let greenland = matches!(self.name, "America/Nuuk" | "America/Godthab");
        if greenland && reading.date() == jiff::civil::date(2023, 10, 28) {
            return Ok(at + 24 * HOUR);
        }
        Ok(self.rules.to_ambiguous_timestamp(reading).compatible()?.as_second())
    }
}

/// The hours in which a person may be reached.
struct Open<'a> {
    house: &'a House,
    place: &'a Place<'a>,
    calls: bool,
}

impl Open<'_> {
    fn is_at(&self, at: i64) -> bool {
        self.shows(self.place.local(at))
    }

    /// Whether a local time is within the open hours.
    fn shows(&self, local: jiff::civil::DateTime) -> bool {
        let second =
            i64::from(local.hour()) * HOUR + i64::from(local.minute()) * 60 + i64::from(local.second());
        let hours = match local.weekday() {
            Weekday::Saturday => self.house.hours[1],
            Weekday::Sunday => self.house.hours[2],
            _ => self.house.hours[0],
        };
        let decent = !self.calls || (8 * HOUR..21 * HOUR).contains(&second);
        decent && hours.iter().any(|(from, to)| (*from..*to).contains(&second))
    }

    /// Checks that the window of an action is within open hours and that no earlier open instant exists since `at`.
    fn holds(&self, action: &Action, at: i64) -> Result<()> {
        let window = action.window;
        let [earliest, target, latest] =
            [window.earliest, window.target, window.latest].map(|at| at.timestamp());
        let clock = |at| self.place.clock(at);
        ensure!(earliest <= target && target <= latest, "the instants of the window are out of order");
        ensure!(self.is_at(earliest), "the earliest instant is outside of open hours: {}", clock(earliest));
        ensure!(self.is_at(target), "the target is outside of open hours: {}", clock(target));
        // The latest instant is a closing time, the first second that is not open.
        ensure!(
            self.is_at(latest - 1),
            "the second before the latest instant is outside of open hours: {}",
            clock(latest)
        );
        ensure!(!self.is_at(latest), "the latest instant is not a closing time: {}", clock(latest));
        ensure!(at <= earliest, "the window opens before the event");
        let sooner = self.first(at, earliest);
        ensure!(sooner == earliest, "an earlier instant is open: {}", clock(sooner));
        Ok(())
    }

    /// The first open instant before `until`. Walks minute by minute near both ends, and in quarters of an hour in
    /// between, where there are no transitions and no shorter open intervals.
    fn first(&self, from: i64, until: i64) -> i64 {
        if from < until && self.is_at(until - 1) {
            return until - 1;
        }
        let mut at = from;
        while at < until {
            if self.is_at(at) {
                return at;
            }
            let near = at - from < 27 * HOUR || until - at < HOUR;
            at += if near { 60 } else { 15 * 60 };
        }
        until
    }
}

fn instant(second: i64) -> Result<DateTime<Utc>> {
    DateTime::UNIX_EPOCH.checked_add_signed(TimeDelta::seconds(second)).context("instant out of range")
}
