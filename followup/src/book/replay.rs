//! The past of all prospects, visited one prospect at a time.

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

/// The prospects whose past is read, and the instant as of which it is read.
///
/// # Examples
/// ```
/// use followup::read::Scope;
///
/// let scope = Scope::at("2026-03-06T14:00:00Z".parse()?).owner("kim");
/// assert_eq!(scope.owner.as_deref(), Some("kim"));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Scope {
    /// The instant; later events do not count.
    pub now: DateTime<Utc>,
    /// The owner whose prospects count, as of `now`; `None` for all prospects.
    pub owner: Option<String>,
}

impl Scope {
    /// Creates a scope of all prospects as of an instant.
    pub fn at(now: DateTime<Utc>) -> Scope {
        Scope { now, owner: None }
    }

    /// Narrows the scope to the prospects of one owner.
    #[must_use]
    pub fn owner(mut self, owner: impl Into<String>) -> Scope {
        self.owner = Some(owner.into());
        self
    }

    /// Whether a prospect in this state is in scope.
    ///
    /// # Examples
    /// ```
    /// use chrono::{DateTime, Utc};
    /// use followup::read::Scope;
    /// use followup::{Event, ProspectState};
    ///
    /// let t: DateTime<Utc> = "2026-03-06T14:00:00Z".parse()?;
    /// let state = ProspectState::replay([Event::assigned(t, "kim")])?;
    /// assert!(Scope::at(t).includes(&state));
    /// assert!(!Scope::at(t).owner("ann").includes(&state));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn includes(&self, state: &ProspectState) -> bool {
        self.owner.is_none() || state.owner() == self.owner.as_deref()
    }
}

/// The past of one prospect as of an instant: events and state. See
/// [`Reader::each_past`](crate::read::Reader::each_past).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Past<'a> {
    /// The prospect.
    pub prospect: &'a ProspectId,
    /// The zone that applies if the prospect has no other.
    pub home: Zone,
    /// The events up to the instant, in the order of the fold, with the wake-ups that are due by then.
    pub events: &'a [Event],
    /// The state, with the wake-ups that are due by then and the suppressions of the prospect's addresses applied.
    pub state: &'a ProspectState,
    /// The policy that applies to the prospect.
    pub policy: &'a Policy,
}

impl Past<'_> {
    /// Returns the events that are not wake-ups. The result does not depend on whether wake-ups are recorded.
    ///
    /// # Examples
    /// See [`Reader`](crate::read::Reader).
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
        let mut events = Cow::Borrowed(&recorded[..recorded.partition_point(|event| event.at() <= now)]);
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
