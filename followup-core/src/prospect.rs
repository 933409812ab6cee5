//! Identities of books and prospects, and the prospect to add.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event::{Event, EventKind, FieldError};
use crate::money::Money;
use crate::stage::Kind;
use crate::time::{UnknownZone, Zone};

/// The maximum length of the identity of a book or a prospect, in bytes of UTF-8.
pub const ID_MAX_BYTES: usize = 64;

/// The error for an identity that is empty, too long, or has control characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid {what} \"{text}\": expected 1 to {ID_MAX_BYTES} bytes of text without control characters")]
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
            /// Creates an identity from text.
            ///
            /// # Errors
            /// [`IdError`] if it is empty, longer than 64 bytes, or has control characters.
            pub fn new(id: impl AsRef<str>) -> Result<$type, IdError> {
                let id = id.as_ref();
                if id.is_empty() || id.len() > ID_MAX_BYTES || id.chars().any(char::is_control) {
                    return Err(IdError { what: $what, text: id.chars().take(ID_MAX_BYTES).collect() });
                }
                Ok($type(id.into()))
            }

            /// Returns the identity as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $type {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $type {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                $type::new(text).map_err(serde::de::Error::custom)
            }
        }

        impl From<&$type> for $type {
            fn from(id: &$type) -> $type {
                id.clone()
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
    /// Gaps and ceilings do not span two prospects: a person who is two prospects may be touched twice in a day.
    ///
    /// # Examples
    /// ```
    /// use followup_core::ProspectId;
    ///
    /// let id = ProspectId::new("p-17")?;
    /// assert_eq!(id, "p-17");
    /// assert!(ProspectId::new("").is_err());
    /// # Ok::<(), followup_core::prospect::IdError>(())
    /// ```
    ProspectId, "prospect id"
}

identity! {
    /// The identity of a book of business: the tenant, and the first part of every key. An agenda never crosses books.
    ///
    /// # Examples
    /// ```
    /// use followup_core::BookId;
    ///
    /// assert_eq!(BookId::default(), "main");
    /// let book: BookId = "berlin-office".parse()?;
    /// assert_eq!(book.as_str(), "berlin-office");
    /// # Ok::<(), followup_core::prospect::IdError>(())
    /// ```
    BookId, "book"
}

impl Default for BookId {
    fn default() -> BookId {
        BookId("main".into())
    }
}

/// A prospect to add.
///
/// # Examples
/// ```
/// use followup_core::Prospect;
/// use followup_core::event::EventKind;
///
/// let ada = Prospect::new("p-17")?.name("Ada").email("ada@example.org")?.zone("Europe/Berlin")?;
/// let ada = ada.referrer("Charles");
/// assert_eq!(ada.id().as_str(), "p-17");
/// let events = ada.into_events("2026-03-06T14:00:00Z".parse()?);
/// assert!(matches!(events[0].kind(), EventKind::Added { referrer: Some(name), .. } if name == "Charles"));
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
    /// Creates a prospect under an identity that the host chooses.
    ///
    /// # Errors
    /// [`IdError`] if the identity is empty, longer than 64 bytes, or has control characters.
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

    /// Returns the identity.
    pub fn id(&self) -> &ProspectId {
        &self.id
    }

    /// Sets their name.
    pub fn name(mut self, name: impl Into<String>) -> Prospect {
        self.name = Some(name.into());
        self
    }

    /// Sets the kind of contact. Defaults to [`Kind::Prospect`].
    pub fn kind(mut self, kind: Kind) -> Prospect {
        self.kind = kind;
        self
    }

    /// Sets their email address.
    ///
    /// # Errors
    /// [`FieldError`] if it does not look like an address: text, an @, text, no spaces, at most 254 bytes (RFC 5321).
    pub fn email(mut self, email: impl Into<String>) -> Result<Prospect, FieldError> {
        let email = email.into();
        let parts = email.split_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
        if parts.is_none() || email.len() > 254 || email.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            let why = "not an email address (expected e.g. ada@example.org)".to_owned();
            return Err(FieldError::Wrong { field: "email", why });
        }
        self.email = Some(email);
        Ok(self)
    }

    /// Sets their telephone number, as it is dialled.
    pub fn phone(mut self, phone: impl Into<String>) -> Prospect {
        self.phone = Some(phone.into());
        self
    }

    /// Sets their time zone, by IANA name.
    ///
    /// # Errors
    /// [`UnknownZone`] if the built-in database has no zone of that name.
    pub fn zone(mut self, name: &str) -> Result<Prospect, UnknownZone> {
        self.zone = Some(Zone::named(name)?);
        Ok(self)
    }

    /// Sets the owner, who follows up.
    pub fn owner(mut self, owner: impl Into<String>) -> Prospect {
        self.owner = Some(owner.into());
        self
    }

    /// Sets the person who referred them.
    pub fn referrer(mut self, referrer: impl Into<String>) -> Prospect {
        self.referrer = Some(referrer.into());
        self
    }

    /// Sets the name of their playbook.
    pub fn playbook(mut self, playbook: impl Into<String>) -> Prospect {
        self.playbook = Some(playbook.into());
        self
    }

    /// Sets the value of the business with them.
    pub fn value(mut self, value: Money) -> Prospect {
        self.value = Some(value);
        self
    }

    /// Returns the events that add the prospect at an instant: `added`, and `valued` if the value is known. The key of
    /// each event is its name.
    ///
    /// # Examples
    /// ```
    /// use followup_core::Prospect;
    ///
    /// let ada = Prospect::new("p-17")?.name("Ada").value("12000 EUR".parse()?);
    /// let events = ada.into_events("2026-03-06T14:00:00Z".parse()?);
    /// let names: Vec<_> = events.iter().map(|event| event.name()).collect();
    /// assert_eq!(names, ["added", "valued"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_events(self, at: DateTime<Utc>) -> Vec<Event> {
        let Prospect { name, kind, email, phone, zone, owner, referrer, playbook, .. } = self;
        let added = EventKind::Added { name, kind, email, phone, zone, owner, referrer, playbook };
        let valued = self.value.map(|value| Event::new(at, EventKind::Valued { value }).with_seq(1));
        let events = [Some(Event::new(at, added)), valued].into_iter().flatten();
        events
            .map(|event| {
                let key = event.name();
                event.with_key(key)
            })
            .collect()
    }
}
