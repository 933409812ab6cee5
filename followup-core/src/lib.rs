//! Who is next, when, by which channel, with what reason, and why: a pure follow-up planner.
//!
//! Hand over what happened to a prospect; [`plan`] says what is next. It takes no clock: what is next follows from
//! what happened, and what only the passing of time changes is a [`WakeUp`] in the plan.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use followup_core::{Channel, Event, Playbook, ProspectState, plan};
//!
//! let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
//! let ada = ProspectState::replay([Event::asked_information(t).via(Channel::EMAIL)])?;
//! let plan = plan(&ada, &Playbook::default());
//! assert_eq!(plan.to_string(), "inform by email from Fri 6 Mar 2026 14:00 UTC to Mon 9 Mar 2026 17:00 UTC");
//! assert!(plan.why().to_string().contains("what they ask for is answered fast (C4)"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Event`] is what happened; [`ProspectState::apply`] folds events, and decides nothing.
//! - [`Playbook`] is how a house follows up: data, checked, with a default for everything.
//! - [`plan`] decides; [`outcomes`] says what each possible answer would lead to.
//! - [`Store`] is where it is kept, for those who implement one; [`Desk`] is the façade for those who use one.
//! - [`Desk::agenda`] answers who is next.
//!
//! Each rule of follow-up is a [`Rule`]; plans quote the rules that shaped them.

#![warn(clippy::print_stdout, clippy::print_stderr)]

mod agenda;
mod blocking;
mod capacity;
mod channel;
mod desk;
mod event;
mod house_rule;
mod money;
mod name;
mod plan;
mod playbook;
mod preview;
mod prospect;
mod purpose;
mod pursuit;
mod report;
mod rule;
mod simulate;
mod stage;
mod state;
mod store;
#[cfg(feature = "proptest")]
pub mod testing;
pub mod time;

pub use agenda::{Agenda, AgendaItem};
pub use blocking::BlockingDesk;
pub use channel::{Channel, ChannelKind};
pub use desk::{
    DayLoad, Delivery, Desk, DeskBuilder, DeskError, Dispatcher, HistoryEntry, ImportItem, Imported, Message,
    Moving, PlanChange, PlaybookDiff, Prepared, Published, Receipt, Rejected, TickLimits, TickOutcome,
    Ticked, View,
};
pub use event::{Event, EventError, EventKind, FieldError, Fields, KEY_MAX_BYTES, Request};
pub use house_rule::{HOUSE_RULES_MAX, HouseObligation, HouseRule, HouseRuleError, Way};
pub use money::{Money, MoneyError};
pub use name::{NAME_MAX_BYTES, NameError};
pub use plan::{
    Action, Answer, Because, Conflict, Decision, Lost, ObligationKind, PLANNER_VERSION, Plan, WaitFor,
    WakeKind, WakeUp, What, outcomes, plan, planned_by,
};
pub use playbook::*;
pub use preview::{Behaviour, Preview, PreviewStep, preview};
pub use prospect::{BookId, ID_MAX_BYTES, IdError, LABEL_MAX_BYTES, Profile, Prospect, ProspectId};
pub use purpose::{Purpose, Reason};
pub use report::{
    AuditFinding, AuditTotals, Backtest, BacktestLine, ByTouches, Compared, DayActions, FollowUp, FollowUps,
    GapReport, GapReportBy, InputsReport, LOAD_DAYS_MAX, Lateness, LoadReport, Month, PlaybookOutcome,
    Promptness, Quantiles, ResponseReport, SPREAD_DAYS, Scope, Spared, Split, Spread, Strays, Verdict,
    wilson,
};
pub use rule::{Rule, RuleSet, UnknownRule};
pub use simulate::{
    ChannelLoad, DayDifference, FittedResponses, Likelihood, Overflow, Response, ResponseModel,
    ResponseModelError, Responses, SCENARIO_DAYS_MAX, Scenario, SimulatedDay, Simulation,
    SimulationDifference, simulate_one,
};
pub use stage::*;
pub use state::{Breach, FOLD_VERSION, Finding, FoldError, LastContact, ProspectState, WAKE_UP_SEQ};
pub use store::*;
pub use time::{Span, Window, Zone};
