//! One prospect run forward: we do what is next, they answer, and time passes.
//!
//! Previews, plays and simulations are pursuits that differ in how people answer.
//!
//! ```
//! use chrono::{DateTime, TimeDelta, Utc};
//! use followup_core::event::{EventKind, Request};
//! use followup_core::plan::Action;
//! use followup_core::pursuit::{Answers, Now, Pursuit};
//! use followup_core::{Event, Policy, ProspectState};
//!
//! /// They reply to the second thing that we do, and to nothing else.
//! struct Second(u32);
//!
//! impl Answers for Second {
//!     type Answer = Request;
//!
//!     fn answer(&mut self, _: &Action, _: &Event, _: &Now<'_>) -> Option<(Request, TimeDelta)> {
//!         self.0 += 1;
//!         (self.0 == 2).then_some((Request::Replied, TimeDelta::hours(5)))
//!     }
//!
//!     fn say(&self, request: Request, _: &Now<'_>) -> Option<EventKind> {
//!         Some(EventKind::Requested { request, channel: None })
//!     }
//! }
//!
//! let start = "2026-03-02T09:00:00Z".parse::<DateTime<Utc>>()?;
//! let ada = ProspectState::replay([Event::added(start)])?;
//! let policy = Policy::default();
//! let until = start + TimeDelta::days(30);
//! let pursuit = Pursuit::new(ada, &policy, Second(0), (start, until), |nth| format!("step-{nth}"));
//! let names: Vec<_> = pursuit.map(|step| step.event.name()).collect();
//! assert_eq!(names, ["information_sent", "touched", "replied", "touched", "touched", "touched"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use chrono::{DateTime, TimeDelta, Utc};

use crate::event::{Event, EventKind};
use crate::plan::{Act, Action, Decision, ObligationKind, WakeKind, WakeUp, decide, event_of, first_open};
use crate::policy::Policy;
use crate::stage::Standing;
use crate::state::ProspectState;
use crate::time::{Micros, to_instant, to_micros};

/// The largest number of events in a pursuit: more than happens to one prospect in ten years of daily touches with an
/// answer each. The run ends there.
pub const EVENTS_MAX: u32 = 10_000;

/// How somebody answers what we do, and when we do it.
pub trait Answers {
    /// Something that they are about to say.
    type Answer;

    /// When we do the next thing, if it is not late by then: at its target unless this says otherwise.
    fn moment(&self, act: &Act<'_>) -> DateTime<Utc> {
        act.window().target
    }

    /// The event that doing an action now is.
    fn done(&mut self, action: &Action, _now: &Now<'_>) -> EventKind {
        event_of(action)
    }

    /// What they will say to what was done now, and after how long. Only one answer is on its way at a time: it answers
    /// all that was said meanwhile.
    fn answer(&mut self, action: &Action, done: &Event, now: &Now<'_>) -> Option<(Self::Answer, TimeDelta)>;

    /// The event that an answer now is; `None` if it is no longer possible.
    fn say(&self, answer: Self::Answer, now: &Now<'_>) -> Option<EventKind>;
}

/// Where a pursuit stands.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Now<'a> {
    /// The present of the pursuit.
    pub at: DateTime<Utc>,
    /// The state.
    pub state: &'a ProspectState,
    /// The policy.
    pub policy: &'a Policy,
}

/// One prospect on their way into the future: an iterator over what happens.
#[derive(Debug)]
pub struct Pursuit<'a, A: Answers> {
    state: ProspectState,
    policy: &'a Policy,
    answers: A,
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
    decisions: u64,
    standing: Standing,
}

/// Something that happened in the future.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Step {
    /// The event.
    pub event: Event,
    /// Who or what made it happen.
    pub did: Did,
}

/// Who or what made something happen.
#[derive(Clone, PartialEq, Debug)]
#[expect(clippy::large_enum_variant, reason = "most of what happens is what we do, and a step is not kept")]
pub enum Did {
    /// We did what was next.
    Act(Action),
    /// They answered.
    Answered,
    /// Time alone did it.
    Woke(WakeKind),
}

/// What comes first.
#[expect(clippy::large_enum_variant, reason = "it is taken apart at once")]
enum First {
    Answer,
    Act(Action, Micros),
    Wake(WakeUp, Micros),
}

impl<'a, A: Answers> Pursuit<'a, A> {
    /// Starts from a state as of `now`, with what time alone has changed by then folded in, and runs up to `until`
    /// (inclusive). `key` makes the key of the nth event, from 1.
    pub fn new(
        state: ProspectState,
        policy: &'a Policy,
        answers: A,
        (now, until): (DateTime<Utc>, DateTime<Utc>),
        key: fn(u32) -> String,
    ) -> Pursuit<'a, A> {
        let newest = state.last_event_at().unwrap_or(now);
        Pursuit {
            state,
            policy,
            answers,
            key,
            clock: to_micros(now.max(newest)),
            until: to_micros(until),
            coming: None,
            asked_to_confirm: None,
            events: 0,
            decisions: 0,
            standing: Standing::Active,
        }
    }

    /// The state after all that happened so far.
    pub fn state(&self) -> &ProspectState {
        &self.state
    }

    /// How they answer.
    pub fn answers(&self) -> &A {
        &self.answers
    }

    /// How they answer, to be changed on the way.
    pub fn answers_mut(&mut self) -> &mut A {
        &mut self.answers
    }

    /// Number of decisions made so far.
    pub fn decisions(&self) -> u64 {
        self.decisions
    }

    /// Whether the prospect is being followed up, as of the newest decision.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Whether the run ended because of [`EVENTS_MAX`].
    pub fn is_cut_short(&self) -> bool {
        self.events >= EVENTS_MAX
    }

    fn now(&self) -> Now<'_> {
        Now { at: to_instant(self.clock), state: &self.state, policy: self.policy }
    }

    /// What comes first: an answer before what we do, and that before what time does, as in the order of the fold.
    fn first(&mut self) -> Option<First> {
        self.decisions += 1;
        let decided = decide(&self.state, self.policy);
        self.standing = decided.decision.standing();
        let todo = match &decided.decision {
            Decision::Act { next, also } => {
                let acts = std::iter::once(next).chain(also).filter(|act| !self.is_asked(act));
                acts.min_by_key(|act| act.when.latest)
            }
            Decision::Wait { .. } | Decision::Rest { .. } => None,
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
        let moment = to_micros(self.answers.moment(act));
        if moment >= self.clock {
            return moment;
        }
        to_micros(first_open(&self.state, self.policy, act, to_instant(self.clock)))
    }

    /// Does an action, and sends an answer on its way.
    fn act(&mut self, action: &Action) -> Event {
        if action.kind == ObligationKind::Confirm {
            self.asked_to_confirm =
                self.state.appointment.as_ref().map(|appointment| appointment.set.key.clone());
        }
        let now = Now { at: to_instant(self.clock), state: &self.state, policy: self.policy };
        let kind = self.answers.done(action, &now);
        let event = self.happens(kind);
        if self.coming.is_none() {
            let now = Now { at: to_instant(self.clock), state: &self.state, policy: self.policy };
            let answer = self.answers.answer(action, &event, &now);
            // A touch comes before its answer.
            let after = |delay: TimeDelta| delay.num_microseconds().unwrap_or(Micros::MAX).max(1);
            self.coming = answer.map(|(answer, delay)| (answer, self.clock.saturating_add(after(delay))));
        }
        event
    }

    /// What the answer that is on its way says.
    fn answered(&mut self) -> Option<EventKind> {
        let (answer, at) = self.coming.take()?;
        self.clock = at;
        self.answers.say(answer, &self.now())
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

impl<A: Answers> Iterator for Pursuit<'_, A> {
    type Item = Step;

    /// The next thing that happens until the end, applied to the state.
    fn next(&mut self) -> Option<Step> {
        while !self.is_cut_short() {
            return Some(match self.first()? {
                First::Answer => {
                    // What is no longer possible, as confirming what is over, is not said.
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
}
