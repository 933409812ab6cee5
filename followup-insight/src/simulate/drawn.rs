//! Responses drawn at random, for a simulation.

use chrono::{DateTime, TimeDelta, Utc};

use super::chance::Rng;
use super::fit::immediate_response;
use super::model::{Draw, Response, ResponseModel};
use super::scenario::Scenario;
use followup_core::channel::{Channel, ChannelKind};
use followup_core::event::{Event, EventKind, Request};
use followup_core::plan::{Action, ObligationKind, event_of};
use followup_core::prospect::ProspectId;
use followup_core::purpose::Purpose;
use followup_core::pursuit::{Answers, Now};
use followup_core::stage::{By, Outcome};
use followup_core::state::Finding;
use followup_core::time::{DAY, Micros, to_instant, to_micros};

/// The delays after which an appointment is set, a next step is due, and an absence without a date ends.
const BOOKING_DELAY: Micros = 7 * DAY;
const NEXT_STEP_DELAY: Micros = 9 * DAY;
const ABSENCE: Micros = 7 * DAY;

/// Responses that are drawn from a model with the random numbers of one prospect.
pub(super) struct DrawnAnswers<'a> {
    responses: &'a ResponseModel,
    rng: Rng,
    until: Micros,
    /// The number of our actions so far.
    acts: u64,
    /// The draw for the newest action.
    drawn: Option<Draw>,
    /// The sum of the probabilities of winning by each action, in billionths.
    pub(super) expected_won: u64,
}

impl<'a> DrawnAnswers<'a> {
    pub(super) fn new(id: &ProspectId, scenario: &'a Scenario, until: Micros) -> DrawnAnswers<'a> {
        let rng = Rng::new(scenario.seed, id.as_str());
        DrawnAnswers { responses: &scenario.responses, rng, until, acts: 0, drawn: None, expected_won: 0 }
    }
}

impl Answers for DrawnAnswers<'_> {
    type Answer = (Response, Option<Channel>);

    fn done(&mut self, action: &Action, now: &Now<'_>) -> EventKind {
        let drawn = self.responses.draw(action.purpose, self.rng.nth(self.acts));
        self.acts += 1;
        let response = drawn.answer.map(|(response, _)| response);
        self.drawn = Some(drawn);
        if action.purpose == Purpose::HOLD && response == Some(Response::AppointmentMissed) {
            return EventKind::AppointmentMissed { by: Some(By::Prospect) };
        }
        // A send with an unknown outcome turns out to be sent. Automatic actions are sent.
        let in_flight = now.state.in_flight().filter(|_| action.kind == ObligationKind::Resolve);
        if in_flight.is_some() || action.automatic {
            let resolved = in_flight.is_some();
            return EventKind::Sent {
                action: in_flight.map_or_else(|| format!("simulated-act-{}", self.acts), str::to_owned),
                message_id: None,
                channel: action.channel.filter(|_| !resolved),
                purpose: (!resolved).then_some(action.purpose),
                reason: (!resolved).then_some(action.reason),
            };
        }
        let mut kind = event_of(action);
        if let (EventKind::Touched { reached, .. }, Some(Response::Reached)) = (&mut kind, response) {
            *reached = true;
        }
        kind
    }

    fn answer(&mut self, action: &Action, done: &Event, now: &Now<'_>) -> Option<(Self::Answer, TimeDelta)> {
        let drawn = self.drawn.take()?;
        let immediate = immediate_response(done);
        let unanswerable = matches!(action.purpose, Purpose::ACKNOWLEDGE | Purpose::RESOLVE_SEND);
        if unanswerable || immediate == Some(Response::AppointmentMissed) {
            return None;
        }
        let in_time = |delay: &Micros| to_micros(now.at).saturating_add(*delay) <= self.until;
        if let Some((probability, _)) = drawn.won.filter(|(_, delay)| in_time(delay))
            && can_decide(now)
        {
            self.expected_won += (probability * BILLION) as u64;
        }
        let later = drawn.answer.filter(|_| immediate.is_none());
        later.map(|(response, delay)| ((response, action.channel), TimeDelta::microseconds(delay)))
    }

    fn say(&self, (response, channel): Self::Answer, now: &Now<'_>) -> Option<EventKind> {
        let requests = |request| Some(EventKind::Requested { request, channel });
        let decides = |outcome| {
            let decided = EventKind::Decided { outcome, until: None, why: None };
            can_decide(now).then_some(decided)
        };
        match response {
            Response::Reached | Response::Replied => requests(Request::Replied),
            Response::AskedInformation => requests(Request::AskedInformation),
            Response::AskedAppointment => requests(Request::AskedAppointment),
            Response::AskedProposal => requests(Request::AskedProposal),
            Response::ReadyToBuy => requests(Request::ReadyToBuy),
            Response::Booked => {
                let set = EventKind::AppointmentSet {
                    starts_at: next_open(now, BOOKING_DELAY),
                    minutes: now.policy.settings().appointment.minutes.max(1),
                };
                // A prospect who is not ready for an appointment asks for one (P3).
                if breaks_a_rule(now, &set) { requests(Request::AskedAppointment) } else { Some(set) }
            }
            Response::AppointmentConfirmed => {
                let appointment = now.state.appointment();
                let open = appointment.is_some_and(|set| !set.is_confirmed() && !set.is_over());
                open.then_some(EventKind::AppointmentConfirmed)
            }
            Response::AppointmentMissed => None,
            Response::NextStepAgreed => {
                let due_at = next_open(now, NEXT_STEP_DELAY);
                unless_at_rest(now, EventKind::NextStepAgreed { due_at, channel, purpose: None })
            }
            Response::NextStepDeclined => unless_at_rest(now, EventKind::NextStepDeclined),
            Response::InputReceived => {
                let input = now.state.inputs().first()?;
                Some(EventKind::InputReceived { input: input.name().to_owned() })
            }
            Response::AutoReplied => {
                Some(EventKind::AutoReplied { until: Some(now.at + TimeDelta::microseconds(ABSENCE)) })
            }
            Response::Bounced => {
                let kind = channel.map(|channel| now.policy.settings().channel_kind(channel));
                let is_mail = kind == Some(ChannelKind::Mail);
                is_mail.then_some(EventKind::Bounced { permanent: true, address: None })
            }
            Response::OptedOut => Some(EventKind::OptedOut { channels: Vec::new() }),
            Response::Stopped => Some(EventKind::Stopped { why: None }),
            Response::Won => decides(Outcome::Won),
            Response::Lost => decides(Outcome::Lost),
            Response::Later => decides(Outcome::Later),
        }
    }
}

const BILLION: f64 = 1e9;

/// Whether the prospect can decide. After a final decision, only a new round allows another (P9).
fn can_decide(now: &Now<'_>) -> bool {
    matches!(now.state.outcome(), None | Some(Outcome::Later))
}

/// Returns the event unless it would break a rule because the pursuit has ended before the conversation.
fn unless_at_rest(now: &Now<'_>, kind: EventKind) -> Option<EventKind> {
    (!breaks_a_rule(now, &kind)).then_some(kind)
}

fn breaks_a_rule(now: &Now<'_>, kind: &EventKind) -> bool {
    let found = now.state.check(&Event::new(now.at, kind.clone()), now.at);
    found.iter().any(Finding::is_refusal)
}

/// Returns the first open instant in the prospect's zone after a delay.
fn next_open(now: &Now<'_>, delay: Micros) -> DateTime<Utc> {
    let open = now.policy.playbook().calendar().in_zone(now.state.zone());
    to_instant(open.next_open(to_micros(now.at) + delay))
}
