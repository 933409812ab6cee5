//! The statements of the invariants, one function each. The error says what does not hold.

use chrono::TimeDelta;

use super::super::reading::Touch;
use super::super::seen::Seen;
use followup_core::channel::Channel;
use followup_core::plan::{Action, Decision, ObligationKind};
use followup_core::purpose::{Purpose, Reason};
use followup_core::rule::Rule;
use followup_core::stage::{Kind, Stage, Temperature, ValueBand};

/// Longer than any checked playbook can wait.
const FAR_DAYS: i64 = 400 * 365;

pub(crate) fn nobody_falls_in_the_gap(seen: &Seen<'_>) -> Result<(), String> {
    let wake = seen.plan.wake.as_ref();
    match &seen.plan.decision {
        Decision::Act { .. } => seen.actions().try_for_each(|action| {
            let window = action.window;
            let in_order = window.earliest <= window.target && window.target <= window.latest;
            ensure(in_order, || format!("the window of {} is out of order: {window:?}", action.obligation))?;
            let newest = seen.state.last_event_at().unwrap_or_default();
            let near = window.latest - newest < TimeDelta::days(FAR_DAYS);
            ensure(near, || {
                format!("the window of {} is too far in the future: {window:?}", action.obligation)
            })
        }),
        Decision::Wait { until, .. } => ensure(wake.is_some_and(|wake| wake.at() == *until), || {
            format!("the plan waits until {until}, but its wake-up is {wake:?}")
        }),
        Decision::Rest { .. } => ensure(wake.is_none(), || format!("the plan rests, but has {wake:?}")),
    }
}

pub(crate) fn a_rest_has_a_reason(seen: &Seen<'_>) -> Result<(), String> {
    let Decision::Rest { why } = seen.plan.decision else { return Ok(()) };
    ensure(seen.reading.gives(why), || format!("the plan rests ({why}), but no event gives that reason"))
}

pub(crate) fn one_is_next(seen: &Seen<'_>) -> Result<(), String> {
    let Decision::Act { next, also } = &seen.plan.decision else { return Ok(()) };
    for other in also {
        let name = &other.obligation;
        ensure((3..=9).contains(&other.kind.row()), || {
            format!("{name} is also owed, outside of rows 3 to 9")
        })?;
        let foremost = next.window.latest <= other.window.latest;
        ensure(foremost, || format!("{name} is due before {}, the next action", next.obligation))?;
    }
    let mut names: Vec<_> = seen.actions().map(|action| &action.obligation).collect();
    names.sort();
    names.dedup();
    ensure(names.len() == also.len() + 1, || format!("an obligation is owed twice: {names:?}"))
}

pub(crate) fn head_starts_are_bounded(seen: &Seen<'_>) -> Result<(), String> {
    let rank = &seen.policy.settings().rank;
    let most = rank.owed_days.max(rank.soon_days)
        + rank.hot_days.max(rank.warm_days)
        + rank.large_days.max(rank.medium_days);
    seen.actions().try_for_each(|action| {
        let start = action.window.latest - action.rank_at;
        let bounds = TimeDelta::zero()..=TimeDelta::days(most.into());
        ensure(bounds.contains(&start), || format!("{} has a head start of {start}", action.obligation))
    })
}

pub(crate) fn minimum_gap(seen: &Seen<'_>) -> Result<(), String> {
    let Some(last) = seen.reading.touches.last() else { return Ok(()) };
    let gap = seen.policy.settings().cadence.minimum_gap;
    let first = seen.clock.date_after(last.at, gap);
    seen.insistent().try_for_each(|action| {
        let earliest = seen.clock.date(action.window.earliest);
        ensure(earliest >= first, || {
            format!("an action begins on {earliest}, within {gap} of the last touch")
        })
    })
}

pub(crate) fn ceiling(seen: &Seen<'_>) -> Result<(), String> {
    let cadence = &seen.policy.settings().cadence;
    let most = cadence.ceiling_touches as usize;
    if seen.reading.unanswered < most {
        return Ok(());
    }
    let Some(touch) = seen.last_touches(most).first() else { return Ok(()) };
    let first = seen.clock.date_after(touch.at, cadence.ceiling_within);
    seen.insistent().try_for_each(|action| {
        let earliest = seen.clock.date(action.window.earliest);
        ensure(earliest >= first, || {
            format!("an action begins on {earliest}, but {most} touches since {} have no answer", touch.at)
        })
    })
}

pub(crate) fn decent_hours(seen: &Seen<'_>) -> Result<(), String> {
    if !seen.is_on(Rule::C11) {
        return Ok(());
    }
    seen.actions().try_for_each(|action| {
        let window = action.window;
        let open = |at| seen.clock.is_open(seen.reading, seen.policy, action, at);
        let name = &action.obligation;
        // An agreed step is at its instant, open or not; an appointment is held at its time; and a request is
        // acknowledged automatically at any hour.
        let as_agreed =
            action.kind == ObligationKind::AgreedStep && seen.reading.agreed_for == Some(window.earliest);
        if matches!(action.kind, ObligationKind::Hold | ObligationKind::Acknowledge) || as_agreed {
            return Ok(());
        }
        ensure(open(window.earliest), || format!("{name} begins at a closed hour: {}", window.earliest))?;
        ensure(open(window.target), || format!("{name} has its target at a closed hour: {}", window.target))?;
        if matches!(action.kind, ObligationKind::Confirm | ObligationKind::AgreedStep) {
            return Ok(());
        }
        let just_before = window.latest - TimeDelta::microseconds(1);
        let closes = open(window.latest) || open(just_before);
        ensure(closes, || format!("{name} ends at a closed hour: {}", window.latest))
    })
}

pub(crate) fn a_stop_is_final(seen: &Seen<'_>) -> Result<(), String> {
    let in_flight = seen.state.in_flight().is_some();
    if !seen.reading.ended || in_flight || !seen.is_on(Rule::S2) {
        return Ok(());
    }
    let rests = matches!(seen.plan.decision, Decision::Rest { .. });
    ensure(rests, || "it was ended and nobody came back, but the plan does not rest".to_owned())
}

pub(crate) fn opted_out_stays_out(seen: &Seen<'_>) -> Result<(), String> {
    if !seen.reading.out_of_all || seen.state.in_flight().is_some() {
        return Ok(());
    }
    if seen.reading.opted_out {
        let rests = matches!(seen.plan.decision, Decision::Rest { .. });
        return ensure(rests, || "they opted out, but the plan does not rest".to_owned());
    }
    seen.actions().try_for_each(|action| {
        let asked_for = (3..=6).contains(&action.kind.row());
        ensure(asked_for, || format!("they opted out, but {} is not an answer", action.obligation))
    })
}

pub(crate) fn worth_sets_the_effort(seen: &Seen<'_>) -> Result<(), String> {
    let settings = seen.policy.settings();
    // Clients and referral sources are not pursued, so there is no pursuit to end.
    if matches!(seen.state.kind(), Kind::Client | Kind::ReferralSource) {
        return Ok(());
    }
    let limit = match seen.band() {
        ValueBand::Large => {
            let last = seen.actions().find(|action| action.kind == ObligationKind::LastMessage);
            return ensure(last.is_none(), || "a last message is planned for a large value".to_owned());
        }
        ValueBand::Medium => settings.stop.medium,
        ValueBand::Small => settings.stop.small,
    };
    let spent = seen.reading.unanswered_personal >= limit;
    if !spent || settings.nurture || seen.reading.last_message {
        return Ok(());
    }
    let on = seen.actions().find(|action| matches!(action.kind.row(), 11..=13));
    ensure(on.is_none(), || {
        format!(
            "{} personal touches have no answer, but another one is planned",
            seen.reading.unanswered_personal
        )
    })
}

pub(crate) fn one_last_message(seen: &Seen<'_>) -> Result<(), String> {
    let planned = seen.actions().any(|action| action.kind == ObligationKind::LastMessage);
    if !planned {
        return Ok(());
    }
    let (reading, stop) = (seen.reading, &seen.policy.settings().stop);
    ensure(!reading.last_message, || "a second last message is planned".to_owned())?;
    ensure(!reading.is_decided(), || "they have decided, but a last message is planned".to_owned())?;
    let limit = if seen.band() == ValueBand::Small { stop.small } else { stop.medium };
    let by_silence = reading.pursued && reading.unanswered >= stop.unanswered as usize;
    let by_number = reading.unanswered_personal >= limit;
    ensure(by_silence || by_number, || {
        format!("a last message is planned after {} unanswered touches", reading.unanswered)
    })
}

/// Returns the actions whose reason and channel are chosen from the lists of the playbook. Those of an agreement, an
/// answer, a step, a season or a custom rule may have their own.
fn chosen<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Action> {
    use ObligationKind::{Acknowledge, AgreedStep, Answer, Custom, Step};
    let seasons = &seen.policy.settings().seasons;
    let has_own = |action: &Action| matches!(action.kind, AgreedStep | Answer | Acknowledge | Step | Custom);
    let is_season = |action: &Action| seasons.iter().any(|season| season.reason == action.reason);
    seen.actions().filter(move |action| !has_own(action) && !is_season(action))
}

pub(crate) fn fitting_reason(seen: &Seen<'_>) -> Result<(), String> {
    chosen(seen).try_for_each(|action| {
        let (list, reason) = (seen.list_of(action.purpose), action.reason);
        ensure(list.contains(&reason), || format!("{reason} is not a reason of {}", action.purpose))?;
        let others = list.iter().any(|other| *other != Reason::ARE_YOU_READY);
        if reason != Reason::ARE_YOU_READY || !others {
            return Ok(());
        }
        let touches = &seen.reading.touches;
        ensure(!touches.is_empty(), || "\"are you ready?\" is the first reason".to_owned())?;
        ensure(action.kind != ObligationKind::LastMessage, || {
            "\"are you ready?\" is the last reason".to_owned()
        })?;
        // The state keeps a bounded number of touches.
        let twice = seen.last_touches(32).iter().any(|touch| touch.reason == Some(reason));
        ensure(!twice, || "\"are you ready?\" is given twice".to_owned())
    })
}

pub(crate) fn a_reason_rests(seen: &Seen<'_>) -> Result<(), String> {
    let recent = seen.last_touches(3);
    let rested = |reason: Reason| recent.iter().all(|touch| touch.reason != Some(reason));
    chosen(seen).try_for_each(|action| {
        let another = seen
            .list_of(action.purpose)
            .iter()
            .find(|reason| **reason != Reason::ARE_YOU_READY && rested(**reason));
        let holds = rested(action.reason) || another.is_none();
        ensure(holds, || format!("the reason {} is repeated within three touches", action.reason))
    })
}

pub(crate) fn channels_are_mixed(seen: &Seen<'_>) -> Result<(), String> {
    let mut used = seen.last_touches(32).iter().rev().filter_map(|touch| touch.channel);
    let (Some(last), Some(before)) = (used.next(), used.next()) else { return Ok(()) };
    let state = seen.state;
    let works = |channel: Channel| {
        let known = state.addresses();
        let none_known = !known.has_email() && !known.has_phone();
        let reachable = match channel {
            Channel::PHONE => known.has_phone() || none_known,
            Channel::EMAIL => (known.has_email() || none_known) && !known.email_bounces(),
            _ => false,
        };
        reachable && state.consent().allows(channel)
    };
    let sending_failed = state.send_failed();
    let wished = seen.reading.wished_channel.is_some_and(|wished| state.consent().allows(wished));
    if last != before || wished || sending_failed {
        return Ok(());
    }
    let others = seen.policy.settings().channels.iter().filter(|channel| **channel != last);
    let another = others.copied().find(|channel| works(*channel));
    chosen(seen).filter(|action| action.channel == Some(last)).try_for_each(|action| {
        ensure(another.is_none(), || {
            format!("{} is by {last} for the third time in a row, but {another:?} works", action.obligation)
        })
    })
}

fn cadence_asks(seen: &Seen<'_>) -> bool {
    let is_ask = |purpose| seen.policy.settings().is_ask(purpose);
    seen.actions().any(|action| action.kind == ObligationKind::Cadence && is_ask(action.purpose))
}

pub(crate) fn cool_get_value(seen: &Seen<'_>) -> Result<(), String> {
    let asked = seen.plan.temperature == Temperature::Cool && cadence_asks(seen);
    ensure(!asked, || "they are cool, but an ask is planned".to_owned())
}

pub(crate) fn asks_alternate(seen: &Seen<'_>) -> Result<(), String> {
    let is_ask = |purpose| seen.policy.settings().is_ask(purpose);
    let asked = |touch: &Touch| touch.purpose.is_some_and(is_ask);
    let again = seen.reading.touches.last().is_some_and(asked) && cadence_asks(seen);
    ensure(!again, || "the last touch was an ask, and so is the next one".to_owned())
}

pub(crate) fn asked_when_ready(seen: &Seen<'_>) -> Result<(), String> {
    let cadence = seen.actions().find(|action| action.kind == ObligationKind::Cadence);
    let asks = cadence.is_some_and(|action| action.purpose == Purpose::ASK_APPOINTMENT);
    let early = seen.state.stage() < Stage::Appointment && !seen.state.readiness().is_ready();
    ensure(!(asks && early), || "they are asked for an appointment before they are ready".to_owned())
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}
