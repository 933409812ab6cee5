//! More due than a day can hold (E4).

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::agenda::AgendaItem;
use crate::plan::ObligationKind;
use crate::playbook::Playbook;
use crate::time::{Calendar, Day, to_micros};

/// Gives each line, in rank order, the first open day of the house on which its owner still has room: what does not fit
/// moves, in order. An appointment keeps its day, and takes room there.
///
/// Nobody starves: of the lines that are open, the one at place n (from 0) is planned on the n ÷ capacity-th open day
/// from today at the latest, appointments aside; and since a head start is bounded, only what comes in within it can
/// still go before.
pub(crate) fn plan_days(lines: &mut [AgendaItem], per_day: usize, now: DateTime<Utc>, playbook: &Playbook) {
    let house = Calendar::new(playbook.zone(), *playbook.working_hours(), playbook.holidays());
    let today = house.day_of(to_micros(now));
    let mut taken: HashMap<(Option<String>, Day), usize> = HashMap::new();
    let opens = |line: &AgendaItem| house.day_of(to_micros(line.action.window.earliest)).max(today);
    let is_appointment = |line: &AgendaItem| line.action.kind == ObligationKind::Hold;
    for line in lines.iter_mut().filter(|line| is_appointment(line)) {
        let day = opens(line);
        *taken.entry((line.owner.clone(), day)).or_default() += 1;
        line.planned_on = Some(day.date());
    }
    for line in lines.iter_mut().filter(|line| !is_appointment(line)) {
        let mut day = house.day_of(house.next_open(house.midnight(opens(line))));
        while taken.get(&(line.owner.clone(), day)).is_some_and(|taken| *taken >= per_day.max(1)) {
            day = house.plus_open_days(day, 1);
        }
        *taken.entry((line.owner.clone(), day)).or_default() += 1;
        line.planned_on = Some(day.date());
    }
}
