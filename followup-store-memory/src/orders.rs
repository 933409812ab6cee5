//! The orders in which due entries are found.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use followup_core::store::{Due, DueOrder, DueQuery, StoreErrorKind};
use followup_core::{ProspectId, StoreError};

/// The orders that are kept. The map of each order has the same position.
const ORDERS: [DueOrder; 3] = [DueOrder::Rank, DueOrder::WakeAt, DueOrder::Appointment];

/// An entry's place in an order. The id is shared, because a prospect is in up to six orders.
type Place = (DateTime<Utc>, Arc<ProspectId>);

/// Entries in an order.
type Order = BTreeMap<Place, Arc<Due>>;

/// All orders of one book.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    orders: [Order; ORDERS.len()],
    /// By rank, for each owner, so that a query for one owner does not have to skip the entries of all others.
    owned: BTreeMap<String, Order>,
    /// Entries that open, by the instant of their opening.
    opening: Order,
    /// Entries that may be claimed, by the instant from which they may be.
    claimable: Order,
}

/// Returns the instant from which an entry may be claimed: it has opened, and the last lease has ended.
fn claimable_at(due: &Due, leased_until: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    due.claimable_at().map(|earliest| leased_until.map_or(earliest, |until| earliest.max(until)))
}

impl Orders {
    pub(crate) fn file(&mut self, due: &Arc<Due>, id: &Arc<ProspectId>, leased_until: Option<DateTime<Utc>>) {
        let put = |order: &mut Order, at: Option<DateTime<Utc>>| {
            order.extend(at.map(|at| ((at, Arc::clone(id)), Arc::clone(due))));
        };
        for (order, places) in ORDERS.into_iter().zip(&mut self.orders) {
            put(places, due.place(order));
        }
        put(&mut self.opening, due.earliest);
        put(&mut self.claimable, claimable_at(due, leased_until));
        if let (Some(owner), Some(_)) = (&due.owner, due.rank_at) {
            put(self.owned.entry(owner.clone()).or_default(), due.rank_at);
        }
    }

    pub(crate) fn unfile(&mut self, due: &Due, id: &Arc<ProspectId>, leased_until: Option<DateTime<Utc>>) {
        let take = |order: &mut Order, at: Option<DateTime<Utc>>| {
            at.map(|at| order.remove(&(at, Arc::clone(id))));
        };
        for (order, places) in ORDERS.into_iter().zip(&mut self.orders) {
            take(places, due.place(order));
        }
        take(&mut self.opening, due.earliest);
        take(&mut self.claimable, claimable_at(due, leased_until));
        if let (Some(owner), Some(_)) = (&due.owner, due.rank_at) {
            let owned = self.owned.get_mut(owner).expect("an entry with owner and rank is filed by them");
            take(owned, due.rank_at);
            if owned.is_empty() {
                self.owned.remove(owner);
            }
        }
    }

    /// Moves an entry to its place after a change of its lease.
    pub(crate) fn lease(
        &mut self,
        due: &Arc<Due>,
        id: &Arc<ProspectId>,
        before: Option<DateTime<Utc>>,
        after: Option<DateTime<Utc>>,
    ) {
        if let (Some(before), Some(after)) = (claimable_at(due, before), claimable_at(due, after)) {
            self.claimable.remove(&(before, Arc::clone(id)));
            self.claimable.insert((after, Arc::clone(id)), Arc::clone(due));
        }
    }

    /// Returns the prospects that may be claimed at an instant, those that have waited longest first.
    pub(crate) fn claimable(&self, now: DateTime<Utc>, limit: usize) -> Vec<Arc<ProspectId>> {
        let open = self.claimable.keys().take_while(|(at, _)| *at <= now).take(limit);
        open.map(|(_, id)| Arc::clone(id)).collect()
    }

    /// Returns the earliest instant from which an entry can be claimed.
    pub(crate) fn next_claimable_at(&self) -> Option<DateTime<Utc>> {
        self.claimable.keys().next().map(|(at, _)| *at)
    }

    pub(crate) fn due(&self, query: &DueQuery) -> Result<Vec<Due>, StoreError> {
        let Some(order) = ORDERS.into_iter().position(|order| order == query.order) else {
            let detail = format!(
                "cannot read due entries: unknown order {:?}; expected one of: Rank, WakeAt, Appointment",
                query.order
            );
            return Err(StoreError::new(StoreErrorKind::Unsupported, detail));
        };
        let nothing = Order::new();
        let places = match &query.owner {
            Some(owner) if query.order == DueOrder::Rank => self.owned.get(owner).unwrap_or(&nothing),
            _ => &self.orders[order],
        };
        let after = match &query.after {
            Some((at, id)) => Bound::Excluded((*at, Arc::new(id.clone()))),
            None => Bound::Unbounded,
        };
        let walk = places
            .range((after, Bound::Unbounded))
            .take_while(|((at, _), _)| query.before.is_none_or(|end| *at < end))
            .map(|(_, due)| &**due);
        Ok(match query.opens_before {
            Some(opens_before) => self.open(query, opens_before, walk),
            None => walk.filter(|due| query.is_met_by(due)).take(query.limit).cloned().collect(),
        })
    }

    /// Returns the first entries of a walk that open in time.
    ///
    /// It walks the order and, in step with it, the entries that open in time, until the shorter of the two ends. So
    /// the cost is bounded both by the entries that are skipped in the order and by the entries that are open.
    fn open<'a>(
        &'a self,
        query: &DueQuery,
        opens_before: DateTime<Utc>,
        mut walk: impl Iterator<Item = &'a Due>,
    ) -> Vec<Due> {
        let (mut page, mut candidates) = (Vec::new(), Vec::new());
        let mut opening = self.opening.iter().take_while(|((earliest, _), _)| *earliest < opens_before);
        while page.len() < query.limit {
            let Some((_, candidate)) = opening.next() else {
                return query.select(candidates);
            };
            candidates.push(&**candidate);
            let Some(next) = walk.next() else { break };
            page.extend(Some(next).filter(|due| query.is_met_by(due)).cloned());
        }
        page
    }
}
