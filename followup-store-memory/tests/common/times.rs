//! Instants of the tests.

use chrono::{DateTime, TimeDelta, Utc};

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// A Monday, in working hours.
pub(crate) fn start() -> DateTime<Utc> {
    at("2026-03-02T10:00:00Z")
}

/// So many hours after the start.
pub(crate) fn hours(hours: i64) -> DateTime<Utc> {
    start() + TimeDelta::hours(hours)
}

/// So many days after the start.
pub(crate) fn days(days: i64) -> DateTime<Utc> {
    start() + TimeDelta::days(days)
}
