//! Ways to reach a person.

use serde::{Deserialize, Serialize};

use crate::name::{Name, named};
use crate::stage::text_enum;

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

text_enum! {
    /// What sort of thing a channel is. Calling hours (C16) bind voice and text.
    #[non_exhaustive]
    ChannelKind, "kind of channel" {
        /// Speaking at a distance.
        Voice = "voice",
        /// Short messages to a telephone.
        Text = "text",
        /// Electronic mail.
        Mail = "mail",
        /// Paper.
        Letter = "letter",
        /// In person.
        Visit = "visit",
        /// Social networks.
        Social = "social",
        /// Web pages.
        Web = "web",
    }
}

impl Channel {
    /// The kind of a built-in channel. Of one that a playbook adds, the playbook knows the kind:
    /// [`Settings::channel_kind`](crate::playbook::Settings::channel_kind).
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
}

impl ChannelKind {
    /// Whether it keeps to the calling hours (C16, 47 CFR 64.1200(c)(1)).
    pub fn keeps_calling_hours(self) -> bool {
        matches!(self, ChannelKind::Voice | ChannelKind::Text)
    }
}
