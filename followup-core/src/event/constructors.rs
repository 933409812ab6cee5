//! A constructor for each event that a host records. It takes what the kind knows: an optional thing may be `None`.
//!
//! What the engine makes itself has none: wake-ups, the events of sending, and `replanned`.

use chrono::{DateTime, Utc};

use super::details::{Discovery, NextStep, Preference, TheirDecision, Touch};
use super::{Event, EventKind, Request};
use crate::channel::Channel;
use crate::money::Money;
use crate::stage::{By, Kind, Temperature, Who};

/// What is known of the prospect.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::event::Preference;
/// use followup_core::{Channel, Event, Money, Temperature};
///
/// let at: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
/// let told = [
///     Event::added(at),
///     Event::valued(at, Money::from_decimal("1200.00", "EUR")?),
///     Event::assigned(at, "maria"),
///     Event::preferred(at, Preference::default().channel(Channel::PHONE)),
///     Event::noted(at, "met at the fair"),
///     Event::temperature_set(at, Temperature::Hot),
///     Event::playbook_set(at, "trades", 3),
///     Event::merged(at, "p-18"),
/// ];
/// assert!(told.iter().all(|event| !event.is_contact()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Event {
    /// The prospect was added, with nothing else known. [`Prospect::into_events`](crate::Prospect::into_events) tells
    /// more.
    pub fn added(at: DateTime<Utc>) -> Event {
        let kind = EventKind::Added {
            name: None,
            kind: Kind::Prospect,
            email: None,
            phone: None,
            zone: None,
            owner: None,
            referrer: None,
            playbook: None,
        };
        Event::new(at, kind)
    }

    /// Their value became known.
    pub fn valued(at: DateTime<Utc>, value: Money) -> Event {
        Event::new(at, EventKind::Valued { value })
    }

    /// Their temperature was set by hand.
    pub fn temperature_set(at: DateTime<Utc>, temperature: Temperature) -> Event {
        Event::new(at, EventKind::TemperatureSet { temperature })
    }

    /// They were assigned to an owner.
    pub fn assigned(at: DateTime<Utc>, owner: impl Into<String>) -> Event {
        Event::new(at, EventKind::Assigned { owner: owner.into() })
    }

    /// They stated when and how they prefer to be contacted (C11).
    pub fn preferred(at: DateTime<Utc>, preference: Preference) -> Event {
        Event::new(at, preference.into())
    }

    /// Discovery found something out (W6, P5).
    pub fn qualified(at: DateTime<Utc>, discovery: Discovery) -> Event {
        Event::new(at, discovery.into())
    }

    /// They were given a playbook; the newest version if none is given.
    pub fn playbook_set(
        at: DateTime<Utc>,
        name: impl Into<String>,
        version: impl Into<Option<u32>>,
    ) -> Event {
        Event::new(at, EventKind::PlaybookSet { name: name.into(), version: version.into() })
    }

    /// The record was merged into another.
    pub fn merged(at: DateTime<Utc>, into: impl Into<String>) -> Event {
        Event::new(at, EventKind::Merged { into: into.into() })
    }

    /// A note was taken.
    pub fn noted(at: DateTime<Utc>, text: impl Into<String>) -> Event {
        Event::new(at, EventKind::Noted { text: text.into() })
    }
}

/// What they did.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::event::{Request, TheirDecision};
/// use followup_core::{Channel, Event, Outcome};
///
/// let at: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
/// let signs = [
///     Event::inquired(at, Channel::WEB),
///     Event::asked_proposal(at, None),
///     Event::decided(at, Outcome::Won),
///     Event::decided(at, TheirDecision::later("2026-09-01T08:00:00Z".parse()?)),
///     Event::input_received(at, "logo"),
/// ];
/// assert!(signs.iter().all(Event::is_sign));
///
/// // Each request has a constructor of its own.
/// let requested = Event::requested(at, Request::AskedAppointment, Channel::PHONE);
/// assert_eq!(Event::asked_appointment(at, Channel::PHONE), requested);
/// assert_eq!(Event::ready_to_buy(at, None), Event::requested(at, Request::ReadyToBuy, None));
///
/// // A reply of a machine is not a sign from them.
/// let machines = [
///     Event::auto_replied(at, None),
///     Event::bounced(at, "ada@example.org"),
///     Event::bounced_permanently(at, "ada@example.org"),
/// ];
/// assert!(!machines.iter().any(Event::is_sign));
///
/// let no_more_email = Event::opted_out_of(at, [Channel::EMAIL]);
/// let no_more_at_all = Event::opted_out(at);
/// assert_ne!(no_more_email, no_more_at_all);
///
/// let email_again = Event::opted_in_to(at, [Channel::EMAIL]);
/// let all_again = Event::opted_in(at);
/// assert_ne!(email_again, all_again);
/// # Ok::<(), chrono::ParseError>(())
/// ```
impl Event {
    /// They asked something of us, on a channel if it is known.
    pub fn requested(at: DateTime<Utc>, request: Request, channel: impl Into<Option<Channel>>) -> Event {
        Event::new(at, EventKind::Requested { request, channel: channel.into() })
    }

    /// They inquired.
    pub fn inquired(at: DateTime<Utc>, channel: impl Into<Option<Channel>>) -> Event {
        Event::requested(at, Request::Inquired, channel)
    }

    /// They replied.
    pub fn replied(at: DateTime<Utc>, channel: impl Into<Option<Channel>>) -> Event {
        Event::requested(at, Request::Replied, channel)
    }

    /// They asked for information.
    pub fn asked_information(at: DateTime<Utc>, channel: impl Into<Option<Channel>>) -> Event {
        Event::requested(at, Request::AskedInformation, channel)
    }

    /// They asked for an appointment.
    pub fn asked_appointment(at: DateTime<Utc>, channel: impl Into<Option<Channel>>) -> Event {
        Event::requested(at, Request::AskedAppointment, channel)
    }

    /// They asked for a proposal.
    pub fn asked_proposal(at: DateTime<Utc>, channel: impl Into<Option<Channel>>) -> Event {
        Event::requested(at, Request::AskedProposal, channel)
    }

    /// They are ready to buy.
    pub fn ready_to_buy(at: DateTime<Utc>, channel: impl Into<Option<Channel>>) -> Event {
        Event::requested(at, Request::ReadyToBuy, channel)
    }

    /// Their mailbox replied by itself: they are away until an instant, or for the playbook's default (C14).
    pub fn auto_replied(at: DateTime<Utc>, until: impl Into<Option<DateTime<Utc>>>) -> Event {
        Event::new(at, EventKind::AutoReplied { until: until.into() })
    }

    /// A message to an address bounced, but the address may work later.
    pub fn bounced(at: DateTime<Utc>, address: impl Into<String>) -> Event {
        Event::new(at, EventKind::Bounced { permanent: false, address: Some(address.into()) })
    }

    /// A message bounced: the address does not work any more.
    pub fn bounced_permanently(at: DateTime<Utc>, address: impl Into<String>) -> Event {
        Event::new(at, EventKind::Bounced { permanent: true, address: Some(address.into()) })
    }

    /// They opted out of every channel (S6).
    pub fn opted_out(at: DateTime<Utc>) -> Event {
        Event::opted_out_of(at, [])
    }

    /// They opted out of channels (S6): of all if there are none in the list.
    pub fn opted_out_of(at: DateTime<Utc>, channels: impl IntoIterator<Item = Channel>) -> Event {
        Event::new(at, EventKind::OptedOut { channels: channels.into_iter().collect() })
    }

    /// They opted into every channel again (S6).
    pub fn opted_in(at: DateTime<Utc>) -> Event {
        Event::opted_in_to(at, [])
    }

    /// They opted into channels again (S6): into all if there are none in the list.
    pub fn opted_in_to(at: DateTime<Utc>, channels: impl IntoIterator<Item = Channel>) -> Event {
        Event::new(at, EventKind::OptedIn { channels: channels.into_iter().collect() })
    }

    /// They decided (P9).
    pub fn decided(at: DateTime<Utc>, decision: impl Into<TheirDecision>) -> Event {
        Event::new(at, decision.into().into())
    }

    /// An input arrived (C17).
    pub fn input_received(at: DateTime<Utc>, input: impl Into<String>) -> Event {
        Event::new(at, EventKind::InputReceived { input: input.into() })
    }
}

/// What we did, and what we did together.
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use followup_core::stage::By;
/// use followup_core::{Channel, Event, Money};
///
/// let at: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
/// let touches = [
///     Event::touched(at, Channel::PHONE),
///     Event::information_sent(at, Channel::EMAIL),
///     Event::proposal_sent(at, Channel::EMAIL, Money::from_decimal("1200.00", "EUR")?),
///     Event::appointment_set(at, at + TimeDelta::days(3), 45),
///     Event::next_step_agreed(at, at + TimeDelta::days(7)),
/// ];
/// assert!(touches.iter().all(Event::is_touch));
///
/// assert!(Event::appointment_confirmed(at).is_sign());
/// // Neither of these is a contact.
/// assert!(!Event::appointment_missed(at, By::Prospect).is_contact());
/// assert!(!Event::input_waived(at, "logo").is_contact());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Event {
    /// We touched them.
    pub fn touched(at: DateTime<Utc>, touch: impl Into<Touch>) -> Event {
        Event::new(at, touch.into().into())
    }

    /// We sent information.
    pub fn information_sent(at: DateTime<Utc>, channel: impl Into<Option<Channel>>) -> Event {
        Event::new(at, EventKind::InformationSent { channel: channel.into() })
    }

    /// We sent a proposal (P7).
    pub fn proposal_sent(
        at: DateTime<Utc>,
        channel: impl Into<Option<Channel>>,
        amount: impl Into<Option<Money>>,
    ) -> Event {
        Event::new(at, EventKind::ProposalSent { amount: amount.into(), channel: channel.into() })
    }

    /// The proposal was discussed (P7).
    pub fn proposal_discussed(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::ProposalDiscussed)
    }

    /// An appointment of 1 to 100,000 minutes was set (P6).
    pub fn appointment_set(at: DateTime<Utc>, starts_at: DateTime<Utc>, minutes: u32) -> Event {
        Event::new(at, EventKind::AppointmentSet { starts_at, minutes })
    }

    /// They confirmed the appointment (P6).
    pub fn appointment_confirmed(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::AppointmentConfirmed)
    }

    /// The appointment was held.
    pub fn appointment_held(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::AppointmentHeld)
    }

    /// The appointment did not take place (P6); who missed it, if that is known.
    pub fn appointment_missed(at: DateTime<Utc>, by: impl Into<Option<By>>) -> Event {
        Event::new(at, EventKind::AppointmentMissed { by: by.into() })
    }

    /// A next step was agreed (P10).
    pub fn next_step_agreed(at: DateTime<Utc>, step: impl Into<NextStep>) -> Event {
        Event::new(at, step.into().into())
    }

    /// They declined a next step (P11).
    pub fn next_step_declined(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::NextStepDeclined)
    }

    /// We asked them for an input, due at a deadline if there is one (C17).
    pub fn input_requested(
        at: DateTime<Utc>,
        input: impl Into<String>,
        deadline: impl Into<Option<DateTime<Utc>>>,
    ) -> Event {
        Event::new(at, EventKind::InputRequested { input: input.into(), deadline: deadline.into() })
    }

    /// An input is not needed any more (C17).
    pub fn input_waived(at: DateTime<Utc>, input: impl Into<String>) -> Event {
        Event::new(at, EventKind::InputWaived { input: input.into() })
    }
}

/// When to follow up, and whether at all.
///
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use followup_core::Event;
/// use followup_core::stage::Who;
///
/// let at: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
/// let until = at + TimeDelta::days(14);
/// let away = Event::away(at, Who::Prospect, None, until);
/// let paused = Event::paused(at, until);
/// let stopped = Event::stopped_because(at, "moved abroad");
/// assert_eq!([away.name(), paused.name(), stopped.name()], ["away", "paused", "stopped"]);
///
/// let (snoozed, reopened) = (Event::snoozed(at, until), Event::reopened(at));
/// assert!(!snoozed.is_contact() && !reopened.is_contact());
/// # Ok::<(), chrono::ParseError>(())
/// ```
impl Event {
    /// What we start was put off (C14).
    pub fn snoozed(at: DateTime<Utc>, until: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::Snoozed { until })
    }

    /// What we start was paused until an instant, or for the playbook's default (C14).
    pub fn paused(at: DateTime<Utc>, until: impl Into<Option<DateTime<Utc>>>) -> Event {
        Event::new(at, EventKind::Paused { until: until.into(), why: None })
    }

    /// A pause ended.
    pub fn resumed(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::Resumed)
    }

    /// They, or their owner, are away (C14): from an instant, or at once, and until the civil day of another.
    pub fn away(
        at: DateTime<Utc>,
        who: Who,
        from: impl Into<Option<DateTime<Utc>>>,
        until: DateTime<Utc>,
    ) -> Event {
        Event::new(at, EventKind::Away { who, until, from: from.into() })
    }

    /// Following up was stopped (S3).
    pub fn stopped(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::Stopped { why: None })
    }

    /// Following up was stopped for a reason (S3).
    pub fn stopped_because(at: DateTime<Utc>, why: impl Into<String>) -> Event {
        Event::new(at, EventKind::Stopped { why: Some(why.into()) })
    }

    /// Following up began again (S5).
    pub fn reopened(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::Reopened)
    }
}
