//! Addresses that nothing is sent to, whoever they belong to now.

use chrono::{DateTime, Utc};

/// A keyed hash of an address. It tells nothing to those who do not have the secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AddressHash(pub [u8; 16]);

/// A change to what is suppressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Suppression {
    /// The address.
    pub address: AddressHash,
    /// Since when nothing is sent to it; `None` if it may be written to again.
    pub since: Option<DateTime<Utc>>,
}

impl Suppression {
    /// An address that nothing is sent to from now on.
    pub fn of(address: AddressHash, since: DateTime<Utc>) -> Suppression {
        Suppression { address, since: Some(since) }
    }

    /// An address that may be written to again.
    pub fn lifted(address: AddressHash) -> Suppression {
        Suppression { address, since: None }
    }
}
