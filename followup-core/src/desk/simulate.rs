//! Everybody run forward, without writing anything.

use chrono::{DateTime, Utc};

use super::{Desk, DeskError};
use crate::event::Event;
use crate::prospect::ProspectId;
use crate::simulate::{Fit, FittedResponses, Scenario, Simulation, Tally};
use crate::store::StoreExt;

impl Desk {
    /// What becomes of everybody from `now` on, if they answer as the scenario supposes. Nothing is written.
    ///
    /// Everybody is taken as of `now`, with what time alone has changed by then folded in and what their addresses
    /// are suppressed for (S6); with a `now` before recorded events it is a view of the past, as elsewhere. What time
    /// alone has changed by `now` is folded in under the playbook that held, and then under the scenario's.
    ///
    /// The same book, scenario and `now` give the same simulation. Memory does not grow with the number of prospects.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn simulate(&self, scenario: &Scenario, now: DateTime<Utc>) -> Result<Simulation, DeskError> {
        self.simulate_watched(scenario, now, |_, _| {}).await
    }

    /// The same, and each event is shown to whoever watches: prospect by prospect, by their ids, and in order.
    ///
    /// # Errors
    /// As [`Desk::simulate`].
    pub async fn simulate_watched(
        &self,
        scenario: &Scenario,
        now: DateTime<Utc>,
        mut watch: impl FnMut(&ProspectId, &Event) + Send,
    ) -> Result<Simulation, DeskError> {
        let mut tally = Tally::new(scenario, now);
        let supposed = scenario.supposed();
        let everybody = supposed.is_some_and(|playbook| self.playbook_named(playbook.name(), None).is_none());
        let mut pages = self.store.pages();
        while let Some(page) = pages.next().await? {
            for log in self.logs(&page).await? {
                let Some((log, mut state, _)) = self.state_at(log, now).await? else { continue };
                let held = supposed.filter(|new| everybody || self.shelf.name_of(&state) == new.name());
                if let Some(playbook) = held {
                    state.wake(playbook, now);
                }
                let state = self.seen(&log, &state, now).into_owned();
                let playbook = held.unwrap_or_else(|| self.playbook_of(&state));
                let id = &log.prospect;
                tally.run(id, state, playbook, scenario, now, |event| watch(id, event));
            }
        }
        let house = supposed.filter(|new| everybody || new.name() == self.playbook().name());
        let house = house.unwrap_or_else(|| self.playbook());
        Ok(tally.finish(scenario, house))
    }

    /// How people have answered so far: a response model that is fitted to everything that was recorded by `now`.
    ///
    /// Counted is what came of each touch of ours before the next one; of several answers the one that goes furthest,
    /// and a last touch without an answer only once it is 14 days old.
    ///
    /// Shares are smoothed additively: if n of N touches had an answer, its share is (n + 20 s) ÷ (N + 20), where s is
    /// what is known more generally. For touches with a purpose that is the share for all touches; for all touches it
    /// is what is [assumed](crate::ResponseModel::assumed) of that purpose. So little history changes little of what is
    /// assumed, and a purpose with little of its own is answered as all are. Confirming, holding and chasing have
    /// answers of their own: they do not count for all, and are smoothed by what is assumed of them. Delays are the
    /// deciles of those seen, if there are 5 or more, within half powers of two of a minute; else those more general.
    ///
    /// Reads all journals, page by page; memory does not grow with the number of prospects.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn fit_responses(&self, now: DateTime<Utc>) -> Result<FittedResponses, DeskError> {
        let mut fit = Fit::default();
        let mut pages = self.store.pages();
        while let Some(page) = pages.next().await? {
            for head in &page {
                fit.read(&self.journal(&head.prospect).await?, now);
            }
        }
        Ok(fit.finish())
    }
}
