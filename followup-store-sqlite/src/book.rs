//! Data of a whole book: suppressions and documents.

use chrono::{DateTime, Utc};
use followup_core::store::{AddressHash, Document, DocumentQuery, StoreErrorKind, Suppression};
use followup_core::{BookId, StoreError};
use rusqlite::{Connection, OptionalExtension};

use crate::change::Batch;
use crate::checksum;
use crate::errors::Failure;
use crate::queries::Queries;
use crate::rows::{self, instant, micros};

const DOCUMENTS: &str = "SELECT name, version, body, saved_at, sum FROM followup_document \
                         WHERE book = ?1 AND kind = ?2 AND (?3 IS NULL OR name = ?3) ORDER BY name, version";

/// Returns the instant since which an address of a book is suppressed.
fn since(connection: &Connection, book: i64, address: AddressHash) -> Result<Option<DateTime<Utc>>, Failure> {
    let sql = "SELECT since, sum FROM followup_suppression WHERE book = ?1 AND address = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row((book, address.0), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((since, stored)): Option<(i64, i32)> = found else { return Ok(None) };
    if stored != checksum::of_suppression(address, since) {
        return Err(Failure::corrupt("a suppression is damaged; restore a backup"));
    }
    instant(since).map(Some)
}

impl Batch<'_> {
    pub(crate) fn suppress(&mut self, book: i64, suppression: &Suppression) -> Result<(), Failure> {
        let Suppression { address, since, .. } = *suppression;
        let Some(new) = since else {
            let sql = "DELETE FROM followup_suppression WHERE book = ?1 AND address = ?2";
            self.connection.prepare_cached(sql)?.execute((book, address.0))?;
            return Ok(());
        };
        if self::since(self.connection, book, address)?.is_none_or(|old| new < old) {
            let sql = "INSERT INTO followup_suppression(book, address, since, sum) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT(book, address) DO UPDATE SET since = excluded.since, sum = excluded.sum";
            let new = micros(new);
            let sum = checksum::of_suppression(address, new);
            self.connection.prepare_cached(sql)?.execute((book, address.0, new, sum))?;
        }
        Ok(())
    }

    pub(crate) fn save(
        &mut self,
        book: &BookId,
        document: &Document,
    ) -> Result<Result<(), StoreError>, Failure> {
        let Document { kind, name, version, body, saved_at, .. } = document;
        let refused = |refusal, why: &str| {
            let text = format!("cannot save version {version} of {name}: {why}");
            Ok(Err(StoreError::new(refusal, text)))
        };
        let Ok(number) = i64::try_from(*version) else {
            return refused(StoreErrorKind::Other, "the version is larger than 9223372036854775807");
        };
        self.make_book(book)?;
        let book = self.find_book(book)?.expect("the book has just been created");
        let sql =
            "SELECT body FROM followup_document WHERE book = ?1 AND kind = ?2 AND name = ?3 AND version = ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found: Option<String> =
            statement.query_row((book, kind.as_str(), name, number), |row| row.get(0)).optional()?;
        match found {
            Some(found) if found == *body => Ok(Ok(())),
            Some(_) => {
                refused(StoreErrorKind::Conflict, "this version exists with another body; save a new version")
            }
            None => {
                let sql = "INSERT INTO followup_document(book, kind, name, version, body, saved_at, sum) \
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
                let sum = checksum::of_document(document);
                let row = (book, kind.as_str(), name, number, body, micros(*saved_at), sum);
                self.connection.prepare_cached(sql)?.execute(row)?;
                Ok(Ok(()))
            }
        }
    }
}

impl Queries<'_> {
    pub(crate) fn suppressed(
        &self,
        addresses: &[AddressHash],
    ) -> Result<Vec<Option<DateTime<Utc>>>, Failure> {
        addresses.iter().map(|address| since(self.connection, self.book, *address)).collect()
    }

    pub(crate) fn documents(&self, query: &DocumentQuery) -> Result<Vec<Document>, Failure> {
        let mut statement = self.connection.prepare_cached(DOCUMENTS)?;
        let mut found = statement.query((self.book, query.kind.as_str(), &query.name))?;
        let mut documents = Vec::new();
        while let Some(row) = found.next()? {
            let version = rows::revision(row.get(1)?)?.0;
            let (name, body): (String, String) = (row.get(0)?, row.get(2)?);
            let document = Document::new(query.kind, name, version, body, instant(row.get(3)?)?);
            if row.get::<_, i32>(4)? != checksum::of_document(&document) {
                return Err(Failure::corrupt("a document is damaged; restore a backup"));
            }
            documents.push(document);
        }
        Ok(documents)
    }
}
