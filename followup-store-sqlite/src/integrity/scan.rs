//! Checks every row, one at a time.

use std::collections::{BTreeMap, BTreeSet};

use followup_core::store::{AddressHash, StoreErrorKind};
use followup_core::{BookId, ProspectId};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows};

use super::{FINDINGS_MAX, Integrity, Place};
use crate::checksum;
use crate::claim::Lease;
use crate::dictionary::Dictionary;
use crate::errors::Failure;
use crate::open;
use crate::rows::{self, due_columns, head_columns, micros, record_columns};

const OBJECTS: &str = "SELECT type, name, CASE type WHEN 'index' THEN sql END FROM sqlite_schema \
                       WHERE substr(name, 1, 9) = 'followup_' ORDER BY type DESC, name";
/// The feed, and the newest change of each entry's prospect.
const FEED: &str = "SELECT feed.book, feed.changed, newest_event_at, prospect.book, prospect.changed, \
                    feed.prospect, feed.sum \
                    FROM followup_feed AS feed LEFT JOIN followup_prospect AS prospect ON pk = feed.prospect \
                    ORDER BY feed.book, feed.changed";
/// Prospects without a feed entry at their newest change.
const UNFED: &str = "SELECT prospect.book, id, pk FROM followup_prospect AS prospect NOT INDEXED WHERE NOT EXISTS \
                     (SELECT 1 FROM followup_feed AS feed WHERE feed.book = prospect.book \
                      AND feed.changed = prospect.changed AND feed.prospect = pk)";
const PROSPECTS: &str = concat!(
    "SELECT ",
    head_columns!(),
    " FROM followup_prospect AS prospect NOT INDEXED \
     LEFT JOIN followup_profile AS profile ON profile.prospect = prospect.pk ORDER BY prospect.pk"
);
const RECORDS: &str =
    concat!("SELECT ", record_columns!(), ", n, prospect FROM followup_record ORDER BY prospect, key");
const DUE: &str = concat!(
    "SELECT ",
    due_columns!(),
    ", pk, fence, leased_until, claim_sum, claim_at FROM followup_prospect AS prospect NOT INDEXED ORDER BY pk"
);
const PROFILES: &str = "SELECT profile.prospect, pk IS NULL FROM followup_profile AS profile \
                        LEFT JOIN followup_prospect ON pk = profile.prospect ORDER BY profile.prospect";
const SUPPRESSIONS: &str =
    "SELECT book, address, since, sum FROM followup_suppression ORDER BY book, address";
const DOCUMENTS: &str = "SELECT book, kind, name, version, body, saved_at, sum FROM followup_document \
                         ORDER BY book, kind, name, version";

/// Checks the whole file of a connection, as of one moment.
pub(super) fn inspect(connection: &Connection) -> Result<Integrity, Failure> {
    // A read transaction sees the file as of one moment. It ends when it is dropped.
    let moment = connection.unchecked_transaction()?;
    let mut scan = Scan {
        connection: &moment,
        dictionary: Dictionary::default(),
        books: BTreeMap::new(),
        report: Integrity::default(),
    };
    scan.step("SQLite's structures", Scan::structures)?;
    let missing = scan.schema()?;
    if missing.iter().any(|(kind, _)| kind == "table") {
        return Ok(scan.report);
    }
    scan.step("the books", Scan::read_books)?;
    scan.step("the journals", Scan::journals)?;
    scan.step("the due entries", Scan::due)?;
    scan.step("the profiles", Scan::profiles)?;
    scan.step("the suppressions", Scan::suppressions)?;
    scan.step("the documents", Scan::documents)?;
    scan.step("the feed", Scan::feed)?;
    scan.newest_events();
    Ok(scan.report)
}

struct Scan<'a> {
    connection: &'a Connection,
    dictionary: Dictionary,
    books: BTreeMap<i64, Book>,
    report: Integrity,
}

/// The state of a book once its prospects have been checked.
struct Book {
    name: BookId,
    /// The newest instant of any event in its journals.
    newest: Option<i64>,
    /// The newest instant of any event, as stored in the newest feed entry.
    told: Option<i64>,
}

/// A prospect whose records are being checked.
struct Journal {
    number: i64,
    place: Place,
    book: i64,
    revision: i64,
    /// The positions of its records.
    places: Vec<i64>,
}

impl Scan<'_> {
    fn note(&mut self, place: Place, what: impl Into<String>) {
        self.report.note(place, what.into());
    }

    /// Runs one pass. Damage that ends the pass early is a finding, and the next pass begins.
    fn step(
        &mut self,
        what: &str,
        walk: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match walk(self) {
            Err(failure) if failure.kind() == StoreErrorKind::Corrupt => {
                self.note(Place::File, format!("{what} cannot be read completely: {}", reason(&failure)));
                Ok(())
            }
            done => done,
        }
    }

    /// Returns the value that was read; `None` if it is damaged, which is noted.
    fn sound<T>(&mut self, place: &Place, read: Result<T, Failure>) -> Result<Option<T>, Failure> {
        let failure = match read {
            Ok(value) => return Ok(Some(value)),
            Err(failure) if failure.kind() == StoreErrorKind::Corrupt => failure,
            Err(failure) => return Err(failure),
        };
        let what = match place {
            // The place already names the prospect.
            Place::Prospect(_, id) => reason(&failure).replacen(&format!(" of prospect {id}"), "", 1),
            _ => reason(&failure),
        };
        self.note(place.clone(), what);
        Ok(None)
    }

    /// Notes the findings of SQLite: damaged pages, order of rows, types of columns, indexes that disagree with tables.
    fn structures(&mut self) -> Result<(), Failure> {
        let sql = format!("PRAGMA integrity_check({})", FINDINGS_MAX + 1);
        let mut statement = self.connection.prepare(&sql)?;
        let mut lines = statement.query([])?;
        while let Some(row) = lines.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                self.note(Place::File, line);
            }
        }
        Ok(())
    }

    /// Returns the schema's tables and indexes that are missing or differ, by type and name.
    fn schema(&mut self) -> Result<BTreeSet<(String, String)>, Failure> {
        type Object = (String, String, Option<String>);
        let objects = |connection: &Connection| -> Result<BTreeSet<Object>, Failure> {
            let mut statement = connection.prepare(OBJECTS)?;
            let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        };
        let found = objects(self.connection)?;
        let missing: Vec<_> = objects(&open::empty()?)?.difference(&found).cloned().collect();
        for (kind, name, _) in &missing {
            self.note(Place::File, format!("the {kind} {name} is missing or defined differently"));
        }
        Ok(missing.into_iter().map(|(kind, name, _)| (kind, name)).collect())
    }

    fn read_books(&mut self) -> Result<(), Failure> {
        let mut statement = self.connection.prepare("SELECT pk, name FROM followup_book ORDER BY pk")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            self.report.checked.books += 1;
            let number = row.get(0)?;
            match row.get_ref(1)?.as_str().ok().and_then(|name| BookId::new(name).ok()) {
                Some(name) => {
                    self.books.insert(number, Book { name, newest: None, told: None });
                }
                None => self.note(Place::Row("followup_book", number), "invalid book name"),
            }
        }
        Ok(())
    }

    /// Returns the place of a prospect.
    fn place(&self, book: i64, id: ValueRef<'_>, number: i64) -> Place {
        let id = id.as_str().ok().and_then(|id| ProspectId::new(id).ok());
        match (self.books.get(&book), id) {
            (Some(book), Some(id)) => Place::Prospect(book.name.clone(), id),
            _ => Place::Row("followup_prospect", number),
        }
    }

    /// Checks prospects and their journals, side by side in the order of their numbers.
    fn journals(&mut self) -> Result<(), Failure> {
        let mut prospects = self.connection.prepare(PROSPECTS)?;
        let mut records = self.connection.prepare(RECORDS)?;
        let (mut prospects, mut records) = (prospects.query([])?, records.query([])?);
        let mut journal = self.next_prospect(&mut prospects)?;
        let mut nobodys: Option<(i64, u64)> = None;
        while let Some(row) = records.next()? {
            self.report.checked.records += 1;
            let number: i64 = row.get(9)?;
            while let Some(done) = journal.take_if(|journal| journal.number < number) {
                self.finish(done);
                journal = self.next_prospect(&mut prospects)?;
            }
            match &mut journal {
                Some(journal) if journal.number == number => self.record(row, journal)?,
                _ => match &mut nobodys {
                    Some((last, count)) if *last == number => *count += 1,
                    _ => self.lost(nobodys.replace((number, 1))),
                },
            }
        }
        self.lost(nobodys);
        while let Some(done) = journal {
            self.finish(done);
            journal = self.next_prospect(&mut prospects)?;
        }
        Ok(())
    }

    fn lost(&mut self, nobodys: Option<(i64, u64)>) {
        if let Some((number, count)) = nobodys {
            let what = format!("it is missing, but {count} records belong to it");
            self.note(Place::Row("followup_prospect", number), what);
        }
    }

    fn next_prospect(&mut self, prospects: &mut Rows<'_>) -> Result<Option<Journal>, Failure> {
        let Some(row) = prospects.next()? else { return Ok(None) };
        self.report.checked.prospects += 1;
        let (number, revision, book) = (row.get(0)?, row.get(2)?, row.get(9)?);
        let place = self.place(book, row.get_ref(1)?, number);
        let head = self.sound(&place, rows::state(row))?;
        // The profile's checksum covers the id; if the id is damaged, the profile cannot be checked.
        if let Some(head) = head {
            self.sound(&place, rows::profile(row, &head.prospect))?;
        }
        if !self.books.contains_key(&book) {
            self.note(place.clone(), "its book is missing");
        }
        Ok(Some(Journal { number, place, book, revision, places: Vec::new() }))
    }

    fn record(&mut self, row: &Row<'_>, journal: &mut Journal) -> Result<(), Failure> {
        let n = row.get(8)?;
        journal.places.push(n);
        match rows::record(row, self.connection, &mut self.dictionary, journal.number) {
            Err(failure) if failure.kind() == StoreErrorKind::Corrupt => {
                let what =
                    reason(&failure).replacen(&format!(" of prospect number {}", journal.number), "", 1);
                self.note(journal.place.clone(), format!("record {n}: {what}"));
            }
            record => {
                let at = Some(micros(record?.at));
                if let Some(book) = self.books.get_mut(&journal.book) {
                    book.newest = book.newest.max(at);
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, mut journal: Journal) {
        journal.places.sort_unstable();
        let Journal { place, revision, places, .. } = journal;
        if revision < 1 || !places.iter().copied().eq(1..=revision) {
            let count = places.len();
            let what = format!(
                "its revision is {revision}, but its {count} records are not numbered 1 to {revision}"
            );
            self.note(place, what);
        }
    }

    fn due(&mut self) -> Result<(), Failure> {
        let mut statement = self.connection.prepare(DUE)?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let place = self.place(row.get(13)?, row.get_ref(0)?, row.get(14)?);
            let mut is_empty = true;
            for column in 1..13 {
                is_empty &= row.get_ref(column)? == ValueRef::Null;
            }
            let mut opens = None;
            if !is_empty {
                self.report.checked.due_entries += 1;
                let due = rows::due(row, self.connection, &mut self.dictionary, row.get(13)?);
                let Some(due) = self.sound(&place, due)? else { continue };
                opens = due.claimable_at().map(micros);
            }
            self.report.checked.claims += u64::from(row.get_ref(17)? != ValueRef::Null);
            let Place::Prospect(_, id) = &place else { continue };
            let lease = Lease::read(row, 15, id.as_str());
            let Some(lease) = self.sound(&place, lease)? else { continue };
            if lease.claim_at(opens) != row.get(18)? {
                let what = "the instant from which it may be claimed does not match its opening and lease";
                self.note(place, what);
            }
        }
        Ok(())
    }

    fn profiles(&mut self) -> Result<(), Failure> {
        let mut statement = self.connection.prepare(PROFILES)?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            self.report.checked.profiles += 1;
            if row.get(1)? {
                let place = Place::Row("followup_profile", row.get(0)?);
                self.note(place, "it belongs to a missing prospect");
            }
        }
        Ok(())
    }

    fn suppressions(&mut self) -> Result<(), Failure> {
        let mut statement = self.connection.prepare(SUPPRESSIONS)?;
        let mut found = statement.query([])?;
        for row_number in 1.. {
            let Some(row) = found.next()? else { break };
            self.report.checked.suppressions += 1;
            let read = || -> Result<_, Failure> {
                let since = row.get(2)?;
                rows::instant(since)?;
                Ok(checksum::of_suppression(AddressHash(row.get(1)?), since) == row.get::<_, i32>(3)?)
            };
            self.of_a_book(Place::Row("followup_suppression", row_number), row.get(0)?, read())?;
        }
        Ok(())
    }

    fn documents(&mut self) -> Result<(), Failure> {
        let mut statement = self.connection.prepare(DOCUMENTS)?;
        let mut found = statement.query([])?;
        for row_number in 1.. {
            let Some(row) = found.next()? else { break };
            self.report.checked.documents += 1;
            let read = || -> Result<_, Failure> {
                let (kind, name, body): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(4)?);
                let (version, saved_at) = (rows::revision(row.get(3)?)?.0, row.get(5)?);
                rows::instant(saved_at)?;
                let sum = checksum::of_document_row(&kind, &name, version, &body, saved_at);
                Ok(sum == row.get::<_, i32>(6)?)
            };
            self.of_a_book(Place::Row("followup_document", row_number), row.get(0)?, read())?;
        }
        Ok(())
    }

    /// Checks a row that belongs to a book. `read` says whether its checksum matches.
    fn of_a_book(&mut self, place: Place, book: i64, read: Result<bool, Failure>) -> Result<(), Failure> {
        if self.sound(&place, read)? == Some(false) {
            self.note(place.clone(), "its checksum does not match");
        }
        if !self.books.contains_key(&book) {
            self.note(place, "its book is missing");
        }
        Ok(())
    }

    /// Checks that each prospect has a feed entry at its newest change, and none later.
    fn feed(&mut self) -> Result<(), Failure> {
        let mut statement = self.connection.prepare(FEED)?;
        let mut found = statement.query([])?;
        for row_number in 1.. {
            let Some(row) = found.next()? else { break };
            let (book, changed, newest): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let prospect: (Option<i64>, Option<i64>) = (row.get(3)?, row.get(4)?);
            match self.books.get_mut(&book) {
                Some(book) => book.told = Some(newest),
                None => self.note(Place::Row("followup_feed", row_number), "its book is missing"),
            }
            let sum: (i32, i32) = (row.get(6)?, checksum::of_feed(book, changed, row.get(5)?, newest));
            if sum.0 != sum.1 {
                self.note(Place::Row("followup_feed", row_number), "its checksum does not match");
            }
            if prospect.0 != Some(book) || prospect.1.is_none_or(|newest| newest < changed) || changed < 1 {
                let what = "its prospect is missing, or was last changed before this entry";
                self.note(Place::Row("followup_feed", row_number), what);
            }
        }
        let mut statement = self.connection.prepare(UNFED)?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let place = self.place(row.get(0)?, row.get_ref(1)?, row.get(2)?);
            self.note(place, "it has no feed entry");
        }
        Ok(())
    }

    /// Checks that the newest instant of any event in the feed is that of the journals.
    fn newest_events(&mut self) {
        for book in std::mem::take(&mut self.books).into_values() {
            if book.told != book.newest {
                let what = "the newest event instant in its feed does not match its journals";
                self.note(Place::Book(book.name), what);
            }
        }
    }
}

/// Returns the cause without the advice, which is given once for all findings.
fn reason(failure: &Failure) -> String {
    match failure {
        Failure::Own(_, why) => why.strip_suffix("; restore a backup").unwrap_or(why).to_owned(),
        Failure::Sqlite(error) => error.to_string(),
    }
}
