//! One prospect run forward: we do what is next, they answer as chance has it, and time does what time does.

use chrono::{DateTime, Utc};

use super::chance::Chance;
use super::fit::response_of;
use super::model::{Response, ResponseModel};
use super::scenario::Scenario;
use crate::channel::{Channel, ChannelKind};
use crate::event::{Event, EventKind, Request};
use crate::plan::{Act, Action, ObligationKind, Outcome, WakeKind, WakeUp, decide, doing, first_open};
use crate::playbook::Playbook;
use crate::prospect::ProspectId;
use crate::purpose::Purpose;
use crate::stage::{By, Outcome as Decision, Standing};
use crate::state::{Finding, ProspectState, WAKE_UP_SEQ};
use crate::time::{Calendar, DAY, Micros, to_instant, to_micros};

/// More than happens to one prospect in ten years of daily touches with an answer each: what comes after it is cut off.
const EVENTS_MAX: u32 = 10_000;

/// How many days ahead an appointment is set, a next step agreed on, and somebody away who says no date.
const BOOKED_AHEAD: Micros = 7 * DAY;
const AGREED_AHEAD: Micros = 9 * DAY;
const AWAY: Micros = 7 * DAY;

/// One prospect on their way into the future.
pub(super) struct Pursuit<'a> {
    pub(super) state: ProspectState,
    playbook: &'a Playbook,
    responses: &'a ResponseModel,
    chance: Chance,
    /// Nothing happens before it any more.
    clock: Micros,
    until: Micros,
    /// The answer that is on its way.
    coming: Option<Coming>,
    /// The appointment that they were asked to confirm.
    asked_to_confirm: Option<String>,
    /// How many of our acts there were, and how many events.
    acts: u64,
    events: u32,
    /// How often it was decided what is next.
    pub(super) plans: u64,
    /// How likely they were to be won by each of our acts, added up, in billionths.
    pub(super) expected_won: u64,
    /// Where they stand, as of the newest decision.
    pub(super) standing: Standing,
}

/// An answer on its way.
#[derive(Clone, Copy)]
struct Coming {
    at: Micros,
    response: Response,
    channel: Option<Channel>,
}

/// Something that happened in the future.
pub(super) struct Step {
    pub(super) event: Event,
    pub(super) did: Did,
}

/// What it was.
pub(super) enum Did {
    /// What was next.
    Act {
        channel: Option<Channel>,
        automatic: bool,
        appointment: bool,
        /// The answer that the act itself is: they were reached, or did not come.
        at_once: Option<Response>,
    },
    /// They answered.
    Answered(Response),
    /// Time alone did it.
    Woke(WakeKind),
}

/// What comes first.
enum First {
    Answer(Coming),
    Act(Action, Micros),
    Wake(WakeUp, Micros),
}

impl<'a> Pursuit<'a> {
    /// Somebody as of `now`, with what time alone has changed by then folded in.
    pub(super) fn new(
        id: &ProspectId,
        state: ProspectState,
        playbook: &'a Playbook,
        scenario: &'a Scenario,
        now: DateTime<Utc>,
    ) -> Pursuit<'a> {
        let newest = state.last_event_at().unwrap_or(now);
        Pursuit {
            state,
            playbook,
            responses: &scenario.responses,
            chance: Chance::of(scenario.seed, id.as_str()),
            clock: to_micros(now.max(newest)),
            until: to_micros(scenario.until(now)),
            coming: None,
            asked_to_confirm: None,
            acts: 0,
            events: 0,
            plans: 0,
            expected_won: 0,
            standing: Standing::Active,
        }
    }

    /// Whether there was more than can be: the run ends where it was cut off.
    pub(super) fn is_cut_short(&self) -> bool {
        self.events >= EVENTS_MAX
    }

    /// The next thing that happens until the end, folded in.
    pub(super) fn step(&mut self) -> Option<Step> {
        while !self.is_cut_short() {
            let step = match self.first()? {
                First::Answer(coming) => {
                    self.coming = None;
                    self.clock = coming.at;
                    // What is not possible any more, as confirming what is over, is not said.
                    let Some(kind) = self.answer(coming) else { continue };
                    let event = self.happens(kind);
                    let did = Did::Answered(response_of(&event).unwrap_or(coming.response));
                    Step { event, did }
                }
                First::Act(action, at) => {
                    self.clock = at;
                    self.act(&action)
                }
                First::Wake(wake, at) => {
                    self.clock = at;
                    let event = self.happens(wake.event_kind(&self.state));
                    Step { event, did: Did::Woke(wake.kind) }
                }
            };
            return Some(step);
        }
        None
    }

    /// What comes first: an answer before what we do, and that before what time does, as in the order of the fold.
    fn first(&mut self) -> Option<First> {
        self.plans += 1;
        let decided = decide(&self.state, self.playbook);
        self.standing = match &decided.outcome {
            Outcome::Act { .. } => Standing::Active,
            Outcome::Wait { .. } => Standing::Waiting,
            Outcome::Rest { why } => Standing::Resting(*why),
        };
        let todo = match &decided.outcome {
            Outcome::Act { next, also } => {
                let acts = std::iter::once(next).chain(also).filter(|act| !self.is_asked(act));
                acts.min_by_key(|act| act.when.latest)
            }
            _ => None,
        };
        let act = todo.map(|act| (act, self.opens_at(act)));
        let wake = decided.wake.as_ref().map(|wake| (wake, wake.natural.max(self.clock)));
        let act_at = act.as_ref().map_or(Micros::MAX, |(_, at)| *at);
        let wake_at = wake.as_ref().map_or(Micros::MAX, |(_, at)| *at);
        let soonest = act_at.min(wake_at);
        if let Some(coming) = self.coming.filter(|coming| coming.at <= soonest) {
            return (coming.at <= self.until).then_some(First::Answer(coming));
        }
        if soonest > self.until {
            return None;
        }
        match (act, wake) {
            (Some((act, at)), _) if at <= wake_at => Some(First::Act(act.to_action(), at)),
            (_, Some((wake, at))) => Some(First::Wake(wake.clone(), at)),
            _ => None,
        }
    }

    /// They are asked to confirm an appointment once; unconfirmed, it is held as it is in time (P6).
    fn is_asked(&self, act: &Act<'_>) -> bool {
        act.kind == ObligationKind::Confirm && self.asked_to_confirm.as_deref() == Some(act.origin)
    }

    /// At its target; what is late waits for an open hour too (C16).
    fn opens_at(&self, act: &Act<'_>) -> Micros {
        if act.when.target >= self.clock {
            return act.when.target;
        }
        let open = first_open(&self.state, self.playbook, act, to_instant(self.clock));
        to_micros(open)
    }

    /// Does an action, and draws what comes of it.
    fn act(&mut self, action: &Action) -> Step {
        let drawn = self.responses.draw(action.purpose, self.chance.nth(self.acts));
        self.acts += 1;
        if action.kind == ObligationKind::Confirm {
            self.asked_to_confirm =
                self.state.appointment.as_ref().map(|appointment| appointment.set.key.clone());
        }
        let at_once = drawn.answer.map(|(response, _)| response);
        let missed = action.purpose == Purpose::HOLD && at_once == Some(Response::AppointmentMissed);
        let mut kind = self.done(action, missed);
        let reached = at_once == Some(Response::Reached) && can_reach(&mut kind);
        let did = Did::Act {
            channel: action.channel,
            automatic: action.automatic,
            appointment: action.purpose == Purpose::HOLD,
            at_once: at_once.filter(|_| missed || reached),
        };
        let event = self.happens(kind);
        let is_answerable = !matches!(action.purpose, Purpose::ACKNOWLEDGE | Purpose::RESOLVE_SEND);
        // One answer at a time: whoever is about to answer answers all that was said.
        if is_answerable && self.coming.is_none() && !missed {
            let in_time = |delay: &Micros| self.clock.saturating_add(*delay) <= self.until;
            if let Some((probability, _)) = drawn.won.filter(|(_, delay)| in_time(delay))
                && self.can_decide()
            {
                self.expected_won += (probability * BILLION) as u64;
            }
            self.coming = drawn.answer.filter(|_| !reached).map(|(response, delay)| Coming {
                // A touch comes before its answer.
                at: self.clock.saturating_add(delay.max(1)),
                response,
                channel: action.channel,
            });
        }
        Step { event, did }
    }

    /// The event that doing an action is.
    fn done(&self, action: &Action, missed: bool) -> EventKind {
        let in_flight = self.state.in_flight().filter(|_| action.kind == ObligationKind::Resolve);
        if missed {
            return EventKind::AppointmentMissed { by: Some(By::Prospect) };
        }
        // Whoever looks finds that it went out; what a machine does is sent.
        if in_flight.is_some() || action.automatic {
            let resolved = in_flight.is_some();
            return EventKind::Sent {
                action: in_flight.map_or_else(|| self.key(), str::to_owned),
                message_id: None,
                channel: action.channel.filter(|_| !resolved),
                purpose: (!resolved).then_some(action.purpose),
                reason: (!resolved).then_some(action.reason),
            };
        }
        doing(action)
    }

    /// What an answer is as an event; `None` if they cannot give it any more.
    fn answer(&self, Coming { at, response, channel }: Coming) -> Option<EventKind> {
        let requests = |request| Some(EventKind::Requested { request, channel });
        let decides = |outcome| {
            let decided = EventKind::Decided { outcome, until: None, why: None };
            self.can_decide().then_some(decided)
        };
        match response {
            Response::Reached | Response::Replied => requests(Request::Replied),
            Response::AskedInformation => requests(Request::AskedInformation),
            Response::AskedAppointment => requests(Request::AskedAppointment),
            Response::AskedProposal => requests(Request::AskedProposal),
            Response::ReadyToBuy => requests(Request::ReadyToBuy),
            Response::Booked => {
                let set = EventKind::AppointmentSet {
                    starts_at: to_instant(self.next_open(at + BOOKED_AHEAD)),
                    minutes: self.playbook.settings().appointment.minutes.max(1),
                };
                // The buyer may jump (P3): by asking.
                if self.breaks_a_rule(&set) { requests(Request::AskedAppointment) } else { Some(set) }
            }
            Response::AppointmentConfirmed => {
                let appointment = self.state.appointment.as_ref();
                let open = appointment.is_some_and(|set| !set.confirmed && !set.over);
                open.then_some(EventKind::AppointmentConfirmed)
            }
            Response::AppointmentMissed => None,
            Response::NextStepAgreed => {
                let due_at = to_instant(self.next_open(at + AGREED_AHEAD));
                self.unless_at_rest(EventKind::NextStepAgreed { due_at, channel, purpose: None })
            }
            Response::NextStepDeclined => self.unless_at_rest(EventKind::NextStepDeclined),
            Response::InputReceived => {
                let input = self.state.inputs.first()?;
                Some(EventKind::InputReceived { input: input.name.clone() })
            }
            Response::AutoReplied => Some(EventKind::AutoReplied { until: Some(to_instant(at + AWAY)) }),
            Response::Bounced => {
                let kind = channel.map(|channel| self.playbook.settings().channel_kind(channel));
                let is_mail = kind == Some(ChannelKind::Mail);
                is_mail.then_some(EventKind::Bounced { permanent: true, address: None })
            }
            Response::OptedOut => Some(EventKind::OptedOut { channels: Vec::new() }),
            Response::Stopped => Some(EventKind::Stopped { why: None }),
            Response::Won => decides(Decision::Won),
            Response::Lost => decides(Decision::Lost),
            Response::Later => decides(Decision::Later),
        }
    }

    /// Whoever has decided for good decides again only in a new round (P9).
    fn can_decide(&self) -> bool {
        matches!(self.state.outcome(), None | Some(Decision::Later))
    }

    /// A conversation that was under way when everything ended does not come about.
    fn unless_at_rest(&self, kind: EventKind) -> Option<EventKind> {
        (!self.breaks_a_rule(&kind)).then_some(kind)
    }

    fn breaks_a_rule(&self, kind: &EventKind) -> bool {
        let at = to_instant(self.clock);
        let found = self.state.check(&Event::new(at, kind.clone()), at);
        found.iter().any(Finding::is_refusal)
    }

    /// The first open instant where they are.
    fn next_open(&self, at: Micros) -> Micros {
        let open = Calendar::new(self.state.zone(), *self.playbook.working_hours(), self.playbook.holidays());
        open.next_open(at)
    }

    fn key(&self) -> String {
        format!("simulated-{}", self.events + 1)
    }

    /// Folds in what happens now. No fact comes late here, so a wake-up needs no premise.
    fn happens(&mut self, kind: EventKind) -> Event {
        let at = to_instant(self.clock);
        let event = Event::new(at, kind);
        let seq = self.state.seq_after(at);
        let seq = if event.is_wake_up() { seq.max(WAKE_UP_SEQ) } else { seq };
        let event = event.seq(seq).key(self.key());
        self.state.apply(&event);
        self.events += 1;
        event
    }
}

const BILLION: f64 = 1e9;

/// Makes a conversation of a touch, where the event can say so.
fn can_reach(kind: &mut EventKind) -> bool {
    match kind {
        EventKind::Touched { reached, .. } => {
            *reached = true;
            true
        }
        _ => false,
    }
}
