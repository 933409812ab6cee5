//! Row 12: the next step of the playbook.

use super::ObligationKind;
use super::context::Context;
use super::draft::{Draft, draft};
use super::started::base;
use crate::playbook::Step;
use crate::rule::Rule;
use crate::stage::LastAnswer;
use crate::time::Day;

/// Row 12.
pub(super) fn step<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    if !context.on(Rule::C7) {
        return None;
    }
    let step = current(context)?;
    let (origin, day) = (base(context).0, day_of(context, step));
    let open = &context.open;
    let (from, to) = (open.opening(day), open.close(open.plus(day, step.within)));
    let mut draft = draft(ObligationKind::Step, origin, step.purpose, from, to);
    draft.step = Some(step);
    Some(draft)
}

/// Returns the next step. Each touch since the stage was entered has taken the first step that was open to it, counted
/// from the step taken before. The next step is the first one from there that is open now.
fn current<'a>(context: &Context<'a>) -> Option<&'a Step> {
    let state = context.state;
    let steps = context.settings.steps(state.stage);
    let in_stage = state.touches_in_stage as usize;
    let known = in_stage.min(state.touches.len());
    // Older touches that are no longer kept have each taken one step: a stage whose steps depend on touches has at
    // most as many steps as touches are kept.
    let mut next = in_stage - known;
    for touch in &state.touches[state.touches.len() - known..] {
        let Some(taken) = first_open(context, steps, next, touch.after) else { break };
        let step = &steps[taken];
        let stays = step.repeat || (step.wait_until_done && touch.purpose != Some(step.purpose));
        next = if stays { taken } else { taken + 1 };
    }
    first_open(context, steps, next, state.last_answer).map(|index| &steps[index])
}

/// Returns the first step from an index that applies to their value band and to the answer, and whose place in the
/// sales cycle was not over when the stage was entered.
fn first_open(context: &Context<'_>, steps: &[Step], from: usize, answer: LastAnswer) -> Option<usize> {
    let entered = context.open.day_of(context.state.stage_since);
    (from..steps.len()).find(|index| {
        let step = &steps[*index];
        step.when.is_none_or(|when| when == answer)
            && step.band.is_none_or(|band| band == context.band)
            && day_in_cycle(context, step).is_none_or(|day| day >= entered)
    })
}

/// Returns the civil day on which a step opens.
fn day_of(context: &Context<'_>, step: &Step) -> Day {
    let open = &context.open;
    let day = day_in_cycle(context, step).unwrap_or_else(|| {
        let (_, base) = base(context);
        open.plus(open.day_of(base.max(context.state.stage_since)), step.after)
    });
    step.on.map_or(day, |on| on.not_before(day))
}

/// Returns the civil day of a step that has a place in the sales cycle (C7).
fn day_in_cycle(context: &Context<'_>, step: &Step) -> Option<Day> {
    let (percent, cycle) = step.cycle_percent.zip(context.settings.cycle)?;
    let (state, open) = (context.state, &context.open);
    let began = state.restarted.as_ref().or(state.added.as_ref()).or(state.first_event.as_ref())?;
    let began = open.day_of(began.at);
    let days = i64::from(open.plus(began, cycle).0 - began.0) * i64::from(percent) / 100;
    Some(began.plus(i32::try_from(days).unwrap_or(i32::MAX)))
}
