//! Days with more due actions than capacity (E4).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use followup_core::time::{Calendar, Day, to_micros};

/// An action that takes up capacity on one of its owner's days.
pub(crate) struct Slot<'a> {
    pub(crate) owner: Option<&'a str>,
    /// The first instant at which it may be done.
    pub(crate) opens_at: DateTime<Utc>,
    /// Whether it keeps the day on which it opens, as an appointment does.
    pub(crate) is_fixed: bool,
}

/// Returns, for each slot in rank order, the first open day of the calendar on which its owner has capacity left. Slots
/// that do not fit move to later days, in order. A fixed slot keeps its day and takes up capacity there.
///
/// No slot starves: fixed slots aside, the n-th open slot (from 0) is planned on the (n ÷ capacity)-th open day from
/// today at the latest. The head start of a rank is bounded, so only slots that arrive within it can still go first.
pub(crate) fn plan_days(
    slots: &[Slot<'_>],
    per_day: usize,
    now: DateTime<Utc>,
    calendar: &Calendar<'_>,
) -> Vec<NaiveDate> {
    let today = calendar.day_of(to_micros(now));
    let mut used: HashMap<(Option<&str>, Day), usize> = HashMap::new();
    let opens = |slot: &Slot<'_>| calendar.day_of(to_micros(slot.opens_at)).max(today);
    for slot in slots.iter().filter(|slot| slot.is_fixed) {
        *used.entry((slot.owner, opens(slot))).or_default() += 1;
    }
    let mut days = Vec::with_capacity(slots.len());
    for slot in slots {
        if slot.is_fixed {
            days.push(opens(slot).date());
            continue;
        }
        let mut day = calendar.day_of(calendar.next_open(calendar.midnight(opens(slot))));
        while used.get(&(slot.owner, day)).is_some_and(|used| *used >= per_day.max(1)) {
            day = calendar.plus_open_days(day, 1);
        }
        *used.entry((slot.owner, day)).or_default() += 1;
        days.push(day.date());
    }
    days
}
