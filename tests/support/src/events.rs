//! Events that random tests choose by number.

use chrono::{DateTime, TimeDelta, Utc};
use followup::event::{EventKind, Request};
use followup::stage::Who;
use followup::{Channel, Outcome, Purpose, Temperature};

/// Number of choices of [`kind`].
pub const KINDS: u64 = 24;

/// One of the kinds of events whose order matters most, touches more often than others. The instants in its fields
/// count from `at`.
pub fn kind(choice: u64, channel: Channel, at: DateTime<Utc>) -> EventKind {
    let touched = |purpose| EventKind::Touched {
        channel,
        purpose,
        reason: None,
        personal: None,
        automatic: false,
        reached: false,
    };
    let requested = |request| EventKind::Requested { request, channel: Some(channel) };
    match choice {
        0..=3 => touched(None),
        4 => touched(Some(Purpose::LAST_MESSAGE)),
        5 => EventKind::InformationSent { channel: None },
        6 => EventKind::ProposalSent { amount: None, channel: None },
        7 => requested(Request::Replied),
        8 => requested(Request::AskedInformation),
        9 => requested(Request::AskedProposal),
        10 => EventKind::AppointmentSet { starts_at: at + TimeDelta::days(9), minutes: 60 },
        11 => EventKind::AppointmentHeld,
        12 => EventKind::Paused { until: None, why: None },
        13 => EventKind::NextStepAgreed { due_at: at + TimeDelta::days(12), channel: None, purpose: None },
        14 => {
            EventKind::Decided { outcome: Outcome::Later, until: Some(at + TimeDelta::days(150)), why: None }
        }
        15 => EventKind::Decided { outcome: Outcome::Lost, until: None, why: None },
        16 => EventKind::Away { who: Who::Prospect, until: at + TimeDelta::days(20), from: None },
        17 => EventKind::Snoozed { until: at + TimeDelta::days(10) },
        18 => EventKind::TemperatureSet { temperature: Temperature::Cool },
        19 => EventKind::OptedOut { channels: vec![channel] },
        20 => EventKind::OptedIn { channels: Vec::new() },
        21 => EventKind::Stopped { why: None },
        22 => EventKind::Noted { text: "a note".to_owned() },
        _ => EventKind::InputRequested { input: "plan".to_owned(), deadline: Some(at + TimeDelta::days(8)) },
    }
}
