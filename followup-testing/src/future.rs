//! Checks a simulated future: each step was planned, and the invariants hold.

use chrono::{DateTime, TimeDelta, Utc};

use super::broken::Broken;
use super::history::History;
use super::invariants::{self, Planner};
use super::seen::{Said, Seen, Walk};
use followup_core::event::{Event, EventKind};
use followup_core::plan::{Action, ObligationKind, plan};
use followup_core::policy::Policy;
use followup_core::purpose::Purpose;
use followup_core::rule::Rule;
use followup_core::state::ProspectState;

/// A function that runs a prospect forward from an instant, such as `followup_insight::simulate::simulate_one`.
pub type Simulator<'a> = dyn Fn(&ProspectState, &Policy, DateTime<Utc>) -> Vec<Event> + Sync + 'a;

/// Runs a history forward from an instant and checks all of it: [every invariant](invariants::ALL) after each event,
/// that our actions were planned and are in open hours, that wake-ups were due, and that nothing happens before `now`.
/// Returns the history with its future.
///
/// A `now` before the newest event counts as the instant of that event.
///
/// # Examples
/// ```
/// use followup_core::{Policy, ProspectId, plan};
/// use followup_insight::simulate::{Scenario, simulate_one};
/// use followup_testing::{History, check_future};
///
/// let history: History = "2026-03-02T09:15Z asked_information channel=email".parse()?;
/// let (id, scenario) = (ProspectId::new("p-1")?, Scenario::of_days(90));
/// let forward = |state: &_, policy: &_, now| simulate_one(&id, state, policy, &scenario, now);
/// let now = "2026-03-03T08:00:00Z".parse()?;
/// let future = check_future(&plan, &forward, &history, &Policy::default(), now)?;
/// assert!(future.events().len() > 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Broken`] for the first check that fails, with the history up to that point.
pub fn check_future(
    planner: &Planner,
    simulator: &Simulator<'_>,
    history: &History,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<History, Broken> {
    let now = history.newest().map_or(now, |newest| now.max(newest));
    let mut state = history.state();
    let mut events = history.in_order();
    events.extend(state.wake(policy, now));
    let known = events.len();
    let future = simulator(&state, policy, now);
    if let Some(early) = future.iter().find(|event| event.at() < now) {
        return Err(Broken::of(format!("{} is before {now}", early.name()), history).policy(policy));
    }
    if !future.is_sorted_by(|one, next| one.order(next).is_lt()) {
        return Err(Broken::of("the events of the future are out of order", history).policy(policy));
    }
    events.extend(future);
    let whole = History::new(history.home(), events)
        .map_err(|error| Broken::of(error.to_string(), history).policy(policy))?;
    let mut walk = Walk::new(&whole, policy);
    for nth in 0..whole.events().len() {
        if let Some(next) = walk.upcoming().filter(|_| nth >= known) {
            walk.look(&plan(walk.state(), policy), |seen| as_planned(seen, next))?;
        }
        walk.next();
    }
    invariants::check_planner(planner, &whole, policy)?;
    Ok(whole)
}

/// Checks that the next event was planned, if it is ours or a wake-up.
fn as_planned(seen: &Seen<'_>, next: &Event) -> Result<(), Said> {
    let (name, at) = (next.name(), next.at());
    if next.is_wake_up() || matches!(next.kind(), EventKind::Resumed) {
        let due = seen.plan.wake.as_ref().is_some_and(|wake| wake.kind.as_str() == name && wake.at() <= at);
        let early = seen.state.clone().wake(seen.policy, at - TimeDelta::microseconds(1));
        let was_due = seen.state.last_event_at().is_some_and(|newest| newest < at) && !early.is_empty();
        return match due && !was_due {
            true => Ok(()),
            false => Err((Some(Rule::P8), format!("{name} is recorded at {at}, but is not due then"))),
        };
    }
    let Some(purpose) = done(next) else { return Ok(()) };
    let of = |action: &&Action| purpose.is_none_or(|purpose| purpose == action.purpose);
    if !seen.actions().any(|action| of(&action)) {
        return Err((Some(Rule::S3), format!("{name} is done at {at}, but no such action is planned")));
    }
    let may = |action: &Action| {
        let as_it_stands = matches!(action.kind, ObligationKind::Hold | ObligationKind::Acknowledge)
            || (action.kind == ObligationKind::AgreedStep && at == action.window.target)
            || !seen.is_on(Rule::C11);
        let open = as_it_stands || seen.clock.is_open(seen.reading, seen.policy, action, at);
        open && action.window.earliest <= at
    };
    match seen.actions().filter(of).any(may) {
        true => Ok(()),
        false => {
            Err((Some(Rule::C16), format!("{name} is done at {at}, before it opens or at a closed hour")))
        }
    }
}

/// Returns the purpose of an action of ours: `Some(None)` if the event does not say it, `None` if it is not ours.
fn done(event: &Event) -> Option<Option<Purpose>> {
    match event.kind() {
        EventKind::AppointmentHeld | EventKind::AppointmentMissed { .. } => Some(Some(Purpose::HOLD)),
        EventKind::Touched { .. }
        | EventKind::InformationSent { .. }
        | EventKind::ProposalSent { .. }
        | EventKind::Sent { .. } => Some(event.touch().and_then(|touch| touch.purpose)),
        _ => None,
    }
}
