//! A walk through a history, event by event.

use super::broken::Broken;
use super::history::History;
use super::reading::{Clock, Reading, Touch};
use followup_core::event::Event;
use followup_core::plan::{Action, Plan};
use followup_core::policy::Policy;
use followup_core::purpose::{Purpose, Reason};
use followup_core::rule::Rule;
use followup_core::stage::ValueBand;
use followup_core::state::ProspectState;

/// The input of a check after an event: the plan, and what it is compared with.
pub(super) struct Seen<'a> {
    pub(super) event: &'a Event,
    pub(super) state: &'a ProspectState,
    pub(super) reading: &'a Reading,
    pub(super) clock: &'a Clock,
    pub(super) policy: &'a Policy,
    pub(super) plan: &'a Plan,
}

/// The statement of a failed check, and the rule that it breaks.
pub(super) type Said = (Option<Rule>, String);

/// A walk through a history, in the order of the fold.
pub(super) struct Walk<'a> {
    history: &'a History,
    policy: &'a Policy,
    events: Vec<Event>,
    done: usize,
    state: ProspectState,
    reading: Reading,
}

impl<'a> Walk<'a> {
    pub(super) fn new(history: &'a History, policy: &'a Policy) -> Walk<'a> {
        let state = ProspectState::new(history.home());
        Walk { history, policy, events: history.in_order(), done: 0, state, reading: Reading::default() }
    }

    /// Applies the next event. Returns false at the end.
    pub(super) fn next(&mut self) -> bool {
        let Some(event) = self.events.get(self.done) else { return false };
        if self.state.premise_holds(event) {
            self.reading.take(event, &self.state);
        }
        self.state.apply(event);
        self.done += 1;
        true
    }

    /// Returns the event that is applied next.
    pub(super) fn upcoming(&self) -> Option<&Event> {
        self.events.get(self.done)
    }

    pub(super) fn state(&self) -> &ProspectState {
        &self.state
    }

    /// Checks a plan of the current state, unless it is before the first event.
    pub(super) fn look(
        &self,
        plan: &Plan,
        check: impl FnOnce(&Seen<'_>) -> Result<(), Said>,
    ) -> Result<(), Broken> {
        let Walk { state, reading, policy, .. } = self;
        let Some(event) = self.done.checked_sub(1).map(|last| &self.events[last]) else { return Ok(()) };
        let clock = Clock::of(state.zone());
        check(&Seen { event, state, reading, clock: &clock, policy, plan }).map_err(|(rule, what)| {
            let so_far = History::numbered(self.history.home(), self.events[..self.done].iter().cloned());
            let broken = Broken::of(what, &so_far).policy(policy).plan(plan);
            rule.into_iter().fold(broken, Broken::rule)
        })
    }
}

impl Seen<'_> {
    /// Whether a rule is switched on in the playbook.
    pub(super) fn is_on(&self, rule: Rule) -> bool {
        !self.policy.off().contains(rule)
    }

    pub(super) fn actions(&self) -> impl Iterator<Item = &Action> {
        self.plan.actions()
    }

    /// Returns the actions to which the gaps apply: the last message, what we start before the decision, and keeping in
    /// touch.
    pub(super) fn insistent(&self) -> impl Iterator<Item = &Action> {
        self.actions().filter(|action| matches!(action.kind.row(), 10..=13 | 15))
    }

    pub(super) fn band(&self) -> ValueBand {
        self.policy.settings().band(self.state.value())
    }

    pub(super) fn last_touches(&self, count: usize) -> &[Touch] {
        let touches = &self.reading.touches;
        &touches[touches.len().saturating_sub(count)..]
    }

    pub(super) fn list_of(&self, purpose: Purpose) -> &[Reason] {
        self.policy.settings().reasons.get(&purpose).map_or(&[Reason::ADVICE], Vec::as_slice)
    }
}
