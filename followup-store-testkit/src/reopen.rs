//! What is left of a store that was closed and is opened again.

use crate::Subject;
use crate::tools::{Outcome, change, observe};

/// Whatever was acknowledged is there, in every book, and the store goes on from there.
pub async fn what_was_acknowledged_is_there_after_reopening(subject: &mut Subject) -> Outcome {
    for store in [subject.store(), subject.other_book()] {
        for (prospect, revisions) in [("p-1", 3), ("p-2", 1), ("p-3", 2)] {
            for revision in 0..revisions {
                store.append(vec![change(prospect, revision, &format!("k{revision}"))]).await?;
            }
        }
    }
    subject.other_book().append(vec![change("p-2", 1, "k1")]).await?;
    let before = (observe(subject.store()).await?, observe(subject.other_book()).await?);
    for n in 0..3 {
        subject.reopen();
        let after = (observe(subject.store()).await?, observe(subject.other_book()).await?);
        assert!(n > 0 || before == after, "after reopening there is\n{after:?}\ninstead of\n{before:?}");
        subject.store().append(vec![change("p-1", 3 + n, &format!("again {n}"))]).await?;
    }
    Ok(())
}
