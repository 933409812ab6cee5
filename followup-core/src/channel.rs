//! Ways to reach a person.

use serde::{Deserialize, Serialize};

use crate::name::{Name, named};

/// A way to reach a person: one of the built-in seven, or a playbook's own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Channel(Name);

named!(Channel, "channel", {
    /// A telephone call.
    PHONE = "phone",
    /// An email.
    EMAIL = "email",
    /// A letter or card.
    POST = "post",
    /// A message on a social network.
    SOCIAL = "social",
    /// A text message.
    TEXT = "text",
    /// A visit in person.
    VISIT = "visit",
    /// A form or chat on a web page.
    WEB = "web",
});

/// What sort of thing a channel is. Calling hours (C16) bind voice and text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChannelKind {
    /// Speaking at a distance.
    Voice,
    /// Short messages to a telephone.
    Text,
    /// Electronic mail.
    Mail,
    /// Paper.
    Letter,
    /// In person.
    Visit,
    /// Social networks.
    Social,
    /// Web pages.
    Web,
}

impl Channel {
    /// The kind of a built-in channel; one that a playbook adds is [`ChannelKind::Social`] unless it says otherwise.
    pub fn kind(&self) -> ChannelKind {
        match *self {
            Channel::PHONE => ChannelKind::Voice,
            Channel::TEXT => ChannelKind::Text,
            Channel::EMAIL => ChannelKind::Mail,
            Channel::POST => ChannelKind::Letter,
            Channel::VISIT => ChannelKind::Visit,
            Channel::WEB => ChannelKind::Web,
            _ => ChannelKind::Social,
        }
    }

    /// Whether calls and texts on it keep to the calling hours (C16, 47 CFR 64.1200(c)(1)).
    pub fn keeps_calling_hours(&self) -> bool {
        matches!(self.kind(), ChannelKind::Voice | ChannelKind::Text)
    }
}
