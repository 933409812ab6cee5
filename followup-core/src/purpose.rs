//! Purposes and reasons of touches.

use serde::{Deserialize, Serialize};

use crate::name::{Name, named};

/// The purpose of a touch: what it does to move the prospect from this stage to the next (P1).
///
/// # Examples
/// ```
/// use followup_core::Purpose;
///
/// assert_eq!(Purpose::ASK_APPOINTMENT.as_str(), "ask_appointment");
/// assert_eq!("inform".parse(), Ok(Purpose::INFORM));
/// assert_eq!(
///     Purpose::new("Send offer").unwrap_err().to_string(),
///     "invalid purpose \"Send offer\": expected 1 to 23 characters of a-z, 0-9 and _, starting with a letter"
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Purpose(Name);

named!(Purpose, "purpose", {
    /// Give information.
    INFORM = "inform",
    /// Ask for an appointment.
    ASK_APPOINTMENT = "ask_appointment",
    /// Discuss a proposal.
    DISCUSS = "discuss",
    /// Ask for the decision.
    CLOSE = "close",
    /// Send a proposal.
    PROPOSE = "propose",
    /// Keep the conversation going.
    CHECK_IN = "check_in",
    /// Find out what they look for, how they decide, and when (W6).
    DISCOVER = "discover",
    /// Hold the appointment.
    HOLD = "hold",
    /// Confirm the appointment.
    CONFIRM = "confirm",
    /// Set a new date for a missed appointment.
    REBOOK = "rebook",
    /// Ask again for inputs that are owed to us.
    CHASE_INPUTS = "chase_inputs",
    /// Leave the last message (S2).
    LAST_MESSAGE = "last_message",
    /// Get back to someone who said "later".
    RE_ENGAGE = "re_engage",
    /// Stay in touch after the decision.
    KEEP_IN_TOUCH = "keep_in_touch",
    /// Find out whether a send went out.
    RESOLVE_SEND = "resolve_send",
    /// Acknowledge a request.
    ACKNOWLEDGE = "acknowledge",
});

/// The reason for a touch that is given to the person (W1).
///
/// # Examples
/// ```
/// use followup_core::Reason;
///
/// assert_eq!(Reason::PRICE_UPDATE.as_str(), "price_update");
/// let new_branch: Reason = "new_branch".parse()?;
/// assert!(!Reason::BUILT_IN.contains(&new_branch));
/// # Ok::<(), followup_core::name::NameError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(Name);

named!(Reason, "reason", {
    /// They asked for it.
    ASKED_FOR = "asked_for",
    /// It was agreed.
    AGREED = "agreed",
    /// The information that they asked for.
    REQUESTED_INFORMATION = "requested_information",
    /// A price has changed.
    PRICE_UPDATE = "price_update",
    /// A product has changed.
    PRODUCT_UPDATE = "product_update",
    /// An article that is relevant to them.
    ARTICLE = "article",
    /// A piece of advice.
    ADVICE = "advice",
    /// The time of year.
    SEASONAL = "seasonal",
    /// We will be closed.
    HOLIDAY_NOTICE = "holiday_notice",
    /// A hint from the person who referred them.
    REFERRER_HINT = "referrer_hint",
    /// An anniversary.
    ANNIVERSARY = "anniversary",
    /// The appointment.
    APPOINTMENT = "appointment",
    /// The proposal.
    PROPOSAL = "proposal",
    /// An input that is due.
    INPUT_DUE = "input_due",
    /// Thanks.
    THANK_YOU = "thank_you",
    /// "Are you ready?": never the first, the last or the only reason.
    ARE_YOU_READY = "are_you_ready",
});
