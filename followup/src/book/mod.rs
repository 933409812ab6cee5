//! The book: a store, the policies and the secret, which all reading and writing needs.
//!
//! Private to the crate. The public interface is [`Desk`](crate::Desk) for writing and
//! [`Reader`](crate::read::Reader) for reading.

pub(crate) mod codec;
mod erase;
pub(crate) mod journal;
pub(crate) mod merge;
pub(crate) mod owner;
pub(crate) mod policies;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod suppress;
pub(crate) mod view;

use std::sync::Arc;

use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::state::ProspectState;
use followup_core::store::{Head, Store, StoreExt};

use crate::error::DeskError;
use codec::Hasher;
use policies::Policies;

/// A store, the policies and the secret.
#[derive(Clone)]
pub(crate) struct Book {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) policies: Arc<Policies>,
    pub(crate) hasher: Hasher,
}

impl Book {
    /// Returns the policy of prospects without another: the newest version of the default playbook.
    pub(crate) fn policy(&self) -> &Policy {
        self.policies.default_policy()
    }

    /// Returns the policy that applies to a prospect: the playbook and version that the prospect was put on if this
    /// desk has it, else the default.
    pub(crate) fn policy_of(&self, state: &ProspectState) -> &Policy {
        self.policies.of(state).unwrap_or_else(|| self.policy())
    }

    /// Returns the head of an existing prospect.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`]; [`DeskError::Store`].
    pub(crate) async fn head(&self, id: &ProspectId) -> Result<Head, DeskError> {
        self.store.head_of(id).await?.ok_or_else(|| DeskError::UnknownProspect(id.clone()))
    }
}
