//! The past of everybody, one prospect after the other.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use followup_core::event::Event;
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::state::ProspectState;
use followup_core::store::StoreExt;
use followup_core::time::Zone;

use super::Book;
use super::journal::Journal;
use crate::error::DeskError;

/// Whose past is read, and as of when.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Scope {
    /// As of when: later events do not count.
    pub now: DateTime<Utc>,
    /// The owner whose prospects count, as of `now`; everybody if `None`.
    pub owner: Option<String>,
}

impl Scope {
    /// Everybody, as of an instant.
    pub fn at(now: DateTime<Utc>) -> Scope {
        Scope { now, owner: None }
    }

    /// Narrows the scope to the prospects of one owner.
    #[must_use]
    pub fn owner(mut self, owner: impl Into<String>) -> Scope {
        self.owner = Some(owner.into());
        self
    }

    /// Whether a prospect in this state counts.
    pub fn includes(&self, state: &ProspectState) -> bool {
        self.owner.is_none() || state.owner() == self.owner.as_deref()
    }
}

/// What had happened to one prospect by an instant, and where they stood then.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Past<'a> {
    /// The prospect.
    pub prospect: &'a ProspectId,
    /// The zone that applies if they have none of their own.
    pub home: Zone,
    /// The events up to the instant, in the order of the fold, with what time alone did by then.
    pub events: &'a [Event],
    /// The state, with what time alone had changed by then, and with suppressions of their addresses applied.
    pub state: &'a ProspectState,
    /// The policy that applies to them.
    pub policy: &'a Policy,
}

impl Past<'_> {
    /// The events without wake-ups, which exist whether or not somebody recorded them.
    pub fn happened(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter().filter(|event| !event.is_wake_up())
    }
}

impl Book {
    pub(crate) async fn each_past(
        &self,
        scope: &Scope,
        mut visit: impl FnMut(&Past<'_>) + Send,
    ) -> Result<(), DeskError> {
        let mut pages = self.store.pages();
        while let Some(page) = pages.next().await? {
            for journal in self.journals(&page).await? {
                self.past(journal, scope, &mut visit).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn past_of(
        &self,
        id: &ProspectId,
        now: DateTime<Utc>,
        mut visit: impl FnMut(&Past<'_>) + Send,
    ) -> Result<bool, DeskError> {
        let head = self.head(id).await?;
        let journal = self.with_suppressed(self.journal(&head).await?).await?;
        self.past(journal, &Scope::at(now), &mut visit).await
    }

    async fn past(
        &self,
        journal: Journal,
        scope: &Scope,
        visit: &mut (impl FnMut(&Past<'_>) + Send),
    ) -> Result<bool, DeskError> {
        let now = scope.now;
        let Some((journal, state, woken)) = self.state_at(journal, now).await? else { return Ok(false) };
        if !scope.includes(&state) {
            return Ok(false);
        }
        let journal = self.with_events(journal).await?;
        let recorded = journal.events.as_deref().unwrap_or_default();
        let mut events = Cow::Borrowed(&recorded[..recorded.partition_point(|event| event.at <= now)]);
        if !woken.is_empty() {
            let events = events.to_mut();
            events.extend(woken);
            events.sort_by(Event::order);
        }
        let state = self.effective(&journal, &state, now);
        let policy = self.policy_of(&state);
        let (prospect, home) = (&journal.prospect, journal.state.home());
        visit(&Past { prospect, home, events: &events, state: &state, policy });
        Ok(true)
    }
}
