//! Who is next, when, by which channel, with what reason, and why: a pure follow-up planner.
//!
//! Record what happened to a prospect, and [`plan()`] says what is next. It takes no clock: what is next follows from
//! what happened, and what only the passing of time changes is a [`WakeUp`](plan::WakeUp) in the plan.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use followup_core::{Channel, Event, Policy, ProspectState, plan};
//!
//! let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
//! let ada = ProspectState::replay([Event::asked_information(t).via(Channel::EMAIL)])?;
//! let plan = plan(&ada, &Policy::default());
//! assert_eq!(plan.to_string(), "inform by email from Fri 6 Mar 2026 14:00 UTC to Mon 9 Mar 2026 17:00 UTC");
//! assert!(plan.why().to_string().contains("what they ask for is answered fast (C4)"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - An [`Event`] is something that happened; [`ProspectState::apply`] folds events and decides nothing.
//! - A [`Playbook`] says how a business follows up: data, checked, with a default for everything. A [`Policy`] is a
//!   playbook with the host's own rules in code beside it.
//! - [`plan()`] decides; [`plan::what_if`] says what each possible answer would lead to.
//! - [`Store`] is the contract of storage. Applications use one through the crate `followup`.
//!
//! Each rule of follow-up is a [`Rule`]; plans quote the rules that shaped them.

#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod channel;
mod custom_rule;
pub mod event;
pub mod money;
pub mod name;
pub mod plan;
pub mod playbook;
pub mod policy;
pub mod prospect;
pub mod purpose;
pub mod pursuit;
pub mod rule;
pub mod stage;
pub mod state;
pub mod store;
pub mod time;

pub use async_trait::async_trait;

pub use channel::Channel;
pub use event::Event;
pub use money::Money;
pub use plan::{Plan, plan};
pub use playbook::Playbook;
pub use policy::Policy;
pub use prospect::{BookId, Prospect, ProspectId};
pub use purpose::{Purpose, Reason};
pub use rule::Rule;
pub use stage::{Outcome, Stage, Temperature};
pub use state::ProspectState;
pub use store::{Store, StoreError};
pub use time::{Span, Zone};
