//! The assumptions of a simulation.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::ResponseModel;
use followup_core::policy::Policy;

/// The maximum length of a simulation in days: ten years.
pub const SCENARIO_DAYS_MAX: u32 = 3_660;

/// The assumptions of a simulation: its length, the responses, the playbook, and the daily capacity.
///
/// # Examples
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
    /// Creates a scenario of a number of days of 24 hours, clamped to 1 to [`SCENARIO_DAYS_MAX`], with the current
    /// playbooks, the [assumed](ResponseModel::assumed) responses and unlimited capacity.
    pub fn of_days(days: u32) -> Scenario {
        let days = days.clamp(1, SCENARIO_DAYS_MAX);
        Scenario { days, seed: 1, responses: ResponseModel::assumed().clone(), policy: None, per_day: None }
    }

    /// Sets the seed of the random numbers. The default is 1.
    pub fn seed(self, seed: u64) -> Scenario {
        Scenario { seed, ..self }
    }

    /// Sets how prospects respond. The default is [`ResponseModel::assumed`].
    pub fn responses(self, responses: ResponseModel) -> Scenario {
        Scenario { responses, ..self }
    }

    /// Sets a playbook that replaces the one of its name. If the desk has no playbook of that name, it applies to all
    /// prospects, as in [`Insight::diff`](crate::Insight::diff).
    ///
    /// # Examples
    /// See [`Simulation::difference`](super::Simulation::difference).
    pub fn playbook(self, policy: impl Into<Policy>) -> Scenario {
        Scenario { policy: Some(policy.into()), ..self }
    }

    /// Sets the capacity: actions by hand per day for each owner, at least 1. Prospects without an owner count as one
    /// owner's. See [`Overflow`](super::Overflow) for the actions beyond it. The default is unlimited.
    pub fn per_day(self, per_day: u32) -> Scenario {
        Scenario { per_day: Some(per_day.max(1)), ..self }
    }

    /// Returns the length in days.
    pub fn days(&self) -> u32 {
        self.days
    }

    /// Returns the policy that replaces the one of its name.
    pub(crate) fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    pub(super) fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let until = now.checked_add_signed(TimeDelta::days(self.days.into()));
        until.map_or(followup_core::time::MAX_INSTANT, |until| until.min(followup_core::time::MAX_INSTANT))
    }
}
