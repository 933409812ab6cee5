//! The load report: planned actions by day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::{group_name, report};
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::plan::{self, Action, ObligationKind};
use followup_core::state::ProspectState;

report! {
    /// The actions that are planned now, by day. Use a simulation for the actions that follow from them.
    LoadReport {
        /// Number of overdue actions; they count for today.
        overdue: u64,
        /// Number of planned actions, including each appointment that is set.
        actions: u64,
        /// Number of actions planned for after the last day.
        later: u64,
        /// Number of actions for each civil day in the prospect's zone, today first, by the day of their target.
        days: Vec<DayActions>,
    }
}

/// The actions planned for a day.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, read::Scope, Desk, Playbook, Prospect};
/// # use followup_insight::Insight;
/// use followup_insight::report::DayActions;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.add(Prospect::new("p-17")?.owner("kim").phone("+49 30 901820"), t).await?;
/// let load = Insight::new(&desk).load(&Scope::at(t), 7).await?;
/// let DayActions { on, actions, automatic, by_channel, by_owner, .. } = &load.days[3];
/// assert_eq!((on.to_string().as_str(), *actions, *automatic), ("2026-03-09", 1, 0));
/// assert_eq!((by_channel["phone"], by_owner["kim"]), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct DayActions {
    /// The day.
    pub on: NaiveDate,
    /// Number of actions.
    pub actions: u64,
    /// Number of actions that are sent automatically.
    pub automatic: u64,
    /// Number of actions by channel; actions without a channel are under `(empty)`.
    pub by_channel: BTreeMap<String, u64>,
    /// Number of actions by owner; actions without an owner are under `(empty)`.
    pub by_owner: BTreeMap<String, u64>,
}

/// The maximum number of days of a load report: ten years.
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
            // A set appointment counts beside them, from the moment it is set, as on the agenda.
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
        // In the prospect's zone it may still be yesterday; the first day counts then.
        let Some(first) = self.days.first().map(|day| day.on) else { return };
        let place = (on - first).num_days().max(0);
        let Some(day) = usize::try_from(place).ok().and_then(|place| self.days.get_mut(place)) else {
            self.later += 1;
            return;
        };
        day.actions += 1;
        day.automatic += u64::from(action.automatic);
        *day.by_channel.entry(group_name(action.channel.map(|channel| channel.to_string()))).or_default() +=
            1;
        *day.by_owner.entry(group_name(state.owner().map(str::to_owned))).or_default() += 1;
    }
}
