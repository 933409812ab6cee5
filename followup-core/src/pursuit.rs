//! Pursuits: one prospect run into the future. We do the next actions, they answer, and time passes.
//!
//! Previews, plays and simulations are pursuits that differ in how people answer.
//!
//! # Examples
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

/// The maximum number of events in a pursuit: more than ten years of daily touches with an answer each. The run ends
/// there.
pub const EVENTS_MAX: u32 = 10_000;

/// How a person answers our actions, and when we do them.
///
/// # Examples
/// See the [module](self).
pub trait Answers {
    /// An answer that is on its way.
    type Answer;

    /// Returns the instant at which we do the next action, unless it is late by then. Defaults to its target.
    fn moment(&self, act: &Act<'_>) -> DateTime<Utc> {
        act.window().target
    }

    /// Returns the event of doing an action now.
    fn done(&mut self, action: &Action, _now: &Now<'_>) -> EventKind {
        event_of(action)
    }

    /// Returns the answer to the action done now, and the delay after which it comes. Only one answer is on its way at
    /// a time: it answers all that was said in the meantime.
    fn answer(&mut self, action: &Action, done: &Event, now: &Now<'_>) -> Option<(Self::Answer, TimeDelta)>;

    /// Returns the event that records an answer given now, or `None` if the answer has become impossible.
    fn say(&self, answer: Self::Answer, now: &Now<'_>) -> Option<EventKind>;
}

/// The present of a pursuit.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Now<'a> {
    /// The current instant of the pursuit.
    pub at: DateTime<Utc>,
    /// The state.
    pub state: &'a ProspectState,
    /// The policy.
    pub policy: &'a Policy,
}

/// One prospect on their way into the future: an iterator over the events.
///
/// # Examples
/// ```
/// use chrono::{DateTime, TimeDelta, Utc};
/// use followup_core::event::EventKind;
/// use followup_core::plan::{Act, Action};
/// use followup_core::pursuit::{Answers, Did, Now, Pursuit, Step};
/// use followup_core::{Event, Policy, ProspectState};
///
/// /// They never answer, and we act as late as the window allows.
/// struct Silent {
///     acts: u32,
/// }
///
/// impl Answers for Silent {
///     type Answer = EventKind;
///
///     fn moment(&self, act: &Act<'_>) -> DateTime<Utc> {
///         act.window().latest
///     }
///
///     fn answer(&mut self, _: &Action, _: &Event, _: &Now<'_>) -> Option<(EventKind, TimeDelta)> {
///         self.acts += 1;
///         None
///     }
///
///     fn say(&self, answer: EventKind, _: &Now<'_>) -> Option<EventKind> {
///         Some(answer)
///     }
/// }
///
/// let start = "2026-03-02T09:00:00Z".parse::<DateTime<Utc>>()?;
/// let ada = ProspectState::replay([Event::added(start)])?;
/// let policy = Policy::default();
/// let until = start + TimeDelta::days(30);
/// let mut pursuit = Pursuit::new(ada, &policy, Silent { acts: 0 }, (start, until), |nth| nth.to_string());
///
/// let Some(Step { event, did: Did::Act(action), .. }) = pursuit.next() else { panic!("we act first") };
/// assert_eq!(event.at(), action.window.latest);
/// assert_eq!((pursuit.answers().acts, pursuit.decisions()), (1, 1));
///
/// pursuit.answers_mut().acts = 0;
/// let acts = pursuit.by_ref().filter(|step| matches!(step.did, Did::Act(_))).count();
/// assert_eq!(pursuit.answers().acts as usize, acts);
/// assert!(!pursuit.is_cut_short(), "it ran to its end");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Pursuit<'a, A: Answers> {
    state: ProspectState,
    policy: &'a Policy,
    answers: A,
    /// The key of the nth event.
    key: fn(u32) -> String,
    /// The earliest instant of the next event.
    clock: Micros,
    until: Micros,
    /// The answer that is on its way, and the instant at which it comes.
    coming: Option<(A::Answer, Micros)>,
    /// The appointment that they were asked to confirm.
    asked_to_confirm: Option<String>,
    events: u32,
    decisions: u64,
    standing: Standing,
}

/// One event of the future.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Step {
    /// The event.
    pub event: Event,
    /// The party that caused it.
    pub did: Did,
}

/// The party that caused an event.
#[derive(Clone, PartialEq, Debug)]
#[expect(clippy::large_enum_variant, reason = "most steps are ours, and steps are not kept")]
pub enum Did {
    /// We did the next action.
    Act(Action),
    /// They answered.
    Answered,
    /// A wake-up was due.
    Woke(WakeKind),
}

/// The next thing that happens.
#[expect(clippy::large_enum_variant, reason = "it is destructured at once")]
enum First {
    Answer,
    Act(Action, Micros),
    Wake(WakeUp, Micros),
}

impl<'a, A: Answers> Pursuit<'a, A> {
    /// Creates a pursuit that runs from `now` up to `until` (inclusive). Wake-ups due by `now` must already be folded
    /// into the state ([`ProspectState::wake`]). `key` makes the key of the nth event, counted from 1.
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

    /// Returns the state after all events so far.
    pub fn state(&self) -> &ProspectState {
        &self.state
    }

    /// Returns the answers.
    pub fn answers(&self) -> &A {
        &self.answers
    }

    /// Returns the answers, to change them on the way.
    pub fn answers_mut(&mut self) -> &mut A {
        &mut self.answers
    }

    /// Returns the number of decisions made so far.
    pub fn decisions(&self) -> u64 {
        self.decisions
    }

    /// Returns whether the prospect is being followed up, as of the newest decision.
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

    /// Returns what happens next. As in the order of the fold, an answer comes before an action, and an action before a
    /// wake-up.
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

    /// Whether they were already asked to confirm this appointment. They are asked once; an unconfirmed appointment is
    /// held all the same (P6).
    fn is_asked(&self, act: &Act<'_>) -> bool {
        act.kind == ObligationKind::Confirm && self.asked_to_confirm.as_deref() == Some(act.origin)
    }

    /// Returns the instant at which to do an action: its moment, or, once that has passed, the next open instant (C16).
    fn opens_at(&self, act: &Act<'_>) -> Micros {
        let moment = to_micros(self.answers.moment(act));
        if moment >= self.clock {
            return moment;
        }
        to_micros(first_open(&self.state, self.policy, act, to_instant(self.clock)))
    }

    /// Does an action and schedules its answer.
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

    /// Returns the event of the answer that is on its way.
    fn answered(&mut self) -> Option<EventKind> {
        let (answer, at) = self.coming.take()?;
        self.clock = at;
        self.answers.say(answer, &self.now())
    }

    /// Applies an event that happens now. Nothing is recorded late here, so a wake-up needs no premise.
    fn happens(&mut self, kind: EventKind) -> Event {
        self.events += 1;
        let at = to_instant(self.clock);
        let event = Event::new(at, kind).with_seq(self.state.seq_after(at)).with_key((self.key)(self.events));
        self.state.apply(&event);
        event
    }
}

impl<A: Answers> Iterator for Pursuit<'_, A> {
    type Item = Step;

    /// Applies the next event before the end to the state and returns it.
    fn next(&mut self) -> Option<Step> {
        while !self.is_cut_short() {
            return Some(match self.first()? {
                First::Answer => {
                    // Skips an answer that has become impossible, such as confirming an appointment that has passed.
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
