//! More to do by hand than a day can hold (E4).

use std::collections::{BTreeMap, VecDeque};

use chrono::NaiveDate;
use serde::Serialize;

use followup_core::policy::Policy;
use followup_core::time::Day;

/// What did not fit into the days, under a capacity of so many acts by hand a day for each owner.
///
/// It is a queue for each owner: what is to be done on a day, and what is left over from days before, is done in its
/// order, as much of it as the day holds; the rest is left over. Days on which the house is closed hold nothing. An
/// appointment keeps its day, and takes room there. Acts that are sent without a person take none.
///
/// What is modelled is the work, not its effect on people: the pursuits go on as if everything had been done on its
/// own day, so that each prospect's fate stays their own. A backlog that grows says that the capacity does not
/// suffice, and by how much; how people would answer to the delay it does not say.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Overflow {
    /// How many acts by hand a day holds for each owner.
    pub per_day: u32,
    /// How many acts were not done on their own day.
    pub moved: u64,
    /// How many were left over at the end of the worst day, of all owners together.
    pub peak: u64,
    /// The worst day: the first of them.
    pub peak_on: Option<NaiveDate>,
    /// How many are left over at the end.
    pub left: u64,
    /// How many civil days an act waited at most, of those that were done.
    pub longest_wait_days: u32,
}

/// What is to be done by hand, by owner and day.
#[derive(Default)]
pub(super) struct Demand {
    of: BTreeMap<String, BTreeMap<Day, OnDay>>,
}

#[derive(Clone, Copy, Default)]
struct OnDay {
    appointments: u64,
    others: u64,
}

impl Demand {
    pub(super) fn add(&mut self, owner: &str, day: Day, is_appointment: bool) {
        if !self.of.contains_key(owner) {
            self.of.insert(owner.to_owned(), BTreeMap::new());
        }
        let on = self.of.get_mut(owner).expect("it was put there").entry(day).or_default();
        on.appointments += u64::from(is_appointment);
        on.others += u64::from(!is_appointment);
    }

    /// Works off what there is to do, up to a last day; hands back what is left over at the end of each day, of all
    /// owners together.
    pub(super) fn work_off(
        &self,
        per_day: u32,
        last: Day,
        policy: &Policy,
    ) -> (Overflow, BTreeMap<Day, u64>) {
        let open = policy.playbook().calendar();
        let mut overflow = Overflow { per_day, ..Overflow::default() };
        let mut left_over: BTreeMap<Day, u64> = BTreeMap::new();
        for days in self.of.values() {
            let mut queue: VecDeque<(Day, u64)> = VecDeque::new();
            let mut waiting = 0;
            let Some(first) = days.keys().next().copied() else { continue };
            let last = last.max(days.keys().next_back().copied().unwrap_or(last));
            for day in (first.0..=last.0).map(Day) {
                let OnDay { appointments, others } = days.get(&day).copied().unwrap_or_default();
                if others > 0 {
                    queue.push_back((day, others));
                    waiting += others;
                }
                let room = if waiting > 0 && open.is_open_day(day) { u64::from(per_day) } else { 0 };
                let mut room = room.saturating_sub(appointments);
                while let Some((since, count)) = queue.front_mut().filter(|_| room > 0) {
                    let done = room.min(*count);
                    room -= done;
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
    fn what_does_not_fit_is_done_on_the_next_open_days_in_order() {
        let mut demand = Demand::default();
        // A Thursday; the Friday takes one appointment of its own.
        (0..5).for_each(|_| demand.add("ann", day("2026-03-05"), false));
        demand.add("ann", day("2026-03-06"), true);
        demand.add("ann", day("2026-03-06"), false);
        (0..2).for_each(|_| demand.add("bo", day("2026-03-05"), false));
        let (overflow, left) = demand.work_off(2, day("2026-03-31"), &Policy::default());
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
            "3 of the Thursday and the 1 of the Friday moved; the last waited until Tuesday"
        );
    }

    #[test]
    fn what_is_never_done_is_left_over() {
        let mut demand = Demand::default();
        (0..9).for_each(|_| demand.add("", day("2026-03-05"), false));
        let (overflow, left) = demand.work_off(2, day("2026-03-06"), &Policy::default());
        assert_eq!((overflow.moved, overflow.left, overflow.peak), (7, 5, 7));
        assert_eq!(left[&day("2026-03-06")], 5);
    }

    #[test]
    fn what_fits_is_not_moved() {
        let mut demand = Demand::default();
        (0..2).for_each(|_| demand.add("", day("2026-03-05"), false));
        let (overflow, left) = demand.work_off(2, day("2026-03-06"), &Policy::default());
        assert_eq!(overflow, Overflow { per_day: 2, ..Overflow::default() });
        assert!(left.is_empty());
    }
}
