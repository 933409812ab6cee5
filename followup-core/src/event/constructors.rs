//! Constructors that read like sentences.

use chrono::{DateTime, Utc};

use super::{Event, EventKind, Request};
use crate::channel::Channel;
use crate::stage::{Kind, Outcome, Temperature};

/// Constructors that read like sentences.
impl Event {
    /// The prospect was taken in.
    pub fn added(at: DateTime<Utc>) -> Event {
        let kind = Kind::Prospect;
        let none = || None;
        Event::new(
            at,
            EventKind::Added {
                name: none(),
                kind,
                email: none(),
                phone: none(),
                zone: None,
                owner: none(),
                referrer: none(),
                playbook: none(),
            },
        )
    }

    /// They asked something of us.
    pub fn requested(at: DateTime<Utc>, request: Request) -> Event {
        Event::new(at, EventKind::Requested { request, channel: None })
    }

    /// They inquired.
    pub fn inquired(at: DateTime<Utc>) -> Event {
        Event::requested(at, Request::Inquired)
    }

    /// They replied.
    pub fn replied(at: DateTime<Utc>) -> Event {
        Event::requested(at, Request::Replied)
    }

    /// They asked for information.
    pub fn asked_information(at: DateTime<Utc>) -> Event {
        Event::requested(at, Request::AskedInformation)
    }

    /// They asked for an appointment.
    pub fn asked_appointment(at: DateTime<Utc>) -> Event {
        Event::requested(at, Request::AskedAppointment)
    }

    /// They asked for a proposal.
    pub fn asked_proposal(at: DateTime<Utc>) -> Event {
        Event::requested(at, Request::AskedProposal)
    }

    /// They are ready to buy.
    pub fn ready_to_buy(at: DateTime<Utc>) -> Event {
        Event::requested(at, Request::ReadyToBuy)
    }

    /// We touched them.
    pub fn touched(at: DateTime<Utc>, channel: Channel) -> Event {
        let (purpose, reason, personal) = (None, None, None);
        Event::new(
            at,
            EventKind::Touched { channel, purpose, reason, personal, automatic: false, reached: false },
        )
    }

    /// We sent information.
    pub fn information_sent(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::InformationSent { channel: None })
    }

    /// We sent a proposal.
    pub fn proposal_sent(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::ProposalSent { amount: None, channel: None })
    }

    /// An appointment was set.
    pub fn appointment_set(at: DateTime<Utc>, starts_at: DateTime<Utc>, minutes: u32) -> Event {
        Event::new(at, EventKind::AppointmentSet { starts_at, minutes })
    }

    /// The appointment was held.
    pub fn appointment_held(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::AppointmentHeld)
    }

    /// A next step was agreed.
    pub fn next_step_agreed(at: DateTime<Utc>, due_at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::NextStepAgreed { due_at, channel: None, purpose: None })
    }

    /// They decided.
    pub fn decided(at: DateTime<Utc>, outcome: Outcome) -> Event {
        Event::new(at, EventKind::Decided { outcome, until: None, why: None })
    }

    /// They opted out of every channel.
    pub fn opted_out(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::OptedOut { channels: Vec::new() })
    }

    /// It was stopped.
    pub fn stopped(at: DateTime<Utc>) -> Event {
        Event::new(at, EventKind::Stopped { why: None })
    }

    /// A note was taken.
    pub fn noted(at: DateTime<Utc>, text: impl Into<String>) -> Event {
        Event::new(at, EventKind::Noted { text: text.into() })
    }

    /// Their temperature was set by hand.
    pub fn temperature_set(at: DateTime<Utc>, temperature: Temperature) -> Event {
        Event::new(at, EventKind::TemperatureSet { temperature })
    }
}
