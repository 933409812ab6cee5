//! When to do something.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// From when, best when, and until when: `earliest ≤ target ≤ latest`, all inclusive.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Window {
    /// Not before this instant.
    pub earliest: DateTime<Utc>,
    /// The instant to aim at.
    pub target: DateTime<Utc>,
    /// After this instant it is late.
    pub latest: DateTime<Utc>,
}

impl Window {
    /// How the window stands at an instant.
    pub fn state(&self, now: DateTime<Utc>) -> DueState {
        match now {
            now if now > self.latest => DueState::Overdue,
            now if now >= self.earliest => DueState::Due,
            _ => DueState::Upcoming,
        }
    }

    /// Whole hours since `latest`; 0 unless overdue.
    pub fn hours_late(&self, now: DateTime<Utc>) -> i64 {
        (now - self.latest).num_hours().max(0)
    }
}

/// How a window stands at an instant.
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
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            DueState::Overdue => "overdue",
            DueState::Due => "due",
            DueState::Upcoming => "upcoming",
        }
    }
}
