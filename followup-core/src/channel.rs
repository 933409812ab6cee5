//! Channels by which a person can be reached.

use serde::{Deserialize, Serialize};

use crate::name::{Name, named};
use crate::stage::text_enum;

/// A channel by which a person can be reached: one of the seven built-in ones, or one that a playbook adds.
///
/// # Examples
/// ```
/// use followup_core::Channel;
/// use followup_core::channel::ChannelKind;
///
/// assert_eq!(Channel::EMAIL.as_str(), "email");
/// let messenger = Channel::new("messenger")?;
/// assert!(!Channel::BUILT_IN.contains(&messenger));
/// assert_eq!(Channel::PHONE.kind(), ChannelKind::Voice);
/// # Ok::<(), followup_core::name::NameError>(())
/// ```
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
    /// The kind of a channel. Calling hours (C16) apply to voice and text.
    #[non_exhaustive]
    ChannelKind, "channel kind" {
        /// Telephone calls.
        Voice = "voice",
        /// Text messages.
        Text = "text",
        /// Email.
        Mail = "mail",
        /// Letters and cards.
        Letter = "letter",
        /// Visits in person.
        Visit = "visit",
        /// Messages on social networks.
        Social = "social",
        /// Forms and chats on web pages.
        Web = "web",
    }
}

impl Channel {
    /// Returns the kind of a built-in channel, and [`ChannelKind::Social`] for any other. The kind of a channel that a
    /// playbook adds is [`Settings::channel_kind`](crate::playbook::Settings::channel_kind).
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
    /// Whether calling hours apply to this kind (C16, 47 CFR 64.1200(c)(1)).
    ///
    /// # Examples
    /// ```
    /// use followup_core::Channel;
    ///
    /// assert!(Channel::PHONE.kind().keeps_calling_hours());
    /// assert!(!Channel::EMAIL.kind().keeps_calling_hours());
    /// ```
    pub fn keeps_calling_hours(self) -> bool {
        matches!(self, ChannelKind::Voice | ChannelKind::Text)
    }
}
