//! The decision: act, wait or rest.

use chrono::{DateTime, Utc};

use super::need::Needs;
use super::{Act, Action, WakeUp};
use crate::stage::{Rest, Standing, Temperature, ValueBand, text_enum};

/// What is to be done: act, wait or rest.
#[derive(Clone, PartialEq, Debug)]
pub enum Decision<A = Action> {
    /// Do the next action; the others are owed too, each within its own window.
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
        /// What is waited for.
        why: WaitFor,
    },
    /// Do nothing.
    Rest {
        /// The reason to rest.
        why: Rest,
    },
}

impl<A> Decision<A> {
    /// Whether the prospect is being followed up.
    pub fn standing(&self) -> Standing {
        match self {
            Decision::Act { .. } => Standing::Active,
            Decision::Wait { .. } => Standing::Waiting,
            Decision::Rest { why } => Standing::Resting(*why),
        }
    }

    /// The next action and the others that are owed.
    pub fn actions(&self) -> impl Iterator<Item = &A> {
        let (next, also) = match self {
            Decision::Act { next, also } => (Some(next), also.as_slice()),
            Decision::Wait { .. } | Decision::Rest { .. } => (None, [].as_slice()),
        };
        next.into_iter().chain(also)
    }

    /// The same decision with each action replaced.
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
    /// What a wait is for.
    #[non_exhaustive]
    WaitFor, "thing to wait for" {
        /// The outcome of a send in flight.
        Outcome = "outcome",
        /// An answer to the last message (S2).
        LastAnswer = "last_answer",
        /// The end of a pause.
        PauseEnd = "pause_end",
    }
}

/// A decision borrowed from the state and the policy. It does not explain itself.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Decided<'a> {
    /// Act, wait or rest.
    pub decision: Decision<Act<'a>>,
    /// The instant at which time alone changes the decision, if it does.
    pub wake: Option<WakeUp>,
    /// The temperature, cooled by silence (C18).
    pub temperature: Temperature,
    /// The band of their value under the playbook.
    pub band: ValueBand,
    /// What somebody should find out or decide.
    pub needs: Needs,
}
