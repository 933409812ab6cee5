//! What a record that goes on in another takes along: what they opted out of, and their stop (S6).

use chrono::{DateTime, Utc};

use super::Book;
use super::journal::{Journal, Taken};
use crate::error::DeskError;
use followup_core::event::{Event, EventKind};
use followup_core::prospect::ProspectId;
use followup_core::stage::By;
use followup_core::state::ProspectState;
use followup_core::store::{Append, HeadQuery};

impl Book {
    /// The changes to those whom a record goes on in: what was said to the one holds for the other, whichever of the
    /// two became known last, and for whoever that one goes on in. They are written in the same step.
    pub(crate) async fn carried(
        &self,
        journal: &Journal,
        state: &ProspectState,
        now: DateTime<Utc>,
    ) -> Result<Vec<Append>, DeskError> {
        let mut changes: Vec<Append> = Vec::new();
        let mut from = (journal.prospect.clone(), journal.state.clone(), state.clone());
        loop {
            let (id, before, after) = &from;
            let Some((into, events)) = self.told_on(id, before, after) else { return Ok(changes) };
            let visited = *journal.prospect.as_str() == *into.as_str()
                || changes.iter().any(|change| change.prospect == into);
            if visited {
                return Ok(changes);
            }
            let keys = events.iter().map(|event| event.key.clone()).collect();
            let head = self.store.head(vec![HeadQuery::new(into.clone(), keys)]).await?.pop().flatten();
            let known = head.as_ref().map(|head| head.known.clone()).unwrap_or_default();
            let mut journal = match &head {
                Some(head) => self.with_events(self.journal(head).await?).await?,
                None => Journal::new(into.clone(), self.policy().zone()),
            };
            let before = journal.state.clone();
            let is_known = |index: usize| known.get(index).is_some_and(Option::is_some);
            let fresh = events.into_iter().enumerate().filter(|(index, _)| !is_known(*index));
            let mut recorded = Vec::new();
            for event in fresh.map(|(_, event)| event).filter(|event| adds(event, &before)) {
                let Taken { state, events, .. } = journal.take(self, event, &[], now);
                journal.events.get_or_insert_default().extend(events.iter().cloned());
                journal.events.get_or_insert_default().sort_by(Event::order);
                journal.state = state;
                recorded.extend(events);
            }
            if recorded.is_empty() {
                return Ok(changes);
            }
            let after = std::mem::replace(&mut journal.state, before.clone());
            // Those further on hear first: should they be written apart, the safe side comes first.
            changes.insert(0, self.change(&journal, recorded, None, &after, now));
            from = (into, before, after);
        }
    }

    /// What a change to a merged record means for the one that it goes on in; `None` if nothing.
    pub(crate) fn told_on(
        &self,
        id: &ProspectId,
        before: &ProspectState,
        after: &ProspectState,
    ) -> Option<(ProspectId, Vec<Event>)> {
        let into = after.merged_into()?;
        let into = ProspectId::new(into).ok().filter(|into| into != id)?;
        let merged_before = before.merged_into() == Some(into.as_str());
        let mut events = Vec::new();
        let consent = after.consent();
        let news = |changed: bool| !merged_before || changed;
        if let Some(out) = consent.opted_out_at().filter(|_| news(before.consent() != consent)) {
            // Without a channel: all of them.
            let channels = if consent.is_out_of_all() { Vec::new() } else { consent.excluded() };
            if consent.is_out_of_all() || !channels.is_empty() {
                events.push(Event::new(out, EventKind::OptedOut { channels }));
            }
        }
        let stopped = after.stopped().filter(|stopped| !stopped.is_by_us());
        if let Some(stopped) = stopped.filter(|_| news(before.stopped() != after.stopped())) {
            events.push(Event::new(stopped.at(), EventKind::Stopped { why: None }));
        }
        let named = events.into_iter().map(|mut event| {
            // It is their word, whoever passes it on: so it goes beyond that record too.
            event.by = Some(By::Prospect);
            let hash = self.hasher.of(id, &event);
            let key: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            event.key(format!("merged-{key}"))
        });
        let events: Vec<_> = named.collect();
        (!events.is_empty()).then_some((into, events))
    }
}

/// Whether an event says more than is known of somebody already.
pub(crate) fn adds(event: &Event, state: &ProspectState) -> bool {
    match &event.kind {
        EventKind::OptedOut { channels } if channels.is_empty() => !state.consent().is_out_of_all(),
        EventKind::OptedOut { channels } => channels.iter().any(|channel| state.consent().allows(*channel)),
        _ => state.stopped().is_none_or(|stopped| stopped.is_by_us()),
    }
}
