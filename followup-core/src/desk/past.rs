//! Everybody's past, one after the other.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::log::Log;
use super::{Desk, DeskError};
use crate::event::Event;
use crate::playbook::Playbook;
use crate::prospect::ProspectId;
use crate::report::Scope;
use crate::state::ProspectState;
use crate::store::StoreExt;
use crate::time::Zone;

/// What had happened to one prospect by an instant, and where they stood then.
pub(crate) struct Past<'a> {
    pub(crate) prospect: &'a ProspectId,
    /// The zone that stands in for a prospect's own.
    pub(crate) home: Zone,
    /// The events up to the instant, in the order of the fold, with what time alone did by then.
    pub(crate) events: &'a [Event],
    /// With what time alone had changed by then, and with what their addresses are suppressed for.
    pub(crate) state: &'a ProspectState,
    /// The playbook that holds for them.
    pub(crate) playbook: &'a Playbook,
}

impl Past<'_> {
    /// What happened, without what time alone did: that is there whether or not somebody recorded it.
    pub(crate) fn happened(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.events.iter().filter(|event| !event.is_wake_up())
    }
}

impl Desk {
    /// Shows everybody to whom something had happened by an instant, by prospect id. A page of heads and one journal
    /// are in memory at a time.
    pub(crate) async fn each_past(
        &self,
        scope: &Scope,
        mut visit: impl FnMut(&Past<'_>) + Send,
    ) -> Result<(), DeskError> {
        let mut pages = self.store.pages();
        while let Some(page) = pages.next().await? {
            for log in self.logs(&page).await? {
                self.past(log, scope, &mut visit).await?;
            }
        }
        Ok(())
    }

    /// Shows one prospect; whether something had happened to them by then.
    pub(crate) async fn past_of(
        &self,
        id: &ProspectId,
        now: DateTime<Utc>,
        mut visit: impl FnMut(&Past<'_>) + Send,
    ) -> Result<bool, DeskError> {
        let head = self.head(id).await?;
        let log = self.with_suppressed(self.log(&head).await?).await?;
        self.past(log, &Scope::at(now), &mut visit).await
    }

    async fn past(
        &self,
        log: Log,
        scope: &Scope,
        visit: &mut (impl FnMut(&Past<'_>) + Send),
    ) -> Result<bool, DeskError> {
        let now = scope.now;
        let Some((log, state, woken)) = self.state_at(log, now).await? else { return Ok(false) };
        if !scope.holds(&state) {
            return Ok(false);
        }
        let log = self.with_journal(log).await?;
        let journal = log.journal.as_deref().unwrap_or_default();
        let mut events = Cow::Borrowed(&journal[..journal.partition_point(|event| event.at <= now)]);
        if !woken.is_empty() {
            let events = events.to_mut();
            events.extend(woken);
            events.sort_by(Event::order);
        }
        let state = self.seen(&log, &state, now);
        let playbook = self.playbook_of(&state);
        let (prospect, home) = (&log.prospect, log.state.home);
        visit(&Past { prospect, home, events: &events, state: &state, playbook });
        Ok(true)
    }
}
