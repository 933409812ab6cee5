//! Removing a person and keeping the statistics true.

use chrono::{DateTime, Utc};

use super::{Desk, DeskError, codec};
use crate::event::{Event, EventKind};
use crate::prospect::{Profile, ProspectId, WITHHELD};
use crate::stage::By;
use crate::state::{ERASED, WAKE_UP_SEQ};
use crate::store::Erase;

impl Desk {
    /// Removes a person: the profile goes, free text in the journal goes, and nothing is due for them any more. What
    /// happened and when stays, without name and address, so that reports stay true.
    ///
    /// The prospect id stays too: choose ids that are not personal.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`], with a conflict if something was recorded meanwhile.
    pub async fn erase(&self, id: &ProspectId, now: DateTime<Utc>) -> Result<(), DeskError> {
        let head = self.head(id).await?;
        let log = self.with_journal(self.log(&head).await?).await?;
        let at = log.state.last_event_at().map_or(now, |newest| newest.max(now));
        let mut event = Event::new(at, EventKind::Stopped { why: Some(ERASED.to_owned()) });
        event.by = Some(By::System);
        let event = event.key(format!("erased-{}", log.revision)).seq(2 * WAKE_UP_SEQ);
        let mut state = log.state.clone();
        state.apply(&event);
        let mut change = self.change(&log, vec![event], None, &state, now);
        change.profile = None;
        change.due = None;
        let journal = log.journal.unwrap_or_default();
        let redacted = journal.into_iter().filter_map(redacted).map(|event| {
            let (event, record) = codec::record(event, [0; 16], now, &mut Profile::default());
            (event.key, record.body)
        });
        self.store.erase(Erase::new(change, redacted.collect())).await?;
        Ok(())
    }
}

/// The event without the text that somebody wrote, if it has any.
fn redacted(mut event: Event) -> Option<Event> {
    let mut found = !event.extra.is_empty();
    event.extra = Default::default();
    let mut redact = |text: &mut Option<String>| {
        if let Some(text) = text {
            found = true;
            WITHHELD.clone_into(text);
        }
    };
    match &mut event.kind {
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
