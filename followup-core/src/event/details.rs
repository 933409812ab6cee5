//! What a constructor of an event takes when the event knows more than one optional thing.

use chrono::{DateTime, NaiveDate, Utc};

use super::EventKind;
use crate::channel::Channel;
use crate::purpose::{Purpose, Reason};
use crate::stage::Outcome;
use crate::time::{Clock, Weekdays};

/// A touch of ours, for [`Event::touched`](super::Event::touched). A [`Channel`] alone is one by hand that did not
/// reach them.
///
/// ```
/// use followup_core::event::Touch;
/// use followup_core::{Channel, Event, Purpose};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let called = Event::touched(at, Touch::on(Channel::PHONE).purpose(Purpose::CHECK_IN).reached());
/// assert!(called.is_conversation());
///
/// let newsletter = Event::touched(at, Touch::on(Channel::EMAIL).personal(false));
/// assert!(newsletter.touch().is_some_and(|touch| !touch.personal && !touch.automatic));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Touch {
    channel: Channel,
    purpose: Option<Purpose>,
    reason: Option<Reason>,
    personal: Option<bool>,
    automatic: bool,
    reached: bool,
}

impl Touch {
    /// A touch on a channel.
    pub fn on(channel: Channel) -> Touch {
        Touch { channel, purpose: None, reason: None, personal: None, automatic: false, reached: false }
    }

    /// Sets the purpose.
    pub fn purpose(self, purpose: Purpose) -> Touch {
        Touch { purpose: Some(purpose), ..self }
    }

    /// Sets the reason that it gave (W1).
    pub fn reason(self, reason: Reason) -> Touch {
        Touch { reason: Some(reason), ..self }
    }

    /// Sets whether it was directed to this person alone (C10). Unless it is set, what is not automatic is personal.
    pub fn personal(self, personal: bool) -> Touch {
        Touch { personal: Some(personal), ..self }
    }

    /// It was sent without a person.
    pub fn automatic(self) -> Touch {
        Touch { automatic: true, ..self }
    }

    /// It reached them, so that it was a conversation.
    pub fn reached(self) -> Touch {
        Touch { reached: true, ..self }
    }
}

impl From<Channel> for Touch {
    fn from(channel: Channel) -> Touch {
        Touch::on(channel)
    }
}

impl From<Touch> for EventKind {
    fn from(touch: Touch) -> EventKind {
        let Touch { channel, purpose, reason, personal, automatic, reached } = touch;
        EventKind::Touched { channel, purpose, reason, personal, automatic, reached }
    }
}

/// A next step, for [`Event::next_step_agreed`](super::Event::next_step_agreed). An instant alone is when it is due.
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use followup_core::event::NextStep;
/// use followup_core::{Channel, Event};
///
/// let at: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
/// let call = NextStep::due(at + TimeDelta::days(7)).channel(Channel::PHONE);
/// assert_eq!(Event::next_step_agreed(at, call).name(), "next_step_agreed");
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct NextStep {
    due_at: DateTime<Utc>,
    channel: Option<Channel>,
    purpose: Option<Purpose>,
}

impl NextStep {
    /// A step that is due at an instant.
    pub fn due(due_at: DateTime<Utc>) -> NextStep {
        NextStep { due_at, channel: None, purpose: None }
    }

    /// Sets the channel.
    pub fn channel(self, channel: Channel) -> NextStep {
        NextStep { channel: Some(channel), ..self }
    }

    /// Sets the purpose.
    pub fn purpose(self, purpose: Purpose) -> NextStep {
        NextStep { purpose: Some(purpose), ..self }
    }
}

impl From<DateTime<Utc>> for NextStep {
    fn from(due_at: DateTime<Utc>) -> NextStep {
        NextStep::due(due_at)
    }
}

impl From<NextStep> for EventKind {
    fn from(step: NextStep) -> EventKind {
        let NextStep { due_at, channel, purpose } = step;
        EventKind::NextStepAgreed { due_at, channel, purpose }
    }
}

/// What they decided, for [`Event::decided`](super::Event::decided). An [`Outcome`] alone gives no reason.
///
/// ```
/// use followup_core::event::TheirDecision;
/// use followup_core::{Event, Outcome};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let lost = Event::decided(at, TheirDecision::from(Outcome::Lost).why("too expensive"));
/// let later = Event::decided(at, TheirDecision::later("2026-09-01T08:00:00Z".parse()?));
/// assert_eq!(lost.name(), later.name());
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TheirDecision {
    outcome: Outcome,
    until: Option<DateTime<Utc>>,
    why: Option<String>,
}

impl TheirDecision {
    /// *Later*, with the instant at which to come back (P9).
    pub fn later(until: DateTime<Utc>) -> TheirDecision {
        TheirDecision { outcome: Outcome::Later, until: Some(until), why: None }
    }

    /// Sets the reason.
    pub fn why(self, why: impl Into<String>) -> TheirDecision {
        TheirDecision { why: Some(why.into()), ..self }
    }
}

impl From<Outcome> for TheirDecision {
    fn from(outcome: Outcome) -> TheirDecision {
        TheirDecision { outcome, until: None, why: None }
    }
}

impl From<TheirDecision> for EventKind {
    fn from(decision: TheirDecision) -> EventKind {
        let TheirDecision { outcome, until, why } = decision;
        EventKind::Decided { outcome, until, why }
    }
}

/// When and how they prefer to be contacted (C11), for [`Event::preferred`](super::Event::preferred).
///
/// ```
/// use followup_core::event::Preference;
/// use followup_core::event::EventKind;
/// use followup_core::time::{Clock, Weekdays};
/// use followup_core::{Channel, Event};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let evenings = Preference::default().channel(Channel::PHONE).from(Clock(18 * 3_600));
/// assert_eq!(Event::preferred(at, evenings).name(), "preferred");
///
/// let kind = EventKind::from(evenings.weekdays(Weekdays::WORKING));
/// assert!(matches!(kind, EventKind::Preferred { weekdays: Some(Weekdays::WORKING), to: None, .. }));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, Default, Debug)]
#[must_use]
pub struct Preference {
    channel: Option<Channel>,
    weekdays: Option<Weekdays>,
    from: Option<Clock>,
    to: Option<Clock>,
}

impl Preference {
    /// Sets the channel.
    pub fn channel(self, channel: Channel) -> Preference {
        Preference { channel: Some(channel), ..self }
    }

    /// Sets the weekdays.
    pub fn weekdays(self, weekdays: Weekdays) -> Preference {
        Preference { weekdays: Some(weekdays), ..self }
    }

    /// Sets the time of day from which, in their zone.
    pub fn from(self, from: Clock) -> Preference {
        Preference { from: Some(from), ..self }
    }

    /// Sets the time of day until which (exclusive), in their zone.
    pub fn to(self, to: Clock) -> Preference {
        Preference { to: Some(to), ..self }
    }
}

impl From<Preference> for EventKind {
    fn from(preference: Preference) -> EventKind {
        let Preference { channel, weekdays, from, to } = preference;
        EventKind::Preferred { channel, weekdays, from, to }
    }
}

/// What discovery found out (W6, P5), for [`Event::qualified`](super::Event::qualified).
///
/// ```
/// use followup_core::event::Discovery;
/// use followup_core::{Event, ProspectState};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let found = Discovery::default().needs("a new roof").decides_how("both owners sign").ready(true);
/// assert_eq!(Event::qualified(at, found).name(), "qualified");
///
/// let found = Discovery::default().decides_on("2026-05-04".parse()?).knows_us(false);
/// let ada = ProspectState::replay([Event::qualified(at, found)])?;
/// assert_eq!(ada.qualification().knows_us(), Some(false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, Debug)]
#[must_use]
pub struct Discovery {
    needs: Option<String>,
    decides_how: Option<String>,
    decides_on: Option<NaiveDate>,
    ready: Option<bool>,
    knows_us: Option<bool>,
    minutes: Option<u32>,
}

impl Discovery {
    /// Sets what they need.
    pub fn needs(self, needs: impl Into<String>) -> Discovery {
        Discovery { needs: Some(needs.into()), ..self }
    }

    /// Sets how they decide.
    pub fn decides_how(self, how: impl Into<String>) -> Discovery {
        Discovery { decides_how: Some(how.into()), ..self }
    }

    /// Sets the civil day on which they decide.
    pub fn decides_on(self, on: NaiveDate) -> Discovery {
        Discovery { decides_on: Some(on), ..self }
    }

    /// Sets whether they are ready to explore working with us.
    pub fn ready(self, ready: bool) -> Discovery {
        Discovery { ready: Some(ready), ..self }
    }

    /// Sets whether they know us and our service.
    pub fn knows_us(self, knows_us: bool) -> Discovery {
        Discovery { knows_us: Some(knows_us), ..self }
    }

    /// Sets the time that they take for an appointment, in minutes.
    pub fn minutes(self, minutes: u32) -> Discovery {
        Discovery { minutes: Some(minutes), ..self }
    }
}

impl From<Discovery> for EventKind {
    fn from(discovery: Discovery) -> EventKind {
        let Discovery { needs, decides_how, decides_on, ready, knows_us, minutes } = discovery;
        EventKind::Qualified { needs, decides_how, decides_on, ready, knows_us, minutes }
    }
}
