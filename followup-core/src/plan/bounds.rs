//! The clamps, asked about an instant at which something was done.

use super::context::Context;
use super::{started, when};
use crate::channel::Channel;
use crate::policy::Policy;
use crate::rule::Rule;
use crate::state::ProspectState;
use crate::time::{Micros, Span};

/// The clamps of a state under a policy, for judging what was done.
///
/// ```
/// use followup_core::plan::Bounds;
/// use followup_core::time::to_micros;
/// use followup_core::{Event, Policy, ProspectState};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let ada = ProspectState::replay([Event::added(at)])?;
/// let policy = Policy::default();
/// let bounds = Bounds::new(&ada, &policy);
/// assert!(bounds.is_open(None, to_micros(at)), "a Friday afternoon");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Bounds<'a> {
    context: Context<'a>,
}

impl<'a> Bounds<'a> {
    /// The clamps of a state under a policy.
    pub fn new(state: &'a ProspectState, policy: &'a Policy) -> Bounds<'a> {
        Bounds { context: Context::new(state, policy, policy.off()) }
    }

    /// Whether it is open where they are: their wish or the working hours, and within calling hours if it rings (C16).
    pub fn is_open(&self, channel: Option<Channel>, at: Micros) -> bool {
        let rings =
            channel.is_some_and(|channel| self.context.settings.channel_kind(channel).keeps_calling_hours());
        self.context.calendar(true, rings).is_open(at)
    }

    /// When the minimum gap after our newest touch ends (C5).
    pub fn gap_ends(&self) -> Option<Micros> {
        when::gap_ends(&self.context, &self.context.open)
    }

    /// The instant a span after another, where they are: the same time on a later day, or exactly.
    pub fn after(&self, at: Micros, span: Span) -> Micros {
        self.context.working.after(at, span)
    }

    /// Whether personal touches since their last sign have reached the limit of their value band (S1).
    pub fn limit_reached(&self) -> bool {
        started::limit_reached(&self.context)
    }

    /// Whether channels are to be mixed (C9).
    pub fn mixes(&self) -> bool {
        self.context.on(Rule::C9)
    }
}
