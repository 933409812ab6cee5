//! Property tests for follow-up cadences: strategies, promises and invariants.
//!
//! A cadence is a set of rules, and their effect on one person over a year is hard to see. So state what the cadence
//! promises, and let random cases look for a person for whom the promise is broken:
//!
//! ```
//! use followup_core::{Playbook, Policy};
//! use followup_testing::{Promise, Pursuits};
//!
//! let policy = Policy::from(Playbook::parse("[cadence.warm]\nfrom = \"P10D\"\nto = \"P20D\"\n")?);
//! let kept = Pursuits::under(&policy).count(100).check(Promise::Touches { at_most: 5, within_days: 30 })?;
//! println!("{kept}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The result names the rules and steps that no pursuit reached, and a promise that no pursuit could break is an error.
//!
//! A failed case is shrunk and printed as a [`History`], one event per line, which can be pasted into a test:
//!
//! ```text
//! at most 3 unanswered touches in 10 days, but the last 4 are within 7 days
//!   2026-03-02T09:00Z added
//!   2026-03-02T09:00Z information_sent channel=phone seq=1
//!   …
//! ```
//!
//! - Whole pursuits: [`Pursuits`] checks a promise in many; [`play`] plays one: it does the next actions and lets an
//!   [`AnswerModel`] answer. [`arb_beginning`] and [`arb_answers`] vary where it begins and how they answer.
//! - Histories: [`arb_history`] gives those that a strict `record` accepts, [`arb_observed_history`] any, and
//!   [`arb_observed_history_of`] those of certain events.
//! - Inputs: [`arb_playbook`], [`arb_broken_playbook`], [`arb_prospect`], [`arb_event`], [`arb_zone`],
//!   [`arb_instant`].
//! - Futures: [`check_future`] runs a history forward under a response model, and checks each step.
//! - Checks: a [`Promise`]; [`assert_cadence!`](crate::assert_cadence) for your own statements; [`invariants`], which
//!   hold for every plan, for a planner or a store of your own. Each reports what is [`Broken`], with the history.
//!
//! # Your own properties
//!
//! Any `Result<(), E: Error>` can be a property; [`Broken::of`] prints the history with it. [`check_plans`] checks the
//! plan after every event.
//!
//! ```
//! use followup_core::{Playbook, Policy};
//! use followup_testing::{arb_history, check_plans, proptest::prelude::*};
//!
//! let policy = Policy::from(Playbook::parse("channels = [\"email\", \"post\"]")?);
//! proptest!(ProptestConfig::with_cases(16), |(history in arb_history())| {
//!     check_plans(&history, &policy, |plan| match plan.next() {
//!         Some(next) if next.automatic => Err("an automatic action is planned".to_owned()),
//!         _ => Ok(()),
//!     })?;
//! });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Repeating a failure
//!
//! `proptest!` writes the seed of a failure to a file in `proptest-regressions`, which should be committed, and
//! `PROPTEST_RNG_SEED` sets the seed of a whole run. [`find`] takes a seed as an argument and prints it, and depends
//! on nothing else. The crate `proptest` is re-exported as [`proptest`], in the version of the strategies.

mod answers;
mod arbitrary;
mod beginnings;
mod broken;
mod broken_playbook;
mod find;
mod future;
mod histories;
mod history;
mod instants;
pub mod invariants;
pub mod model;
mod people;
mod play;
mod playbooks;
mod promise;
mod pursuits;
mod reading;
mod seen;
mod vocabulary;

pub use proptest;

pub use answers::{AnswerModel, Moment, Reaction, arb_answers};
pub use beginnings::arb_beginning;
pub use broken::Broken;
pub use broken_playbook::{BrokenPlaybook, arb_broken_playbook};
pub use find::{Found, find};
pub use future::{Simulator, check_future};
pub use histories::{arb_history, arb_observed_history, arb_observed_history_of};
pub use history::{History, HistoryError};
pub use instants::{arb_instant, arb_zone};
pub use people::arb_prospect;
pub use play::{Played, play};
pub use playbooks::{arb_playbook, settings_of};
pub use promise::{Promise, check_plans};
pub use pursuits::{Kept, PromiseError, Pursuits, StepPlace};
pub use vocabulary::{arb_event, arb_event_kind};
