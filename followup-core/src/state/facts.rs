//! The facts of a state.
//!
//! The fields are private to the crate, so that the stored form can change; hosts use the accessors.

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

/// An event that a fact rests on.
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

/// A touch: a contact by us.
///
/// # Examples
/// ```
/// use followup_core::{Channel, Event, ProspectState};
///
/// let ada = ProspectState::replay([Event::touched("2026-03-06T14:00:00Z".parse()?, Channel::PHONE)])?;
/// assert_eq!(ada.touches()[0].channel(), Some(Channel::PHONE));
/// assert!(ada.touches()[0].is_personal(), "it was made by hand");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Touch {
    pub(crate) at: Micros,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) reason: Option<Reason>,
    pub(crate) personal: bool,
    /// The answer to the touch before it.
    pub(crate) after: LastAnswer,
}

/// The kinds of addresses that are known. The addresses themselves are in the profile.
///
/// # Examples
/// ```
/// use followup_core::{Event, Prospect, ProspectState};
///
/// let (at, later) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-09T09:00:00Z".parse()?);
/// let added = Prospect::new("p-17")?.email("ada@example.org")?.into_events(at);
/// let bounced = Event::bounced_permanently(later, "ada@example.org");
/// let ada = ProspectState::replay(added.into_iter().chain([bounced]))?;
/// let known = ada.addresses();
/// assert!(known.has_email() && known.email_bounces());
/// assert!(!known.has_phone());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Addresses {
    pub(crate) email: bool,
    pub(crate) phone: bool,
    pub(crate) email_bounces: bool,
}

/// Their preferences for contacts (C11).
///
/// # Examples
/// ```
/// use followup_core::event::Preference;
/// use followup_core::time::{Clock, Weekdays};
/// use followup_core::{Channel, Event, ProspectState};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let evenings = Preference::default().weekdays(Weekdays::WORKING).from(Clock(18 * 3_600));
/// let by_phone = Preference::default().channel(Channel::PHONE);
/// // A later wish completes an earlier one.
/// let ada = ProspectState::replay([Event::preferred(at, evenings), Event::preferred(at, by_phone)])?;
/// let wish = ada.wish();
/// assert_eq!((wish.channel(), wish.weekdays()), (Some(Channel::PHONE), Some(Weekdays::WORKING)));
/// assert_eq!((wish.from(), wish.to()), (Some(Clock(18 * 3_600)), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

/// The results of discovery (W6).
///
/// # Examples
/// ```
/// use followup_core::event::Discovery;
/// use followup_core::{Event, ProspectState};
///
/// let found = Discovery::default().needs("a new roof").decides_on("2026-05-04".parse()?).knows_us(true);
/// let ada = ProspectState::replay([Event::qualified("2026-03-06T14:00:00Z".parse()?, found)])?;
/// let known = ada.qualification();
/// assert!(known.knows_needs() && !known.knows_how_they_decide());
/// assert_eq!(known.decides_on(), Some("2026-05-04".parse()?));
/// assert_eq!((known.knows_us(), known.is_ready()), (Some(true), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Qualification {
    pub(crate) needs: bool,
    pub(crate) decides_how: bool,
    pub(crate) decides_on: Option<NaiveDate>,
    pub(crate) ready: Option<bool>,
    pub(crate) knows_us: Option<bool>,
    pub(crate) minutes: Option<u32>,
}

/// The channels that they allow (S6).
///
/// # Examples
/// ```
/// use followup_core::{Channel, Event, ProspectState};
///
/// let ada = ProspectState::replay([Event::opted_out("2026-03-06T14:00:00Z".parse()?)])?;
/// assert!(ada.consent().is_out_of_all());
/// assert!(!ada.consent().allows(Channel::EMAIL));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Consent {
    /// Whether they opted out of all channels except the exceptions, rather than into all channels except those.
    pub(crate) all_out: bool,
    pub(crate) exceptions: Vec<Channel>,
    /// The newest opt-out.
    pub(crate) out: Option<Place>,
}

impl Consent {
    /// Whether a channel may be used.
    pub fn allows(&self, channel: Channel) -> bool {
        self.exceptions.contains(&channel) == self.all_out
    }

    /// Whether a request or an agreement may be met on the channel that it names: a channel that they opted out of is
    /// allowed only if the request or agreement is newer than the opt-out.
    pub(crate) fn allows_since(&self, channel: Channel, asked: &Place) -> bool {
        self.allows(channel) || self.out.as_ref().is_none_or(|out| asked > out)
    }

    /// Returns the instant of their newest opt-out, of any channel.
    pub fn opted_out_at(&self) -> Option<DateTime<Utc>> {
        self.out.as_ref().map(|out| to_instant(out.at))
    }

    /// Returns the channels that they opted out of: built-in ones, and others that they named.
    ///
    /// # Examples
    /// ```
    /// use followup_core::{Channel, Event, ProspectState};
    ///
    /// let at = "2026-03-06T14:00:00Z".parse()?;
    /// let ada = ProspectState::replay([Event::opted_out_of(at, [Channel::EMAIL])])?;
    /// assert_eq!(ada.consent().excluded(), [Channel::EMAIL]);
    /// assert_eq!(ada.consent().opted_out_at(), Some(at));
    ///
    /// // The instant of an opt-out is kept when they opt in again.
    /// let again = Event::opted_in("2026-03-09T09:00:00Z".parse()?);
    /// let ada = ProspectState::replay([Event::opted_out(at), again])?;
    /// assert!(ada.consent().excluded().is_empty());
    /// assert_eq!(ada.consent().opted_out_at(), Some(at));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn excluded(&self) -> Vec<Channel> {
        let mut channels: Vec<_> = Channel::BUILT_IN.iter().chain(&self.exceptions).copied().collect();
        channels.retain(|channel| self.is_out_of_all() || !self.allows(*channel));
        channels.sort_unstable();
        channels.dedup();
        channels
    }

    /// Whether they opted out of every channel. For consent, the built-in channels count as all channels.
    pub fn is_out_of_all(&self) -> bool {
        if self.all_out {
            self.exceptions.is_empty()
        } else {
            Channel::BUILT_IN.iter().all(|channel| self.exceptions.contains(channel))
        }
    }
}

/// A request that is owed an answer (C4).
///
/// # Examples
/// ```
/// use followup_core::event::Request;
/// use followup_core::{Channel, Event, ProspectState};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let again = "2026-03-09T09:00:00Z".parse()?;
/// let asked = [Event::asked_proposal(at, Channel::EMAIL), Event::asked_proposal(again, Channel::PHONE)];
/// let ada = ProspectState::replay(asked)?;
/// let [owed] = ada.owed() else { panic!("one request is owed, although it was made twice") };
/// assert_eq!((owed.request(), owed.asked_at()), (Request::AskedProposal, at));
/// assert_eq!(owed.channel(), Some(Channel::PHONE), "the newest channel");
/// assert!(!owed.is_acknowledged());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Owed {
    pub(crate) request: Request,
    /// The first time it was made since it was last answered.
    pub(crate) first: Anchor,
    /// The newest repetition.
    pub(crate) newest: Place,
    pub(crate) channel: Option<Channel>,
    /// Whether its arrival was acknowledged.
    pub(crate) acknowledged: bool,
    /// Whether it was owed when the newest automatic send was intended, so that this send may answer it.
    pub(crate) send_intended: bool,
}

/// A next step that was agreed.
///
/// # Examples
/// ```
/// use followup_core::{Event, ProspectState};
///
/// let (at, due_at) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-12T10:00:00Z".parse()?);
/// let ada = ProspectState::replay([Event::next_step_agreed(at, due_at)])?;
/// let agreed = ada.agreed_step().expect("a step is agreed");
/// assert_eq!((agreed.agreed_at(), agreed.due_at()), (at, due_at));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Agreed {
    pub(crate) place: Place,
    pub(crate) due_at: Micros,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
    /// The newest contact after the agreement and before `due_at`; on the same civil day, it counts as the step.
    pub(crate) contact_before: Option<Micros>,
}

/// An appointment that is set.
///
/// # Examples
/// ```
/// use followup_core::{Event, ProspectState};
///
/// let (at, starts_at) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-12T10:00:00Z".parse()?);
/// let ada = ProspectState::replay([Event::appointment_set(at, starts_at, 45)])?;
/// let appointment = ada.appointment().expect("an appointment is set");
/// assert_eq!((appointment.starts_at(), appointment.minutes()), (starts_at, 45));
/// assert_eq!((appointment.set_at(), appointment.is_confirmed()), (at, false));
///
/// // A contact after its end does not say whether it was held.
/// let replied = Event::replied("2026-03-12T16:00:00Z".parse()?, None);
/// let ada = ProspectState::replay([Event::appointment_set(at, starts_at, 45), replied])?;
/// assert!(ada.appointment().is_some_and(|appointment| appointment.is_over()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Appointment {
    pub(crate) set: Anchor,
    pub(crate) starts_at: Micros,
    pub(crate) minutes: u32,
    pub(crate) confirmed: bool,
    pub(crate) lapsed: bool,
    /// Whether there was a contact at or after its end, without a word on how it went.
    pub(crate) over: bool,
}

impl Appointment {
    pub(crate) fn ends_at(&self) -> Micros {
        self.starts_at + Micros::from(self.minutes) * crate::time::MINUTE
    }
}

/// A meeting that was held in this round.
///
/// # Examples
/// ```
/// use followup_core::state::Held;
/// use followup_core::{Event, ProspectState};
///
/// let (at, held_at) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-12T10:45:00Z".parse()?);
/// let set = Event::appointment_set(at, "2026-03-12T10:00:00Z".parse()?, 45);
/// let ada = ProspectState::replay([set, Event::appointment_held(held_at)])?;
/// assert_eq!(ada.held().map(Held::at), Some(held_at));
/// assert_eq!(ada.appointment(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Held {
    pub(crate) place: Place,
    /// Whether a proposal was sent since.
    pub(crate) proposed: bool,
}

/// A proposal that was sent in this round.
///
/// # Examples
/// ```
/// use followup_core::state::Proposal;
/// use followup_core::{Channel, Event, ProspectState};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let ada = ProspectState::replay([Event::proposal_sent(at, Channel::EMAIL, None)])?;
/// assert_eq!(ada.proposal().map(Proposal::sent_at), Some(at));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Proposal {
    pub(crate) sent: Anchor,
    /// Whether there was a contact since.
    pub(crate) contact_since: bool,
}

/// The requests of this round, which allow us to skip the stages before them (P3).
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AskedFor {
    pub(crate) appointment: bool,
    pub(crate) proposal: bool,
}

/// An input that they owe us (C17).
///
/// # Examples
/// ```
/// use followup_core::{Event, ProspectState};
///
/// let (at, deadline) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-13T17:00:00Z".parse()?);
/// let ada = ProspectState::replay([Event::input_requested(at, "logo", deadline)])?;
/// let input = &ada.inputs()[0];
/// assert_eq!(input.name(), "logo");
/// assert_eq!((input.requested_at(), input.deadline()), (at, Some(deadline)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Input {
    pub(crate) name: String,
    pub(crate) requested: Anchor,
    pub(crate) deadline: Option<Micros>,
}

/// A decision.
///
/// # Examples
/// ```
/// use followup_core::{Event, Outcome, ProspectState};
///
/// let ada = ProspectState::replay([Event::decided("2026-03-06T14:00:00Z".parse()?, Outcome::Won)])?;
/// assert_eq!(ada.decided().expect("they have decided").outcome(), Outcome::Won);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Decided {
    pub(crate) outcome: Outcome,
    pub(crate) until: Option<Micros>,
    pub(crate) anchor: Anchor,
}

/// A stop.
///
/// # Examples
/// ```
/// use followup_core::{Event, ProspectState};
///
/// let ada = ProspectState::replay([Event::stopped("2026-03-06T14:00:00Z".parse()?)])?;
/// assert!(!ada.stopped().expect("it is stopped").is_by_us());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Stopped {
    pub(crate) place: Place,
    /// Whether we or a machine stopped it. A stop by them applies beyond this pursuit.
    pub(crate) by_us: bool,
}

/// The record that this one was merged into.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Merged {
    pub(crate) into: String,
}

/// A pause.
///
/// # Examples
/// ```
/// use followup_core::{Event, ProspectState};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let ada = ProspectState::replay([Event::paused(at, None)])?;
/// let paused = ada.paused().expect("it is paused");
/// assert_eq!((paused.since(), paused.until()), (at, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Paused {
    pub(crate) until: Option<Micros>,
    pub(crate) anchor: Anchor,
}

/// An absence of theirs or of the owner.
///
/// # Examples
/// ```
/// use followup_core::stage::Who;
/// use followup_core::{Event, ProspectState};
///
/// let (at, until) = ("2026-03-06T14:00:00Z".parse()?, "2026-03-20T14:00:00Z".parse()?);
/// let ada = ProspectState::replay([Event::away(at, Who::Prospect, None, until)])?;
/// assert_eq!(ada.absences()[0].until(), Some(until));
/// assert_eq!((ada.absences()[0].known_at(), ada.absences()[0].from()), (at, None));
/// assert!(ada.owner_absences().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Absence {
    /// The instant at which it became known.
    pub(crate) at: Micros,
    pub(crate) from: Option<Micros>,
    /// `None` for an automatic reply without a date.
    pub(crate) until: Option<Micros>,
}

/// The content of an intended send.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Intended {
    pub(crate) action: String,
    pub(crate) channel: Option<Channel>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) reason: Option<Reason>,
}

/// The state of the newest automatic send (rows 0–2).
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
    /// Returns the send that was begun and whose outcome is not known yet.
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
    /// Returns the instant.
    pub fn at(&self) -> DateTime<Utc> {
        to_instant(self.at)
    }

    /// Returns the channel, if it is known.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// Returns the purpose, if it is known.
    pub fn purpose(&self) -> Option<Purpose> {
        self.purpose
    }

    /// Returns the reason that it gave, if it is known.
    pub fn reason(&self) -> Option<Reason> {
        self.reason
    }

    /// Whether it was personal.
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

    /// Whether email to the address bounced permanently.
    pub fn email_bounces(&self) -> bool {
        self.email_bounces
    }
}

impl Wish {
    /// Returns the preferred channel.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// Returns the preferred weekdays.
    pub fn weekdays(&self) -> Option<Weekdays> {
        self.weekdays
    }

    /// Returns the time of day from which they prefer to be contacted, in their zone.
    pub fn from(&self) -> Option<Clock> {
        self.from.map(Clock)
    }

    /// Returns the time of day until which they prefer to be contacted (exclusive), in their zone.
    pub fn to(&self) -> Option<Clock> {
        self.to.map(Clock)
    }
}

impl Qualification {
    /// Whether their needs are known.
    pub fn knows_needs(&self) -> bool {
        self.needs
    }

    /// Whether it is known how they decide.
    pub fn knows_how_they_decide(&self) -> bool {
        self.decides_how
    }

    /// Returns the civil day on which they decide.
    pub fn decides_on(&self) -> Option<NaiveDate> {
        self.decides_on
    }

    /// Returns whether they are ready to explore working with us, if it is known.
    pub fn is_ready(&self) -> Option<bool> {
        self.ready
    }

    /// Returns whether they know us and our service, if it is known.
    pub fn knows_us(&self) -> Option<bool> {
        self.knows_us
    }

    /// Returns the length of an appointment that they have time for, in minutes.
    pub fn minutes(&self) -> Option<u32> {
        self.minutes
    }
}

impl Owed {
    /// Returns the request.
    pub fn request(&self) -> Request {
        self.request
    }

    /// Returns the instant at which it was first made since it was last answered.
    pub fn asked_at(&self) -> DateTime<Utc> {
        self.first.instant()
    }

    /// Returns the channel of the request.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// Whether its arrival was acknowledged.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged
    }
}

impl Agreed {
    /// Returns the instant at which it was agreed.
    pub fn agreed_at(&self) -> DateTime<Utc> {
        to_instant(self.place.at)
    }

    /// Returns the instant at which the step is due.
    pub fn due_at(&self) -> DateTime<Utc> {
        to_instant(self.due_at)
    }

    /// Returns the channel, if one was agreed.
    pub fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// Returns the purpose, if one was agreed.
    pub fn purpose(&self) -> Option<Purpose> {
        self.purpose
    }
}

impl Appointment {
    /// Returns the instant at which it was set.
    pub fn set_at(&self) -> DateTime<Utc> {
        self.set.instant()
    }

    /// Returns the key of the event that set it.
    pub fn key(&self) -> &str {
        &self.set.key
    }

    /// Returns the instant at which it begins.
    pub fn starts_at(&self) -> DateTime<Utc> {
        to_instant(self.starts_at)
    }

    /// Returns the length in minutes.
    pub fn minutes(&self) -> u32 {
        self.minutes
    }

    /// Whether they confirmed it.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Whether there was a contact at or after its end, without a word on how it went.
    pub fn is_over(&self) -> bool {
        self.over
    }
}

impl Held {
    /// Returns the instant at which it was held.
    pub fn at(&self) -> DateTime<Utc> {
        to_instant(self.place.at)
    }
}

impl Proposal {
    /// Returns the instant at which it was sent.
    pub fn sent_at(&self) -> DateTime<Utc> {
        self.sent.instant()
    }
}

impl Input {
    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the instant at which it was last requested.
    pub fn requested_at(&self) -> DateTime<Utc> {
        self.requested.instant()
    }

    /// Returns the instant at which it is due.
    pub fn deadline(&self) -> Option<DateTime<Utc>> {
        self.deadline.map(to_instant)
    }
}

impl Decided {
    /// Returns the outcome.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns the instant at which they decided.
    pub fn at(&self) -> DateTime<Utc> {
        self.anchor.instant()
    }

    /// Returns the instant from which they want to be asked again, for `later` with a date.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until.map(to_instant)
    }
}

impl Stopped {
    /// Returns the instant of the stop.
    pub fn at(&self) -> DateTime<Utc> {
        to_instant(self.place.at)
    }

    /// Whether we or a machine stopped it. A stop by them applies beyond this pursuit.
    pub fn is_by_us(&self) -> bool {
        self.by_us
    }
}

impl Paused {
    /// Returns the instant at which the pause began.
    pub fn since(&self) -> DateTime<Utc> {
        self.anchor.instant()
    }

    /// Returns the instant at which it ends; `None` for the playbook's default length.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until.map(to_instant)
    }
}

impl Absence {
    /// Returns the instant at which it became known.
    pub fn known_at(&self) -> DateTime<Utc> {
        to_instant(self.at)
    }

    /// Returns the instant at which it begins; `None` if it began at once.
    pub fn from(&self) -> Option<DateTime<Utc>> {
        self.from.map(to_instant)
    }

    /// Returns the instant at which it ends; the civil day of this instant is its last day. `None` for an automatic
    /// reply without a date.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until.map(to_instant)
    }
}
