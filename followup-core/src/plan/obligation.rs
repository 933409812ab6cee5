//! Obligations and their identity.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::rule::Rule;
use crate::stage::text_enum;

text_enum! {
    /// The kind of an obligation: its row of the planning table.
    #[non_exhaustive]
    ObligationKind, "obligation kind" {
        /// Finding out whether a send went out (row 1).
        Resolve = "resolve",
        /// A step that was agreed (row 3).
        AgreedStep = "agreed_step",
        /// The answer to a request (row 4).
        Answer = "answer",
        /// The immediate acknowledgement of an inquiry (before row 4).
        Acknowledge = "acknowledge",
        /// The appointment itself (row 5).
        Hold = "hold",
        /// The appointment's confirmation (row 6).
        Confirm = "confirm",
        /// A new date for a missed appointment (row 7).
        Rebook = "rebook",
        /// The proposal after a meeting (row 8).
        Propose = "propose",
        /// Inputs that are outstanding (row 9).
        Chase = "chase",
        /// The last message (row 10).
        LastMessage = "last_message",
        /// The discussion of a proposal (row 11).
        Discuss = "discuss",
        /// A step of the playbook (row 12).
        Step = "step",
        /// A touch of the cadence (row 13).
        Cadence = "cadence",
        /// Returning to someone who said "later" (row 14).
        Return = "return",
        /// Keeping in touch (row 15).
        KeepInTouch = "keep_in_touch",
        /// An obligation that a custom rule adds (with row 9).
        Custom = "custom",
    }
}

impl ObligationKind {
    /// Returns the row of the planning table.
    ///
    /// # Examples
    /// ```
    /// use followup_core::plan::ObligationKind;
    ///
    /// assert_eq!(ObligationKind::Cadence.row(), 13);
    /// ```
    pub fn row(self) -> u8 {
        match self {
            ObligationKind::Resolve => 1,
            ObligationKind::AgreedStep => 3,
            ObligationKind::Answer | ObligationKind::Acknowledge => 4,
            ObligationKind::Hold => 5,
            ObligationKind::Confirm => 6,
            ObligationKind::Rebook => 7,
            ObligationKind::Propose => 8,
            ObligationKind::Chase | ObligationKind::Custom => 9,
            ObligationKind::LastMessage => 10,
            ObligationKind::Discuss => 11,
            ObligationKind::Step => 12,
            ObligationKind::Cadence => 13,
            ObligationKind::Return => 14,
            ObligationKind::KeepInTouch => 15,
        }
    }

    /// Whether we start it, so that absences and snoozes delay it (C14).
    ///
    /// # Examples
    /// ```
    /// use followup_core::plan::ObligationKind;
    ///
    /// assert!(ObligationKind::Cadence.is_started_by_us());
    /// assert!(!ObligationKind::Answer.is_started_by_us());
    /// ```
    pub fn is_started_by_us(self) -> bool {
        self.row() >= 9
    }

    /// Returns the rule of its dates. The last message and the cadence have several; this is the first.
    pub(super) fn rule(self) -> Rule {
        match self {
            ObligationKind::Resolve => Rule::T1,
            ObligationKind::AgreedStep => Rule::P10,
            ObligationKind::Answer | ObligationKind::Acknowledge => Rule::C4,
            ObligationKind::Hold | ObligationKind::Confirm | ObligationKind::Rebook => Rule::P6,
            ObligationKind::Propose | ObligationKind::Discuss => Rule::P7,
            ObligationKind::Chase => Rule::C17,
            ObligationKind::LastMessage => Rule::S2,
            ObligationKind::Step => Rule::C7,
            ObligationKind::Cadence => Rule::C6,
            ObligationKind::Return => Rule::P9,
            ObligationKind::KeepInTouch => Rule::P12,
            ObligationKind::Custom => Rule::Custom(1),
        }
    }
}

/// The identity of an obligation: its kind and the key of the event that gave rise to it. It is stable as long as the
/// obligation exists: calendar UIDs, snoozes and Message-IDs are derived from it.
///
/// Prints as `kind:key`, such as `answer:crm-8841`, and as `custom:X1:key` for an obligation of a custom rule.
///
/// # Examples
/// ```
/// use followup_core::{Channel, Event, Policy, ProspectState, plan};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let asked = Event::asked_information(at, Channel::EMAIL).with_key("crm-8841");
/// let plan = plan(&ProspectState::replay([asked])?, &Policy::default());
/// let obligation = &plan.next().unwrap().obligation;
/// assert_eq!(obligation.to_string(), "answer:crm-8841");
/// assert_eq!((obligation.kind().as_str(), obligation.origin()), ("answer", "crm-8841"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObligationId {
    kind: ObligationKind,
    /// The custom rule that added it, for obligations of that kind.
    rule: Option<Rule>,
    origin: Box<str>,
}

impl ObligationId {
    pub(super) fn new(kind: ObligationKind, rule: Option<Rule>, origin: &str) -> ObligationId {
        ObligationId { kind, rule, origin: origin.into() }
    }

    /// Returns the kind of the obligation.
    pub fn kind(&self) -> ObligationKind {
        self.kind
    }

    /// Returns the key of the event that gave rise to the obligation; empty if the prospect has no event.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl fmt::Display for ObligationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Some(rule) => write!(f, "{}:{rule}:{}", self.kind, self.origin),
            None => write!(f, "{}:{}", self.kind, self.origin),
        }
    }
}

impl PartialEq<str> for ObligationId {
    fn eq(&self, other: &str) -> bool {
        let printed: &str = &self.to_string();
        printed == other
    }
}

impl PartialEq<&str> for ObligationId {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl Serialize for ObligationId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
