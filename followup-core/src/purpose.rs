//! What a touch is for, and the reason that it gives.

use serde::{Deserialize, Serialize};

use crate::name::{Name, named};

/// What a touch is for: to move the prospect from this stage to the next (P1).
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
    /// Hand over a proposal.
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
    /// Come back to someone who said "later".
    RE_ENGAGE = "re_engage",
    /// Stay in touch after the decision.
    KEEP_IN_TOUCH = "keep_in_touch",
    /// Find out whether a send went out.
    RESOLVE_SEND = "resolve_send",
    /// Say that their request has arrived.
    ACKNOWLEDGE = "acknowledge",
});

/// The reason that a touch gives to the person who is touched (W1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reason(Name);

named!(Reason, "reason", {
    /// They asked for it.
    ASKED_FOR = "asked_for",
    /// It was agreed.
    AGREED = "agreed",
    /// The information that they requested.
    REQUESTED_INFORMATION = "requested_information",
    /// A price has changed.
    PRICE_UPDATE = "price_update",
    /// A product has changed.
    PRODUCT_UPDATE = "product_update",
    /// An article that concerns them.
    ARTICLE = "article",
    /// A piece of advice.
    ADVICE = "advice",
    /// The season.
    SEASONAL = "seasonal",
    /// We shall be closed.
    HOLIDAY_NOTICE = "holiday_notice",
    /// A hint from the one who referred them.
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
    /// "Are you ready?": never the first, the last or the only one.
    ARE_YOU_READY = "are_you_ready",
});
