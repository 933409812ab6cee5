//! The clamps, for an instant at which something was done.

use super::context::Context;
use super::{started, when};
use crate::channel::Channel;
use crate::policy::Policy;
use crate::rule::Rule;
use crate::state::ProspectState;
use crate::time::{Micros, Span};

/// The clamps of a state under a policy, to judge what was done.
///
/// # Examples
/// ```
/// use followup_core::plan::Bounds;
/// use followup_core::time::{to_instant, to_micros};
/// use followup_core::{Channel, Event, Policy, ProspectState};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let ada = ProspectState::replay([Event::added(at)])?;
/// let policy = Policy::default();
/// let bounds = Bounds::new(&ada, &policy);
/// assert!(bounds.is_open(None, to_micros(at)), "a Friday afternoon");
/// assert!(bounds.mixes() && !bounds.limit_reached());
///
/// let called = ProspectState::replay([Event::touched(at, Channel::PHONE)])?;
/// let ends = Bounds::new(&called, &policy).gap_ends().expect("there was a touch");
/// // Two days later is a Sunday, which has no opening: the gap ends at its midnight.
/// assert_eq!(to_instant(ends).to_rfc3339(), "2026-03-08T00:00:00+00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Bounds<'a> {
    context: Context<'a>,
}

impl<'a> Bounds<'a> {
    /// Creates the clamps of a state under a policy.
    pub fn new(state: &'a ProspectState, policy: &'a Policy) -> Bounds<'a> {
        Bounds { context: Context::new(state, policy, policy.off()) }
    }

    /// Whether an instant is open where they are: within their preferred or the working hours, and for calls and texts
    /// also within calling hours (C16).
    pub fn is_open(&self, channel: Option<Channel>, at: Micros) -> bool {
        let rings =
            channel.is_some_and(|channel| self.context.settings.channel_kind(channel).keeps_calling_hours());
        self.context.calendar(true, rings).is_open(at)
    }

    /// Returns the end of the minimum gap after our newest touch (C5).
    pub fn gap_ends(&self) -> Option<Micros> {
        when::gap_ends(&self.context, &self.context.open)
    }

    /// Returns the instant that is a span after another, where they are: the same clock time on a later day, or exact
    /// time later.
    pub fn after(&self, at: Micros, span: Span) -> Micros {
        self.context.working.after(at, span)
    }

    /// Whether the number of personal touches since their last sign has reached the limit of their value band (S1).
    pub fn limit_reached(&self) -> bool {
        started::limit_reached(&self.context)
    }

    /// Whether channels take turns (C9).
    pub fn mixes(&self) -> bool {
        self.context.on(Rule::C9)
    }
}
