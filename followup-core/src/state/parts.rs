//! The facts that a state is made of.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::event::{Event, Request};
use crate::purpose::{Purpose, Reason};
use crate::stage::{LastAnswer, Outcome};
use crate::time::{Micros, Weekdays};

/// A place in the order of the fold: instant, then `seq`, then key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) at: Micros,
    pub(crate) seq: i64,
    pub(crate) key: String,
}

impl Place {
    pub(crate) fn of(event: &Event) -> Place {
        Place { at: event.at_micros(), seq: event.seq, key: event.key.clone() }
    }
}

/// An event that something rests on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Anchor {
    pub(crate) at: Micros,
    pub(crate) key: String,
}

impl Anchor {
    pub(crate) fn of(event: &Event) -> Anchor {
        Anchor { at: event.at_micros(), key: event.key.clone() }
    }
}

/// A contact of either side.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) at: Micros,
    pub(crate) key: String,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
}

/// A contact by us.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Touch {
    pub(crate) at: Micros,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) reason: Option<Reason>,
    pub(crate) personal: bool,
    /// What had come of the touch before it.
    pub(crate) after: LastAnswer,
}

/// Which addresses are known. The addresses themselves are in the profile, not here.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) email: bool,
    pub(crate) phone: bool,
    pub(crate) email_bounces: bool,
}

/// What they wish (C11).
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Wish {
    pub(crate) channel: Option<Channel>,
    pub(crate) weekdays: Option<Weekdays>,
    pub(crate) from: Option<u32>,
    pub(crate) to: Option<u32>,
}

impl Wish {
    pub(crate) fn has_hours(&self) -> bool {
        self.weekdays.is_some() || self.from.is_some() || self.to.is_some()
    }
}

/// What discovery has found out (W6).
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Qualification {
    pub(crate) needs: bool,
    pub(crate) decides_how: bool,
    pub(crate) decides_on: Option<NaiveDate>,
    pub(crate) ready: Option<bool>,
    pub(crate) knows_us: Option<bool>,
    pub(crate) minutes: Option<u32>,
}

/// Which channels they have opted out of (S6).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Consent {
    /// Opted out of everything, but for the exceptions; else opted into everything, but for them.
    pub(crate) all_out: bool,
    pub(crate) exceptions: Vec<Channel>,
    /// The newest opting out.
    pub(crate) out: Option<Place>,
}

impl Consent {
    pub(crate) fn allows(&self, channel: Channel) -> bool {
        self.exceptions.contains(&channel) == self.all_out
    }

    /// Whether what they asked for or agreed on may be done on the channel that they named: one that they opted
    /// out of opens only if that is newer than the opting out.
    pub(crate) fn allows_since(&self, channel: Channel, asked: &Place) -> bool {
        self.allows(channel) || self.out.as_ref().is_none_or(|out| asked > out)
    }

    /// Whether no channel is left. The built-in channels are all there are, as far as consent goes.
    pub(crate) fn is_out_of_all(&self) -> bool {
        if self.all_out {
            self.exceptions.is_empty()
        } else {
            Channel::BUILT_IN.iter().all(|channel| self.exceptions.contains(channel))
        }
    }
}

/// A request that is owed an answer (C4).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Owed {
    pub(crate) request: Request,
    /// When it was first asked, while owed.
    pub(crate) first: Anchor,
    /// Its newest repetition.
    pub(crate) newest: Place,
    pub(crate) channel: Option<Channel>,
    /// They were told that it has arrived.
    pub(crate) acknowledged: bool,
    /// It was owed when the newest automatic send was intended, so that this send may answer it.
    pub(crate) send_intended: bool,
}

/// A next step that was agreed.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Agreed {
    pub(crate) place: Place,
    pub(crate) due_at: Micros,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
    /// The newest contact after the agreement and before `due_at`: on the same civil day, it has done the step.
    pub(crate) contact_before: Option<Micros>,
}

/// An appointment that is set.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Appointment {
    pub(crate) set: Anchor,
    pub(crate) starts_at: Micros,
    pub(crate) minutes: u32,
    pub(crate) confirmed: bool,
    pub(crate) lapsed: bool,
    /// A contact came at or after its end, and nobody said how it went.
    pub(crate) over: bool,
}

impl Appointment {
    pub(crate) fn ends_at(&self) -> Micros {
        self.starts_at + Micros::from(self.minutes) * crate::time::MINUTE
    }
}

/// A meeting that was held in this round.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) place: Place,
    /// A proposal was sent since.
    pub(crate) proposed: bool,
}

/// A proposal that was sent in this round.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Proposal {
    pub(crate) sent: Anchor,
    /// There was a contact since.
    pub(crate) contact_since: bool,
}

/// What they asked for in this round, which allows us to skip what comes before it (P3).
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AskedFor {
    pub(crate) appointment: bool,
    pub(crate) proposal: bool,
}

/// An input that they owe us (C17).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) requested: Anchor,
    pub(crate) deadline: Option<Micros>,
}

/// A decision.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Decided {
    pub(crate) outcome: Outcome,
    pub(crate) until: Option<Micros>,
    pub(crate) anchor: Anchor,
}

/// A stop.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Stopped {
    pub(crate) place: Place,
    /// We ended it, or a machine; else it was their word, which goes beyond this pursuit.
    pub(crate) by_us: bool,
}

/// A record that goes on in another.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Merged {
    pub(crate) into: String,
}

/// A pause.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Paused {
    pub(crate) until: Option<Micros>,
    pub(crate) anchor: Anchor,
}

/// An absence of theirs or of the owner.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Absence {
    /// When it became known.
    pub(crate) at: Micros,
    pub(crate) from: Option<Micros>,
    /// `None` for an automatic reply without a date.
    pub(crate) until: Option<Micros>,
}

/// What is to be sent.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Intended {
    pub(crate) action: String,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) reason: Option<Reason>,
}

/// Where an automatic send stands (rows 0–2).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) enum Sending {
    #[default]
    Nothing,
    Intended {
        anchor: Anchor,
        intent: Intended,
    },
    Unknown {
        anchor: Anchor,
        intent: Intended,
    },
    Failed {
        channel: Option<Channel>,
    },
}

impl Sending {
    /// What was begun to be sent, and whose outcome is not known yet.
    pub(crate) fn in_flight(&self) -> Option<&Intended> {
        match self {
            Sending::Intended { intent, .. } | Sending::Unknown { intent, .. } => Some(intent),
            Sending::Nothing | Sending::Failed { .. } => None,
        }
    }
}
