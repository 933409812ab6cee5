//! Who is followed up: identities and the profile.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::event::{Event, EventKind, FieldError};
use crate::money::Money;
use crate::stage::Kind;
use crate::time::{UnknownZone, Zone};

/// The longest identity of a book or a prospect, in bytes of UTF-8.
pub const ID_MAX_BYTES: usize = 64;
/// The most that a profile's label and map may hold together, in bytes.
pub const LABEL_MAX_BYTES: usize = 4096;

/// An identity that is empty, too long, or holds control characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is no {what}: it takes 1 to {ID_MAX_BYTES} bytes of text without control characters")]
pub struct IdError {
    what: &'static str,
    text: String,
}

macro_rules! identity {
    ($(#[$doc:meta])* $type:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $type(Box<str>);

        impl $type {
            /// Checks and takes an identity.
            ///
            /// # Errors
            /// [`IdError`] if it is empty, longer than 64 bytes, or holds control characters.
            pub fn new(id: impl AsRef<str>) -> Result<$type, IdError> {
                let id = id.as_ref();
                if id.is_empty() || id.len() > ID_MAX_BYTES || id.chars().any(char::is_control) {
                    return Err(IdError { what: $what, text: id.chars().take(ID_MAX_BYTES).collect() });
                }
                Ok($type(id.into()))
            }

            /// The identity as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $type {
            type Err = IdError;
            fn from_str(id: &str) -> Result<$type, IdError> {
                $type::new(id)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = IdError;
            fn try_from(id: &str) -> Result<$type, IdError> {
                $type::new(id)
            }
        }

        impl TryFrom<String> for $type {
            type Error = IdError;
            fn try_from(id: String) -> Result<$type, IdError> {
                $type::new(id)
            }
        }
    };
}

identity! {
    /// The identity of a prospect, chosen by the host. A prospect is one pursuit of one person.
    ///
    /// Gaps and ceilings do not span two prospects: a person who stands here twice may be touched twice in a day.
    ProspectId, "prospect id"
}

identity! {
    /// A book of business: the tenant, and the first part of every key. An agenda never crosses books.
    BookId, "book"
}

impl Default for BookId {
    fn default() -> BookId {
        BookId("main".into())
    }
}

impl From<&ProspectId> for ProspectId {
    fn from(id: &ProspectId) -> ProspectId {
        id.clone()
    }
}

/// What is personal: it can be erased without touching the journal.
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
    pub(crate) told_at: Option<DateTime<Utc>>,
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
    pub fn address(&self, channel: crate::Channel) -> Option<&str> {
        match channel {
            crate::Channel::EMAIL => self.email.as_deref(),
            crate::Channel::PHONE | crate::Channel::TEXT => self.phone.as_deref(),
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

/// A prospect to be taken in.
///
/// ```
/// use followup_core::Prospect;
///
/// let ada = Prospect::new("p-17")?.name("Ada").email("ada@example.org")?.zone("Europe/Berlin")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
#[must_use]
pub struct Prospect {
    id: ProspectId,
    name: Option<String>,
    kind: Kind,
    email: Option<String>,
    phone: Option<String>,
    zone: Option<Zone>,
    owner: Option<String>,
    referrer: Option<String>,
    playbook: Option<String>,
    value: Option<Money>,
}

impl Prospect {
    /// A prospect with an identity of the host's.
    ///
    /// # Errors
    /// [`IdError`] if the identity is empty, longer than 64 bytes, or holds control characters.
    pub fn new(id: impl AsRef<str>) -> Result<Prospect, IdError> {
        let id = ProspectId::new(id)?;
        let none = || None;
        Ok(Prospect {
            id,
            name: none(),
            kind: Kind::Prospect,
            email: none(),
            phone: none(),
            zone: None,
            owner: none(),
            referrer: none(),
            playbook: none(),
            value: None,
        })
    }

    /// The identity.
    pub fn id(&self) -> &ProspectId {
        &self.id
    }

    /// Their name.
    pub fn name(mut self, name: impl Into<String>) -> Prospect {
        self.name = Some(name.into());
        self
    }

    /// What sort of contact they are.
    pub fn kind(mut self, kind: Kind) -> Prospect {
        self.kind = kind;
        self
    }

    /// Their email address.
    ///
    /// # Errors
    /// [`FieldError`] unless it looks like an address: text, an @, text, no spaces, at most 254 bytes (RFC 5321).
    pub fn email(mut self, email: impl Into<String>) -> Result<Prospect, FieldError> {
        let email = email.into();
        let parts = email.split_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
        if parts.is_none() || email.len() > 254 || email.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            let why = "it is no email address: write it like ada@example.org".to_owned();
            return Err(FieldError::Wrong { field: "email", why });
        }
        self.email = Some(email);
        Ok(self)
    }

    /// Their telephone number, as it is dialled.
    pub fn phone(mut self, phone: impl Into<String>) -> Prospect {
        self.phone = Some(phone.into());
        self
    }

    /// Their time zone, by IANA name.
    ///
    /// # Errors
    /// [`UnknownZone`] if there is none of that name.
    pub fn zone(mut self, name: &str) -> Result<Prospect, UnknownZone> {
        self.zone = Some(Zone::named(name)?);
        Ok(self)
    }

    /// Who follows up.
    pub fn owner(mut self, owner: impl Into<String>) -> Prospect {
        self.owner = Some(owner.into());
        self
    }

    /// Who referred them.
    pub fn referrer(mut self, referrer: impl Into<String>) -> Prospect {
        self.referrer = Some(referrer.into());
        self
    }

    /// The name of their playbook.
    pub fn playbook(mut self, playbook: impl Into<String>) -> Prospect {
        self.playbook = Some(playbook.into());
        self
    }

    /// What they are worth.
    pub fn value(mut self, value: Money) -> Prospect {
        self.value = Some(value);
        self
    }

    /// The events that take them in: `added`, and `valued` if their value is known.
    pub(crate) fn into_events(self, at: DateTime<Utc>) -> Vec<Event> {
        let Prospect { name, kind, email, phone, zone, owner, referrer, playbook, .. } = self;
        let added = EventKind::Added { name, kind, email, phone, zone, owner, referrer, playbook };
        let valued = self.value.map(|value| Event::new(at, EventKind::Valued { value }).seq(1));
        [Some(Event::new(at, added)), valued].into_iter().flatten().collect()
    }
}
