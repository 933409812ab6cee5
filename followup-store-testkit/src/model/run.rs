//! Runs a list of operations over a store and the reference, side by side.

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use followup_core::store::{
    Append, Claim, Document, DocumentQuery, Due, DueQuery, Erase, Fence, HeadQuery, Record, Renewal,
    Revision, Snapshot, Suppression, UnderClaim,
};
use followup_core::{ProspectId, Store, StoreError};

use super::operation::{Act, Change, Key, Number, Operation, PROSPECTS, Query, When, Who};
use super::reference::{Person, Reference, Refusals};
use crate::Subject;
use crate::tools::{ORDERS, address, at, id};

/// An error says what differs.
type Verdict = Result<(), String>;

/// A store, and the references that it has to agree with.
pub(super) struct Run {
    subject: Subject,
    books: [Reference; 2],
    /// Number of keys that were made.
    keys: usize,
}

fn name(who: Who) -> ProspectId {
    // Their order by bytes is not the alphabetical order of any language.
    const NAMES: [&str; PROSPECTS as usize] = ["b", "B", "é", "b1", "a b", "漢"];
    id(NAMES[usize::from(who) % NAMES.len()])
}

fn when(micros: When) -> DateTime<Utc> {
    at(i64::from(micros))
}

fn limit(limit: u8) -> usize {
    if limit == 99 { usize::MAX } else { usize::from(limit) }
}

fn owner(owner: u8) -> Option<String> {
    [None, Some("ines"), Some("Ines"), Some("")][usize::from(owner) % 4].map(str::to_owned)
}

fn body(body: u8) -> String {
    ["{}", "{\"a\":1}", ""][usize::from(body) % 3].to_owned()
}

/// Checks that two answers are the same.
fn same<T: PartialEq + Debug>(what: &str, found: &T, right: &T) -> Verdict {
    if found == right {
        return Ok(());
    }
    Err(format!("{what}: the store returns\n  {found:?}\nexpected\n  {right:?}"))
}

/// Checks that both succeed, or both refuse the call for the same reason.
fn same_fate(what: &str, done: Result<(), StoreError>, right: Result<(), Refusals>) -> Verdict {
    match (done, right) {
        (Ok(()), Ok(())) => Ok(()),
        (Err(error), Err(refusals)) => {
            let told = error.to_string();
            if refusals.iter().any(|(kind, named)| error.kind() == *kind && told.contains(&**named)) {
                return Ok(());
            }
            Err(format!(
                "{what}: the store fails with {:?} ({told}); expected one of {refusals:?}",
                error.kind()
            ))
        }
        (Ok(()), Err(refusals)) => Err(format!("{what}: the store succeeds; expected one of {refusals:?}")),
        (Err(error), Ok(())) => {
            Err(format!("{what}: the store fails with {:?}, expected success: {error}", error.kind()))
        }
    }
}

fn failed(what: &str) -> impl Fn(StoreError) -> String {
    move |error| format!("{what}: the store fails with {:?}, expected success: {error}", error.kind())
}

impl Run {
    pub(super) fn new(subject: Subject) -> Run {
        Run { subject, books: [Reference::default(), Reference::default()], keys: 0 }
    }

    /// Runs all operations, and then compares everything that can be read.
    pub(super) async fn all(&mut self, operations: &[Operation]) -> Verdict {
        for (n, operation) in operations.iter().enumerate() {
            self.step(operation).await.map_err(|why| format!("operation {n}, {why}"))?;
        }
        for book in 0..self.books.len() {
            self.compare(book).await.map_err(|why| format!("after all operations, book {book}, {why}"))?;
        }
        Ok(())
    }

    fn store(&self, book: usize) -> &dyn Store {
        [self.subject.store(), self.subject.other_book()][book]
    }

    async fn step(&mut self, operation: &Operation) -> Verdict {
        let book = usize::from(operation.elsewhere);
        match &operation.act {
            Act::Append(changes) => {
                let changes: Vec<Append> = changes.iter().map(|change| self.append(book, change)).collect();
                let done = self.store(book).append(changes.clone()).await;
                same_fate("append", done, self.books[book].append(&changes))?;
                for change in changes {
                    self.look(book, &change.prospect).await?;
                }
                Ok(())
            }
            Act::Erase(change, keys) => {
                let append = self.append(book, change);
                let prospect = append.prospect.clone();
                let keys: Vec<String> = keys.iter().map(|key| self.key(book, &prospect, *key)).collect();
                let redacted = keys.into_iter().map(|key| (key, "{\"redacted\":true}".to_owned())).collect();
                let erase = Erase::new(append, redacted);
                let done = self.store(book).erase(erase.clone()).await;
                same_fate("erase", done, self.books[book].erase(&erase))?;
                self.look(book, &prospect).await
            }
            Act::Claim { now, lasting, limit: most } => {
                let (now, until) = (when(*now), when(now.saturating_add(*lasting)));
                self.claim(book, now, until, limit(*most)).await
            }
            Act::Renew { who, claim, until } => {
                let prospect = name(*who);
                let renewal =
                    Renewal::new(prospect.clone(), self.fence(book, &prospect, *claim), when(*until));
                let done = self.store(book).renew(renewal.clone()).await;
                same_fate("renew", done, self.books[book].renew(&renewal))
            }
            Act::Save { kind, name, version, body: says } => {
                let name = format!("document {name}");
                let document =
                    Document::new(*kind, name, u64::from(*version), body(*says), when(*says as When));
                let done = self.store(book).save(document.clone()).await;
                same_fate("save", done, self.books[book].save(&document))
            }
            Act::Reopen if self.subject.can_be_reopened() => {
                self.subject.reopen();
                Ok(())
            }
            Act::Reopen => Ok(()),
            _ => self.ask(book, &operation.act).await,
        }
    }

    async fn ask(&mut self, book: usize, act: &Act) -> Verdict {
        match act {
            Act::Head(wanted) => {
                let wanted = wanted.iter().map(|(who, keys)| {
                    let prospect = name(*who);
                    let keys = keys.iter().map(|key| self.key(book, &prospect, *key)).collect();
                    HeadQuery::new(prospect, keys)
                });
                let wanted: Vec<HeadQuery> = wanted.collect();
                let found = self.store(book).head(wanted.clone()).await.map_err(failed("head"))?;
                same("head", &found, &self.books[book].heads(&wanted))
            }
            Act::History(who) => {
                let found = self.store(book).history(&name(*who)).await.map_err(failed("history"))?;
                same("history", &found, &self.books[book].history(&name(*who)))
            }
            Act::Due(asked) => self.ask_due(book, &due_query(asked)).await,
            Act::Suppressed(addresses) => {
                let addresses: Vec<_> = addresses.iter().map(|n| address(*n)).collect();
                let found =
                    self.store(book).suppressed(addresses.clone()).await.map_err(failed("suppressed"))?;
                let right = addresses.iter().map(|address| self.books[book].suppressed(*address)).collect();
                same("suppressed", &found, &right)
            }
            Act::Scan { after, limit: most } => {
                let after = after.map(name);
                let found =
                    self.store(book).scan(after.as_ref(), limit(*most)).await.map_err(failed("scan"))?;
                same("scan", &found, &self.books[book].scan(after.as_ref(), limit(*most)))
            }
            Act::Changes { after, limit: most } => {
                self.ask_changes(book, usize::from(*after), limit(*most)).await
            }
            Act::Documents { kind, name } => {
                let mut query = DocumentQuery::new(*kind);
                query.name = name.map(|name| format!("document {name}"));
                let found = self.store(book).documents(query.clone()).await.map_err(failed("documents"))?;
                same("documents", &found, &self.books[book].documents(&query))
            }
            _ => Ok(()),
        }
    }

    async fn ask_due(&self, book: usize, query: &DueQuery) -> Verdict {
        let found = self.store(book).due(query.clone()).await.map_err(failed("due"))?;
        same("due", &found.entries, &self.books[book].due(query))
            .map_err(|why| format!("{query:?}, {why}"))?;
        same("the newest event", &found.newest_event_at, &self.books[book].newest_event_at())
    }

    /// Compares the feed after its first `after` entries. The cursors are not compared, because the store chooses them.
    async fn ask_changes(&self, book: usize, after: usize, limit: usize) -> Verdict {
        let store = self.store(book);
        let all = store.changes(0, usize::MAX).await.map_err(failed("changes"))?;
        if !all.is_sorted_by(|a, b| a.cursor < b.cursor) {
            return Err(format!("changes: the cursors do not grow in {all:?}"));
        }
        let right = self.books[book].feed();
        let plain = |changes: &[followup_core::store::Changed]| -> Vec<(ProspectId, Revision)> {
            changes.iter().map(|changed| (changed.prospect.clone(), changed.revision)).collect()
        };
        same("changes", &plain(&all), &right)?;
        let after = after.min(all.len());
        let cursor = after.checked_sub(1).map_or(0, |last| all[last].cursor);
        let found = store.changes(cursor, limit).await.map_err(failed("changes"))?;
        let page: Vec<_> = all.into_iter().skip(after).take(limit).collect();
        same("changes after a cursor", &found, &page)
    }

    async fn claim(
        &mut self,
        book: usize,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: usize,
    ) -> Verdict {
        let claim = Claim::new(now, until, limit);
        let page = self.store(book).claim(claim).await.map_err(failed("claim"))?;
        let reference = &mut self.books[book];
        let right = reference.claim(now, until, limit);
        same("the next claim", &page.next_at, &reference.next_claimable_at())?;
        let handed_out = page.claimed;
        let entries: Vec<Due> = handed_out.iter().map(|claimed| claimed.due.clone()).collect();
        same("claim", &entries, &right).map_err(|why| format!("{claim:?}, {why}"))?;
        handed_out.iter().try_for_each(|claimed| reference.give(&claimed.due.prospect, claimed.fence))
    }

    /// Compares the head of one prospect.
    async fn look(&self, book: usize, prospect: &ProspectId) -> Verdict {
        let wanted = vec![HeadQuery::new(prospect.clone(), Vec::new())];
        let found = self.store(book).head(wanted.clone()).await.map_err(failed("head"))?;
        same("the head after it", &found, &self.books[book].heads(&wanted))
    }

    /// Compares everything that can be read from a book, and everything that can be claimed.
    async fn compare(&mut self, book: usize) -> Verdict {
        let found = self.store(book).scan(None, usize::MAX).await.map_err(failed("scan"))?;
        same("scan", &found, &self.books[book].scan(None, usize::MAX))?;
        for head in found {
            let journal = self.store(book).history(&head.prospect).await.map_err(failed("history"))?;
            same("history", &journal, &self.books[book].history(&head.prospect))?;
        }
        for order in ORDERS {
            self.ask_due(book, &DueQuery::new(order, usize::MAX)).await?;
        }
        self.ask_changes(book, 0, usize::MAX).await?;
        self.ask(book, &Act::Suppressed((0..5).collect())).await?;
        for kind in
            [followup_core::store::DocumentKind::Playbook, followup_core::store::DocumentKind::OwnerAway]
        {
            self.ask(book, &Act::Documents { kind, name: None }).await?;
        }
        self.claim(book, when(When::MAX), when(When::MAX), usize::MAX).await
    }

    fn person(&self, book: usize, prospect: &ProspectId) -> Option<&Person> {
        self.books[book].person(prospect)
    }

    fn key(&mut self, book: usize, prospect: &ProspectId, key: Key) -> String {
        let known = match (key, self.person(book, prospect)) {
            (Key::Known(n), Some(person)) => {
                person.records.get(usize::from(n) % person.records.len()).map(|record| record.key.clone())
            }
            _ => None,
        };
        known.unwrap_or_else(|| {
            self.keys += 1;
            format!("k{}", self.keys)
        })
    }

    fn fence(&self, book: usize, prospect: &ProspectId, number: Number) -> Fence {
        let given = self.person(book, prospect).map(|person| &person.fences[..]).unwrap_or_default();
        let newest = given.last().copied().unwrap_or(Fence(0));
        match number {
            Number::Newest => newest,
            Number::Older(n) => given.iter().rev().nth(usize::from(n) + 1).copied().unwrap_or(newest),
            Number::Unknown => Fence(newest.0 + 1),
        }
    }

    fn append(&mut self, book: usize, change: &Change) -> Append {
        let prospect = name(change.who);
        let revision = self.person(book, &prospect).map(Person::revision).unwrap_or_default();
        let expected = Revision(revision.0.saturating_add_signed(i64::from(change.revision_off)));
        let records = change.records.iter().map(|(key, micros, seq)| {
            let key = self.key(book, &prospect, *key);
            let mut record = Record::new(key, when(*micros), "noted", "{\"text\":\"of a person\"}");
            record.seq = i64::from(*seq);
            record.hash = [self.keys as u8; 16];
            record.recorded_at = at(self.keys as i64);
            record
        });
        let records: Vec<Record> = records.collect();
        let snapshot = Snapshot::new(3, self.keys.to_le_bytes().to_vec());
        let mut append = Append::new(prospect.clone(), expected, records, snapshot);
        append.profile = change.profile.map(body);
        append.due = change.due.as_ref().map(|entry| {
            let whose = if entry.foreign { name(change.who + 1) } else { prospect.clone() };
            let mut due = Due::new(whose, append.revision());
            due.owner = owner(entry.owner);
            due.automatic = entry.automatic;
            (due.earliest, due.latest) = (entry.earliest.map(when), entry.latest.map(when));
            (due.rank_at, due.wake_at) = (entry.rank_at.map(when), entry.wake_at.map(when));
            due.appointment_at = entry.appointment_at.map(when);
            due.obligation = format!("touch:{}", self.keys);
            due
        });
        append.claim = change.claim.map(|(number, ends)| {
            let fence = self.fence(book, &prospect, number);
            if ends { UnderClaim::Ends(fence) } else { UnderClaim::GoesOn(fence) }
        });
        append.suppressions = change
            .suppressions
            .iter()
            .map(|(n, since)| match since {
                Some(since) => Suppression::of(address(*n), when(*since)),
                None => Suppression::lifted(address(*n)),
            })
            .collect();
        append
    }
}

fn due_query(query: &Query) -> DueQuery {
    let mut asked = DueQuery::new(query.order, limit(query.limit));
    asked.owner = owner(query.owner);
    asked.before = query.before.map(when);
    asked.opens_before = query.opens_before.map(when);
    asked.after = query.after.map(|(micros, who)| (when(micros), name(who)));
    asked
}
