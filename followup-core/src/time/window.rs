//! Windows of time in which to do something.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The instants from which, at best at which, and until which to do something: `earliest ≤ target ≤ latest`, all
/// inclusive.
///
/// # Examples
/// ```
/// use followup_core::time::{DueState, Window};
///
/// let window = Window {
///     earliest: "2026-03-09T09:00:00Z".parse()?,
///     target: "2026-03-10T09:00:00Z".parse()?,
///     latest: "2026-03-11T17:00:00Z".parse()?,
/// };
/// assert_eq!(window.state("2026-03-09T09:00:00Z".parse()?), DueState::Due);
/// let next_day = "2026-03-12T09:30:00Z".parse()?;
/// assert_eq!(window.state(next_day), DueState::Overdue);
/// assert_eq!(window.hours_late(next_day), 16);
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Window {
    /// The first instant at which it may be done.
    pub earliest: DateTime<Utc>,
    /// The best instant.
    pub target: DateTime<Utc>,
    /// The last instant at which it is in time.
    pub latest: DateTime<Utc>,
}

impl Window {
    /// Returns the state of the window at an instant.
    pub fn state(&self, now: DateTime<Utc>) -> DueState {
        match now {
            now if now > self.latest => DueState::Overdue,
            now if now >= self.earliest => DueState::Due,
            _ => DueState::Upcoming,
        }
    }

    /// Returns the number of whole hours since `latest`; 0 unless overdue.
    pub fn hours_late(&self, now: DateTime<Utc>) -> i64 {
        (now - self.latest).num_hours().max(0)
    }
}

/// The state of a window at an instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueState {
    /// Its latest instant has passed.
    Overdue,
    /// It is open.
    Due,
    /// It opens later.
    Upcoming,
}

impl DueState {
    /// Returns the word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            DueState::Overdue => "overdue",
            DueState::Due => "due",
            DueState::Upcoming => "upcoming",
        }
    }
}
