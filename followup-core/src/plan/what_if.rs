//! Plans after each possible answer.

use chrono::{DateTime, Utc};

use super::{Action, Decision, Plan, plan};
use crate::channel::Channel;
use crate::event::{Event, EventKind, Request};
use crate::policy::Policy;
use crate::purpose::Purpose;
use crate::stage::{By, Outcome};
use crate::state::{ProspectState, WAKE_UP_SEQ};
use crate::time::to_micros;

/// A possible answer and the plan after it.
///
/// # Examples
/// ```
/// use followup_core::plan::{Supposed, what_if};
/// use followup_core::{Event, Policy, ProspectState};
///
/// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let answers: Vec<Supposed> = what_if(&ada, &Policy::default());
/// let lost = answers.iter().find(|answer| answer.name == "lost").expect("they may say no");
/// assert!(lost.ends());
/// assert_eq!(lost.plan.to_string(), "rest: lost");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Supposed {
    /// The name of the event, or `silence`, `booked`, `won`, `lost` or `later`.
    pub name: &'static str,
    /// The plan that would follow.
    pub plan: Plan,
}

/// Returns the plan after each possible answer.
///
/// The next action is assumed to be done at its target instant and the answer to come an hour later; if there is no
/// next action, the answer comes an hour after the newest event. `silence` is the action without an answer.
///
/// # Examples
/// ```
/// use followup_core::plan::what_if;
/// use followup_core::{Event, Policy, ProspectState};
///
/// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let answers = what_if(&ada, &Policy::default());
/// assert_eq!(answers[0].name, "silence");
/// assert!(answers.iter().any(|answer| answer.name == "opted_out" && answer.ends()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn what_if(state: &ProspectState, policy: &Policy) -> Vec<Supposed> {
    let now = plan(state, policy);
    let (done, answer_at) = do_next(state, now.next());
    let mut answers = Vec::new();
    let mut answer = |name, from: &ProspectState, kind: Option<EventKind>| {
        let mut then = from.clone();
        if let Some(kind) = kind {
            then.apply(&Event::new(answer_at, kind).with_key(format!("{name}-supposed")));
        }
        answers.push(Supposed { name, plan: plan(&then, policy) });
    };
    if now.next().is_some() {
        answer("silence", &done, None);
    }
    for request in Request::ALL {
        let channel = now.next().and_then(|next| next.channel);
        answer(request.as_str(), &done, Some(EventKind::Requested { request: *request, channel }));
    }
    answer("booked", &done, Some(booked(policy, answer_at)));
    answer("next_step_declined", &done, Some(EventKind::NextStepDeclined));
    if state.appointment.is_some() {
        answer("appointment_held", state, Some(EventKind::AppointmentHeld));
        answer("appointment_missed", state, Some(EventKind::AppointmentMissed { by: Some(By::Prospect) }));
    }
    for outcome in Outcome::ALL {
        let kind = EventKind::Decided { outcome: *outcome, until: None, why: None };
        answer(outcome.as_str(), &done, Some(kind));
    }
    answer("opted_out", &done, Some(EventKind::OptedOut { channels: Vec::new() }));
    answers
}

/// Returns the state after the next action, and the instant at which an answer may come.
fn do_next(state: &ProspectState, next: Option<&Action>) -> (ProspectState, DateTime<Utc>) {
    let newest = state.last_event_at().unwrap_or_default();
    let at = next.map_or(newest, |next| next.window.target.max(newest));
    let mut done = state.clone();
    if let Some(next) = next {
        let event = Event::new(at, event_of(next)).with_key("action-supposed").with_seq(2 * WAKE_UP_SEQ);
        if done.is_next(&event) {
            done.apply(&event);
        }
    }
    let later = at + chrono::TimeDelta::hours(1);
    debug_assert!(to_micros(later) > to_micros(at));
    (done, later)
}

/// Returns the event that records an action as done.
///
/// # Examples
/// ```
/// use followup_core::plan::event_of;
/// use followup_core::{Event, Policy, ProspectState, plan};
///
/// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let plan = plan(&ada, &Policy::default());
/// let next = plan.next().expect("the first contact is owed");
/// let done = Event::new(next.window.target, event_of(next));
/// assert_eq!(done.name(), "information_sent");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn event_of(action: &Action) -> EventKind {
    let channel = action.channel;
    match action.purpose {
        Purpose::INFORM => EventKind::InformationSent { channel },
        Purpose::PROPOSE => EventKind::ProposalSent { amount: None, channel },
        Purpose::HOLD => EventKind::AppointmentHeld,
        purpose => EventKind::Touched {
            channel: channel.unwrap_or(Channel::PHONE),
            purpose: Some(purpose),
            reason: Some(action.reason),
            personal: Some(action.personal),
            automatic: action.automatic,
            reached: false,
        },
    }
}

fn booked(policy: &Policy, at: DateTime<Utc>) -> EventKind {
    let starts_at = at + chrono::TimeDelta::days(7);
    EventKind::AppointmentSet { starts_at, minutes: policy.settings().appointment.minutes.max(1) }
}

impl Supposed {
    /// Whether this answer ends the pursuit.
    pub fn ends(&self) -> bool {
        matches!(self.plan.decision, Decision::Rest { .. })
    }
}
