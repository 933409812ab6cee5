//! A second reading of histories, playbooks and clocks, with which plans are compared.
//!
//! It does not use the fold, the planner or the calendar: events are counted one by one, and local time is jiff's.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc, Weekday};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind};
use followup_core::plan::{Action, ObligationKind};
use followup_core::policy::Policy;
use followup_core::purpose::{Purpose, Reason};
use followup_core::stage::{Kind, Outcome, Rest};
use followup_core::state::ProspectState;
use followup_core::time::{Span, Weekdays, Zone};

/// The length of a "later" without a date, in days.
const LATER_DAYS: u64 = 90;

/// A touch of ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    pub(super) at: DateTime<Utc>,
    pub(super) channel: Option<Channel>,
    pub(super) purpose: Option<Purpose>,
    pub(super) reason: Option<Reason>,
}

/// The facts of a history, read event by event in the order of the fold.
#[derive(Clone, Default, Debug)]
pub(super) struct Reading {
    pub(super) touches: Vec<Touch>,
    /// Touches since their last sign.
    pub(super) unanswered: usize,
    pub(super) unanswered_personal: u32,
    /// Whether a last message was sent since their last sign, in this round.
    pub(super) last_message: bool,
    /// Whether a meeting was held or a proposal sent, ever.
    pub(super) pursued: bool,
    /// Whether they, we or time ended it, and nobody has come back since.
    pub(super) ended: bool,
    /// Whether they opted out of every channel and have neither asked for anything nor agreed on anything since.
    pub(super) opted_out: bool,
    /// Whether they opted out of every channel and have not opted in again.
    pub(super) out_of_all: bool,
    pub(super) agreed_for: Option<DateTime<Utc>>,
    rests: BTreeSet<&'static str>,
    outcome: Option<Outcome>,
    /// The instant at which they said "later", and its date.
    later: Option<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    weekdays: Option<Weekdays>,
    from: Option<u32>,
    to: Option<u32>,
    pub(super) wished_channel: Option<Channel>,
    /// The intent of the send that is in flight or whose outcome is unknown.
    intended: Option<Intended>,
}

/// A send that was begun.
#[derive(Clone, Debug)]
struct Intended {
    action: String,
    channel: Option<Channel>,
    purpose: Option<Purpose>,
    reason: Option<Reason>,
    is_unknown: bool,
}

impl Reading {
    /// Reads one more event, given the state before it. Events that change nothing must be left out.
    pub(super) fn take(&mut self, event: &Event, before: &ProspectState) {
        self.later_comes(event, before);
        self.come_back(event);
        self.end(event);
        self.wish(event);
        self.touch(event);
        if event.is_sign() {
            self.unanswered = 0;
            self.unanswered_personal = 0;
            self.last_message = false;
        }
    }

    /// Whether the history gives a reason to rest.
    pub(super) fn gives(&self, why: Rest) -> bool {
        self.rests.contains(why.as_str())
    }

    /// Whether they said yes or no and nobody came back to it since.
    pub(super) fn is_decided(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Won | Outcome::Lost))
    }

    /// Begins a new round at a touch on or after the date of a "later", unless they are at rest.
    fn later_comes(&mut self, event: &Event, before: &ProspectState) {
        let Some((said_at, until)) = self.later else { return };
        let zone = before.zone();
        let has_come = match until {
            Some(until) => event.at() >= until,
            None => zone.date_of(event.at()) >= zone.date_of(said_at) + Days::new(LATER_DAYS),
        };
        if has_come && event.is_touch() && before.at_rest().is_none() {
            self.outcome = None;
            self.later = None;
            self.last_message = false;
        }
    }

    fn come_back(&mut self, event: &Event) {
        let request = matches!(event.kind(), EventKind::Requested { .. });
        let reopened = matches!(event.kind(), EventKind::Reopened);
        if request || reopened || (self.ended && event.is_conversation()) {
            self.outcome = None;
            self.later = None;
        }
        if request || reopened || event.is_conversation() {
            self.ended = self.rests.contains(Rest::Merged.as_str());
        }
        if reopened || matches!(event.kind(), EventKind::WentStale) {
            self.last_message = false;
        }
        let theirs = matches!(
            event.kind(),
            EventKind::Requested { .. } | EventKind::AppointmentSet { .. } | EventKind::NextStepAgreed { .. }
        );
        if theirs {
            self.opted_out = false;
        }
    }

    fn end(&mut self, event: &Event) {
        let rest = match event.kind() {
            EventKind::Stopped { why } if why.as_deref() == Some("erased") => Some(Rest::Erased),
            EventKind::Stopped { .. } => Some(Rest::Stopped),
            EventKind::GaveUp => Some(Rest::GaveUp),
            EventKind::Merged { .. } => Some(Rest::Merged),
            EventKind::OptedOut { .. } => Some(Rest::OptedOut),
            EventKind::Decided { outcome, until, .. } => {
                self.outcome = Some(*outcome);
                self.later = (*outcome == Outcome::Later).then_some((event.at(), *until));
                Some(match outcome {
                    Outcome::Won => Rest::Won,
                    Outcome::Lost => Rest::Lost,
                    Outcome::Later => Rest::Later,
                })
            }
            EventKind::Added { kind: Kind::Stakeholder, .. } => Some(Rest::InputsComplete),
            _ => None,
        };
        self.rests.extend(rest.map(Rest::as_str));
        if rest == Some(Rest::Erased) {
            self.rests.insert(Rest::Stopped.as_str());
        }
        self.ended |=
            matches!(event.kind(), EventKind::Stopped { .. } | EventKind::GaveUp | EventKind::Merged { .. });
        match event.kind() {
            EventKind::OptedOut { channels } if channels.is_empty() => {
                self.opted_out = true;
                self.out_of_all = true;
            }
            EventKind::OptedIn { .. } => {
                self.opted_out = false;
                self.out_of_all = false;
            }
            _ => {}
        }
        self.pursued |= matches!(event.kind(), EventKind::AppointmentHeld | EventKind::ProposalSent { .. });
    }

    fn wish(&mut self, event: &Event) {
        match event.kind() {
            EventKind::Preferred { channel, weekdays, from, to } => {
                self.wished_channel = channel.or(self.wished_channel);
                self.weekdays = weekdays.or(self.weekdays);
                self.from = from.map(|from| from.0).or(self.from);
                self.to = to.map(|to| to.0).or(self.to);
            }
            EventKind::NextStepAgreed { due_at, .. } => self.agreed_for = Some(*due_at),
            _ => {}
        }
    }

    fn touch(&mut self, event: &Event) {
        let sent = matches!(event.kind(), EventKind::Sent { .. });
        match event.kind() {
            EventKind::SendIntended { action, channel, purpose, reason } => {
                let (action, channel, purpose, reason) = (action.clone(), *channel, *purpose, *reason);
                self.intended = Some(Intended { action, channel, purpose, reason, is_unknown: false });
            }
            EventKind::SendUnknown { action } => {
                self.intended = self.intended.take().filter(|intended| intended.action == *action);
                self.intended.iter_mut().for_each(|intended| intended.is_unknown = true);
            }
            EventKind::SendFailed { .. } => self.intended = None,
            _ => {}
        }
        let Some(touch) = event.touch() else { return };
        let (mut channel, mut purpose, mut reason) = (touch.channel, touch.purpose, touch.reason);
        // A touch by a person settles a send whose outcome is unknown.
        let settled = self.intended.take_if(|intended| sent || intended.is_unknown);
        if let Some(intended) = settled.filter(|_| sent) {
            channel = channel.or(intended.channel);
            purpose = purpose.or(intended.purpose);
            reason = reason.or(intended.reason);
        }
        if purpose == Some(Purpose::ACKNOWLEDGE) {
            return;
        }
        self.touches.push(Touch { at: event.at(), channel, purpose, reason });
        self.unanswered += 1;
        self.unanswered_personal += u32::from(touch.personal);
        self.last_message |= purpose == Some(Purpose::LAST_MESSAGE);
    }
}

/// Local time in a zone, by jiff.
pub(super) struct Clock(TimeZone);

impl Clock {
    pub(super) fn of(zone: Zone) -> Clock {
        Clock(TimeZoneDatabase::bundled().get(zone.name()).expect("the zone is in the database"))
    }

    fn local(&self, at: DateTime<Utc>) -> jiff::civil::DateTime {
        self.0.to_datetime(Timestamp::from_microsecond(at.timestamp_micros()).expect("instants are in range"))
    }

    pub(super) fn date(&self, at: DateTime<Utc>) -> jiff::civil::Date {
        self.local(at).date()
    }

    /// Returns the date that is a number of days, weeks or months after that of an instant.
    pub(super) fn date_after(&self, at: DateTime<Utc>, span: Span) -> jiff::civil::Date {
        let span: jiff::Span =
            span.to_string().parse().expect("days, weeks and months are written in ISO 8601");
        self.date(at).saturating_add(span)
    }

    /// Whether an action may be done at an instant (C16).
    pub(super) fn is_open(
        &self,
        reading: &Reading,
        policy: &Policy,
        action: &Action,
        at: DateTime<Utc>,
    ) -> bool {
        let civil = self.local(at);
        let second = civil.hour() as u32 * 3600 + civil.minute() as u32 * 60 + civil.second() as u32;
        let settings = policy.settings();
        let kind = action.channel.map(|channel| settings.channel_kind(channel));
        let calls = kind.is_some_and(|kind| kind.keeps_calling_hours());
        let may_call = (settings.calling_hours.from.0, settings.calling_hours.to.0);
        let weekday = civil.weekday().to_monday_zero_offset() as usize;
        let within = |intervals: &[(u32, u32)]| {
            let decent = |(from, to): &(u32, u32)| match calls {
                true => ((*from).max(may_call.0), (*to).min(may_call.1)),
                false => (*from, *to),
            };
            intervals.iter().map(decent).filter(|(from, to)| from < to).collect::<Vec<_>>()
        };
        let holds =
            |intervals: &[(u32, u32)]| intervals.iter().any(|(from, to)| (*from..*to).contains(&second));
        if !keeps_working_hours(action.kind) && reading.wishes_hours() {
            let wished: Vec<_> = (0..7).map(|day| within(&reading.wished(policy, day))).collect();
            // Preferences that leave no hour give way to the working hours.
            if wished.iter().any(|day| !day.is_empty()) {
                return holds(&wished[weekday]);
            }
        }
        let date = civil.date();
        let date = NaiveDate::from_ymd_opt(date.year().into(), date.month() as u32, date.day() as u32);
        let is_holiday = date.is_some_and(|date| settings.holidays.contains(&date));
        !is_holiday && holds(&within(usual(policy, weekday)))
    }
}

impl Reading {
    fn wishes_hours(&self) -> bool {
        self.weekdays.is_some() || self.from.is_some() || self.to.is_some()
    }

    /// Returns the hours of a weekday by their preferences (C11).
    fn wished(&self, policy: &Policy, day: usize) -> Vec<(u32, u32)> {
        let own = usual(policy, day);
        let is_wished = self.weekdays.map_or(!own.is_empty(), |wished| wished.contains(weekday(day)));
        if !is_wished {
            return Vec::new();
        }
        // A preferred weekday on which we are closed gets the hours of the first day on which we are open.
        let first_open = || (0..7).map(|day| usual(policy, day)).find(|hours| !hours.is_empty());
        let own = if own.is_empty() { first_open().unwrap_or_default() } else { own };
        if self.from.is_none() && self.to.is_none() {
            return own.to_vec();
        }
        let from = self.from.or(own.first().map(|(from, _)| *from)).unwrap_or(0);
        let to = self.to.or(own.last().map(|(_, to)| *to)).unwrap_or(86_400);
        vec![(from, to)]
    }
}

fn usual(policy: &Policy, day: usize) -> &[(u32, u32)] {
    policy.settings().working_hours.of(weekday(day)).intervals()
}

/// Returns a weekday by index; Monday is 0.
fn weekday(day: usize) -> Weekday {
    u8::try_from(day).ok().and_then(|day| Weekday::try_from(day).ok()).expect("the index is below 7")
}

fn keeps_working_hours(kind: ObligationKind) -> bool {
    matches!(kind, ObligationKind::Answer | ObligationKind::Confirm | ObligationKind::Rebook)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{History, invariants};
    use followup_core::plan::plan;

    #[test]
    fn a_later_that_has_come_opens_a_round_with_a_last_message_of_its_own() {
        let history: History = "\
2026-03-05T14:00Z decided outcome=later
2026-03-08T19:00Z touched channel=phone
2026-03-12T00:00Z touched channel=email purpose=last_message
2026-06-03T05:00Z proposal_sent"
            .parse()
            .unwrap();
        let plan = plan(&history.state(), &Policy::default());
        assert_eq!(plan.next().map(|next| next.purpose), Some(Purpose::LAST_MESSAGE));
        assert_eq!(invariants::check(&history, &Policy::default()), Ok(()));
    }
}
