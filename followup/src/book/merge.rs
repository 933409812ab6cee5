//! Passing on the opt-outs and stops of merged records to the records that they were merged into (S6).

use chrono::{DateTime, Utc};

use super::Book;
use super::journal::{Applied, Journal};
use crate::error::DeskError;
use followup_core::event::{Event, EventKind};
use followup_core::prospect::ProspectId;
use followup_core::stage::By;
use followup_core::state::ProspectState;
use followup_core::store::{Append, HeadQuery};

impl Book {
    /// Returns the changes to the records that a record was merged into, directly and further on: an opt-out or stop of
    /// the one holds for the other, whether it or the merge became known last. They are written in the same step.
    pub(crate) async fn merge_changes(
        &self,
        journal: &Journal,
        state: &ProspectState,
        now: DateTime<Utc>,
    ) -> Result<Vec<Append>, DeskError> {
        let mut changes: Vec<Append> = Vec::new();
        let mut from = (journal.prospect.clone(), journal.state.clone(), state.clone());
        loop {
            let (id, before, after) = &from;
            let Some((into, events)) = self.passed_on(id, before, after) else { return Ok(changes) };
            let visited = *journal.prospect.as_str() == *into.as_str()
                || changes.iter().any(|change| change.prospect == into);
            if visited {
                return Ok(changes);
            }
            let keys = events.iter().map(|event| event.key().to_owned()).collect();
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
            for event in fresh.map(|(_, event)| event).filter(|event| is_news(event, &before)) {
                let Applied { state, events, .. } = journal.apply(self, event, &[], now);
                journal.events.get_or_insert_default().extend(events.iter().cloned());
                journal.events.get_or_insert_default().sort_by(Event::order);
                journal.state = state;
                recorded.extend(events);
            }
            if recorded.is_empty() {
                return Ok(changes);
            }
            let after = std::mem::replace(&mut journal.state, before.clone());
            // Records further on come first, so that an opt-out is on record there before anywhere else.
            changes.insert(0, self.change(&journal, recorded, None, &after, now));
            from = (into, before, after);
        }
    }

    /// Returns the events that a change to a merged record passes on, with the record that it was merged into; `None`
    /// if there are none.
    pub(crate) fn passed_on(
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
        let is_new = |changed: bool| !merged_before || changed;
        if let Some(out) = consent.opted_out_at().filter(|_| is_new(before.consent() != consent)) {
            // No channels means all channels.
            let channels = if consent.is_out_of_all() { Vec::new() } else { consent.excluded() };
            if consent.is_out_of_all() || !channels.is_empty() {
                events.push(Event::new(out, EventKind::OptedOut { channels }));
            }
        }
        let stopped = after.stopped().filter(|stopped| !stopped.is_by_us());
        if let Some(stopped) = stopped.filter(|_| is_new(before.stopped() != after.stopped())) {
            events.push(Event::stopped(stopped.at()));
        }
        let named = events.into_iter().map(|event| {
            // The prospect said it, so that it is passed on beyond that record too.
            let event = event.with_by(By::Prospect);
            let hash = self.hasher.of(id, &event);
            let key: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            event.with_key(format!("merged-{key}"))
        });
        let events: Vec<_> = named.collect();
        (!events.is_empty()).then_some((into, events))
    }
}

/// Whether an opt-out or stop adds something to a state.
pub(crate) fn is_news(event: &Event, state: &ProspectState) -> bool {
    match event.kind() {
        EventKind::OptedOut { channels } if channels.is_empty() => !state.consent().is_out_of_all(),
        EventKind::OptedOut { channels } => channels.iter().any(|channel| state.consent().allows(*channel)),
        _ => state.stopped().is_none_or(|stopped| stopped.is_by_us()),
    }
}
