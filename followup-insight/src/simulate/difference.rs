//! Two futures side by side.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::model::Response;
use super::result::{Simulation, by_day};
use followup_core::plan::WakeKind;
use followup_core::stage::{Rest, Stage};

/// What differs between two futures of the same people and the same chance: each number is the second less the first.
///
/// In the maps is what differs; what is the same is left out.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct SimulationDifference {
    /// What is done by hand.
    pub by_hand: i64,
    /// What is sent without a person.
    pub automatic: i64,
    /// Contacts by us.
    pub touches: i64,
    /// Appointments held.
    pub held: i64,
    /// Answers.
    pub responses: BTreeMap<Response, i64>,
    /// What time alone does.
    pub wake_ups: BTreeMap<WakeKind, i64>,
    /// Who comes to rest.
    pub stops: BTreeMap<Rest, i64>,
    /// Who is pursued again.
    pub reopened: i64,
    /// Who says later.
    pub later: i64,
    /// Who is won by the draw.
    pub won: i64,
    /// Who is lost by the draw.
    pub lost: i64,
    /// Who is won on the average of all draws.
    pub expected_won: f64,
    /// Who stands where at the end.
    pub by_stage: BTreeMap<Stage, i64>,
    /// The standings at the end.
    pub by_standing: BTreeMap<&'static str, i64>,
    /// What is done on each civil day.
    #[serde(serialize_with = "by_day")]
    pub load: BTreeMap<NaiveDate, DayDifference>,
    /// Acts that are not done on their own day; 0 without a capacity.
    pub moved: i64,
    /// Acts that are left over at the end; 0 without a capacity.
    pub left: i64,
}

/// What differs on one civil day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct DayDifference {
    /// By hand.
    pub by_hand: i64,
    /// Sent without a person.
    pub automatic: i64,
    /// Left over at the end of the day.
    pub left_over: i64,
}

impl Simulation {
    /// What differs in another future: each number is the other's less this one's. Only two of one `now`, length and
    /// seed, over the same book and answers, say something of their playbooks.
    pub fn difference(&self, then: &Simulation) -> SimulationDifference {
        let moved =
            |simulation: &Simulation| simulation.overflow.as_ref().map_or(0, |overflow| overflow.moved);
        let left = |simulation: &Simulation| simulation.overflow.as_ref().map_or(0, |overflow| overflow.left);
        SimulationDifference {
            by_hand: less(then.by_hand, self.by_hand),
            automatic: less(then.automatic, self.automatic),
            touches: less(then.touches, self.touches),
            held: less(then.held, self.held),
            responses: each(&self.responses, &then.responses),
            wake_ups: each(&self.wake_ups, &then.wake_ups),
            stops: each(&self.stops, &then.stops),
            reopened: less(then.reopened, self.reopened),
            later: less(then.later, self.later),
            won: less(then.won, self.won),
            lost: less(then.lost, self.lost),
            expected_won: then.expected_won - self.expected_won,
            by_stage: each(&self.by_stage, &then.by_stage),
            by_standing: each(&self.by_standing, &then.by_standing),
            load: self.load_difference(then),
            moved: less(moved(then), moved(self)),
            left: less(left(then), left(self)),
        }
    }

    fn load_difference(&self, then: &Simulation) -> BTreeMap<NaiveDate, DayDifference> {
        let days: std::collections::BTreeSet<_> = self.load.keys().chain(then.load.keys()).copied().collect();
        let of = |simulation: &Simulation, day| {
            let on = simulation.load.get(&day);
            on.map_or((0, 0, 0), |on| (on.by_hand, on.automatic, on.left_over))
        };
        let differ = |day| {
            let (one, other) = (of(self, day), of(then, day));
            let difference = DayDifference {
                by_hand: less(other.0, one.0),
                automatic: less(other.1, one.1),
                left_over: less(other.2, one.2),
            };
            (difference != DayDifference::default()).then_some((day, difference))
        };
        days.into_iter().filter_map(differ).collect()
    }
}

fn less(one: u64, other: u64) -> i64 {
    one.cast_signed() - other.cast_signed()
}

fn each<K: Ord + Copy>(one: &BTreeMap<K, u64>, other: &BTreeMap<K, u64>) -> BTreeMap<K, i64> {
    let mut differences: BTreeMap<K, i64> = BTreeMap::new();
    one.iter().for_each(|(key, count)| *differences.entry(*key).or_default() -= count.cast_signed());
    other.iter().for_each(|(key, count)| *differences.entry(*key).or_default() += count.cast_signed());
    differences.retain(|_, difference| *difference != 0);
    differences
}
