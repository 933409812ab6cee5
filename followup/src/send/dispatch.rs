//! What a sender is given and what it answers.

use async_trait::async_trait;

use followup_core::channel::Channel;
use followup_core::plan::{ActionId, ObligationId};
use followup_core::prospect::ProspectId;
use followup_core::purpose::{Purpose, Reason};
use followup_core::store::Revision;

/// A message that is due, with all that is needed to write and send it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Message {
    /// Whose.
    pub prospect: ProspectId,
    /// The decision that it comes from. With the prospect it names the message: of all messages with this name at most
    /// one is ever begun.
    pub revision: Revision,
    /// What it fulfils. It stays the same when the same thing is decided anew, so that a reply can be led back to it.
    pub obligation: ObligationId,
    /// By which channel.
    pub channel: Channel,
    /// The address on that channel; `None` where the host knows better (a letter, a visit).
    pub to: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// What it is for.
    pub purpose: Purpose,
    /// The reason that it gives.
    pub reason: Reason,
    /// The name of the template.
    pub template: Option<String>,
}

impl Message {
    /// The name of the action, as in the agenda: prospect and revision.
    pub fn action(&self) -> ActionId {
        ActionId::new(self.prospect.clone(), self.revision)
    }
}

/// What became of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Delivery {
    /// It is out.
    Sent {
        /// What the carrier calls it.
        message_id: Option<String>,
    },
    /// It did not go out, and may later: the same is tried again after a while.
    Deferred {
        /// Why not.
        why: String,
    },
    /// It did not go out, and never will on this channel: the same is to be done by hand, on another one.
    Rejected {
        /// Why not.
        why: String,
    },
    /// Nobody knows. A person is asked; it is never sent again by itself.
    Unknown,
}

/// Whoever sends what is due.
#[async_trait]
pub trait Dispatcher: Send + Sync {
    /// Sends a message once. What happened is to be told truly: whoever cannot tell answers [`Delivery::Unknown`].
    ///
    /// That the message is being sent is on record before this is called. If it never returns, because the process
    /// ends, the message is unknown after a while.
    async fn send(&self, message: &Message) -> Delivery;
}
