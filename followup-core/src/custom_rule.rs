//! Rules of a host that a playbook cannot express.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::channel::Channel;
use crate::plan::ObligationKind;
use crate::purpose::Purpose;
use crate::state::ProspectState;

/// A rule that data cannot express, added to a policy in code: a clamp, a veto, or an obligation.
///
/// A custom rule takes part in planning like the built-in rules. Plans name it in *why* as `X1`, `X2` and so on, in the
/// order in which the rules were added, with its title, if and only if the plan would differ without it. It must be a
/// pure function of its arguments (no clock, random numbers or I/O), or the same state no longer gives the same plan.
///
/// A custom rule can hold back and forbid; it cannot permit what the built-in rules forbid. Nothing goes out outside
/// decent hours, within the minimum gap or after a stop, whatever a custom rule says.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::plan::ObligationKind;
/// use followup_core::policy::CustomRule;
/// use followup_core::{Event, Policy, ProspectState, plan};
///
/// /// Nobody is touched before the new price list is out.
/// #[derive(Debug)]
/// struct PriceList(DateTime<Utc>);
///
/// impl CustomRule for PriceList {
///     fn name(&self) -> &str {
///         "price_list_2026"
///     }
///     fn title(&self) -> &str {
///         "nobody is touched before the new price list is out"
///     }
///     fn not_before(&self, _: &ProspectState, kind: ObligationKind) -> Option<DateTime<Utc>> {
///         kind.is_started_by_us().then_some(self.0)
///     }
/// }
///
/// let policy = Policy::default().with_rule(PriceList("2026-05-04T00:00:00Z".parse()?))?;
/// let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
/// let plan = plan(&ProspectState::replay([Event::added(t)])?, &policy);
/// assert_eq!(plan.next().unwrap().window.earliest.to_rfc3339(), "2026-05-04T09:00:00+00:00");
/// assert!(plan.why().to_string().contains("nobody is touched before the new price list is out (X1)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait CustomRule: Send + Sync + fmt::Debug {
    /// The name of the rule, unique in its policy. It is part of the policy's hash: change it when the rule decides
    /// differently, and stored plans are made again.
    fn name(&self) -> &str;

    /// What the rule says, in a few words.
    fn title(&self) -> &str;

    /// A clamp: the earliest instant at which an obligation of this kind may be done. Instants after 2199 count as the
    /// end of 2199.
    fn not_before(&self, state: &ProspectState, kind: ObligationKind) -> Option<DateTime<Utc>> {
        let _ = (state, kind);
        None
    }

    /// A veto: whether something must not be done in this way. If a channel is forbidden, the plan takes another one, or
    /// none, and leaves the choice to a person; if only the automatic way is forbidden, a person does it.
    fn forbids(&self, state: &ProspectState, way: &Way) -> bool {
        let _ = (state, way);
        false
    }

    /// An obligation that is owed beside those of the built-in rules. It must end with a touch or another event, or it
    /// stays owed for ever (within the minimum gap and the ceiling).
    fn obligation(&self, state: &ProspectState) -> Option<CustomObligation> {
        let _ = state;
        None
    }
}

/// How something would be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Way {
    /// The kind of the obligation.
    pub kind: ObligationKind,
    /// The purpose.
    pub purpose: Purpose,
    /// The channel.
    pub channel: Channel,
    /// Whether it is sent without a person.
    pub automatic: bool,
}

impl Way {
    /// Describes a way of doing something.
    pub fn new(kind: ObligationKind, purpose: Purpose, channel: Channel, automatic: bool) -> Way {
        Way { kind, purpose, channel, automatic }
    }
}

/// An obligation that a custom rule finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct CustomObligation {
    /// The purpose.
    pub purpose: Purpose,
    /// The earliest instant, before the clamps.
    pub earliest: DateTime<Utc>,
    /// The latest instant, before the clamps; not before `earliest`.
    pub latest: DateTime<Utc>,
    /// The channel; their wish or the mix decides if `None`.
    pub channel: Option<Channel>,
}

impl CustomObligation {
    /// An obligation that is owed from `earliest` to `latest`, by any channel.
    pub fn new(purpose: Purpose, earliest: DateTime<Utc>, latest: DateTime<Utc>) -> CustomObligation {
        CustomObligation { purpose, earliest, latest: latest.max(earliest), channel: None }
    }

    /// Sets the channel.
    #[must_use]
    pub fn via(mut self, channel: Channel) -> CustomObligation {
        self.channel = Some(channel);
        self
    }
}

/// The error for a custom rule whose name is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy already has a custom rule \"{name}\"; give each rule a name of its own")]
pub struct DuplicateRule {
    pub(crate) name: String,
}
