//! Rules of a host that a playbook cannot express.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::channel::Channel;
use crate::plan::ObligationKind;
use crate::purpose::Purpose;
use crate::state::ProspectState;

/// A rule that data cannot express, added to a policy in code: a clamp, a veto, or an obligation.
///
/// A custom rule takes part in planning like the built-in rules. If and only if the plan would differ without it, *why*
/// names it with its title, as `X1`, `X2` and so on, numbered in the order in which the rules were added. It must be a
/// pure function of its arguments (no clock, random numbers or I/O): otherwise the same state can give different plans.
///
/// A custom rule can delay and forbid; it cannot permit what the built-in rules forbid. Nothing is sent outside decent
/// hours, within the minimum gap or after a stop, whatever a custom rule says.
///
/// # Examples
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::plan::ObligationKind;
/// use followup_core::policy::CustomRule;
/// use followup_core::{Event, Policy, ProspectState, plan};
///
/// /// No touches before the new price list is published.
/// #[derive(Debug)]
/// struct PriceList(DateTime<Utc>);
///
/// impl CustomRule for PriceList {
///     fn name(&self) -> &str {
///         "price_list_2026"
///     }
///     fn title(&self) -> &str {
///         "no touches before the new price list is published"
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
/// assert!(plan.why().to_string().contains("no touches before the new price list is published (X1)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait CustomRule: Send + Sync + fmt::Debug {
    /// Returns the name of the rule, unique in its policy. It is part of the policy's hash: change it when the rule
    /// decides differently, so that stored plans are replanned.
    fn name(&self) -> &str;

    /// Returns a short statement of the rule, for explanations.
    fn title(&self) -> &str;

    /// A clamp: returns the earliest instant at which an obligation of this kind may be done. Instants after 2199 count
    /// as the end of 2199.
    fn not_before(&self, state: &ProspectState, kind: ObligationKind) -> Option<DateTime<Utc>> {
        let _ = (state, kind);
        None
    }

    /// A veto: whether something must not be done in this way. If a channel is forbidden, the plan takes another one;
    /// if every channel is forbidden, it takes none and leaves the choice to a person. If only the automatic way is
    /// forbidden, a person does it.
    fn forbids(&self, state: &ProspectState, way: &Way) -> bool {
        let _ = (state, way);
        false
    }

    /// Returns an obligation that is owed in addition to those of the built-in rules. A touch or another event must end
    /// it; otherwise it stays owed forever (within the minimum gap and the ceiling).
    fn obligation(&self, state: &ProspectState) -> Option<CustomObligation> {
        let _ = state;
        None
    }
}

/// A way of doing something.
///
/// # Examples
/// ```
/// use followup_core::plan::ObligationKind;
/// use followup_core::policy::{CustomRule, Way};
/// use followup_core::{Channel, Event, Policy, ProspectState, Purpose, plan};
///
/// /// The firm makes no calls.
/// #[derive(Debug)]
/// struct NoCalls;
///
/// impl CustomRule for NoCalls {
///     fn name(&self) -> &str {
///         "no_calls"
///     }
///     fn title(&self) -> &str {
///         "we make no calls"
///     }
///     fn forbids(&self, _: &ProspectState, way: &Way) -> bool {
///         way.channel == Channel::PHONE
///     }
/// }
///
/// let added = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let call = Way::new(ObligationKind::Cadence, Purpose::INFORM, Channel::PHONE, false);
/// assert!(NoCalls.forbids(&added, &call));
/// let policy = Policy::default().with_rule(NoCalls)?;
/// let (usual, without_calls) = (plan(&added, &Policy::default()), plan(&added, &policy));
/// assert_eq!(usual.next().and_then(|next| next.channel), Some(Channel::PHONE));
/// assert_ne!(without_calls.next().and_then(|next| next.channel), Some(Channel::PHONE));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// Creates a way of doing something.
    pub fn new(kind: ObligationKind, purpose: Purpose, channel: Channel, automatic: bool) -> Way {
        Way { kind, purpose, channel, automatic }
    }
}

/// An obligation that a custom rule adds.
///
/// # Examples
/// ```
/// use followup_core::policy::CustomObligation;
/// use followup_core::{Channel, Purpose};
///
/// let (earliest, latest) = ("2026-03-09T09:00:00Z".parse()?, "2026-03-11T17:00:00Z".parse()?);
/// let call = CustomObligation::new(Purpose::CHECK_IN, earliest, latest).via(Channel::PHONE);
/// assert_eq!(call.channel, Some(Channel::PHONE));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct CustomObligation {
    /// The purpose.
    pub purpose: Purpose,
    /// The earliest instant, before the clamps.
    pub earliest: DateTime<Utc>,
    /// The latest instant, before the clamps; not before `earliest`.
    pub latest: DateTime<Utc>,
    /// The channel; if `None`, their preference or the channel mix decides.
    pub channel: Option<Channel>,
}

impl CustomObligation {
    /// Creates an obligation that is owed from `earliest` to `latest`, by any channel. A `latest` before `earliest`
    /// counts as `earliest`.
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

/// The error for a custom rule whose name is already in use.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_core::policy::{CustomRule, DuplicateRule};
///
/// #[derive(Debug)]
/// struct Nothing;
///
/// impl CustomRule for Nothing {
///     fn name(&self) -> &str {
///         "nothing"
///     }
///     fn title(&self) -> &str {
///         "a rule without effect"
///     }
/// }
///
/// let twice: Result<Policy, DuplicateRule> = Policy::default().with_rule(Nothing)?.with_rule(Nothing);
/// let expected = "the policy already has a custom rule \"nothing\"; give each rule a unique name";
/// assert_eq!(twice.unwrap_err().to_string(), expected);
/// # Ok::<(), DuplicateRule>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the policy already has a custom rule \"{name}\"; give each rule a unique name")]
pub struct DuplicateRule {
    pub(crate) name: String,
}
