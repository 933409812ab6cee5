//! Rules of a house that no playbook can say.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::channel::Channel;
use crate::plan::ObligationKind;
use crate::purpose::Purpose;
use crate::state::ProspectState;

/// How many rules a house may add to a playbook.
pub const HOUSE_RULES_MAX: usize = 6;

/// A rule that data cannot say, and that a host adds to a playbook in code: a clamp, a veto, or an obligation.
///
/// It takes part in planning like the built-in rules: plans name it in *why* as `H1` to `H6`, in the order in which
/// the rules were added, with its title, if and only if the plan would be another without it. It is a pure function
/// of what it is handed: no clock, no chance, no I/O, or a plan is no longer the same tomorrow.
///
/// A rule can hold back and forbid; it cannot allow what the built-in rules forbid. Nothing goes out outside of decent
/// hours, under the minimum gap or after a stop, whatever a rule says.
///
/// ```
/// use chrono::{DateTime, NaiveDate, Utc};
/// use followup_core::{Event, HouseRule, ObligationKind, Playbook, ProspectState, plan};
///
/// /// Nobody is touched before the new price list is out.
/// #[derive(Debug)]
/// struct PriceList(DateTime<Utc>);
///
/// impl HouseRule for PriceList {
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
/// let playbook = Playbook::default().with_rule(PriceList("2026-05-04T00:00:00Z".parse()?))?;
/// let t = "2026-03-06T14:00:00Z".parse::<DateTime<Utc>>()?;
/// let plan = plan(&ProspectState::replay([Event::added(t)])?, &playbook);
/// assert_eq!(plan.next().unwrap().window.earliest.to_rfc3339(), "2026-05-04T09:00:00+00:00");
/// assert!(plan.why().to_string().contains("nobody is touched before the new price list is out (H1)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait HouseRule: Send + Sync + fmt::Debug {
    /// Its name, unique in the playbook. It goes into the playbook's hash: give it another one when it decides
    /// otherwise, and stored plans are made anew.
    fn name(&self) -> &str;

    /// What it says, in a few words.
    fn title(&self) -> &str;

    /// A clamp: something of this kind is not done before an instant. Beyond the year 2199 it is as if it were never.
    fn not_before(&self, state: &ProspectState, kind: ObligationKind) -> Option<DateTime<Utc>> {
        let _ = (state, kind);
        None
    }

    /// A veto: something may not be done in this way. Forbid it on a channel and another one is taken, or none, and a
    /// person finds a way; forbid it only where it is automatic and a person does it.
    fn forbids(&self, state: &ProspectState, way: &Way) -> bool {
        let _ = (state, way);
        false
    }

    /// An obligation: something that is owed beside what the built-in rules find. It has to end with a touch, or with
    /// whatever else it asks for, or it is owed for ever (within the minimum gap and the ceiling).
    fn obligation(&self, state: &ProspectState) -> Option<HouseObligation> {
        let _ = state;
        None
    }
}

/// How something would be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Way {
    /// What sort of obligation it is.
    pub kind: ObligationKind,
    /// What it is for.
    pub purpose: Purpose,
    /// By which channel.
    pub channel: Channel,
    /// Without a person.
    pub automatic: bool,
}

impl Way {
    /// A way of doing something.
    pub fn new(kind: ObligationKind, purpose: Purpose, channel: Channel, automatic: bool) -> Way {
        Way { kind, purpose, channel, automatic }
    }
}

/// Something that a rule of the house finds is owed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct HouseObligation {
    /// What it is for.
    pub purpose: Purpose,
    /// When it opens, before the clamps.
    pub earliest: DateTime<Utc>,
    /// When it is late, before the clamps; not before `earliest`.
    pub latest: DateTime<Utc>,
    /// On which channel; their wish or the mix decides if left out.
    pub channel: Option<Channel>,
}

impl HouseObligation {
    /// Something that is owed from one instant to another.
    pub fn new(purpose: Purpose, earliest: DateTime<Utc>, latest: DateTime<Utc>) -> HouseObligation {
        HouseObligation { purpose, earliest, latest: latest.max(earliest), channel: None }
    }

    /// On a certain channel.
    #[must_use]
    pub fn via(mut self, channel: Channel) -> HouseObligation {
        self.channel = Some(channel);
        self
    }
}

/// A rule that cannot be added to a playbook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HouseRuleError {
    /// There are too many.
    #[error("a playbook takes at most {HOUSE_RULES_MAX} rules of the house; make one of several")]
    TooMany,
    /// Two have one name.
    #[error("there is a rule \"{0}\" already; give each a name of its own")]
    SameName(String),
}
