//! Addresses to which nothing is sent.

use followup_core::store::{StoreErrorKind, Suppression};

use crate::Subject;
use crate::tools::{Outcome, address, assert_refused, at, change, erase};

/// An address is suppressed since the given instant, until the suppression is lifted.
pub async fn an_address_is_suppressed_until_it_is_lifted(subject: &Subject) -> Outcome {
    let store = subject.store();
    assert_eq!(store.suppressed(vec![]).await?, vec![]);
    assert_eq!(
        store.suppressed(vec![address(1), address(2)]).await?,
        vec![None, None],
        "nothing is suppressed yet"
    );
    let mut stop = change("p-1", 0, "a");
    stop.suppressions = vec![Suppression::of(address(1), at(5)), Suppression::of(address(3), at(-5))];
    store.append(vec![stop]).await?;
    let asked = vec![address(3), address(2), address(1), address(3)];
    assert_eq!(
        store.suppressed(asked.clone()).await?,
        vec![Some(at(-5)), None, Some(at(5)), Some(at(-5))],
        "answers come in the order of the query"
    );
    // Only a change that lifts the suppression makes an address free. Lifting a missing suppression does no harm.
    store.append(vec![change("p-1", 1, "b"), change("p-2", 0, "a")]).await?;
    let mut start = change("p-2", 1, "b");
    start.suppressions = vec![Suppression::lifted(address(3)), Suppression::lifted(address(2))];
    store.append(vec![start]).await?;
    assert_eq!(store.suppressed(asked.clone()).await?, vec![None, None, Some(at(5)), None]);
    // An address that is suppressed again is suppressed since the new instant.
    let mut again = change("p-2", 2, "c");
    again.suppressions = vec![Suppression::of(address(3), at(100))];
    store.append(vec![again]).await?;
    assert_eq!(store.suppressed(asked).await?, vec![Some(at(100)), None, Some(at(5)), Some(at(100))]);
    Ok(())
}

/// An address that is suppressed twice is suppressed since the earlier instant, in either order of writing.
pub async fn the_first_instant_stands(subject: &Subject) -> Outcome {
    let store = subject.store();
    for (revision, (since, stands)) in [(7, 7), (9, 7), (6, 6), (7, 6), (-1, -1)].into_iter().enumerate() {
        let mut stop = change("p-1", revision as u64, &format!("k{revision}"));
        stop.suppressions = vec![Suppression::of(address(1), at(since))];
        store.append(vec![stop]).await?;
        assert_eq!(store.suppressed(vec![address(1)]).await?, vec![Some(at(stands))], "after {since} µs");
    }
    Ok(())
}

/// Addresses are compared by all their bytes.
pub async fn an_address_is_compared_by_all_its_bytes(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut other = address(0);
    other.0[15] = 1;
    let mut another = address(0);
    another.0[0] = 0x80;
    let mut stop = change("p-1", 0, "a");
    stop.suppressions = vec![Suppression::of(other, at(0))];
    store.append(vec![stop]).await?;
    let found = store.suppressed(vec![address(0), other, another, address(255)]).await?;
    assert_eq!(found, vec![None, Some(at(0)), None, None]);
    Ok(())
}

/// A refused change suppresses nothing, nor does the rest of its list.
pub async fn a_refused_change_suppresses_nothing(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut first = change("p-1", 0, "a");
    first.suppressions = vec![Suppression::of(address(1), at(0))];
    store.append(vec![first]).await?;
    let mut stop = change("p-2", 0, "a");
    stop.suppressions = vec![Suppression::of(address(2), at(0)), Suppression::lifted(address(1))];
    let refused = store.append(vec![stop, change("p-1", 0, "b")]).await;
    assert_refused(refused, StoreErrorKind::Conflict, "p-1");
    assert_eq!(store.suppressed(vec![address(1), address(2)]).await?, vec![Some(at(0)), None]);
    Ok(())
}

/// A removal leaves suppressions unchanged, and may add some.
pub async fn erasing_a_person_leaves_them(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut stop = change("p-1", 0, "a");
    stop.suppressions = vec![Suppression::of(address(1), at(0))];
    store.append(vec![stop]).await?;
    store.erase(erase("p-1", 1, "erased", &[("a", "{}")])).await?;
    assert_eq!(store.suppressed(vec![address(1)]).await?, vec![Some(at(0))], "it outlives the prospect");
    store.append(vec![change("p-1", 2, "b")]).await?;
    assert_eq!(
        store.suppressed(vec![address(1)]).await?,
        vec![Some(at(0))],
        "also when they are added again"
    );
    let mut removal = erase("p-1", 3, "erased again", &[]);
    removal.append.suppressions = vec![Suppression::of(address(2), at(1))];
    store.erase(removal).await?;
    assert_eq!(store.suppressed(vec![address(1), address(2)]).await?, vec![Some(at(0)), Some(at(1))]);
    Ok(())
}

/// A suppression in one book does not affect another.
pub async fn books_have_their_own(subject: &Subject) -> Outcome {
    let (main, agency) = (subject.store(), subject.other_book());
    let mut stop = change("p-1", 0, "a");
    stop.suppressions = vec![Suppression::of(address(1), at(0))];
    main.append(vec![stop]).await?;
    assert_eq!(agency.suppressed(vec![address(1)]).await?, vec![None]);
    let mut start = change("p-1", 0, "a");
    start.suppressions = vec![Suppression::lifted(address(1))];
    agency.append(vec![start]).await?;
    assert_eq!(main.suppressed(vec![address(1)]).await?, vec![Some(at(0))]);
    Ok(())
}
