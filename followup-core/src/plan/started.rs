//! Rows 10–15: obligations that we start.

use super::ObligationKind;
use super::context::Context;
use super::draft::{Draft, draft};
use super::need::{Need, Needs};
use crate::playbook::Season;
use crate::purpose::Purpose;
use crate::rule::Rule;
use crate::stage::{Outcome, Stage, Temperature, ValueBand};
use crate::time::{Day, Micros, Span};

/// Whether the number of personal touches since their last sign has reached the band's limit (S1).
pub(super) fn limit_reached(context: &Context<'_>) -> bool {
    let limit = match context.band {
        ValueBand::Small => context.settings.stop.small,
        ValueBand::Medium | ValueBand::Large => context.settings.stop.medium,
    };
    context.on(Rule::S1) && context.state.unanswered_personal >= limit
}

/// Row 10, as it applies to a medium value.
pub(super) fn last_message<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let (state, stop) = (context.state, &context.settings.stop);
    if state.last_message.is_some() {
        return None;
    }
    // Only prospects are pursued: for any other contact there is nothing to end.
    if context.own_interval().is_some() {
        return None;
    }
    let touch = state.touches.last()?;
    let open = &context.open;
    let pursued = state.held.is_some() || state.proposal.is_some();
    let by_silence = (context.on(Rule::S2) && pursued && state.unanswered >= stop.unanswered).then(|| {
        let silence =
            state.last_sign.as_ref().map(|sign| sign.at).or(state.first_touch_at).unwrap_or(touch.at);
        let after_touch = open.plus(open.day_of(touch.at), context.settings.cadence.minimum_gap);
        after_touch.max(open.plus(open.day_of(silence), stop.silence))
    });
    let by_number = (limit_reached(context) && !context.settings.nurture).then(|| {
        let contact = state.last_contact.as_ref().map_or(touch.at, |contact| contact.at);
        open.plus(open.day_of(contact), interval(context, context.temperature).0)
    });
    let mut day = match (by_silence, by_number) {
        (Some(silence), Some(number)) => silence.min(number),
        (silence, number) => silence.or(number)?,
    };
    if let Some(decides_on) = decides_on(context) {
        day = day.max(decides_on.plus(1));
    }
    let (from, to) = (open.opening(day), open.close(open.plus(day, stop.window)));
    let origin = state.last_contact.as_ref().map_or("", |contact| contact.key.as_str());
    Some(draft(ObligationKind::LastMessage, origin, Purpose::LAST_MESSAGE, from, to))
}

pub(super) fn decides_on(context: &Context<'_>) -> Option<Day> {
    context.state.qualification.decides_on.filter(|_| context.on(Rule::C12)).map(Day::of)
}

/// Row 11.
pub(super) fn discuss<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let proposal =
        context.state.proposal.as_ref().filter(|sent| !sent.contact_since && context.on(Rule::P7))?;
    let open = &context.open;
    let day = open.day_of(proposal.sent.at);
    let discuss = &context.settings.proposal.discuss;
    let (from, to) = (open.opening(open.plus(day, discuss.from)), open.close(open.plus(day, discuss.to)));
    Some(draft(ObligationKind::Discuss, &proposal.sent.key, Purpose::DISCUSS, from, to))
}

/// The pace at which the cadence continues.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pace {
    Usual,
    /// A large value, for which a medium one would have got the last message (S1).
    Large,
    /// Generic touches of value, after the last personal touch (S1).
    Nurture,
}

/// Returns the key and the instant that the cadence counts from: the last contact, or a later restart; without
/// either, the first event.
pub(super) fn base<'a>(context: &Context<'a>) -> (&'a str, Micros) {
    let state = context.state;
    let contact = state.last_contact.as_ref().map(|contact| (contact.at, contact.key.as_str()));
    let restart = state.restarted.as_ref().map(|anchor| (anchor.at, anchor.key.as_str()));
    let first =
        state.added.as_ref().or(state.first_event.as_ref()).map(|anchor| (anchor.at, anchor.key.as_str()));
    // If a contact and a restart are at the same instant, either will do: the key only names the obligation.
    let (at, key) = contact.into_iter().chain(restart).max_by_key(|(at, _)| *at).or(first).unwrap_or((0, ""));
    (key, at)
}

pub(super) fn interval(context: &Context<'_>, temperature: Temperature) -> (Span, Span) {
    if !context.on(Rule::C1) {
        return (Span::days(90), Span::days(97));
    }
    let interval = context.own_interval().unwrap_or_else(|| context.settings.interval(temperature));
    (interval.from, interval.to)
}

/// Row 13.
pub(super) fn cadence<'a>(context: &Context<'a>, pace: Pace) -> Draft<'a> {
    let state = context.state;
    let open = &context.open;
    if state.last_contact.is_none() && context.on(Rule::C2) {
        let first = state.added.as_ref().or(state.first_event.as_ref());
        let (at, key) = first.map_or((0, ""), |anchor| (anchor.at, anchor.key.as_str()));
        let day = open.plus(open.day_of(at), context.settings.cadence.first_within);
        return draft(ObligationKind::Cadence, key, cadence_purpose(context), at, open.close(day));
    }
    let (origin, base) = base(context);
    let day = open.day_of(base);
    let (from, to) = match pace {
        Pace::Usual => usual_days(context, day),
        Pace::Large | Pace::Nurture => {
            let (from, to) = interval(context, Temperature::Cool);
            (open.plus(day, from), open.plus(day, to))
        }
    };
    let purpose = match pace {
        Pace::Usual => cadence_purpose(context),
        Pace::Large => Purpose::CHECK_IN,
        Pace::Nurture => by_value(context),
    };
    let (season, from) = season(context, from, to);
    let mut draft = draft(ObligationKind::Cadence, origin, purpose, open.opening(from), open.close(to));
    draft.season = season;
    draft.generic = pace == Pace::Nurture;
    draft.needs = if pace == Pace::Large { Needs::of(Need::DecideToGoOn) } else { Needs::default() };
    draft
}

/// Returns the first and the last day of the cadence's window, counted from a day (C1, C8, C12).
pub(super) fn usual_days(context: &Context<'_>, base: Day) -> (Day, Day) {
    let (state, cadence) = (context.state, &context.settings.cadence);
    let open = &context.open;
    let second = context.on(Rule::C8) && state.touches_ever == 1 && state.signs_ever == 0;
    let aim = decides_on(context).filter(|decides_on| *decides_on > base).map(|decides_on| {
        let lead = open.plus(base, cadence.before_decision).0 - base.0;
        (decides_on, decides_on.plus(-lead), lead)
    });
    let far = aim.is_some_and(|(_, aim, lead)| aim > base.plus(lead));
    let (from, to) = if far && context.temperature == Temperature::Hot {
        interval(context, Temperature::Warm)
    } else if second {
        (cadence.second.from, cadence.second.to)
    } else {
        interval(context, context.temperature)
    };
    let (mut from, mut to) = (open.plus(base, from), open.plus(base, to));
    if let Some((decides_on, aim, _)) = aim {
        from = from.min(aim.max(open.plus(base, cadence.minimum_gap)));
        to = to.min(decides_on.plus(-1)).max(from);
    }
    (from, to)
}

/// Returns the first season within a window, if any, and the day on which the window then opens (C8).
fn season<'a>(context: &Context<'a>, from: Day, to: Day) -> (Option<&'a Season>, Day) {
    let seasons = context.settings.seasons.iter().filter(|_| context.on(Rule::C8));
    let days = seasons.map(|season| (season.on.not_before(from), season));
    let first = days.filter(|(day, _)| *day <= to).min_by_key(|(day, _)| *day);
    first.map_or((None, from), |(day, season)| (Some(season), day))
}

/// Returns the purpose of the cadence's touch, by stage (P1, P4, W2, W3).
pub(super) fn cadence_purpose(context: &Context<'_>) -> Purpose {
    if context.own_interval().is_some() {
        return by_value(context);
    }
    let state = context.state;
    let purpose = match state.stage {
        Stage::Decision => Purpose::CLOSE,
        Stage::Proposal if state.proposal.is_none() => Purpose::PROPOSE,
        Stage::Proposal => Purpose::DISCUSS,
        Stage::Appointment => Purpose::ASK_APPOINTMENT,
        Stage::Interest | Stage::Information => {
            let readiness = state.readiness();
            let ready = readiness.is_ready() || !context.on(Rule::P4);
            if !readiness.informed {
                Purpose::INFORM
            } else if ready {
                Purpose::ASK_APPOINTMENT
            } else {
                Purpose::CHECK_IN
            }
        }
    };
    let ask_before = context.on(Rule::W3) && asked_last(context);
    let cool = context.on(Rule::W2) && context.temperature == Temperature::Cool;
    if context.settings.is_ask(purpose) && (ask_before || cool) { Purpose::CHECK_IN } else { purpose }
}

fn asked_last(context: &Context<'_>) -> bool {
    let purpose = context.state.touches.last().and_then(|touch| touch.purpose);
    purpose.is_some_and(|purpose| context.settings.is_ask(purpose))
}

/// Returns a purpose that gives value and does not ask.
pub(super) fn by_value(context: &Context<'_>) -> Purpose {
    if context.state.informed { Purpose::CHECK_IN } else { Purpose::INFORM }
}

/// Row 14.
pub(super) fn come_back<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let decided = context.state.decided.as_ref();
    let decided = decided.filter(|decided| decided.outcome == Outcome::Later && context.on(Rule::P9))?;
    let open = &context.open;
    let until = context.state.later_until(decided);
    let latest = open.close(open.plus(open.day_of(until), context.settings.later.within));
    Some(draft(ObligationKind::Return, &decided.anchor.key, Purpose::RE_ENGAGE, until, latest))
}

/// Row 15.
pub(super) fn keep_in_touch<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let state = context.state;
    let decided = state.decided.as_ref()?;
    let keep = &context.settings.keep_in_touch;
    let open = &context.open;
    let contact = state.last_contact.as_ref()?;
    let day = open.plus(open.day_of(contact.at), keep.after);
    let applies = match decided.outcome {
        Outcome::Won => keep.won && context.on(Rule::P12),
        Outcome::Lost => keep.lost && context.on(Rule::P12),
        Outcome::Later => {
            let margin = open.plus(day, keep.margin);
            keep.later && context.on(Rule::P9) && margin <= open.day_of(state.later_until(decided))
        }
    };
    let last = open.plus(day, keep.window);
    let (season, day) = season(context, day, last);
    let (from, to) = (open.opening(day), open.close(last));
    let mut draft = draft(ObligationKind::KeepInTouch, &contact.key, Purpose::KEEP_IN_TOUCH, from, to);
    draft.season = season;
    applies.then_some(draft)
}
