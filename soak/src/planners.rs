//! Planners with a bug, which the invariants have to find.

use chrono::TimeDelta;
use followup_core::{Decision, Plan, Playbook, ProspectState, Rest, Rule, plan};

/// What plans.
pub(crate) type Planner = fn(&ProspectState, &Playbook) -> Plan;

/// The bugs that can be planted into the planner, and the planners that have them.
const BUGS: [(&str, Planner); 11] = [
    ("too-soon", too_soon),
    ("rests-in-silence", rests_in_silence),
    ("drops-the-wake-up", drops_the_wake_up),
    ("after-hours", |state, playbook| plan(state, &playbook.without(Rule::C16))),
    ("hears-no-opt-out", |state, playbook| plan(state, &playbook.without(Rule::S6))),
    ("hears-no-stop", |state, playbook| plan(state, &playbook.without(Rule::S3))),
    ("desperate", |state, playbook| plan(state, &playbook.without(Rule::W7))),
    ("never-ends", |state, playbook| plan(state, &playbook.without(Rule::S1))),
    ("says-it-again", |state, playbook| plan(state, &playbook.without(Rule::W4))),
    ("one-channel", |state, playbook| plan(state, &playbook.without(Rule::C9))),
    ("asks-too-early", |state, playbook| plan(state, &playbook.without(Rule::P4))),
];

/// The names of those that short histories under the default playbook show.
pub(crate) const SHOWN_BY_SHORT_HISTORIES: &[&str] =
    &["too-soon", "rests-in-silence", "drops-the-wake-up", "after-hours", "hears-no-opt-out"];

/// The names of all of them.
pub(crate) const ALL: &[&str] = &{
    let mut names = [""; BUGS.len()];
    let mut index = 0;
    while index < BUGS.len() {
        names[index] = BUGS[index].0;
        index += 1;
    }
    names
};

/// The planner, or one with a bug.
pub(crate) fn planner(bug: Option<&str>) -> Planner {
    let planted = bug.and_then(|bug| BUGS.iter().find(|(name, _)| *name == bug));
    planted.map_or(plan, |(_, planner)| *planner)
}

/// What we start begins on the day after the last contact.
fn too_soon(state: &ProspectState, playbook: &Playbook) -> Plan {
    let mut plan = plan(state, playbook);
    if let (Decision::Act { next, .. }, Some(contact)) = (&mut plan.decision, state.last_contact())
        && (10..=13).contains(&next.kind.row())
    {
        next.window.earliest = next.window.earliest.min(contact.at + TimeDelta::days(1));
    }
    plan
}

/// Whoever is silent for long is let go without a word.
fn rests_in_silence(state: &ProspectState, playbook: &Playbook) -> Plan {
    let mut plan = plan(state, playbook);
    if state.unanswered() >= 3 && plan.next().is_some() {
        plan.decision = Decision::Rest { why: Rest::GaveUp };
        plan.wake = None;
    }
    plan
}

/// Nobody is told when the waiting ends.
fn drops_the_wake_up(state: &ProspectState, playbook: &Playbook) -> Plan {
    let mut plan = plan(state, playbook);
    if matches!(plan.decision, Decision::Wait { .. }) {
        plan.wake = None;
    }
    plan
}
