//! What is next: the obligations (what), their windows (when), their form (how) and their reasons (why).
//!
//! [`plan`] has no `now`. What is next follows from what happened, so each state has exactly one plan; what only
//! the passing of time changes is a [`WakeUp`] in it.

mod action;
mod bounds;
mod context;
mod decision;
mod draft;
mod how;
mod need;
mod obligation;
mod owed;
mod started;
mod steps;
mod wake;
mod what;
mod what_if;
mod when;
mod why;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

pub use action::{Act, Action, ActionId, ActionIdError, Conflict};
pub use bounds::Bounds;
pub use decision::{Decided, Decision, WaitFor};
pub use how::Form;
pub use need::{Need, Needs};
pub use obligation::{ObligationId, ObligationKind};
pub use wake::{WAKE_UPS_MAX, WakeKind, WakeUp};
pub use what_if::{Supposed, event_of, what_if};
pub use when::When;
pub use why::{Alternative, Because, PlanValue, What, Why};

use crate::policy::Policy;
use crate::rule::RuleSet;
use crate::stage::{Stage, Standing, Temperature, ValueBand};
use crate::state::ProspectState;
use crate::time::{TZDB_VERSION, to_instant};
use context::Context;

/// The version of the planner: part of what a stored plan was planned by.
pub const PLANNER_VERSION: u32 = 1;

/// What is next for one prospect, and why.
///
/// Serializes to the JSON that the command prints: the fields of the next action, and `plan` (act, wait or rest),
/// `until`, `because_of`, `wake_at`, `also_owed`, `needs`, `conflicts` and `rules` beside it.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The decision: act, wait or rest.
    pub decision: Decision,
    /// The instant at which time alone changes the plan, if it does.
    pub wake: Option<WakeUp>,
    /// The stage.
    pub stage: Stage,
    /// The temperature, cooled by silence (C18).
    pub temperature: Temperature,
    /// The band of their value under the playbook.
    pub band: ValueBand,
    /// What somebody should find out or decide (W6, S1, C17).
    pub needs: Needs,
    /// What each rule changed, in the order of planning. Complete and minimal: with a rule that is named switched
    /// off the plan differs, with a rule that is not named it does not.
    pub because: Vec<Because>,
    /// The candidates for the next action that were not taken.
    pub alternatives: Vec<Alternative>,
}

/// Decides what is next, without explaining it. Allocates only if several things are owed.
///
/// This is what every append needs; [`plan`] adds the explanation.
pub fn decide<'a>(state: &'a ProspectState, policy: &'a Policy) -> Decided<'a> {
    what::decide(&Context::new(state, policy, policy.off()))
}

/// Plans: what is next for a prospect under a policy, and why.
///
/// A pure function: the same state and policy give the same plan, on any machine, at any time. The policy's playbook
/// has passed its check, so there is no error; the dates of the window are always finite.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::plan::Decision;
/// use followup_core::{Channel, Event, Policy, ProspectState, plan};
///
/// let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
/// let ada = ProspectState::replay([Event::asked_information(t).via(Channel::EMAIL)])?;
/// let plan = plan(&ada, &Policy::default());
/// let Decision::Act { next, .. } = &plan.decision else { panic!("something is owed") };
/// assert_eq!(next.purpose.as_str(), "inform");
/// assert_eq!(next.window.latest.to_rfc3339(), "2026-03-09T17:00:00+00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan(state: &ProspectState, policy: &Policy) -> Plan {
    let context = Context::new(state, policy, policy.off());
    let decided = what::decide(&context);
    let because = why::because(state, policy, &decided);
    let alternatives = why::alternatives(&context, &decided);
    let Decided { decision, wake, temperature, band, needs } = decided;
    let decision = decision.map(|act| act.to_action());
    Plan { decision, wake, stage: state.stage(), temperature, band, needs, because, alternatives }
}

/// The first instant from `at` on at which an act may be done (C16).
pub fn first_open(state: &ProspectState, policy: &Policy, act: &Act<'_>, at: DateTime<Utc>) -> DateTime<Utc> {
    let context = Context::new(state, policy, policy.off());
    let open = when::hours_applied(&context, act.kind, act.form.channel, crate::time::to_micros(at));
    // What is finer than a microsecond is no reason to wait.
    to_instant(open).max(at)
}

/// The appointment that is set and not over, as an action: the agenda lists it from the moment it is set.
pub fn appointment(state: &ProspectState, policy: &Policy) -> Option<Action> {
    let context = Context::new(state, policy, policy.off());
    what::appointment(&context).map(|act| act.to_action())
}

/// What plans made now are planned by: planner version, policy hash and time-zone database.
pub fn planned_by(policy: &Policy) -> String {
    format!("{PLANNER_VERSION}/{}/{TZDB_VERSION}", policy.hash())
}

impl Plan {
    /// The next action, if there is one.
    pub fn next(&self) -> Option<&Action> {
        match &self.decision {
            Decision::Act { next, .. } => Some(next),
            _ => None,
        }
    }

    /// The other actions that are owed.
    pub fn also(&self) -> &[Action] {
        match &self.decision {
            Decision::Act { also, .. } => also,
            _ => &[],
        }
    }

    /// The next action and the others.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.next().into_iter().chain(self.also())
    }

    /// Whether the prospect is being followed up.
    pub fn standing(&self) -> Standing {
        self.decision.standing()
    }

    /// The rules that shaped the plan, in the order of the rule book.
    pub fn rules(&self) -> RuleSet {
        self.because.iter().map(|because| because.rule).collect()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = |at: &DateTime<Utc>| at.format("%a %-d %b %Y %H:%M UTC").to_string();
        match &self.decision {
            Decision::Act { next, .. } => {
                write!(f, "{}", next.purpose.as_str().replace('_', " "))?;
                if let Some(channel) = next.channel {
                    write!(f, " by {channel}")?;
                }
                write!(f, " from {} to {}", date(&next.window.earliest), date(&next.window.latest))
            }
            Decision::Wait { until, why } => {
                write!(f, "wait for the {} until {}", why.as_str().replace('_', " "), date(until))
            }
            Decision::Rest { why } => write!(f, "rest: {}", why.as_str().replace('_', " ")),
        }
    }
}

/// The fields of a plan as JSON.
#[derive(Serialize)]
struct Fields<'a> {
    #[serde(flatten)]
    next: Option<&'a Action>,
    plan: &'static str,
    stage: Stage,
    temperature: Temperature,
    until: Option<DateTime<Utc>>,
    because_of: Option<&'static str>,
    wake_at: Option<DateTime<Utc>>,
    wake: Option<WakeKind>,
    also: bool,
    also_owed: &'a [Action],
    needs: Needs,
    conflicts: Vec<action::ConflictFields>,
    rules: RuleSet,
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (plan, until, because_of) = match &self.decision {
            Decision::Act { .. } => ("act", None, None),
            Decision::Wait { until, why } => ("wait", Some(*until), Some(why.as_str())),
            Decision::Rest { why } => ("rest", None, Some(why.as_str())),
        };
        Fields {
            next: self.next(),
            plan,
            stage: self.stage,
            temperature: self.temperature,
            until,
            because_of,
            wake_at: self.wake.as_ref().map(WakeUp::at),
            wake: self.wake.as_ref().map(|wake| wake.kind),
            also: false,
            also_owed: self.also(),
            needs: self.needs,
            conflicts: self.actions().filter_map(Action::conflict_fields).collect(),
            rules: self.rules(),
        }
        .serialize(serializer)
    }
}
