//! Invariants: statements that hold for every plan, whatever the history and the playbook.
//!
//! # Examples
//! ```
//! use followup_core::Policy;
//! use followup_testing::{History, invariants};
//!
//! let history: History = "2026-03-02T09:15Z touched channel=phone".parse()?;
//! invariants::check(&history, &Policy::default())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! As a property of a playbook:
//!
//! ```
//! use followup_core::{Playbook, Policy};
//! use followup_testing::{arb_observed_history, invariants, proptest::prelude::*};
//!
//! let policy = Policy::from(Playbook::parse("[cadence]\nminimum_gap = \"P5D\"")?);
//! proptest!(ProptestConfig::with_cases(16), |(history in arb_observed_history())| {
//!     invariants::check(&history, &policy)?;
//! });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub(super) mod statements;

use chrono::{DateTime, TimeDelta, Utc};

use super::broken::Broken;
use super::history::History;
use super::seen::{Seen, Walk};
use followup_core::event::Event;
use followup_core::plan::{Plan, plan};
use followup_core::policy::Policy;
use followup_core::rule::Rule;
use followup_core::state::ProspectState;

/// A statement that holds for every plan.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// The name: the statement, in the form of a test name.
    pub name: &'static str,
    /// The rule that it follows from.
    pub rule: Rule,
    holds: fn(&Seen<'_>) -> Result<(), String>,
}

/// A planner. The invariants can check a planner of your own, or one with a known bug.
pub type Planner = dyn Fn(&ProspectState, &Policy) -> Plan + Sync;

/// All invariants of a plan.
pub const ALL: &[Invariant] = &[
    Invariant {
        name: "nobody_falls_in_the_gap",
        rule: Rule::P10,
        holds: statements::nobody_falls_in_the_gap,
    },
    Invariant {
        name: "a_rest_has_a_reason_in_the_history",
        rule: Rule::C13,
        holds: statements::a_rest_has_a_reason,
    },
    Invariant { name: "one_of_what_is_owed_is_next", rule: Rule::E3, holds: statements::one_is_next },
    Invariant {
        name: "nobody_starves_in_the_ranking",
        rule: Rule::E4,
        holds: statements::head_starts_are_bounded,
    },
    Invariant {
        name: "a_minimum_gap_stands_between_touches",
        rule: Rule::C5,
        holds: statements::minimum_gap,
    },
    Invariant { name: "a_ceiling_stands_over_touches", rule: Rule::W7, holds: statements::ceiling },
    Invariant { name: "a_touch_lands_in_a_decent_hour", rule: Rule::C16, holds: statements::decent_hours },
    Invariant { name: "a_stop_is_final", rule: Rule::S3, holds: statements::a_stop_is_final },
    Invariant { name: "opted_out_stays_out", rule: Rule::S6, holds: statements::opted_out_stays_out },
    Invariant { name: "worth_sets_the_effort", rule: Rule::S1, holds: statements::worth_sets_the_effort },
    Invariant { name: "one_last_message", rule: Rule::S2, holds: statements::one_last_message },
    Invariant { name: "every_touch_has_a_fitting_reason", rule: Rule::W1, holds: statements::fitting_reason },
    Invariant { name: "a_reason_rests", rule: Rule::W4, holds: statements::a_reason_rests },
    Invariant { name: "channels_are_mixed", rule: Rule::C9, holds: statements::channels_are_mixed },
    Invariant { name: "cool_prospects_get_value_only", rule: Rule::W2, holds: statements::cool_get_value },
    Invariant { name: "asks_do_not_follow_each_other", rule: Rule::W3, holds: statements::asks_alternate },
    Invariant {
        name: "nobody_is_asked_before_they_are_ready",
        rule: Rule::P4,
        holds: statements::asked_when_ready,
    },
];

/// Checks every invariant after each event of a history, and the wake-ups at its end.
///
/// # Errors
/// [`Broken`] for the first invariant that does not hold, with the history up to that point.
///
/// # Examples
/// See the [module](self).
pub fn check(history: &History, policy: &Policy) -> Result<(), Broken> {
    check_planner(&plan, history, policy)
}

/// As [`check`], with another planner.
///
/// # Examples
/// ```
/// use followup_core::{Policy, Rule, plan};
/// use followup_testing::History;
/// use followup_testing::invariants::{ALL, Invariant, check_planner};
///
/// let deaf = |state: &_, policy: &Policy| plan(state, &policy.without(Rule::S6));
/// let history: History = "2026-03-02T09:15Z added\n2026-03-03T10:00Z opted_out".parse()?;
/// let broken = check_planner(&deaf, &history, &Policy::default()).unwrap_err();
/// let is_broken = |invariant: &&Invariant| Some(invariant.rule) == broken.broken_rule();
/// assert_eq!(ALL.iter().find(is_broken).map(|invariant| invariant.name), Some("opted_out_stays_out"));
/// # Ok::<(), followup_testing::HistoryError>(())
/// ```
///
/// # Errors
/// As [`check`].
pub fn check_planner(planner: &Planner, history: &History, policy: &Policy) -> Result<(), Broken> {
    let mut walk = Walk::new(history, policy);
    while walk.next() {
        check_plan(planner, &walk, policy)?;
    }
    check_time(planner, history, walk.state(), policy)
}

/// As [`check_planner`], but only at the end of a history, for histories whose beginning was checked before.
///
/// # Errors
/// As [`check`].
pub fn check_end(planner: &Planner, history: &History, policy: &Policy) -> Result<(), Broken> {
    let mut walk = Walk::new(history, policy);
    while walk.next() {}
    check_plan(planner, &walk, policy)?;
    check_time(planner, history, walk.state(), policy)
}

fn check_plan(planner: &Planner, walk: &Walk<'_>, policy: &Policy) -> Result<(), Broken> {
    let plan = planner(walk.state(), policy);
    walk.look(&plan, |seen| {
        let mut on = ALL.iter().filter(|invariant| seen.is_on(invariant.rule));
        on.try_for_each(|invariant| (invariant.holds)(seen).map_err(|what| (Some(invariant.rule), what)))?;
        match plan == planner(seen.state, policy) {
            true => Ok(()),
            false => Err((None, "planning twice gives different plans".to_owned())),
        }
    })
}

/// Checks the wake-ups: each is recorded when it is due and not before, each leads to a rest or to a strictly later
/// wake-up, and waking daily gives the same state as waking monthly.
fn check_time(
    planner: &Planner,
    history: &History,
    state: &ProspectState,
    policy: &Policy,
) -> Result<(), Broken> {
    let Some(newest) = history.newest() else { return Ok(()) };
    let broken = |what: String| Err(Broken::of(what, history).rule(Rule::P8).policy(policy));
    let mut woken = state.clone();
    for _ in 0..100 {
        let Some(wake) = planner(&woken, policy).wake else { break };
        let due_at = wake.at().max(newest);
        let name = wake.kind.as_str();
        let early = woken.clone().wake(policy, due_at - TimeDelta::microseconds(1));
        if wake.at() > newest && !early.is_empty() {
            return broken(format!("{name} is recorded before it is due at {due_at}"));
        }
        if woken.wake(policy, due_at).is_empty() {
            return broken(format!("{name} is not recorded when it is due at {due_at}"));
        }
        if planner(&woken, policy).wake.is_some_and(|next| next.at() <= wake.at()) {
            return broken(format!("{name} at {due_at} leads neither to a rest nor to a later wake-up"));
        }
    }
    if planner(&woken, policy).wake.is_some() {
        return broken("the wake-ups do not end".to_owned());
    }
    let until = newest + TimeDelta::days(100);
    let daily = woken_every(state, policy, newest, until, 1);
    if daily != woken_every(state, policy, newest, until, 30) {
        return broken("waking daily and waking monthly give different states".to_owned());
    }
    Ok(())
}

fn woken_every(
    state: &ProspectState,
    policy: &Policy,
    newest: DateTime<Utc>,
    until: DateTime<Utc>,
    days: i64,
) -> ProspectState {
    let (mut state, mut at) = (state.clone(), newest);
    while at < until {
        state.wake(policy, at);
        at += TimeDelta::days(days);
    }
    state.wake(policy, until);
    state
}

/// Checks that a late fact gives the same plan as if it had come in time: the nth event of the history (counted from 0)
/// is recorded last, after all wake-ups up to a number of days after the newest event.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_testing::{History, invariants::check_late_fact};
///
/// let history: History = "\
/// 2026-03-02T09:00Z added
/// 2026-03-03T09:00Z touched channel=phone
/// 2026-03-06T09:00Z replied channel=email"
///     .parse()?;
/// for nth in 0..3 {
///     check_late_fact(&history, &Policy::default(), nth, 30)?;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Broken`] if it gives another plan, or a state with another newest event than the journal.
pub fn check_late_fact(history: &History, policy: &Policy, nth: usize, days: u32) -> Result<(), Broken> {
    let mut events = history.in_order();
    let Some(newest) = history.newest().filter(|_| nth < events.len()) else { return Ok(()) };
    let now = newest + TimeDelta::days(days.into());
    let mut in_time = history.state();
    in_time.wake(policy, now);

    let fact = events.remove(nth);
    let fold = |events: &[Event]| {
        let mut state = ProspectState::new(history.home());
        events.iter().for_each(|event| state.apply(event));
        state
    };
    let wake_ups = fold(&events).wake(policy, now);
    if wake_ups.first().is_some_and(|wake_up| wake_up.order(&fact).is_lt()) {
        // The fact is after a wake-up. Had it come in time, that wake-up would have been recorded before it.
        return Ok(());
    }
    events.extend(wake_ups);
    events.push(fact);
    events.sort_by(Event::order);
    let mut late = fold(&events);
    events.extend(late.wake(policy, now));
    let (plan, expected) = (plan(&late, policy), plan(&in_time, policy));
    let broken = |what: String| {
        let what = format!("event {}, recorded {days} days after the newest, {what}", nth + 1);
        Err(Broken::of(what, history).rule(Rule::T1).policy(policy).plan(&expected))
    };
    if says(&plan) != says(&expected) {
        return broken(format!("gives another plan: {plan}"));
    }
    // A wake-up that the fact deprived of its effect is still in the journal.
    let (newest, known) = (events.iter().map(|event| event.at()).max(), late.last_event_at());
    if known != newest {
        return broken(format!("gives a state with its newest event at {known:?} instead of {newest:?}"));
    }
    Ok(())
}

/// Returns what a plan says, without its explanation.
fn says(plan: &Plan) -> impl PartialEq + use<> {
    let Plan { decision, wake, stage, temperature, band, needs, .. } = plan.clone();
    (decision, wake, stage, temperature, band, needs)
}
