//! Random changes, each valid after the ones before it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use followup::ProspectId;
use followup::store::{
    AddressHash, Append, Document, DocumentKind, Due, Erase, Record, Revision, Snapshot, Suppression,
};
use followup_fault_vfs::Random;

use crate::changes::Change;

const OWNERS: [&str; 3] = ["ines", "jo", "kim"];

/// Number of lanes. Each lane has one draft, whose changes do not depend on those of other lanes.
pub(crate) const LANES: u8 = 4;

/// Number of addresses that one draft suppresses and lifts again.
const ADDRESSES: u8 = 6;

/// A generator of random changes.
pub(crate) struct Draft {
    lane: u8,
    pub(crate) random: Random,
    /// The record keys of each journal, by book and prospect.
    journals: BTreeMap<(usize, String), Vec<String>>,
    made: u64,
}

/// The size limits of a change.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Maximum number of records.
    pub(crate) records: u64,
    /// Maximum length of a body, in bytes.
    pub(crate) body: u64,
    /// Maximum length of a profile, in bytes; 0 for no profile.
    pub(crate) profile: u64,
}

/// The size of most changes.
pub(crate) const USUAL: Size = Size { records: 2, body: 200, profile: 0 };

impl Draft {
    pub(crate) fn new(lane: u8, random: Random) -> Draft {
        Draft { lane, random, journals: BTreeMap::new(), made: 0 }
    }

    /// Makes an append to one prospect.
    pub(crate) fn append(&mut self, book: usize, who: &str, size: Size) -> Append {
        let keys = self.journals.entry((book, who.to_owned())).or_default();
        let expected = Revision(keys.len() as u64);
        let mut records = Vec::new();
        for _ in 0..1 + self.random.below(size.records) {
            self.made += 1;
            let key = format!("k{}", self.made);
            keys.push(key.clone());
            records.push(record(&mut self.random, key, size.body));
        }
        let length = 20 + self.random.below(300);
        let bytes = (0..length).map(|_| self.random.number() as u8).collect();
        let prospect = ProspectId::new(who).expect("the id is valid");
        let mut append = Append::new(prospect, expected, records, Snapshot::new(3, bytes));
        if size.profile > 0 {
            append.profile = Some(format!("{{\"name\":\"{}\"}}", text(&mut self.random, size.profile)));
        }
        append.due = self.due(&append);
        if self.random.below(3) == 0 {
            let address = address(self.lane, self.random.below(u64::from(ADDRESSES)) as u8);
            let since = instant(&mut self.random);
            let lifts = self.random.below(4) == 0;
            let change = if lifts { Suppression::lifted(address) } else { Suppression::of(address, since) };
            append.suppressions.push(change);
        }
        append
    }

    /// Makes a new version of a document.
    pub(crate) fn document(&mut self, book: usize) -> Change {
        self.made += 1;
        let kind = *self.random.one_of(&KINDS);
        let body = format!("{{\"text\":\"{}\"}}", text(&mut self.random, 300));
        let name = format!("document-{}", self.lane);
        Change::save(book, Document::new(kind, name, self.made, body, instant(&mut self.random)))
    }

    fn due(&mut self, append: &Append) -> Option<Due> {
        if self.random.below(8) == 0 {
            return None;
        }
        let random = &mut self.random;
        let mut due = Due::new(append.prospect.clone(), append.revision());
        due.owner = random.coin().then(|| (*random.one_of(&OWNERS)).to_owned());
        due.automatic = random.coin();
        for place in [
            &mut due.earliest,
            &mut due.target,
            &mut due.latest,
            &mut due.rank_at,
            &mut due.wake_at,
            &mut due.appointment_at,
        ] {
            *place = (random.below(4) > 0).then(|| instant(random));
        }
        due.obligation = format!("touch:{}", random.below(1000));
        due.planned_by = format!("1/{}/2026b", random.below(3));
        Some(due)
    }

    /// Makes a change that appends to one prospect.
    pub(crate) fn change(&mut self, book: usize, who: &str, size: Size) -> Change {
        let append = self.append(book, who, size);
        Change::append(book, vec![append])
    }

    /// Makes one change that appends to many prospects.
    pub(crate) fn batch<'a>(
        &mut self,
        book: usize,
        who: impl IntoIterator<Item = &'a String>,
        size: Size,
    ) -> Change {
        let appends = who.into_iter().map(|who| self.append(book, who, size)).collect();
        Change::append(book, appends)
    }

    /// Makes a change that erases an existing person. About half of the records get a new body.
    pub(crate) fn erase(&mut self, book: usize, who: &str) -> Change {
        let keys = self.journals.get(&(book, who.to_owned())).cloned().unwrap_or_default();
        let mut append = self.append(book, who, USUAL);
        append.due = None;
        let redacted = keys.into_iter().filter(|_| self.random.coin()).map(|key| (key, "{}".to_owned()));
        let redacted = redacted.collect();
        Change::erase(book, Erase::new(append, redacted))
    }
}

fn record(random: &mut Random, key: String, body: u64) -> Record {
    let body = format!("{{\"text\":\"{}\"}}", text(random, body));
    let kind = *random.one_of(&["added", "noted", "replied", "sent"]);
    let mut record = Record::new(key, instant(random), kind, body);
    record.seq = random.below(3) as i64;
    record.hash = std::array::from_fn(|_| random.number() as u8);
    record.recorded_at = instant(random);
    record
}

/// One of 40 instants, so that many are equal.
fn instant(random: &mut Random) -> DateTime<Utc> {
    let noon = DateTime::from_timestamp_micros(1_772_798_400_000_000).expect("the timestamp is in range");
    noon + TimeDelta::minutes(random.below(40) as i64)
}

/// Random letters, at least half and at most all of the allowed length.
fn text(random: &mut Random, most: u64) -> String {
    let length = most / 2 + random.below(most / 2 + 1);
    (0..length).map(|_| char::from(b'a' + random.below(26) as u8)).collect()
}

/// The kinds of documents that are saved.
pub(crate) const KINDS: [DocumentKind; 2] = [DocumentKind::Playbook, DocumentKind::OwnerAway];

/// The addresses that the drafts suppress, of all lanes.
pub(crate) fn addresses() -> Vec<AddressHash> {
    (0..LANES).flat_map(|lane| (0..ADDRESSES).map(move |n| address(lane, n))).collect()
}

fn address(lane: u8, n: u8) -> AddressHash {
    AddressHash([[lane, n]; 8].concat().try_into().expect("two bytes eight times are sixteen"))
}

/// The ids of the given number of prospects.
pub(crate) fn people(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("p-{n}")).collect()
}
