//! Queries for due entries, in each order.

use followup_core::store::{Due, DueOrder, DueQuery, StoreErrorKind};

use crate::errors::Failure;
use crate::queries::Queries;
use crate::rank_scan::{Range, RankScan};
use crate::rows::{self, due_columns};

/// The query that reads an order from its index. The parameters are the same for all orders: ?1 the book, ?2 and ?3 the
/// place after which to begin, ?4 the exclusive end, ?5 the owner, ?6 the exclusive bound of the opening, ?7 the limit.
macro_rules! in_order {
    ($index:literal, $instant:literal) => {
        concat!(
            "SELECT ",
            due_columns!(),
            " FROM (SELECT pk AS place FROM followup_prospect INDEXED BY ",
            $index,
            " WHERE book = ?1 AND ",
            in_range!($instant),
            " AND (?5 IS NULL OR owner = ?5) AND (?6 IS NULL OR earliest < ?6) ORDER BY ",
            $instant,
            ", id LIMIT ?7) CROSS JOIN followup_prospect AS prospect ON pk = place"
        )
    };
}

macro_rules! in_range {
    ($instant:literal) => {
        concat!($instant, " IS NOT NULL AND (", $instant, ", id) > (?2, ?3) AND ", $instant, " < ?4")
    };
}

const WAKE_AT: &str = in_order!("followup_due_by_wake", "wake_at");
const APPOINTMENT: &str = in_order!("followup_due_by_appointment", "appointment_at");

/// One entry.
const ENTRY: &str = concat!("SELECT ", due_columns!(), " FROM followup_prospect AS prospect WHERE pk = ?1");

/// The number of open entries, counted up to a limit.
const OPEN: &str = "SELECT count(*) FROM (SELECT 1 FROM followup_prospect AS prospect INDEXED BY followup_due_by_opening \
                    WHERE book = ?1 AND earliest < ?2 LIMIT ?3)";

/// Sorts all open entries by rank. The sort uses the index alone; only the entries of the page are looked up.
const SORTED: &str = concat!(
    "SELECT ",
    due_columns!(),
    " FROM (SELECT pk AS place FROM followup_prospect AS prospect INDEXED BY followup_due_by_opening",
    " WHERE book = ?1 AND earliest < ?6 AND ",
    in_range!("rank_at"),
    " AND (?5 IS NULL OR owner = ?5) ORDER BY rank_at, id LIMIT ?7) CROSS JOIN followup_prospect AS prospect ON pk = place"
);

/// The first guess at the number of open entries.
const FEW: i64 = 32;

/// A query with the values as they are stored.
struct Search<'a> {
    queries: &'a Queries<'a>,
    order: DueOrder,
    after_at: i64,
    after_id: &'a str,
    before: i64,
    owner: Option<i64>,
    opens_before: Option<i64>,
    limit: i64,
}

impl Queries<'_> {
    pub(crate) fn due(&self, query: &DueQuery) -> Result<Vec<Due>, Failure> {
        let owner = match &query.owner {
            Some(owner) => match self.dictionary.borrow_mut().number(self.connection, owner)? {
                Some(owner) => Some(owner),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        // No id is empty and no instant is `i64::MIN`, so all entries come after this place. No instant is `i64::MAX`
        // either.
        let (after_at, after_id) =
            query.after.as_ref().map_or((i64::MIN, ""), |(at, id)| (rows::micros(*at), id.as_str()));
        let search = Search {
            queries: self,
            order: query.order,
            after_at,
            after_id,
            before: query.before.map_or(i64::MAX, rows::micros_bound),
            owner,
            opens_before: query.opens_before.map(rows::micros_bound),
            limit: rows::limit(query.limit),
        };
        match query.order {
            DueOrder::Rank => search.by_rank(),
            DueOrder::WakeAt => search.page(WAKE_AT),
            DueOrder::Appointment => search.page(APPOINTMENT),
            order => Err(Failure::Own(
                StoreErrorKind::Unsupported,
                format!("unknown order {order:?}; expected one of: Rank, WakeAt, Appointment"),
            )),
        }
    }
}

impl Search<'_> {
    fn by_rank(&self) -> Result<Vec<Due>, Failure> {
        // There are two ways to find the page: walk in rank order and skip entries that are not open, or sort all open
        // entries by rank. Either may be short and the other long, so each is tried for a few steps, then for more: the
        // cost is bounded by the shorter one.
        let mut bound = FEW;
        if self.is_open_below(bound)? {
            return self.page(SORTED);
        }
        let range =
            Range { book: self.queries.book, after: (self.after_at, self.after_id), before: self.before };
        let mut scan = RankScan::begin(self.queries.connection, range, self.owner, self.limit)?;
        let (mut places, mut steps) = (Vec::new(), 0);
        while places.len() as i64 != self.limit {
            if steps >= bound.saturating_add(self.limit) {
                bound = steps.saturating_mul(8);
                if self.is_open_below(bound)? {
                    return self.page(SORTED);
                }
            }
            let Some(step) = scan.step()? else { break };
            steps += 1;
            let is_open = |end| step.earliest.is_some_and(|earliest| earliest < end);
            places.extend(self.opens_before.is_none_or(is_open).then_some(step.pk));
        }
        self.entries(&places)
    }

    /// Returns true if fewer than `bound` entries open in time; always false if the query does not ask for the opening.
    fn is_open_below(&self, bound: i64) -> Result<bool, Failure> {
        let Some(opens_before) = self.opens_before else { return Ok(false) };
        let mut statement = self.queries.connection.prepare_cached(OPEN)?;
        let open: i64 = statement.query_row((self.queries.book, opens_before, bound), |row| row.get(0))?;
        Ok(open < bound)
    }

    /// Reads the entries of rows that are given in order.
    fn entries(&self, places: &[i64]) -> Result<Vec<Due>, Failure> {
        let Queries { connection, dictionary, book, .. } = self.queries;
        let mut statement = connection.prepare_cached(ENTRY)?;
        let mut page = Vec::with_capacity(places.len());
        for pk in places {
            let mut found = statement.query([pk])?;
            let row = found
                .next()?
                .ok_or_else(|| Failure::corrupt("an index leads to no row; restore a backup"))?;
            page.push(rows::due(row, connection, &mut dictionary.borrow_mut(), *book)?);
        }
        self.in_order(page)
    }

    fn page(&self, sql: &str) -> Result<Vec<Due>, Failure> {
        let Queries { connection, dictionary, book, .. } = self.queries;
        let mut statement = connection.prepare_cached(sql)?;
        let mut found = statement.query((
            book,
            self.after_at,
            self.after_id,
            self.before,
            self.owner,
            self.opens_before,
            self.limit,
        ))?;
        let (mut page, mut dictionary) = (Vec::new(), dictionary.borrow_mut());
        while let Some(row) = found.next()? {
            page.push(rows::due(row, connection, &mut dictionary, *book)?);
        }
        self.in_order(page)
    }

    /// Returns a page after checking its order.
    fn in_order(&self, page: Vec<Due>) -> Result<Vec<Due>, Failure> {
        let place = |due: &Due| due.place(self.order);
        rows::check_order(page.is_sorted_by(|a, b| (place(a), &a.prospect) < (place(b), &b.prospect)))?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use followup_core::store::{Append, Record, Revision, Snapshot};
    use followup_core::{ProspectId, Store};
    use rusqlite::StatementStatus;

    use super::*;
    use crate::{SqliteStore, rank_scan};

    const MANY: i64 = 20_000;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    /// Returns a store with many entries, each with the given opening and rank and one of three owners.
    fn filled(opens_and_rank: impl Fn(i64) -> (i64, i64)) -> SqliteStore {
        let store = SqliteStore::in_memory().unwrap();
        let changes = (0..MANY).map(|n| {
            let prospect = ProspectId::new(format!("p-{n:05}")).unwrap();
            let record = Record::new("added", at(0), "added", "{}");
            let mut due = Due::new(prospect.clone(), Revision(1));
            let (opens, rank) = opens_and_rank(n);
            (due.earliest, due.rank_at) = (Some(at(opens)), Some(at(rank)));
            due.owner = Some(format!("owner {}", n % 3));
            let mut change = Append::new(prospect, Revision(0), vec![record], Snapshot::new(1, vec![]));
            change.due = Some(due);
            change
        });
        pollster::block_on(store.append(changes.collect())).unwrap();
        store
    }

    /// Returns how many entries an agenda has, and how many steps SQLite's virtual machine takes for it.
    fn agenda(store: &SqliteStore, owner: Option<&str>, opens_before: i64) -> (usize, i32) {
        let mut query = DueQuery::new(DueOrder::Rank, 100);
        query.owner = owner.map(str::to_owned);
        query.opens_before = Some(at(opens_before));
        let page = pollster::block_on(store.due(query)).unwrap();
        let reader = store.connections.writer.connection().unwrap();
        let steps = [OPEN, SORTED, ENTRY, rank_scan::STEPS, rank_scan::NEXT_OWNER].map(|sql| {
            let statement = reader.connection.prepare_cached(sql).unwrap();
            statement.reset_status(StatementStatus::VmStep)
        });
        (page.entries.len(), steps.iter().sum())
    }

    #[test]
    fn the_cost_of_an_agenda_does_not_depend_on_how_many_exist() {
        // An entry takes about twenty steps, so 10,000 steps are far too few to read all entries.
        let far = filled(|n| if n % 4000 == 7 { (-n, n) } else { (1000 + n, n) });
        let open = filled(|n| (-n, MANY - n));
        // The open entries rank behind those that are not open.
        let behind = filled(|n| if n < MANY / 2 { (1000 + n, n) } else { (-n, n) });
        for owner in [None, Some("owner 1")] {
            let (found, steps) = agenda(&far, owner, -50_000);
            assert!(found == 0 && steps < 100, "nothing due: {steps}");
            let (found, steps) = agenda(&far, owner, 1);
            assert!((1..=5).contains(&found) && steps < 500, "few open among many: {found}, {steps}");
            let (found, steps) = agenda(&open, owner, 1);
            assert!(found == 100 && steps < 10_000, "all open: {found}, {steps}");
            let (found, steps) = agenda(&behind, owner, -MANY + 50);
            assert!((16..50).contains(&found) && steps < 10_000, "few open, behind many: {found}, {steps}");
        }
    }
}
