//! Breaches of rules: refused by a strict record, reported by an observed one.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::ProspectState;
use crate::channel::Channel;
use crate::event::{Event, EventKind, Request};
use crate::purpose::Purpose;
use crate::rule::Rule;
use crate::stage::{Outcome, Rest, Stage, text_enum};

/// A breach of a rule by an event: refused by `record`, reported by `observe`.
///
/// # Examples
/// ```
/// use followup_core::state::{Breach, Finding};
/// use followup_core::{Event, ProspectState, Rule};
///
/// let at = "2026-03-06T14:00:00Z".parse()?;
/// let ada = ProspectState::replay([Event::next_step_declined(at)])?;
/// let short = Event::appointment_set(at, "2026-03-12T10:00:00Z".parse()?, 30);
/// let findings: Vec<Finding> = ada.check(&short, at);
/// let finding = findings.iter().find(|finding| finding.rule == Rule::P5).expect("half an hour is short");
/// assert_eq!(finding.finding, Breach::NoStrategySession);
/// assert!(!finding.is_refusal(), "it is advice");
/// assert!(finding.to_string().starts_with("no_strategy_session (P5): "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The kind of breach.
    pub finding: Breach,
    /// What is missing, and what to do.
    pub detail: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {}", self.finding.as_str(), self.rule, self.detail)
    }
}

text_enum! {
    /// The kinds of breaches.
    #[non_exhaustive]
    Breach, "finding" {
        /// An appointment is asked for or set before they are ready for it (P4).
        NotReady = "not_ready",
        /// We skip a stage (P2).
        SkippedStage = "skipped_stage",
        /// A proposal is recorded as a touch.
        ProposalAsTouch = "proposal_as_touch",
        /// A touch on a channel that they opted out of (S6).
        OptedOut = "opted_out",
        /// An appointment event without an appointment (P6).
        NoAppointment = "no_appointment",
        /// A second decision in a round (P9).
        SecondDecision = "second_decision",
        /// An event of ours on a prospect at rest (S3).
        AtRest = "at_rest",
        /// An event from the future (T1).
        InFuture = "in_future",
        /// Preferred hours that never open (C11).
        NeverOpens = "never_opens",
        /// An appointment that is not a strategy session (P5). Never a refusal.
        NoStrategySession = "no_strategy_session",
    }
}

impl Finding {
    /// Creates a finding.
    pub fn new(rule: Rule, finding: Breach, detail: impl Into<String>) -> Finding {
        Finding { rule, finding, detail: detail.into() }
    }

    /// Whether a strict record refuses the event.
    pub fn is_refusal(&self) -> bool {
        self.finding != Breach::NoStrategySession
    }
}

/// The minimum length of an appointment worth holding, in minutes (P5).
const STRATEGY_SESSION_MINUTES: u32 = 60;

impl ProspectState {
    /// Returns the rules that an event would break if it came next. Requests and other signs break none (P3).
    ///
    /// # Examples
    /// ```
    /// use followup_core::state::Breach;
    /// use followup_core::{Event, ProspectState};
    ///
    /// let at = "2026-03-06T14:00:00Z".parse()?;
    /// let ada = ProspectState::replay([Event::added(at)])?;
    /// let findings = ada.check(&Event::appointment_held(at), at);
    /// assert_eq!(findings[0].finding, Breach::NoAppointment);
    /// assert!(findings[0].is_refusal());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, event: &Event, now: DateTime<Utc>) -> Vec<Finding> {
        let mut found = Vec::new();
        if event.at > now {
            let detail = format!(
                "the event is dated {}, which is later than now ({now}); record it once it has happened",
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
                "a touch with the purpose propose does not record a proposal; record proposal_sent instead",
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
                let detail = format!("they have already decided ({decided}); record reopened first");
                Some(Finding::new(Rule::P9, Breach::SecondDecision, detail))
            }
            _ => None,
        }
    }

    /// Checks an appointment: it is worth holding if they know us, have the time and are ready to explore (P5).
    fn check_strategy_session(&self, event: &Event) -> Option<Finding> {
        let EventKind::AppointmentSet { minutes, .. } = event.kind else { return None };
        let known = &self.qualification;
        let minutes = known.minutes.unwrap_or(minutes).min(minutes);
        let mut unmet = Vec::new();
        if known.knows_us == Some(false) {
            unmet.push("they do not know us and our service yet: inform them first".to_owned());
        }
        if known.ready == Some(false) {
            unmet.push("they are not ready to explore: find out what would make them ready".to_owned());
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
            missing.push("no information was sent (information_sent)");
        }
        if !readiness.familiar {
            missing.push("there was neither a sign from them nor two touches");
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
            "they opted out of {out_of}; only an answer to a newer request of theirs may be sent, on the channel of \
             the request"
        );
        Some(Finding::new(Rule::S6, Breach::OptedOut, detail))
    }

    /// Whether a request newer than the opt-out is owed an answer on this channel.
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
        // A conversation after a stop or giving up opens a new round (S5); a touch that reached them does not.
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
    ///
    /// # Examples
    /// ```
    /// use followup_core::event::Request;
    /// use followup_core::{Channel, Event, ProspectState};
    ///
    /// let asked = Event::asked_proposal("2026-03-06T14:00:00Z".parse()?, Channel::EMAIL);
    /// let ada = ProspectState::replay([asked])?;
    /// assert!(ada.owes(Request::AskedProposal));
    /// assert!(!ada.owes(Request::AskedInformation));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn owes(&self, request: Request) -> bool {
        self.owed.iter().any(|owed| owed.request == request)
    }
}
