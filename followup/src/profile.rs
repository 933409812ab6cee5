//! The personal data of a prospect, stored separately from the journal.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use followup_core::channel::Channel;
use followup_core::event::{Event, EventKind};
use serde::{Deserialize, Serialize};

/// The personal data of a prospect, which can be erased without changing the journal.
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
    /// The name of the person who referred them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The newest note, with its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_note: Option<(DateTime<Utc>, String)>,
    /// The time of the newest `added` event that gave fields of this profile.
    #[serde(rename = "told_at", skip_serializing_if = "Option::is_none")]
    updated_at: Option<DateTime<Utc>>,
    /// A label of the host, opaque to the engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A map of the host, opaque to the engine.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub entries: BTreeMap<String, String>,
}

/// The extra field of `added` events that is stored as the profile's label.
const LABEL: &str = "label";

/// The text that replaces personal data in the journal.
pub(crate) const WITHHELD: &str = "*";

impl Profile {
    /// Returns the address on a channel, if it is known.
    ///
    /// # Examples
    /// ```
    /// use followup::desk::Profile;
    /// use followup::Channel;
    ///
    /// let mut profile = Profile::default();
    /// profile.phone = Some("+49 30 901820".to_owned());
    /// assert_eq!(profile.address(Channel::TEXT), Some("+49 30 901820"));
    /// assert_eq!(profile.address(Channel::EMAIL), None);
    /// ```
    pub fn address(&self, channel: Channel) -> Option<&str> {
        match channel {
            Channel::EMAIL => self.email.as_deref(),
            Channel::PHONE | Channel::TEXT => self.phone.as_deref(),
            _ => None,
        }
    }

    /// Moves the personal data of an event to the profile, so that the journal has no names and addresses.
    ///
    /// A newer event overwrites the fields of the profile, in whatever order the events arrive. An older event only
    /// fills in missing fields.
    pub(crate) fn withhold(&mut self, event: &mut Event) {
        let at = event.at();
        let is_added = matches!(event.kind(), EventKind::Added { .. });
        let mut label = if is_added { event.extra_mut().take_text(LABEL) } else { None };
        match event.kind_mut() {
            EventKind::Added { name, email, phone, referrer, .. } => {
                let newer = self.updated_at.is_none_or(|updated_at| updated_at <= at);
                self.updated_at = self.updated_at.max(Some(at));
                for (kept, given) in [
                    (&mut self.name, &*name),
                    (&mut self.email, &*email),
                    (&mut self.phone, &*phone),
                    (&mut self.referrer, &*referrer),
                    (&mut self.label, &label),
                ] {
                    let known = given.as_deref().is_some_and(|given| given != WITHHELD);
                    if known && (newer || kept.is_none()) {
                        kept.clone_from(given);
                    }
                }
                for given in [name, email, phone, referrer, &mut label].into_iter().flatten() {
                    WITHHELD.clone_into(given);
                }
            }
            EventKind::Bounced { address: Some(address), .. } => WITHHELD.clone_into(address),
            EventKind::Noted { text } if self.last_note.as_ref().is_none_or(|(noted, _)| *noted <= at) => {
                self.last_note = Some((at, text.clone()));
            }
            _ => {}
        }
        event.extra_mut().put(LABEL, &label);
    }

    /// Restores the data that [`Profile::withhold`] moved here, unless it is erased.
    pub(crate) fn restore(&self, event: &mut Event) {
        if let EventKind::Added { name, email, phone, referrer, .. } = event.kind_mut() {
            for (given, kept) in
                [(name, &self.name), (email, &self.email), (phone, &self.phone), (referrer, &self.referrer)]
            {
                if given.as_deref() == Some(WITHHELD) {
                    given.clone_from(kept);
                }
            }
        }
        if matches!(event.kind(), EventKind::Added { .. }) && event.extra_mut().take_text(LABEL).is_some() {
            event.extra_mut().put(LABEL, &self.label);
        }
    }
}
