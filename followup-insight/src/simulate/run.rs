//! Simulation of all prospects of a book.

use chrono::{DateTime, Utc};

use crate::simulate::{Fit, FittedResponses, Scenario, Simulation, Tally};
use followup::{Desk, DeskError};
use followup_core::event::Event;
use followup_core::prospect::ProspectId;

pub(crate) async fn simulate(
    desk: &Desk,
    scenario: &Scenario,
    now: DateTime<Utc>,
) -> Result<Simulation, DeskError> {
    simulate_watched(desk, scenario, now, |_, _| {}).await
}

pub(crate) async fn simulate_watched(
    desk: &Desk,
    scenario: &Scenario,
    now: DateTime<Utc>,
    mut watch: impl FnMut(&ProspectId, &Event) + Send,
) -> Result<Simulation, DeskError> {
    let mut tally = Tally::new(scenario, now);
    let new_policy = scenario.policy();
    let everybody = new_policy.is_some_and(|policy| desk.policy_named(policy.name(), None).is_none());
    let mut pages = desk.read().pages();
    while let Some(page) = pages.next().await? {
        for position in desk.read().positions(&page, now).await? {
            let name = desk.read().playbook_name_of(position.state()).to_owned();
            let replaced_by = new_policy.filter(|new| everybody || name == new.name());
            let state = match replaced_by {
                Some(policy) => position.state_under(policy, now),
                None => position.state().clone(),
            };
            let policy = replaced_by.unwrap_or(position.policy());
            let id = position.prospect();
            tally.run(id, state, policy, scenario, now, |event| watch(id, event));
        }
    }
    let default = new_policy.filter(|new| everybody || new.name() == desk.policy().name());
    let default = default.unwrap_or_else(|| desk.policy());
    Ok(tally.finish(scenario, default))
}

pub(crate) async fn fit_responses(desk: &Desk, now: DateTime<Utc>) -> Result<FittedResponses, DeskError> {
    let mut fit = Fit::default();
    let mut pages = desk.read().pages();
    while let Some(page) = pages.next().await? {
        for head in &page {
            fit.read(&desk.read().events(&head.prospect).await?, now);
        }
    }
    Ok(fit.finish())
}
