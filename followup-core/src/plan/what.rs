//! The obligations of a state, and the choice of the next one.

use super::context::Context;
use super::draft::Draft;
use super::need::Needs;
use super::owed::{
    acknowledge, agreed_step, answer, appointment_draft, chase, confirm, custom_obligation, hold, propose,
    rebook, resolve,
};
use super::started::{Pace, cadence, come_back, discuss, keep_in_touch, last_message, limit_reached};
use super::steps::step;
use super::wake::{self, WakeUp};
use super::{Act, Decided, Decision, ObligationKind, WaitFor, how, when};
use crate::rule::Rule;
use crate::stage::{Kind, Outcome, Rest, Temperature, ValueBand};
use crate::state::Sending;
use crate::time::{DAY, Micros, to_instant};

/// Decides: rows 0–2, rest, what is owed (3–9), what we start (10–15).
pub(super) fn decide<'a>(context: &Context<'a>) -> Decided<'a> {
    let (decision, needs, wake) = decision(context);
    Decided { decision, wake, temperature: context.temperature, band: context.band, needs }
}

fn decision<'a>(context: &Context<'a>) -> (Decision<Act<'a>>, Needs, Option<WakeUp>) {
    let none = Needs::default();
    match &context.state.sending {
        Sending::Intended { anchor, .. } => {
            let until = anchor.at + context.settings.sending.outcome_within.exact();
            return (
                Decision::Wait { until: to_instant(until), why: WaitFor::Outcome },
                none,
                Some(wake::send_unknown(until, anchor)),
            );
        }
        Sending::Unknown { anchor, .. } => {
            let next = finish(context, resolve(context, anchor.at, &anchor.key));
            return (Decision::Act { next, also: Vec::new() }, none, None);
        }
        Sending::Nothing | Sending::Failed { .. } => {}
    }
    if let Some(why) = rest(context) {
        return (Decision::Rest { why }, none, None);
    }
    let mut acts = owed(context);
    let lapse = wake::lapse(context, &acts);
    let resume = wake::resume(context);
    if let Some(foremost) = foremost(&acts) {
        let next = acts.remove(foremost);
        let needs = Needs::discovery(context).and(next.1);
        let wake = wake::first(lapse, resume);
        let also = acts.into_iter().map(|(act, _)| act).collect();
        return (Decision::Act { next: next.0, also }, needs, wake);
    }
    // A pause delays what we would start. If there is nothing to start, there is nothing to wait for.
    let started = started(context);
    let chases = !opted_out(context) && chase(context).is_some();
    if let Some(wake) = resume.filter(|_| chases || !matches!(started, Started::Rest(_))) {
        return (Decision::Wait { until: wake.at(), why: WaitFor::PauseEnd }, none, Some(wake));
    }
    match started {
        Started::Act(draft) => {
            let needs = Needs::discovery(context).and(draft.needs);
            let next = finish(context, draft);
            let wake = wake::stale(context, &next);
            (Decision::Act { next, also: Vec::new() }, needs, wake)
        }
        Started::Wait(wake) => {
            (Decision::Wait { until: wake.at(), why: WaitFor::LastAnswer }, none, Some(wake))
        }
        Started::Rest(why) => (Decision::Rest { why }, none, None),
    }
}

/// Returns the reason why there is nothing at all to do.
fn rest(context: &Context<'_>) -> Option<Rest> {
    let state = context.state;
    if state.merged.is_some() {
        return Some(Rest::Merged);
    }
    if state.stopped.is_some() && context.on(Rule::S3) {
        return Some(if state.erased { Rest::Erased } else { Rest::Stopped });
    }
    if state.gave_up.is_some() && context.on(Rule::S2) {
        return Some(Rest::GaveUp);
    }
    let keeps = |switched_on: bool| switched_on && context.on(Rule::P12);
    match state.outcome() {
        Some(Outcome::Won) if !keeps(context.settings.keep_in_touch.won) => Some(Rest::Won),
        Some(Outcome::Lost) if !keeps(context.settings.keep_in_touch.lost) => Some(Rest::Lost),
        _ => None,
    }
}

fn opted_out(context: &Context<'_>) -> bool {
    context.on(Rule::S6) && context.state.consent.is_out_of_all()
}

fn finish<'a>(context: &Context<'a>, draft: Draft<'a>) -> Act<'a> {
    let form = how::form(context, &draft);
    let when = when::place(context, &draft, form.channel);
    let rank_at = when.latest - Micros::from(head_start_days(context, draft.kind)) * DAY;
    Act { kind: draft.kind, origin: draft.origin, purpose: draft.purpose, form, when, rank_at }
}

/// Returns the number of days by which an action is ranked before its latest instant (E4).
fn head_start_days(context: &Context<'_>, kind: ObligationKind) -> u32 {
    let rank = &context.settings.rank;
    let row = match kind.row() {
        1..=5 | 7 => rank.owed_days,
        6 | 8..=10 => rank.soon_days,
        _ => 0,
    };
    let warmth = match context.temperature {
        Temperature::Hot => rank.hot_days,
        Temperature::Warm => rank.warm_days,
        Temperature::Cool => 0,
    };
    let value = match context.band {
        ValueBand::Large => rank.large_days,
        ValueBand::Medium => rank.medium_days,
        ValueBand::Small => 0,
    };
    row + warmth + value
}

/// Returns the act with the earliest deadline; among equal deadlines, the first in the order of the rows.
fn foremost(acts: &[(Act<'_>, Needs)]) -> Option<usize> {
    (0..acts.len()).min_by_key(|index| acts[*index].0.when.latest)
}

/// Returns rows 3–9, clamped, in the order of the rows.
fn owed<'a>(context: &Context<'a>) -> Vec<(Act<'a>, Needs)> {
    // No allocation unless something is owed.
    let mut acts = Vec::new();
    let mut owe = |draft: Option<Draft<'a>>| {
        if let Some(draft) = draft {
            let needs = draft.needs;
            acts.push((finish(context, draft), needs));
        }
    };
    owe(agreed_step(context));
    owe(acknowledge(context));
    owe(answer(context));
    owe(hold(context));
    owe(confirm(context));
    if !opted_out(context) {
        owe(rebook(context));
        if context.state.kind != Kind::Stakeholder {
            owe(propose(context));
        }
        if context.state.paused.is_none() {
            owe(chase(context));
            for rule in context.custom_rules() {
                owe(custom_obligation(context, rule));
            }
        }
    }
    acts
}

pub(super) enum Started<'a> {
    Act(Draft<'a>),
    Wait(WakeUp),
    Rest(Rest),
}

/// Returns the first of rows 10–15 that applies.
fn started<'a>(context: &Context<'a>) -> Started<'a> {
    let state = context.state;
    if opted_out(context) {
        return Started::Rest(Rest::OptedOut);
    }
    if state.kind == Kind::Stakeholder {
        return Started::Rest(Rest::InputsComplete);
    }
    match state.outcome() {
        None => undecided(context),
        Some(Outcome::Later) => {
            let draft = keep_in_touch(context).or_else(|| come_back(context));
            draft.map_or(Started::Rest(Rest::Later), Started::Act)
        }
        Some(Outcome::Won) => keep_in_touch(context).map_or(Started::Rest(Rest::Won), Started::Act),
        Some(Outcome::Lost) => keep_in_touch(context).map_or(Started::Rest(Rest::Lost), Started::Act),
    }
}

/// Returns the first of rows 10–13 and the waiting row among them that applies.
fn undecided<'a>(context: &Context<'a>) -> Started<'a> {
    let large = context.band == ValueBand::Large;
    match last_message(context) {
        Some(_) if large => return Started::Act(cadence(context, Pace::Large)),
        Some(draft) => return Started::Act(draft),
        None => {}
    }
    if let Some(wake) = wake::give_up(context) {
        return Started::Wait(wake);
    }
    let draft = discuss(context).or_else(|| step(context)).unwrap_or_else(|| {
        // A large value has no limit of touches, and all of them are personal.
        let nurtured = context.settings.nurture && !large && limit_reached(context);
        cadence(context, if nurtured { Pace::Nurture } else { Pace::Usual })
    });
    Started::Act(draft)
}

/// Returns all of rows 10–15 that apply, for the list of alternatives.
pub(super) fn all_started<'a>(context: &Context<'a>) -> Vec<Act<'a>> {
    let state = context.state;
    if opted_out(context) || state.kind == Kind::Stakeholder {
        return Vec::new();
    }
    let drafts = match state.outcome() {
        None => {
            let last = last_message(context).filter(|_| context.band != ValueBand::Large);
            [last, discuss(context), step(context), Some(cadence(context, Pace::Usual))]
        }
        Some(_) => [keep_in_touch(context), come_back(context), None, None],
    };
    drafts.into_iter().flatten().map(|draft| finish(context, draft)).collect()
}

/// Returns the appointment that is set, whether or not it needs confirming; `None` at rest.
pub(super) fn appointment<'a>(context: &Context<'a>) -> Option<Act<'a>> {
    if rest(context).is_some() {
        return None;
    }
    appointment_draft(context).map(|draft| finish(context, draft))
}
