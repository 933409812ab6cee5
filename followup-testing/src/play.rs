//! Plays a pursuit from beginning to end: we do the next action, they answer, and so on.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::answers::AnswerModel;
use super::history::{History, number};
use followup_core::event::{Event, EventKind};
use followup_core::plan::{Act, Action, Plan, plan};
use followup_core::policy::Policy;
use followup_core::pursuit::{Answers, Now, Pursuit};
use followup_core::state::ProspectState;

/// The maximum number of events that are played: more than occur in a lifetime.
const EVENTS_MAX: usize = 2_000;

/// A played pursuit: its events, and the plan after each of them.
///
/// It prints as the lines of the history, each followed by the plan at that point.
#[derive(Clone, PartialEq, Debug)]
pub struct Played {
    history: History,
    plans: Vec<Plan>,
}

impl Played {
    /// Returns the events.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Returns the plans, one after each event.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// Returns the number of our touches.
    pub fn touches(&self) -> usize {
        self.history.events().iter().filter(|event| event.is_touch()).count()
    }

    fn take(&mut self, event: Event, then: Plan) {
        self.history.push(event);
        self.plans.push(then);
    }
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.history.to_string();
        let home = text.lines().count() - self.plans.len();
        for (index, line) in text.lines().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(line)?;
            if let Some(plan) = index.checked_sub(home).and_then(|nth| self.plans.get(nth)) {
                write!(f, "\n  then {plan}")?;
            }
        }
        Ok(())
    }
}

/// Plays a pursuit under a policy from its beginning: each next action is done at its moment, and they answer as the
/// model says, until no action or wake-up is left before `until`.
///
/// A beginning is the history of a prospect so far: one of [`arb_beginning`](crate::arb_beginning), a bare
/// [`History::added`], or any other. Wake-ups that became due within it are added to it. The pursuit goes on at its
/// newest event; an empty beginning gives an empty pursuit.
///
/// There is no randomness: the same arguments give the same pursuit.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_testing::{AnswerModel, History, Played, play};
///
/// let (policy, until) = (Policy::default(), "2028-03-02T09:00:00Z".parse()?);
/// let added = History::added(policy.zone(), "2026-03-02T09:00:00Z".parse()?);
/// let played: Played = play(&policy, &AnswerModel::silent(), &added, until);
/// assert_eq!(played.touches(), 9);
/// assert_eq!(played.plans().last().expect("they were added").to_string(), "rest: gave up");
///
/// let asked: History = "2026-03-02T09:00Z asked_proposal channel=email".parse()?;
/// let played = play(&policy, &AnswerModel::silent(), &asked, until);
/// assert_eq!(played.history().events()[1].name(), "proposal_sent");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn play(policy: &Policy, answers: &AnswerModel, beginning: &History, until: DateTime<Utc>) -> Played {
    play_and_watch(policy, answers, beginning, until, |_, _| ())
}

/// As [`play`]. Calls a function with the state and the plan after each event.
pub(super) fn play_and_watch(
    policy: &Policy,
    answers: &AnswerModel,
    beginning: &History,
    until: DateTime<Utc>,
    watch: impl FnMut(&ProspectState, &Plan),
) -> Played {
    let played = Played { history: History::numbered(beginning.home(), []), plans: Vec::new() };
    let state = ProspectState::new(beginning.home());
    let mut player = Player { policy, state, played, keys: BTreeSet::new(), watch };
    let events = beginning.in_order();
    player.keys.extend(events.iter().map(|event| event.key().to_owned()));
    for event in events {
        player.wake(event.at() - TimeDelta::microseconds(1));
        player.take(event);
    }
    let Some(now) = player.played.history.newest() else { return player.played };
    player.wake(now);
    let answers = Reactions { model: answers, next: 0 };
    let key = |nth| format!("pursuit-{nth}");
    let pursuit = Pursuit::new(player.state.clone(), policy, answers, (now, until), key);
    for step in pursuit.take(EVENTS_MAX) {
        let key = player.next_key();
        player.take(step.event.with_key(key));
    }
    player.played
}

/// A pursuit that is being played.
struct Player<'a, W> {
    policy: &'a Policy,
    state: ProspectState,
    played: Played,
    /// The keys of the beginning.
    keys: BTreeSet<String>,
    watch: W,
}

impl<W: FnMut(&ProspectState, &Plan)> Player<'_, W> {
    fn wake(&mut self, now: DateTime<Utc>) {
        for event in self.state.clone().wake(self.policy, now) {
            self.take(event);
        }
    }

    fn take(&mut self, event: Event) {
        self.state.apply(&event);
        let plan = plan(&self.state, self.policy);
        (self.watch)(&self.state, &plan);
        self.played.take(event, plan);
    }

    /// Returns the number of the next line, which is not printed as a key, unless the beginning has it as a key.
    fn next_key(&self) -> String {
        let line = number(self.played.plans.len());
        if self.keys.contains(&line) { format!("line-{line}") } else { line }
    }
}

/// The reactions of a model, in order.
struct Reactions<'a> {
    model: &'a AnswerModel,
    next: usize,
}

impl Answers for Reactions<'_> {
    type Answer = EventKind;

    fn moment(&self, act: &Act<'_>) -> DateTime<Utc> {
        self.model.moment().of(act)
    }

    fn answer(&mut self, action: &Action, _done: &Event, now: &Now<'_>) -> Option<(EventKind, TimeDelta)> {
        let nth = self.next;
        self.next += 1;
        self.model.answer(nth, action, now.at)
    }

    fn say(&self, answer: EventKind, _now: &Now<'_>) -> Option<EventKind> {
        Some(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::{Moment, Reaction};
    use super::*;
    use followup_core::event::Request;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn played(beginning: &str, answers: &AnswerModel, until: &str) -> Played {
        play(&Policy::default(), answers, &beginning.parse().unwrap(), at(until))
    }

    #[test]
    fn a_pursuit_is_read_line_by_line() {
        let answers = AnswerModel::silent().after(1, Reaction::Requests(Request::AskedProposal));
        let played = played("2026-03-02T09:00Z added", &answers, "2026-03-25T00:00:00Z");
        let expected = "\
2026-03-02T09:00Z added
  then inform by phone from Mon 2 Mar 2026 09:00 UTC to Tue 3 Mar 2026 17:00 UTC
2026-03-02T09:00Z information_sent channel=phone seq=1
  then check in by email from Mon 9 Mar 2026 09:00 UTC to Thu 12 Mar 2026 17:00 UTC
2026-03-09T09:00Z touched channel=email personal=true purpose=check_in reason=article
  then ask appointment by phone from Mon 23 Mar 2026 09:00 UTC to Mon 6 Apr 2026 17:00 UTC
2026-03-10T05:00Z asked_proposal channel=email
  then propose by email from Tue 10 Mar 2026 09:00 UTC to Wed 11 Mar 2026 17:00 UTC
2026-03-10T09:00Z proposal_sent channel=email
  then discuss by phone from Fri 13 Mar 2026 09:00 UTC to Fri 13 Mar 2026 17:00 UTC";
        assert!(played.to_string().starts_with(expected), "{played}");
    }

    #[test]
    fn an_appointment_is_confirmed_and_held() {
        let answers = AnswerModel::silent().after(0, Reaction::Books).at(Moment::Latest);
        let played = played("2026-03-02T09:00Z added", &answers, "2026-03-13T00:00:00Z");
        let names: Vec<_> = played.history().events().iter().map(Event::name).collect();
        let expected =
            ["added", "information_sent", "appointment_set", "touched", "lapsed", "appointment_held"];
        assert_eq!(names[..6], expected, "{played}");
    }

    #[test]
    fn the_plans_are_those_of_the_history() {
        let silent = AnswerModel::silent();
        for beginning in
            ["2026-03-02T09:00Z added", "zone Asia/Kolkata\n2026-03-02T09:00Z proposal_sent key=02"]
        {
            let played = played(beginning, &silent, "2027-09-01T00:00:00Z");
            assert_eq!(played.plans().len(), played.history().events().len());
            assert_eq!(played.plans().last(), Some(&plan(&played.history().state(), &Policy::default())));
            assert_eq!(played.history().to_string().parse(), Ok(played.history().clone()));
        }
    }

    #[test]
    fn wake_ups_that_became_due_within_the_beginning_are_part_of_the_pursuit() {
        let beginning =
            "2026-03-02T09:00Z information_sent\n2027-03-02T09:00Z valued amount=500 currency=EUR";
        let played = played(beginning, &AnswerModel::silent(), "2027-03-05T00:00:00Z");
        let names: Vec<_> = played.history().events().iter().map(Event::name).collect();
        assert_eq!(names[..2], ["information_sent", "went_stale"], "{played}");
        assert!(names.contains(&"valued") && names.len() > 3, "{played}");
    }

    #[test]
    fn an_empty_beginning_gives_an_empty_pursuit() {
        assert!(played("", &AnswerModel::silent(), "2027-03-05T00:00:00Z").plans().is_empty());
    }
}
