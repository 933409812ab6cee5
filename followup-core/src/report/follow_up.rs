//! Whether what was due was done, and when.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Spread, Tally};
use crate::channel::Channel;
use crate::desk::{Desk, Past};
use crate::event::{Event, EventKind, TouchFacts};
use crate::plan::{Act, ObligationKind, Outcome, WAKE_UPS_MAX, decide};
use crate::playbook::Playbook;
use crate::purpose::Purpose;
use crate::rule::Rule;
use crate::stage::words;
use crate::state::ProspectState;
use crate::time::{Micros, Window, to_micros};

words! {
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
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct FollowUp {
    /// What sort of obligation it was.
    pub kind: ObligationKind,
    /// What it was for.
    pub purpose: Purpose,
    /// On which channel it would have been.
    pub channel: Option<Channel>,
    /// The rule that its latest instant comes from.
    pub rule: Rule,
    /// When it was due.
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
    pub(super) playbook: &'a Playbook,
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
    under: Option<&Playbook>,
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
    if let Some(missed) = overdue(&walk.state, walk.playbook(), now) {
        walk.witness.follow_up(missed.0);
    }
}

/// A past that is being walked through.
struct Walk<'a, W> {
    desk: &'a Desk,
    under: Option<&'a Playbook>,
    state: ProspectState,
    witness: &'a mut W,
}

impl<'a, W: Witness> Walk<'a, W> {
    fn playbook(&self) -> &'a Playbook {
        self.under.unwrap_or_else(|| self.desk.playbook_of(&self.state))
    }

    /// Time does what it does up to an instant.
    fn pass(&mut self, until: DateTime<Utc>) {
        for _ in 0..WAKE_UPS_MAX {
            let Some(event) = self.state.next_wake_up(self.playbook(), until) else { return };
            self.take(&event);
        }
    }

    /// Something happens.
    fn take(&mut self, event: &Event) {
        if !self.state.premise_holds(event) {
            self.state.apply(event);
            return;
        }
        let (before, playbook) = (&self.state, self.playbook());
        let moment = Moment { event, touch: before.touch_by(event), before, playbook };
        self.witness.event(&moment);
        let mut missed = None;
        if moment.touch.is_some() {
            judge(&moment, self.witness);
        } else if may_end_something(event) {
            missed = overdue(before, playbook, event.at);
        }
        self.state.apply(event);
        if let Some(missed) = missed.filter(|missed| !missed.is_owed_in(&self.state, playbook)) {
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
    match &decide(moment.before, moment.playbook).outcome {
        Outcome::Act { next, .. } => made(moment, next).into_iter().for_each(|made| witness.follow_up(made)),
        Outcome::Wait { .. } | Outcome::Rest { .. } => witness.unasked(),
    }
}

/// What a touch was, measured by what was next.
fn made(moment: &Moment<'_>, next: &Act<'_>) -> Option<FollowUp> {
    // Holding an appointment takes two, and finding out whether something was sent is no touch.
    if matches!(next.kind, ObligationKind::Hold | ObligationKind::Resolve) {
        return None;
    }
    let at = moment.event.at_micros();
    let promptness = match () {
        () if at > next.when.latest => Promptness::TooLate,
        () if at >= next.when.earliest => Promptness::OnTime,
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
    fn is_owed_in(&self, state: &ProspectState, playbook: &Playbook) -> bool {
        let Outcome::Act { next, also } = decide(state, playbook).outcome else { return false };
        std::iter::once(&next).chain(&also).any(|act| act.kind == self.0.kind && act.origin == self.1)
    }
}

/// What is overdue at an instant.
fn overdue(state: &ProspectState, playbook: &Playbook, at: DateTime<Utc>) -> Option<Missed> {
    state.last_event_at()?;
    let Outcome::Act { next, .. } = decide(state, playbook).outcome else { return None };
    let overdue = next.when.latest < to_micros(at) && next.kind != ObligationKind::Resolve;
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
    let (kind, purpose, channel, rule) = (act.kind, act.purpose, act.form.channel, act.when.own_rule);
    FollowUp { kind, purpose, channel, rule, window: act.when.window(), at, promptness }
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
