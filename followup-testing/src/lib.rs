//! Does my cadence keep its promise? Strategies and checks for property tests.
//!
//! A cadence is rules that a house makes for itself, and what they do to one person over a year is hard to see.
//! So say what it promises, and let chance look for somebody to whom it is broken:
//!
//! ```
//! use followup_core::{Playbook, Policy, Zone};
//! use followup_testing::{AnswerModel, Promise, arb_answers, arb_instant, play, proptest::prelude::*};
//!
//! let policy = Policy::from(Playbook::parse("[cadence.warm]\nfrom = \"P10D\"\nto = \"P20D\"\n")?);
//! let until = "2036-01-01T00:00:00Z".parse()?;
//! proptest!(ProptestConfig::with_cases(16), |(
//!     answers in arb_answers(),
//!     start in arb_instant(Zone::utc(), &policy),
//! )| {
//!     let played = play(&policy, &answers, start, until);
//!     Promise::Touches { at_most: 5, within_days: 30 }.check(played.history(), &policy)?;
//! });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What fails is made smaller and printed as a [`History`], one event a line, which can be pasted into a test:
//!
//! ```text
//! at most 3 touches without an answer in 10 days, but the last 4 fall into 7
//!   2026-03-02T09:00Z added
//!   2026-03-02T09:00Z information_sent channel=phone seq=1
//!   …
//! ```
//!
//! - Whole pursuits: [`play`] does what is next and lets an [`AnswerModel`] answer; [`arb_answers`] varies it.
//! - Histories: [`arb_history`] are those that a strict `record` accepts, [`arb_observed_history`] are any.
//! - Around them: [`arb_playbook`], [`arb_broken_playbook`], [`arb_prospect`], [`arb_event`], [`arb_zone`],
//!   [`arb_instant`].
//! - Futures: [`check_future`] runs a history forward under a response model, and checks each step of it.
//! - Checks: a [`Promise`]; [`assert_cadence!`](crate::assert_cadence) for one's own; [`invariants`], which hold
//!   of every plan, for a planner or a store that is not ours. Each says what is [`Broken`], with the history.
//!
//! # A property of one's own
//!
//! Any `Result<(), E: Error>` can be a property; [`Broken::of`] prints the history with it. [`check_plans`] asks
//! after every event.
//!
//! ```
//! use followup_core::{Playbook, Policy};
//! use followup_testing::{arb_history, check_plans, proptest::prelude::*};
//!
//! let policy = Policy::from(Playbook::parse("channels = [\"email\", \"post\"]")?);
//! proptest!(ProptestConfig::with_cases(16), |(history in arb_history())| {
//!     check_plans(&history, &policy, |plan| match plan.next() {
//!         Some(next) if next.automatic => Err("this house sends nothing by itself".to_owned()),
//!         _ => Ok(()),
//!     })?;
//! });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Repeating a failure
//!
//! `proptest!` keeps the seed of a failure in a file of `proptest-regressions`, to be committed, and
//! `PROPTEST_RNG_SEED` gives a whole run its seed. [`find`] takes a seed as an argument and prints it, and
//! depends on nothing else. The crate is there as [`proptest`], in the version that the strategies are of.

mod answers;
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
mod reading;
mod seen;
mod vocabulary;

pub use proptest;

pub use answers::{AnswerModel, Moment, Reaction, arb_answers};
pub use broken::Broken;
pub use broken_playbook::{BrokenPlaybook, arb_broken_playbook};
pub use find::{Found, find};
pub use future::{Simulator, check_future};
pub use histories::{arb_history, arb_observed_history};
pub use history::{History, HistoryError};
pub use instants::{arb_instant, arb_zone};
pub use people::arb_prospect;
pub use play::{Played, play};
pub use playbooks::{arb_playbook, settings_of};
pub use promise::{Promise, check_plans};
pub use vocabulary::{arb_event, arb_event_kind};
