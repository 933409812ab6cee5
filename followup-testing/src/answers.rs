//! Answer models: the reactions of a prospect to our touches.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use followup_core::event::{EventKind, Request};
use followup_core::plan::{Act, Action};
use followup_core::stage::Outcome;

/// The reaction of a prospect to a touch of ours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Reaction {
    /// No reaction.
    Silence,
    /// They make a request.
    Requests(Request),
    /// An appointment is set for a week later.
    Books,
    /// A next step is agreed for nine days later.
    Agrees,
    /// They decline to plan a next step.
    Declines,
    /// They decide.
    Decides(Outcome),
    /// An automatic reply says that they are away for ten days.
    AutoReplies,
    /// They opt out of every channel.
    OptsOut,
}

impl Reaction {
    /// All reactions, silence first.
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

/// The moment within its window at which we do the next action.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Moment {
    /// The earliest instant, at which a cadence is the most insistent.
    Earliest,
    /// The best instant.
    Target,
    /// The latest instant.
    Latest,
}

impl Moment {
    /// All moments, the earliest first.
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

/// The reactions of a prospect to our touches, in order, and the moments of our touches.
///
/// # Examples
/// ```
/// use followup_core::event::Request;
/// use followup_testing::{AnswerModel, Moment, Reaction};
///
/// let answers = AnswerModel::silent().after(3, Reaction::Requests(Request::Replied)).at(Moment::Target);
/// assert_eq!(answers.reactions().len(), 4);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerModel {
    reactions: Vec<Reaction>,
    delay_hours: u32,
    moment: Moment,
}

impl AnswerModel {
    /// Creates a model without any answer, in which we do each action at its earliest instant.
    pub fn silent() -> AnswerModel {
        AnswerModel { reactions: Vec::new(), delay_hours: 20, moment: Moment::Earliest }
    }

    /// Adds a number of touches without an answer, and then a reaction.
    #[must_use]
    pub fn after(mut self, touches: usize, reaction: Reaction) -> AnswerModel {
        self.reactions.extend(std::iter::repeat_n(Reaction::Silence, touches));
        self.reactions.push(reaction);
        self
    }

    /// Sets the moment at which we do each action.
    #[must_use]
    pub fn at(self, moment: Moment) -> AnswerModel {
        AnswerModel { moment, ..self }
    }

    /// Sets the number of hours until they answer.
    #[must_use]
    pub fn delay_hours(self, delay_hours: u32) -> AnswerModel {
        AnswerModel { delay_hours, ..self }
    }

    /// Returns the reaction to each touch, in order. Later touches are met with silence.
    pub fn reactions(&self) -> &[Reaction] {
        &self.reactions
    }

    pub(super) fn moment(&self) -> Moment {
        self.moment
    }

    /// Returns the answer to our nth touch made while no answer is on its way (counted from 0), and its delay.
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

/// Returns a strategy for models with any reactions and moments; shrinks to silence.
///
/// # Examples
/// ```
/// use followup_core::Policy;
/// use followup_testing::{History, Promise, arb_answers, play, proptest::prelude::*};
///
/// let policy = Policy::default();
/// let added = History::added(policy.zone(), "2026-03-02T09:00:00Z".parse()?);
/// let until = "2027-03-02T09:00:00Z".parse()?;
/// proptest!(ProptestConfig::with_cases(16), |(answers in arb_answers())| {
///     Promise::OpenHours.check(play(&policy, &answers, &added, until).history(), &policy)?;
/// });
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn arb_answers() -> impl Strategy<Value = AnswerModel> {
    let reaction = prop_oneof![3 => Just(Reaction::Silence), 2 => select(Reaction::ALL)];
    (vec(reaction, 0..12), select(vec![20, 1, 0, 70, 400]), select(Moment::ALL))
        .prop_map(|(reactions, delay_hours, moment)| AnswerModel { reactions, delay_hours, moment })
}
