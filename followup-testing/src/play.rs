//! Playing a pursuit through: we do what is next, they answer, and so on.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::answers::AnswerModel;
use super::history::{History, number};
use followup_core::event::{Event, EventKind};
use followup_core::plan::{Act, Action, Plan, plan};
use followup_core::policy::Policy;
use followup_core::pursuit::{Answers, Now, Pursuit};
use followup_core::state::ProspectState;

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

/// Plays a pursuit through under a playbook: a prospect is added at an instant, each next action is done at its
/// moment, and they answer as the model says, until nothing is to be done before an instant.
///
/// Nothing is drawn by chance: the same arguments give the same pursuit.
///
/// ```
/// use followup_core::Policy;
/// use followup_testing::{AnswerModel, play};
///
/// let start = "2026-03-02T09:00:00Z".parse()?;
/// let played = play(&Policy::default(), &AnswerModel::silent(), start, "2028-03-02T09:00:00Z".parse()?);
/// assert_eq!(played.touches(), 9);
/// assert_eq!(played.plans().last().expect("they were added").to_string(), "rest: gave up");
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn play(policy: &Policy, answers: &AnswerModel, start: DateTime<Utc>, until: DateTime<Utc>) -> Played {
    let added = Event::added(start).key(number(0));
    let mut state = ProspectState::new(policy.zone());
    state.apply(&added);
    let mut played = Played { history: History::numbered(policy.zone(), []), plans: Vec::new() };
    played.take(added, plan(&state, policy));
    let answers = Reactions { model: answers, next: 0 };
    let mut pursuit = Pursuit::new(state, policy, answers, (start, until), |nth| number(nth as usize));
    while played.plans.len() < EVENTS_MAX {
        let Some(step) = pursuit.next() else { break };
        played.take(step.event, plan(pursuit.state(), policy));
    }
    played
}

/// The reactions of a model, one after the other.
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

    #[test]
    fn a_pursuit_is_read_line_by_line() {
        let answers = AnswerModel::silent().after(1, Reaction::Requests(Request::AskedProposal));
        let (start, until) = (at("2026-03-02T09:00:00Z"), at("2026-03-25T00:00:00Z"));
        let played = play(&Policy::default(), &answers, start, until);
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
        let played = play(&Policy::default(), &answers, start, until);
        let names: Vec<_> = played.history().events().iter().map(Event::name).collect();
        let expected =
            ["added", "information_sent", "appointment_set", "touched", "lapsed", "appointment_held"];
        assert_eq!(names[..6], expected, "{played}");
    }

    #[test]
    fn the_plans_are_those_of_the_history() {
        let played = play(
            &Policy::default(),
            &AnswerModel::silent(),
            at("2026-03-02T09:00:00Z"),
            at("2027-09-01T00:00:00Z"),
        );
        assert_eq!(played.plans().len(), played.history().events().len());
        assert_eq!(played.plans().last(), Some(&plan(&played.history().state(), &Policy::default())));
    }
}
