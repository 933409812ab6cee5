//! Queries on one book: heads, journals, the feed. Queries for due entries are in `due`.

use std::cell::RefCell;

use chrono::{DateTime, Utc};
use followup_core::ProspectId;
use followup_core::store::{Changed, Head, HeadQuery, Record};
use rusqlite::{Connection, Row};

use crate::checksum;
use crate::dictionary::Dictionary;
use crate::errors::Failure;
use crate::rows::{self, head_columns, record_columns};

pub(crate) const NEWEST: &str = "SELECT changed, prospect, newest_event_at, sum FROM followup_feed WHERE book = ?1 \
                                 ORDER BY changed DESC LIMIT 1";
const HEAD: &str = concat!(
    "SELECT ",
    head_columns!(),
    " FROM followup_prospect AS prospect LEFT JOIN followup_profile AS profile ON profile.prospect = prospect.pk \
     WHERE prospect.pk = (SELECT pk FROM followup_prospect WHERE book = ?1 AND id = ?2)"
);
const SCAN: &str = concat!(
    "SELECT ",
    head_columns!(),
    " FROM (SELECT pk AS place FROM followup_prospect WHERE book = ?1 AND id > ?2 ORDER BY id LIMIT ?3) \
     CROSS JOIN followup_prospect AS prospect ON prospect.pk = place \
     LEFT JOIN followup_profile AS profile ON profile.prospect = prospect.pk"
);
const KNOWN: &str =
    concat!("SELECT ", record_columns!(), " FROM followup_record WHERE prospect = ?1 AND key = ?2");
const HISTORY: &str = concat!("SELECT ", record_columns!(), ", n FROM followup_record WHERE prospect = ?1");
const CHANGES: &str = concat!(
    "SELECT ",
    head_columns!(),
    ", feed.changed, feed.newest_event_at, feed.sum FROM followup_feed AS feed \
     CROSS JOIN followup_prospect AS prospect ON prospect.pk = feed.prospect AND prospect.changed = feed.changed \
     LEFT JOIN followup_profile AS profile ON profile.prospect = prospect.pk \
     WHERE feed.book = ?1 AND feed.changed > ?2 ORDER BY feed.changed LIMIT ?3"
);

/// A book as of one moment.
pub(crate) struct Queries<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) dictionary: &'a RefCell<Dictionary>,
    pub(crate) book: i64,
    pub(crate) newest_event_at: Option<DateTime<Utc>>,
}

impl Queries<'_> {
    pub(crate) fn heads(&self, wanted: &[HeadQuery]) -> Result<Vec<Option<Head>>, Failure> {
        wanted.iter().map(|query| self.head(query)).collect()
    }

    fn head(&self, query: &HeadQuery) -> Result<Option<Head>, Failure> {
        let Some((number, mut head)) = self.find(&query.prospect)? else { return Ok(None) };
        let mut dictionary = self.dictionary.borrow_mut();
        let known = query.keys.iter().map(|key| known(self.connection, &mut dictionary, number, key));
        head.known = known.collect::<Result<_, _>>()?;
        Ok(Some(head))
    }

    /// Returns a prospect's number and head, without keys.
    fn find(&self, prospect: &ProspectId) -> Result<Option<(i64, Head)>, Failure> {
        let mut statement = self.connection.prepare_cached(HEAD)?;
        let mut found = statement.query((self.book, prospect.as_str()))?;
        let Some(row) = found.next()? else { return Ok(None) };
        let head = rows::head(row, self.book)?;
        rows::check("id", prospect, head.prospect.as_str(), prospect.as_str())?;
        Ok(Some((row.get(0)?, head)))
    }

    pub(crate) fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, Failure> {
        let Some((number, head)) = self.find(prospect)? else { return Ok(Vec::new()) };
        let revision = rows::stored(head.revision)?;
        let mut statement = self.connection.prepare_cached(HISTORY)?;
        let mut found = statement.query([number])?;
        let (mut records, mut places, mut dictionary) =
            (Vec::new(), Vec::new(), self.dictionary.borrow_mut());
        while let Some(row) = found.next()? {
            records.push(rows::record(row, self.connection, &mut dictionary, number)?);
            places.push(row.get::<_, i64>(8)?);
        }
        places.sort_unstable();
        if !places.into_iter().eq(1..=revision) {
            let why = format!("the journal of prospect {prospect} is incomplete; restore a backup");
            return Err(Failure::corrupt(why));
        }
        records.sort_by(|a, b| (a.at, a.seq, &a.key).cmp(&(b.at, b.seq, &b.key)));
        Ok(records)
    }

    pub(crate) fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, Failure> {
        let mut statement = self.connection.prepare_cached(SCAN)?;
        // No id is empty, so all ids come after the empty text.
        let after = after.map_or("", ProspectId::as_str);
        let mut found = statement.query((self.book, after, rows::limit(limit)))?;
        let mut heads = Vec::new();
        while let Some(row) = found.next()? {
            heads.push(rows::head(row, self.book)?);
        }
        rows::check_order(heads.is_sorted_by(|a: &Head, b| a.prospect < b.prospect))?;
        Ok(heads)
    }

    pub(crate) fn changes(&self, after: u64, limit: usize) -> Result<Vec<Changed>, Failure> {
        let mut statement = self.connection.prepare_cached(CHANGES)?;
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let mut found = statement.query((self.book, after, rows::limit(limit)))?;
        let mut changes = Vec::new();
        while let Some(row) = found.next()? {
            let head = rows::head(row, self.book)?;
            let place: (i64, i64) = (row.get(10)?, row.get(11)?);
            let found = checksum::of_feed(self.book, place.0, row.get(0)?, place.1);
            rows::check("feed entry", &head.prospect, row.get(12)?, found)?;
            changes.push(Changed::new(place.0.cast_unsigned(), head.prospect, head.revision));
        }
        Ok(changes)
    }
}

/// Returns the hash of the record with a key, if the journal has one.
pub(crate) fn known(
    connection: &Connection,
    dictionary: &mut Dictionary,
    prospect: i64,
    key: &str,
) -> Result<Option<[u8; 16]>, Failure> {
    let mut statement = connection.prepare_cached(KNOWN)?;
    let mut found = statement.query((prospect, key))?;
    let record = found.next()?.map(|row| rows::record(row, connection, dictionary, prospect)).transpose()?;
    Ok(record.map(|record| record.hash))
}

/// Returns the newest entry of a book's feed: its cursor, and the newest instant of any event.
pub(crate) fn newest(connection: &Connection, book: i64) -> Result<Option<(i64, i64)>, Failure> {
    let mut statement = connection.prepare_cached(NEWEST)?;
    let mut found = statement.query([book])?;
    found.next()?.map(|row| newest_of(row, book)).transpose()
}

/// Reads the newest entry from a row of [`NEWEST`].
pub(crate) fn newest_of(row: &Row<'_>, book: i64) -> Result<(i64, i64), Failure> {
    let (changed, prospect, newest): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    if row.get::<_, i32>(3)? == checksum::of_feed(book, changed, prospect, newest) {
        return Ok((changed, newest));
    }
    Err(Failure::corrupt("the newest feed entry is damaged; restore a backup"))
}
