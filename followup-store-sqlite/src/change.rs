//! Writing changes inside one transaction.

use std::collections::{HashMap, HashSet};
use std::slice;

use followup_core::store::{Append, Due, Erase, Record, Revision, UnderClaim};
use followup_core::{BookId, ProspectId, StoreError};
use rusqlite::{Connection, OptionalExtension, ToSql};

use crate::checksum;
use crate::claim::Lease;
use crate::dictionary::Dictionary;
use crate::errors::Failure;
use crate::queries;
use crate::rows::{self, micros, record_columns};

/// A change of one caller to a book, written completely or not at all.
pub(crate) struct Change {
    pub(crate) book: BookId,
    pub(crate) what: What,
}

pub(crate) enum What {
    Appends(Vec<Append>),
    Erase(Box<Erase>),
}

impl Change {
    /// Returns what was attempted, for an error message.
    pub(crate) fn attempt(&self) -> String {
        match &self.what {
            What::Erase(erase) => format!("erase prospect {}", erase.append.prospect),
            What::Appends(appends) => match &appends[..] {
                [append] => format!("append to prospect {}", append.prospect),
                appends => format!("append to {} prospects", appends.len()),
            },
        }
    }

    pub(crate) fn appends(&self) -> &[Append] {
        match &self.what {
            What::Appends(appends) => appends,
            What::Erase(erase) => slice::from_ref(&erase.append),
        }
    }
}

const INSERT: &str = "INSERT INTO followup_prospect(revision, changed, planned_at, target, obligation, \
                      planned_by, due_sum, fold_version, sum, snapshot, profile_sum, owner, automatic, earliest, \
                      latest, rank_at, wake_at, appointment_at, claim_at, book, id, since) VALUES (?1, ?2, ?3, ?4, \
                      ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)";

/// Adds an entry to the feed.
pub(crate) const FEED: &str = "INSERT INTO followup_feed(book, changed, prospect, newest_event_at, sum) \
                               VALUES (?1, ?2, ?3, ?4, ?5)";

/// Number of columns of a due entry that are part of an index: owner, automatic, earliest, latest, rank_at, wake_at,
/// appointment_at.
const PLACES: usize = 7;

/// The stored columns of a prospect before a change.
pub(crate) struct Standing {
    pub(crate) number: i64,
    revision: Revision,
    places: [Option<i64>; PLACES],
    since: i64,
    pub(crate) lease: Lease,
    claim_at: Option<i64>,
}

impl Standing {
    /// Returns when the prospect's entry opens, if it is automatic.
    pub(crate) fn opens_automatically(&self) -> Option<i64> {
        let [_, automatic, earliest, ..] = self.places;
        earliest.filter(|_| automatic == Some(1))
    }
}

/// The state of a book inside a transaction.
#[derive(Clone, Copy)]
struct Book {
    number: i64,
    last_change: i64,
    newest_event_at: i64,
}

/// A transaction in progress.
pub(crate) struct Batch<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) dictionary: &'a mut Dictionary,
    books: HashMap<BookId, Book>,
}

impl<'a> Batch<'a> {
    /// Creates a batch. The caller begins and ends the transaction.
    pub(crate) fn new(connection: &'a Connection, dictionary: &'a mut Dictionary) -> Batch<'a> {
        Batch { connection, dictionary, books: HashMap::new() }
    }

    /// Writes a change, or nothing of it if it is refused: everything is checked before the first row is written, so no
    /// savepoint is needed. After a failure the whole transaction has to be rolled back.
    pub(crate) fn write(&mut self, change: &Change) -> Result<Result<(), StoreError>, Failure> {
        let appends = change.appends();
        if let Err(wrong) = Append::check_form(appends) {
            return Ok(Err(wrong));
        }
        let book = self.find_book(&change.book)?;
        let mut standings = Vec::with_capacity(appends.len());
        for append in appends {
            let standing = book.map(|book| self.standing(book, &append.prospect)).transpose()?.flatten();
            if let Err(refused) = self.check(append, standing.as_ref())? {
                return Ok(Err(refused));
            }
            standings.push(standing);
        }
        if let What::Erase(erase) = &change.what {
            let keys = erase.redacted.iter().map(|(key, _)| key);
            let known = self.known(standings[0].as_ref(), keys)?;
            if let Err(refused) = erase.check(|key| known.contains(key)) {
                return Ok(Err(refused));
            }
        }
        self.make_book(&change.book)?;
        for (append, standing) in appends.iter().zip(&standings) {
            let number = self.apply(&change.book, append, standing.as_ref())?;
            if let What::Erase(erase) = &change.what {
                self.erase(number, &erase.redacted)?;
            }
        }
        Ok(Ok(()))
    }

    pub(crate) fn find_book(&mut self, name: &BookId) -> Result<Option<i64>, Failure> {
        if let Some(book) = self.books.get(name) {
            return Ok(Some(book.number));
        }
        let mut statement = self.connection.prepare_cached("SELECT pk FROM followup_book WHERE name = ?1")?;
        let found: Option<i64> = statement.query_row([name.as_str()], |row| row.get(0)).optional()?;
        let Some(number) = found else { return Ok(None) };
        let (last_change, newest_event_at) =
            queries::newest(self.connection, number)?.unwrap_or((0, i64::MIN));
        self.books.insert(name.clone(), Book { number, last_change, newest_event_at });
        Ok(Some(number))
    }

    pub(crate) fn make_book(&mut self, name: &BookId) -> Result<(), Failure> {
        if self.find_book(name)?.is_none() {
            let number = self
                .connection
                .prepare_cached("INSERT INTO followup_book(name) VALUES (?1)")?
                .insert([name.as_str()])?;
            let book = Book { number, last_change: 0, newest_event_at: i64::MIN };
            self.books.insert(name.clone(), book);
        }
        Ok(())
    }

    pub(crate) fn standing(&self, book: i64, prospect: &ProspectId) -> Result<Option<Standing>, Failure> {
        let sql = "SELECT pk, revision, since, owner, automatic, earliest, latest, rank_at, wake_at, appointment_at, \
                   fence, leased_until, claim_sum, claim_at, book, id FROM followup_prospect \
                   WHERE pk = (SELECT pk FROM followup_prospect WHERE book = ?1 AND id = ?2)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let id = prospect.as_str();
        let mut found = statement.query((book, id))?;
        let Some(row) = found.next()? else { return Ok(None) };
        let found = (row.get(PLACES + 7)?, row.get_ref(PLACES + 8)?.as_str().ok());
        rows::check("id", prospect, found, (book, Some(id)))?;
        let mut places = [None; PLACES];
        for (column, place) in places.iter_mut().enumerate() {
            *place = row.get(column + 3)?;
        }
        let revision = rows::revision(row.get(1)?)?;
        let lease = Lease::read(row, PLACES + 3, id)?;
        let claim_at = row.get(PLACES + 6)?;
        Ok(Some(Standing { number: row.get(0)?, revision, since: row.get(2)?, places, lease, claim_at }))
    }

    /// Checks a change against the stored prospect.
    fn check(
        &mut self,
        append: &Append,
        standing: Option<&Standing>,
    ) -> Result<Result<(), StoreError>, Failure> {
        let known = self.known(standing, append.records.iter().map(|record| &record.key))?;
        let revision = standing.map(|standing| standing.revision).unwrap_or_default();
        let held = standing.and_then(|standing| standing.lease.held());
        Ok(append.check(revision, held, |key| known.contains(key)))
    }

    /// Returns the keys that the journal already has.
    fn known<'k>(
        &mut self,
        standing: Option<&Standing>,
        keys: impl Iterator<Item = &'k String>,
    ) -> Result<HashSet<&'k str>, Failure> {
        let mut found = HashSet::new();
        // A new prospect has no journal yet.
        let Some(standing) = standing else { return Ok(found) };
        for key in keys {
            if queries::known(self.connection, self.dictionary, standing.number, key)?.is_some() {
                found.insert(key.as_str());
            }
        }
        Ok(found)
    }

    /// Writes a change that has been checked, and returns the prospect's number.
    fn apply(&mut self, book: &BookId, append: &Append, standing: Option<&Standing>) -> Result<i64, Failure> {
        let first = append.records.first().expect("the form has been checked");
        let since = standing.map_or(micros(first.recorded_at), |standing| standing.since);
        let book = self.books.get_mut(book).expect("the book has been created");
        book.last_change += 1;
        let newest = append.records.iter().map(|record| micros(record.at)).max();
        book.newest_event_at = book.newest_event_at.max(newest.expect("the form has been checked"));
        let book = *book;
        let number = self.write_prospect(book, since, append, standing)?;
        self.write_feed(&book, number)?;
        for (n, record) in (append.expected.0 + 1..).zip(&append.records) {
            self.write_record(number, n, record)?;
        }
        if let Some(json) = &append.profile {
            let sql = "INSERT INTO followup_profile(prospect, json) VALUES (?1, ?2) \
                       ON CONFLICT(prospect) DO UPDATE SET json = excluded.json";
            self.connection.prepare_cached(sql)?.execute((number, json))?;
        }
        for suppression in &append.suppressions {
            self.suppress(book.number, suppression)?;
        }
        Ok(number)
    }

    /// Adds the prospect at the end of the feed.
    fn write_feed(&self, book: &Book, prospect: i64) -> Result<(), Failure> {
        let Book { number, last_change, newest_event_at } = *book;
        let sum = checksum::of_feed(number, last_change, prospect, newest_event_at);
        let row = (number, last_change, prospect, newest_event_at, sum);
        self.connection.prepare_cached(FEED)?.execute(row)?;
        Ok(())
    }

    fn write_prospect(
        &mut self,
        book: Book,
        since: i64,
        append: &Append,
        standing: Option<&Standing>,
    ) -> Result<i64, Failure> {
        let Append { prospect, snapshot, profile, due, .. } = append;
        let due = due.as_ref();
        let (places, planned_by) = match due {
            Some(due) => (self.places(due)?, Some(self.dictionary.intern(self.connection, &due.planned_by)?)),
            None => ([None; PLACES], None),
        };
        let revision = rows::stored(append.revision())?;
        let planned_at = due.map(|due| rows::stored(due.revision)).transpose()?;
        let (target, obligation) =
            (due.and_then(|due| due.target).map(micros), due.map(|due| &due.obligation));
        let (sum, due_sum) = (
            checksum::of_state(prospect, append.revision(), rows::instant(since)?, snapshot),
            due.map(checksum::of_due),
        );
        let profile_sum = profile.as_deref().map(|json| checksum::of_profile(prospect, json));
        let before = standing.map_or(Lease { fence: 0, until: None }, |standing| standing.lease);
        let ends = matches!(append.claim, Some(UnderClaim::Ends(_)));
        let lease = if ends { before.ended() } else { before };
        let claim_at = lease.claim_at(due.and_then(Due::claimable_at).map(micros));
        let claim_sum = lease.sum(prospect.as_str());
        let [owner, automatic, earliest, latest, rank_at, wake_at, appointment_at] = &places;
        let mut values: Vec<&dyn ToSql> = vec![
            &revision,
            &book.last_change,
            &planned_at,
            &target,
            &obligation,
            &planned_by,
            &due_sum,
            &snapshot.fold_version,
            &sum,
            &snapshot.bytes,
            &profile_sum,
            owner,
            automatic,
            earliest,
            latest,
            rank_at,
            wake_at,
            appointment_at,
            &claim_at,
        ];
        if let Some(standing) = standing {
            values.push(&standing.number);
            values.extend(ends.then_some(&claim_sum as &dyn ToSql));
            let mut sql = update(profile_sum.is_some(), &standing.places, &places);
            sql.extend((claim_at != standing.claim_at).then_some(", claim_at = ?19"));
            sql.extend(ends.then_some(", leased_until = NULL, claim_sum = ?21"));
            sql += " WHERE pk = ?20";
            self.connection.prepare_cached(&sql)?.execute(&values[..])?;
            return Ok(standing.number);
        }
        let id = prospect.as_str();
        values.extend([&book.number as &dyn ToSql, &id, &since]);
        Ok(self.connection.prepare_cached(INSERT)?.insert(&values[..])?)
    }

    /// Returns the values of the columns that are part of an index.
    fn places(&mut self, due: &Due) -> Result<[Option<i64>; PLACES], Failure> {
        let owner =
            due.owner.as_deref().map(|owner| self.dictionary.intern(self.connection, owner)).transpose()?;
        let instants = [due.earliest, due.latest, due.rank_at, due.wake_at, due.appointment_at];
        let [earliest, latest, rank_at, wake_at, appointment_at] = instants.map(|at| at.map(micros));
        Ok([owner, Some(i64::from(due.automatic)), earliest, latest, rank_at, wake_at, appointment_at])
    }

    fn write_record(&mut self, prospect: i64, n: u64, record: &Record) -> Result<(), Failure> {
        let kind = self.dictionary.intern(self.connection, &record.kind)?;
        let sql = "INSERT INTO followup_record(prospect, key, n, at, seq, kind, hash, recorded_at, sum, body) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        self.connection.prepare_cached(sql)?.execute((
            prospect,
            &record.key,
            rows::stored(Revision(n))?,
            micros(record.at),
            record.seq,
            kind,
            record.hash,
            micros(record.recorded_at),
            checksum::of_record(prospect, record),
            &record.body,
        ))?;
        Ok(())
    }

    fn erase(&mut self, prospect: i64, redacted: &[(String, String)]) -> Result<(), Failure> {
        for sql in [
            "DELETE FROM followup_profile WHERE prospect = ?1",
            "UPDATE followup_prospect SET profile_sum = NULL WHERE pk = ?1",
        ] {
            self.connection.prepare_cached(sql)?.execute([prospect])?;
        }
        let sql =
            concat!("SELECT ", record_columns!(), " FROM followup_record WHERE prospect = ?1 AND key = ?2");
        for (key, body) in redacted {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut found = statement.query((prospect, key))?;
            let row = found.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            let mut record = rows::record(row, self.connection, self.dictionary, prospect)?;
            drop(found);
            record.body.clone_from(body);
            let sql = "UPDATE followup_record SET body = ?3, sum = ?4 WHERE prospect = ?1 AND key = ?2";
            let sum = checksum::of_record(prospect, &record);
            self.connection.prepare_cached(sql)?.execute((prospect, key, body, sum))?;
        }
        Ok(())
    }
}

/// Returns the beginning of the statement that updates a prospect. Indexed columns that do not change are left out, so
/// that their indexes are not written. The parameters are those of [`INSERT`], up to `appointment_at`.
fn update(sets_profile: bool, old: &[Option<i64>], new: &[Option<i64>]) -> String {
    const SET: [&str; PLACES] = [
        ", owner = ?12",
        ", automatic = ?13",
        ", earliest = ?14",
        ", latest = ?15",
        ", rank_at = ?16",
        ", wake_at = ?17",
        ", appointment_at = ?18",
    ];
    let mut sql = "UPDATE followup_prospect SET revision = ?1, changed = ?2, planned_at = ?3, \
                   target = ?4, obligation = ?5, planned_by = ?6, due_sum = ?7, fold_version = ?8, sum = ?9, \
                   snapshot = ?10"
        .to_owned();
    sql.extend(sets_profile.then_some(", profile_sum = ?11"));
    let moved = SET.into_iter().zip(old.iter().zip(new)).filter(|(_, (old, new))| old != new);
    sql.extend(moved.map(|(set, _)| set));
    sql
}
