//! One prospect run forward: we do what is next, they answer, and time does what time does.

use chrono::{DateTime, Utc};

use crate::event::{Event, EventKind};
use crate::plan::{Act, Action, ObligationKind, Outcome, WakeKind, WakeUp, decide, doing, first_open};
use crate::playbook::Playbook;
use crate::stage::Standing;
use crate::state::ProspectState;
use crate::time::{Micros, to_instant, to_micros};

/// More than happens to one prospect in ten years of daily touches with an answer each: what comes after it is cut off.
const EVENTS_MAX: u32 = 10_000;

/// How somebody answers what we do, and when we do it.
pub(crate) trait Answers {
    /// What they are about to say.
    type Answer;

    /// When we do something that is next, if it is not late.
    fn moment(&self, act: &Act<'_>) -> Micros {
        act.when.target
    }

    /// The event that doing it now is.
    fn done(&mut self, action: &Action, _now: &Now<'_>) -> EventKind {
        doing(action)
    }

    /// What they will say to what was done now, and after how long. One answer is on its way at a time: whoever is about
    /// to answer answers all that was said.
    fn answer(&mut self, action: &Action, done: &Event, now: &Now<'_>) -> Option<(Self::Answer, Micros)>;

    /// What they say now as an event; `None` if they cannot say it any more.
    fn say(&self, answer: Self::Answer, now: &Now<'_>) -> Option<EventKind>;
}

/// Where a pursuit stands.
pub(crate) struct Now<'a> {
    pub(crate) at: Micros,
    pub(crate) state: &'a ProspectState,
    pub(crate) playbook: &'a Playbook,
}

/// One prospect on their way into the future.
pub(crate) struct Pursuit<'a, A: Answers> {
    pub(crate) state: ProspectState,
    playbook: &'a Playbook,
    pub(crate) answers: A,
    /// The key of the nth event.
    key: fn(u32) -> String,
    /// Nothing happens before it any more.
    clock: Micros,
    until: Micros,
    /// The answer that is on its way, and when it comes.
    coming: Option<(A::Answer, Micros)>,
    /// The appointment that they were asked to confirm.
    asked_to_confirm: Option<String>,
    events: u32,
    /// How often it was decided what is next.
    pub(crate) plans: u64,
    /// Where they stand, as of the newest decision.
    pub(crate) standing: Standing,
}

/// Something that happened in the future.
pub(crate) struct Step {
    pub(crate) event: Event,
    pub(crate) did: Did,
}

/// What it was.
#[expect(clippy::large_enum_variant, reason = "most of what happens is what we do, and a step is not kept")]
pub(crate) enum Did {
    /// We did what was next.
    Act(Action),
    /// They answered.
    Answered,
    /// Time alone did it.
    Woke(WakeKind),
}

/// What comes first.
enum First {
    Answer,
    Act(Action, Micros),
    Wake(WakeUp, Micros),
}

impl<'a, A: Answers> Pursuit<'a, A> {
    /// Somebody as of `now`, with what time alone has changed by then folded in.
    pub(crate) fn new(
        state: ProspectState,
        playbook: &'a Playbook,
        answers: A,
        (now, until): (DateTime<Utc>, DateTime<Utc>),
        key: fn(u32) -> String,
    ) -> Pursuit<'a, A> {
        let newest = state.last_event_at().unwrap_or(now);
        Pursuit {
            state,
            playbook,
            answers,
            key,
            clock: to_micros(now.max(newest)),
            until: to_micros(until),
            coming: None,
            asked_to_confirm: None,
            events: 0,
            plans: 0,
            standing: Standing::Active,
        }
    }

    /// Whether there was more than can be: the run ends where it was cut off.
    pub(crate) fn is_cut_short(&self) -> bool {
        self.events >= EVENTS_MAX
    }

    /// The next thing that happens until the end, folded in.
    pub(crate) fn step(&mut self) -> Option<Step> {
        while !self.is_cut_short() {
            return Some(match self.first()? {
                First::Answer => {
                    // What is not possible any more, as confirming what is over, is not said.
                    let Some(kind) = self.answered() else { continue };
                    Step { event: self.happens(kind), did: Did::Answered }
                }
                First::Act(action, at) => {
                    self.clock = at;
                    Step { event: self.act(&action), did: Did::Act(action) }
                }
                First::Wake(wake, at) => {
                    self.clock = at;
                    let event = self.happens(wake.event_kind(&self.state));
                    Step { event, did: Did::Woke(wake.kind) }
                }
            });
        }
        None
    }

    /// What comes first: an answer before what we do, and that before what time does, as in the order of the fold.
    fn first(&mut self) -> Option<First> {
        self.plans += 1;
        let decided = decide(&self.state, self.playbook);
        self.standing = decided.outcome.standing();
        let todo = match &decided.outcome {
            Outcome::Act { next, also } => {
                let acts = std::iter::once(next).chain(also).filter(|act| !self.is_asked(act));
                acts.min_by_key(|act| act.when.latest)
            }
            Outcome::Wait { .. } | Outcome::Rest { .. } => None,
        };
        let act = todo.map(|act| (act, self.opens_at(act)));
        let wake = decided.wake.as_ref().map(|wake| (wake, wake.natural.max(self.clock)));
        let act_at = act.as_ref().map_or(Micros::MAX, |(_, at)| *at);
        let wake_at = wake.as_ref().map_or(Micros::MAX, |(_, at)| *at);
        let soonest = act_at.min(wake_at);
        if let Some((_, at)) = self.coming.as_ref().filter(|(_, at)| *at <= soonest) {
            return (*at <= self.until).then_some(First::Answer);
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

    /// At its moment; what is late waits for an open hour too (C16).
    fn opens_at(&self, act: &Act<'_>) -> Micros {
        let moment = self.answers.moment(act);
        if moment >= self.clock {
            return moment;
        }
        to_micros(first_open(&self.state, self.playbook, act, to_instant(self.clock)))
    }

    /// Does an action, and sends an answer on its way.
    fn act(&mut self, action: &Action) -> Event {
        if action.kind == ObligationKind::Confirm {
            self.asked_to_confirm =
                self.state.appointment.as_ref().map(|appointment| appointment.set.key.clone());
        }
        let kind =
            self.answers.done(action, &Now { at: self.clock, state: &self.state, playbook: self.playbook });
        let event = self.happens(kind);
        if self.coming.is_none() {
            let answer = self.answers.answer(
                action,
                &event,
                &Now { at: self.clock, state: &self.state, playbook: self.playbook },
            );
            // A touch comes before its answer.
            self.coming = answer.map(|(answer, delay)| (answer, self.clock.saturating_add(delay.max(1))));
        }
        event
    }

    /// What the answer that is on its way says.
    fn answered(&mut self) -> Option<EventKind> {
        let (answer, at) = self.coming.take()?;
        self.clock = at;
        self.answers.say(answer, &Now { at: self.clock, state: &self.state, playbook: self.playbook })
    }

    /// Folds in what happens now. No fact comes late here, so a wake-up needs no premise.
    fn happens(&mut self, kind: EventKind) -> Event {
        self.events += 1;
        let at = to_instant(self.clock);
        let event = Event::new(at, kind).seq(self.state.seq_after(at)).key((self.key)(self.events));
        self.state.apply(&event);
        event
    }
}
