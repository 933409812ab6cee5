//! The interface between a desk and the code that sends messages.

use async_trait::async_trait;

use followup_core::channel::Channel;
use followup_core::plan::{ActionId, ObligationId};
use followup_core::prospect::ProspectId;
use followup_core::purpose::{Purpose, Reason};
use followup_core::store::Revision;

/// A due message, with everything needed to write and send it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Message {
    /// The prospect.
    pub prospect: ProspectId,
    /// The revision of the journal that the message was planned at. Of all messages with the same prospect and
    /// revision at most one is ever begun.
    pub revision: Revision,
    /// The obligation that the message fulfils. It stays the same when the action is planned again, so that a reply
    /// can be traced to it.
    pub obligation: ObligationId,
    /// The channel.
    pub channel: Channel,
    /// The address on the channel; `None` for channels whose addresses the engine does not store (a letter, a visit).
    pub to: Option<String>,
    /// The name of the prospect.
    pub name: Option<String>,
    /// The purpose of the message.
    pub purpose: Purpose,
    /// The reason that the message gives.
    pub reason: Reason,
    /// The name of the template.
    pub template: Option<String>,
}

impl Message {
    /// Returns the id of the action, as in the agenda: prospect and revision.
    pub fn action(&self) -> ActionId {
        ActionId::new(self.prospect.clone(), self.revision)
    }
}

/// The outcome of sending a message, as reported by a [`Dispatcher`].
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Delivery {
    /// The message was sent.
    Sent {
        /// The carrier's id of the message.
        message_id: Option<String>,
    },
    /// The message was not sent because of a temporary failure. It is tried again later.
    Deferred {
        /// The reason.
        why: String,
    },
    /// The message was not sent because of a permanent failure of the channel. The action becomes one by hand, on
    /// another channel.
    Rejected {
        /// The reason.
        why: String,
    },
    /// It is unknown whether the message was sent. A person is asked to find out; it is never sent again automatically.
    Unknown,
}

/// A sender of due messages, implemented by the host.
///
/// # Examples
/// See [`send`](crate::send).
#[async_trait]
pub trait Dispatcher: Send + Sync {
    /// Sends a message once. Returns [`Delivery::Unknown`] if it cannot find out whether the message was sent.
    ///
    /// The intent to send is recorded before this is called. If it never returns, because the process ends, the outcome
    /// counts as unknown after a while.
    async fn send(&self, message: &Message) -> Delivery;
}
