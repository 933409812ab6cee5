//! Playing a pursuit through: we do what is next, they answer, and so on.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::answers::AnswerModel;
use super::history::History;
use crate::event::{Event, EventKind};
use crate::plan::{Decision, ObligationKind, Outcome, Plan, WakeUp, decide, doing, first_open, plan};
use crate::playbook::Playbook;
use crate::state::ProspectState;

/// More than happens in a lifetime: what comes after it is not played.
const EVENTS_MAX: usize = 2_000;

/// A pursuit that was played through: what happened, and what was planned after each event.
///
/// It prints as the lines of the history, and under each what was planned then.
#[derive(Clone, PartialEq, Debug)]
pub struct Played {
    history: History,
    plans: Vec<Plan>,
}

impl Played {
    /// What happened.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// What was planned after each event.
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// How many touches of ours there were.
    pub fn touches(&self) -> usize {
        self.history.events().iter().filter(|event| event.is_touch()).count()
    }

    fn take(&mut self, state: &mut ProspectState, playbook: &Playbook, event: Event) {
        self.history.push(event);
        let last = self.history.events().last().expect("one was put in");
        state.apply(last);
        self.plans.push(plan(state, playbook));
    }

    /// Folds in what time alone has changed by an instant; whether there was something.
    ///
    /// No fact comes late here, so a wake-up needs no premise, and reads like any other event.
    fn wake(&mut self, state: &mut ProspectState, playbook: &Playbook, now: DateTime<Utc>) -> bool {
        let events = state.clone().wake(playbook, now);
        let woke = !events.is_empty();
        for event in events {
            let event = after(state, event.at, event.kind);
            self.take(state, playbook, event);
        }
        woke
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

/// Plays a pursuit through under a playbook: a prospect is added at an instant, each next action is done at its
/// moment, and they answer as the model says, until nothing is to be done before an instant.
///
/// Nothing is drawn by chance: the same arguments give the same pursuit.
///
/// ```
/// use followup_core::Playbook;
/// use followup_core::testing::{AnswerModel, play};
///
/// let start = "2026-03-02T09:00:00Z".parse()?;
/// let played = play(&Playbook::default(), &AnswerModel::silent(), start, "2028-03-02T09:00:00Z".parse()?);
/// assert_eq!(played.touches(), 9);
/// assert_eq!(played.plans().last().expect("they were added").to_string(), "rest: gave up");
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn play(
    playbook: &Playbook,
    answers: &AnswerModel,
    start: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Played {
    let history = History::numbered(playbook.zone(), []);
    let mut played = Played { history, plans: Vec::new() };
    let mut state = ProspectState::new(playbook.zone());
    played.take(&mut state, playbook, Event::added(start));
    let (mut done, mut asked) = (0, String::new());
    while played.history.events().len() < EVENTS_MAX {
        let decision = played.plans.last().expect("they were added").decision.clone();
        let newest = state.last_event_at().unwrap_or(start);
        match decision {
            Decision::Act { next, .. } => {
                // A prospect is asked to confirm once; unconfirmed, the appointment is held as it is in time.
                let again = next.kind == ObligationKind::Confirm && asked == next.obligation;
                let lapses_at = played.plans.last().and_then(|plan| plan.wake.as_ref()).map(WakeUp::at);
                if let Some(lapses_at) = lapses_at.filter(|at| again && *at <= until) {
                    played.wake(&mut state, playbook, lapses_at.max(newest));
                    continue;
                }
                let moment = answers.moment().of(&next);
                let at = if moment < newest { first_open_hour(&state, playbook, newest) } else { moment };
                if at > until {
                    break;
                }
                if played.wake(&mut state, playbook, at - TimeDelta::microseconds(1)) {
                    continue;
                }
                let touch = after(&state, at, doing(&next));
                played.take(&mut state, playbook, touch);
                let answer = answers.answer(done, &next, at).filter(|answer| answer.at <= until);
                done += 1;
                asked.clone_from(&next.obligation);
                if let Some(answer) = answer {
                    played.wake(&mut state, playbook, answer.at - TimeDelta::microseconds(1));
                    let answer = after(&state, answer.at, answer.kind);
                    played.take(&mut state, playbook, answer);
                }
            }
            Decision::Wait { until: wakes_at, .. } if wakes_at <= until => {
                if !played.wake(&mut state, playbook, wakes_at.max(newest)) {
                    break;
                }
            }
            Decision::Wait { .. } | Decision::Rest { .. } => break,
        }
    }
    played
}

/// The first instant from this one on at which what is next may be done: what is late waits for an open hour too.
fn first_open_hour(state: &ProspectState, playbook: &Playbook, at: DateTime<Utc>) -> DateTime<Utc> {
    match &decide(state, playbook).outcome {
        Outcome::Act { next, .. } => first_open(state, playbook, next, at),
        _ => at,
    }
}

/// An event that comes after all that have been.
fn after(state: &ProspectState, at: DateTime<Utc>, kind: EventKind) -> Event {
    Event::new(at, kind).seq(state.seq_after(at))
}

#[cfg(test)]
mod tests {
    use super::super::answers::{Moment, Reaction};
    use super::*;
    use crate::event::Request;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_pursuit_is_read_line_by_line() {
        let answers = AnswerModel::silent().after(1, Reaction::Requests(Request::AskedProposal));
        let (start, until) = (at("2026-03-02T09:00:00Z"), at("2026-03-25T00:00:00Z"));
        let played = play(&Playbook::default(), &answers, start, until);
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
        let (start, until) = (at("2026-03-02T09:00:00Z"), at("2026-03-13T00:00:00Z"));
        let played = play(&Playbook::default(), &answers, start, until);
        let names: Vec<_> = played.history().events().iter().map(Event::name).collect();
        let expected =
            ["added", "information_sent", "appointment_set", "touched", "lapsed", "appointment_held"];
        assert_eq!(names[..6], expected, "{played}");
    }

    #[test]
    fn the_plans_are_those_of_the_history() {
        let played = play(
            &Playbook::default(),
            &AnswerModel::silent(),
            at("2026-03-02T09:00:00Z"),
            at("2027-09-01T00:00:00Z"),
        );
        assert_eq!(played.plans().len(), played.history().events().len());
        assert_eq!(played.plans().last(), Some(&plan(&played.history().state(), &Playbook::default())));
    }
}
