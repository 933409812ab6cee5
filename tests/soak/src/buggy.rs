//! Stores with a planted bug. A proof that does not notice the bug proves nothing.

use std::sync::Arc;

use followup::store::{Append, StoreErrorKind, StoreExt};
use followup::{Store, StoreError};
use followup_store_testkit::Hooked;
use pollster::block_on;

/// A bug that can be planted in a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bug {
    /// Appends at the current revision and ignores the expected one.
    Revisions,
    /// Accepts a repeated key by storing each key under another name.
    Keys,
    /// Accepts a change under any claim.
    Fences,
}

impl Bug {
    pub(crate) fn named(name: &str) -> Option<Bug> {
        match name {
            "forgets-revisions" => Some(Bug::Revisions),
            "forgets-keys" => Some(Bug::Keys),
            "forgets-fences" => Some(Bug::Fences),
            _ => None,
        }
    }

    fn append(self, store: &dyn Store, mut changes: Vec<Append>) -> Result<(), StoreError> {
        match self {
            Bug::Revisions => {
                for change in &mut changes {
                    let head = block_on(store.head_of(&change.prospect))?;
                    change.expected = head.map(|head| head.revision).unwrap_or_default();
                }
            }
            Bug::Keys => {
                for Append { records, expected, .. } in &mut changes {
                    records.iter_mut().for_each(|record| record.key += &format!("-{expected}"));
                }
            }
            Bug::Fences => match block_on(store.append(changes.clone())) {
                Err(error) if error.kind() == StoreErrorKind::Fenced => {
                    changes.iter_mut().for_each(|change| change.claim = None);
                }
                done => return done,
            },
        }
        block_on(store.append(changes))
    }
}

/// Plants a bug in a store, if there is one to plant.
pub(crate) fn plant(bug: Option<Bug>, store: Arc<dyn Store>) -> Arc<dyn Store> {
    let Some(bug) = bug else { return store };
    Arc::new(Hooked::appending(store, Box::new(move |store, changes| bug.append(store, changes))))
}
