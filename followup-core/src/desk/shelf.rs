//! The playbooks that a desk has: those that ship, those that its host gave it, and those that are published.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Desk, DeskError};
use crate::playbook::Playbook;
use crate::state::ProspectState;
use crate::store::{Document, DocumentKind, DocumentQuery, Store};

/// Playbooks by name and version.
#[derive(Clone)]
pub(super) struct Shelf {
    /// The name of the playbook of all who have no other.
    own: String,
    versions: BTreeMap<String, BTreeMap<u32, Arc<Playbook>>>,
    /// The version of each that holds for whoever was given none.
    current: BTreeMap<String, u32>,
}

impl Shelf {
    /// What a host gives: the playbook of all who have no other, and others by their names.
    pub(super) fn new(own: Playbook, others: impl IntoIterator<Item = Playbook>) -> Shelf {
        let (versions, current) = (BTreeMap::new(), BTreeMap::new());
        let mut shelf = Shelf { own: own.name().to_owned(), versions, current };
        for shipped in Playbook::all_shipped() {
            let (name, version) = (shipped.name().to_owned(), shipped.settings().version);
            shelf.versions.entry(name.clone()).or_default().insert(version, Arc::clone(shipped));
            shelf.current.insert(name, version);
        }
        for playbook in others.into_iter().chain([own]) {
            let (name, version) = (playbook.name().to_owned(), playbook.settings().version);
            shelf.put(playbook);
            shelf.current.insert(name, version);
        }
        shelf
    }

    /// Puts a version there for those who are given it, in the place of one that is there.
    pub(super) fn put(&mut self, playbook: Playbook) {
        // The rules of a house are code, which no store keeps: they hold for what is published too.
        let playbook = match self.newest(playbook.name()) {
            Some(given) if playbook.house_rules().next().is_none() => playbook.with_rules_of(given),
            _ => playbook,
        };
        let versions = self.versions.entry(playbook.name().to_owned()).or_default();
        versions.insert(playbook.settings().version, Arc::new(playbook));
    }

    /// From now on the highest version of a name holds for whoever was given none.
    pub(super) fn settle(&mut self, name: &str) {
        if let Some(newest) = self.versions.get(name).and_then(|versions| versions.keys().next_back()) {
            self.current.insert(name.to_owned(), *newest);
        }
    }

    /// From now on the highest version but one holds for whoever was given none; `None` if there is no other.
    pub(super) fn hold_before(&mut self, name: &str, version: u32) -> Option<Arc<Playbook>> {
        let (before, playbook) =
            self.versions.get(name)?.range(..version).next_back().map(|(v, p)| (*v, Arc::clone(p)))?;
        self.current.insert(name.to_owned(), before);
        Some(playbook)
    }

    /// A version.
    pub(super) fn version(&self, name: &str, version: u32) -> Option<&Arc<Playbook>> {
        self.versions.get(name)?.get(&version)
    }

    /// What holds under a name for whoever was given no version.
    pub(super) fn newest(&self, name: &str) -> Option<&Arc<Playbook>> {
        self.version(name, *self.current.get(name)?)
    }

    /// The playbook of all who have no other.
    pub(super) fn own(&self) -> &Playbook {
        self.newest(&self.own).expect("a host gives its desk a playbook")
    }

    /// The name of the playbook that a prospect is on.
    pub(super) fn name_of<'s>(&'s self, state: &'s ProspectState) -> &'s str {
        state.playbook().unwrap_or(&self.own)
    }

    /// The playbook that holds for a prospect, if it is here.
    pub(super) fn of(&self, state: &ProspectState) -> Option<&Playbook> {
        let name = self.name_of(state);
        let playbook = match state.playbook_version() {
            Some(version) => self.version(name, version),
            None => self.newest(name),
        };
        playbook.map(Arc::as_ref)
    }
}

/// Reads what is published under a name, or under any, by name and version.
pub(super) async fn published(store: &dyn Store, name: Option<&str>) -> Result<Vec<Playbook>, DeskError> {
    let query = DocumentQuery::new(DocumentKind::Playbook);
    let query = name.into_iter().fold(query, DocumentQuery::named);
    let documents = store.documents(query).await?;
    documents.iter().map(read).collect()
}

impl Desk {
    /// When each version of each playbook was published.
    pub(crate) async fn published_at(
        &self,
    ) -> Result<BTreeMap<String, BTreeMap<u32, DateTime<Utc>>>, DeskError> {
        let mut published: BTreeMap<String, BTreeMap<u32, DateTime<Utc>>> = BTreeMap::new();
        for document in self.store.documents(DocumentQuery::new(DocumentKind::Playbook)).await? {
            let version = u32::try_from(document.version).unwrap_or(u32::MAX);
            published.entry(document.name).or_default().insert(version, document.saved_at);
        }
        Ok(published)
    }
}

fn read(document: &Document) -> Result<Playbook, DeskError> {
    Playbook::parse(&document.body).map_err(|error| DeskError::Document {
        kind: DocumentKind::Playbook,
        name: format!("{}/{}", document.name, document.version),
        why: error.to_string(),
    })
}

/// The document of a playbook.
pub(super) fn document(playbook: &Playbook, now: DateTime<Utc>) -> Document {
    let version = u64::from(playbook.settings().version);
    Document::new(DocumentKind::Playbook, playbook.name(), version, playbook.to_toml(), now)
}

impl Desk {
    /// Looks again at what is published: a desk sees what others have published since it was opened only after this.
    ///
    /// # Errors
    /// [`DeskError::Document`] if one cannot be read; [`DeskError::Store`]. The desk is as it was then.
    pub async fn reload(&mut self) -> Result<(), DeskError> {
        let mut shelf = (*self.shelf).clone();
        for playbook in published(&*self.store, None).await? {
            let name = playbook.name().to_owned();
            shelf.put(playbook);
            shelf.settle(&name);
        }
        self.shelf = Arc::new(shelf);
        Ok(())
    }

    /// A playbook by its name, as the host gave it or as it is published; the newest if no version is named.
    pub fn playbook_named(&self, name: &str, version: Option<u32>) -> Option<&Playbook> {
        let playbook = match version {
            Some(version) => self.shelf.version(name, version),
            None => self.shelf.newest(name),
        };
        playbook.map(Arc::as_ref)
    }
}
