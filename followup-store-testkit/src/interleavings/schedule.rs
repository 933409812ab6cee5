//! The order in which workers take turns.

/// Number of workers.
pub(super) const WORKERS: usize = 3;
/// Number of operations of each worker.
pub(super) const OPERATIONS: usize = 4;

/// The worker of each turn. Each worker has as many turns as operations.
pub(super) type Schedule = [u8; WORKERS * OPERATIONS];

/// Returns the first schedule in lexicographic order: one worker after the other.
pub(super) fn first() -> Schedule {
    let mut schedule = [0; WORKERS * OPERATIONS];
    for (turn, worker) in schedule.iter_mut().enumerate() {
        *worker = (turn / OPERATIONS) as u8;
    }
    schedule
}

/// Returns the next schedule in lexicographic order; `None` after the last.
pub(super) fn next(mut schedule: Schedule) -> Option<Schedule> {
    let rise = (1..schedule.len()).rev().find(|at| schedule[at - 1] < schedule[*at])?;
    let last = (rise..schedule.len()).rev().find(|at| schedule[rise - 1] < schedule[*at])?;
    schedule.swap(rise - 1, last);
    schedule[rise..].reverse();
    Some(schedule)
}

/// Returns a random schedule. `below` returns a random number below a bound.
pub(super) fn shuffled(mut below: impl FnMut(u64) -> u64) -> Schedule {
    let mut schedule = first();
    for at in (1..schedule.len()).rev() {
        schedule.swap(at, below(at as u64 + 1) as usize);
    }
    schedule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_schedules_as_there_should_be() {
        let all = std::iter::successors(Some(first()), |schedule| next(*schedule));
        // 12! / (4! · 4! · 4!)
        assert_eq!(all.count(), 34_650);
    }
}
