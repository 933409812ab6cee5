//! An obligation before the clamps.

use super::ObligationKind;
use super::need::Needs;
use super::when::Clamps;
use crate::channel::Channel;
use crate::playbook::{Season, Step};
use crate::purpose::Purpose;
use crate::rule::Rule;
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
    /// The rule of its dates.
    pub(super) rule: Rule,
    /// The channel of the request or the agreement.
    pub(super) channel: Option<Channel>,
    pub(super) step: Option<&'a Step>,
    pub(super) season: Option<&'a Season>,
    /// The template, if neither a step nor a season has one.
    pub(super) template: Option<&'a str>,
    pub(super) generic: bool,
    pub(super) automatic: bool,
    pub(super) needs: Needs,
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
