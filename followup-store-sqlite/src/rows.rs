//! Conversion between rows and the values of the store contract.

use chrono::{DateTime, Utc};
use followup_core::ProspectId;
use followup_core::store::{Due, Head, Record, Revision, Snapshot, StoreErrorKind};
use rusqlite::{Connection, Row};

use crate::checksum;
use crate::dictionary::Dictionary;
use crate::errors::Failure;

/// Returns an instant as it is stored: whole microseconds since 1970. Anything finer is cut off.
pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// Returns an exclusive bound as it is compared: a stored instant is less if and only if it is before the bound.
pub(crate) fn micros_bound(before: DateTime<Utc>) -> i64 {
    micros(before) + i64::from(!before.timestamp_subsec_nanos().is_multiple_of(1000))
}

pub(crate) fn instant(micros: i64) -> Result<DateTime<Utc>, Failure> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| Failure::corrupt(format!("invalid instant: {micros} microseconds; restore a backup")))
}

pub(crate) fn optional_instant(micros: Option<i64>) -> Result<Option<DateTime<Utc>>, Failure> {
    micros.map(instant).transpose()
}

pub(crate) fn revision(stored: i64) -> Result<Revision, Failure> {
    let revision = u64::try_from(stored);
    revision
        .map(Revision)
        .map_err(|_| Failure::corrupt(format!("invalid revision: {stored}; restore a backup")))
}

pub(crate) fn stored(revision: Revision) -> Result<i64, Failure> {
    let stored = i64::try_from(revision.0);
    stored.map_err(|_| {
        Failure::Own(StoreErrorKind::Other, format!("revision {revision} is larger than 9223372036854775807"))
    })
}

/// Returns a limit for SQLite; one that is too large for SQLite becomes the largest.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(crate) fn prospect_id(stored: &str) -> Result<ProspectId, Failure> {
    ProspectId::new(stored).map_err(|_| Failure::corrupt("invalid prospect id; restore a backup"))
}

pub(crate) fn check<T: PartialEq>(
    row: &'static str,
    id: impl std::fmt::Display,
    stored: T,
    found: T,
) -> Result<(), Failure> {
    if stored == found {
        return Ok(());
    }
    Err(Failure::corrupt(format!("the {row} of prospect {id} is damaged; restore a backup")))
}

/// Returns an error if an index gave rows twice or out of order.
pub(crate) fn check_order(is_in_order: bool) -> Result<(), Failure> {
    if is_in_order { Ok(()) } else { Err(Failure::corrupt("an index is out of order; restore a backup")) }
}

/// The columns that [`record`] reads.
macro_rules! record_columns {
    () => {
        "key, at, seq, kind, hash, recorded_at, sum, body"
    };
}

/// Reads a record of the prospect with this number.
pub(crate) fn record(
    row: &Row<'_>,
    connection: &Connection,
    dictionary: &mut Dictionary,
    prospect: i64,
) -> Result<Record, Failure> {
    let kind = dictionary.text(connection, row.get(3)?)?;
    let mut record =
        Record::new(row.get::<_, String>(0)?, instant(row.get(1)?)?, kind, row.get::<_, String>(7)?);
    record.seq = row.get(2)?;
    record.hash = row.get(4)?;
    record.recorded_at = instant(row.get(5)?)?;
    check("journal", format_args!("number {prospect}"), row.get(6)?, checksum::of_record(prospect, &record))?;
    Ok(record)
}

/// The columns that [`due`] reads. An index leads to the number of a row, and the book and id are read from the row
/// itself, so that an index that leads to another row is noticed.
macro_rules! due_columns {
    () => {
        "prospect.id, planned_at, prospect.owner, prospect.automatic, prospect.earliest, target, prospect.latest, \
         prospect.rank_at, prospect.wake_at, prospect.appointment_at, obligation, planned_by, due_sum, prospect.book"
    };
}

/// Reads the due entry of a row of a book. The row has an entry.
pub(crate) fn due(
    row: &Row<'_>,
    connection: &Connection,
    dictionary: &mut Dictionary,
    book: i64,
) -> Result<Due, Failure> {
    let mut due = Due::new(
        prospect_id(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?,
        revision(row.get(1)?)?,
    );
    due.owner = row.get::<_, Option<i64>>(2)?.map(|owner| dictionary.text(connection, owner)).transpose()?;
    due.automatic = row.get(3)?;
    due.earliest = optional_instant(row.get(4)?)?;
    due.target = optional_instant(row.get(5)?)?;
    due.latest = optional_instant(row.get(6)?)?;
    due.rank_at = optional_instant(row.get(7)?)?;
    due.wake_at = optional_instant(row.get(8)?)?;
    due.appointment_at = optional_instant(row.get(9)?)?;
    due.obligation = row.get(10)?;
    due.planned_by = dictionary.text(connection, row.get(11)?)?;
    check("due entry", &due.prospect, row.get(12)?, checksum::of_due(&due))?;
    check("book", &due.prospect, row.get(13)?, book)?;
    Ok(due)
}

/// The columns that [`head`] reads from `prospect LEFT JOIN profile`; as for [`due`], from the row itself.
macro_rules! head_columns {
    () => {
        "prospect.pk, prospect.id, revision, since, fold_version, prospect.sum, snapshot, profile_sum, profile.json, \
         prospect.book"
    };
}

/// Reads the head of a prospect of a book, without keys.
pub(crate) fn head(row: &Row<'_>, book: i64) -> Result<Head, Failure> {
    let mut head = state(row)?;
    check("book", &head.prospect, row.get(9)?, book)?;
    head.profile = profile(row, &head.prospect)?;
    Ok(head)
}

/// Reads the head of a prospect, without keys and profile.
pub(crate) fn state(row: &Row<'_>) -> Result<Head, Failure> {
    let snapshot = Snapshot::new(row.get(4)?, row.get(6)?);
    let id = prospect_id(&row.get::<_, String>(1)?)?;
    let head = Head::new(id, revision(row.get(2)?)?, snapshot, instant(row.get(3)?)?);
    let found = checksum::of_state(&head.prospect, head.revision, head.since, &head.snapshot);
    check("state", &head.prospect, row.get(5)?, found)?;
    Ok(head)
}

/// Reads the profile of a prospect.
pub(crate) fn profile(row: &Row<'_>, id: &ProspectId) -> Result<Option<String>, Failure> {
    let profile: Option<String> = row.get(8)?;
    let found = profile.as_deref().map(|profile| checksum::of_profile(id, profile));
    check("profile", id, row.get::<_, Option<i32>>(7)?, found)?;
    Ok(profile)
}

pub(crate) use {due_columns, head_columns, record_columns};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_between_two_microseconds_is_the_later_one() {
        let at = instant(1_772_805_600_000_001).unwrap();
        assert_eq!(micros_bound(at), 1_772_805_600_000_001);
        assert_eq!(micros_bound(at + chrono::TimeDelta::nanoseconds(1)), 1_772_805_600_000_002);
        assert_eq!(micros_bound(at + chrono::TimeDelta::nanoseconds(999)), 1_772_805_600_000_002);
    }

    #[test]
    fn what_is_no_instant_is_an_error() {
        assert!(instant(i64::MAX).is_err() && instant(i64::MIN).is_err());
        for edge in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert_eq!(instant(micros(edge)).unwrap().timestamp_micros(), edge.timestamp_micros());
        }
    }
}
