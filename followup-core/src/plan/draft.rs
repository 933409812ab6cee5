//! An obligation before the clamps, and what goes with it.

use super::ObligationKind;
use super::context::Context;
use super::when::Clamps;
use crate::channel::Channel;
use crate::playbook::{Season, Step};
use crate::purpose::Purpose;
use crate::rule::Rule;
use crate::stage::Kind;
use crate::time::Micros;

/// An obligation before the clamps.
pub(super) struct Draft<'a> {
    pub(super) kind: ObligationKind,
    /// The key of the event that gave rise to it.
    pub(super) origin: &'a str,
    pub(super) purpose: Purpose,
    pub(super) earliest: Micros,
    pub(super) latest: Micros,
    pub(super) clamps: Clamps,
    /// The rule that its dates come from.
    pub(super) rule: Rule,
    /// The channel that comes with it: the request's, the agreement's.
    pub(super) channel: Option<Channel>,
    pub(super) step: Option<&'a Step>,
    pub(super) season: Option<&'a Season>,
    /// The template that comes with it, where no step and no season brings one.
    pub(super) template: Option<&'a str>,
    pub(super) generic: bool,
    pub(super) automatic: bool,
    pub(super) needs: Needs,
}

/// What somebody should find out or decide.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Needs(u8);

impl Needs {
    const NAMES: [&'static str; 5] =
        ["needs", "decides_how", "decides_on", "decide whether to go on", "ask the owner"];
    pub(super) const GO_ON: Needs = Needs(1 << 3);
    pub(super) const ASK_OWNER: Needs = Needs(1 << 4);

    pub(super) fn and(self, other: Needs) -> Needs {
        Needs(self.0 | other.0)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = &'static str> {
        Needs::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 >> bit & 1 == 1)
            .map(|(_, name)| name)
    }

    /// What discovery has not found out yet (W6).
    pub(super) fn discovery(context: &Context<'_>) -> Needs {
        let state = context.state;
        if !context.on(Rule::W6) || state.kind == Kind::Stakeholder || state.decided.is_some() {
            return Needs::default();
        }
        let known = &state.qualification;
        let missing = [!known.needs, !known.decides_how, known.decides_on.is_none()];
        Needs(missing.iter().enumerate().map(|(bit, missing)| u8::from(*missing) << bit).sum())
    }
}

pub(super) fn draft<'a>(
    kind: ObligationKind,
    origin: &'a str,
    purpose: Purpose,
    from: Micros,
    to: Micros,
) -> Draft<'a> {
    Draft {
        kind,
        origin,
        purpose,
        earliest: from,
        latest: to,
        clamps: Clamps::of(kind),
        rule: kind.rule(),
        channel: None,
        step: None,
        season: None,
        template: None,
        generic: false,
        automatic: false,
        needs: Needs::default(),
    }
}
