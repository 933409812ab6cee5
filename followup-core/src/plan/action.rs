//! Actions: single things to do.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use super::ObligationKind;
use super::how::Form;
use super::obligation::ObligationId;
use super::when::When;
use crate::channel::Channel;
use crate::event::instant_text;
use crate::prospect::{IdError, ProspectId};
use crate::purpose::{Purpose, Reason};
use crate::rule::{Rule, RuleSet};
use crate::store::Revision;
use crate::time::{Micros, Window, to_instant};

/// An action: one thing to do.
///
/// Serializes to those fields of an agenda line (CLI.md) that come from the action alone.
///
/// # Examples
/// ```
/// use followup_core::plan::ObligationKind;
/// use followup_core::{Channel, Event, Policy, ProspectState, plan};
///
/// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let plan = plan(&ada, &Policy::default());
/// let next = plan.next().expect("the first contact is owed");
/// assert_eq!((next.kind, next.channel), (ObligationKind::Cadence, Some(Channel::PHONE)));
/// assert_eq!(next.window.latest.to_rfc3339(), "2026-03-09T17:00:00+00:00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Action {
    /// The kind of the obligation.
    pub kind: ObligationKind,
    /// The identity of the obligation, stable as long as the obligation exists.
    pub obligation: ObligationId,
    /// The purpose.
    pub purpose: Purpose,
    /// The channel; `None` if no channel may be used.
    pub channel: Option<Channel>,
    /// The reason that the touch gives.
    pub reason: Reason,
    /// Whether it is personal rather than generic.
    pub personal: bool,
    /// Whether it is sent without a person.
    pub automatic: bool,
    /// The name of the template.
    pub template: Option<String>,
    /// The window in which to do it.
    pub window: Window,
    /// The rank in the agenda: the latest instant minus the head start (E4).
    pub rank_at: DateTime<Utc>,
    /// The rules that could not all be kept, if any.
    pub conflict: Option<Conflict>,
}

/// A conflict of two or more rules; the safer ones won.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Conflict {
    /// The rule that gave way, and the rules that moved the window.
    pub rules: RuleSet,
    /// The latest instant by the rule that gave way.
    pub own_latest: DateTime<Utc>,
    /// The latest instant of the window.
    pub latest: DateTime<Utc>,
}

/// The fields of an action as JSON.
#[derive(Serialize)]
struct Fields<'a> {
    purpose: Purpose,
    channel: Option<Channel>,
    reason: Reason,
    personal: bool,
    automatic: bool,
    template: Option<&'a str>,
    earliest: DateTime<Utc>,
    target: DateTime<Utc>,
    latest: DateTime<Utc>,
    rank_at: DateTime<Utc>,
    obligation: &'a ObligationId,
    row: u8,
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Window { earliest, target, latest } = self.window;
        Fields {
            purpose: self.purpose,
            channel: self.channel,
            reason: self.reason,
            personal: self.personal,
            automatic: self.automatic,
            template: self.template.as_deref(),
            earliest,
            target,
            latest,
            rank_at: self.rank_at,
            obligation: &self.obligation,
            row: self.kind.row(),
        }
        .serialize(serializer)
    }
}

/// A conflict as JSON.
#[derive(Serialize)]
pub(super) struct ConflictFields {
    rules: RuleSet,
    detail: String,
}

impl Action {
    pub(super) fn conflict_fields(&self) -> Option<ConflictFields> {
        let Conflict { rules, own_latest, .. } = self.conflict.as_ref()?;
        let detail = format!(
            "{} should be done by {} and cannot be before {}",
            self.kind,
            instant_text(*own_latest),
            instant_text(self.window.earliest),
        );
        Some(ConflictFields { rules: rules.clone(), detail })
    }
}

/// An action, borrowed from the state and the policy.
///
/// # Examples
/// ```
/// use followup_core::plan::{decide, plan};
/// use followup_core::{Event, Policy, ProspectState};
///
/// let ada = ProspectState::replay([Event::added("2026-03-06T14:00:00Z".parse()?)])?;
/// let policy = Policy::default();
/// let decided = decide(&ada, &policy);
/// let act = decided.decision.actions().next().expect("the first contact is owed");
/// let action = act.to_action();
/// assert_eq!((act.window(), act.rank_at()), (action.window, action.rank_at));
/// assert_eq!(Some(&action), plan(&ada, &policy).next());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Act<'a> {
    /// The kind of the obligation.
    pub kind: ObligationKind,
    /// The key of the event that gave rise to the obligation.
    pub origin: &'a str,
    /// The purpose.
    pub purpose: Purpose,
    /// The channel, the reason, and whether it is personal or automatic.
    pub form: Form<'a>,
    pub(crate) when: When,
    pub(crate) rank_at: Micros,
}

impl Act<'_> {
    /// Returns the window in which to do it.
    pub fn window(&self) -> Window {
        self.when.window()
    }

    /// Returns the rank in the agenda: the latest instant minus the head start (E4).
    pub fn rank_at(&self) -> DateTime<Utc> {
        to_instant(self.rank_at)
    }

    /// Returns the identity of the obligation.
    pub fn obligation(&self) -> ObligationId {
        let custom = Some(self.when.own_rule).filter(|_| self.kind == ObligationKind::Custom);
        ObligationId::new(self.kind, custom, self.origin)
    }

    /// Returns the rule of the dates.
    pub fn rule(&self) -> Rule {
        self.when.own_rule
    }

    /// Returns the action with owned values.
    pub fn to_action(&self) -> Action {
        let window = self.when.window();
        Action {
            kind: self.kind,
            obligation: self.obligation(),
            purpose: self.purpose,
            channel: self.form.channel,
            reason: self.form.reason,
            personal: self.form.personal,
            automatic: self.form.automatic,
            template: self.form.template.map(str::to_owned),
            window,
            rank_at: to_instant(self.rank_at),
            conflict: self.when.conflict().map(|rules| Conflict {
                rules,
                own_latest: to_instant(self.when.own_latest),
                latest: window.latest,
            }),
        }
    }
}

/// The identity of one decision: a prospect and the revision of their journal. It is the fence of a send.
///
/// Prints as `prospect/revision`, such as `p-17/12`.
///
/// # Examples
/// ```
/// use followup_core::plan::ActionId;
///
/// let action: ActionId = "p-17/12".parse()?;
/// assert_eq!((action.prospect().as_str(), action.revision().0), ("p-17", 12));
/// # Ok::<(), followup_core::plan::ActionIdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ActionId {
    prospect: ProspectId,
    revision: Revision,
}

impl ActionId {
    /// Creates the identity of the decision on a prospect at a revision.
    pub fn new(prospect: ProspectId, revision: Revision) -> ActionId {
        ActionId { prospect, revision }
    }

    /// Returns the prospect.
    pub fn prospect(&self) -> &ProspectId {
        &self.prospect
    }

    /// Returns the revision of the journal at which the decision was made.
    pub fn revision(&self) -> Revision {
        self.revision
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.prospect, self.revision)
    }
}

/// The error for text that is not an action id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActionIdError {
    /// The revision is missing or not a number.
    #[error("invalid action id: expected a prospect id, a slash and a revision, e.g. p-17/12")]
    Revision,
    /// The prospect id is invalid.
    #[error(transparent)]
    Prospect(#[from] IdError),
}

impl FromStr for ActionId {
    type Err = ActionIdError;
    fn from_str(text: &str) -> Result<ActionId, ActionIdError> {
        let (prospect, revision) = text.rsplit_once('/').ok_or(ActionIdError::Revision)?;
        let revision = revision.parse().map_err(|_| ActionIdError::Revision)?;
        Ok(ActionId::new(ProspectId::new(prospect)?, Revision(revision)))
    }
}

impl Serialize for ActionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
