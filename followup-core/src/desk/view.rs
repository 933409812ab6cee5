//! Looking at one prospect, at any time.

use chrono::{DateTime, Utc};

use super::log::Log;
use super::{Desk, DeskError, codec};
use crate::event::Event;
use crate::plan::{Answer, Plan, outcomes, plan};
use crate::prospect::{Profile, ProspectId};
use crate::state::ProspectState;
use crate::store::{Head, Revision};

/// One prospect at one instant.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct View {
    /// Who.
    pub prospect: ProspectId,
    /// How far the journal is (of all of it, also in a view of the past).
    pub revision: Revision,
    /// Where they stand.
    pub state: ProspectState,
    /// What is personal.
    pub profile: Profile,
    /// What is next.
    pub plan: Plan,
}

/// An event of a history.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// What happened.
    pub event: Event,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// A wake-up whose premise does not hold: it changes nothing.
    pub voided: bool,
}

impl View {
    /// What each possible answer would lead to.
    pub fn outcomes(&self, playbook: &crate::Playbook) -> Vec<Answer> {
        outcomes(&self.state, playbook)
    }
}

impl Desk {
    /// What is next for a prospect at an instant, with what time alone has changed by then folded in, recorded or
    /// not. Before recorded events it is a view of the past: only events up to it count.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`], also where nothing had happened yet; [`DeskError::Store`].
    pub async fn plan(&self, id: &ProspectId, now: DateTime<Utc>) -> Result<View, DeskError> {
        let head = self.head(id).await?;
        self.view(&head, now).await?.ok_or_else(|| DeskError::UnknownProspect(id.clone()))
    }

    /// What is next as it was stored after the newest event, whatever time alone has changed since.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    pub async fn stored_plan(&self, id: &ProspectId) -> Result<View, DeskError> {
        let head = self.head(id).await?;
        self.stored_view(&head).await
    }

    /// The view of a head as it was stored.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn stored_view(&self, head: &Head) -> Result<View, DeskError> {
        let log = self.with_suppressed(self.log(head).await?).await?;
        let state = log.state.clone();
        Ok(self.view_of(log, state, DateTime::<Utc>::MAX_UTC))
    }

    /// The view of a head at an instant; `None` where nothing had happened yet.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn view(&self, head: &Head, now: DateTime<Utc>) -> Result<Option<View>, DeskError> {
        Ok(self.views(std::slice::from_ref(head), now).await?.pop().flatten())
    }

    /// The views of a page of heads at an instant, in their order; `None` where nothing had happened yet.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn views(&self, heads: &[Head], now: DateTime<Utc>) -> Result<Vec<Option<View>>, DeskError> {
        let mut views = Vec::with_capacity(heads.len());
        for log in self.logs(heads).await? {
            views.push(self.state_at(log, now).await?.map(|(log, state, _)| self.view_of(log, state, now)));
        }
        Ok(views)
    }

    /// The states of a page of heads at an instant, as they are seen; without those to whom nothing had happened.
    pub(crate) async fn states(
        &self,
        heads: &[Head],
        now: DateTime<Utc>,
    ) -> Result<Vec<ProspectState>, DeskError> {
        let mut states = Vec::with_capacity(heads.len());
        for log in self.logs(heads).await? {
            let state = self.state_at(log, now).await?;
            states.extend(state.map(|(log, state, _)| self.seen(&log, &state, now).into_owned()));
        }
        Ok(states)
    }

    /// The journal's state at an instant, with what time alone has changed by then, and the events that would record it.
    pub(super) async fn state_at(
        &self,
        log: Log,
        now: DateTime<Utc>,
    ) -> Result<Option<(Log, ProspectState, Vec<Event>)>, DeskError> {
        let newest = log.state.last_event_at();
        let (log, state) = if newest.is_some_and(|newest| newest <= now) {
            let state = log.state.clone();
            (log, Some(state))
        } else {
            let log = self.with_journal(log).await?;
            let state = log.state_at(now);
            (log, state)
        };
        let Some(state) = state.filter(|state| state.last_event_at().is_some()) else { return Ok(None) };
        self.woken(log, state, now).await.map(Some)
    }

    /// The view of a state: as the journal has it, with what addresses are suppressed for.
    fn view_of(&self, log: Log, state: ProspectState, at: DateTime<Utc>) -> View {
        let state = self.seen(&log, &state, at).into_owned();
        let plan = plan(&state, self.playbook_of(&state));
        View { prospect: log.prospect, revision: log.revision, state, profile: log.profile, plan }
    }

    /// Everything that happened to a prospect, in order, with their name and addresses where they are still known.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    pub async fn history(&self, id: &ProspectId) -> Result<Vec<HistoryEntry>, DeskError> {
        let head = self.head(id).await?;
        let profile = codec::profile(&head)?;
        let mut state = ProspectState::new(self.playbook().zone());
        let mut entries = Vec::new();
        for record in self.store.history(id).await? {
            let mut event = codec::event(id, &record)?;
            let voided = !state.premise_holds(&event);
            state.apply(&event);
            profile.restore(&mut event);
            entries.push(HistoryEntry { event, recorded_at: record.recorded_at, voided });
        }
        Ok(entries)
    }
}
