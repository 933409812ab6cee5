//! More due than a day can hold (E4).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use followup_core::time::{Calendar, Day, to_micros};

/// Something that takes room on one of an owner's days.
pub(crate) struct Slot<'a> {
    pub(crate) owner: Option<&'a str>,
    /// When it may first be done.
    pub(crate) opens_at: DateTime<Utc>,
    /// Whether it keeps the day on which it opens, as an appointment does.
    pub(crate) is_fixed: bool,
}

/// Returns, for each slot in rank order, the first open day of the calendar on which its owner still has room: what does
/// not fit moves, in order. A fixed slot keeps its day, and takes room there.
///
/// Nobody starves: of the slots that are open, the one at place n (from 0) is planned on the n ÷ capacity-th open day
/// from today at the latest, fixed ones aside; and since a head start is bounded, only what comes in within it can still
/// go before.
pub(crate) fn plan_days(
    slots: &[Slot<'_>],
    per_day: usize,
    now: DateTime<Utc>,
    calendar: &Calendar<'_>,
) -> Vec<NaiveDate> {
    let today = calendar.day_of(to_micros(now));
    let mut taken: HashMap<(Option<&str>, Day), usize> = HashMap::new();
    let opens = |slot: &Slot<'_>| calendar.day_of(to_micros(slot.opens_at)).max(today);
    for slot in slots.iter().filter(|slot| slot.is_fixed) {
        *taken.entry((slot.owner, opens(slot))).or_default() += 1;
    }
    let mut days = Vec::with_capacity(slots.len());
    for slot in slots {
        if slot.is_fixed {
            days.push(opens(slot).date());
            continue;
        }
        let mut day = calendar.day_of(calendar.next_open(calendar.midnight(opens(slot))));
        while taken.get(&(slot.owner, day)).is_some_and(|taken| *taken >= per_day.max(1)) {
            day = calendar.plus_open_days(day, 1);
        }
        *taken.entry((slot.owner, day)).or_default() += 1;
        days.push(day.date());
    }
    days
}
