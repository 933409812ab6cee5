//! What holds of every plan, whatever happened and whatever the playbook says.
//!
//! ```
//! use followup_core::Playbook;
//! use followup_core::testing::{History, invariants};
//!
//! let history: History = "2026-03-02T09:15Z touched channel=phone".parse()?;
//! invariants::check(&history, &Playbook::default())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use chrono::{DateTime, TimeDelta, Utc};

use super::broken::Broken;
use super::history::History;
use super::reading::{Clock, Reading, Touch};
use crate::channel::Channel;
use crate::event::Event;
use crate::plan::{Action, Decision, ObligationKind, Plan, plan};
use crate::playbook::Playbook;
use crate::purpose::{Purpose, Reason};
use crate::rule::Rule;
use crate::stage::{Kind, Stage, Temperature, ValueBand};
use crate::state::ProspectState;

/// Something that holds of every plan.
#[derive(Clone, Copy)]
pub struct Invariant {
    /// Its name: the statement, as the name of a test.
    pub name: &'static str,
    /// The rule that it follows from.
    pub rule: Rule,
    holds: fn(&Seen<'_>) -> Result<(), String>,
}

/// What decides, so that a planner of one's own, or one with a bug, can be held against the invariants.
pub type Planner = dyn Fn(&ProspectState, &Playbook) -> Plan + Sync;

/// Every invariant of a plan.
pub const ALL: &[Invariant] = &[
    Invariant { name: "nobody_falls_in_the_gap", rule: Rule::P10, holds: nobody_falls_in_the_gap },
    Invariant { name: "a_rest_has_a_reason_in_the_history", rule: Rule::C13, holds: a_rest_has_a_reason },
    Invariant { name: "one_of_what_is_owed_is_next", rule: Rule::E3, holds: one_is_next },
    Invariant { name: "nobody_starves_in_the_ranking", rule: Rule::E4, holds: head_starts_are_bounded },
    Invariant { name: "a_minimum_gap_stands_between_touches", rule: Rule::C5, holds: minimum_gap },
    Invariant { name: "a_ceiling_stands_over_touches", rule: Rule::W7, holds: ceiling },
    Invariant { name: "a_touch_lands_in_a_decent_hour", rule: Rule::C16, holds: decent_hours },
    Invariant { name: "a_stop_is_final", rule: Rule::S3, holds: a_stop_is_final },
    Invariant { name: "opted_out_stays_out", rule: Rule::S6, holds: opted_out_stays_out },
    Invariant { name: "worth_sets_the_effort", rule: Rule::S1, holds: worth_sets_the_effort },
    Invariant { name: "one_last_message", rule: Rule::S2, holds: one_last_message },
    Invariant { name: "every_touch_has_a_fitting_reason", rule: Rule::W1, holds: fitting_reason },
    Invariant { name: "a_reason_rests", rule: Rule::W4, holds: a_reason_rests },
    Invariant { name: "channels_are_mixed", rule: Rule::C9, holds: channels_are_mixed },
    Invariant { name: "cool_prospects_get_value_only", rule: Rule::W2, holds: cool_get_value },
    Invariant { name: "asks_do_not_follow_each_other", rule: Rule::W3, holds: asks_alternate },
    Invariant { name: "nobody_is_asked_before_they_are_ready", rule: Rule::P4, holds: asked_when_ready },
];

/// Checks every invariant after each event of a history, and at its end what time alone does.
///
/// # Errors
/// [`Broken`]: the first that does not hold, with the history up to there.
pub fn check(history: &History, playbook: &Playbook) -> Result<(), Broken> {
    check_planner(&plan, history, playbook)
}

/// The same, of another planner.
///
/// # Errors
/// As [`check`].
pub fn check_planner(planner: &Planner, history: &History, playbook: &Playbook) -> Result<(), Broken> {
    let mut walk = Walk::new(planner, history, playbook);
    while walk.next() {
        walk.check_plan()?;
    }
    walk.check_time()
}

/// The same at the end of a history only, as where what leads to it has been checked before.
///
/// # Errors
/// As [`check`].
pub fn check_end(planner: &Planner, history: &History, playbook: &Playbook) -> Result<(), Broken> {
    let mut walk = Walk::new(planner, history, playbook);
    while walk.next() {}
    walk.check_plan()?;
    walk.check_time()
}

/// A history that is gone through event by event.
struct Walk<'a> {
    planner: &'a Planner,
    history: &'a History,
    playbook: &'a Playbook,
    events: Vec<Event>,
    done: usize,
    state: ProspectState,
    reading: Reading,
}

impl<'a> Walk<'a> {
    fn new(planner: &'a Planner, history: &'a History, playbook: &'a Playbook) -> Walk<'a> {
        let state = ProspectState::new(history.home());
        let reading = Reading::default();
        Walk { planner, history, playbook, events: history.in_order(), done: 0, state, reading }
    }

    /// Folds in the next event, if there is one.
    fn next(&mut self) -> bool {
        let Some(event) = self.events.get(self.done) else { return false };
        if self.state.premise_holds(event) {
            self.reading.take(event);
        }
        self.state.apply(event);
        self.done += 1;
        true
    }

    fn check_plan(&self) -> Result<(), Broken> {
        let plan = (self.planner)(&self.state, self.playbook);
        let clock = Clock::of(self.state.zone());
        let Walk { state, reading, playbook, .. } = self;
        let broken = |what: String| {
            let so_far = History::numbered(self.history.home(), self.events[..self.done].iter().cloned());
            Broken::of(what, &so_far).playbook(playbook).plan(&plan)
        };
        let seen = Seen { reading, clock: &clock, state, playbook, plan: &plan };
        seen.check(ALL).map_err(|(rule, what)| broken(what).rule(rule))?;
        if plan != (self.planner)(state, playbook) {
            return Err(broken("planned twice, it is another plan".to_owned()));
        }
        Ok(())
    }

    fn check_time(&self) -> Result<(), Broken> {
        check_time(self.planner, self.history, &self.state, self.playbook)
    }
}

/// Checks what time alone does: each wake-up is recorded when it is due and not before, ends in a rest or in a
/// strictly later one, and waking daily gives what waking monthly gives.
fn check_time(
    planner: &Planner,
    history: &History,
    state: &ProspectState,
    playbook: &Playbook,
) -> Result<(), Broken> {
    let Some(newest) = history.newest() else { return Ok(()) };
    let broken = |what: String| Err(Broken::of(what, history).rule(Rule::P8).playbook(playbook));
    let mut woken = state.clone();
    for _ in 0..100 {
        let Some(wake) = planner(&woken, playbook).wake else { break };
        let due_at = wake.at().max(newest);
        let name = wake.kind.as_str();
        let early = woken.clone().wake(playbook, due_at - TimeDelta::microseconds(1));
        if wake.at() > newest && !early.is_empty() {
            return broken(format!("{name} comes before it is due, at {due_at}"));
        }
        if woken.wake(playbook, due_at).is_empty() {
            return broken(format!("{name} is not recorded when it is due, at {due_at}"));
        }
        if planner(&woken, playbook).wake.is_some_and(|next| next.at() <= wake.at()) {
            return broken(format!("{name} at {due_at} leads to no rest and no later wake-up"));
        }
    }
    if planner(&woken, playbook).wake.is_some() {
        return broken("wake-ups come without end".to_owned());
    }
    let until = newest + TimeDelta::days(100);
    let daily = woken_every(state, playbook, newest, until, 1);
    if daily != woken_every(state, playbook, newest, until, 30) {
        return broken("waking daily gives another state than waking monthly".to_owned());
    }
    Ok(())
}

fn woken_every(
    state: &ProspectState,
    playbook: &Playbook,
    newest: DateTime<Utc>,
    until: DateTime<Utc>,
    days: i64,
) -> ProspectState {
    let (mut state, mut at) = (state.clone(), newest);
    while at < until {
        state.wake(playbook, at);
        at += TimeDelta::days(days);
    }
    state.wake(playbook, until);
    state
}

/// Checks that a fact that comes late gives the plan as if it had come in time: the nth event of the history is
/// heard of last, after all that time alone did until a number of days after the newest event.
///
/// # Errors
/// [`Broken`] if it gives another plan.
pub fn check_late_fact(history: &History, playbook: &Playbook, nth: usize, days: u32) -> Result<(), Broken> {
    let mut events = history.in_order();
    let Some(newest) = history.newest().filter(|_| nth < events.len()) else { return Ok(()) };
    let now = newest + TimeDelta::days(days.into());
    let mut in_time = history.state();
    in_time.wake(playbook, now);

    let fact = events.remove(nth);
    let fold = |events: &[Event]| {
        let mut state = ProspectState::new(history.home());
        events.iter().for_each(|event| state.apply(event));
        state
    };
    // Nobody looks between the events, so what time alone did comes after the newest of them.
    let known_at = events.iter().map(|event| event.at).max();
    let mut without = fold(&events);
    events.extend(without.wake(playbook, now));
    if known_at.is_some_and(|known_at| known_at < fact.at) {
        // It is newer than all that was known when they were woken: somebody could have looked in between.
        return Ok(());
    }
    events.push(fact);
    events.sort_by(Event::order);
    let mut late = fold(&events);
    late.wake(playbook, now);
    let (late, in_time) = (plan(&late, playbook), plan(&in_time, playbook));
    let says = |plan: &Plan| (plan.decision.clone(), plan.wake.clone(), plan.stage, plan.temperature);
    if says(&late) == says(&in_time) {
        return Ok(());
    }
    let what = format!("event {} heard of {days} days after the newest gives: {late}", nth + 1);
    Err(Broken::of(what, history).rule(Rule::T1).playbook(playbook).plan(&in_time))
}

/// Whether the invariant of this name holds.
pub(super) fn holds(
    name: &str,
    reading: &Reading,
    clock: &Clock,
    state: &ProspectState,
    playbook: &Playbook,
    plan: &Plan,
) -> Result<(), String> {
    let invariant = ALL.iter().find(|invariant| invariant.name == name).expect("it is the name of one");
    (invariant.holds)(&Seen { reading, clock, state, playbook, plan })
}

/// A plan, and what it is held against.
struct Seen<'a> {
    reading: &'a Reading,
    clock: &'a Clock,
    state: &'a ProspectState,
    playbook: &'a Playbook,
    plan: &'a Plan,
}

impl Seen<'_> {
    fn check(&self, invariants: &[Invariant]) -> Result<(), (Rule, String)> {
        let mut on = invariants.iter().filter(|invariant| self.is_on(invariant.rule));
        on.try_for_each(|invariant| (invariant.holds)(self).map_err(|what| (invariant.rule, what)))
    }

    /// Whether the playbook leaves a rule switched on.
    fn is_on(&self, rule: Rule) -> bool {
        !self.playbook.off().contains(rule)
    }

    fn actions(&self) -> impl Iterator<Item = &Action> {
        self.plan.actions()
    }

    /// Actions that the gaps bind: the last message, what we start before the decision, and staying in touch.
    fn insistent(&self) -> impl Iterator<Item = &Action> {
        self.actions().filter(|action| matches!(action.kind.row(), 10..=13 | 15))
    }

    fn band(&self) -> ValueBand {
        self.playbook.settings().band(self.state.value())
    }

    fn last_touches(&self, count: usize) -> &[Touch] {
        let touches = &self.reading.touches;
        &touches[touches.len().saturating_sub(count)..]
    }

    fn list_of(&self, purpose: Purpose) -> &[Reason] {
        self.playbook.settings().reasons.get(&purpose).map_or(&[Reason::ADVICE], Vec::as_slice)
    }
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

/// Longer than any checked playbook can wait.
const FAR_DAYS: i64 = 400 * 365;

fn nobody_falls_in_the_gap(seen: &Seen<'_>) -> Result<(), String> {
    let wake = seen.plan.wake.as_ref();
    match &seen.plan.decision {
        Decision::Act { .. } => seen.actions().try_for_each(|action| {
            let window = action.window;
            let in_order = window.earliest <= window.target && window.target <= window.latest;
            ensure(in_order, || format!("the window of {} is out of order: {window:?}", action.obligation))?;
            let newest = seen.state.last_event_at().unwrap_or_default();
            let near = window.latest - newest < TimeDelta::days(FAR_DAYS);
            ensure(near, || format!("{} lies out of reach: {window:?}", action.obligation))
        }),
        Decision::Wait { until, .. } => ensure(wake.is_some_and(|wake| wake.at() == *until), || {
            format!("it waits until {until}, and is woken by {wake:?}")
        }),
        Decision::Rest { .. } => ensure(wake.is_none(), || format!("it rests, and is woken by {wake:?}")),
    }
}

fn a_rest_has_a_reason(seen: &Seen<'_>) -> Result<(), String> {
    let Decision::Rest { why } = seen.plan.decision else { return Ok(()) };
    ensure(seen.reading.gives(why), || format!("it rests ({why}), and nothing that happened says so"))
}

fn one_is_next(seen: &Seen<'_>) -> Result<(), String> {
    let Decision::Act { next, also } = &seen.plan.decision else { return Ok(()) };
    for other in also {
        let name = &other.obligation;
        ensure((3..=9).contains(&other.kind.row()), || format!("{name} is owed beside another"))?;
        let foremost = next.window.latest <= other.window.latest;
        ensure(foremost, || format!("{name} is due before {}, which is next", next.obligation))?;
    }
    let mut names: Vec<_> = seen.actions().map(|action| &action.obligation).collect();
    names.sort();
    names.dedup();
    ensure(names.len() == also.len() + 1, || format!("one obligation is owed twice: {names:?}"))
}

fn head_starts_are_bounded(seen: &Seen<'_>) -> Result<(), String> {
    let rank = &seen.playbook.settings().rank;
    let most = rank.owed_days.max(rank.soon_days)
        + rank.hot_days.max(rank.warm_days)
        + rank.large_days.max(rank.medium_days);
    seen.actions().try_for_each(|action| {
        let start = action.window.latest - action.rank_at;
        let bounds = TimeDelta::zero()..=TimeDelta::days(most.into());
        ensure(bounds.contains(&start), || format!("{} is ranked {start} early", action.obligation))
    })
}

fn minimum_gap(seen: &Seen<'_>) -> Result<(), String> {
    let Some(last) = seen.reading.touches.last() else { return Ok(()) };
    let gap = seen.playbook.settings().cadence.minimum_gap;
    let first = seen.clock.date_after(last.at, gap);
    seen.insistent().try_for_each(|action| {
        let earliest = seen.clock.date(action.window.earliest);
        ensure(earliest >= first, || format!("it begins on {earliest}, within {gap} of the last touch"))
    })
}

fn ceiling(seen: &Seen<'_>) -> Result<(), String> {
    let cadence = &seen.playbook.settings().cadence;
    let most = cadence.ceiling_touches as usize;
    if seen.reading.unanswered < most {
        return Ok(());
    }
    let Some(touch) = seen.last_touches(most).first() else { return Ok(()) };
    let first = seen.clock.date_after(touch.at, cadence.ceiling_within);
    seen.insistent().try_for_each(|action| {
        let earliest = seen.clock.date(action.window.earliest);
        ensure(earliest >= first, || {
            format!("it begins on {earliest}, and {most} touches since {} have no answer", touch.at)
        })
    })
}

fn decent_hours(seen: &Seen<'_>) -> Result<(), String> {
    if !seen.is_on(Rule::C11) {
        return Ok(());
    }
    seen.actions().try_for_each(|action| {
        let window = action.window;
        let open = |at| seen.clock.is_open(seen.reading, seen.playbook, action, at);
        let name = &action.obligation;
        // An agreed step stands at its instant, open or not; an appointment is held when it is, and a machine
        // says at any hour that a request has arrived.
        let as_agreed =
            action.kind == ObligationKind::AgreedStep && seen.reading.agreed_for == Some(window.earliest);
        if matches!(action.kind, ObligationKind::Hold | ObligationKind::Acknowledge) || as_agreed {
            return Ok(());
        }
        ensure(open(window.earliest), || format!("{name} begins at a closed hour: {}", window.earliest))?;
        ensure(open(window.target), || format!("{name} is aimed at a closed hour: {}", window.target))?;
        if matches!(action.kind, ObligationKind::Confirm | ObligationKind::AgreedStep) {
            return Ok(());
        }
        let just_before = window.latest - TimeDelta::microseconds(1);
        let closes = open(window.latest) || open(just_before);
        ensure(closes, || format!("{name} ends at a closed hour: {}", window.latest))
    })
}

fn a_stop_is_final(seen: &Seen<'_>) -> Result<(), String> {
    let in_flight = seen.state.in_flight().is_some();
    if !seen.reading.ended || in_flight || !seen.is_on(Rule::S2) {
        return Ok(());
    }
    let rests = matches!(seen.plan.decision, Decision::Rest { .. });
    ensure(rests, || "it was ended, nobody came back, and something is planned".to_owned())
}

fn opted_out_stays_out(seen: &Seen<'_>) -> Result<(), String> {
    if !seen.reading.out_of_all || seen.state.in_flight().is_some() {
        return Ok(());
    }
    if seen.reading.opted_out {
        let rests = matches!(seen.plan.decision, Decision::Rest { .. });
        return ensure(rests, || "they opted out, and something is planned".to_owned());
    }
    seen.actions().try_for_each(|action| {
        let asked_for = (3..=6).contains(&action.kind.row());
        ensure(asked_for, || format!("they opted out, and {} is no answer", action.obligation))
    })
}

fn worth_sets_the_effort(seen: &Seen<'_>) -> Result<(), String> {
    let settings = seen.playbook.settings();
    // Who has bought, or sends others, is not pursued: there is nothing to give up.
    if matches!(seen.state.kind(), Kind::Client | Kind::ReferralSource) {
        return Ok(());
    }
    let limit = match seen.band() {
        ValueBand::Large => {
            let last = seen.actions().find(|action| action.kind == ObligationKind::LastMessage);
            return ensure(last.is_none(), || "a large value gets a last message".to_owned());
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
        format!("{} personal touches have no answer, and it goes on", seen.reading.unanswered_personal)
    })
}

fn one_last_message(seen: &Seen<'_>) -> Result<(), String> {
    let planned = seen.actions().any(|action| action.kind == ObligationKind::LastMessage);
    if !planned {
        return Ok(());
    }
    let (reading, stop) = (seen.reading, &seen.playbook.settings().stop);
    ensure(!reading.last_message, || "a second last message is planned".to_owned())?;
    ensure(!reading.is_decided(), || "they have decided, and a last message is planned".to_owned())?;
    let limit = if seen.band() == ValueBand::Small { stop.small } else { stop.medium };
    let by_silence = reading.pursued && reading.unanswered >= stop.unanswered as usize;
    let by_number = reading.unanswered_personal >= limit;
    ensure(by_silence || by_number, || {
        format!("a last message is planned after {} touches without an answer", reading.unanswered)
    })
}

/// Actions whose reason and channel are chosen from the playbook's lists: not those of an agreement, an answer, a
/// step, a season or a rule of the house, which may have their own.
fn chosen<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Action> {
    use ObligationKind::{Acknowledge, AgreedStep, Answer, House, Step};
    let seasons = &seen.playbook.settings().seasons;
    let has_own = |action: &Action| matches!(action.kind, AgreedStep | Answer | Acknowledge | Step | House);
    let is_season = |action: &Action| seasons.iter().any(|season| season.reason == action.reason);
    seen.actions().filter(move |action| !has_own(action) && !is_season(action))
}

fn fitting_reason(seen: &Seen<'_>) -> Result<(), String> {
    chosen(seen).try_for_each(|action| {
        let (list, reason) = (seen.list_of(action.purpose), action.reason);
        ensure(list.contains(&reason), || format!("{reason} is no reason to {}", action.purpose))?;
        let others = list.iter().any(|other| *other != Reason::ARE_YOU_READY);
        if reason != Reason::ARE_YOU_READY || !others {
            return Ok(());
        }
        let touches = &seen.reading.touches;
        ensure(!touches.is_empty(), || "\"are you ready?\" comes first".to_owned())?;
        ensure(action.kind != ObligationKind::LastMessage, || "\"are you ready?\" comes last".to_owned())?;
        // What is remembered of the touches is bounded.
        let twice = seen.last_touches(32).iter().any(|touch| touch.reason == Some(reason));
        ensure(!twice, || "\"are you ready?\" comes twice".to_owned())
    })
}

fn a_reason_rests(seen: &Seen<'_>) -> Result<(), String> {
    let recent = seen.last_touches(3);
    let rested = |reason: Reason| recent.iter().all(|touch| touch.reason != Some(reason));
    chosen(seen).try_for_each(|action| {
        let another = seen
            .list_of(action.purpose)
            .iter()
            .find(|reason| **reason != Reason::ARE_YOU_READY && rested(**reason));
        let holds = rested(action.reason) || another.is_none();
        ensure(holds, || format!("{} comes back within three touches", action.reason))
    })
}

fn channels_are_mixed(seen: &Seen<'_>) -> Result<(), String> {
    let mut used = seen.last_touches(32).iter().rev().filter_map(|touch| touch.channel);
    let (Some(last), Some(before)) = (used.next(), used.next()) else { return Ok(()) };
    let state = seen.state;
    let works = |channel: Channel| {
        let known = &state.addresses;
        let none_known = !known.email && !known.phone;
        let reachable = match channel {
            Channel::PHONE => known.phone || none_known,
            Channel::EMAIL => (known.email || none_known) && !known.email_bounces,
            _ => false,
        };
        reachable && state.consent.allows(channel)
    };
    let sending_failed = matches!(state.sending, crate::state::Sending::Failed { .. });
    let wished = seen.reading.wished_channel.is_some_and(|wished| state.consent.allows(wished));
    if last != before || wished || sending_failed {
        return Ok(());
    }
    let others = seen.playbook.settings().channels.iter().filter(|channel| **channel != last);
    let another = others.copied().find(|channel| works(*channel));
    chosen(seen).filter(|action| action.channel == Some(last)).try_for_each(|action| {
        ensure(another.is_none(), || {
            format!("{} goes by {last} for the third time in a row, and {another:?} works", action.obligation)
        })
    })
}

fn cadence_asks(seen: &Seen<'_>) -> bool {
    let is_ask = |purpose| seen.playbook.settings().is_ask(purpose);
    seen.actions().any(|action| action.kind == ObligationKind::Cadence && is_ask(action.purpose))
}

fn cool_get_value(seen: &Seen<'_>) -> Result<(), String> {
    let asked = seen.plan.temperature == Temperature::Cool && cadence_asks(seen);
    ensure(!asked, || "they are cool, and are asked".to_owned())
}

fn asks_alternate(seen: &Seen<'_>) -> Result<(), String> {
    let is_ask = |purpose| seen.playbook.settings().is_ask(purpose);
    let asked = |touch: &Touch| touch.purpose.is_some_and(is_ask);
    let again = seen.reading.touches.last().is_some_and(asked) && cadence_asks(seen);
    ensure(!again, || "the last touch was an ask, and the next one is".to_owned())
}

fn asked_when_ready(seen: &Seen<'_>) -> Result<(), String> {
    let cadence = seen.actions().find(|action| action.kind == ObligationKind::Cadence);
    let asks = cadence.is_some_and(|action| action.purpose == Purpose::ASK_APPOINTMENT);
    let early = seen.state.stage() < Stage::Appointment && !seen.state.readiness().is_ready();
    ensure(!(asks && early), || "they are asked for an appointment before they are ready".to_owned())
}
