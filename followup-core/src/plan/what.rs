//! The obligations that a state gives rise to, and which of them is next.

use super::context::Context;
use super::how;
use super::wake::{self, WakeUp};
use super::when::{self, Clamps};
use super::{Act, Decided, ObligationKind, Outcome, WaitFor};
use crate::channel::Channel;
use crate::playbook::Step;
use crate::purpose::Purpose;
use crate::rule::Rule;
use crate::stage::{self, Kind, Rest, Stage, Temperature, ValueBand};
use crate::state::{Agreed, Sending};
use crate::time::{DAY, Day, Micros, Span};

/// An obligation before the clamps.
pub(super) struct Draft<'a> {
    pub(super) kind: ObligationKind,
    /// The key of the event that gave rise to it.
    pub(super) origin: &'a str,
    pub(super) purpose: Purpose,
    pub(super) earliest: Micros,
    pub(super) latest: Micros,
    pub(super) clamps: Clamps,
    /// The channel that comes with it: the request's, the agreement's.
    pub(super) channel: Option<Channel>,
    pub(super) step: Option<&'a Step>,
    pub(super) generic: bool,
    pub(super) needs: Needs,
}

/// What somebody should find out or decide.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Needs(u8);

impl Needs {
    const NAMES: [&'static str; 5] =
        ["needs", "decides_how", "decides_on", "decide whether to go on", "ask the owner"];
    const GO_ON: Needs = Needs(1 << 3);
    const ASK_OWNER: Needs = Needs(1 << 4);

    fn and(self, other: Needs) -> Needs {
        Needs(self.0 | other.0)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'static str> {
        Needs::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 >> bit & 1 == 1)
            .map(|(_, name)| name)
    }

    /// What discovery has not found out yet (W6).
    fn discovery(context: &Context<'_>) -> Needs {
        let state = context.state;
        if !context.on(Rule::W6) || state.kind == Kind::Stakeholder || state.decided.is_some() {
            return Needs::default();
        }
        let known = &state.qualification;
        let missing = [!known.needs, !known.decides_how, known.decides_on.is_none()];
        Needs(missing.iter().enumerate().map(|(bit, missing)| u8::from(*missing) << bit).sum())
    }
}

/// Decides: rows 0–2, rest, what is owed (3–9), what we start (10–15).
pub(super) fn decide<'a>(context: &Context<'a>) -> Decided<'a> {
    let (outcome, needs, wake) = outcome(context);
    Decided { outcome, wake, temperature: context.temperature, band: context.band, needs }
}

fn outcome<'a>(context: &Context<'a>) -> (Outcome<'a>, Needs, Option<WakeUp>) {
    let none = Needs::default();
    match &context.state.sending {
        Sending::Intended { anchor, .. } => {
            let until = anchor.at + context.settings.sending.outcome_within.exact();
            return (
                Outcome::Wait { until, why: WaitFor::Outcome },
                none,
                Some(wake::send_unknown(until, anchor)),
            );
        }
        Sending::Unknown { anchor, .. } => {
            let next = finish(context, resolve(context, anchor.at, &anchor.key));
            return (Outcome::Act { next, also: Vec::new() }, none, None);
        }
        Sending::Nothing | Sending::Failed { .. } => {}
    }
    if let Some(why) = rest(context) {
        return (Outcome::Rest { why }, none, None);
    }
    let mut acts = owed(context);
    let lapse = wake::lapse(context, &acts);
    let resume = wake::resume(context);
    if let Some(foremost) = foremost(&acts) {
        let next = acts.remove(foremost);
        let needs = Needs::discovery(context).and(next.1);
        let wake = wake::first(lapse, resume);
        let also = acts.into_iter().map(|(act, _)| act).collect();
        return (Outcome::Act { next: next.0, also }, needs, wake);
    }
    // While paused, what we would start waits; where there is nothing to start, there is nothing to wait for.
    let started = started(context);
    let chases = !opted_out(context) && chase(context).is_some();
    if let Some(wake) = resume.filter(|_| chases || !matches!(started, Started::Rest(_))) {
        return (Outcome::Wait { until: wake.natural, why: WaitFor::PauseEnd }, none, Some(wake));
    }
    match started {
        Started::Act(draft) => {
            let needs = Needs::discovery(context).and(draft.needs);
            let next = finish(context, draft);
            let wake = wake::stale(context, &next);
            (Outcome::Act { next, also: Vec::new() }, needs, wake)
        }
        Started::Wait(wake) => {
            (Outcome::Wait { until: wake.natural, why: WaitFor::LastAnswer }, none, Some(wake))
        }
        Started::Rest(why) => (Outcome::Rest { why }, none, None),
    }
}

/// Why nothing at all is to be done.
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
        Some(stage::Outcome::Won) if !keeps(context.settings.keep_in_touch.won) => Some(Rest::Won),
        Some(stage::Outcome::Lost) if !keeps(context.settings.keep_in_touch.lost) => Some(Rest::Lost),
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

/// How many days earlier than its latest instant an action is ranked (E4).
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

/// The one with the earliest deadline; of equals the first in the order of the rows.
fn foremost(acts: &[(Act<'_>, Needs)]) -> Option<usize> {
    (0..acts.len()).min_by_key(|index| acts[*index].0.when.latest)
}

/// Rows 3–9, clamped, in the order of the rows.
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
        }
    }
    acts
}

pub(super) enum Started<'a> {
    Act(Draft<'a>),
    Wait(WakeUp),
    Rest(Rest),
}

/// Rows 10–15: the first that applies.
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
        Some(stage::Outcome::Later) => {
            let draft = keep_in_touch(context).or_else(|| come_back(context));
            draft.map_or(Started::Rest(Rest::Later), Started::Act)
        }
        Some(stage::Outcome::Won) => keep_in_touch(context).map_or(Started::Rest(Rest::Won), Started::Act),
        Some(stage::Outcome::Lost) => keep_in_touch(context).map_or(Started::Rest(Rest::Lost), Started::Act),
    }
}

/// Rows 10–13 and the waiting row among them.
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
        let pace =
            if context.settings.nurture && limit_reached(context) { Pace::Nurture } else { Pace::Usual };
        cadence(context, pace)
    });
    Started::Act(draft)
}

/// Everything among rows 10–15 that applies, for showing what lost.
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

fn draft<'a>(kind: ObligationKind, origin: &'a str, purpose: Purpose, from: Micros, to: Micros) -> Draft<'a> {
    Draft {
        kind,
        origin,
        purpose,
        earliest: from,
        latest: to,
        clamps: Clamps::of(kind),
        channel: None,
        step: None,
        generic: false,
        needs: Needs::default(),
    }
}

/// Row 1.
fn resolve<'a>(context: &Context<'a>, at: Micros, origin: &'a str) -> Draft<'a> {
    let day = context.open.plus(context.open.day_of(at), context.settings.sending.resolve_within);
    draft(ObligationKind::Resolve, origin, Purpose::RESOLVE_SEND, at, context.open.close(day))
}

/// Row 3.
fn agreed_step<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
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

/// The agreed step that no contact has ended: none at or after its instant (the fold forgets those), and none
/// on its civil day.
fn open_step<'a>(context: &Context<'a>) -> Option<&'a Agreed> {
    let agreed = context.state.agreed.as_ref().filter(|_| context.on(Rule::P10))?;
    let day = context.open.day_of(agreed.due_at);
    let done = agreed.contact_before.is_some_and(|at| context.open.day_of(at) == day);
    (!done).then_some(agreed)
}

/// Row 4.
fn answer<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
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

/// Row 5.
fn hold<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    appointment_draft(context).filter(|_| confirm(context).is_none())
}

fn appointment_draft<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let set = context.state.appointment.as_ref().filter(|set| !set.over && context.on(Rule::P6))?;
    Some(draft(ObligationKind::Hold, &set.set.key, Purpose::HOLD, set.starts_at, set.ends_at()))
}

/// The appointment that is set, whether it needs confirming or not; none at rest.
pub(super) fn appointment<'a>(context: &Context<'a>) -> Option<Act<'a>> {
    if rest(context).is_some() {
        return None;
    }
    appointment_draft(context).map(|draft| finish(context, draft))
}

/// Row 6.
fn confirm<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
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
    // Whether it is in time, and the latest, hang on the earliest as it is after the hours are applied.
    let opened =
        when::hours_applied(context, ObligationKind::Confirm, how::channel(context, &draft), earliest);
    draft.latest = working.close(working.day_of(opened)).min(set.starts_at);
    (opened < set.starts_at).then_some(draft)
}

/// Row 7.
fn rebook<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let missed = context.state.missed.as_ref().filter(|_| context.on(Rule::P6))?;
    let working = &context.working;
    let day = working.plus(working.day_of(missed.at), context.settings.appointment.rebook_within);
    Some(draft(ObligationKind::Rebook, &missed.key, Purpose::REBOOK, missed.at, working.close(day)))
}

/// Row 8.
fn propose<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let held = context.state.held.as_ref().filter(|held| !held.proposed && context.on(Rule::P7))?;
    if open_step(context).is_some_and(|agreed| agreed.place > held.place) {
        return None;
    }
    let open = &context.open;
    let day = open.plus(open.day_of(held.place.at), context.settings.proposal.send_within);
    Some(draft(ObligationKind::Propose, &held.place.key, Purpose::PROPOSE, held.place.at, open.close(day)))
}

/// Row 9.
fn chase<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
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
                needs = Needs::ASK_OWNER;
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

/// Whether personal touches since their last sign have reached the band's limit (S1).
fn limit_reached(context: &Context<'_>) -> bool {
    let limit = match context.band {
        ValueBand::Small => context.settings.stop.small,
        ValueBand::Medium | ValueBand::Large => context.settings.stop.medium,
    };
    context.on(Rule::S1) && context.state.unanswered_personal >= limit
}

/// Row 10, as it would apply to a medium value.
fn last_message<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let (state, stop) = (context.state, &context.settings.stop);
    if state.last_message.is_some() {
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

fn decides_on(context: &Context<'_>) -> Option<Day> {
    context.state.qualification.decides_on.filter(|_| context.on(Rule::C12)).map(Day::of)
}

/// Row 11.
fn discuss<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let proposal =
        context.state.proposal.as_ref().filter(|sent| !sent.contact_since && context.on(Rule::P7))?;
    let open = &context.open;
    let day = open.day_of(proposal.sent.at);
    let discuss = &context.settings.proposal.discuss;
    let (from, to) = (open.opening(open.plus(day, discuss.from)), open.close(open.plus(day, discuss.to)));
    Some(draft(ObligationKind::Discuss, &proposal.sent.key, Purpose::DISCUSS, from, to))
}

/// Row 12.
fn step<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let state = context.state;
    let steps = context.settings.steps(state.stage);
    let step = steps.get(state.touches_in_stage as usize).filter(|_| context.on(Rule::C7))?;
    let (origin, base) = base(context);
    let open = &context.open;
    let day = open.plus(open.day_of(base.max(state.stage_since)), step.after);
    let (from, to) = (open.opening(day), open.close(open.plus(day, step.within)));
    let mut draft = draft(ObligationKind::Step, origin, step.purpose, from, to);
    draft.step = Some(step);
    Some(draft)
}

/// How the cadence goes on.
#[derive(Clone, Copy, PartialEq)]
enum Pace {
    Usual,
    /// A large value that a medium one would have got the last message for (S1).
    Large,
    /// Generic, by value, after the last personal touch (S1).
    Nurture,
}

/// What the cadence counts from, and its key: the last contact, or a restart if that is later; else the first
/// event.
fn base<'a>(context: &Context<'a>) -> (&'a str, Micros) {
    let state = context.state;
    let contact = state.last_contact.as_ref().map(|contact| (contact.at, contact.key.as_str()));
    let restart = state.restarted.as_ref().map(|anchor| (anchor.at, anchor.key.as_str()));
    let first =
        state.added.as_ref().or(state.first_event.as_ref()).map(|anchor| (anchor.at, anchor.key.as_str()));
    // Of a contact and a restart at the same instant either will do: the key only names the obligation.
    let (at, key) = contact.into_iter().chain(restart).max_by_key(|(at, _)| *at).or(first).unwrap_or((0, ""));
    (key, at)
}

fn interval(context: &Context<'_>, temperature: Temperature) -> (Span, Span) {
    if !context.on(Rule::C1) {
        return (Span::days(90), Span::days(97));
    }
    let interval = context.settings.interval(temperature);
    (interval.from, interval.to)
}

/// Row 13.
fn cadence<'a>(context: &Context<'a>, pace: Pace) -> Draft<'a> {
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
    let mut draft = draft(ObligationKind::Cadence, origin, purpose, open.opening(from), open.close(to));
    draft.generic = pace == Pace::Nurture;
    draft.needs = if pace == Pace::Large { Needs::GO_ON } else { Needs::default() };
    draft
}

/// The first and last day of the cadence's window, counted from a day (C1, C8, C12).
fn usual_days(context: &Context<'_>, base: Day) -> (Day, Day) {
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

/// What the cadence's touch is for, by stage (P1, P4, W2, W3).
fn cadence_purpose(context: &Context<'_>) -> Purpose {
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
    let ask_before = context.on(Rule::W3) && state.touches.last().is_some_and(|touch| touch.is_ask());
    let cool = context.on(Rule::W2) && context.temperature == Temperature::Cool;
    if purpose.is_ask() && (ask_before || cool) { Purpose::CHECK_IN } else { purpose }
}

/// A purpose that gives and does not ask.
fn by_value(context: &Context<'_>) -> Purpose {
    if context.state.informed { Purpose::CHECK_IN } else { Purpose::INFORM }
}

/// Row 14.
fn come_back<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let decided = context.state.decided.as_ref();
    let decided =
        decided.filter(|decided| decided.outcome == stage::Outcome::Later && context.on(Rule::P9))?;
    let open = &context.open;
    let until = context.state.later_until(decided);
    let latest = open.close(open.plus(open.day_of(until), context.settings.later.within));
    Some(draft(ObligationKind::Return, &decided.anchor.key, Purpose::RE_ENGAGE, until, latest))
}

/// Row 15.
fn keep_in_touch<'a>(context: &Context<'a>) -> Option<Draft<'a>> {
    let state = context.state;
    let decided = state.decided.as_ref()?;
    let keep = &context.settings.keep_in_touch;
    let open = &context.open;
    let contact = state.last_contact.as_ref()?;
    let day = open.plus(open.day_of(contact.at), keep.after);
    let applies = match decided.outcome {
        stage::Outcome::Won => keep.won && context.on(Rule::P12),
        stage::Outcome::Lost => keep.lost && context.on(Rule::P12),
        stage::Outcome::Later => {
            let margin = open.plus(day, keep.margin);
            keep.later && context.on(Rule::P9) && margin <= open.day_of(state.later_until(decided))
        }
    };
    let (from, to) = (open.opening(day), open.close(open.plus(day, keep.window)));
    applies.then(|| draft(ObligationKind::KeepInTouch, &contact.key, Purpose::KEEP_IN_TOUCH, from, to))
}
