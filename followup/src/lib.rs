//! Follow-up scheduling: who is next, when, by which channel, for what reason, and why.
//!
//! Record what happened to each prospect. followup plans the next action until the prospect buys, declines or says
//! stop.
//!
//! ```
//! use followup::memory::MemoryStore;
//! use followup::{Channel, Desk, Event, Playbook, Prospect};
//!
//! # followup::block_on(async {
//! let t = "2026-03-06T14:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
//! let desk = Desk::new(MemoryStore::new(), Playbook::default());
//! desk.add(Prospect::new("p-17")?.name("Ada").email("ada@example.org")?.zone("Europe/Berlin")?, t).await?;
//! let receipt = desk.record("p-17", Event::replied(t, Channel::EMAIL).with_key("crm-8841")).await?;
//! assert_eq!(receipt.plan.to_string(), "check in by email from Fri 6 Mar 2026 14:00 UTC to Mon 9 Mar 2026 16:00 UTC");
//! for item in desk.agenda(t).within_days(7).limit(20).await? {
//!     println!("{item}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! - [`Desk`] records events, and returns the [agenda](Desk::agenda) or the [plan](Desk::plan) of one prospect.
//! - [`send`] sends due automatic messages, at most once.
//! - A [`Playbook`] describes how a business follows up, as data; a [`Policy`] adds [custom
//!   rules](policy::CustomRule) in code.
//! - Stores: [`memory`] and [`sqlite`] (each a feature), or your own implementation of [`Store`].
//!
//! Programs that keep their data elsewhere can use the planner alone: the crate [`followup_core`]. The crate
//! `followup-insight` has reports, backtests and simulations, and `followup-testing` strategies for property tests.

#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod agenda;
mod book;
mod capacity;
pub mod desk;
mod error;
pub mod import;
mod line;
mod profile;
pub mod publish;
pub mod read;
pub mod send;

pub use followup_core::{
    channel, event, money, plan, playbook, policy, prospect, purpose, rule, stage, state, store, time,
};
#[cfg(feature = "memory")]
pub use followup_store_memory as memory;
#[cfg(feature = "sqlite")]
pub use followup_store_sqlite as sqlite;

pub use desk::Desk;
pub use error::DeskError;
pub use followup_core::{
    BookId, Channel, Event, Money, Outcome, Plan, Playbook, Policy, Prospect, ProspectId, ProspectState,
    Purpose, Reason, Rule, Span, Stage, Store, StoreError, Temperature, Zone, async_trait,
};
/// Runs a future to completion on the current thread, for hosts without an async runtime.
///
/// # Examples
/// ```
/// use followup::memory::MemoryStore;
/// use followup::{Desk, Playbook, Prospect, block_on};
///
/// let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// block_on(desk.add(Prospect::new("p-17")?, "2026-03-06T14:00:00Z".parse()?))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub use pollster::block_on;
