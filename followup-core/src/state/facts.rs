//! The facts that a state is made of.
//!
//! The fields are the crate's own, so that the stored form can change; accessors say the rest.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::event::{Event, Request};
use crate::purpose::{Purpose, Reason};
use crate::stage::{LastAnswer, Outcome};
use crate::time::{Clock, Micros, Weekdays, to_instant};

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
pub struct Touch {
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
pub struct Addresses {
    pub(crate) email: bool,
    pub(crate) phone: bool,
    pub(crate) email_bounces: bool,
}

/// What they wish (C11).
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Wish {
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
pub struct Qualification {
    pub(crate) needs: bool,
    pub(crate) decides_how: bool,
    pub(crate) decides_on: Option<NaiveDate>,
    pub(crate) ready: Option<bool>,
    pub(crate) knows_us: Option<bool>,
    pub(crate) minutes: Option<u32>,
}

/// Which channels they have opted out of (S6).
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Consent {
    /// Opted out of everything, but for the exceptions; else opted into everything, but for them.
    pub(crate) all_out: bool,
    pub(crate) exceptions: Vec<Channel>,
    /// The newest opting out.
    pub(crate) out: Option<Place>,
}

impl Consent {
    /// Whether a channel may be used.
    pub fn allows(&self, channel: Channel) -> bool {
        self.exceptions.contains(&channel) == self.all_out
    }

    /// Whether what they asked for or agreed on may be done on the channel that they named: one that they opted
    /// out of opens only if that is newer than the opting out.
    pub(crate) fn allows_since(&self, channel: Channel, asked: &Place) -> bool {
        self.allows(channel) || self.out.as_ref().is_none_or(|out| asked > out)
    }

    /// When they last opted out of anything.
    pub fn opted_out_at(&self) -> Option<DateTime<Utc>> {
        self.out.as_ref().map(|out| to_instant(out.at))
    }

    /// The channels that they opted out of: built-in ones, and others that they named.
    pub fn excluded(&self) -> Vec<Channel> {
        let mut channels: Vec<_> = Channel::BUILT_IN.iter().chain(&self.exceptions).copied().collect();
        channels.retain(|channel| self.is_out_of_all() || !self.allows(*channel));
        channels.sort_unstable();
        channels.dedup();
        channels
    }

    /// Whether they opted out of every channel. The built-in channels are all there are, as far as consent goes.
    pub fn is_out_of_all(&self) -> bool {
        if self.all_out {
            self.exceptions.is_empty()
        } else {
            Channel::BUILT_IN.iter().all(|channel| self.exceptions.contains(channel))
        }
    }
}

/// A request that is owed an answer (C4).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Owed {
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
pub struct Agreed {
    pub(crate) place: Place,
    pub(crate) due_at: Micros,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
    /// The newest contact after the agreement and before `due_at`: on the same civil day, it has done the step.
    pub(crate) contact_before: Option<Micros>,
}

/// An appointment that is set.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Appointment {
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
pub struct Held {
    pub(crate) place: Place,
    /// A proposal was sent since.
    pub(crate) proposed: bool,
}

/// A proposal that was sent in this round.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Proposal {
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
pub struct Input {
    pub(crate) name: String,
    pub(crate) requested: Anchor,
    pub(crate) deadline: Option<Micros>,
}

/// A decision.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Decided {
    pub(crate) outcome: Outcome,
    pub(crate) until: Option<Micros>,
    pub(crate) anchor: Anchor,
}

/// A stop.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stopped {
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
pub struct Paused {
    pub(crate) until: Option<Micros>,
    pub(crate) anchor: Anchor,
}

/// An absence of theirs or of the owner.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Absence {
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

impl Anchor {
    pub(crate) fn instant(&self) -> DateTime<Utc> {
        to_instant(self.at)
    }
}

impl Touch {
    /// When it was.
    pub fn at(&self) -> DateTime<Utc> {
        to_instant(self.at)
    }

    /// The channel, if it is known.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// The purpose, if it is known.
    pub fn purpose(&self) -> Option<Purpose> {
        self.purpose
    }

    /// The reason that it gave, if it is known.
    pub fn reason(&self) -> Option<Reason> {
        self.reason
    }

    /// Whether it was directed to this person alone.
    pub fn is_personal(&self) -> bool {
        self.personal
    }
}

impl Addresses {
    /// Whether an email address is known.
    pub fn has_email(&self) -> bool {
        self.email
    }

    /// Whether a telephone number is known.
    pub fn has_phone(&self) -> bool {
        self.phone
    }

    /// Whether mail to the email address bounced for good.
    pub fn email_bounces(&self) -> bool {
        self.email_bounces
    }
}

impl Wish {
    /// The channel that they prefer.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// The weekdays that they prefer.
    pub fn weekdays(&self) -> Option<Weekdays> {
        self.weekdays
    }

    /// The time of day from which they prefer to be contacted, in their zone.
    pub fn from(&self) -> Option<Clock> {
        self.from.map(Clock)
    }

    /// The time of day until which they prefer to be contacted (exclusive), in their zone.
    pub fn to(&self) -> Option<Clock> {
        self.to.map(Clock)
    }
}

impl Qualification {
    /// Whether it is known what they need.
    pub fn knows_needs(&self) -> bool {
        self.needs
    }

    /// Whether it is known how they decide.
    pub fn knows_how_they_decide(&self) -> bool {
        self.decides_how
    }

    /// The civil day on which they decide.
    pub fn decides_on(&self) -> Option<NaiveDate> {
        self.decides_on
    }

    /// Whether they are ready to explore working with us.
    pub fn is_ready(&self) -> Option<bool> {
        self.ready
    }

    /// Whether they know us and our service.
    pub fn knows_us(&self) -> Option<bool> {
        self.knows_us
    }

    /// The time that they take for an appointment, in minutes.
    pub fn minutes(&self) -> Option<u32> {
        self.minutes
    }
}

impl Owed {
    /// The request.
    pub fn request(&self) -> Request {
        self.request
    }

    /// When it was first made, since it was last answered.
    pub fn asked_at(&self) -> DateTime<Utc> {
        self.first.instant()
    }

    /// The channel that they used.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// Whether its arrival was acknowledged.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged
    }
}

impl Agreed {
    /// When it was agreed.
    pub fn agreed_at(&self) -> DateTime<Utc> {
        to_instant(self.place.at)
    }

    /// When the step is due.
    pub fn due_at(&self) -> DateTime<Utc> {
        to_instant(self.due_at)
    }

    /// The channel, if one was agreed.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// The purpose, if one was agreed.
    pub fn purpose(&self) -> Option<Purpose> {
        self.purpose
    }
}

impl Appointment {
    /// When it was set.
    pub fn set_at(&self) -> DateTime<Utc> {
        self.set.instant()
    }

    /// The key of the event that set it.
    pub fn key(&self) -> &str {
        &self.set.key
    }

    /// When it begins.
    pub fn starts_at(&self) -> DateTime<Utc> {
        to_instant(self.starts_at)
    }

    /// How long it takes, in minutes.
    pub fn minutes(&self) -> u32 {
        self.minutes
    }

    /// Whether they confirmed it.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Whether there was a contact at or after its end, and nobody said how it went.
    pub fn is_over(&self) -> bool {
        self.over
    }
}

impl Held {
    /// When it was held.
    pub fn at(&self) -> DateTime<Utc> {
        to_instant(self.place.at)
    }
}

impl Proposal {
    /// When it was sent.
    pub fn sent_at(&self) -> DateTime<Utc> {
        self.sent.instant()
    }
}

impl Input {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it was last requested.
    pub fn requested_at(&self) -> DateTime<Utc> {
        self.requested.instant()
    }

    /// When it is due.
    pub fn deadline(&self) -> Option<DateTime<Utc>> {
        self.deadline.map(to_instant)
    }
}

impl Decided {
    /// The outcome.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// When they decided.
    pub fn at(&self) -> DateTime<Utc> {
        self.anchor.instant()
    }

    /// For *later*: when they want to be asked again.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until.map(to_instant)
    }
}

impl Stopped {
    /// When it was stopped.
    pub fn at(&self) -> DateTime<Utc> {
        to_instant(self.place.at)
    }

    /// Whether we ended it, or a machine. Their own word applies beyond this pursuit.
    pub fn is_by_us(&self) -> bool {
        self.by_us
    }
}

impl Paused {
    /// When the pause began.
    pub fn since(&self) -> DateTime<Utc> {
        self.anchor.instant()
    }

    /// When it ends; `None` for the playbook's default length.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until.map(to_instant)
    }
}

impl Absence {
    /// When it became known.
    pub fn known_at(&self) -> DateTime<Utc> {
        to_instant(self.at)
    }

    /// When it begins; `None` for at once.
    pub fn from(&self) -> Option<DateTime<Utc>> {
        self.from.map(to_instant)
    }

    /// When it ends: their civil day of this instant is its last day. `None` for an automatic reply without a date.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until.map(to_instant)
    }
}
