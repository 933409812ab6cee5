//! The queue of actions by hand under a daily capacity (E4).

use std::collections::{BTreeMap, VecDeque};

use chrono::NaiveDate;
use serde::Serialize;

use followup_core::policy::Policy;
use followup_core::time::Day;

/// The actions that exceed a daily capacity of actions by hand for each owner.
///
/// Each owner has a queue. On each day the owner does actions in order, beginning with those left over from earlier
/// days, up to the capacity; the rest is left over. Closed days have no capacity. An appointment keeps its day and
/// takes up capacity there. Automatic messages take up none.
///
/// Only the work is modelled, not its effect on prospects: the simulation continues as if each action had been done
/// on its own day, so that prospects do not depend on each other. A growing backlog shows that the capacity is too
/// small, and by how much. It does not show how prospects would respond to the delay.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
/// # use followup_insight::{simulate::Scenario, Insight};
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// for id in ["p-17", "p-18"] {
///     desk.observe(id, Event::added(t)).await?;
/// }
/// let simulation = Insight::new(&desk).simulate(&Scenario::of_days(7).per_day(1), t).await?;
/// let overflow = simulation.overflow.expect("the scenario has a capacity");
/// assert_eq!((overflow.per_day, overflow.moved), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Overflow {
    /// The capacity: actions by hand per day for each owner.
    pub per_day: u32,
    /// Number of actions that were not done on their own day.
    pub moved: u64,
    /// Number of actions left over at the end of the worst day, of all owners together.
    pub peak: u64,
    /// The worst day; the first one if there are several.
    pub peak_on: Option<NaiveDate>,
    /// Number of actions left over at the end.
    pub left: u64,
    /// The longest delay of an action that was done, in civil days.
    pub longest_wait_days: u32,
}

/// The actions by hand, by owner and day.
#[derive(Default)]
pub(super) struct Demand {
    by_owner: BTreeMap<String, BTreeMap<Day, OnDay>>,
}

#[derive(Clone, Copy, Default)]
struct OnDay {
    appointments: u64,
    actions: u64,
}

impl Demand {
    pub(super) fn add(&mut self, owner: &str, day: Day, is_appointment: bool) {
        if !self.by_owner.contains_key(owner) {
            self.by_owner.insert(owner.to_owned(), BTreeMap::new());
        }
        let on = self.by_owner.get_mut(owner).expect("the owner was inserted").entry(day).or_default();
        on.appointments += u64::from(is_appointment);
        on.actions += u64::from(!is_appointment);
    }

    /// Runs the queues up to a last day. Returns the overflow, and the number of actions left over at the end of each
    /// day, of all owners together.
    pub(super) fn run(&self, per_day: u32, last: Day, policy: &Policy) -> (Overflow, BTreeMap<Day, u64>) {
        let open = policy.playbook().calendar();
        let mut overflow = Overflow { per_day, ..Overflow::default() };
        let mut left_over: BTreeMap<Day, u64> = BTreeMap::new();
        for days in self.by_owner.values() {
            let mut queue: VecDeque<(Day, u64)> = VecDeque::new();
            let mut waiting = 0;
            let Some(first) = days.keys().next().copied() else { continue };
            let last = last.max(days.keys().next_back().copied().unwrap_or(last));
            for day in (first.0..=last.0).map(Day) {
                let OnDay { appointments, actions } = days.get(&day).copied().unwrap_or_default();
                if actions > 0 {
                    queue.push_back((day, actions));
                    waiting += actions;
                }
                let capacity = if waiting > 0 && open.is_open_day(day) { u64::from(per_day) } else { 0 };
                let mut capacity = capacity.saturating_sub(appointments);
                while let Some((since, count)) = queue.front_mut().filter(|_| capacity > 0) {
                    let done = capacity.min(*count);
                    capacity -= done;
                    waiting -= done;
                    *count -= done;
                    let waited = u32::try_from(day.0 - since.0).unwrap_or(0);
                    overflow.longest_wait_days = overflow.longest_wait_days.max(waited);
                    overflow.moved += if waited > 0 { done } else { 0 };
                    if *count == 0 {
                        queue.pop_front();
                    }
                }
                if waiting > 0 {
                    *left_over.entry(day).or_default() += waiting;
                }
            }
            overflow.moved += waiting;
            overflow.left += waiting;
        }
        for (day, count) in &left_over {
            if *count > overflow.peak {
                (overflow.peak, overflow.peak_on) = (*count, Some(day.date()));
            }
        }
        (overflow, left_over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::of(text.parse().unwrap())
    }

    #[test]
    fn actions_beyond_the_capacity_are_done_on_the_next_open_days_in_order() {
        let mut demand = Demand::default();
        // A Thursday. The Friday also has an appointment.
        (0..5).for_each(|_| demand.add("ann", day("2026-03-05"), false));
        demand.add("ann", day("2026-03-06"), true);
        demand.add("ann", day("2026-03-06"), false);
        (0..2).for_each(|_| demand.add("bo", day("2026-03-05"), false));
        let (overflow, left) = demand.run(2, day("2026-03-31"), &Policy::default());
        let left: Vec<_> = left.into_iter().map(|(day, count)| (day.date().to_string(), count)).collect();
        let expected =
            [("2026-03-05", 3), ("2026-03-06", 3), ("2026-03-07", 3), ("2026-03-08", 3), ("2026-03-09", 1)];
        assert_eq!(left, expected.map(|(day, count)| (day.to_owned(), count)));
        let expected = Overflow {
            per_day: 2,
            moved: 4,
            peak: 3,
            peak_on: Some(day("2026-03-05").date()),
            left: 0,
            longest_wait_days: 4,
        };
        assert_eq!(
            overflow, expected,
            "3 actions of the Thursday and the one of the Friday move; the last waits until Tuesday"
        );
    }

    #[test]
    fn actions_that_are_never_done_are_left_over() {
        let mut demand = Demand::default();
        (0..9).for_each(|_| demand.add("", day("2026-03-05"), false));
        let (overflow, left) = demand.run(2, day("2026-03-06"), &Policy::default());
        assert_eq!((overflow.moved, overflow.left, overflow.peak), (7, 5, 7));
        assert_eq!(left[&day("2026-03-06")], 5);
    }

    #[test]
    fn actions_within_the_capacity_are_not_moved() {
        let mut demand = Demand::default();
        (0..2).for_each(|_| demand.add("", day("2026-03-05"), false));
        let (overflow, left) = demand.run(2, day("2026-03-06"), &Policy::default());
        assert_eq!(overflow, Overflow { per_day: 2, ..Overflow::default() });
        assert!(left.is_empty());
    }
}
