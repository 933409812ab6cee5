//! Due entries, and queries for them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Revision;
use crate::prospect::ProspectId;

/// The due entry of a prospect: the instants and the names by which the prospect is found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Due {
    /// The prospect.
    pub prospect: ProspectId,
    /// The revision of the journal that was planned.
    pub revision: Revision,
    /// The person who follows up, if the prospect has an owner.
    pub owner: Option<String>,
    /// Whether the action is sent automatically, without a person.
    pub automatic: bool,
    /// The earliest opening of all obligations; `None` while waiting.
    pub earliest: Option<DateTime<Utc>>,
    /// The target of the next action.
    pub target: Option<DateTime<Utc>>,
    /// The latest instant of the next action.
    pub latest: Option<DateTime<Utc>>,
    /// The first place in the agenda of all obligations.
    pub rank_at: Option<DateTime<Utc>>,
    /// The instant at which time alone changes the plan.
    pub wake_at: Option<DateTime<Utc>>,
    /// The beginning of the appointment that is set.
    pub appointment_at: Option<DateTime<Utc>>,
    /// The obligation of the next action; empty while waiting.
    pub obligation: String,
    /// The versions of the planner, playbook and zone data that made the plan.
    pub planned_by: String,
}

impl Due {
    /// Creates an entry that has no instants, no owner and no texts yet.
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

/// An order of due entries. Each order is total: by its instant, then by prospect id. Entries without the instant are
/// not in the order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DueOrder {
    /// By place in the agenda ([`Due::rank_at`]).
    Rank,
    /// By when time alone changes the plan ([`Due::wake_at`]).
    WakeAt,
    /// By the beginning of the appointment ([`Due::appointment_at`]).
    Appointment,
}

/// A query for due entries.
///
/// # Examples
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use followup_core::ProspectId;
/// use followup_core::store::{Due, DueOrder, DuePage, DueQuery, Revision};
///
/// let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
/// let due = |id: &str, opens_at, rank_at| {
///     let mut due = Due::new(ProspectId::new(id)?, Revision(1));
///     (due.earliest, due.rank_at) = (Some(opens_at), Some(rank_at));
///     Ok::<_, followup_core::prospect::IdError>(due)
/// };
/// let ada = due("ada", t, t + TimeDelta::days(3))?;
/// let bob = due("bob", t + TimeDelta::days(1), t + TimeDelta::days(2))?;
/// assert_eq!((bob.place(DueOrder::Rank), bob.place(DueOrder::WakeAt)), (bob.rank_at, None));
///
/// let mut query = DueQuery::new(DueOrder::Rank, 20);
/// let page = DuePage::new(query.select([&ada, &bob]), Some(t));
/// assert_eq!(page.entries, [bob.clone(), ada.clone()]);
/// query.opens_before = Some(t + TimeDelta::hours(1));
/// assert!(query.is_met_by(&ada) && !query.is_met_by(&bob));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DueQuery {
    /// The order of the answer. Entries that are not in it are not in the answer.
    pub order: DueOrder,
    /// Only entries of this owner.
    pub owner: Option<String>,
    /// Only entries whose instant in the order is earlier (exclusive).
    pub before: Option<DateTime<Utc>>,
    /// Only entries that open earlier (exclusive).
    pub opens_before: Option<DateTime<Utc>>,
    /// Only entries after this place in the order (exclusive).
    pub after: Option<(DateTime<Utc>, ProspectId)>,
    /// Maximum number of entries to return; 0 returns none.
    pub limit: usize,
}

impl DueQuery {
    /// Creates a query for the first entries in an order.
    pub fn new(order: DueOrder, limit: usize) -> DueQuery {
        DueQuery { order, owner: None, before: None, opens_before: None, after: None, limit }
    }
}

impl Due {
    /// Returns when an automatic entry can first be claimed; `None` if a person has to act, or while waiting.
    ///
    /// # Examples
    /// ```
    /// use followup_core::ProspectId;
    /// use followup_core::store::{Due, Revision};
    ///
    /// let mut due = Due::new(ProspectId::new("p-17")?, Revision(1));
    /// due.earliest = Some("2026-03-06T14:00:00Z".parse()?);
    /// assert_eq!(due.claimable_at(), None, "a person has to act");
    /// due.automatic = true;
    /// assert_eq!(due.claimable_at(), due.earliest);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn claimable_at(&self) -> Option<DateTime<Utc>> {
        self.earliest.filter(|_| self.automatic)
    }

    /// Returns the instant by which an order sorts the entry; `None` if the entry is not in that order.
    pub fn place(&self, order: DueOrder) -> Option<DateTime<Utc>> {
        match order {
            DueOrder::Rank => self.rank_at,
            DueOrder::WakeAt => self.wake_at,
            DueOrder::Appointment => self.appointment_at,
        }
    }
}

/// A page of due entries.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DuePage {
    /// The entries, in order. Fewer than the limit means that there are no more.
    pub entries: Vec<Due>,
    /// The newest instant of any event in the book, which tells whether a query looks at the past.
    pub newest_event_at: Option<DateTime<Utc>>,
}

impl DuePage {
    /// Creates a page.
    pub fn new(entries: Vec<Due>, newest_event_at: Option<DateTime<Utc>>) -> DuePage {
        DuePage { entries, newest_event_at }
    }
}
