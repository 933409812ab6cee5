//! Rows 1 and 3–9: obligations from requests, agreements, appointments, meetings and inputs owed to us.

use chrono::{DateTime, Utc};

use super::ObligationKind;
use super::context::Context;
use super::draft::{Draft, draft};
use super::need::{Need, Needs};
use super::started::base;
use super::{how, when};
use crate::channel::Channel;
use crate::event::Request;
use crate::policy::CustomRule;
use crate::purpose::Purpose;
use crate::rule::Rule;
use crate::state::{Agreed, Owed, Sending};
use crate::time::{DAY, MAX_INSTANT, MIN_INSTANT, Micros, to_micros};

/// Row 1.
pub(super) fn resolve<'a>(context: &Context<'a>, at: Micros, origin: &'a str) -> Draft<'a> {
    let day = context.open.plus(context.open.day_of(at), context.settings.sending.resolve_within);
    draft(ObligationKind::Resolve, origin, Purpose::RESOLVE_SEND, at, context.open.close(day))
}

/// Row 3.
pub(super) fn agreed_step<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let agreed = open_step(context)?;
    let open = &context.open;
    let due = agreed.due_at;
    let is_open = open.is_open(due);
    let latest = if is_open { open.close(open.day_of(due)) } else { open.midnight(open.day_of(due).plus(1)) };
    let purpose = agreed.purpose.unwrap_or(Purpose::CHECK_IN);
    let mut draft = draft(ObligationKind::AgreedStep, &agreed.place.key, purpose, due, latest);
    let consent = &context.state.consent;
    draft.channel = agreed.channel.filter(|channel| consent.allows_since(*channel, &agreed.place));
    draft.clamps.hours = is_open;
    Some(draft)
}

/// Returns the agreed step unless a contact has ended it: one at or after its instant (the fold forgets such a step)
/// or one on its civil day.
pub(super) fn open_step<'a>(context: &Context<'a>) -> Option<&'a Agreed> {
    let agreed = context.state.agreed.as_ref().filter(|_| context.on(Rule::P10))?;
    let day = context.open.day_of(agreed.due_at);
    let done = agreed.contact_before.is_some_and(|at| context.open.day_of(at) == day);
    (!done).then_some(agreed)
}

/// Row 4.
pub(super) fn answer<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    if !context.on(Rule::C4) {
        return None;
    }
    let owed = &context.state.owed;
    let foremost =
        owed.iter().max_by(|a, b| (a.request.stage(), &a.newest).cmp(&(b.request.stage(), &b.newest)))?;
    let oldest = owed.iter().min_by_key(|owed| owed.first.at)?;
    let working = &context.working;
    let day = working.plus(working.day_of(oldest.first.at), context.settings.answers.within);
    let (from, to) = (oldest.first.at, working.close(day));
    let mut draft = draft(ObligationKind::Answer, &oldest.first.key, foremost.request.purpose(), from, to);
    let consent = &context.state.consent;
    draft.channel = foremost.channel.filter(|channel| consent.allows_since(*channel, &foremost.newest));
    Some(draft)
}

/// Returns the automatic acknowledgement of an inquiry, at any hour, if the playbook has one and their email address is
/// known (C4). It comes before row 4.
pub(super) fn acknowledge<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let (state, answers) = (context.state, &context.settings.answers);
    let failed = matches!(state.sending, Sending::Failed { .. });
    let reachable = state.addresses.email && !state.addresses.email_bounces;
    if !answers.acknowledge || !context.on(Rule::C4) || failed || !reachable {
        return None;
    }
    let is_new = |owed: &&Owed| owed.request == Request::Inquired && !owed.acknowledged;
    let inquiry = state.owed.iter().find(is_new).filter(|_| state.consent.allows(Channel::EMAIL))?;
    let (kind, from) = (ObligationKind::Acknowledge, inquiry.first.at);
    let to = from + answers.acknowledge_within.exact();
    let mut draft = draft(kind, &inquiry.first.key, Purpose::ACKNOWLEDGE, from, to);
    draft.channel = Some(Channel::EMAIL);
    draft.template = answers.acknowledge_template.as_deref();
    draft.automatic = true;
    Some(draft)
}

/// Returns the obligation that a custom rule adds.
pub(super) fn custom_obligation<'a>(
    context: &Context<'a>,
    (rule, custom): (Rule, &dyn CustomRule),
) -> Option<Draft<'a>> {
    let owed = custom.obligation(context.state)?;
    let within = |at: DateTime<Utc>| to_micros(at.clamp(MIN_INSTANT, MAX_INSTANT));
    let (from, to) = (within(owed.earliest), within(owed.latest.max(owed.earliest)));
    let mut draft = draft(ObligationKind::Custom, base(context).0, owed.purpose, from, to);
    draft.channel = owed.channel.filter(|channel| context.state.consent.allows(*channel));
    draft.rule = rule;
    Some(draft)
}

/// Row 5.
pub(super) fn hold<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    appointment_draft(context).filter(|_| confirm(context).is_none())
}

pub(super) fn appointment_draft<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let set = context.state.appointment.as_ref().filter(|set| !set.over && context.on(Rule::P6))?;
    Some(draft(ObligationKind::Hold, &set.set.key, Purpose::HOLD, set.starts_at, set.ends_at()))
}

/// Row 6.
pub(super) fn confirm<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let set = context.state.appointment.as_ref().filter(|set| !set.over && context.on(Rule::P6))?;
    let working = &context.working;
    let day = working.day_of(set.starts_at);
    if set.confirmed || set.lapsed || working.day_of(set.set.at) >= day {
        return None;
    }
    let before = context.settings.appointment.confirm_before;
    let on = match before.is_civil() {
        true => day.plus(day.0 - working.plus(day, before).0),
        false => working.plus_open_days(day, -i32::try_from(before.count()).unwrap_or(i32::MAX)),
    };
    let earliest = working.opening(on).max(set.set.at);
    let mut draft = draft(ObligationKind::Confirm, &set.set.key, Purpose::CONFIRM, earliest, set.starts_at);
    // Whether it is in time, and its latest instant, depend on the earliest instant after the hours are applied.
    let opened =
        when::hours_applied(context, ObligationKind::Confirm, how::channel(context, &draft), earliest);
    draft.latest = working.close(working.day_of(opened)).min(set.starts_at);
    (opened < set.starts_at).then_some(draft)
}

/// Row 7.
pub(super) fn rebook<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let missed = context.state.missed.as_ref().filter(|_| context.on(Rule::P6))?;
    let working = &context.working;
    let day = working.plus(working.day_of(missed.at), context.settings.appointment.rebook_within);
    Some(draft(ObligationKind::Rebook, &missed.key, Purpose::REBOOK, missed.at, working.close(day)))
}

/// Row 8.
pub(super) fn propose<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let held = context.state.held.as_ref().filter(|held| !held.proposed && context.on(Rule::P7))?;
    if open_step(context).is_some_and(|agreed| agreed.place > held.place) {
        return None;
    }
    let open = &context.open;
    let day = open.plus(open.day_of(held.place.at), context.settings.proposal.send_within);
    Some(draft(ObligationKind::Propose, &held.place.key, Purpose::PROPOSE, held.place.at, open.close(day)))
}

/// Row 9.
pub(super) fn chase<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let state = context.state;
    let input = state.inputs.first().filter(|_| context.on(Rule::C17))?;
    let chase = &context.settings.chase;
    let last_touch = state.touches.last().map_or(input.requested.at, |touch| touch.at);
    let deadline = state.inputs.iter().filter_map(|input| input.deadline).min();
    let mut needs = Needs::default();
    let days = match deadline {
        None => i64::from(chase.without_deadline_days),
        Some(deadline) if deadline <= last_touch => {
            let past = state.touches.iter().filter(|touch| touch.at >= deadline).count();
            if past < chase.patience_touches as usize {
                i64::from(chase.minimum_days)
            } else {
                needs = Needs::of(Need::AskOwner);
                i64::from(chase.after_patience_days)
            }
        }
        Some(deadline) => {
            let share = (deadline - last_touch) / i64::from(chase.share) / DAY;
            share.max(i64::from(chase.minimum_days))
        }
    };
    let open = &context.open;
    let day = open.day_of(last_touch).plus(i32::try_from(days).unwrap_or(i32::MAX));
    let (from, to) = (open.opening(day), open.close(day));
    let mut draft = draft(ObligationKind::Chase, &input.requested.key, Purpose::CHASE_INPUTS, from, to);
    draft.needs = needs;
    Some(draft)
}
