//! Instants of the tests.

use chrono::{DateTime, TimeDelta, Utc};

/// An instant from RFC 3339.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// A Monday, in working hours.
pub fn start() -> DateTime<Utc> {
    at("2026-03-02T10:00:00Z")
}

/// A number of hours after the start.
pub fn hours(hours: i64) -> DateTime<Utc> {
    start() + TimeDelta::hours(hours)
}

/// A number of days after the start.
pub fn days(days: i64) -> DateTime<Utc> {
    start() + TimeDelta::days(days)
}
