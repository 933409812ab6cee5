//! Erasing personal data while keeping the statistics correct.

use chrono::{DateTime, Utc};

use super::{Book, codec};
use crate::error::DeskError;
use crate::profile::{Profile, WITHHELD};
use followup_core::event::{Event, EventKind, Fields};
use followup_core::prospect::ProspectId;
use followup_core::stage::By;
use followup_core::state::{ERASED, WAKE_UP_SEQ};
use followup_core::store::Erase;

impl Book {
    pub(crate) async fn erase(&self, id: &ProspectId, now: DateTime<Utc>) -> Result<(), DeskError> {
        let head = self.head(id).await?;
        let journal = self.with_events(self.journal(&head).await?).await?;
        let at = journal.state.last_event_at().map_or(now, |newest| newest.max(now));
        let event = Event::stopped_because(at, ERASED);
        let event = event
            .with_by(By::System)
            .with_key(format!("erased-{}", journal.revision))
            .with_seq(2 * WAKE_UP_SEQ);
        let mut state = journal.state.clone();
        state.apply(&event);
        let mut change = self.change(&journal, vec![event], None, &state, now);
        change.profile = None;
        change.due = None;
        let journal = journal.events.unwrap_or_default();
        let redacted = journal.into_iter().filter_map(redacted).map(|event| {
            let (event, record) = codec::record(event, [0; 16], now, &mut Profile::default());
            (event.key().to_owned(), record.body)
        });
        self.store.erase(Erase::new(change, redacted.collect())).await?;
        Ok(())
    }
}

/// Returns the event without its free text; `None` if it has none.
fn redacted(mut event: Event) -> Option<Event> {
    let mut found = !event.extra().is_empty();
    *event.extra_mut() = Fields::default();
    let mut redact = |text: &mut Option<String>| {
        if let Some(text) = text {
            found = true;
            WITHHELD.clone_into(text);
        }
    };
    match event.kind_mut() {
        EventKind::Noted { text } => {
            found = true;
            WITHHELD.clone_into(text);
        }
        EventKind::Paused { why, .. }
        | EventKind::Stopped { why }
        | EventKind::Decided { why, .. }
        | EventKind::SendFailed { why, .. } => redact(why),
        EventKind::Qualified { needs, decides_how, .. } => {
            redact(needs);
            redact(decides_how);
        }
        EventKind::Sent { message_id, .. } => redact(message_id),
        _ => {}
    }
    found.then_some(event)
}
