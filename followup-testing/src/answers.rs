//! How a prospect answers: silent, after so many touches, with a request, a booking, a decision.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use followup_core::event::{EventKind, Request};
use followup_core::plan::{Act, Action};
use followup_core::stage::Outcome;

/// What a prospect does after a touch of ours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Reaction {
    /// Nothing.
    Silence,
    /// They ask something of us.
    Requests(Request),
    /// An appointment is set, a week later.
    Books,
    /// A next step is agreed on, nine days later.
    Agrees,
    /// They will not plan a next step.
    Declines,
    /// They decide.
    Decides(Outcome),
    /// A machine answers that they are away for ten days.
    AutoReplies,
    /// They opt out of every channel.
    OptsOut,
}

impl Reaction {
    /// Every one, silence first.
    pub const ALL: &'static [Reaction] = &[
        Reaction::Silence,
        Reaction::Requests(Request::Replied),
        Reaction::Requests(Request::AskedInformation),
        Reaction::Requests(Request::AskedAppointment),
        Reaction::Requests(Request::AskedProposal),
        Reaction::Requests(Request::ReadyToBuy),
        Reaction::Books,
        Reaction::Agrees,
        Reaction::Declines,
        Reaction::Decides(Outcome::Later),
        Reaction::Decides(Outcome::Won),
        Reaction::Decides(Outcome::Lost),
        Reaction::AutoReplies,
        Reaction::OptsOut,
    ];

    fn kind(self, action: &Action, at: DateTime<Utc>) -> Option<EventKind> {
        let channel = action.channel;
        Some(match self {
            Reaction::Silence => return None,
            Reaction::Requests(request) => EventKind::Requested { request, channel },
            Reaction::Books => EventKind::AppointmentSet { starts_at: at + TimeDelta::days(7), minutes: 60 },
            Reaction::Agrees => {
                EventKind::NextStepAgreed { due_at: at + TimeDelta::days(9), channel, purpose: None }
            }
            Reaction::Declines => EventKind::NextStepDeclined,
            Reaction::Decides(outcome) => EventKind::Decided { outcome, until: None, why: None },
            Reaction::AutoReplies => EventKind::AutoReplied { until: Some(at + TimeDelta::days(10)) },
            Reaction::OptsOut => EventKind::OptedOut { channels: Vec::new() },
        })
    }
}

/// When, within its window, we do the next action.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Moment {
    /// As early as may be, which is where a cadence is at its most insistent.
    Earliest,
    /// When it is best.
    Target,
    /// As late as may be.
    Latest,
}

impl Moment {
    /// Every one, the earliest first.
    pub const ALL: &'static [Moment] = &[Moment::Earliest, Moment::Target, Moment::Latest];

    pub(super) fn of(self, act: &Act<'_>) -> DateTime<Utc> {
        let window = act.window();
        match self {
            Moment::Earliest => window.earliest,
            Moment::Target => window.target,
            Moment::Latest => window.latest,
        }
    }
}

/// How a prospect answers our touches, one after the other, and when we touch them.
///
/// ```
/// use followup_core::event::Request;
/// use followup_testing::{AnswerModel, Reaction};
///
/// let answers = AnswerModel::silent().after(3, Reaction::Requests(Request::Replied));
/// assert_eq!(answers.reactions().len(), 4);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerModel {
    reactions: Vec<Reaction>,
    delay_hours: u32,
    moment: Moment,
}

impl AnswerModel {
    /// Nobody answers, and we do each action as early as may be.
    pub fn silent() -> AnswerModel {
        AnswerModel { reactions: Vec::new(), delay_hours: 20, moment: Moment::Earliest }
    }

    /// The same, but after so many touches more without an answer this comes.
    #[must_use]
    pub fn after(mut self, touches: usize, reaction: Reaction) -> AnswerModel {
        self.reactions.extend(std::iter::repeat_n(Reaction::Silence, touches));
        self.reactions.push(reaction);
        self
    }

    /// The same, but we do each action at another moment of its window.
    #[must_use]
    pub fn at(self, moment: Moment) -> AnswerModel {
        AnswerModel { moment, ..self }
    }

    /// The same, but they take so many hours to answer.
    #[must_use]
    pub fn delay_hours(self, delay_hours: u32) -> AnswerModel {
        AnswerModel { delay_hours, ..self }
    }

    /// What follows each touch, in their order; afterwards there is silence.
    pub fn reactions(&self) -> &[Reaction] {
        &self.reactions
    }

    pub(super) fn moment(&self) -> Moment {
        self.moment
    }

    /// What comes after the nth touch of ours while no answer is on its way, counted from 0, and how much later.
    pub(super) fn answer(
        &self,
        nth: usize,
        action: &Action,
        done_at: DateTime<Utc>,
    ) -> Option<(EventKind, TimeDelta)> {
        let delay = TimeDelta::hours(self.delay_hours.into());
        let reaction = self.reactions.get(nth).copied().unwrap_or(Reaction::Silence);
        reaction.kind(action, done_at + delay).map(|kind| (kind, delay))
    }
}

/// Prospects who answer in any way, and we at any moment of the window; shrinks to silence.
pub fn arb_answers() -> impl Strategy<Value = AnswerModel> {
    let reaction = prop_oneof![3 => Just(Reaction::Silence), 2 => select(Reaction::ALL)];
    (vec(reaction, 0..12), select(vec![20, 1, 0, 70, 400]), select(Moment::ALL))
        .prop_map(|(reactions, delay_hours, moment)| AnswerModel { reactions, delay_hours, moment })
}
