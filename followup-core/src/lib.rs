//! A pure follow-up planner: who is next, when, by which channel, with what reason, and why.
//!
//! Record what happened to a prospect, and [`plan()`] says what is next. It takes no clock: the plan follows from the
//! recorded events, and changes that only the passing of time makes are a [`WakeUp`](plan::WakeUp) in the plan.
//!
//! # Examples
//! ```
//! use chrono::{DateTime, Utc};
//! use followup_core::{Channel, Event, Policy, ProspectState, plan};
//!
//! let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
//! let ada = ProspectState::replay([Event::asked_information(t, Channel::EMAIL)])?;
//! let plan = plan(&ada, &Policy::default());
//! assert_eq!(plan.to_string(), "inform by email from Fri 6 Mar 2026 14:00 UTC to Mon 9 Mar 2026 17:00 UTC");
//! assert!(plan.why().to_string().contains("what they ask for is answered fast (C4)"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - An [`Event`] is something that happened; [`ProspectState::apply`] folds events into a state and decides nothing.
//! - A [`Playbook`] says how a business follows up. It is data, it is checked, and every setting has a default. A
//!   [`Policy`] is a playbook together with the host's own rules in code.
//! - [`plan()`] decides; [`plan::what_if`] returns the plan after each possible answer.
//! - [`Store`] is the storage contract. Applications use a store through the crate `followup`.
//!
//! Each rule of follow-up is a [`Rule`]; a plan names the rules that shaped it.

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
