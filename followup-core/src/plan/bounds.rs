//! What the clamps say of an instant at which something was done.

use super::context::Context;
use super::{started, when};
use crate::channel::Channel;
use crate::playbook::Playbook;
use crate::rule::Rule;
use crate::state::ProspectState;
use crate::time::{Micros, Span};

/// The clamps of a state under a playbook, for those who look back.
pub(crate) struct Bounds<'a> {
    context: Context<'a>,
}

impl<'a> Bounds<'a> {
    pub(crate) fn new(state: &'a ProspectState, playbook: &'a Playbook) -> Bounds<'a> {
        Bounds { context: Context::new(state, playbook, playbook.off()) }
    }

    /// Whether it is open where they are: their wish or the working hours, and within calling hours if it rings (C16).
    pub(crate) fn is_open(&self, channel: Option<Channel>, at: Micros) -> bool {
        let rings =
            channel.is_some_and(|channel| self.context.settings.channel_kind(channel).keeps_calling_hours());
        self.context.calendar(true, rings).is_open(at)
    }

    /// When the minimum gap after our newest touch ends (C5).
    pub(crate) fn gap_ends(&self) -> Option<Micros> {
        when::gap_ends(&self.context, &self.context.open)
    }

    /// The instant that lies a span after another where they are: the same time on a later day, or exactly.
    pub(crate) fn after(&self, at: Micros, span: Span) -> Micros {
        self.context.working.after(at, span)
    }

    /// Whether personal touches since their last sign have reached the limit of their value band (S1).
    pub(crate) fn limit_reached(&self) -> bool {
        started::limit_reached(&self.context)
    }

    /// Whether channels are to be mixed (C9).
    pub(crate) fn mixes(&self) -> bool {
        self.context.on(Rule::C9)
    }
}
