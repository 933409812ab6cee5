//! Concurrent calls, and dropped futures.

use std::thread;

use followup_core::Store;
use followup_core::store::{DueOrder, DueQuery, Revision, StoreErrorKind};

use crate::Subject;
use crate::tools::{Outcome, change, due_ids, head, id, polled_once};

/// Of concurrent writers, exactly one writes each revision.
pub async fn many_at_once_write_each_revision_once(subject: &Subject) -> Outcome {
    const THREADS: u64 = 8;
    const EACH: u64 = 25;
    thread::scope(|scope| {
        for n in 0..THREADS {
            let store = subject.store();
            scope.spawn(move || {
                for m in 0..EACH {
                    pollster::block_on(append_until_written(store, &format!("t{n}-{m}")));
                }
            });
        }
    });
    let found = head(subject.store(), "p-1").await?.expect("the prospect exists");
    assert_eq!(found.revision, Revision(THREADS * EACH));
    let journal = subject.store().history(&id("p-1")).await?;
    assert_eq!(journal.len() as u64, THREADS * EACH);
    assert!(journal.is_sorted_by(|a, b| a.at < b.at), "each record was written at a revision of its own");
    Ok(())
}

/// Reads the head and appends, and repeats this while other writers are faster.
async fn append_until_written(store: &dyn Store, key: &str) {
    loop {
        let revision = head(store, "p-1").await.expect("heads can be read").map_or(0, |head| head.revision.0);
        match store.append(vec![change("p-1", revision, key)]).await {
            Ok(()) => return,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Conflict, "{error}"),
        }
    }
}

/// If many add the same prospect at once, exactly one succeeds.
pub async fn of_those_who_add_the_same_prospect_one_wins(subject: &Subject) -> Outcome {
    const THREADS: usize = 8;
    for prospect in ["p-1", "p-2", "p-3", "p-4"] {
        let won: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|n| {
                    let store = subject.store();
                    scope.spawn(move || {
                        let written =
                            pollster::block_on(store.append(vec![change(prospect, 0, &format!("t{n}"))]));
                        usize::from(written.is_ok())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no thread panics")).sum()
        });
        assert_eq!(won, 1);
        assert_eq!(subject.store().history(&id(prospect)).await?.len(), 1);
    }
    Ok(())
}

/// A reader sees all changes of a list or none.
pub async fn readers_see_whole_changes(subject: &Subject) -> Outcome {
    const CHANGES: u64 = 100;
    let store = subject.store();
    store.append(vec![change("p-1", 0, "0"), change("p-2", 0, "0")]).await?;
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1..CHANGES {
                let key = n.to_string();
                let both = vec![change("p-1", n, &key), change("p-2", n, &key)];
                pollster::block_on(store.append(both)).expect("there is no other writer");
            }
        });
        for _ in 0..3 {
            scope.spawn(|| while pollster::block_on(look(store)).expect("it can be read") < CHANGES {});
        }
    });
    Ok(())
}

/// Returns the revision of two prospects that change together, after checking that they agree.
async fn look(store: &dyn Store) -> Result<u64, followup_core::StoreError> {
    let heads = store.scan(None, 9).await?;
    let [one, two] = &heads[..] else { panic!("expected two prospects") };
    assert_eq!((one.revision, &one.snapshot.bytes[3..]), (two.revision, &two.snapshot.bytes[3..]));
    let entries = store.due(DueQuery::new(DueOrder::Rank, 9)).await?.entries;
    assert_eq!(entries[0].rank_at, entries[1].rank_at);
    let journal = store.history(&id("p-1")).await?;
    assert!(journal.len() as u64 >= one.revision.0);
    Ok(one.revision.0)
}

/// Dropping an unfinished future leaves either all of its work done or none.
pub async fn a_dropped_future_leaves_all_or_nothing(subject: &Subject) -> Outcome {
    let store = subject.store();
    drop(store.append(vec![change("p-0", 0, "a")]));
    for n in 1..20 {
        let (one, two) = (format!("p-{n}a"), format!("p-{n}b"));
        if let Some(written) = polled_once(store.append(vec![change(&one, 0, "a"), change(&two, 0, "a")])) {
            written?;
        }
        // A later change is written later.
        store.append(vec![change(&format!("q-{n}"), 0, "a")]).await?;
        let found = (head(store, &one).await?, head(store, &two).await?);
        assert_eq!(found.0.is_some(), found.1.is_some());
        let is_due = due_ids(store, DueQuery::new(DueOrder::Rank, usize::MAX)).await?.contains(&one);
        assert_eq!((found.0.is_some(), store.history(&id(&one)).await?.len()), (is_due, usize::from(is_due)));
    }
    assert_eq!(head(store, "p-0").await?, None, "a future that was never polled does nothing");
    Ok(())
}
