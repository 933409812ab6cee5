//! Decisions: act, wait or rest.

use chrono::{DateTime, Utc};

use super::need::Needs;
use super::{Act, Action, WakeUp};
use crate::stage::{Rest, Standing, Temperature, ValueBand, text_enum};

/// A decision: act, wait or rest.
///
/// # Examples
/// ```
/// use followup_core::plan::Decision;
/// use followup_core::stage::Rest;
/// use followup_core::{Event, Policy, ProspectState, plan};
///
/// let ada = ProspectState::replay([Event::stopped("2026-03-06T14:00:00Z".parse()?)])?;
/// let plan = plan(&ada, &Policy::default());
/// assert_eq!(plan.decision, Decision::Rest { why: Rest::Stopped });
/// assert_eq!(plan.decision.standing().as_str(), "stopped");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub enum Decision<A = Action> {
    /// Do the next action. The others are owed too, each within its own window.
    Act {
        /// The action with the earliest deadline.
        next: A,
        /// The other actions that are owed, in the order of the planning table.
        also: Vec<A>,
    },
    /// Do nothing until an instant.
    Wait {
        /// The end of the wait.
        until: DateTime<Utc>,
        /// The event that is waited for.
        why: WaitFor,
    },
    /// Do nothing.
    Rest {
        /// The reason to rest.
        why: Rest,
    },
}

impl<A> Decision<A> {
    /// Returns whether the prospect is being followed up.
    pub fn standing(&self) -> Standing {
        match self {
            Decision::Act { .. } => Standing::Active,
            Decision::Wait { .. } => Standing::Waiting,
            Decision::Rest { why } => Standing::Resting(*why),
        }
    }

    /// Returns the next action and the others that are owed.
    pub fn actions(&self) -> impl Iterator<Item = &A> {
        let (next, also) = match self {
            Decision::Act { next, also } => (Some(next), also.as_slice()),
            Decision::Wait { .. } | Decision::Rest { .. } => (None, [].as_slice()),
        };
        next.into_iter().chain(also)
    }

    /// Replaces each action.
    pub(crate) fn map<B>(self, mut to: impl FnMut(A) -> B) -> Decision<B> {
        match self {
            Decision::Act { next, also } => {
                Decision::Act { next: to(next), also: also.into_iter().map(to).collect() }
            }
            Decision::Wait { until, why } => Decision::Wait { until, why },
            Decision::Rest { why } => Decision::Rest { why },
        }
    }
}

text_enum! {
    /// The event that a wait is for.
    #[non_exhaustive]
    WaitFor, "reason to wait" {
        /// The outcome of a send in flight.
        Outcome = "outcome",
        /// An answer to the last message (S2).
        LastAnswer = "last_answer",
        /// The end of a pause.
        PauseEnd = "pause_end",
    }
}

/// A decision, borrowed from the state and the policy, without an explanation.
///
/// # Examples
/// ```
/// use followup_core::plan::{Decided, decide};
/// use followup_core::{Event, Policy, ProspectState, Temperature};
///
/// let (at, until) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-20T09:00:00Z".parse()?);
/// let ada = ProspectState::replay([Event::paused(at, until)])?;
/// let policy = Policy::default();
/// let decided: Decided<'_> = decide(&ada, &policy);
/// assert_eq!(decided.decision.standing().as_str(), "waiting");
/// assert_eq!(decided.wake.map(|wake| wake.at()), Some(until));
/// assert_eq!(decided.temperature, Temperature::Warm);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Decided<'a> {
    /// The decision.
    pub decision: Decision<Act<'a>>,
    /// The wake-up at which time alone changes the decision, if there is one.
    pub wake: Option<WakeUp>,
    /// The temperature, cooled by silence (C18).
    pub temperature: Temperature,
    /// The band of their value in the playbook.
    pub band: ValueBand,
    /// Facts that a person should find out, and decisions that a person should make.
    pub needs: Needs,
}
