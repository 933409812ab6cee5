//! How people answer in a simulation: as chance has it.

use super::chance::Chance;
use super::fit::at_once;
use super::model::{Drawn, Response, ResponseModel};
use super::scenario::Scenario;
use crate::channel::{Channel, ChannelKind};
use crate::event::{Event, EventKind, Request};
use crate::plan::{Action, ObligationKind, doing};
use crate::prospect::ProspectId;
use crate::purpose::Purpose;
use crate::pursuit::{Answers, Now};
use crate::stage::{By, Outcome};
use crate::state::Finding;
use crate::time::{Calendar, DAY, Micros, to_instant};

/// How many days ahead an appointment is set, a next step agreed on, and somebody away who says no date.
const BOOKED_AHEAD: Micros = 7 * DAY;
const AGREED_AHEAD: Micros = 9 * DAY;
const AWAY: Micros = 7 * DAY;

/// Answers that are drawn from a model by the chance of one prospect.
pub(super) struct DrawnAnswers<'a> {
    responses: &'a ResponseModel,
    chance: Chance,
    until: Micros,
    /// How many of our acts there were.
    acts: u64,
    /// What was drawn for the newest of them.
    drawn: Option<Drawn>,
    /// How likely they were to be won by each of our acts, added up, in billionths.
    pub(super) expected_won: u64,
}

impl<'a> DrawnAnswers<'a> {
    pub(super) fn new(id: &ProspectId, scenario: &'a Scenario, until: Micros) -> DrawnAnswers<'a> {
        let chance = Chance::of(scenario.seed, id.as_str());
        DrawnAnswers { responses: &scenario.responses, chance, until, acts: 0, drawn: None, expected_won: 0 }
    }
}

impl Answers for DrawnAnswers<'_> {
    type Answer = (Response, Option<Channel>);

    fn done(&mut self, action: &Action, now: &Now<'_>) -> EventKind {
        let drawn = self.responses.draw(action.purpose, self.chance.nth(self.acts));
        self.acts += 1;
        let at_once = drawn.answer.map(|(response, _)| response);
        self.drawn = Some(drawn);
        if action.purpose == Purpose::HOLD && at_once == Some(Response::AppointmentMissed) {
            return EventKind::AppointmentMissed { by: Some(By::Prospect) };
        }
        // Whoever looks finds that it went out; what a machine does is sent.
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
        let mut kind = doing(action);
        if let (EventKind::Touched { reached, .. }, Some(Response::Reached)) = (&mut kind, at_once) {
            *reached = true;
        }
        kind
    }

    fn answer(&mut self, action: &Action, done: &Event, now: &Now<'_>) -> Option<(Self::Answer, Micros)> {
        let drawn = self.drawn.take()?;
        let at_once = at_once(done);
        let unanswerable = matches!(action.purpose, Purpose::ACKNOWLEDGE | Purpose::RESOLVE_SEND);
        if unanswerable || at_once == Some(Response::AppointmentMissed) {
            return None;
        }
        let in_time = |delay: &Micros| now.at.saturating_add(*delay) <= self.until;
        if let Some((probability, _)) = drawn.won.filter(|(_, delay)| in_time(delay))
            && now.can_decide()
        {
            self.expected_won += (probability * BILLION) as u64;
        }
        let later = drawn.answer.filter(|_| at_once.is_none());
        later.map(|(response, delay)| ((response, action.channel), delay))
    }

    fn say(&self, (response, channel): Self::Answer, now: &Now<'_>) -> Option<EventKind> {
        let requests = |request| Some(EventKind::Requested { request, channel });
        let decides = |outcome| {
            let decided = EventKind::Decided { outcome, until: None, why: None };
            now.can_decide().then_some(decided)
        };
        match response {
            Response::Reached | Response::Replied => requests(Request::Replied),
            Response::AskedInformation => requests(Request::AskedInformation),
            Response::AskedAppointment => requests(Request::AskedAppointment),
            Response::AskedProposal => requests(Request::AskedProposal),
            Response::ReadyToBuy => requests(Request::ReadyToBuy),
            Response::Booked => {
                let set = EventKind::AppointmentSet {
                    starts_at: to_instant(now.next_open(now.at + BOOKED_AHEAD)),
                    minutes: now.playbook.settings().appointment.minutes.max(1),
                };
                // The buyer may jump (P3): by asking.
                if now.breaks_a_rule(&set) { requests(Request::AskedAppointment) } else { Some(set) }
            }
            Response::AppointmentConfirmed => {
                let appointment = now.state.appointment.as_ref();
                let open = appointment.is_some_and(|set| !set.confirmed && !set.over);
                open.then_some(EventKind::AppointmentConfirmed)
            }
            Response::AppointmentMissed => None,
            Response::NextStepAgreed => {
                let due_at = to_instant(now.next_open(now.at + AGREED_AHEAD));
                now.unless_at_rest(EventKind::NextStepAgreed { due_at, channel, purpose: None })
            }
            Response::NextStepDeclined => now.unless_at_rest(EventKind::NextStepDeclined),
            Response::InputReceived => {
                let input = now.state.inputs.first()?;
                Some(EventKind::InputReceived { input: input.name.clone() })
            }
            Response::AutoReplied => Some(EventKind::AutoReplied { until: Some(to_instant(now.at + AWAY)) }),
            Response::Bounced => {
                let kind = channel.map(|channel| now.playbook.settings().channel_kind(channel));
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

impl Now<'_> {
    /// Whoever has decided for good decides again only in a new round (P9).
    fn can_decide(&self) -> bool {
        matches!(self.state.outcome(), None | Some(Outcome::Later))
    }

    /// A conversation that was under way when everything ended does not come about.
    fn unless_at_rest(&self, kind: EventKind) -> Option<EventKind> {
        (!self.breaks_a_rule(&kind)).then_some(kind)
    }

    fn breaks_a_rule(&self, kind: &EventKind) -> bool {
        let at = to_instant(self.at);
        let found = self.state.check(&Event::new(at, kind.clone()), at);
        found.iter().any(Finding::is_refusal)
    }

    /// The first open instant where they are.
    fn next_open(&self, at: Micros) -> Micros {
        let open = Calendar::new(self.state.zone(), *self.playbook.working_hours(), self.playbook.holidays());
        open.next_open(at)
    }
}
