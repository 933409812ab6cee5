//! Stages, outcomes and standings of prospects.

use serde::{Deserialize, Serialize};

/// Declares an enum with a text form: `ALL`, `as_str`, `Display`, `FromStr` and serde from one list.
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

            /// Returns the text in events, playbooks and JSON.
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
///
/// # Examples
/// ```
/// use followup_core::Outcome;
/// use followup_core::stage::UnknownText;
///
/// let error: UnknownText = "maybe".parse::<Outcome>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown outcome \"maybe\"; expected one of: won, lost, later");
/// ```
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
    ///
    /// # Examples
    /// ```
    /// use followup_core::Stage;
    ///
    /// assert!(Stage::Interest < Stage::Decision);
    /// assert_eq!("proposal".parse(), Ok(Stage::Proposal));
    /// assert_eq!(
    ///     "meeting".parse::<Stage>().unwrap_err().to_string(),
    ///     "unknown stage \"meeting\"; expected one of: interest, information, appointment, proposal, decision"
    /// );
    /// ```
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
    /// The warmth of a prospect, coldest first (C1).
    Temperature, "temperature" {
        /// Touched every two to three months.
        Cool = "cool",
        /// Touched every two to four weeks.
        Warm = "warm",
        /// Touched weekly.
        Hot = "hot",
    }
}

impl Temperature {
    /// Returns the next warmer temperature, at most hot.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Temperature;
    ///
    /// assert_eq!(Temperature::Cool.warmer(), Temperature::Warm);
    /// assert_eq!(Temperature::Hot.warmer(), Temperature::Hot);
    /// ```
    #[must_use]
    pub fn warmer(self) -> Temperature {
        match self {
            Temperature::Cool => Temperature::Warm,
            _ => Temperature::Hot,
        }
    }

    /// Returns the temperature that is a number of steps cooler, at least cool.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Temperature;
    ///
    /// assert_eq!(Temperature::Hot.cooler_by(1), Temperature::Warm);
    /// assert_eq!(Temperature::Hot.cooler_by(5), Temperature::Cool);
    /// ```
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
    /// The decision that ended a pursuit (P9).
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
    /// The kind of contact (E2).
    Kind, "kind" {
        /// A person who may buy.
        Prospect = "prospect",
        /// A person who has bought.
        Client = "client",
        /// A person who refers others.
        ReferralSource = "referral_source",
        /// A person who owes inputs to a project.
        Stakeholder = "stakeholder",
    }
}

text_enum! {
    /// The effort that the playbook allows for a prospect's value (S1).
    ValueBand, "value band" {
        /// A few personal contacts.
        Small = "small",
        /// The usual effort, also for an unknown value.
        Medium = "medium",
        /// Never given up automatically.
        Large = "large",
    }
}

text_enum! {
    /// The answer to our last touch, so far.
    LastAnswer, "answer" {
        /// Nothing.
        Silent = "silent",
        /// A sign from them.
        Replied = "replied",
        /// It was not delivered.
        Bounced = "bounced",
        /// An appointment was set.
        Booked = "booked",
    }
}

text_enum! {
    /// The party that did something, where the kind of event does not say so.
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
    /// The party that is absent.
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
    /// The pursuit continues at a known date.
    Waiting,
    /// There is nothing to do.
    Resting(Rest),
}

text_enum! {
    /// The reason why there is nothing to do.
    Rest, "reason to rest" {
        /// The person was erased.
        Erased = "erased",
        /// They or we stopped it.
        Stopped = "stopped",
        /// No answer to the last message.
        GaveUp = "gave_up",
        /// They opted out of every channel.
        OptedOut = "opted_out",
        /// They bought.
        Won = "won",
        /// They said no.
        Lost = "lost",
        /// They said "later", and the rule that returns to them is switched off.
        Later = "later",
        /// No input is owed to us any more.
        InputsComplete = "inputs_complete",
        /// The record was merged into another.
        Merged = "merged",
    }
}

impl Standing {
    /// Returns the word in reports and JSON: `active`, `waiting`, or the reason to rest.
    ///
    /// # Examples
    /// ```
    /// use followup_core::stage::{Rest, Standing};
    ///
    /// assert_eq!(Standing::Active.as_str(), "active");
    /// assert_eq!(Standing::Resting(Rest::GaveUp).as_str(), "gave_up");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Active => "active",
            Standing::Waiting => "waiting",
            Standing::Resting(why) => why.as_str(),
        }
    }
}

/// The conditions for asking for an appointment (P4).
///
/// # Examples
/// ```
/// use followup_core::stage::Readiness;
///
/// let informed = Readiness { informed: true, familiar: false };
/// assert!(!informed.is_ready());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Readiness {
    /// Information was delivered to them.
    pub informed: bool,
    /// There was a sign from them, or there were two touches of ours.
    pub familiar: bool,
}

impl Readiness {
    /// Whether all conditions are met.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Event, ProspectState};
    ///
    /// let at = "2026-03-06T14:00:00Z".parse()?;
    /// let ada = ProspectState::replay([Event::added(at)])?;
    /// assert!(!ada.readiness().is_ready());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_ready(self) -> bool {
        self.informed && self.familiar
    }
}
