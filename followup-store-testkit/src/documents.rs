//! Versioned documents of a whole book.

use followup_core::store::{Document, DocumentKind, DocumentQuery, StoreErrorKind};
use followup_core::{Store, StoreError};

use crate::Subject;
use crate::tools::{Outcome, assert_refused, at, observe};

fn playbook(name: &str, version: u64, body: &str) -> Document {
    Document::new(DocumentKind::Playbook, name, version, body, at(version as i64 % 1_000))
}

/// Returns the names and versions of all playbooks, in the order of the store.
async fn versions(store: &dyn Store) -> Result<Vec<(String, u64)>, StoreError> {
    let found = store.documents(DocumentQuery::new(DocumentKind::Playbook)).await?;
    Ok(found.into_iter().map(|document| (document.name, document.version)).collect())
}

/// Saving a version again with the same body succeeds, and keeps the first.
pub async fn saving_the_same_again_changes_nothing(subject: &Subject) -> Outcome {
    let store = subject.store();
    let first = playbook("house", 1, "steps");
    store.save(first.clone()).await?;
    let mut again = first.clone();
    again.saved_at = at(99);
    store.save(again).await?;
    store.save(first.clone()).await?;
    assert_eq!(store.documents(DocumentQuery::new(DocumentKind::Playbook)).await?, vec![first]);
    Ok(())
}

/// A saved version keeps its body; another body is refused.
pub async fn what_is_saved_is_never_changed(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.save(playbook("house", 1, "steps")).await?;
    store.save(playbook("house", 2, "more steps")).await?;
    let before = observe(store).await?;
    for (version, body) in [(1, "more steps"), (1, "Steps"), (1, ""), (2, "steps")] {
        assert_refused(store.save(playbook("house", version, body)).await, StoreErrorKind::Conflict, "house");
    }
    assert_eq!(observe(store).await?, before);
    Ok(())
}

/// Documents are ordered by the bytes of their names, then by version as a number.
pub async fn they_come_by_name_and_version(subject: &Subject) -> Outcome {
    let store = subject.store();
    for (name, version) in [("b", 2), ("é", 1), ("b", 10), ("B", 3), ("b", 1), ("", 1), ("a b", 7)] {
        store.save(playbook(name, version, "steps")).await?;
    }
    store.save(Document::new(DocumentKind::OwnerAway, "b", 4, "until Monday", at(0))).await?;
    let in_order = [("", 1), ("B", 3), ("a b", 7), ("b", 1), ("b", 2), ("b", 10), ("é", 1)];
    assert_eq!(versions(store).await?, in_order.map(|(name, version)| (name.to_owned(), version)));
    for (name, versions) in [("b", &[1, 2, 10][..]), ("B", &[3]), ("", &[1]), ("a", &[]), ("%", &[])] {
        let found = store.documents(DocumentQuery::new(DocumentKind::Playbook).named(name)).await?;
        assert!(found.iter().all(|document| document.name == name), "only those called {name:?}: {found:?}");
        assert_eq!(found.iter().map(|document| document.version).collect::<Vec<_>>(), versions, "{name:?}");
    }
    Ok(())
}

/// Documents of one kind do not affect those of another with the same name and version.
pub async fn kinds_are_kept_apart(subject: &Subject) -> Outcome {
    let store = subject.store();
    let away = Document::new(DocumentKind::OwnerAway, "ines", 1, "until Monday", at(0));
    store.save(away.clone()).await?;
    assert_eq!(versions(store).await?, []);
    store.save(playbook("ines", 1, "steps")).await?;
    let found = store.documents(DocumentQuery::new(DocumentKind::OwnerAway).named("ines")).await?;
    assert_eq!(found, vec![away]);
    Ok(())
}

/// Any text of any length is kept, in any version.
pub async fn any_text_and_any_version_is_kept(subject: &Subject) -> Outcome {
    let store = subject.store();
    let long = "漢".repeat(100_000);
    let texts = ["", "\u{0}", "'; --", "👩‍👩‍👧", "a\r\nb\t", &long];
    let mut saved = Vec::new();
    for (text, version) in texts.into_iter().zip([0, 1, 2, 255, u64::from(u32::MAX) + 1, i64::MAX as u64]) {
        let mut document = playbook(&text[..text.len().min(300)], version, text);
        document.saved_at = at(-1);
        store.save(document.clone()).await?;
        saved.push(document);
    }
    saved.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(store.documents(DocumentQuery::new(DocumentKind::Playbook)).await? == saved, "all are read back");
    Ok(())
}

/// Documents of one book are not visible in another.
pub async fn books_have_their_own(subject: &Subject) -> Outcome {
    let (main, agency) = (subject.store(), subject.other_book());
    main.save(playbook("house", 1, "steps")).await?;
    assert_eq!(versions(agency).await?, []);
    agency.save(playbook("house", 1, "other steps")).await?;
    let found = main.documents(DocumentQuery::new(DocumentKind::Playbook)).await?;
    assert_eq!(found, vec![playbook("house", 1, "steps")]);
    Ok(())
}
