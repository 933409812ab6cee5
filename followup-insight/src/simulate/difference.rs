//! The difference between two simulations.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::model::Response;
use super::result::{Simulation, by_day};
use followup_core::plan::WakeKind;
use followup_core::stage::{Rest, Stage};

/// The difference between two simulations: each number is that of the second less that of the first.
///
/// The maps only have entries that differ.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
/// # use followup_insight::Insight;
/// use followup_insight::simulate::{DayDifference, ResponseModel, Scenario, SimulationDifference};
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::added(t)).await?;
/// let (insight, scenario) = (Insight::new(&desk), Scenario::of_days(14).responses(ResponseModel::silent()));
/// let slower = Playbook::parse("[cadence.second]\nfrom = \"P2M\"\nto = \"P3M\"\n")?;
/// let before = insight.simulate(&scenario, t).await?;
/// let after = insight.simulate(&scenario.playbook(slower), t).await?;
/// let difference: SimulationDifference = before.difference(&after);
/// assert_eq!((difference.touches, difference.won), (-1, 0));
/// let days: Vec<DayDifference> = difference.load.into_values().collect();
/// assert_eq!(days.iter().map(|day| day.by_hand).sum::<i64>(), difference.by_hand);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct SimulationDifference {
    /// Actions done by hand.
    pub by_hand: i64,
    /// Messages sent automatically.
    pub automatic: i64,
    /// Touches.
    pub touches: i64,
    /// Appointments held.
    pub held: i64,
    /// Responses.
    pub responses: BTreeMap<Response, i64>,
    /// Wake-ups.
    pub wake_ups: BTreeMap<WakeKind, i64>,
    /// Prospects who came to rest, by reason.
    pub stops: BTreeMap<Rest, i64>,
    /// Prospects who were pursued again.
    pub reopened: i64,
    /// Prospects who said later.
    pub later: i64,
    /// Prospects who bought.
    pub won: i64,
    /// Prospects who said no.
    pub lost: i64,
    /// The expected number of prospects who buy.
    pub expected_won: f64,
    /// Prospects at each stage at the end.
    pub by_stage: BTreeMap<Stage, i64>,
    /// Prospects with each standing at the end.
    pub by_standing: BTreeMap<&'static str, i64>,
    /// Actions on each civil day.
    #[serde(serialize_with = "by_day")]
    pub load: BTreeMap<NaiveDate, DayDifference>,
    /// Actions that were not done on their own day; 0 without a capacity.
    pub moved: i64,
    /// Actions that were left over at the end; 0 without a capacity.
    pub left: i64,
}

/// The difference on one civil day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct DayDifference {
    /// Actions done by hand.
    pub by_hand: i64,
    /// Messages sent automatically.
    pub automatic: i64,
    /// Actions left over at the end of the day.
    pub left_over: i64,
}

impl Simulation {
    /// Returns the difference to another simulation: each number is that of `then` less that of this one. To compare
    /// playbooks, both simulations need the same `now`, length and seed, and the same book and response model.
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # use followup_insight::{simulate::Scenario, Insight};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let (insight, scenario) = (Insight::new(&desk), Scenario::of_days(90));
    /// let services = Playbook::shipped("services").expect("the playbook ships with the library");
    /// let before = insight.simulate(&scenario, t).await?;
    /// let after = insight.simulate(&scenario.playbook(services), t).await?;
    /// let difference = before.difference(&after);
    /// assert_eq!(difference.touches, after.touches as i64 - before.touches as i64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn difference(&self, then: &Simulation) -> SimulationDifference {
        let over = |simulation: &Simulation| {
            simulation.overflow.as_ref().map_or((0, 0), |overflow| (overflow.moved, overflow.left))
        };
        let ((moved, left), (moved_then, left_then)) = (over(self), over(then));
        SimulationDifference {
            by_hand: subtract(then.by_hand, self.by_hand),
            automatic: subtract(then.automatic, self.automatic),
            touches: subtract(then.touches, self.touches),
            held: subtract(then.held, self.held),
            responses: differences(&self.responses, &then.responses),
            wake_ups: differences(&self.wake_ups, &then.wake_ups),
            stops: differences(&self.stops, &then.stops),
            reopened: subtract(then.reopened, self.reopened),
            later: subtract(then.later, self.later),
            won: subtract(then.won, self.won),
            lost: subtract(then.lost, self.lost),
            expected_won: then.expected_won - self.expected_won,
            by_stage: differences(&self.by_stage, &then.by_stage),
            by_standing: differences(&self.by_standing, &then.by_standing),
            load: self.load_difference(then),
            moved: subtract(moved_then, moved),
            left: subtract(left_then, left),
        }
    }

    fn load_difference(&self, then: &Simulation) -> BTreeMap<NaiveDate, DayDifference> {
        let mut differences: BTreeMap<NaiveDate, DayDifference> = BTreeMap::new();
        for (simulation, sign) in [(self, -1), (then, 1)] {
            for (day, on) in &simulation.load {
                let difference = differences.entry(*day).or_default();
                difference.by_hand += sign * on.by_hand.cast_signed();
                difference.automatic += sign * on.automatic.cast_signed();
                difference.left_over += sign * on.left_over.cast_signed();
            }
        }
        differences.retain(|_, difference| *difference != DayDifference::default());
        differences
    }
}

fn subtract(one: u64, other: u64) -> i64 {
    one.cast_signed() - other.cast_signed()
}

fn differences<K: Ord + Copy>(one: &BTreeMap<K, u64>, other: &BTreeMap<K, u64>) -> BTreeMap<K, i64> {
    let mut differences: BTreeMap<K, i64> = BTreeMap::new();
    one.iter().for_each(|(key, count)| *differences.entry(*key).or_default() -= count.cast_signed());
    other.iter().for_each(|(key, count)| *differences.entry(*key).or_default() += count.cast_signed());
    differences.retain(|_, difference| *difference != 0);
    differences
}
