//! What is next: the obligations (what), their windows (when), their form (how) and their reasons (why).
//!
//! [`plan`] has no `now`. What is next follows from what happened, so each state has exactly one plan; what only
//! the passing of time changes is a [`WakeUp`] in it.

mod bounds;
mod context;
mod draft;
mod how;
mod outcomes;
mod owed;
mod started;
mod steps;
mod wake;
mod what;
mod when;
mod why;

use chrono::{DateTime, Utc};

pub(crate) use bounds::Bounds;
pub(crate) use outcomes::doing;
pub use outcomes::{Answer, outcomes};
pub(crate) use wake::WAKE_UPS_MAX;
pub use wake::{WakeKind, WakeUp};
pub use why::{Because, Lost, What};

use crate::channel::Channel;
use crate::playbook::Playbook;
use crate::purpose::{Purpose, Reason};
use crate::rule::{Rule, RuleSet};
use crate::stage::{Rest, Stage, Standing, Temperature, ValueBand};
use crate::state::ProspectState;
use crate::time::{Micros, TZDB_VERSION, Window, to_instant};
use context::Context;

/// The version of the planner: part of what a stored plan was planned by.
pub const PLANNER_VERSION: u32 = 1;

/// What is next for one prospect, and why.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// What is to be done.
    pub decision: Decision,
    /// When time alone changes it, if it does.
    pub wake: Option<WakeUp>,
    /// The stage.
    pub stage: Stage,
    /// The temperature, cooled by silence (C18).
    pub temperature: Temperature,
    /// What the playbook makes of their value.
    pub band: ValueBand,
    /// What is not known yet, and what somebody should decide (W6, S1, C17).
    pub needs: Vec<&'static str>,
    /// What each rule changed, in the order of planning. Complete and minimal: with a rule that is named switched
    /// off the plan is another, with one that is not named it is the same.
    pub because: Vec<Because>,
    /// The candidates that lost.
    pub lost: Vec<Lost>,
}

/// What is to be done.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "most decisions are to act, and a plan is not kept in numbers")]
pub enum Decision {
    /// Do the next action; the others are owed too, each with its own window.
    Act {
        /// The one with the earliest deadline.
        next: Action,
        /// The others that are owed.
        also: Vec<Action>,
    },
    /// Do nothing until an instant.
    Wait {
        /// Until when.
        until: DateTime<Utc>,
        /// What for.
        why: WaitFor,
    },
    /// Do nothing.
    Rest {
        /// Why not.
        why: Rest,
    },
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum WaitFor {
    /// The outcome of a send in flight.
    Outcome,
    /// An answer to the last message (S2).
    LastAnswer,
    /// The end of a pause.
    PauseEnd,
}

impl WaitFor {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            WaitFor::Outcome => "outcome",
            WaitFor::LastAnswer => "last_answer",
            WaitFor::PauseEnd => "pause_end",
        }
    }
}

/// One thing to do.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Action {
    /// What sort of obligation it is.
    pub kind: ObligationKind,
    /// The obligation: its kind and the key of the event that gave rise to it. It lives as long as the thing to do.
    pub obligation: String,
    /// What it is for.
    pub purpose: Purpose,
    /// By which channel; `None` if none is left that may be used.
    pub channel: Option<Channel>,
    /// With what reason.
    pub reason: Reason,
    /// Directed to this person alone, or generic.
    pub personal: bool,
    /// To be sent without a person.
    pub automatic: bool,
    /// The name of the template.
    pub template: Option<String>,
    /// When.
    pub window: Window,
    /// Its place in the agenda: its latest instant less its head start (E4).
    pub rank_at: DateTime<Utc>,
    /// What could not be kept.
    pub conflict: Option<Conflict>,
}

/// Two rules that could not both hold; the safer won.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Conflict {
    /// The rule that gave way, and those that moved it.
    pub rules: RuleSet,
    /// When it should have been by the rule that gave way.
    pub own_latest: DateTime<Utc>,
    /// When it is.
    pub latest: DateTime<Utc>,
}

/// The rows of the planning table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum ObligationKind {
    /// Find out whether a send went out (row 1).
    Resolve,
    /// A step that was agreed (row 3).
    AgreedStep,
    /// The answer to a request (row 4).
    Answer,
    /// Saying at once that an inquiry has arrived (before row 4).
    Acknowledge,
    /// The appointment itself (row 5).
    Hold,
    /// The appointment's confirmation (row 6).
    Confirm,
    /// A new date for a missed appointment (row 7).
    Rebook,
    /// The proposal after a meeting (row 8).
    Propose,
    /// Inputs that are outstanding (row 9).
    Chase,
    /// The last message (row 10).
    LastMessage,
    /// The discussion of a proposal (row 11).
    Discuss,
    /// The playbook's step (row 12).
    Step,
    /// The cadence's touch (row 13).
    Cadence,
    /// Coming back to someone who said later (row 14).
    Return,
    /// Staying in touch (row 15).
    KeepInTouch,
    /// What a rule of the house finds is owed (beside row 9).
    House,
}

impl ObligationKind {
    /// The word in JSON and in obligations.
    pub fn as_str(self) -> &'static str {
        match self {
            ObligationKind::Resolve => "resolve",
            ObligationKind::AgreedStep => "agreed_step",
            ObligationKind::Answer => "answer",
            ObligationKind::Acknowledge => "acknowledge",
            ObligationKind::Hold => "hold",
            ObligationKind::Confirm => "confirm",
            ObligationKind::Rebook => "rebook",
            ObligationKind::Propose => "propose",
            ObligationKind::Chase => "chase",
            ObligationKind::LastMessage => "last_message",
            ObligationKind::Discuss => "discuss",
            ObligationKind::Step => "step",
            ObligationKind::Cadence => "cadence",
            ObligationKind::Return => "return",
            ObligationKind::KeepInTouch => "keep_in_touch",
            ObligationKind::House => "house",
        }
    }

    /// Its row in the planning table.
    pub fn row(self) -> u8 {
        match self {
            ObligationKind::Resolve => 1,
            ObligationKind::AgreedStep => 3,
            ObligationKind::Answer | ObligationKind::Acknowledge => 4,
            ObligationKind::Hold => 5,
            ObligationKind::Confirm => 6,
            ObligationKind::Rebook => 7,
            ObligationKind::Propose => 8,
            ObligationKind::Chase | ObligationKind::House => 9,
            ObligationKind::LastMessage => 10,
            ObligationKind::Discuss => 11,
            ObligationKind::Step => 12,
            ObligationKind::Cadence => 13,
            ObligationKind::Return => 14,
            ObligationKind::KeepInTouch => 15,
        }
    }

    /// Whether it is something that we start, which absences and snoozes hold back (C14).
    pub fn is_started_by_us(self) -> bool {
        self.row() >= 9
    }

    /// The rule that its dates come from, the last message and the cadence aside, which have several.
    fn rule(self) -> Rule {
        match self {
            ObligationKind::Resolve => Rule::T1,
            ObligationKind::AgreedStep => Rule::P10,
            ObligationKind::Answer | ObligationKind::Acknowledge => Rule::C4,
            ObligationKind::Hold | ObligationKind::Confirm | ObligationKind::Rebook => Rule::P6,
            ObligationKind::Propose | ObligationKind::Discuss => Rule::P7,
            ObligationKind::Chase => Rule::C17,
            ObligationKind::LastMessage => Rule::S2,
            ObligationKind::Step => Rule::C7,
            ObligationKind::Cadence => Rule::C6,
            ObligationKind::Return => Rule::P9,
            ObligationKind::KeepInTouch => Rule::P12,
            ObligationKind::House => Rule::H1,
        }
    }
}

/// What is decided, borrowed from the state and the playbook: nothing is allocated unless several things are owed.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Decided<'a> {
    pub(crate) outcome: Outcome<'a>,
    pub(crate) wake: Option<WakeUp>,
    pub(crate) temperature: Temperature,
    pub(crate) band: ValueBand,
    pub(crate) needs: draft::Needs,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Outcome<'a> {
    Act { next: Act<'a>, also: Vec<Act<'a>> },
    Wait { until: Micros, why: WaitFor },
    Rest { why: Rest },
}

impl Outcome<'_> {
    /// Whether the prospect is being followed up.
    pub(crate) fn standing(&self) -> Standing {
        match self {
            Outcome::Act { .. } => Standing::Active,
            Outcome::Wait { .. } => Standing::Waiting,
            Outcome::Rest { why } => Standing::Resting(*why),
        }
    }
}

/// One thing to do, borrowed.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Act<'a> {
    pub(crate) kind: ObligationKind,
    pub(crate) origin: &'a str,
    pub(crate) purpose: Purpose,
    pub(crate) form: how::Form<'a>,
    pub(crate) when: when::When,
    pub(crate) rank_at: Micros,
}

/// Decides what is next. The part of [`plan`] that every append needs; it does not explain itself.
pub(crate) fn decide<'a>(state: &'a ProspectState, playbook: &'a Playbook) -> Decided<'a> {
    let context = Context::new(state, playbook, playbook.off());
    what::decide(&context)
}

/// What is next for a prospect under a playbook, and why.
///
/// A pure function: the same state and the same playbook give the same plan, on any machine, at any time. The
/// playbook is one that passed its check, so there is no error; the window's dates are always finite.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::{Channel, Decision, Event, Playbook, ProspectState, plan};
///
/// let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
/// let ada = ProspectState::replay([Event::asked_information(t).via(Channel::EMAIL)])?;
/// let plan = plan(&ada, &Playbook::default());
/// let Decision::Act { next, .. } = &plan.decision else { panic!("something is owed") };
/// assert_eq!(next.purpose.as_str(), "inform");
/// assert_eq!(next.window.latest.to_rfc3339(), "2026-03-09T17:00:00+00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan(state: &ProspectState, playbook: &Playbook) -> Plan {
    let decided = decide(state, playbook);
    let because = why::because(state, playbook, &decided);
    let context = Context::new(state, playbook, playbook.off());
    let lost = why::lost(&context, &decided);
    Plan {
        decision: match decided.outcome {
            Outcome::Act { next, also } => {
                Decision::Act { next: next.to_action(), also: also.iter().map(Act::to_action).collect() }
            }
            Outcome::Wait { until, why } => Decision::Wait { until: to_instant(until), why },
            Outcome::Rest { why } => Decision::Rest { why },
        },
        wake: decided.wake,
        stage: state.stage(),
        temperature: decided.temperature,
        band: decided.band,
        needs: decided.needs.iter().collect(),
        because,
        lost,
    }
}

/// The first instant from `at` on at which an act may be done (C16).
pub(crate) fn first_open(
    state: &ProspectState,
    playbook: &Playbook,
    act: &Act<'_>,
    at: DateTime<Utc>,
) -> DateTime<Utc> {
    let context = Context::new(state, playbook, playbook.off());
    let open = when::hours_applied(&context, act.kind, act.form.channel, crate::time::to_micros(at));
    // What is finer than a microsecond is no reason to wait.
    to_instant(open).max(at)
}

/// The appointment that is set and not over, as an action: it stands on the agenda from the moment it is set.
pub(crate) fn appointment(state: &ProspectState, playbook: &Playbook) -> Option<Action> {
    let context = Context::new(state, playbook, playbook.off());
    what::appointment(&context).map(|act| act.to_action())
}

/// What stored plans were planned by: planner version, playbook hash, time-zone database.
pub fn planned_by(playbook: &Playbook) -> String {
    format!("{PLANNER_VERSION}/{}/{TZDB_VERSION}", playbook.hash())
}

impl Act<'_> {
    pub(crate) fn to_action(&self) -> Action {
        let latest = to_instant(self.when.latest);
        let rules = self.when.conflict();
        Action {
            kind: self.kind,
            obligation: self.obligation(),
            purpose: self.purpose,
            channel: self.form.channel,
            reason: self.form.reason,
            personal: self.form.personal,
            automatic: self.form.automatic,
            template: self.form.template.map(str::to_owned),
            window: self.when.window(),
            rank_at: to_instant(self.rank_at),
            conflict: rules.map(|rules| Conflict {
                rules,
                own_latest: to_instant(self.when.own_latest),
                latest,
            }),
        }
    }

    pub(crate) fn obligation(&self) -> String {
        match self.kind {
            ObligationKind::House => format!("house:{}:{}", self.when.own_rule, self.origin),
            kind => format!("{}:{}", kind.as_str(), self.origin),
        }
    }
}

impl Plan {
    /// The next action, if there is one.
    pub fn next(&self) -> Option<&Action> {
        match &self.decision {
            Decision::Act { next, .. } => Some(next),
            _ => None,
        }
    }

    /// The other actions that are owed.
    pub fn also(&self) -> &[Action] {
        match &self.decision {
            Decision::Act { also, .. } => also,
            _ => &[],
        }
    }

    /// The next action and the others.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.next().into_iter().chain(self.also())
    }

    /// Whether the prospect is being followed up.
    pub fn standing(&self) -> Standing {
        match &self.decision {
            Decision::Act { .. } => Standing::Active,
            Decision::Wait { .. } => Standing::Waiting,
            Decision::Rest { why } => Standing::Resting(*why),
        }
    }

    /// The rules that shaped it, in the order of the book.
    pub fn rules(&self) -> RuleSet {
        self.because.iter().map(|because| because.rule).collect()
    }
}
