//! Cost: calls that do not become slower when the book grows.
//!
//! Each case fills two stores, one with 64 times as many prospects as the other, and times the same calls with answers
//! of the same size over both. A store with indexes takes a little longer over the larger book, because its trees are
//! deeper. A store that reads every prospect takes up to 64 times as long. The bound is the square root of that: 8
//! times.
//!
//! No duration is hard-coded: a store is compared with itself, on the same machine, in the same minute. These
//! measures keep the result stable on a busy machine:
//!
//! - The two stores take turns, so that both have the same share of any disturbance.
//! - Only the fastest call of each store counts, because other programs make a call slower but never faster.
//! - Over the bound, a case measures again, and fails only if no round is within it.
//!
//! Before each call a change is written, which is not timed, so that a store cannot answer from a copy of its last
//! answer.
//!
//! A high fixed cost of each call, such as a round trip to a server or a commit to a disk, hides a scan that is short in
//! comparison. `FOLLOWUP_TESTKIT_PROSPECTS=<number>` sets the size of the larger book, which is 16,384 by default.

use std::env;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use followup_core::store::{Due, DueOrder, DueQuery, HeadQuery};
use followup_core::{Store, StoreError};

use crate::tools::{ORDERS, Outcome, at, automatic, change, claim, due, id};
use crate::{Factory, Subject};

/// The environment variable that sets the number of prospects in the larger book.
const VARIABLE: &str = "FOLLOWUP_TESTKIT_PROSPECTS";

/// The default number of prospects in the larger book.
const PROSPECTS: usize = 16_384;

/// The smallest size of the larger book.
const PROSPECTS_MIN: usize = 16 * GROWTH;

/// How many times as many prospects the larger book has.
const GROWTH: usize = 64;

/// How many times as long a call may take over the larger book: the square root of its growth.
const BOUND: u32 = 8;

/// Number of timed calls on each store in a round.
const CALLS: usize = 10;

/// Number of rounds before a case fails.
const ROUNDS: usize = 5;

/// Number of prospects that are added at a time.
const BATCH: usize = 2048;

/// Number of entries in an answer.
const FEW: usize = 5;

/// Limit of a query that is expected to find [`FEW`] entries.
const MORE: usize = 20;

/// An instant that is later than those of other entries, in microseconds.
const LATE: i64 = 1_000_000_000;

/// A timed call, which returns the number of entries in its answer.
type Call<'a> = Pin<Box<dyn Future<Output = Result<usize, StoreError>> + Send + 'a>>;

/// The arguments of a timed call.
#[derive(Clone, Copy)]
struct Turn<'a> {
    store: &'a dyn Store,
    /// The number of prospects in the book.
    size: usize,
    /// The number of the turn, which is larger for later turns.
    number: i64,
}

/// Two stores with the same kind of book: a small and a large one.
struct Books {
    books: [(usize, Subject); 2],
    turns: u64,
}

impl Books {
    /// Returns two stores with the prospects `p-0`, `p-1`, … . Entries are automatic and open at noon, and `shape`
    /// sets the rest; it gets the position of a prospect, from 0, and the number of prospects.
    async fn filled(factory: &dyn Factory, shape: fn(usize, usize, &mut Due)) -> Result<Books, StoreError> {
        let large = prospects();
        let books = [large / GROWTH, large].map(|size| (size, factory.make()));
        for (size, subject) in &books {
            let added = (0..*size).map(|n| {
                let mut added = automatic(&prospect(n), 0, "added", 0);
                shape(n, *size, added.due.as_mut().expect("the change has a due entry"));
                added
            });
            let added: Vec<_> = added.collect();
            for batch in added.chunks(BATCH) {
                subject.store().append(batch.to_vec()).await?;
            }
        }
        Ok(Books { books, turns: 0 })
    }

    /// Asserts that calls, each of which finds a number of entries, do not take much longer over the larger book.
    async fn assert_alike<C>(&mut self, what: &str, found: usize, call: C) -> Outcome
    where
        C: for<'a> Fn(Turn<'a>) -> Call<'a> + Sync,
    {
        let mut fastest = [Duration::MAX; 2];
        for _ in 0..ROUNDS {
            for _ in 0..CALLS {
                for ((size, subject), fastest) in self.books.iter().zip(&mut fastest) {
                    let store = subject.store();
                    let mut other = change("other", self.turns, &self.turns.to_string());
                    other.due = None;
                    store.append(vec![other]).await?;
                    let turn = Turn { store, size: *size, number: self.turns as i64 };
                    let begun = Instant::now();
                    let answer = call(turn).await?;
                    *fastest = begun.elapsed().min(*fastest);
                    assert_eq!(answer, found, "{what}: wrong answer over {size} prospects");
                }
                self.turns += 1;
            }
            if fastest[1] <= fastest[0] * BOUND {
                return Ok(());
            }
        }
        let [(few, _), (many, _)] = &self.books;
        panic!(
            "{what}: {:?} over {many} prospects, {:?} over {few}; expected at most {BOUND} times as long. If the \
             store reads every prospect by design, say so: `suite!(name, factory, scans)`",
            fastest[1], fastest[0]
        );
    }
}

/// Returns the number of prospects in the larger book.
fn prospects() -> usize {
    let Ok(text) = env::var(VARIABLE) else { return PROSPECTS };
    let set = text.parse().ok().filter(|prospects| *prospects >= PROSPECTS_MIN);
    set.unwrap_or_else(|| {
        panic!("invalid value for {VARIABLE}: expected a number of at least {PROSPECTS_MIN}, got {text:?}")
    })
}

/// Returns the id of a prospect. Ids are in the order of their numbers.
fn prospect(n: usize) -> String {
    format!("p-{n:07}")
}

/// Returns the number of entries that a query finds.
fn ask(store: &dyn Store, query: DueQuery) -> Call<'_> {
    Box::pin(async move { Ok(due(store, query).await?.len()) })
}

/// Returns a query for open entries by rank.
fn agenda(owner: Option<&str>) -> DueQuery {
    let mut query = DueQuery::new(DueOrder::Rank, MORE);
    query.owner = owner.map(str::to_owned);
    query.opens_before = Some(at(1));
    query
}

/// A page of any order, from the beginning or from anywhere, does not cost more in a larger book.
pub async fn a_page_of_an_order_costs_no_more_in_a_larger_book(factory: &dyn Factory) -> Outcome {
    let mut books = Books::filled(factory, |n, _, due| {
        let place = Some(at(n as i64));
        (due.rank_at, due.wake_at, due.appointment_at) = (place, place, place);
    })
    .await?;
    for order in ORDERS {
        let first = DueQuery::new(order, FEW);
        books
            .assert_alike(&format!("the first page by {order:?}"), FEW, |turn| ask(turn.store, first.clone()))
            .await?;
        let middle = |turn: Turn<'_>| {
            let mut query = first.clone();
            query.after = Some((at(turn.size as i64 / 2), id(&prospect(turn.size / 2))));
            query
        };
        books
            .assert_alike(&format!("a page by {order:?} from the middle"), FEW, |turn| {
                ask(turn.store, middle(turn))
            })
            .await?;
        let mut none = first.clone();
        none.before = Some(at(0));
        books
            .assert_alike(&format!("an empty page by {order:?}"), 0, |turn| ask(turn.store, none.clone()))
            .await?;
    }
    let mut open = agenda(None);
    open.limit = FEW;
    books.assert_alike("an agenda in which all are open", FEW, |turn| ask(turn.store, open.clone())).await
}

/// The agenda of an owner with few entries does not cost more if other owners have more.
pub async fn an_owners_agenda_costs_no_more_if_others_have_more(factory: &dyn Factory) -> Outcome {
    let mut books = Books::filled(factory, |n, size, due| {
        due.rank_at = Some(at(n as i64));
        due.owner = Some(if n < size - FEW { "jo" } else { "ines" }.to_owned());
    })
    .await?;
    let mut all = agenda(Some("ines"));
    all.opens_before = None;
    books.assert_alike("all entries of an owner", FEW, |turn| ask(turn.store, all.clone())).await?;
    books.assert_alike("an owner's open entries", FEW, |turn| ask(turn.store, agenda(Some("ines")))).await
}

/// Few open entries are found without reading those that open later, although these have earlier places.
pub async fn few_open_entries_are_found_without_reading_the_rest(factory: &dyn Factory) -> Outcome {
    let mut books = Books::filled(factory, |n, size, due| {
        due.rank_at = Some(at(n as i64));
        due.owner = Some(["ines", "jo"][n % 2].to_owned());
        due.earliest = Some(at(if n < size - FEW { LATE } else { 0 }));
    })
    .await?;
    books.assert_alike("an agenda in which few are open", FEW, |turn| ask(turn.store, agenda(None))).await?;
    let mut none = agenda(None);
    none.opens_before = Some(at(0));
    books.assert_alike("an agenda in which none is open", 0, |turn| ask(turn.store, none.clone())).await
}

/// A claim of a few of many open entries does not cost more in a larger book.
pub async fn a_claim_costs_no_more_in_a_larger_book(factory: &dyn Factory) -> Outcome {
    let mut books = Books::filled(factory, |_, _, _| {}).await?;
    // A lease that ends when it begins prevents no other claim, so there is always something to claim.
    books
        .assert_alike("a claim of a few open entries", FEW, |turn| {
            Box::pin(async move { Ok(claim(turn.store, at(turn.number), at(turn.number), FEW).await?.len()) })
        })
        .await
}

/// Few entries that can be claimed are found without reading those that open later or have a lease.
pub async fn few_claimable_entries_are_found_without_reading_the_rest(factory: &dyn Factory) -> Outcome {
    let mut books = Books::filled(factory, |n, size, due| {
        // First those to lease, then those that open later, then the few.
        due.earliest = Some(at(match n {
            n if n < size / 2 => -LATE,
            n if n < size - FEW => LATE,
            _ => 0,
        }));
    })
    .await?;
    for (size, subject) in &books.books {
        let leased = claim(subject.store(), at(-1), at(LATE), usize::MAX).await?;
        assert_eq!(leased.len(), size / 2, "half of the entries are leased");
    }
    books
        .assert_alike("a claim that finds nothing", 0, |turn| {
            Box::pin(async move { Ok(claim(turn.store, at(-1), at(LATE), MORE).await?.len()) })
        })
        .await?;
    books
        .assert_alike("a claim that finds few", FEW, |turn| {
            Box::pin(
                async move { Ok(claim(turn.store, at(turn.number), at(turn.number), MORE).await?.len()) },
            )
        })
        .await
}

/// Heads, histories, and pages of the scan and of the feed do not cost more in a larger book.
pub async fn heads_and_feeds_cost_no_more_in_a_larger_book(factory: &dyn Factory) -> Outcome {
    let mut books = Books::filled(factory, |_, _, _| {}).await?;
    let middle = |turn: Turn<'_>| id(&prospect(turn.size / 2));
    books
        .assert_alike("a head", 1, |turn| {
            Box::pin(async move {
                let heads = turn.store.head(vec![HeadQuery::new(middle(turn), vec!["added".to_owned()])]);
                Ok(heads.await?.iter().flatten().count())
            })
        })
        .await?;
    books
        .assert_alike("a history", 1, |turn| {
            Box::pin(async move { Ok(turn.store.history(&middle(turn)).await?.len()) })
        })
        .await?;
    books
        .assert_alike("a page of a scan", FEW, |turn| {
            Box::pin(async move { Ok(turn.store.scan(Some(&middle(turn)), FEW).await?.len()) })
        })
        .await?;
    books
        .assert_alike("the first page of the feed", FEW, |turn| {
            Box::pin(async move { Ok(turn.store.changes(0, FEW).await?.len()) })
        })
        .await?;
    books
        .assert_alike("the end of the feed", 0, |turn| {
            Box::pin(async move { Ok(turn.store.changes(u64::MAX, FEW).await?.len()) })
        })
        .await
}

/// A change to a prospect does not cost more in a larger book.
pub async fn a_change_costs_no_more_in_a_larger_book(factory: &dyn Factory) -> Outcome {
    let mut books = Books::filled(factory, |_, _, _| {}).await?;
    books
        .assert_alike("a change", 1, |turn| {
            Box::pin(async move {
                let revision = turn.number as u64;
                let mut written = automatic("changing", revision, &revision.to_string(), turn.number);
                written.due.as_mut().expect("the change has a due entry").rank_at = Some(at(turn.number));
                turn.store.append(vec![written]).await?;
                Ok(1)
            })
        })
        .await
}
