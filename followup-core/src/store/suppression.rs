//! Suppressions: addresses to which nothing is sent, no matter which prospect has them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A keyed hash of an address. It reveals nothing without the secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressHash(pub [u8; 16]);

/// A change to the suppressions of a book.
///
/// # Examples
/// ```
/// use std::collections::BTreeMap;
/// use followup_core::store::{AddressHash, Suppression};
///
/// let address = AddressHash([7; 16]);
/// let (first, second) = ("2026-03-06T14:00:00Z".parse()?, "2026-04-06T14:00:00Z".parse()?);
/// let mut suppressed = BTreeMap::new();
/// Suppression::of(address, first).apply(&mut suppressed);
/// Suppression::of(address, second).apply(&mut suppressed);
/// assert_eq!(suppressed[&address], first);
/// Suppression::lifted(address).apply(&mut suppressed);
/// assert!(suppressed.is_empty());
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Suppression {
    /// The address.
    pub address: AddressHash,
    /// The instant since which nothing is sent to the address; `None` lifts the suppression.
    pub since: Option<DateTime<Utc>>,
}

impl Suppression {
    /// Creates a change that suppresses an address.
    pub fn of(address: AddressHash, since: DateTime<Utc>) -> Suppression {
        Suppression { address, since: Some(since) }
    }

    /// Creates a change that lifts the suppression of an address.
    pub fn lifted(address: AddressHash) -> Suppression {
        Suppression { address, since: None }
    }
}
