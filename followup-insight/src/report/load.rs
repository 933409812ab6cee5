//! How much is to be done in the coming days.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::{part_name, report};
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::plan::{self, Action, ObligationKind};
use followup_core::state::ProspectState;

report! {
    /// What is planned now for the coming days. What comes of it, and what follows on that, is for a simulation.
    LoadReport {
        /// What is late now; it counts for today.
        overdue: u64,
        /// What is planned in all, with each appointment that is set.
        actions: u64,
        /// What is planned after the last of these days.
        later: u64,
        /// Civil days where they are, today first; each action on the day of its target.
        days: Vec<DayActions>,
    }
}

/// What is planned for a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct DayActions {
    /// The day.
    pub on: NaiveDate,
    /// How many actions.
    pub actions: u64,
    /// Those that are sent without a person.
    pub automatic: u64,
    /// By channel; what has none stands under `(empty)`.
    pub by_channel: BTreeMap<String, u64>,
    /// By owner; what has none stands under `(empty)`.
    pub by_owner: BTreeMap<String, u64>,
}

/// The most days that a report looks ahead.
pub const LOAD_DAYS_MAX: u32 = 3_660;

pub(crate) async fn load(desk: &Desk, scope: &Scope, days: u32) -> Result<LoadReport, DeskError> {
    let now = scope.now;
    let today = desk.policy().zone().date_of(now);
    let dates = today.iter_days().take(days.clamp(1, LOAD_DAYS_MAX) as usize);
    let empty = |on| DayActions {
        on,
        actions: 0,
        automatic: 0,
        by_channel: BTreeMap::new(),
        by_owner: BTreeMap::new(),
    };
    let mut report = LoadReport { days: dates.map(empty).collect(), ..LoadReport::default() };
    let mut pages = desk.read().pages();
    while let Some(page) = pages.next().await? {
        for position in desk.read().positions(&page, now).await? {
            let (state, policy) = (position.state(), position.policy());
            if !scope.includes(state) {
                continue;
            }
            let decided = plan::decide(state, policy);
            let acts: Vec<_> = decided.decision.actions().collect();
            acts.iter().for_each(|act| report.count(&act.to_action(), state, scope));
            // A set appointment stands beside them, from the moment it is set, as on the agenda.
            let appointment = plan::appointment(state, policy)
                .filter(|_| acts.iter().all(|act| act.kind != ObligationKind::Hold));
            appointment.iter().for_each(|hold| report.count(hold, state, scope));
        }
    }
    Ok(report)
}

impl LoadReport {
    fn count(&mut self, action: &Action, state: &ProspectState, scope: &Scope) {
        self.actions += 1;
        self.overdue += u64::from(action.window.latest < scope.now);
        let on = state.zone().date_of(action.window.target.max(scope.now));
        // Where it is not today yet, or tomorrow already, the nearest day that is there counts.
        let Some(first) = self.days.first().map(|day| day.on) else { return };
        let place = (on - first).num_days().max(0);
        let Some(day) = usize::try_from(place).ok().and_then(|place| self.days.get_mut(place)) else {
            self.later += 1;
            return;
        };
        day.actions += 1;
        day.automatic += u64::from(action.automatic);
        *day.by_channel.entry(part_name(action.channel.map(|channel| channel.to_string()))).or_default() += 1;
        *day.by_owner.entry(part_name(state.owner().map(str::to_owned))).or_default() += 1;
    }
}
