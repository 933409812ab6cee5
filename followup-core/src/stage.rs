//! Where a prospect stands.

use serde::{Deserialize, Serialize};

/// Declares an enum that is written as text: `ALL`, `as_str`, `Display`, `FromStr` and serde from one list.
#[doc(hidden)]
#[macro_export]
macro_rules! __text_enum {
    ($(#[$meta:meta])* $type:ident, $what:literal { $($(#[doc = $doc:literal])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, ::serde::Serialize, ::serde::Deserialize,
        )]
        pub enum $type { $($(#[doc = $doc])* #[serde(rename = $text)] $variant,)* }

        impl $type {
            /// All values, in order.
            pub const ALL: &'static [$type] = &[$($type::$variant),*];

            /// The text in events, playbooks and JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $($type::$variant => $text,)* }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $type {
            type Err = $crate::stage::UnknownText;
            fn from_str(text: &str) -> Result<$type, $crate::stage::UnknownText> {
                let known = $type::ALL.iter().copied().find(|known| known.as_str() == text);
                known.ok_or_else(|| $crate::stage::UnknownText::new($what, text, &[$($text),*]))
            }
        }
    };
}
#[doc(hidden)]
pub use crate::__text_enum as text_enum;

/// The error for text that is not one of the known values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} \"{text}\"; expected one of: {known}")]
pub struct UnknownText {
    what: &'static str,
    text: String,
    known: String,
}

impl UnknownText {
    #[doc(hidden)]
    pub fn new(what: &'static str, text: &str, known: &[&str]) -> UnknownText {
        UnknownText { what, text: text.chars().take(40).collect(), known: known.join(", ") }
    }
}

text_enum! {
    /// The five stages, in order (P1).
    Stage, "stage" {
        /// They are interested, or we are in them.
        Interest = "interest",
        /// They are informed, or asked to be.
        Information = "information",
        /// An appointment is set or asked for.
        Appointment = "appointment",
        /// A proposal is sent or asked for.
        Proposal = "proposal",
        /// They decide.
        Decision = "decision",
    }
}

text_enum! {
    /// How warm a prospect is, coldest first (C1).
    Temperature, "temperature" {
        /// Every two to three months.
        Cool = "cool",
        /// Every two to four weeks.
        Warm = "warm",
        /// Weekly.
        Hot = "hot",
    }
}

impl Temperature {
    /// One warmer, at most hot.
    #[must_use]
    pub fn warmer(self) -> Temperature {
        match self {
            Temperature::Cool => Temperature::Warm,
            _ => Temperature::Hot,
        }
    }

    /// Cooler by so many, at least cool.
    #[must_use]
    pub fn cooler_by(self, steps: u32) -> Temperature {
        match (self, steps) {
            (_, 0) => self,
            (Temperature::Hot, 1) => Temperature::Warm,
            _ => Temperature::Cool,
        }
    }
}

text_enum! {
    /// How a pursuit was decided (P9).
    Outcome, "outcome" {
        /// Yes.
        Won = "won",
        /// No.
        Lost = "lost",
        /// Not now.
        Later = "later",
    }
}

text_enum! {
    /// What sort of contact a prospect is (E2).
    Kind, "kind" {
        /// Somebody who may buy.
        Prospect = "prospect",
        /// Somebody who has bought.
        Client = "client",
        /// Somebody who sends others.
        ReferralSource = "referral_source",
        /// Somebody who owes inputs to a project.
        Stakeholder = "stakeholder",
    }
}

text_enum! {
    /// How much a prospect is worth, as the playbook sees it (S1).
    ValueBand, "value band" {
        /// A few personal contacts.
        Small = "small",
        /// The usual effort, also for an unknown value.
        Medium = "medium",
        /// Never given up by itself.
        Large = "large",
    }
}

text_enum! {
    /// What came of our last touch, so far.
    LastAnswer, "answer" {
        /// Nothing.
        Silent = "silent",
        /// A sign of theirs.
        Replied = "replied",
        /// It did not get there.
        Bounced = "bounced",
        /// An appointment was set.
        Booked = "booked",
    }
}

text_enum! {
    /// Who did something, where the kind of event leaves it open.
    By, "party" {
        /// Our side.
        Us = "us",
        /// Their side.
        Prospect = "prospect",
        /// Neither: time, or a machine.
        System = "system",
    }
}

text_enum! {
    /// Whose absence it is.
    Who, "party" {
        /// The prospect is away.
        Prospect = "prospect",
        /// The owner is away.
        Owner = "owner",
    }
}

/// Whether a prospect is being followed up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Standing {
    /// There is a next action.
    Active,
    /// There is a date at which it goes on.
    Waiting,
    /// Nothing is to be done.
    Resting(Rest),
}

text_enum! {
    /// Why nothing is to be done.
    Rest, "reason to rest" {
        /// The person was erased.
        Erased = "erased",
        /// They, or we, said stop.
        Stopped = "stopped",
        /// No answer to the last message.
        GaveUp = "gave_up",
        /// They opted out of every channel.
        OptedOut = "opted_out",
        /// They bought.
        Won = "won",
        /// They said no.
        Lost = "lost",
        /// They said later, and nothing is to come back (the rule is switched off).
        Later = "later",
        /// Nothing is owed to us any more.
        InputsComplete = "inputs_complete",
        /// The record was merged into another.
        Merged = "merged",
    }
}

impl Standing {
    /// The word in reports and JSON: `active`, `waiting`, or the reason to rest.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Active => "active",
            Standing::Waiting => "waiting",
            Standing::Resting(why) => why.as_str(),
        }
    }
}

/// What is missing before an appointment may be asked for (P4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Readiness {
    /// Information was delivered to them.
    pub informed: bool,
    /// There was a sign of theirs, or two touches of ours.
    pub familiar: bool,
}

impl Readiness {
    /// Whether nothing is missing.
    pub fn is_ready(self) -> bool {
        self.informed && self.familiar
    }
}
