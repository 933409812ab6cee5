//! The result of a simulation.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};

use super::fit::{immediate_response, response_of};
use super::model::Response;
use super::pursuit;
use super::queue::{Demand, Overflow};
use super::scenario::Scenario;
use crate::report::percent;
use followup_core::channel::Channel;
use followup_core::event::Event;
use followup_core::plan::WakeKind;
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::purpose::Purpose;
use followup_core::pursuit::{Did, Step};
use followup_core::stage::{Outcome, Rest, Stage};
use followup_core::state::ProspectState;
use followup_core::time::to_micros;

/// The result of a simulation: what happens to all prospects from `now` to `until`.
///
/// It is one of many possible futures, drawn with a seed. The same book, scenario and `now` give the same simulation
/// on any machine. Counts only include the simulated time.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Channel, Desk, Playbook, Prospect};
/// # use followup_insight::Insight;
/// use followup_insight::simulate::{ChannelLoad, ResponseModel, Scenario, SimulatedDay, Simulation};
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.add(Prospect::new("p-17")?.phone("+49 30 901820"), t).await?;
/// let scenario = Scenario::of_days(5).responses(ResponseModel::silent());
/// let simulation: Simulation = Insight::new(&desk).simulate(&scenario, t).await?;
/// assert_eq!((simulation.prospects, simulation.touches), (1, 1));
/// assert_eq!(simulation.conversion_pct(), None, "nobody decided");
/// assert!(simulation.plans_per_prospect_day() <= 2.0);
/// let SimulatedDay { by_hand, by_channel, .. } = &simulation.load[&"2026-03-09".parse()?];
/// let ChannelLoad { automatic, .. } = by_channel[&Some(Channel::PHONE)];
/// assert_eq!((*by_hand, automatic), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Simulation {
    /// The start.
    pub now: DateTime<Utc>,
    /// The end; later events are not simulated.
    pub until: DateTime<Utc>,
    /// The seed.
    pub seed: u64,
    /// Number of prospects to whom something had happened by `now`.
    pub prospects: u64,
    /// Number of events: our actions, responses and wake-ups.
    pub events: u64,
    /// Number of actions by hand, including appointments.
    pub by_hand: u64,
    /// Number of messages sent automatically.
    pub automatic: u64,
    /// Number of these actions that are touches; acknowledgements and missed appointments are not.
    pub touches: u64,
    /// Number of appointments that were held.
    pub held: u64,
    /// Number of each response.
    pub responses: BTreeMap<Response, u64>,
    /// Number of each wake-up, such as going stale or giving up.
    pub wake_ups: BTreeMap<WakeKind, u64>,
    /// Number of times that a prospect came to rest, by reason.
    pub stops: BTreeMap<Rest, u64>,
    /// Number of times that a prospect was pursued again who was at rest or had said later.
    pub reopened: u64,
    /// Number of decisions for later.
    pub later: u64,
    /// Number of prospects who bought in this draw.
    pub won: u64,
    /// Number of prospects who said no in this draw.
    pub lost: u64,
    /// The expected number of prospects who buy, given the actions: the sum of the probabilities of winning by each
    /// action. It depends less on chance than `won`.
    pub expected_won: f64,
    /// Number of prospects at each stage at the end.
    pub by_stage: BTreeMap<Stage, u64>,
    /// Number of prospects with each standing at the end: active, waiting, or the reason to rest.
    pub by_standing: BTreeMap<&'static str, u64>,
    /// Actions on each civil day in the prospect's zone; days without actions are left out.
    pub load: BTreeMap<NaiveDate, SimulatedDay>,
    /// The actions that exceeded the capacity; `None` without a capacity.
    pub overflow: Option<Overflow>,
    /// Number of times that a next action was decided, a measure of the cost of the simulation.
    pub plans: u64,
    /// Number of prospects whose simulation was cut off after 10,000 events. It is 0 unless a playbook repeats an
    /// action endlessly.
    pub cut_short: u64,
}

/// The actions on one civil day.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct SimulatedDay {
    /// Number of actions by hand, including appointments.
    pub by_hand: u64,
    /// Number of messages sent automatically.
    pub automatic: u64,
    /// Both numbers by channel; `None` for appointments, and for actions without a usable channel.
    #[serde(serialize_with = "by_channel")]
    pub by_channel: BTreeMap<Option<Channel>, ChannelLoad>,
    /// Number of actions by hand that are left over at the end of the day; 0 without a capacity.
    pub left_over: u64,
}

/// The actions on one channel on one civil day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ChannelLoad {
    /// Number of actions by hand.
    pub by_hand: u64,
    /// Number of messages sent automatically.
    pub automatic: u64,
}

/// The running totals of a simulation. Their size is bounded by the number of days, channels and owners, not of
/// prospects.
pub(crate) struct Tally {
    simulation: Simulation,
    expected_won: u64,
    demand: Option<Demand>,
}

impl Tally {
    pub(crate) fn new(scenario: &Scenario, now: DateTime<Utc>) -> Tally {
        let simulation = Simulation {
            now,
            until: scenario.until(now),
            seed: scenario.seed,
            prospects: 0,
            events: 0,
            by_hand: 0,
            automatic: 0,
            touches: 0,
            held: 0,
            responses: BTreeMap::new(),
            wake_ups: BTreeMap::new(),
            stops: BTreeMap::new(),
            reopened: 0,
            later: 0,
            won: 0,
            lost: 0,
            expected_won: 0.0,
            by_stage: BTreeMap::new(),
            by_standing: BTreeMap::new(),
            load: BTreeMap::new(),
            overflow: None,
            plans: 0,
            cut_short: 0,
        };
        Tally { simulation, expected_won: 0, demand: scenario.per_day.map(|_| Demand::default()) }
    }

    /// Simulates one prospect to the end and calls `watch` with each event.
    pub(crate) fn run(
        &mut self,
        id: &ProspectId,
        state: ProspectState,
        policy: &Policy,
        scenario: &Scenario,
        now: DateTime<Utc>,
        mut watch: impl FnMut(&Event),
    ) {
        let mut pursuit = pursuit(id, state, policy, scenario, now);
        let mut before = Progress::of(pursuit.state());
        while let Some(step) = pursuit.next() {
            let after = Progress::of(pursuit.state());
            self.count(&step, pursuit.state(), before, after);
            watch(&step.event);
            before = after;
        }
        let simulation = &mut self.simulation;
        simulation.prospects += 1;
        simulation.plans += pursuit.decisions();
        simulation.cut_short += u64::from(pursuit.is_cut_short());
        *simulation.by_stage.entry(pursuit.state().stage()).or_default() += 1;
        *simulation.by_standing.entry(pursuit.standing().as_str()).or_default() += 1;
        self.expected_won += pursuit.answers().expected_won;
    }

    fn count(&mut self, step: &Step, state: &ProspectState, before: Progress, after: Progress) {
        let simulation = &mut self.simulation;
        simulation.events += 1;
        if let Some(rest) = after.rest.filter(|_| after.rest != before.rest) {
            *simulation.stops.entry(rest).or_default() += 1;
        }
        let had_ended = before.rest.is_some() || before.is_later;
        simulation.reopened += u64::from(had_ended && after.rest.is_none() && !after.is_later);
        match &step.did {
            Did::Act(action) => {
                let is_appointment = action.purpose == Purpose::HOLD;
                let immediate = immediate_response(&step.event);
                let day = state.zone().day_of(to_micros(step.event.at()));
                let on = simulation.load.entry(day.date()).or_default();
                let by_channel = on.by_channel.entry(action.channel).or_default();
                if action.automatic {
                    simulation.automatic += 1;
                    on.automatic += 1;
                    by_channel.automatic += 1;
                } else {
                    simulation.by_hand += 1;
                    on.by_hand += 1;
                    by_channel.by_hand += 1;
                    if let Some(demand) = &mut self.demand {
                        demand.add(state.owner().unwrap_or_default(), day, is_appointment);
                    }
                }
                simulation.touches += u64::from(after.touches > before.touches);
                simulation.held += u64::from(is_appointment && immediate.is_none());
                if let Some(response) = immediate {
                    *simulation.responses.entry(response).or_default() += 1;
                }
            }
            Did::Answered => {
                let Some(response) = response_of(&step.event) else { return };
                *simulation.responses.entry(response).or_default() += 1;
                simulation.won += u64::from(response == Response::Won);
                simulation.lost += u64::from(response == Response::Lost);
                simulation.later += u64::from(response == Response::Later);
            }
            Did::Woke(kind) => *simulation.wake_ups.entry(*kind).or_default() += 1,
        }
    }

    /// Returns the result. The open days of the default policy decide which actions exceeded the capacity.
    pub(crate) fn finish(mut self, scenario: &Scenario, default: &Policy) -> Simulation {
        let simulation = &mut self.simulation;
        simulation.expected_won = self.expected_won as f64 / 1e9;
        if let (Some(demand), Some(per_day)) = (&self.demand, scenario.per_day) {
            let last = default.zone().day_of(to_micros(simulation.until));
            let (overflow, left_over) = demand.run(per_day, last, default);
            simulation.overflow = Some(overflow);
            for (day, count) in left_over {
                simulation.load.entry(day.date()).or_default().left_over = count;
            }
        }
        self.simulation
    }
}

/// The parts of a state that show whether a prospect stopped or came back.
#[derive(Clone, Copy)]
struct Progress {
    rest: Option<Rest>,
    is_later: bool,
    touches: u32,
}

impl Progress {
    fn of(state: &ProspectState) -> Progress {
        let is_later = state.outcome() == Some(Outcome::Later);
        Progress { rest: state.at_rest(), is_later, touches: state.touch_count() }
    }
}

impl Simulation {
    /// Returns the number of simulated days.
    ///
    /// # Examples
    /// See [`Insight::simulate`](crate::Insight::simulate).
    pub fn days(&self) -> i64 {
        (self.until - self.now).num_days()
    }

    /// Returns the number of planning decisions per prospect and day. More than 2 points to superfluous planning.
    pub fn plans_per_prospect_day(&self) -> f64 {
        self.plans as f64 / (self.prospects.max(1) as f64 * self.days().max(1) as f64)
    }

    /// Returns the share of the prospects who bought among those who decided in the simulated time, in percent;
    /// `None` if nobody decided.
    pub fn conversion_pct(&self) -> Option<f64> {
        percent(self.won, self.won + self.lost)
    }
}

/// A day of a load, with its values.
#[derive(Serialize)]
struct OnDay<'a, T> {
    on: NaiveDate,
    #[serde(flatten)]
    day: &'a T,
}

/// Serializes a load by day as a list of days.
pub(crate) fn by_day<T: Serialize, S: Serializer>(
    load: &BTreeMap<NaiveDate, T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(load.iter().map(|(on, day)| OnDay { on: *on, day }))
}

/// Serializes a load by channel; actions without a channel are under `none`.
fn by_channel<S: Serializer>(
    load: &BTreeMap<Option<Channel>, ChannelLoad>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let name = |channel: &Option<Channel>| channel.map_or("none".to_owned(), |channel| channel.to_string());
    serializer.collect_map(load.iter().map(|(channel, load)| (name(channel), load)))
}

/// The JSON fields of a simulation.
#[derive(Serialize)]
struct Fields<'a> {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    seed: u64,
    prospects: u64,
    events: u64,
    by_hand: u64,
    automatic: u64,
    touches: u64,
    held: u64,
    responses: &'a BTreeMap<Response, u64>,
    wake_ups: &'a BTreeMap<WakeKind, u64>,
    stops: &'a BTreeMap<Rest, u64>,
    reopened: u64,
    later: u64,
    won: u64,
    lost: u64,
    expected_won: f64,
    conversion_pct: Option<f64>,
    by_stage: BTreeMap<Stage, u64>,
    by_standing: &'a BTreeMap<&'static str, u64>,
    overflow: Option<&'a Overflow>,
    plans: u64,
    plans_per_prospect_day: f64,
    cut_short: u64,
    #[serde(serialize_with = "by_day")]
    load: &'a BTreeMap<NaiveDate, SimulatedDay>,
}

impl Serialize for Simulation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // All stages are listed, also those without prospects.
        let stage = |stage: &Stage| (*stage, self.by_stage.get(stage).copied().unwrap_or(0));
        Fields {
            from: self.now,
            until: self.until,
            seed: self.seed,
            prospects: self.prospects,
            events: self.events,
            by_hand: self.by_hand,
            automatic: self.automatic,
            touches: self.touches,
            held: self.held,
            responses: &self.responses,
            wake_ups: &self.wake_ups,
            stops: &self.stops,
            reopened: self.reopened,
            later: self.later,
            won: self.won,
            lost: self.lost,
            expected_won: self.expected_won,
            conversion_pct: self.conversion_pct(),
            by_stage: Stage::ALL.iter().map(stage).collect(),
            by_standing: &self.by_standing,
            overflow: self.overflow.as_ref(),
            plans: self.plans,
            plans_per_prospect_day: self.plans_per_prospect_day(),
            cut_short: self.cut_short,
            load: &self.load,
        }
        .serialize(serializer)
    }
}
