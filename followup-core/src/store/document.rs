//! What holds for a whole book: published playbooks, absences of owners.

use chrono::{DateTime, Utc};

use crate::stage::text_enum;

text_enum! {
    /// What a document is about.
    #[non_exhaustive]
    DocumentKind, "kind of document" {
        /// A published playbook, by its name.
        Playbook = "playbook",
        /// An absence of an owner, by the owner's name.
        OwnerAway = "owner_away",
    }
}

/// A version of something that holds for a whole book. What is saved is never changed.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Document {
    /// What it is about.
    pub kind: DocumentKind,
    /// What it is called.
    pub name: String,
    /// Which version of it, at most 2⁶³ − 1.
    pub version: u64,
    /// What it says.
    pub body: String,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
}

impl Document {
    /// A version of a document.
    pub fn new(
        kind: DocumentKind,
        name: impl Into<String>,
        version: u64,
        body: impl Into<String>,
        saved_at: DateTime<Utc>,
    ) -> Document {
        Document { kind, name: name.into(), version, body: body.into(), saved_at }
    }
}

/// Which documents are wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct DocumentQuery {
    /// What they are about.
    pub kind: DocumentKind,
    /// Only those called so.
    pub name: Option<String>,
}

impl DocumentQuery {
    /// All documents of a kind.
    pub fn new(kind: DocumentKind) -> DocumentQuery {
        DocumentQuery { kind, name: None }
    }

    /// Only those called so.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> DocumentQuery {
        self.name = Some(name.into());
        self
    }
}
