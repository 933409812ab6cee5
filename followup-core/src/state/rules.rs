//! What a strict record refuses, and an observed one reports.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::ProspectState;
use crate::channel::Channel;
use crate::event::{Event, EventKind, Request};
use crate::purpose::Purpose;
use crate::rule::Rule;
use crate::stage::{Outcome, Rest, Stage, text_enum};

/// Where an event breaks a rule: refused by `record`, reported by `observe`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What is the matter, as one word.
    pub finding: Breach,
    /// What is missing, and what would be right.
    pub detail: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {}", self.finding.as_str(), self.rule, self.detail)
    }
}

text_enum! {
    /// The ways in which an event can break a rule.
    #[non_exhaustive]
    Breach, "finding" {
        /// An appointment is asked for or set before they are ready for it (P4).
        NotReady = "not_ready",
        /// A stage is skipped by us (P2).
        SkippedStage = "skipped_stage",
        /// A proposal is recorded as a mere touch.
        ProposalAsTouch = "proposal_as_touch",
        /// A touch on a channel that they opted out of (S6).
        OptedOut = "opted_out",
        /// An appointment event with none set (P6).
        NoAppointment = "no_appointment",
        /// A second decision in a round (P9).
        SecondDecision = "second_decision",
        /// An event of ours on a prospect at rest (S3).
        AtRest = "at_rest",
        /// An event from the future (T1).
        InFuture = "in_future",
        /// A wish that never opens (C11).
        NeverOpens = "never_opens",
        /// An appointment that is no strategy session (P5). Never a refusal.
        NoStrategySession = "no_strategy_session",
    }
}

impl Finding {
    /// A finding.
    pub fn new(rule: Rule, finding: Breach, detail: impl Into<String>) -> Finding {
        Finding { rule, finding, detail: detail.into() }
    }

    /// Whether a strict record refuses the event for it.
    pub fn is_refusal(&self) -> bool {
        self.finding != Breach::NoStrategySession
    }
}

/// How long an appointment worth holding takes at least (P5).
const STRATEGY_SESSION_MINUTES: u32 = 60;

impl ProspectState {
    /// Which rules an event would break, if it came next. Requests and other plain signs break none (P3).
    pub fn check(&self, event: &Event, now: DateTime<Utc>) -> Vec<Finding> {
        let mut found = Vec::new();
        if event.at > now {
            let detail = format!(
                "it is dated {}, which is later than now, {now}; record it when it has happened",
                event.at
            );
            found.push(Finding::new(Rule::T1, Breach::InFuture, detail));
        }
        found.extend(self.check_rest(event));
        found.extend(self.check_consent(event));
        found.extend(self.check_pipeline(event));
        found.extend(self.check_strategy_session(event));
        found
    }

    fn check_pipeline(&self, event: &Event) -> Option<Finding> {
        match &event.kind {
            EventKind::Touched { purpose: Some(Purpose::ASK_APPOINTMENT), .. }
            | EventKind::AppointmentSet { .. } => self.check_readiness(),
            EventKind::Touched { purpose: Some(Purpose::PROPOSE), .. } => Some(Finding::new(
                Rule::P7,
                Breach::ProposalAsTouch,
                "a touch with the purpose propose is no proposal; record proposal_sent instead",
            )),
            EventKind::ProposalSent { .. } => {
                let allowed = self.held.is_some() || self.asked_for.proposal;
                let detail = "no appointment was held and they did not ask for a proposal; record appointment_held \
                              or asked_proposal first";
                (!allowed).then(|| Finding::new(Rule::P2, Breach::SkippedStage, detail))
            }
            EventKind::AppointmentConfirmed
            | EventKind::AppointmentHeld
            | EventKind::AppointmentMissed { .. } => {
                let detail = "no appointment is set; record appointment_set first";
                self.appointment.is_none().then(|| Finding::new(Rule::P6, Breach::NoAppointment, detail))
            }
            EventKind::Decided { .. } => {
                let decided = self.outcome().filter(|outcome| *outcome != Outcome::Later)?;
                let detail = format!("they have decided already ({decided}); record reopened first");
                Some(Finding::new(Rule::P9, Breach::SecondDecision, detail))
            }
            _ => None,
        }
    }

    /// An appointment worth holding: they know us, they take the time, they are ready to explore (P5).
    fn check_strategy_session(&self, event: &Event) -> Option<Finding> {
        let EventKind::AppointmentSet { minutes, .. } = event.kind else { return None };
        let known = &self.qualification;
        let minutes = known.minutes.unwrap_or(minutes).min(minutes);
        let mut unmet = Vec::new();
        if known.knows_us == Some(false) {
            unmet.push("they do not know us and our service yet: inform them first".to_owned());
        }
        if known.ready == Some(false) {
            unmet.push("they are not ready to explore: find out what would make them".to_owned());
        }
        if minutes < STRATEGY_SESSION_MINUTES {
            unmet.push(format!("{minutes} minutes are too short: ask for {STRATEGY_SESSION_MINUTES} to 90"));
        }
        (!unmet.is_empty()).then(|| Finding::new(Rule::P5, Breach::NoStrategySession, unmet.join("; ")))
    }

    fn check_readiness(&self) -> Option<Finding> {
        let readiness = self.readiness();
        if readiness.is_ready() || self.asked_for.appointment || self.stage > Stage::Appointment {
            return None;
        }
        let mut missing = Vec::new();
        if !readiness.informed {
            missing.push("no information was delivered (information_sent)");
        }
        if !readiness.familiar {
            missing.push("there was no sign of theirs and there were not two touches");
        }
        let detail = format!("they are not ready for an appointment: {}", missing.join("; "));
        Some(Finding::new(Rule::P4, Breach::NotReady, detail))
    }

    fn check_consent(&self, event: &Event) -> Option<Finding> {
        let touch = self.made_contact(event)?;
        let out_of = match touch.channel {
            Some(channel) if self.consent.allows(channel) => return None,
            Some(channel) => channel.to_string(),
            None if self.consent.is_out_of_all() => "every channel".to_owned(),
            None => return None,
        };
        if self.owes_newer_request(touch.channel) {
            return None;
        }
        let detail = format!(
            "they opted out of {out_of}; only the answer to a newer request of theirs, on the channel that they \
             used, may go out"
        );
        Some(Finding::new(Rule::S6, Breach::OptedOut, detail))
    }

    /// Whether a request newer than the opting out is owed an answer on this channel.
    fn owes_newer_request(&self, channel: Option<Channel>) -> bool {
        let out = self.consent.out.as_ref();
        self.owed.iter().any(|owed| {
            let newer = Some(&owed.newest) > out;
            newer && (channel.is_none() || owed.channel.is_none() || owed.channel == channel)
        })
    }

    fn check_rest(&self, event: &Event) -> Option<Finding> {
        let rest = self.at_rest().filter(|rest| *rest != Rest::OptedOut)?;
        let ours = event.is_touch()
            || matches!(
                event.kind,
                EventKind::Snoozed { .. }
                    | EventKind::Paused { .. }
                    | EventKind::InputWaived { .. }
                    | EventKind::SendIntended { .. }
            );
        // A conversation with somebody stopped or given up opens a new round (S5); a touch that reached them does not.
        let talks_again = matches!(rest, Rest::Stopped | Rest::GaveUp)
            && event.is_conversation()
            && !matches!(event.kind, EventKind::Touched { .. });
        if !ours || talks_again {
            return None;
        }
        let rule = match rest {
            Rest::GaveUp => Rule::S2,
            Rest::Won | Rest::Lost => Rule::P9,
            _ => Rule::S3,
        };
        let detail = format!("the prospect is at rest ({rest}); record reopened first");
        Some(Finding::new(rule, Breach::AtRest, detail))
    }

    /// Whether a request of this kind is owed an answer.
    pub fn owes(&self, request: Request) -> bool {
        self.owed.iter().any(|owed| owed.request == request)
    }
}
