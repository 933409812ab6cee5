//! Data of a store that was closed and opened again.

use followup_core::store::{
    Document, DocumentKind, DocumentQuery, Fence, Renewal, StoreErrorKind, Suppression, UnderClaim,
};

use crate::Subject;
use crate::tools::{
    MICRO, Outcome, address, assert_refused, at, automatic, change, claim, due_ids, erase, head, id, observe,
    polled_once,
};

/// Acknowledged changes exist after reopening, in every book, and the store continues from there.
pub async fn what_was_acknowledged_is_there_after_reopening(subject: &mut Subject) -> Outcome {
    for store in [subject.store(), subject.other_book()] {
        for (prospect, revisions) in [("p-1", 3), ("p-2", 1), ("p-3", 2)] {
            for revision in 0..revisions {
                store.append(vec![automatic(prospect, revision, &format!("k{revision}"), 5)]).await?;
            }
        }
        store.erase(erase("p-3", 2, "erased", &[("k0", "{}")])).await?;
    }
    subject.other_book().append(vec![change("p-2", 1, "k1")]).await?;
    let before = (observe(subject.store()).await?, observe(subject.other_book()).await?);
    for n in 0..3 {
        subject.reopen();
        let after = (observe(subject.store()).await?, observe(subject.other_book()).await?);
        assert!(n > 0 || before == after, "after reopening, the store has\n{after:?}\nexpected\n{before:?}");
        let revision = head(subject.store(), "p-1").await?.map(|head| head.revision.0);
        assert_eq!(revision, Some(3 + n), "a change after one reopening exists after the next");
        subject.store().append(vec![change("p-1", 3 + n, &format!("again {n}"))]).await?;
    }
    Ok(())
}

/// A store that was never written to can be closed and opened again.
pub async fn an_empty_store_can_be_reopened(subject: &mut Subject) -> Outcome {
    let before = observe(subject.store()).await?;
    subject.reopen();
    subject.reopen();
    assert_eq!(observe(subject.store()).await?, before);
    subject.store().append(vec![change("p-1", 0, "a")]).await
}

/// A lease continues, and its claim is still valid.
pub async fn leases_run_on(subject: &mut Subject) -> Outcome {
    subject.store().append(vec![automatic("p-1", 0, "a", 0), automatic("p-2", 0, "a", 0)]).await?;
    let claimed = claim(subject.store(), at(0), at(10), 1).await?;
    assert_eq!(claimed[0].due.prospect.as_str(), "p-1");
    subject.reopen();
    let store = subject.store();
    let others = claim(store, at(10) - MICRO, at(99), 9).await?;
    assert_eq!(others.iter().map(|claimed| claimed.due.prospect.as_str()).collect::<Vec<_>>(), ["p-2"]);
    store.renew(Renewal::new(id("p-1"), claimed[0].fence, at(20))).await?;
    let mut intent = automatic("p-1", 1, "b", 0);
    intent.claim = Some(UnderClaim::GoesOn(claimed[0].fence));
    store.append(vec![intent]).await?;
    assert_eq!(claim(store, at(20) - MICRO, at(99), 9).await?, [], "renewed until 20 µs");
    subject.reopen();
    assert_eq!(claim(subject.store(), at(20), at(99), 9).await?.len(), 1, "the end of the lease is kept");
    Ok(())
}

/// Fences are larger than those given before reopening, and claims that have ended stay ended.
pub async fn fences_keep_growing(subject: &mut Subject) -> Outcome {
    subject.store().append(vec![automatic("p-1", 0, "k0", 0)]).await?;
    let mut last = Fence(0);
    for n in 0..6 {
        let now = at(n * 10);
        let claimed = claim(subject.store(), now, now + MICRO * 10, 9).await?;
        let [claimed] = &claimed[..] else { panic!("expected one claimed entry, got {claimed:?}") };
        assert!(n == 0 || last < claimed.fence, "claim {} comes after {last}", claimed.fence);
        last = claimed.fence;
        if n % 2 == 0 {
            let revision = 1 + n as u64 / 2;
            let mut ends = automatic("p-1", revision, &format!("k{revision}"), 0);
            ends.claim = Some(UnderClaim::Ends(last));
            subject.store().append(vec![ends]).await?;
            subject.reopen();
            let renewal = Renewal::new(id("p-1"), last, at(1_000));
            assert_refused(subject.store().renew(renewal).await, StoreErrorKind::Fenced, "p-1");
        } else {
            subject.reopen();
        }
    }
    Ok(())
}

/// Suppressions and documents still exist, and lifted suppressions stay lifted.
pub async fn suppressions_and_documents_are_still_there(subject: &mut Subject) -> Outcome {
    let mut stop = change("p-1", 0, "a");
    stop.suppressions = vec![Suppression::of(address(1), at(5)), Suppression::of(address(2), at(6))];
    subject.store().append(vec![stop]).await?;
    let mut start = change("p-1", 1, "b");
    start.suppressions = vec![Suppression::lifted(address(2))];
    subject.store().append(vec![start]).await?;
    let document = Document::new(DocumentKind::Playbook, "house", 3, "steps", at(7));
    subject.store().save(document.clone()).await?;
    subject.reopen();
    let store = subject.store();
    assert_eq!(store.suppressed(vec![address(2), address(1)]).await?, vec![None, Some(at(5))]);
    assert_eq!(store.documents(DocumentQuery::new(DocumentKind::Playbook)).await?, vec![document.clone()]);
    let mut other = document;
    other.body = "other steps".to_owned();
    assert_refused(store.save(other).await, StoreErrorKind::Conflict, "house");
    assert_eq!(subject.other_book().suppressed(vec![address(1)]).await?, vec![None]);
    Ok(())
}

/// Later changes come later in the feed, also if the store was closed in between.
pub async fn the_feed_goes_on(subject: &mut Subject) -> Outcome {
    subject.store().append(vec![change("p-1", 0, "a"), change("p-2", 0, "a")]).await?;
    let mut cursor = 0;
    for n in 1..4 {
        let changed = subject.store().changes(cursor, 9).await?;
        assert!(changed.is_sorted_by(|a, b| a.cursor < b.cursor), "oldest change first: {changed:?}");
        cursor = changed.last().expect("something has changed since").cursor;
        subject.reopen();
        assert_eq!(subject.store().changes(cursor, 9).await?, vec![], "nothing has changed since");
        subject.store().append(vec![change("p-1", n, &format!("b{n}"))]).await?;
        let changed = subject.store().changes(cursor, 9).await?;
        assert!(changed.len() == 1 && changed[0].cursor > cursor, "only p-1 has changed: {changed:?}");
    }
    Ok(())
}

/// A change whose future was dropped is written completely or not at all.
pub async fn what_was_dropped_is_whole_or_absent(subject: &mut Subject) -> Outcome {
    for n in 0..5 {
        let (one, two) = (format!("p-{n}a"), format!("p-{n}b"));
        let both = vec![automatic(&one, 0, "a", 0), automatic(&two, 0, "a", 0)];
        let acknowledged = polled_once(subject.store().append(both)).transpose()?.is_some();
        subject.reopen();
        let store = subject.store();
        let found = [head(store, &one).await?.is_some(), head(store, &two).await?.is_some()];
        assert!(found[0] == found[1] && found[0] >= acknowledged, "{n}: {found:?} of two, {acknowledged}");
        let due =
            due_ids(store, followup_core::store::DueQuery::new(followup_core::store::DueOrder::Rank, 99))
                .await?;
        assert_eq!([due.contains(&one), due.contains(&two)], found);
    }
    Ok(())
}
