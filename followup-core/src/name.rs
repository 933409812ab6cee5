//! Checked short names of channels, purposes and reasons.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The maximum length of a [`Channel`](crate::Channel), [`Purpose`](crate::Purpose) or [`Reason`](crate::Reason), in
/// bytes.
pub const NAME_MAX_BYTES: usize = 23;

/// A lower-case word of at most [`NAME_MAX_BYTES`] bytes, kept inline so that a plan allocates nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name {
    bytes: [u8; NAME_MAX_BYTES],
    len: u8,
}

/// The error for a name that is empty, too long, starts with something other than a letter, or has a character other
/// than `a`–`z`, `0`–`9` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "invalid {what} \"{text}\": expected 1 to {NAME_MAX_BYTES} characters of a-z, 0-9 and _, starting with a letter"
)]
pub struct NameError {
    what: &'static str,
    text: String,
}

impl Name {
    pub(crate) const fn literal(text: &str) -> Name {
        let source = text.as_bytes();
        assert!(!source.is_empty() && source.len() <= NAME_MAX_BYTES);
        let mut bytes = [0; NAME_MAX_BYTES];
        let mut i = 0;
        while i < source.len() {
            bytes[i] = source[i];
            i += 1;
        }
        Name { bytes, len: source.len() as u8 }
    }

    pub(crate) fn parse(text: &str, what: &'static str) -> Result<Name, NameError> {
        let well_formed = (1..=NAME_MAX_BYTES).contains(&text.len())
            && text.as_bytes()[0].is_ascii_lowercase()
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if well_formed {
            Ok(Name::literal(text))
        } else {
            Err(NameError { what, text: text.chars().take(40).collect() })
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).expect("a name is ASCII by construction")
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Implements constants, parsing, printing and the wire form of a newtype over [`Name`].
macro_rules! named {
    ($type:ident, $what:literal, { $($(#[$doc:meta])* $constant:ident = $text:literal,)* }) => {
        impl $type {
            $($(#[$doc])* pub const $constant: $type = $type($crate::name::Name::literal($text));)*

            /// The built-in names, in a fixed order.
            pub const BUILT_IN: &'static [$type] = &[$($type::$constant),*];

            #[doc = concat!("Creates a ", $what, " from its name.")]
            ///
            /// # Errors
            /// [`NameError`](crate::name::NameError) if it is empty, longer than 23 bytes, does not start with a
            /// letter, or has a character other than `a`–`z`, `0`–`9` and `_`.
            pub fn new(name: &str) -> Result<$type, $crate::name::NameError> {
                $crate::name::Name::parse(name, $what).map($type)
            }

            /// Returns the name as it is written in events and playbooks.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::name::NameError;
            fn from_str(text: &str) -> Result<$type, $crate::name::NameError> {
                $type::new(text)
            }
        }
    };
}
pub(crate) use named;

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Name::parse(&text, "name").map_err(serde::de::Error::custom)
    }
}
