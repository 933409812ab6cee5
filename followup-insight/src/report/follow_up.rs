//! Whether planned follow-ups were done, and when.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Spread, Tally};
use followup::Desk;
use followup::read::Past;
use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind, TouchFacts};
use followup_core::plan::{Act, Decision, ObligationKind, WAKE_UPS_MAX, decide};
use followup_core::policy::Policy;
use followup_core::purpose::Purpose;
use followup_core::rule::Rule;
use followup_core::stage::text_enum;
use followup_core::state::ProspectState;
use followup_core::time::{Micros, Window, to_micros};

text_enum! {
    /// The relation between a follow-up and its window (C15, T2).
    Promptness, "promptness" {
        /// Done before the earliest instant of an action that we start.
        TooSoon = "too_soon",
        /// Done within the window.
        OnTime = "on_time",
        /// Done after the latest instant.
        TooLate = "too_late",
        /// Overdue and not done before the prospect gave a sign, the pursuit ended, or now.
        Never = "never",
    }
}

/// A planned follow-up, and whether and when it was done.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct FollowUp {
    /// The kind of obligation.
    #[serde(skip)]
    pub kind: ObligationKind,
    /// The planned purpose.
    pub purpose: Purpose,
    /// The planned channel.
    pub channel: Option<Channel>,
    /// The rule that the latest instant comes from.
    pub rule: Rule,
    /// The window in which it was due.
    #[serde(flatten)]
    pub window: Window,
    /// The time of the touch; for a follow-up that was not done, the time at which that was certain.
    pub at: DateTime<Utc>,
    /// The relation between the window and the time.
    pub promptness: Promptness,
}

/// Number of follow-ups by promptness.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct FollowUps {
    /// Number of follow-ups done before the earliest instant.
    pub too_soon: u64,
    /// Number of follow-ups done within the window.
    pub on_time: u64,
    /// Number of follow-ups done after the latest instant.
    pub too_late: u64,
    /// Number of follow-ups that were due and not done.
    pub never: u64,
    /// Hours between the latest instant and the touch, of the follow-ups done too late.
    pub hours_late: Spread,
}

/// An event, with the state just before it.
pub(super) struct Moment<'a> {
    pub(super) event: &'a Event,
    /// The touch, if the event is one.
    pub(super) touch: Option<TouchFacts>,
    pub(super) before: &'a ProspectState,
    pub(super) policy: &'a Policy,
}

impl Moment<'_> {
    /// Whether we chose the time. Both sides choose the time of a conversation, except that of a call.
    pub(super) fn is_ours_to_time(&self) -> bool {
        !self.event.is_conversation() || matches!(self.event.kind(), EventKind::Touched { .. })
    }
}

/// A visitor of the events and follow-ups in the past of a prospect.
pub(super) trait Visitor {
    /// Called for each event that takes effect.
    fn event(&mut self, moment: &Moment<'_>);

    /// Called for each touch made while nothing was planned.
    fn unplanned(&mut self) {}

    /// Called for each follow-up that was done, or that was certainly not done.
    fn follow_up(&mut self, follow_up: FollowUp);
}

/// Visits the events of a past, and measures each touch by what was planned just before it.
///
/// Without another playbook, the wake-ups are those of the past; under another playbook they are those of that
/// playbook.
pub(super) fn walk(
    desk: &Desk,
    past: &Past<'_>,
    under: Option<&Policy>,
    now: DateTime<Utc>,
    visitor: &mut impl Visitor,
) {
    let mut walk = Walk { desk, under, state: ProspectState::new(past.home), visitor };
    for event in past.events {
        if under.is_some() {
            if event.is_wake_up() {
                continue;
            }
            walk.wake(event.at() - TimeDelta::microseconds(1));
        }
        walk.apply(event);
    }
    if under.is_some() {
        walk.wake(now);
    }
    if let Some(missed) = overdue(&walk.state, walk.policy(), now) {
        walk.visitor.follow_up(missed.0);
    }
}

/// The state of a walk.
struct Walk<'a, W> {
    desk: &'a Desk,
    under: Option<&'a Policy>,
    state: ProspectState,
    visitor: &'a mut W,
}

impl<'a, W: Visitor> Walk<'a, W> {
    fn policy(&self) -> &'a Policy {
        self.under.unwrap_or_else(|| self.desk.policy_of(&self.state))
    }

    /// Applies the wake-ups that are due up to an instant.
    fn wake(&mut self, until: DateTime<Utc>) {
        for _ in 0..WAKE_UPS_MAX {
            let Some(event) = self.state.next_wake_up(self.policy(), until) else { return };
            self.apply(&event);
        }
    }

    /// Applies an event.
    fn apply(&mut self, event: &Event) {
        if !self.state.premise_holds(event) {
            self.state.apply(event);
            return;
        }
        let (before, policy) = (&self.state, self.policy());
        let moment = Moment { event, touch: before.touch_by(event), before, policy };
        self.visitor.event(&moment);
        let mut missed = None;
        if moment.touch.is_some() {
            measure(&moment, self.visitor);
        } else if may_end_obligation(event) {
            missed = overdue(before, policy, event.at());
        }
        self.state.apply(event);
        if let Some(missed) = missed.filter(|missed| !missed.is_owed_in(&self.state, policy)) {
            self.visitor.follow_up(missed.0);
        }
    }
}

/// Measures a touch by the next action when it was made.
fn measure(moment: &Moment<'_>, visitor: &mut impl Visitor) {
    // Nothing is planned before the first event.
    if moment.before.last_event_at().is_none() {
        return;
    }
    match &decide(moment.before, moment.policy).decision {
        Decision::Act { next, .. } => done(moment, next).into_iter().for_each(|done| visitor.follow_up(done)),
        Decision::Wait { .. } | Decision::Rest { .. } => visitor.unplanned(),
    }
}

/// Returns a touch as a follow-up, measured by the next action; `None` if it cannot be measured.
fn done(moment: &Moment<'_>, next: &Act<'_>) -> Option<FollowUp> {
    // Both sides hold an appointment, and finding out whether a message was sent is not a touch.
    if matches!(next.kind, ObligationKind::Hold | ObligationKind::Resolve) {
        return None;
    }
    let (at, window) = (moment.event.at_micros(), next.window());
    let promptness = match () {
        () if at > to_micros(window.latest) => Promptness::TooLate,
        () if at >= to_micros(window.earliest) => Promptness::OnTime,
        // An answer to the prospect, or a conversation with them, is never too soon.
        () if next.kind.is_started_by_us() && moment.is_ours_to_time() => Promptness::TooSoon,
        () => return None,
    };
    Some(follow_up(next, moment.event.at(), promptness))
}

/// An overdue follow-up, with the key of the event that gave rise to it.
struct Missed(FollowUp, String);

impl Missed {
    /// Whether the follow-up is still owed in a state.
    fn is_owed_in(&self, state: &ProspectState, policy: &Policy) -> bool {
        let Decision::Act { next, also } = decide(state, policy).decision else { return false };
        std::iter::once(&next).chain(&also).any(|act| act.kind == self.0.kind && act.origin == self.1)
    }
}

/// Returns the next action if it is overdue at an instant.
fn overdue(state: &ProspectState, policy: &Policy, at: DateTime<Utc>) -> Option<Missed> {
    state.last_event_at()?;
    let Decision::Act { next, .. } = decide(state, policy).decision else { return None };
    let overdue = to_micros(next.window().latest) < to_micros(at) && next.kind != ObligationKind::Resolve;
    overdue.then(|| Missed(follow_up(&next, at, Promptness::Never), next.origin.to_owned()))
}

fn may_end_obligation(event: &Event) -> bool {
    event.is_sign()
        || event.is_wake_up()
        || matches!(
            event.kind(),
            EventKind::Stopped { .. } | EventKind::OptedOut { .. } | EventKind::Merged { .. }
        )
}

fn follow_up(act: &Act<'_>, at: DateTime<Utc>, promptness: Promptness) -> FollowUp {
    let (kind, purpose, channel, rule) = (act.kind, act.purpose, act.form.channel, act.rule());
    FollowUp { kind, purpose, channel, rule, window: act.window(), at, promptness }
}

/// The running totals of follow-ups.
#[derive(Clone, Debug, Default)]
pub(super) struct FollowUpTally {
    by_promptness: [u64; Promptness::ALL.len()],
    late: Tally,
}

impl FollowUpTally {
    pub(super) fn add(&mut self, follow_up: &FollowUp) {
        self.by_promptness[follow_up.promptness as usize] += 1;
        if follow_up.promptness == Promptness::TooLate {
            self.late.add(follow_up.late_by());
        }
    }

    pub(super) fn finish(&self) -> FollowUps {
        let of = |promptness: Promptness| self.by_promptness[promptness as usize];
        FollowUps {
            too_soon: of(Promptness::TooSoon),
            on_time: of(Promptness::OnTime),
            too_late: of(Promptness::TooLate),
            never: of(Promptness::Never),
            hours_late: self.late.in_hours(),
        }
    }
}

impl FollowUp {
    /// Returns the time after the latest instant; 0 if it was not late.
    pub(super) fn late_by(&self) -> Micros {
        (to_micros(self.at) - to_micros(self.window.latest)).max(0)
    }
}
