//! What a record that goes on in another takes along: what they opted out of, and their stop (S6).

use chrono::{DateTime, Utc};

use super::log::{Log, Taken};
use super::{Desk, DeskError};
use crate::channel::Channel;
use crate::event::{Event, EventKind};
use crate::prospect::ProspectId;
use crate::stage::By;
use crate::state::ProspectState;
use crate::store::{Append, HeadQuery};
use crate::time::to_instant;

impl Desk {
    /// The changes to those whom a record goes on in: what was said to the one holds for the other, whichever of the
    /// two became known last, and for whoever that one goes on in. They are written in the same step.
    pub(super) async fn carried(
        &self,
        log: &Log,
        state: &ProspectState,
        now: DateTime<Utc>,
    ) -> Result<Vec<Append>, DeskError> {
        let mut changes: Vec<Append> = Vec::new();
        let mut from = (log.prospect.clone(), log.state.clone(), state.clone());
        loop {
            let (id, before, after) = &from;
            let Some((into, events)) = self.told_on(id, before, after) else { return Ok(changes) };
            let seen = *log.prospect.as_str() == *into.as_str()
                || changes.iter().any(|change| change.prospect == into);
            if seen {
                return Ok(changes);
            }
            let keys = events.iter().map(|event| event.key.clone()).collect();
            let head = self.store.head(vec![HeadQuery::new(into.clone(), keys)]).await?.pop().flatten();
            let known = head.as_ref().map(|head| head.known.clone()).unwrap_or_default();
            let mut log = match &head {
                Some(head) => self.with_journal(self.log(head).await?).await?,
                None => Log::new(into.clone(), self.playbook().zone()),
            };
            let before = log.state.clone();
            let is_known = |index: usize| known.get(index).is_some_and(Option::is_some);
            let fresh = events.into_iter().enumerate().filter(|(index, _)| !is_known(*index));
            let mut recorded = Vec::new();
            for event in fresh.map(|(_, event)| event).filter(|event| adds(event, &before)) {
                let Taken { state, events, .. } = log.take(self, event, &[], now);
                log.journal.get_or_insert_default().extend(events.iter().cloned());
                log.journal.get_or_insert_default().sort_by(Event::order);
                log.state = state;
                recorded.extend(events);
            }
            if recorded.is_empty() {
                return Ok(changes);
            }
            let after = std::mem::replace(&mut log.state, before.clone());
            // Those further on hear first: should they be written apart, the safe side comes first.
            changes.insert(0, self.change(&log, recorded, None, &after, now));
            from = (into, before, after);
        }
    }

    /// What a change to a merged record means for the one that it goes on in; `None` if nothing.
    pub(super) fn told_on(
        &self,
        id: &ProspectId,
        before: &ProspectState,
        after: &ProspectState,
    ) -> Option<(ProspectId, Vec<Event>)> {
        let into = after.merged.as_ref()?.into.as_str();
        let into = ProspectId::new(into).ok().filter(|into| into != id)?;
        let merged_before = before.merged.as_ref().is_some_and(|merged| merged.into == into.as_str());
        let mut events = Vec::new();
        if let Some(out) =
            after.consent.out.as_ref().filter(|_| !merged_before || before.consent != after.consent)
        {
            let mut channels: Vec<_> =
                Channel::BUILT_IN.iter().chain(&after.consent.exceptions).copied().collect();
            channels.retain(|channel| !after.consent.is_out_of_all() && !after.consent.allows(*channel));
            channels.sort_unstable();
            channels.dedup();
            if after.consent.is_out_of_all() || !channels.is_empty() {
                events.push(Event::new(to_instant(out.at), EventKind::OptedOut { channels }));
            }
        }
        let stopped = after.stopped.as_ref().filter(|stopped| !stopped.by_us);
        if let Some(stopped) = stopped.filter(|_| !merged_before || before.stopped != after.stopped) {
            events.push(Event::new(to_instant(stopped.place.at), EventKind::Stopped { why: None }));
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
pub(super) fn adds(event: &Event, state: &ProspectState) -> bool {
    match &event.kind {
        EventKind::OptedOut { channels } if channels.is_empty() => !state.consent.is_out_of_all(),
        EventKind::OptedOut { channels } => channels.iter().any(|channel| state.consent.allows(*channel)),
        _ => state.stopped.as_ref().is_none_or(|stopped| stopped.by_us),
    }
}
