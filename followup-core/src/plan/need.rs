//! Facts that a person should find out, and decisions that a person should make.

use std::fmt;

use serde::{Serialize, Serializer};

use super::context::Context;
use crate::rule::Rule;
use crate::stage::Kind;

/// A fact that a person should find out, or a decision that a person should make.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Need {
    /// Their needs (W6).
    Needs,
    /// How they decide (W6).
    DecidesHow,
    /// When they decide (W6).
    DecidesOn,
    /// Whether to go on (S1).
    DecideToGoOn,
    /// Ask the owner about inputs that are long past their deadline (C17).
    AskOwner,
}

impl Need {
    /// All needs, in order.
    pub const ALL: &'static [Need] =
        &[Need::Needs, Need::DecidesHow, Need::DecidesOn, Need::DecideToGoOn, Need::AskOwner];

    /// Returns the text in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Need::Needs => "needs",
            Need::DecidesHow => "decides_how",
            Need::DecidesOn => "decides_on",
            Need::DecideToGoOn => "decide whether to go on",
            Need::AskOwner => "ask the owner",
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Need {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A set of needs.
///
/// # Examples
/// ```
/// use followup_core::plan::Need;
/// use followup_core::{Event, Policy, ProspectState, plan};
///
/// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let needs = plan(&ada, &Policy::default()).needs;
/// assert!(needs.contains(Need::DecidesOn));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Needs(u8);

impl Needs {
    pub(super) fn of(need: Need) -> Needs {
        Needs(1 << need as u8)
    }

    pub(super) fn and(self, other: Needs) -> Needs {
        Needs(self.0 | other.0)
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a need is in the set.
    pub fn contains(self, need: Need) -> bool {
        self.0 >> need as u8 & 1 == 1
    }

    /// Returns the needs, in order.
    pub fn iter(self) -> impl Iterator<Item = Need> {
        Need::ALL.iter().copied().filter(move |need| self.contains(*need))
    }

    /// Returns the facts that discovery has not found out yet (W6).
    pub(super) fn discovery(context: &Context<'_>) -> Needs {
        let state = context.state;
        if !context.on(Rule::W6) || state.kind == Kind::Stakeholder || state.decided.is_some() {
            return Needs::default();
        }
        let known = &state.qualification;
        let missing = [
            (!known.needs).then_some(Need::Needs),
            (!known.decides_how).then_some(Need::DecidesHow),
            known.decides_on.is_none().then_some(Need::DecidesOn),
        ];
        missing.into_iter().flatten().map(Needs::of).fold(Needs::default(), Needs::and)
    }
}

impl Serialize for Needs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
