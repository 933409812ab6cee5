//! Planners with a planted bug, which the invariants must find.

use chrono::TimeDelta;
use followup::plan::Decision;
use followup::stage::Rest;
use followup::{Plan, Policy, ProspectState, Rule, plan};

/// A planning function.
pub(crate) type Planner = fn(&ProspectState, &Policy) -> Plan;

/// The bugs that can be planted, by name, and the planners that have them.
const BUGS: [(&str, Planner); 11] = [
    ("too-soon", too_soon),
    ("rests-in-silence", rests_in_silence),
    ("drops-the-wake-up", drops_the_wake_up),
    ("after-hours", |state, policy| plan(state, &policy.without(Rule::C16))),
    ("hears-no-opt-out", |state, policy| plan(state, &policy.without(Rule::S6))),
    ("hears-no-stop", |state, policy| plan(state, &policy.without(Rule::S3))),
    ("desperate", |state, policy| plan(state, &policy.without(Rule::W7))),
    ("never-ends", |state, policy| plan(state, &policy.without(Rule::S1))),
    ("says-it-again", |state, policy| plan(state, &policy.without(Rule::W4))),
    ("one-channel", |state, policy| plan(state, &policy.without(Rule::C9))),
    ("asks-too-early", |state, policy| plan(state, &policy.without(Rule::P4))),
];

/// The names of the bugs that short histories under the default playbook reveal.
pub(crate) const SHOWN_BY_SHORT_HISTORIES: &[&str] =
    &["too-soon", "rests-in-silence", "drops-the-wake-up", "after-hours", "hears-no-opt-out"];

/// The names of all bugs.
pub(crate) const ALL: &[&str] = &{
    let mut names = [""; BUGS.len()];
    let mut index = 0;
    while index < BUGS.len() {
        names[index] = BUGS[index].0;
        index += 1;
    }
    names
};

/// Returns the planner with the given bug, or the real one for `None`.
pub(crate) fn planner(bug: Option<&str>) -> Planner {
    let planted = bug.and_then(|bug| BUGS.iter().find(|(name, _)| *name == bug));
    planted.map_or(plan, |(_, planner)| *planner)
}

/// Starts the touches that we initiate one day after the last contact.
fn too_soon(state: &ProspectState, policy: &Policy) -> Plan {
    let mut plan = plan(state, policy);
    if let (Decision::Act { next, .. }, Some(contact)) = (&mut plan.decision, state.last_contact())
        && (10..=13).contains(&next.kind.row())
    {
        next.window.earliest = next.window.earliest.min(contact.at + TimeDelta::days(1));
    }
    plan
}

/// Gives up on a silent prospect without a last message.
fn rests_in_silence(state: &ProspectState, policy: &Policy) -> Plan {
    let mut plan = plan(state, policy);
    if state.unanswered() >= 3 && plan.next().is_some() {
        plan.decision = Decision::Rest { why: Rest::GaveUp };
        plan.wake = None;
    }
    plan
}

/// Drops the wake-up that ends a wait.
fn drops_the_wake_up(state: &ProspectState, policy: &Policy) -> Plan {
    let mut plan = plan(state, policy);
    if matches!(plan.decision, Decision::Wait { .. }) {
        plan.wake = None;
    }
    plan
}
