//! Plans: the obligations (what), their windows (when), their form (how) and the explanation (why).
//!
//! [`plan`] has no `now`. The plan follows from the recorded events, so each state has exactly one plan; changes that
//! only the passing of time makes are a [`WakeUp`] in it.

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
pub use why::{Alternative, Because, PlanValue, What, Why};

use crate::policy::Policy;
use crate::rule::RuleSet;
use crate::stage::{Stage, Standing, Temperature, ValueBand};
use crate::state::ProspectState;
use crate::time::{TZDB_VERSION, to_instant};
use context::Context;

/// The version of the planner, which is part of [`planned_by`].
pub const PLANNER_VERSION: u32 = 1;

/// The next actions for one prospect, and why.
///
/// Serializes to the JSON that the command prints: the fields of the next action, together with `plan` (act, wait or
/// rest), `until`, `because_of`, `wake_at`, `also_owed`, `needs`, `conflicts` and `rules`.
///
/// # Examples
/// ```
/// use followup_core::{Event, Policy, ProspectState, Rule, plan};
///
/// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let plan = plan(&ada, &Policy::default());
/// assert_eq!(plan.standing().as_str(), "active");
/// assert_eq!(plan.actions().count(), 1);
/// assert!(plan.rules().contains(Rule::C2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The decision: act, wait or rest.
    pub decision: Decision,
    /// The wake-up at which time alone changes the plan, if there is one.
    pub wake: Option<WakeUp>,
    /// The stage.
    pub stage: Stage,
    /// The temperature, cooled by silence (C18).
    pub temperature: Temperature,
    /// The band of their value in the playbook.
    pub band: ValueBand,
    /// Facts that a person should find out, and decisions that a person should make (W6, S1, C17).
    pub needs: Needs,
    /// The changes that each rule made, in the order of planning. Complete and minimal: switching off a listed rule
    /// changes the plan, and switching off any other rule does not.
    pub because: Vec<Because>,
    /// The candidates for the next action that were not taken.
    pub alternatives: Vec<Alternative>,
}

/// Decides what is next, without an explanation. Allocates only if more than one action is owed.
///
/// Every append needs this; [`plan()`] adds the explanation.
///
/// # Examples
/// ```
/// use followup_core::plan::decide;
/// use followup_core::stage::Standing;
/// use followup_core::{Event, Policy, ProspectState};
///
/// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let policy = Policy::default();
/// assert_eq!(decide(&ada, &policy).decision.standing(), Standing::Active);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decide<'a>(state: &'a ProspectState, policy: &'a Policy) -> Decided<'a> {
    what::decide(&Context::new(state, policy, policy.off()))
}

/// Plans what is next for a prospect under a policy, and why.
///
/// This is a pure function: the same state and policy give the same plan, on any machine, at any time. It cannot fail,
/// because the playbook of a policy is checked; the dates of a window are always finite.
///
/// # Examples
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::plan::Decision;
/// use followup_core::{Channel, Event, Policy, ProspectState, plan};
///
/// let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
/// let ada = ProspectState::replay([Event::asked_information(t, Channel::EMAIL)])?;
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

/// Returns the first instant at or after `at` at which an act may be done (C16).
///
/// # Examples
/// ```
/// use followup_core::plan::{decide, first_open};
/// use followup_core::{Event, Policy, ProspectState};
///
/// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let policy = Policy::default();
/// let decided = decide(&ada, &policy);
/// let act = decided.decision.actions().next().expect("the first contact is owed");
/// let saturday = "2026-03-07T12:00:00Z".parse()?;
/// let open = first_open(&ada, &policy, act, saturday);
/// assert_eq!(open.to_rfc3339(), "2026-03-09T09:00:00+00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn first_open(state: &ProspectState, policy: &Policy, act: &Act<'_>, at: DateTime<Utc>) -> DateTime<Utc> {
    let context = Context::new(state, policy, policy.off());
    let open = when::hours_applied(&context, act.kind, act.form.channel, crate::time::to_micros(at));
    // Fractions of a microsecond are not a reason to wait.
    to_instant(open).max(at)
}

/// Returns the appointment that is set and not over as an action. The agenda lists it from the moment it is set.
///
/// # Examples
/// ```
/// use followup_core::plan::appointment;
/// use followup_core::{Event, Policy, ProspectState};
///
/// let (at, starts_at) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-12T10:00:00Z".parse()?);
/// let ada = ProspectState::replay([Event::appointment_set(at, starts_at, 60)])?;
/// let action = appointment(&ada, &Policy::default()).expect("an appointment is set");
/// assert_eq!(action.window.earliest, starts_at);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn appointment(state: &ProspectState, policy: &Policy) -> Option<Action> {
    let context = Context::new(state, policy, policy.off());
    what::appointment(&context).map(|act| act.to_action())
}

/// Returns what current plans depend on besides the state: planner version, policy hash and time zone database.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_core::plan::{PLANNER_VERSION, planned_by};
///
/// assert!(planned_by(&Policy::default()).starts_with(&format!("{PLANNER_VERSION}/")));
/// ```
pub fn planned_by(policy: &Policy) -> String {
    format!("{PLANNER_VERSION}/{}/{TZDB_VERSION}", policy.hash())
}

impl Plan {
    /// Returns the next action, if the plan is to act.
    pub fn next(&self) -> Option<&Action> {
        match &self.decision {
            Decision::Act { next, .. } => Some(next),
            _ => None,
        }
    }

    /// Returns the other actions that are owed.
    ///
    /// # Examples
    /// ```
    /// use followup_core::plan::ObligationKind;
    /// use followup_core::{Channel, Event, Policy, ProspectState, plan};
    ///
    /// let (at, later) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-06T15:00:00Z".parse()?);
    /// let requested = Event::input_requested(at, "logo", None);
    /// let ada = ProspectState::replay([requested, Event::asked_information(later, Channel::EMAIL)])?;
    /// let plan = plan(&ada, &Policy::default());
    /// assert_eq!(plan.next().map(|next| next.kind), Some(ObligationKind::Answer));
    /// let also: Vec<_> = plan.also().iter().map(|action| action.kind).collect();
    /// assert_eq!(also, [ObligationKind::Chase]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn also(&self) -> &[Action] {
        match &self.decision {
            Decision::Act { also, .. } => also,
            _ => &[],
        }
    }

    /// Returns the next action and the others that are owed.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.next().into_iter().chain(self.also())
    }

    /// Returns whether the prospect is being followed up.
    pub fn standing(&self) -> Standing {
        self.decision.standing()
    }

    /// Returns the rules that shaped the plan, in the order of the rule book.
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
