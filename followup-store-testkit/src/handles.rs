//! Handles: all handles and pointers lead to the same store.

use std::sync::Arc;
use std::thread;

use followup_core::Store;
use followup_core::store::{
    Claim, DocumentKind, DocumentQuery, DueOrder, DueQuery, HeadQuery, Renewal, Revision, StoreErrorKind,
    Suppression, UnderClaim,
};

use crate::Subject;
use crate::tools::{
    Outcome, address, assert_refused, at, automatic, change, claim, erase, head, id, observe,
};

/// Calls every method through a handle, each once and successfully.
async fn use_all<S: Store>(store: S, prospect: &str) -> Outcome {
    let mut added = automatic(prospect, 0, "added", 0);
    added.suppressions = vec![Suppression::of(address(1), at(0))];
    store.append(vec![added]).await?;
    let found = store.head(vec![HeadQuery::new(id(prospect), vec!["added".to_owned()])]).await?;
    assert_eq!(found[0].as_ref().map(|head| head.known.len()), Some(1));
    assert_eq!(store.history(&id(prospect)).await?.len(), 1);
    assert_eq!(store.due(DueQuery::new(DueOrder::Rank, 9)).await?.entries.len(), 1);
    let claimed = store.claim(Claim::new(at(0), at(9), 9)).await?.claimed;
    assert_eq!(claimed.len(), 1);
    store.renew(Renewal::new(id(prospect), claimed[0].fence, at(10))).await?;
    assert_eq!(store.suppressed(vec![address(1)]).await?, vec![Some(at(0))]);
    assert!(store.scan(None, 99).await?.iter().any(|head| head.prospect.as_str() == prospect));
    assert!(store.changes(0, 99).await?.iter().any(|changed| changed.prospect.as_str() == prospect));
    let mut removal = erase(prospect, 1, "erased", &[]);
    removal.append.claim = Some(UnderClaim::Ends(claimed[0].fence));
    store.erase(removal).await?;
    let kind = DocumentKind::OwnerAway;
    store.save(followup_core::store::Document::new(kind, prospect, 1, "until Monday", at(0))).await?;
    assert_eq!(store.documents(DocumentQuery::new(kind).named(prospect)).await?.len(), 1);
    Ok(())
}

/// References, boxes and shared pointers forward every call.
pub async fn any_pointer_to_a_store_is_a_store(subject: &Subject) -> Outcome {
    use_all(subject.store(), "by reference").await?;
    use_all(&subject.store(), "by two references").await?;
    use_all(subject.another_handle(), "boxed").await?;
    let shared: Arc<dyn Store> = Arc::from(subject.another_handle());
    use_all(Arc::clone(&shared), "shared").await?;
    use_all(Arc::new(Box::new(shared)), "all at once").await?;
    assert_eq!(subject.store().scan(None, 99).await?.len(), 5, "all handles lead to the same store");
    Ok(())
}

/// A handle sees what another handle on the same book has written, including claims.
pub async fn handles_on_a_book_see_the_same(subject: &Subject) -> Outcome {
    let (one, other) = (subject.store(), subject.another_handle());
    one.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    assert_refused(other.append(vec![change("p-1", 0, "b")]).await, StoreErrorKind::Conflict, "p-1");
    let claimed = claim(&*other, at(0), at(10), 9).await?;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claim(one, at(0), at(10), 9).await?, [], "the lease holds for all handles");
    let mut sent = automatic("p-1", 1, "b", 0);
    sent.claim = Some(UnderClaim::Ends(claimed[0].fence));
    one.append(vec![sent]).await?;
    assert_eq!(observe(one).await?, observe(&*other).await?);
    Ok(())
}

/// A handle continues to work after others are dropped, also on another thread.
pub async fn a_handle_outlives_others(subject: &Subject) -> Outcome {
    let first = subject.another_handle();
    first.append(vec![change("p-1", 0, "a")]).await?;
    drop(first);
    let second = subject.another_handle();
    let written = thread::spawn(move || {
        let written = pollster::block_on(second.append(vec![change("p-1", 1, "b")]));
        drop(second);
        written
    });
    written.join().expect("the thread does not panic")?;
    subject.store().append(vec![change("p-1", 2, "c")]).await?;
    let found = head(&*subject.another_handle(), "p-1").await?;
    assert_eq!(found.map(|head| head.revision), Some(Revision(3)));
    Ok(())
}
