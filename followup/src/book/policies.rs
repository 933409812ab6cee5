//! The policies of a desk: of the playbooks that ship with the library, that the host gave, and that are published.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use followup_core::playbook::Playbook;
use followup_core::policy::Policy;
use followup_core::state::ProspectState;
use followup_core::store::{Document, DocumentKind, DocumentQuery, Store};

use super::Book;
use crate::error::DeskError;

/// Policies by the name and version of their playbook.
#[derive(Clone)]
pub(crate) struct Policies {
    /// The name of the default playbook, for prospects without another.
    default: String,
    versions: BTreeMap<String, BTreeMap<u32, Policy>>,
    /// The version of each name that applies to prospects without a version of their own.
    current: BTreeMap<String, u32>,
}

impl Policies {
    /// Creates policies from those that a host gives, the default and others, and the playbooks that ship with the
    /// library.
    pub(crate) fn new(default: Policy, others: impl IntoIterator<Item = Policy>) -> Policies {
        let (versions, current) = (BTreeMap::new(), BTreeMap::new());
        let mut policies = Policies { default: default.name().to_owned(), versions, current };
        let shipped = Playbook::all_shipped().iter().map(|shipped| Policy::from(Arc::clone(shipped)));
        for policy in shipped.chain(others).chain([default]) {
            let (name, version) = (policy.name().to_owned(), policy.settings().version);
            policies.put(policy);
            policies.current.insert(name, version);
        }
        policies
    }

    /// Adds or replaces a version. The version that applies to prospects without a version of their own stays the same.
    pub(crate) fn put(&mut self, policy: Policy) {
        // Stores do not keep custom rules, which are code. A published version gets the rules of the current one.
        let policy = match self.current(policy.name()) {
            Some(given) if policy.custom_rules().next().is_none() => policy.with_rules_of(given),
            _ => policy,
        };
        let versions = self.versions.entry(policy.name().to_owned()).or_default();
        versions.insert(policy.settings().version, policy);
    }

    /// Makes the highest version of a name apply to prospects without a version of their own.
    pub(crate) fn use_newest(&mut self, name: &str) {
        if let Some(newest) = self.versions.get(name).and_then(|versions| versions.keys().next_back()) {
            self.current.insert(name.to_owned(), *newest);
        }
    }

    /// Makes the highest version below `version` apply to prospects without a version of their own and returns it;
    /// `None` if no lower version exists.
    pub(crate) fn use_version_before(&mut self, name: &str, version: u32) -> Option<Policy> {
        let (before, policy) = self.versions.get(name)?.range(..version).next_back()?;
        self.current.insert(name.to_owned(), *before);
        Some(policy.clone())
    }

    /// Returns a version of a playbook.
    pub(crate) fn version(&self, name: &str, version: u32) -> Option<&Policy> {
        self.versions.get(name)?.get(&version)
    }

    /// Returns the version of a name that applies to prospects without a version of their own.
    pub(crate) fn current(&self, name: &str) -> Option<&Policy> {
        self.version(name, *self.current.get(name)?)
    }

    /// Returns the policy of prospects without another.
    pub(crate) fn default_policy(&self) -> &Policy {
        self.current(&self.default).expect("a desk has a default policy")
    }

    /// Returns the name of the playbook that applies to a prospect.
    pub(crate) fn name_of<'s>(&'s self, state: &'s ProspectState) -> &'s str {
        state.playbook().unwrap_or(&self.default)
    }

    /// Returns the policy that applies to a prospect, if this desk has it.
    pub(crate) fn of(&self, state: &ProspectState) -> Option<&Policy> {
        let name = self.name_of(state);
        match state.playbook_version() {
            Some(version) => self.version(name, version),
            None => self.current(name),
        }
    }
}

/// Reads the published playbooks of a name, or of all names, by name and version.
pub(crate) async fn published(store: &dyn Store, name: Option<&str>) -> Result<Vec<Playbook>, DeskError> {
    let query = DocumentQuery::new(DocumentKind::Playbook);
    let query = name.into_iter().fold(query, DocumentQuery::named);
    let documents = store.documents(query).await?;
    documents.iter().map(read).collect()
}

impl Book {
    /// Returns the publication times of the playbooks, by name and version.
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

    /// Reads the published playbooks again.
    pub(crate) async fn reload(&mut self) -> Result<(), DeskError> {
        let mut policies = (*self.policies).clone();
        for playbook in published(&*self.store, None).await? {
            let name = playbook.name().to_owned();
            policies.put(playbook.into());
            policies.use_newest(&name);
        }
        self.policies = Arc::new(policies);
        Ok(())
    }
}

fn read(document: &Document) -> Result<Playbook, DeskError> {
    Playbook::parse(&document.body).map_err(|error| DeskError::Document {
        kind: DocumentKind::Playbook,
        name: format!("{}/{}", document.name, document.version),
        why: error.to_string(),
    })
}

/// Returns the document of a playbook.
pub(crate) fn document(playbook: &Playbook, now: DateTime<Utc>) -> Document {
    let version = u64::from(playbook.settings().version);
    Document::new(DocumentKind::Playbook, playbook.name(), version, playbook.to_toml(), now)
}
