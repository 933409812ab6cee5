//! Documents of a whole book: published playbooks, absences of owners.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::stage::text_enum;

text_enum! {
    /// The kind of a document.
    #[non_exhaustive]
    DocumentKind, "document kind" {
        /// A published playbook. The document has the playbook's name.
        Playbook = "playbook",
        /// An absence of an owner. The document has the owner's name.
        OwnerAway = "owner_away",
    }
}

/// A version of a document of the book. A saved version never changes.
///
/// # Examples
/// ```
/// use followup_core::store::{Document, DocumentKind, DocumentQuery};
///
/// let saved_at = "2026-03-06T14:00:00Z".parse()?;
/// let coaching = Document::new(DocumentKind::Playbook, "coaching", 2, "version = 2", saved_at);
/// let playbooks = DocumentQuery::new(DocumentKind::Playbook);
/// assert!(playbooks.is_met_by(&coaching));
/// assert!(!playbooks.named("services").is_met_by(&coaching));
/// # Ok::<(), chrono::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Document {
    /// The kind of document.
    pub kind: DocumentKind,
    /// The name of the document.
    pub name: String,
    /// The version, at most 2⁶³ − 1.
    pub version: u64,
    /// The content.
    pub body: String,
    /// When this version was saved.
    pub saved_at: DateTime<Utc>,
}

impl Document {
    /// Creates a version of a document.
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

/// A query for documents.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DocumentQuery {
    /// The kind of documents to return.
    pub kind: DocumentKind,
    /// The name of the documents to return; `None` returns all of the kind.
    pub name: Option<String>,
}

impl DocumentQuery {
    /// Creates a query for all documents of a kind.
    pub fn new(kind: DocumentKind) -> DocumentQuery {
        DocumentQuery { kind, name: None }
    }

    /// Limits the query to documents with a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> DocumentQuery {
        self.name = Some(name.into());
        self
    }
}
