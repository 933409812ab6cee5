//! What is due, and how it is looked for.

use chrono::{DateTime, Utc};

use super::Revision;
use crate::prospect::ProspectId;

/// What is due for a prospect: the one entry by which it is found.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Due {
    /// Whose it is.
    pub prospect: ProspectId,
    /// The revision that it was planned at.
    pub revision: Revision,
    /// Who follows up.
    pub owner: Option<String>,
    /// Whether it is to be sent without a person.
    pub automatic: bool,
    /// The earliest instant of all that is owed; `None` while waiting.
    pub earliest: Option<DateTime<Utc>>,
    /// The target of the next action.
    pub target: Option<DateTime<Utc>>,
    /// The latest instant of the next action.
    pub latest: Option<DateTime<Utc>>,
    /// The foremost place in the agenda of all that is owed.
    pub rank_at: Option<DateTime<Utc>>,
    /// When time alone changes the plan.
    pub wake_at: Option<DateTime<Utc>>,
    /// When the appointment begins that is set.
    pub appointment_at: Option<DateTime<Utc>>,
    /// The obligation of the next action; empty while waiting.
    pub obligation: String,
    /// What it was planned by.
    pub planned_by: String,
}

impl Due {
    /// An entry for a prospect at a revision, with nothing in it yet.
    pub fn new(prospect: ProspectId, revision: Revision) -> Due {
        Due {
            prospect,
            revision,
            owner: None,
            automatic: false,
            earliest: None,
            target: None,
            latest: None,
            rank_at: None,
            wake_at: None,
            appointment_at: None,
            obligation: String::new(),
            planned_by: String::new(),
        }
    }
}

/// How due entries are looked for. Each order is total: by the instant, then by prospect id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum DueOrder {
    /// By place in the agenda; entries without one are not in this order.
    Rank,
    /// By when time alone changes the plan; entries without are not in this order.
    WakeAt,
    /// By the beginning of the appointment; entries without are not in this order.
    Appointment,
}

/// A question about what is due.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct DueQuery {
    /// The order, which says what is looked for.
    pub order: DueOrder,
    /// Only this owner's.
    pub owner: Option<String>,
    /// Only what is earlier, in the order's own instant, than this (exclusive).
    pub before: Option<DateTime<Utc>>,
    /// Only what opens earlier than this (exclusive).
    pub opens_before: Option<DateTime<Utc>>,
    /// Only what comes after this place in the order.
    pub after: Option<(DateTime<Utc>, ProspectId)>,
    /// At most so many; 0 gives none.
    pub limit: usize,
}

impl DueQuery {
    /// The first so many in an order.
    pub fn new(order: DueOrder, limit: usize) -> DueQuery {
        DueQuery { order, owner: None, before: None, opens_before: None, after: None, limit }
    }
}

impl Due {
    /// When it may first be handed out to be sent without a person; `None` if it is a person's.
    pub fn claimable_at(&self) -> Option<DateTime<Utc>> {
        self.earliest.filter(|_| self.automatic)
    }

    /// The instant by which an order sorts it; `None` if it is not in that order.
    pub fn place(&self, order: DueOrder) -> Option<DateTime<Utc>> {
        match order {
            DueOrder::Rank => self.rank_at,
            DueOrder::WakeAt => self.wake_at,
            DueOrder::Appointment => self.appointment_at,
        }
    }
}

/// Some of what is due.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct DuePage {
    /// The entries, in order. Fewer than the limit means that there are no more.
    pub entries: Vec<Due>,
    /// The newest instant of any event in the book, by which a view of the past is known.
    pub newest_event_at: Option<DateTime<Utc>>,
}

impl DuePage {
    /// A page.
    pub fn new(entries: Vec<Due>, newest_event_at: Option<DateTime<Utc>>) -> DuePage {
        DuePage { entries, newest_event_at }
    }
}
