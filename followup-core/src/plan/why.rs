//! The explanation of a plan: the changes that each rule made, and the alternatives that lost.
//!
//! An explanation is a difference. Each rule is switched off in turn and the state is planned again: a rule that makes
//! no difference is not listed, and a rule that makes one is listed with what it changed, from which value to which.
//! This makes the list complete and minimal by construction, and no second implementation of the rules can disagree
//! with the first.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::context::Context;
use super::need::{Need, Needs};
use super::{Act, Decided, Decision, ObligationKind, Plan, WaitFor, WakeKind, WakeUp, what};
use crate::channel::Channel;
use crate::event::instant_text;
use crate::policy::Policy;
use crate::purpose::{Purpose, Reason};
use crate::rule::{Rule, RuleSet};
use crate::stage::{Kind, Rest, Stage, Temperature, text_enum};
use crate::state::ProspectState;
use crate::time::to_instant;

/// A change that one rule made to a plan.
///
/// Serializes to `{"rule", "what", "from", "to"}`, the values as text.
///
/// # Examples
/// ```
/// use followup_core::plan::What;
/// use followup_core::{Event, Policy, ProspectState, Rule, plan};
///
/// // Added on a Saturday: open hours move the earliest instant to Monday.
/// let ada = ProspectState::replay([Event::added("2026-03-07T14:00:00Z".parse()?)])?;
/// let plan = plan(&ada, &Policy::default());
/// let mut hours = plan.because.iter().filter(|because| because.rule == Rule::C16);
/// let because = hours.find(|because| because.what == What::Earliest).expect("Saturday is closed");
/// assert_eq!(because.to.to_string(), "2026-03-09T09:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Because {
    /// The rule.
    pub rule: Rule,
    /// A short statement of the rule.
    #[serde(skip)]
    pub title: Cow<'static, str>,
    /// The part of the plan that changed.
    pub what: What,
    /// The value without the rule.
    pub from: PlanValue,
    /// The value with the rule.
    pub to: PlanValue,
}

/// The value of a part of a plan. Prints in the form of the command.
///
/// # Examples
/// ```
/// use followup_core::plan::PlanValue;
/// use followup_core::stage::Rest;
///
/// assert_eq!(PlanValue::Rest(Rest::OptedOut).to_string(), "rest: opted_out");
/// assert_eq!(PlanValue::Instant("2026-03-06T14:00:00Z".parse()?).to_string(), "2026-03-06T14:00:00Z");
/// assert_eq!(PlanValue::Channel(None).to_string(), "none");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum PlanValue {
    /// Act, on an obligation of this kind.
    Act(ObligationKind),
    /// Wait for this.
    Wait(WaitFor),
    /// Rest for this reason.
    Rest(Rest),
    /// A purpose.
    Purpose(Purpose),
    /// An instant: earliest, target, latest, or rank in the agenda.
    Instant(DateTime<Utc>),
    /// A channel, or none.
    Channel(Option<Channel>),
    /// A reason.
    Reason(Reason),
    /// Whether it is personal.
    Personal(bool),
    /// The other actions that are owed: kind, earliest and latest instant of each.
    Also(Vec<(ObligationKind, DateTime<Utc>, DateTime<Utc>)>),
    /// The wake-up and its instant, or none.
    Wake(Option<(WakeKind, DateTime<Utc>)>),
    /// Facts that a person should find out, and decisions that a person should make.
    Needs(Needs),
    /// The rules that could not all be kept, or none.
    Conflict(Option<RuleSet>),
}

impl fmt::Display for PlanValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = "none";
        match self {
            PlanValue::Act(kind) => write!(f, "act: {kind}"),
            PlanValue::Wait(why) => write!(f, "wait: {why}"),
            PlanValue::Rest(why) => write!(f, "rest: {why}"),
            PlanValue::Purpose(purpose) => purpose.fmt(f),
            PlanValue::Instant(at) => f.write_str(&instant_text(*at)),
            PlanValue::Channel(Some(channel)) => channel.fmt(f),
            PlanValue::Reason(reason) => reason.fmt(f),
            PlanValue::Personal(personal) => personal.fmt(f),
            PlanValue::Also(also) => {
                let line = |(kind, earliest, latest): &(ObligationKind, DateTime<Utc>, DateTime<Utc>)| {
                    format!("{kind} {} to {}", instant_text(*earliest), instant_text(*latest))
                };
                f.write_str(&also.iter().map(line).collect::<Vec<_>>().join(", "))
            }
            PlanValue::Wake(Some((kind, at))) => write!(f, "{kind} {}", instant_text(*at)),
            PlanValue::Needs(needs) => {
                f.write_str(&needs.iter().map(Need::as_str).collect::<Vec<_>>().join(", "))
            }
            PlanValue::Conflict(Some(rules)) => {
                f.write_str(&rules.iter().map(|rule| rule.to_string()).collect::<Vec<_>>().join(" "))
            }
            PlanValue::Channel(None) | PlanValue::Wake(None) | PlanValue::Conflict(None) => f.write_str(none),
        }
    }
}

impl Serialize for PlanValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

text_enum! {
    /// A part of a plan.
    #[non_exhaustive]
    What, "part of a plan" {
        /// The decision: act, wait or rest, and for what obligation.
        Next = "next",
        /// The purpose of the action.
        Purpose = "purpose",
        /// The earliest instant.
        Earliest = "earliest",
        /// The target.
        Target = "target",
        /// The latest instant.
        Latest = "latest",
        /// The channel.
        Channel = "channel",
        /// The reason.
        Reason = "reason",
        /// Whether it is personal.
        Personal = "personal",
        /// The other actions that are owed.
        Also = "also",
        /// The instant at which time alone changes the plan.
        WakeAt = "wake_at",
        /// Facts that a person should find out, and decisions that a person should make.
        Needs = "needs",
        /// The rank in the agenda.
        RankAt = "rank_at",
        /// The rules that could not all be kept.
        Conflict = "conflict",
    }
}

/// A candidate for the next action that was not taken.
///
/// # Examples
/// ```
/// use followup_core::plan::{Alternative, ObligationKind};
/// use followup_core::{Channel, Event, Policy, ProspectState, plan};
///
/// let asked = Event::asked_information("2026-03-06T14:00:00Z".parse()?, Channel::EMAIL);
/// let ada = ProspectState::replay([asked])?;
/// let plan = plan(&ada, &Policy::default());
/// // Without the request, a touch of the cadence would be next.
/// let cadence: &Alternative = plan.alternatives.first().expect("the cadence goes on");
/// assert_eq!((cadence.kind, cadence.row), (ObligationKind::Cadence, 13));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Alternative {
    /// The kind of the obligation.
    #[serde(rename = "candidate")]
    pub kind: ObligationKind,
    /// The row of the planning table.
    pub row: u8,
    /// The purpose.
    pub purpose: Purpose,
    /// The earliest instant.
    pub earliest: DateTime<Utc>,
    /// The latest instant.
    pub latest: DateTime<Utc>,
}

/// Returns the rules that can shape a plan: those that a file can switch off, the stops (which only their cause can
/// lift) and the custom rules.
fn shaping(policy: &Policy) -> impl Iterator<Item = Rule> {
    let custom = policy.custom_rules().map(|(rule, _)| rule);
    Rule::SWITCHABLE.iter().copied().chain([Rule::S3, Rule::S6]).chain(custom)
}

/// Returns the changes that each rule made.
pub(super) fn because(state: &ProspectState, policy: &Policy, decided: &Decided<'_>) -> Vec<Because> {
    let off = policy.off();
    let tried = |rule: &Rule| !off.contains(*rule) && has_something_to_say(*rule, state, policy, decided);
    let mut list = Vec::new();
    for rule in shaping(policy).filter(tried) {
        let more = off.clone().with(rule);
        let without = what::decide(&Context::new(state, policy, &more));
        if without != *decided {
            let title = title(rule, policy);
            list.extend(changes((rule, title), &without, decided));
        }
    }
    list.sort_by_key(|because| (because.what, because.rule));
    list
}

fn title(rule: Rule, policy: &Policy) -> Cow<'static, str> {
    match rule {
        Rule::Custom(_) => Cow::Owned(policy.title_of(rule).to_owned()),
        built_in => Cow::Borrowed(built_in.title()),
    }
}

/// Whether the state has anything that a rule is about. If not, switching the rule off changes nothing and is not
/// tried. A rule that has something to say may still change nothing.
fn has_something_to_say(rule: Rule, state: &ProspectState, policy: &Policy, decided: &Decided<'_>) -> bool {
    let settings = policy.settings();
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

/// Returns the candidates for the next action that were not taken, in the order of the rows.
pub(super) fn alternatives(context: &Context<'_>, decided: &Decided<'_>) -> Vec<Alternative> {
    let Decision::Act { next, also } = &decided.decision else { return Vec::new() };
    let started = what::all_started(context);
    let others = also.iter().chain(started.iter().filter(|act| act.kind != next.kind));
    others
        .map(|act| Alternative {
            kind: act.kind,
            row: act.kind.row(),
            purpose: act.purpose,
            earliest: to_instant(act.when.earliest),
            latest: to_instant(act.when.latest),
        })
        .collect()
}

/// Returns every part in which two plans differ. If the next obligation differs, its parts are not compared.
fn changes(
    (rule, title): (Rule, Cow<'static, str>),
    without: &Decided<'_>,
    with: &Decided<'_>,
) -> Vec<Because> {
    let because =
        |what, from: PlanValue, to: PlanValue| Because { rule, title: title.clone(), what, from, to };
    let differs = |because: &Because| because.from != because.to;
    let next = because(What::Next, next(&without.decision), next(&with.decision));
    let mut list: Vec<Because> = Some(next.clone()).into_iter().filter(differs).collect();
    if let (true, Decision::Act { next: from, .. }, Decision::Act { next: to, .. }) =
        (list.is_empty(), &without.decision, &with.decision)
    {
        let part = |what, value: fn(&Act<'_>) -> PlanValue| because(what, value(from), value(to));
        let parts = [
            part(What::Purpose, |act| PlanValue::Purpose(act.purpose)),
            part(What::Earliest, |act| PlanValue::Instant(to_instant(act.when.earliest))),
            part(What::Target, |act| PlanValue::Instant(to_instant(act.when.target))),
            part(What::Latest, |act| PlanValue::Instant(to_instant(act.when.latest))),
            part(What::Channel, |act| PlanValue::Channel(act.form.channel)),
            part(What::Reason, |act| PlanValue::Reason(act.form.reason)),
            part(What::Personal, |act| PlanValue::Personal(act.form.personal)),
            part(What::RankAt, |act| PlanValue::Instant(act.rank_at())),
            part(What::Conflict, |act| PlanValue::Conflict(act.when.conflict())),
        ];
        list.extend(parts.into_iter().filter(differs));
    }
    let rest = [
        because(What::Also, also(&without.decision), also(&with.decision)),
        because(What::WakeAt, wake(without.wake.as_ref()), wake(with.wake.as_ref())),
        because(What::Needs, PlanValue::Needs(without.needs), PlanValue::Needs(with.needs)),
    ];
    list.extend(rest.into_iter().filter(differs));
    if list.is_empty() {
        // The difference is in none of these parts: for example, in the temperature that an action was planned at.
        list.push(next);
    }
    list
}

fn next(decision: &Decision<Act<'_>>) -> PlanValue {
    match decision {
        Decision::Act { next, .. } => PlanValue::Act(next.kind),
        Decision::Wait { why, .. } => PlanValue::Wait(*why),
        Decision::Rest { why } => PlanValue::Rest(*why),
    }
}

fn also(decision: &Decision<Act<'_>>) -> PlanValue {
    let line = |act: &Act<'_>| (act.kind, to_instant(act.when.earliest), to_instant(act.when.latest));
    PlanValue::Also(decision.actions().skip(1).map(line).collect())
}

fn wake(wake: Option<&WakeUp>) -> PlanValue {
    PlanValue::Wake(wake.map(|wake| (wake.kind, wake.at())))
}

impl Plan {
    /// Returns the explanation in words: the next action, its window, and the rules that shaped it.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, Policy, ProspectState, plan};
    ///
    /// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
    /// let why = plan(&ada, &Policy::default()).why().to_string();
    /// assert!(why.contains("the first follow-up is prompt (C2)"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn why(&self) -> Why<'_> {
        Why(self)
    }
}

/// The explanation of a plan, to be printed.
///
/// # Examples
/// ```
/// use followup_core::plan::Why;
/// use followup_core::{Event, Policy, ProspectState, plan};
///
/// let ada = ProspectState::replay([Event::stopped("2026-03-06T14:00:00Z".parse()?)])?;
/// let plan = plan(&ada, &Policy::default());
/// let why: Why<'_> = plan.why();
/// assert!(why.to_string().starts_with("rest: stopped, because "));
/// assert!(why.to_string().ends_with("(S3)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
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
