//! Suppressions: addresses to which nothing is sent, no matter which prospect has them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A keyed hash of an address. It reveals nothing without the secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressHash(pub [u8; 16]);

/// A change to the suppressions of a book.
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
