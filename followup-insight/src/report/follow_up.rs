//! Whether what was due was done, and when.

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
    /// How what was done, or not, relates to its window (C15, T2).
    Promptness, "promptness" {
        /// Before the earliest instant of something that we start.
        TooSoon = "too_soon",
        /// Within the window.
        OnTime = "on_time",
        /// After the latest instant.
        TooLate = "too_late",
        /// Not before they gave a sign themselves, the pursuit ended, or now.
        Never = "never",
    }
}

/// A follow-up that was due, or was made before it was.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct FollowUp {
    /// What sort of obligation it was.
    #[serde(skip)]
    pub kind: ObligationKind,
    /// What it was for.
    pub purpose: Purpose,
    /// On which channel it would have been.
    pub channel: Option<Channel>,
    /// The rule that its latest instant comes from.
    pub rule: Rule,
    /// When it was due.
    #[serde(flatten)]
    pub window: Window,
    /// When we touched them; for one that was never made, when it was clear that it would not be.
    pub at: DateTime<Utc>,
    /// How the two relate.
    pub promptness: Promptness,
}

/// How prompt follow-ups were.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct FollowUps {
    /// Made before the earliest instant.
    pub too_soon: u64,
    /// Made within the window.
    pub on_time: u64,
    /// Made after the latest instant.
    pub too_late: u64,
    /// Due, and not made.
    pub never: u64,
    /// By how many hours those made too late were.
    pub hours_late: Spread,
}

/// Something that happens, and how they stood just before.
pub(super) struct Moment<'a> {
    pub(super) event: &'a Event,
    /// The touch that it is.
    pub(super) touch: Option<TouchFacts>,
    pub(super) before: &'a ProspectState,
    pub(super) policy: &'a Policy,
}

impl Moment<'_> {
    /// Whether it was for us to choose the instant: a conversation takes two.
    pub(super) fn is_ours_to_time(&self) -> bool {
        !self.event.is_conversation() || matches!(self.event.kind, EventKind::Touched { .. })
    }
}

/// Whoever looks on while a past is walked through.
pub(super) trait Witness {
    /// Something happens that changes something.
    fn event(&mut self, moment: &Moment<'_>);

    /// It is a touch for which nothing was planned.
    fn unasked(&mut self) {}

    /// A touch was made that was due or soon to be, or it is clear that one is not made.
    fn follow_up(&mut self, follow_up: FollowUp);
}

/// Walks through a past, event by event, and judges what was done by what was planned just before.
///
/// Under the playbooks that held, the past is taken as it stands; under another one, time does what it would have done
/// under that one.
pub(super) fn walk(
    desk: &Desk,
    past: &Past<'_>,
    under: Option<&Policy>,
    now: DateTime<Utc>,
    witness: &mut impl Witness,
) {
    let mut walk = Walk { desk, under, state: ProspectState::new(past.home), witness };
    for event in past.events {
        if under.is_some() {
            if event.is_wake_up() {
                continue;
            }
            walk.pass(event.at - TimeDelta::microseconds(1));
        }
        walk.take(event);
    }
    if under.is_some() {
        walk.pass(now);
    }
    if let Some(missed) = overdue(&walk.state, walk.policy(), now) {
        walk.witness.follow_up(missed.0);
    }
}

/// A past that is being walked through.
struct Walk<'a, W> {
    desk: &'a Desk,
    under: Option<&'a Policy>,
    state: ProspectState,
    witness: &'a mut W,
}

impl<'a, W: Witness> Walk<'a, W> {
    fn policy(&self) -> &'a Policy {
        self.under.unwrap_or_else(|| self.desk.policy_of(&self.state))
    }

    /// Time does what it does up to an instant.
    fn pass(&mut self, until: DateTime<Utc>) {
        for _ in 0..WAKE_UPS_MAX {
            let Some(event) = self.state.next_wake_up(self.policy(), until) else { return };
            self.take(&event);
        }
    }

    /// Something happens.
    fn take(&mut self, event: &Event) {
        if !self.state.premise_holds(event) {
            self.state.apply(event);
            return;
        }
        let (before, policy) = (&self.state, self.policy());
        let moment = Moment { event, touch: before.touch_by(event), before, policy };
        self.witness.event(&moment);
        let mut missed = None;
        if moment.touch.is_some() {
            judge(&moment, self.witness);
        } else if may_end_something(event) {
            missed = overdue(before, policy, event.at);
        }
        self.state.apply(event);
        if let Some(missed) = missed.filter(|missed| !missed.is_owed_in(&self.state, policy)) {
            self.witness.follow_up(missed.0);
        }
    }
}

/// Measures a touch by what was next when it was made.
fn judge(moment: &Moment<'_>, witness: &mut impl Witness) {
    // Before the first event nothing is planned.
    if moment.before.last_event_at().is_none() {
        return;
    }
    match &decide(moment.before, moment.policy).decision {
        Decision::Act { next, .. } => made(moment, next).into_iter().for_each(|made| witness.follow_up(made)),
        Decision::Wait { .. } | Decision::Rest { .. } => witness.unasked(),
    }
}

/// What a touch was, measured by what was next.
fn made(moment: &Moment<'_>, next: &Act<'_>) -> Option<FollowUp> {
    // Holding an appointment takes two, and finding out whether something was sent is no touch.
    if matches!(next.kind, ObligationKind::Hold | ObligationKind::Resolve) {
        return None;
    }
    let (at, window) = (moment.event.at_micros(), next.window());
    let promptness = match () {
        () if at > to_micros(window.latest) => Promptness::TooLate,
        () if at >= to_micros(window.earliest) => Promptness::OnTime,
        // What they asked for or take part in does not come too soon.
        () if next.kind.is_started_by_us() && moment.is_ours_to_time() => Promptness::TooSoon,
        () => return None,
    };
    Some(follow_up(next, moment.event.at, promptness))
}

/// Something that is overdue, with the key that it comes from.
struct Missed(FollowUp, String);

impl Missed {
    /// Whether it is still to be done.
    fn is_owed_in(&self, state: &ProspectState, policy: &Policy) -> bool {
        let Decision::Act { next, also } = decide(state, policy).decision else { return false };
        std::iter::once(&next).chain(&also).any(|act| act.kind == self.0.kind && act.origin == self.1)
    }
}

/// What is overdue at an instant.
fn overdue(state: &ProspectState, policy: &Policy, at: DateTime<Utc>) -> Option<Missed> {
    state.last_event_at()?;
    let Decision::Act { next, .. } = decide(state, policy).decision else { return None };
    let overdue = to_micros(next.window().latest) < to_micros(at) && next.kind != ObligationKind::Resolve;
    overdue.then(|| Missed(follow_up(&next, at, Promptness::Never), next.origin.to_owned()))
}

fn may_end_something(event: &Event) -> bool {
    event.is_sign()
        || event.is_wake_up()
        || matches!(
            event.kind,
            EventKind::Stopped { .. } | EventKind::OptedOut { .. } | EventKind::Merged { .. }
        )
}

fn follow_up(act: &Act<'_>, at: DateTime<Utc>, promptness: Promptness) -> FollowUp {
    let (kind, purpose, channel, rule) = (act.kind, act.purpose, act.form.channel, act.rule());
    FollowUp { kind, purpose, channel, rule, window: act.window(), at, promptness }
}

/// Follow-ups that are being counted.
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
    /// How long after its latest instant.
    pub(super) fn late_by(&self) -> Micros {
        (to_micros(self.at) - to_micros(self.window.latest)).max(0)
    }
}
