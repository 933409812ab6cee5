//! Who is next, when, by which channel, with what reason, and why.

mod channel;
mod event;
mod money;
mod name;
mod plan;
mod playbook;
mod purpose;
mod rule;
mod stage;
mod state;
pub mod time;

pub use channel::{Channel, ChannelKind};
pub use event::{Event, EventError, EventKind, FieldError, Fields, KEY_MAX_BYTES, Request};
pub use money::{Money, MoneyError};
pub use name::{NAME_MAX_BYTES, NameError};
pub use plan::{
    Action, Answer, Because, Conflict, Decision, Lost, ObligationKind, PLANNER_VERSION, Plan, WaitFor, WakeKind, WakeUp,
    What, outcomes, plan, planned_by,
};
pub use playbook::*;
pub use purpose::{Purpose, Reason};
pub use rule::{Rule, RuleSet, UnknownRule};
pub use stage::*;
pub use state::{Breach, FOLD_VERSION, Finding, FoldError, LastContact, ProspectState, WAKE_UP_SEQ};
pub use time::{Span, Window, Zone};
