//! What became of everybody.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};

use super::fit::{at_once, response_of};
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

/// What became of everybody between now and a later day, if they answer as a model says.
///
/// It is one fate of many that are possible, drawn by a seed: the same book, scenario and `now` give the same one, on
/// any machine. Counts of what happens are of that time only; what happened before is not in them.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Simulation {
    /// From when on.
    pub now: DateTime<Utc>,
    /// Until when; what is to come after it is not looked at.
    pub until: DateTime<Utc>,
    /// What chance began with.
    pub seed: u64,
    /// Everybody to whom something had happened by `now`.
    pub prospects: u64,
    /// All that happened: acts, answers and what time alone did.
    pub events: u64,
    /// What was done by hand, appointments included.
    pub by_hand: u64,
    /// What was sent without a person.
    pub automatic: u64,
    /// How many of these were contacts by us: an acknowledgement is none, nor is an appointment that was missed.
    pub touches: u64,
    /// Appointments that were held.
    pub held: u64,
    /// How they answered; where they did not, there was silence.
    pub responses: BTreeMap<Response, u64>,
    /// What time alone did: going stale, giving up and the like.
    pub wake_ups: BTreeMap<WakeKind, u64>,
    /// How often somebody came to rest, by the reason.
    pub stops: BTreeMap<Rest, u64>,
    /// How often somebody was pursued again who was at rest, or had said later.
    pub reopened: u64,
    /// How many said later.
    pub later: u64,
    /// How many were won by the draw.
    pub won: u64,
    /// How many were lost by the draw.
    pub lost: u64,
    /// How many would be won on the average of all draws, given what was done: the probability of winning at each act,
    /// added up. It hangs less on chance than `won`.
    pub expected_won: f64,
    /// How many stand at each stage at the end.
    pub by_stage: BTreeMap<Stage, u64>,
    /// How many have each standing at the end: active, waiting, or the reason to rest.
    pub by_standing: BTreeMap<&'static str, u64>,
    /// What is done on each civil day where the prospect is; days without anything are left out.
    pub load: BTreeMap<NaiveDate, SimulatedDay>,
    /// What did not fit, if there was a capacity.
    pub overflow: Option<Overflow>,
    /// How often it was decided what is next: what the run cost.
    pub plans: u64,
    /// Prospects whose run was cut off after 10,000 events: nobody, or the playbook has somebody done the same thing
    /// again and again.
    pub cut_short: u64,
}

/// What is done on one civil day.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct SimulatedDay {
    /// By hand, appointments included.
    pub by_hand: u64,
    /// Sent without a person.
    pub automatic: u64,
    /// Both by channel; `None` for appointments, and where no channel is left that may be used.
    #[serde(serialize_with = "by_channel")]
    pub by_channel: BTreeMap<Option<Channel>, ChannelLoad>,
    /// Acts by hand that are left over at the end of the day, if there is a capacity.
    pub left_over: u64,
}

/// What is done on one channel on one civil day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct ChannelLoad {
    /// By hand.
    pub by_hand: u64,
    /// Sent without a person.
    pub automatic: u64,
}

/// Adds up what happens. Its size is bounded by the days, channels and owners, not by the prospects.
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

    /// Runs one prospect to the end, and shows each event to whoever watches.
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
        let mut before = Stand::of(pursuit.state());
        while let Some(step) = pursuit.next() {
            let after = Stand::of(pursuit.state());
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

    fn count(&mut self, step: &Step, state: &ProspectState, before: Stand, after: Stand) {
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
                let at_once = at_once(&step.event);
                let day = state.zone().day_of(to_micros(step.event.at));
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
                simulation.held += u64::from(is_appointment && at_once.is_none());
                if let Some(response) = at_once {
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

    /// The result; the days of the default policy decide what did not fit.
    pub(crate) fn finish(mut self, scenario: &Scenario, default: &Policy) -> Simulation {
        let simulation = &mut self.simulation;
        simulation.expected_won = self.expected_won as f64 / 1e9;
        if let (Some(demand), Some(per_day)) = (&self.demand, scenario.per_day) {
            let last = default.zone().day_of(to_micros(simulation.until));
            let (overflow, left_over) = demand.work_off(per_day, last, default);
            simulation.overflow = Some(overflow);
            for (day, count) in left_over {
                simulation.load.entry(day.date()).or_default().left_over = count;
            }
        }
        self.simulation
    }
}

/// What of a state tells whether somebody stopped or came back.
#[derive(Clone, Copy)]
struct Stand {
    rest: Option<Rest>,
    is_later: bool,
    touches: u32,
}

impl Stand {
    fn of(state: &ProspectState) -> Stand {
        let is_later = state.outcome() == Some(Outcome::Later);
        Stand { rest: state.at_rest(), is_later, touches: state.touch_count() }
    }
}

impl Simulation {
    /// How many days were simulated.
    pub fn days(&self) -> i64 {
        (self.until - self.now).num_days()
    }

    /// How often it was decided what is next, for each prospect and day: 2 at most, or something is done that need
    /// not be.
    pub fn plans_per_prospect_day(&self) -> f64 {
        self.plans as f64 / (self.prospects.max(1) as f64 * self.days().max(1) as f64)
    }

    /// The share of those who decided in that time who bought, in percent; `None` if nobody decided.
    pub fn conversion_pct(&self) -> Option<f64> {
        percent(self.won, self.won + self.lost)
    }
}

/// A day of a load, with what is on it.
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

/// Serializes a load by channel; acts without a channel have the name `none`.
fn by_channel<S: Serializer>(
    load: &BTreeMap<Option<Channel>, ChannelLoad>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let name = |channel: &Option<Channel>| channel.map_or("none".to_owned(), |channel| channel.to_string());
    serializer.collect_map(load.iter().map(|(channel, load)| (name(channel), load)))
}

/// The fields of a simulation as JSON.
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
        // All stages are listed, also those where nobody is.
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
