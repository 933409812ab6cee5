//! The personal data of a prospect, kept apart from the journal.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind};
use serde::{Deserialize, Serialize};

/// The personal data of a prospect. It can be erased without touching the journal.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Profile {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Who referred them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The newest note, and when it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_note: Option<(DateTime<Utc>, String)>,
    /// When the newest telling of these was.
    #[serde(skip_serializing_if = "Option::is_none")]
    told_at: Option<DateTime<Utc>>,
    /// The host's own label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The host's own entries.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub entries: BTreeMap<String, String>,
}

/// The further field of `added` that goes to the profile's label.
const LABEL: &str = "label";

/// What stands in the journal where the profile has an address.
pub(crate) const WITHHELD: &str = "*";

impl Profile {
    /// The address on a channel, if there is one.
    pub fn address(&self, channel: Channel) -> Option<&str> {
        match channel {
            Channel::EMAIL => self.email.as_deref(),
            Channel::PHONE | Channel::TEXT => self.phone.as_deref(),
            _ => None,
        }
    }

    /// Takes what is personal out of an event, so that the journal holds no name and no address.
    ///
    /// Of several tellings the newest counts, in whatever order they arrive; an older one only fills in.
    pub(crate) fn withhold(&mut self, event: &mut Event) {
        match &mut event.kind {
            EventKind::Added { name, email, phone, referrer, .. } => {
                let newer = self.told_at.is_none_or(|told_at| told_at <= event.at);
                self.told_at = self.told_at.max(Some(event.at));
                let mut label = event.extra.take_text(LABEL);
                for (kept, told) in [
                    (&mut self.name, &*name),
                    (&mut self.email, &*email),
                    (&mut self.phone, &*phone),
                    (&mut self.referrer, &*referrer),
                    (&mut self.label, &label),
                ] {
                    let known = told.as_deref().is_some_and(|told| told != WITHHELD);
                    if known && (newer || kept.is_none()) {
                        kept.clone_from(told);
                    }
                }
                for told in [name, email, phone, referrer, &mut label].into_iter().flatten() {
                    WITHHELD.clone_into(told);
                }
                event.extra.put(LABEL, &label);
            }
            EventKind::Bounced { address: Some(address), .. } => WITHHELD.clone_into(address),
            EventKind::Noted { text } if self.last_note.as_ref().is_none_or(|(at, _)| *at <= event.at) => {
                self.last_note = Some((event.at, text.clone()));
            }
            _ => {}
        }
    }

    /// Puts back what [`Profile::withhold`] took out, as far as it is still known.
    pub(crate) fn restore(&self, event: &mut Event) {
        if let EventKind::Added { name, email, phone, referrer, .. } = &mut event.kind {
            for (told, kept) in
                [(name, &self.name), (email, &self.email), (phone, &self.phone), (referrer, &self.referrer)]
            {
                if told.as_deref() == Some(WITHHELD) {
                    told.clone_from(kept);
                }
            }
            if event.extra.take_text(LABEL).is_some() {
                event.extra.put(LABEL, &self.label);
            }
        }
    }
}
