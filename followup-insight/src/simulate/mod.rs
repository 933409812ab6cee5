//! Everybody run forward: what the next weeks will look like, under this playbook or another.
//!
//! The calendar, the rules and the people are the real ones; only the answers are drawn by chance, as a
//! [`ResponseModel`] says. What is next is done at its target instant, and what is late at the next open one (C16);
//! what time alone does comes when it is due. Nothing is written.
//!
//! Each prospect has a chance of their own, which follows from the seed and their id: who else there is changes
//! nothing for them. The nth act of ours meets the same draw under two playbooks, so that what differs between two
//! runs of one seed is due to the playbooks.

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

/// What would happen to one prospect from an instant on: all we do, how they answer, and what time alone does, in
/// order.
///
/// A pure function: their id and the seed decide what chance gives them. What time alone has changed by `now` has to
/// be folded in ([`ProspectState::wake`]); the events can be applied to the state as they are. Wake-ups name no
/// premise, since no fact comes late. The scenario's own playbook and capacity are not looked at.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use followup_core::{Event, Policy, ProspectId, ProspectState};
/// use followup_insight::simulate::{ResponseModel, Scenario, simulate_one};
///
/// let now = "2026-03-02T09:00:00Z".parse::<DateTime<Utc>>()?;
/// let ada = ProspectState::replay([Event::asked_information(now)])?;
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

/// One prospect on their way into the scenario's future.
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
