//! The clamps, which determine the window of an obligation.

use super::ObligationKind;
use super::context::Context;
use super::draft::Draft;
use crate::channel::Channel;
use crate::rule::{Rule, RuleSet};
use crate::state::Absence;
use crate::time::{Calendar, MAX_INSTANT, Micros, Window, to_instant, to_micros};

/// The clamps that apply to an obligation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clamps {
    /// Absences and snoozes (C14).
    absences: bool,
    /// Minimum gap (C5) and ceiling (W7).
    gaps: bool,
    /// Open hours (C16).
    pub(super) hours: bool,
    /// Whether open hours apply to the latest instant too.
    latest: bool,
}

impl Clamps {
    pub(super) fn of(kind: ObligationKind) -> Clamps {
        Clamps {
            absences: kind.is_started_by_us(),
            gaps: matches!(kind.row(), 10..=13 | 15) || kind == ObligationKind::Custom,
            hours: !matches!(kind, ObligationKind::Hold | ObligationKind::Acknowledge),
            latest: kind != ObligationKind::Confirm,
        }
    }
}

/// A window after the clamps, and the clamps that moved it.
#[derive(Clone, Debug)]
pub(crate) struct When {
    pub(crate) earliest: Micros,
    pub(crate) target: Micros,
    pub(crate) latest: Micros,
    /// The latest instant that the obligation itself asked for.
    pub(crate) own_latest: Micros,
    /// The rule of the row itself.
    pub(crate) own_rule: Rule,
    /// The clamps that moved something.
    moved: RuleSet,
}

/// Compares only what a plan shows: the clamps that moved the window count only if they made it late.
impl PartialEq for When {
    fn eq(&self, other: &When) -> bool {
        fn shown(when: &When) -> (Micros, Micros, Micros, Option<(Micros, &RuleSet)>) {
            let late = when.latest > when.own_latest;
            (when.earliest, when.target, when.latest, late.then_some((when.own_latest, &when.moved)))
        }
        shown(self) == shown(other)
    }
}

impl When {
    pub(crate) fn window(&self) -> Window {
        Window {
            earliest: to_instant(self.earliest),
            target: to_instant(self.target),
            latest: to_instant(self.latest),
        }
    }

    /// Returns the rules that could not all be kept: the row's rule and the clamps that made the window later.
    pub(super) fn conflict(&self) -> Option<RuleSet> {
        (self.latest > self.own_latest).then(|| self.moved.clone().with(self.own_rule))
    }
}

/// The maximum number of pushes: more than any checked playbook and bounded state can need.
const PUSHES_MAX: usize = 1_000;

/// Whether an obligation uses the working hours even if the prospect prefers narrower ones.
fn keeps_working_hours(kind: ObligationKind) -> bool {
    matches!(kind, ObligationKind::Answer | ObligationKind::Confirm | ObligationKind::Rebook)
}

fn calendar<'a>(context: &Context<'a>, kind: ObligationKind, channel: Option<Channel>) -> Calendar<'a> {
    let wished = !keeps_working_hours(kind);
    let kind_of = |channel| context.settings.channel_kind(channel);
    match channel.is_some_and(|channel| kind_of(channel).keeps_calling_hours()) {
        true => context.calendar(wished, true),
        false if wished => context.open,
        false => context.working,
    }
}

/// Returns the first open instant for an obligation of a kind on a channel.
pub(super) fn hours_applied(
    context: &Context<'_>,
    kind: ObligationKind,
    channel: Option<Channel>,
    at: Micros,
) -> Micros {
    match Clamps::of(kind).hours {
        true => calendar(context, kind, channel).next_open(at),
        false => at,
    }
}

/// Applies the clamps in their order until none of them moves the earliest instant.
pub(super) fn place(context: &Context<'_>, draft: &Draft<'_>, channel: Option<Channel>) -> When {
    let open = calendar(context, draft.kind, channel);
    let clamps = draft.clamps;
    let mut when = When {
        earliest: draft.earliest,
        target: draft.earliest,
        latest: draft.latest,
        own_latest: draft.latest,
        own_rule: draft.rule,
        moved: RuleSet::EMPTY,
    };
    for _ in 0..PUSHES_MAX {
        let before = when.earliest;
        if clamps.absences && context.on(Rule::C14) {
            absences(context, &open, &mut when);
        }
        if clamps.gaps {
            gaps(context, &open, &mut when);
        }
        for (rule, custom) in context.custom_rules() {
            if let Some(at) = custom.not_before(context.state, draft.kind) {
                when.push(to_micros(at.min(MAX_INSTANT)), rule);
            }
        }
        if clamps.hours {
            when.push(open.next_open(when.earliest), Rule::C16);
        }
        if when.earliest == before {
            break;
        }
    }
    if clamps.hours && clamps.latest && !open.is_open(when.latest) {
        let close = open.last_close(when.latest);
        if close != when.latest {
            when.latest = close;
            when.moved.insert(Rule::C16);
        }
    }
    if when.latest < when.earliest {
        when.latest = open.close(open.day_of(when.earliest));
    }
    when.target = match draft.kind {
        ObligationKind::Cadence => middle(&open, &when),
        _ => when.earliest,
    };
    when
}

impl When {
    fn push(&mut self, to: Micros, rule: Rule) {
        if to > self.earliest {
            self.earliest = to;
            self.moved.insert(rule);
        }
    }

    /// Moves the whole window: the latest instant moves by the same number of civil days, to a close.
    fn shift(&mut self, to: Micros, open: &Calendar<'_>) {
        let days = open.day_of(to).0 - open.day_of(self.earliest).0;
        self.latest = open.close(open.day_of_deadline(self.latest).plus(days));
        self.push(to, Rule::C14);
    }
}

/// Clamp 1: applies each absence once, first the prospect's, then the owner's, then the snooze (C14).
fn absences(context: &Context<'_>, open: &Calendar<'_>, when: &mut When) {
    let state = context.state;
    for absence in state.absences.iter().chain(&state.owner_absences) {
        let until = last_day(context, open, absence);
        let holds =
            absence.from.is_none_or(|from| when.earliest >= from) && open.day_of(when.earliest) <= until;
        if holds {
            when.shift(open.opening(open.plus_open_days(until, 1)), open);
        }
    }
    if let Some(until) = state.snoozed_until.filter(|until| when.earliest < *until) {
        when.shift(until, open);
    }
}

/// Returns the last civil day of an absence.
fn last_day(context: &Context<'_>, open: &Calendar<'_>, absence: &Absence) -> crate::time::Day {
    match absence.until {
        Some(until) => open.day_of(until),
        None => open.plus(open.day_of(absence.at), context.settings.absence.auto_reply),
    }
}

/// Clamps 2 and 3: the minimum gap (C5) and the ceiling (W7).
fn gaps(context: &Context<'_>, open: &Calendar<'_>, when: &mut When) {
    let (state, cadence) = (context.state, &context.settings.cadence);
    if let Some(ends) = gap_ends(context, open) {
        when.push(ends, Rule::C5);
    }
    let ceiling = cadence.ceiling_touches as usize;
    if context.on(Rule::W7) && state.unanswered as usize >= ceiling {
        let back = state.touches.len().saturating_sub(ceiling);
        if let Some(touch) = state.touches.get(back) {
            when.push(open.opening(open.plus(open.day_of(touch.at), cadence.ceiling_within)), Rule::W7);
        }
    }
}

/// Returns the end of the minimum gap after our newest touch (C5).
pub(super) fn gap_ends(context: &Context<'_>, open: &Calendar<'_>) -> Option<Micros> {
    let touch = context.state.touches.last().filter(|_| context.on(Rule::C5))?;
    Some(open.opening(open.plus(open.day_of(touch.at), context.settings.cadence.minimum_gap)))
}

/// Returns an open instant inside the window: the opening of its middle day, or the next open instant.
fn middle(open: &Calendar<'_>, when: &When) -> Micros {
    let first = open.day_of(when.earliest);
    let days = open.day_of_deadline(when.latest).0 - first.0;
    let opening = open.next_open(open.opening(first.plus(days / 2)));
    opening.clamp(when.earliest, when.latest)
}
