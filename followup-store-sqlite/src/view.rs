//! The questions about one book: heads, journals, the feed. What is due has a file of its own.

use std::cell::RefCell;

use chrono::{DateTime, Utc};
use followup_core::{Changed, Head, HeadQuery, ProspectId, Record};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::errors::Failure;
use crate::rows::{self, head_columns, record_columns};
use crate::words::Words;

const HEAD: &str = concat!(
    "SELECT ",
    head_columns!(),
    " FROM followup_prospect AS prospect LEFT JOIN followup_profile AS profile ON profile.prospect = pk WHERE book = ?1 AND id = ?2"
);
const SCAN: &str = concat!(
    "SELECT ",
    head_columns!(),
    " FROM followup_prospect AS prospect LEFT JOIN followup_profile AS profile ON profile.prospect = pk WHERE book = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
);
const KNOWN: &str = "SELECT hash FROM followup_record WHERE prospect = ?1 AND key = ?2";
const NUMBER: &str = "SELECT pk, revision FROM followup_prospect WHERE book = ?1 AND id = ?2";
const HISTORY: &str = concat!("SELECT ", record_columns!(), ", n FROM followup_record WHERE prospect = ?1");
const CHANGES: &str = "SELECT feed.changed, id, revision FROM followup_feed AS feed \
                       CROSS JOIN followup_prospect AS prospect ON pk = feed.prospect AND prospect.changed = feed.changed \
                       WHERE feed.book = ?1 AND feed.changed > ?2 ORDER BY feed.changed LIMIT ?3";

/// One book at one moment.
pub(crate) struct View<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) words: &'a RefCell<Words>,
    pub(crate) book: i64,
    pub(crate) newest_event_at: Option<DateTime<Utc>>,
}

impl View<'_> {
    pub(crate) fn heads(&self, wanted: &[HeadQuery]) -> Result<Vec<Option<Head>>, Failure> {
        wanted.iter().map(|query| self.head(query)).collect()
    }

    fn head(&self, query: &HeadQuery) -> Result<Option<Head>, Failure> {
        let mut statement = self.connection.prepare_cached(HEAD)?;
        let mut found = statement.query((self.book, query.prospect.as_str()))?;
        let Some(row) = found.next()? else { return Ok(None) };
        let (mut head, prospect) = (rows::head(row)?, row.get(0)?);
        head.known =
            query.keys.iter().map(|key| known(self.connection, prospect, key)).collect::<Result<_, _>>()?;
        Ok(Some(head))
    }

    pub(crate) fn history(&self, prospect: &ProspectId) -> Result<Vec<Record>, Failure> {
        let mut statement = self.connection.prepare_cached(NUMBER)?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found = statement.query_row((self.book, prospect.as_str()), read).optional()?;
        let Some((number, revision)): Option<(i64, i64)> = found else { return Ok(Vec::new()) };
        let mut statement = self.connection.prepare_cached(HISTORY)?;
        let mut found = statement.query([number])?;
        let (mut records, mut places, mut words) = (Vec::new(), Vec::new(), self.words.borrow_mut());
        while let Some(row) = found.next()? {
            records.push(rows::record(row, self.connection, &mut words, number)?);
            places.push(row.get::<_, i64>(8)?);
        }
        places.sort_unstable();
        if !places.into_iter().eq(1..=revision) {
            let why = format!("the journal of prospect {prospect} is not whole; restore a copy");
            return Err(Failure::corrupt(why));
        }
        records.sort_by(|a, b| (a.at, a.seq, &a.key).cmp(&(b.at, b.seq, &b.key)));
        Ok(records)
    }

    pub(crate) fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Result<Vec<Head>, Failure> {
        let mut statement = self.connection.prepare_cached(SCAN)?;
        // No identity is empty, so all come after the empty text.
        let after = after.map_or("", ProspectId::as_str);
        let mut found = statement.query((self.book, after, rows::limit(limit)))?;
        let mut heads = Vec::new();
        while let Some(row) = found.next()? {
            heads.push(rows::head(row)?);
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
            let id = rows::prospect_id(&row.get::<_, String>(1)?)?;
            changes.push(Changed::new(rows::revision(row.get(0)?)?.0, id, rows::revision(row.get(2)?)?));
        }
        Ok(changes)
    }
}

/// The hash of the record with a key, if the journal has it.
pub(crate) fn known(connection: &Connection, prospect: i64, key: &str) -> Result<Option<[u8; 16]>, Failure> {
    let mut statement = connection.prepare_cached(KNOWN)?;
    Ok(statement.query_row((prospect, key), |row| row.get(0)).optional()?)
}
