//! What to suppose of the future.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::ResponseModel;
use followup_core::policy::Policy;

/// The longest time that is run forward, in days: ten years.
pub const SCENARIO_DAYS_MAX: u32 = 3_660;

/// What to suppose of the future: how long, how people answer, under which playbook, and how much a day can hold.
///
/// ```
/// use followup_insight::simulate::{ResponseModel, Scenario};
///
/// let scenario = Scenario::of_days(30).seed(7).responses(ResponseModel::silent()).per_day(40);
/// assert_eq!(scenario.days(), 30);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Scenario {
    days: u32,
    pub(super) seed: u64,
    pub(super) responses: ResponseModel,
    policy: Option<Policy>,
    pub(super) per_day: Option<u32>,
}

impl Scenario {
    /// So many days of 24 hours, at least one and at most [`SCENARIO_DAYS_MAX`], under the playbooks that hold; people
    /// answer as is [assumed](ResponseModel::assumed), and there is room for everything.
    pub fn of_days(days: u32) -> Scenario {
        let days = days.clamp(1, SCENARIO_DAYS_MAX);
        Scenario { days, seed: 1, responses: ResponseModel::assumed().clone(), policy: None, per_day: None }
    }

    /// What chance begins with: 1 unless it is set.
    pub fn seed(self, seed: u64) -> Scenario {
        Scenario { seed, ..self }
    }

    /// How people answer.
    pub fn responses(self, responses: ResponseModel) -> Scenario {
        Scenario { responses, ..self }
    }

    /// The playbook that holds from now on for everybody on the one of its name; if nobody can be on that name,
    /// because the desk has no such playbook, for everybody. As in [`Desk::diff`](crate::Insight::diff).
    pub fn playbook(self, policy: impl Into<Policy>) -> Scenario {
        Scenario { policy: Some(policy.into()), ..self }
    }

    /// How many acts by hand a day holds for each owner, at least one; those of nobody's prospects together count as
    /// one owner's. See [`Overflow`](super::Overflow) for what becomes of the rest.
    pub fn per_day(self, per_day: u32) -> Scenario {
        Scenario { per_day: Some(per_day.max(1)), ..self }
    }

    /// How many days are run forward.
    pub fn days(&self) -> u32 {
        self.days
    }

    /// The playbook that is supposed to hold.
    pub(crate) fn supposed(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    pub(super) fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let until = now.checked_add_signed(TimeDelta::days(self.days.into()));
        until.map_or(followup_core::time::MAX_INSTANT, |until| until.min(followup_core::time::MAX_INSTANT))
    }
}
