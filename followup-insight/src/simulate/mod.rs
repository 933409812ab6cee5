//! Simulation of the next weeks, under the current playbooks or another one.
//!
//! The calendar, the rules and the prospects are real; only the responses are drawn at random from a
//! [`ResponseModel`]. Each next action is done at its target instant, or at the next open instant if it is late
//! (C16). Wake-ups happen when they are due. Nothing is written.
//!
//! Each prospect has random numbers of their own, which depend only on the seed and the prospect id, not on other
//! prospects. The nth action gets the same draw under two playbooks, so that the difference between two simulations
//! with the same seed is due to the playbooks.

mod chance;
mod difference;
mod drawn;
mod fit;
mod model;
mod queue;
mod result;
pub(crate) mod run;
mod scenario;

use chrono::{DateTime, Utc};

pub use difference::{DayDifference, SimulationDifference};
pub(crate) use fit::Fit;
pub use fit::FittedResponses;
pub use model::{Likelihood, Response, ResponseModel, ResponseModelError, Responses};
pub use queue::Overflow;
pub use result::{ChannelLoad, SimulatedDay, Simulation};
pub(crate) use result::{Tally, by_day};
pub use scenario::{SCENARIO_DAYS_MAX, Scenario};

use drawn::DrawnAnswers;
use followup_core::event::Event;
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::pursuit::Pursuit;
use followup_core::state::ProspectState;
use followup_core::time::to_micros;

/// Simulates one prospect from an instant on and returns the events in order: our actions, the responses and the
/// wake-ups.
///
/// A pure function: the random numbers depend only on the prospect id and the seed. Wake-ups that are due by `now`
/// must already be applied to the state ([`ProspectState::wake`]). The returned events can be applied to the state.
/// Their wake-ups have no premise, since no event comes late. The scenario's playbook and capacity are ignored.
///
/// # Examples
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::{Event, Policy, ProspectId, ProspectState};
/// use followup_insight::simulate::{ResponseModel, Scenario, simulate_one};
///
/// let now = "2026-03-02T09:00:00Z".parse::<DateTime<Utc>>()?;
/// let ada = ProspectState::replay([Event::asked_information(now, None)])?;
/// let scenario = Scenario::of_days(30).responses(ResponseModel::silent());
/// let events = simulate_one(&ProspectId::new("ada")?, &ada, &Policy::default(), &scenario, now);
/// let names: Vec<_> = events.iter().map(Event::name).collect();
/// assert_eq!(names, ["information_sent", "touched", "touched"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn simulate_one(
    id: &ProspectId,
    state: &ProspectState,
    policy: &Policy,
    scenario: &Scenario,
    now: DateTime<Utc>,
) -> Vec<Event> {
    let pursuit = pursuit(id, state.clone(), policy, scenario, now);
    pursuit.map(|step| step.event).collect()
}

/// Returns the pursuit of one prospect under a scenario.
fn pursuit<'a>(
    id: &ProspectId,
    state: ProspectState,
    policy: &'a Policy,
    scenario: &'a Scenario,
    now: DateTime<Utc>,
) -> Pursuit<'a, DrawnAnswers<'a>> {
    let until = scenario.until(now);
    let answers = DrawnAnswers::new(id, scenario, to_micros(until));
    Pursuit::new(state, policy, answers, (now, until), |nth| format!("simulated-{nth}"))
}
