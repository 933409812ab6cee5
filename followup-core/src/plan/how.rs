//! The form of an action: channel, reason, personal or generic, manual or automatic.

use super::ObligationKind;
use super::context::Context;
use super::draft::Draft;
use crate::channel::{Channel, ChannelKind};
use crate::policy::Way;
use crate::purpose::{Purpose, Reason};
use crate::rule::Rule;
use crate::stage::ValueBand;
use crate::state::Sending;

/// The form of an action.
///
/// # Examples
/// ```
/// use followup_core::plan::{Form, decide};
/// use followup_core::{Channel, Event, Policy, ProspectState};
///
/// let asked = Event::asked_information("2026-03-06T14:00:00Z".parse()?, Channel::EMAIL);
/// let ada = ProspectState::replay([asked])?;
/// let policy = Policy::default();
/// let decided = decide(&ada, &policy);
/// let form: Form<'_> = decided.decision.actions().next().expect("they asked").form;
/// assert_eq!(form.channel, Some(Channel::EMAIL), "the channel of the request");
/// assert!(form.personal && !form.automatic);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[non_exhaustive]
pub struct Form<'a> {
    /// The channel; `None` if no channel may be used.
    pub channel: Option<Channel>,
    /// The reason that the touch gives.
    pub reason: Reason,
    /// Whether it is personal rather than generic.
    pub personal: bool,
    /// Whether it is sent without a person.
    pub automatic: bool,
    /// The name of the template.
    pub template: Option<&'a str>,
}

/// The number of touches in which a reason is not repeated (W4).
const REASON_REST_TOUCHES: usize = 3;

pub(super) fn form<'a>(context: &Context<'a>, draft: &Draft<'a>) -> Form<'a> {
    let failed = matches!(context.state.sending, Sending::Failed { .. });
    let channel = channel(context, draft);
    let automatic = (draft.automatic || draft.step.is_some_and(|step| step.automatic))
        && !failed
        && channel.is_none_or(|channel| !forbidden(context, draft, channel, true));
    let template = match (draft.step, draft.season) {
        (Some(step), _) => step.template.as_deref(),
        (None, Some(season)) => season.template.as_deref(),
        (None, None) => draft.template,
    };
    Form {
        channel,
        reason: reason(context, draft),
        personal: !automatic && personal(context, draft),
        automatic,
        template,
    }
}

/// Whether a custom rule forbids doing it in this way.
fn forbidden(context: &Context<'_>, draft: &Draft<'_>, channel: Channel, automatic: bool) -> bool {
    let way = Way::new(draft.kind, draft.purpose, channel, automatic);
    context.custom_rules().any(|(_, rule)| rule.forbids(context.state, &way))
}

/// Returns the channel of the request or the agreement; otherwise the preferred one; otherwise the one of the step or
/// the season; otherwise the next in turn (C9, C11).
pub(super) fn channel(context: &Context<'_>, draft: &Draft<'_>) -> Option<Channel> {
    let state = context.state;
    let failed = match state.sending {
        Sending::Failed { channel } => channel,
        _ => None,
    };
    let works = |channel: &Channel| Some(*channel) != failed && !forbidden(context, draft, *channel, false);
    // The channel of a request or an agreement was already checked against an opt-out from it (S6).
    let asked = draft.channel.filter(works);
    let allowed = |channel: &Channel| state.consent.allows(*channel) && works(channel);
    let wished = state.wish.channel.filter(|_| context.on(Rule::C11)).filter(allowed);
    let step = draft.step.and_then(|step| step.channel).filter(allowed);
    let season = draft.season.and_then(|season| season.channel).filter(allowed);
    asked.or(wished).or(step).or(season).or_else(|| in_turn(context, allowed))
}

/// Returns the next reachable channel after the one used last, so that no channel comes twice in a row if there is
/// another one.
fn in_turn(context: &Context<'_>, allowed: impl Fn(&Channel) -> bool) -> Option<Channel> {
    let state = context.state;
    let known = &state.addresses;
    let none_known = !known.email && !known.phone;
    let reachable = |channel: &Channel| match *channel {
        Channel::PHONE => known.phone || none_known,
        Channel::EMAIL => (known.email || none_known) && !known.email_bounces,
        // A channel that the playbook adds reaches the prospects that its kind reaches.
        own if !Channel::BUILT_IN.contains(&own) => match context.settings.channel_kind(own) {
            ChannelKind::Voice | ChannelKind::Text => known.phone,
            ChannelKind::Mail => known.email && !known.email_bounces,
            _ => false,
        },
        _ => false,
    };
    let channels = &context.settings.channels;
    let last = state.touches.iter().rev().find_map(|touch| touch.channel);
    let used =
        last.filter(|_| context.on(Rule::C9)).and_then(|last| channels.iter().position(|c| *c == last));
    let start = used.map_or(0, |index| index + 1);
    let turn = channels.iter().cycle().skip(start).take(channels.len());
    turn.copied().find(|channel| reachable(channel) && allowed(channel))
}

fn reason(context: &Context<'_>, draft: &Draft<'_>) -> Reason {
    match draft.kind {
        ObligationKind::AgreedStep => return Reason::AGREED,
        ObligationKind::Answer if draft.purpose == Purpose::INFORM => return Reason::REQUESTED_INFORMATION,
        ObligationKind::Answer => return Reason::ASKED_FOR,
        _ => {}
    }
    if let Some(reason) = draft.step.and_then(|step| step.reason) {
        return reason;
    }
    if let Some(season) = draft.season {
        return season.reason;
    }
    let touches = &context.state.touches;
    let recent = &touches[touches.len().saturating_sub(REASON_REST_TOUCHES)..];
    let used =
        |touches: &[crate::state::Touch], reason| touches.iter().any(|touch| touch.reason == Some(reason));
    let rested = |reason: &Reason| !context.on(Rule::W4) || !used(recent, *reason);
    // "Are you ready?" is never the first, the last or the only reason, and never given twice (W1).
    let fits = |reason: &Reason| {
        let are_you_ready = *reason == Reason::ARE_YOU_READY && context.on(Rule::W1);
        let last = draft.kind == ObligationKind::LastMessage;
        !are_you_ready || !(touches.is_empty() || last || used(touches, *reason))
    };
    let fallback = [Reason::ADVICE];
    let list = context.settings.reasons.get(&draft.purpose).map_or(&fallback[..], Vec::as_slice);
    let best = list.iter().find(|reason| fits(reason) && rested(reason));
    // If all reasons were given lately, the first one that fits is given again.
    *best.or_else(|| list.iter().find(|reason| fits(reason))).unwrap_or(&list[0])
}

/// Whether a touch is personal. At least one touch in `personal_one_in` is; for large value all are (C10).
fn personal(context: &Context<'_>, draft: &Draft<'_>) -> bool {
    if draft.generic {
        return false;
    }
    let by_step = draft.step.is_none_or(|step| step.personal);
    if by_step || !context.on(Rule::C10) {
        return by_step;
    }
    let touches = &context.state.touches;
    let others = (context.settings.personal_one_in - 1) as usize;
    let recent = &touches[touches.len().saturating_sub(others)..];
    context.band == ValueBand::Large || (recent.len() == others && recent.iter().all(|touch| !touch.personal))
}
