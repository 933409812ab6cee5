//! Why a plan is as it is: what each rule changed, and what lost.
//!
//! An explanation is a difference. Each rule is switched off in turn and the state planned again: a rule that
//! makes no difference is not named, one that makes any is named with what it changed, from what to what. So the
//! list is complete and minimal by its making, and there is no second account of the rules that could part ways
//! with the first.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};

use super::context::Context;
use super::draft::Needs;
use super::{Act, Decided, ObligationKind, Outcome, Plan, what};
use crate::playbook::Playbook;
use crate::purpose::Purpose;
use crate::rule::Rule;
use crate::stage::{Kind, Stage, Temperature};
use crate::state::ProspectState;
use crate::time::to_instant;

/// What one rule changed in a plan.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Because {
    /// The rule.
    pub rule: Rule,
    /// What it says, in a few words.
    pub title: Cow<'static, str>,
    /// What it changed.
    pub what: What,
    /// What it would be without the rule.
    pub from: String,
    /// What it is.
    pub to: String,
}

/// A part of a plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum What {
    /// What is to be done at all: act, wait or rest, and for what obligation.
    Next,
    /// What the action is for.
    Purpose,
    /// The earliest instant.
    Earliest,
    /// The target.
    Target,
    /// The latest instant.
    Latest,
    /// The channel.
    Channel,
    /// The reason.
    Reason,
    /// Personal or generic.
    Personal,
    /// The other actions that are owed.
    Also,
    /// The instant at which time alone changes the plan.
    WakeAt,
    /// What somebody should find out or decide.
    Needs,
    /// The place in the agenda.
    RankAt,
    /// What could not be kept.
    Conflict,
}

impl What {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            What::Next => "next",
            What::Purpose => "purpose",
            What::Earliest => "earliest",
            What::Target => "target",
            What::Latest => "latest",
            What::Channel => "channel",
            What::Reason => "reason",
            What::Personal => "personal",
            What::Also => "also",
            What::WakeAt => "wake_at",
            What::Needs => "needs",
            What::RankAt => "rank_at",
            What::Conflict => "conflict",
        }
    }
}

/// A candidate that lost.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Lost {
    /// What sort of obligation it is.
    pub kind: ObligationKind,
    /// What it would be for.
    pub purpose: Purpose,
    /// When it would open.
    pub earliest: DateTime<Utc>,
    /// When it would be late.
    pub latest: DateTime<Utc>,
}

/// The rules that can shape a plan: what a file can switch off, the stops, which only their cause can lift, and the
/// rules of the house.
fn shaping(playbook: &Playbook) -> impl Iterator<Item = Rule> {
    let house = playbook.house_rules().map(|(rule, _)| rule);
    Rule::SWITCHABLE.iter().copied().chain([Rule::S3, Rule::S6]).chain(house)
}

/// What each rule changed.
pub(super) fn because(state: &ProspectState, playbook: &Playbook, decided: &Decided<'_>) -> Vec<Because> {
    let off = playbook.off();
    let tried = |rule: &Rule| !off.contains(*rule) && has_something_to_say(*rule, state, playbook, decided);
    let mut list = Vec::new();
    for rule in shaping(playbook).filter(tried) {
        let without = what::decide(&Context::new(state, playbook, off.with(rule)));
        if without != *decided {
            let title = title(rule, playbook);
            list.extend(changes((rule, title), &without, decided));
        }
    }
    list.sort_by_key(|because| (because.what, because.rule));
    list
}

fn title(rule: Rule, playbook: &Playbook) -> Cow<'static, str> {
    match Rule::HOUSE.contains(&rule) {
        true => Cow::Owned(playbook.title_of(rule).to_owned()),
        false => Cow::Borrowed(rule.title()),
    }
}

/// Whether what a rule is about is there at all: where it is not, switching the rule off changes nothing, and
/// need not be tried. A rule may have something to say and still change nothing.
fn has_something_to_say(
    rule: Rule,
    state: &ProspectState,
    playbook: &Playbook,
    decided: &Decided<'_>,
) -> bool {
    let settings = playbook.settings();
    let pursued = state.held.is_some() || state.proposal.is_some();
    match rule {
        Rule::P4 => state.stage <= Stage::Information && state.informed,
        Rule::P6 => state.appointment.is_some() || state.missed.is_some(),
        Rule::P7 => pursued,
        Rule::P8 => state.stage > Stage::Interest,
        Rule::P9 => state.decided.is_some(),
        Rule::P12 => state.decided.is_some() || state.kind == Kind::Client,
        Rule::E2 => state.kind == Kind::ReferralSource,
        Rule::P10 => state.agreed.is_some(),
        Rule::C2 => state.last_contact.is_none(),
        Rule::C4 => !state.owed.is_empty(),
        Rule::C5 | Rule::C9 | Rule::W3 | Rule::W4 => !state.touches.is_empty(),
        Rule::C7 | Rule::C10 => !settings.steps(state.stage).is_empty(),
        Rule::C8 => !settings.seasons.is_empty() || (state.touches_ever == 1 && state.signs_ever == 0),
        Rule::C11 => state.wish.channel.is_some() || state.wish.has_hours(),
        Rule::C12 => state.qualification.decides_on.is_some(),
        Rule::C14 => {
            !state.absences.is_empty() || !state.owner_absences.is_empty() || state.snoozed_until.is_some()
        }
        Rule::C17 => !state.inputs.is_empty(),
        Rule::C18 => state.unanswered >= settings.cadence.cool_after_touches,
        Rule::W2 => decided.temperature == Temperature::Cool,
        Rule::W6 => decided.needs != Needs::default(),
        Rule::W7 => state.unanswered >= settings.cadence.ceiling_touches,
        Rule::S1 => state.unanswered_personal >= settings.stop.small.min(settings.stop.medium),
        Rule::S2 => pursued || state.last_message.is_some() || state.gave_up.is_some(),
        Rule::S3 => state.stopped.is_some(),
        Rule::S6 => state.consent.out.is_some(),
        _ => true,
    }
}

/// Candidates for the next action that were not taken, in the order of the rows.
pub(super) fn lost(context: &Context<'_>, decided: &Decided<'_>) -> Vec<Lost> {
    let Outcome::Act { next, also } = &decided.outcome else { return Vec::new() };
    let started = what::all_started(context);
    let others = also.iter().chain(started.iter().filter(|act| act.kind != next.kind));
    others
        .map(|act| Lost {
            kind: act.kind,
            purpose: act.purpose,
            earliest: to_instant(act.when.earliest),
            latest: to_instant(act.when.latest),
        })
        .collect()
}

/// Every part in which two plans differ. If what is next differs, its parts have nothing to be compared with.
fn changes(
    (rule, title): (Rule, Cow<'static, str>),
    without: &Decided<'_>,
    with: &Decided<'_>,
) -> Vec<Because> {
    let because = |what, from: String, to: String| {
        (from != to).then(|| Because { rule, title: title.clone(), what, from, to })
    };
    let next = because(What::Next, next_text(&without.outcome), next_text(&with.outcome));
    let mut list: Vec<Because> = next.into_iter().collect();
    if let (true, Outcome::Act { next: from, .. }, Outcome::Act { next: to, .. }) =
        (list.is_empty(), &without.outcome, &with.outcome)
    {
        let instant = |at| crate::event::instant_text(to_instant(at));
        let parts = [
            because(What::Purpose, from.purpose.to_string(), to.purpose.to_string()),
            because(What::Earliest, instant(from.when.earliest), instant(to.when.earliest)),
            because(What::Target, instant(from.when.target), instant(to.when.target)),
            because(What::Latest, instant(from.when.latest), instant(to.when.latest)),
            because(What::Channel, channel_text(from), channel_text(to)),
            because(What::Reason, from.form.reason.to_string(), to.form.reason.to_string()),
            because(What::Personal, from.form.personal.to_string(), to.form.personal.to_string()),
            because(What::RankAt, instant(from.rank_at), instant(to.rank_at)),
            because(What::Conflict, conflict_text(from), conflict_text(to)),
        ];
        list.extend(parts.into_iter().flatten());
    }
    let wake = |decided: &Decided<'_>| {
        decided.wake.as_ref().map_or("none".to_owned(), |wake| {
            format!("{} {}", wake.kind.as_str(), crate::event::instant_text(wake.at()))
        })
    };
    let needs = |decided: &Decided<'_>| decided.needs.iter().collect::<Vec<_>>().join(", ");
    list.extend(because(What::Also, also_text(&without.outcome), also_text(&with.outcome)));
    list.extend(because(What::WakeAt, wake(without), wake(with)));
    list.extend(because(What::Needs, needs(without), needs(with)));
    if list.is_empty() {
        // Not shown in any part of its own: the temperature that an action was planned at, or the like.
        list.push(Because {
            rule,
            title: title.clone(),
            what: What::Next,
            from: next_text(&without.outcome),
            to: next_text(&with.outcome),
        });
    }
    list
}

fn next_text(outcome: &Outcome<'_>) -> String {
    match outcome {
        Outcome::Act { next, .. } => format!("act: {}", next.kind.as_str()),
        Outcome::Wait { why, .. } => format!("wait: {}", why.as_str()),
        Outcome::Rest { why } => format!("rest: {why}"),
    }
}

fn channel_text(act: &Act<'_>) -> String {
    act.form.channel.map_or("none".to_owned(), |channel| channel.to_string())
}

fn conflict_text(act: &Act<'_>) -> String {
    let rules = act.when.conflict();
    rules.map_or("none".to_owned(), |rules| rules.iter().map(Rule::id).collect::<Vec<_>>().join(" "))
}

fn also_text(outcome: &Outcome<'_>) -> String {
    let Outcome::Act { also, .. } = outcome else { return String::new() };
    let line = |act: &Act<'_>| {
        let window = act.when.window();
        let instant = crate::event::instant_text;
        format!("{} {} to {}", act.kind.as_str(), instant(window.earliest), instant(window.latest))
    };
    also.iter().map(line).collect::<Vec<_>>().join(", ")
}

impl Plan {
    /// The explanation in words: what is next, in which window, and what each rule has to do with it.
    pub fn why(&self) -> Why<'_> {
        Why(self)
    }
}

/// Prints why a plan is as it is.
pub struct Why<'a>(&'a Plan);

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut said: Vec<Rule> = Vec::new();
        for because in &self.0.because {
            if !said.contains(&because.rule) {
                let lead = if said.is_empty() { ", because " } else { "; " };
                write!(f, "{lead}{} ({})", because.title, because.rule)?;
                said.push(because.rule);
            }
        }
        Ok(())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use super::Decision;
        match &self.decision {
            Decision::Act { next, .. } => {
                write!(f, "{}", next.purpose.as_str().replace('_', " "))?;
                if let Some(channel) = next.channel {
                    write!(f, " by {channel}")?;
                }
                let date = |at: DateTime<Utc>| at.format("%a %-d %b %Y %H:%M UTC").to_string();
                write!(f, " from {} to {}", date(next.window.earliest), date(next.window.latest))
            }
            Decision::Wait { until, why } => {
                write!(
                    f,
                    "wait for the {} until {}",
                    why.as_str().replace('_', " "),
                    until.format("%a %-d %b %Y %H:%M UTC")
                )
            }
            Decision::Rest { why } => write!(f, "rest: {}", why.as_str().replace('_', " ")),
        }
    }
}
