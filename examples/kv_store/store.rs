//! A durable store over redb, an embedded key-value engine. Values are JSON, which later versions of followup can read.
//! An index is a range of keys without values, so no query reads every prospect.
//!
//! An acknowledged change is on the disk. Calls block, because those of the engine do. The engine does not overwrite what
//! it deletes, so erased text can remain in unused parts of the file for a while.

use std::collections::BTreeMap;
use std::ops::Bound::{self, Excluded, Included};
use std::{path::Path, sync::Arc};

use anyhow::{Context, Result};
use async_trait::async_trait;
use followup::{BookId, ProspectId, store::*};
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, Table, TableDefinition};
use serde::{Serialize, de::DeserializeOwned};

type Answer<T> = Result<T, StoreError>;
type Known<'a> = BTreeMap<&'a str, Record>;

/// A key: the book, the kind of row, and two names.
type Key = (&'static str, &'static str, &'static str, &'static str);
type Value = &'static [u8];

const ROWS: TableDefinition<'_, Key, Value> = TableDefinition::new("followup");

/// The orders of queries, and their kinds of row.
const ORDERS: [(&str, DueOrder); 3] =
    [("rank", DueOrder::Rank), ("wake_at", DueOrder::WakeAt), ("appointment", DueOrder::Appointment)];

/// A handle to one book.
#[derive(Clone)]
pub(crate) struct KvStore(Arc<Database>, BookId);

/// The rows of a book in a transaction.
struct Rows<'a, T>(&'a str, T);

/// Returns a refusal as it is, and any other error as a failure of the engine.
fn told(error: impl Into<anyhow::Error>) -> StoreError {
    let failed = |error| StoreError::new(StoreErrorKind::Other, "the engine failed").caused_by(error);
    error.into().downcast().unwrap_or_else(failed)
}

/// Returns text that sorts like the instant.
fn place(at: Since) -> String {
    format!("{:020}", at.timestamp_micros().wrapping_sub(i64::MIN) as u64)
}

fn hex(address: &AddressHash) -> String {
    format!("{:032x}", u128::from_be_bytes(address.0))
}

/// Returns where a prospect is found: in each order, among all prospects and among those of its owner.
fn places(kept: &Kept) -> Vec<(String, String)> {
    let mut places = vec![("feed".to_owned(), format!("{:020}", kept.cursor))];
    if let Some(due) = &kept.due {
        let others = [("opening", due.earliest), ("claim", kept.claimable_at())];
        for (order, at) in ORDERS.map(|(name, order)| (name, due.place(order))).into_iter().chain(others) {
            let Some(at) = at.map(place) else { continue };
            places.extend(due.owner.iter().map(|owner| (format!("{order} of {owner}"), at.clone())));
            places.push((order.to_owned(), at));
        }
    }
    places
}

impl KvStore {
    pub(crate) fn open(path: impl AsRef<Path>) -> Answer<KvStore> {
        let store = KvStore(Arc::new(Database::create(path).map_err(told)?), BookId::default());
        store.write(|_| Ok(()))?; // creates the table
        Ok(store)
    }

    pub(crate) fn book(&self, book: BookId) -> KvStore {
        KvStore(Arc::clone(&self.0), book)
    }

    fn read<T>(&self, read: impl FnOnce(Rows<'_, ReadOnlyTable<Key, Value>>) -> Result<T>) -> Answer<T> {
        let rows = self.0.begin_read().map_err(told)?.open_table(ROWS).map_err(told)?;
        read(Rows(self.1.as_str(), rows)).map_err(told)
    }

    /// Writes in a transaction, which is undone after an error.
    fn write<T>(&self, write: impl FnOnce(Rows<'_, Table<'_, Key, Value>>) -> Result<T>) -> Answer<T> {
        let transaction = self.0.begin_write().map_err(told)?;
        let rows = transaction.open_table(ROWS).map_err(told)?;
        let written = write(Rows(self.1.as_str(), rows)).map_err(told)?;
        let unknown = |error| StoreError::new(StoreErrorKind::Unknown, "cannot commit").caused_by(error);
        transaction.commit().map_err(unknown)?;
        Ok(written)
    }
}

impl<T: ReadableTable<Key, Value>> Rows<'_, T> {
    fn get<V: DeserializeOwned>(&self, kind: &str, name: &str, part: &str) -> Result<Option<V>> {
        let row = self.1.get((self.0, kind, name, part))?;
        Ok(row.map(|row| serde_json::from_slice(row.value())).transpose()?)
    }

    fn kept(&self, prospect: &str) -> Result<Option<Kept>> {
        self.get("prospect", prospect, "")
    }

    /// Returns the first rows of a kind: their second names and values. `end` is the last first name.
    fn list<V: DeserializeOwned>(
        &self,
        kind: &str,
        start: Bound<(&str, &str)>,
        end: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, V)>> {
        let next = format!("{}\0", end.unwrap_or(kind)); // the next text in the order of bytes
        let end = if end.is_some() { (self.0, kind, &*next, "") } else { (self.0, &*next, "", "") };
        let start = start.map(|(name, part)| (self.0, kind, name, part));
        let rows = self.1.range((start, Excluded(end)))?.take(limit).map(|row| {
            let (key, value) = row?;
            Ok((key.value().3.to_owned(), serde_json::from_slice(value.value())?))
        });
        rows.collect()
    }

    /// Returns the first prospects in an order, after a place and up to an instant.
    fn along(&self, order: &str, after: (&str, &str), end: Option<&str>, limit: usize) -> Result<Vec<Kept>> {
        let places: Vec<(String, ())> = self.list(order, Excluded(after), end, limit)?;
        places.iter().map(|(id, ())| self.kept(id)?.context("a place has no prospect")).collect()
    }

    fn due(&self, query: &DueQuery) -> Result<Vec<Due>> {
        let entries = |order: &str, after: (&str, &str), before: Option<Since>, limit| {
            let owned = query.owner.as_ref().map(|owner| format!("{order} of {owner}"));
            let order = owned.as_deref().unwrap_or(order);
            let kept = self.along(order, after, before.map(place).as_deref(), limit)?;
            Ok(kept.into_iter().filter_map(|kept| kept.due).collect())
        };
        let unknown = || StoreError::new(StoreErrorKind::Unsupported, "unknown order of due entries");
        let (order, _) = ORDERS.iter().find(|(_, order)| *order == query.order).ok_or_else(unknown)?;
        let after = query.after.as_ref().map(|(at, id)| (place(*at), id.as_str())).unwrap_or_default();
        query.search(
            |limit| entries(order, (&after.0, after.1), query.before, limit),
            |limit| entries("opening", ("", ""), query.opens_before, limit),
        )
    }

    /// Returns the earliest instant from which an entry can be claimed.
    fn next_claimable_at(&self) -> Result<Option<Since>> {
        Ok(self.along("claim", ("", ""), None, 1)?.first().and_then(Kept::claimable_at))
    }

    /// Returns the newest place in the feed, and the newest instant of any event.
    fn totals(&self) -> Result<(u64, Option<Since>)> {
        Ok(self.get("totals", "", "")?.unwrap_or_default())
    }

    /// Returns the records of a journal that have these keys.
    fn known<'a>(&self, prospect: &str, keys: impl Iterator<Item = &'a String>) -> Result<Known<'a>> {
        let record = |key: &'a String| Some((key, self.get("record", prospect, key).transpose()?));
        keys.filter_map(record).map(|(key, record)| Ok((&**key, record?))).collect()
    }
}

impl Rows<'_, Table<'_, Key, Value>> {
    fn put(&mut self, kind: &str, name: &str, part: &str, value: &impl Serialize) -> Result<()> {
        self.1.insert((self.0, kind, name, part), &*serde_json::to_vec(value)?)?;
        Ok(())
    }

    /// Replaces a prospect, and moves it to its places.
    fn keep(&mut self, before: Option<&Kept>, after: &Kept) -> Result<()> {
        let id = after.head.prospect.as_str();
        let (left, taken) = (before.map(places).unwrap_or_default(), places(after));
        for (order, at) in left.iter().filter(|place| !taken.contains(place)) {
            self.1.remove((self.0, &**order, &**at, id))?;
        }
        for (order, at) in taken.iter().filter(|place| !left.contains(place)) {
            self.put(order, at, id, &())?;
        }
        self.put("prospect", id, "", after)
    }

    /// Checks a change and makes it.
    fn apply(&mut self, change: &Append) -> Result<()> {
        let id = change.prospect.as_str();
        let (before, known) = (self.kept(id)?, self.known(id, change.records.iter().map(|new| &new.key))?);
        Kept::check(before.as_ref(), change, |key| known.contains_key(key))?;
        for record in &change.records {
            self.put("record", id, &record.key, record)?;
        }
        for Suppression { address, since, .. } in &change.suppressions {
            let first: Option<Since> = self.get("suppression", &hex(address), "")?.flatten();
            let since = since.map(|since| first.map_or(since, |first| first.min(since)));
            self.put("suppression", &hex(address), "", &since)?;
        }
        let (cursor, newest) = self.totals()?;
        let totals = (cursor + 1, newest.max(change.records.iter().map(|record| record.at).max()));
        self.put("totals", "", "", &totals)?;
        self.keep(before.as_ref(), &Kept::changed(before.clone(), change, totals.0))
    }
}

#[async_trait]
impl Store for KvStore {
    async fn append(&self, changes: Vec<Append>) -> Answer<()> {
        Append::check_form(&changes)?;
        self.write(|mut rows| changes.iter().try_for_each(|change| rows.apply(change)))
    }
    async fn head(&self, wanted: Vec<HeadQuery>) -> Answer<Vec<Option<Head>>> {
        self.read(|rows| {
            let head = |HeadQuery { prospect, keys, .. }: &HeadQuery| {
                let Some(Kept { mut head, .. }) = rows.kept(prospect.as_str())? else { return Ok(None) };
                let known = rows.known(prospect.as_str(), keys.iter())?;
                head.known = keys.iter().map(|key| known.get(&**key).map(|record| record.hash)).collect();
                Ok(Some(head))
            };
            wanted.iter().map(head).collect()
        })
    }
    async fn history(&self, prospect: &ProspectId) -> Answer<Vec<Record>> {
        let id = prospect.as_str();
        let records = self.read(|rows| rows.list("record", Included((id, "")), Some(id), usize::MAX))?;
        let mut records: Vec<Record> = records.into_iter().map(|(_, record)| record).collect();
        records.sort_by_key(|record| (record.at, record.seq)); // already ordered by key
        Ok(records)
    }
    async fn due(&self, query: DueQuery) -> Answer<DuePage> {
        self.read(|rows| Ok(DuePage::new(rows.due(&query)?, rows.totals()?.1)))
    }
    async fn claim(&self, Claim { now, until, limit, .. }: Claim) -> Answer<ClaimPage> {
        // Most claims find nothing. They do not wait for other writers or for the disk.
        let next_at = self.read(|rows| rows.next_claimable_at())?;
        if limit == 0 || next_at.is_none_or(|at| at > now) {
            return Ok(ClaimPage::new(Vec::new(), next_at));
        }
        let now = place(now);
        self.write(|mut rows| {
            let mut claimed = Vec::new();
            for before in rows.along("claim", ("", ""), Some(&now), limit)? {
                let mut after = before.clone();
                claimed.push(after.claim(until));
                rows.keep(Some(&before), &after)?;
            }
            Ok(ClaimPage::new(claimed, rows.next_claimable_at()?))
        })
    }
    async fn renew(&self, renewal: Renewal) -> Answer<()> {
        self.write(|mut rows| {
            let before = rows.kept(renewal.prospect.as_str())?;
            let mut after = before.clone();
            Kept::renew(after.as_mut(), &renewal)?;
            after.iter().try_for_each(|after| rows.keep(before.as_ref(), after))
        })
    }
    async fn suppressed(&self, addresses: Vec<AddressHash>) -> Answer<Vec<Option<Since>>> {
        self.read(|rows| {
            let since = |address| Ok(rows.get("suppression", &hex(address), "")?.flatten());
            addresses.iter().map(since).collect()
        })
    }
    async fn scan(&self, after: Option<&ProspectId>, limit: usize) -> Answer<Vec<Head>> {
        let after = Excluded((after.map_or("", ProspectId::as_str), ""));
        let kept: Vec<(String, Kept)> = self.read(|rows| rows.list("prospect", after, None, limit))?;
        Ok(kept.into_iter().map(|(_, kept)| kept.head).collect())
    }
    async fn changes(&self, after: u64, limit: usize) -> Answer<Vec<Changed>> {
        let after = format!("{after:020}\0"); // after all places that have this number
        let kept = self.read(|rows| rows.along("feed", (&after, ""), None, limit))?;
        let changed = |kept: Kept| Changed::new(kept.cursor, kept.head.prospect, kept.head.revision);
        Ok(kept.into_iter().map(changed).collect())
    }
    async fn erase(&self, mut erase: Erase) -> Answer<()> {
        (erase.append.due, erase.append.profile) = (None, None);
        Append::check_form(std::slice::from_ref(&erase.append))?;
        self.write(|mut rows| {
            let id = erase.append.prospect.as_str();
            rows.apply(&erase.append)?;
            let mut known = rows.known(id, erase.redacted.iter().map(|(key, _)| key))?;
            erase.check(|key| known.contains_key(key))?;
            for (key, body) in &erase.redacted {
                let record = known.get_mut(&**key).expect("it has been checked");
                record.body.clone_from(body);
                rows.put("record", id, key, record)?;
            }
            let mut kept = rows.kept(id)?.expect("it has just been written");
            kept.head.profile = None;
            rows.put("prospect", id, "", &kept)
        })
    }
    async fn save(&self, document: Document) -> Answer<()> {
        let Document { kind, name, version, body, .. } = &document;
        let part = format!("{version:020}");
        self.write(|mut rows| match rows.get::<Document>(kind.as_str(), name, &part)? {
            None => rows.put(kind.as_str(), name, &part, &document),
            Some(saved) if saved.body == *body => Ok(()),
            Some(_) => {
                let why = format!("version {version} of {name} already has other content");
                Err(StoreError::new(StoreErrorKind::Conflict, why))?
            }
        })
    }
    async fn documents(&self, query: DocumentQuery) -> Answer<Vec<Document>> {
        let all = |rows: Rows<'_, _>| rows.list(query.kind.as_str(), Included(("", "")), None, usize::MAX);
        let saved: Vec<(String, Document)> = self.read(all)?;
        Ok(saved.into_iter().map(|(_, saved)| saved).filter(|saved| query.is_met_by(saved)).collect())
    }
}
