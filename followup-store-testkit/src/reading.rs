//! Reading: heads, the scan, the feed, books.

use followup_core::ProspectId;
use followup_core::store::{HeadQuery, Revision};

use crate::Subject;
use crate::tools::{Outcome, change, id, observe};

/// Heads come in the order of the query, repeated if asked twice, and `None` for an unknown prospect.
pub async fn heads_come_in_the_order_asked(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![change("p-1", 0, "a"), change("p-2", 0, "b"), change("p-3", 0, "c")]).await?;
    let asked =
        ["p-3", "p-9", "p-1", "p-3"].map(|prospect| HeadQuery::new(id(prospect), vec!["c".to_owned()]));
    let heads = store.head(asked.to_vec()).await?;
    let found: Vec<Option<&str>> =
        heads.iter().map(|head| head.as_ref().map(|head| head.prospect.as_str())).collect();
    assert_eq!(found, [Some("p-3"), None, Some("p-1"), Some("p-3")]);
    let known: Vec<_> = heads.iter().flatten().map(|head| head.known.clone()).collect();
    assert_eq!(known, [vec![Some([1; 16])], vec![None], vec![Some([1; 16])]]);
    Ok(())
}

/// A scan has every prospect once, ordered by the bytes of the id, in pages of any size.
pub async fn a_scan_goes_by_the_bytes_of_the_id(subject: &Subject) -> Outcome {
    let store = subject.store();
    let in_order = ["A", "B", "Z9", "a", "p-1", "p-10", "p-2", "p-2-", "z", "é", "漢", "👍"];
    for prospect in ["p-2", "é", "a", "漢", "Z9", "p-10", "B", "z", "👍", "A", "p-2-", "p-1"] {
        store.append(vec![change(prospect, 0, "a")]).await?;
    }
    let all: Vec<String> =
        store.scan(None, usize::MAX).await?.iter().map(|head| head.prospect.to_string()).collect();
    assert_eq!(all, in_order);
    assert_eq!(store.scan(None, 0).await?, vec![]);
    for limit in [1, 5, 12, 13] {
        let (mut after, mut paged): (Option<ProspectId>, Vec<String>) = (None, Vec::new());
        loop {
            let page = store.scan(after.as_ref(), limit).await?;
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            after = Some(last.prospect.clone());
            assert!(page.iter().all(|head| head.known.is_empty() && head.profile.is_some()));
            paged.extend(page.iter().map(|head| head.prospect.to_string()));
        }
        assert_eq!(paged, in_order, "pages of {limit}");
    }
    // A scan may continue after an id that does not exist.
    let rest = store.scan(Some(&id("p-2!")), 2).await?;
    assert_eq!(rest.iter().map(|head| head.prospect.as_str()).collect::<Vec<_>>(), ["p-2-", "z"]);
    Ok(())
}

/// The feed has each prospect once, at its newest change, oldest change first.
pub async fn the_feed_has_each_prospect_once_at_its_newest_change(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![change("p-1", 0, "a"), change("p-2", 0, "a"), change("p-3", 0, "a")]).await?;
    let first = store.changes(0, 10).await?;
    assert_eq!(names(&first), [("p-1", 1), ("p-2", 1), ("p-3", 1)]);
    assert!(first[0].cursor > 0 && first.is_sorted_by(|a, b| a.cursor < b.cursor));
    assert_eq!(store.changes(first[2].cursor, 10).await?, vec![]);
    assert_eq!(store.changes(u64::MAX, 10).await?, vec![]);
    assert_eq!(store.changes(0, 0).await?, vec![]);

    store.append(vec![change("p-2", 1, "b")]).await?;
    store.append(vec![change("p-4", 0, "a"), change("p-1", 1, "b")]).await?;
    assert_eq!(names(&store.changes(first[2].cursor, 10).await?), [("p-2", 2), ("p-4", 1), ("p-1", 2)]);
    assert_eq!(names(&store.changes(0, 10).await?), [("p-3", 1), ("p-2", 2), ("p-4", 1), ("p-1", 2)]);
    let (mut after, mut paged) = (0, Vec::new());
    while let [changed] = &store.changes(after, 1).await?[..] {
        after = changed.cursor;
        paged.push(changed.clone());
    }
    assert_eq!(paged, store.changes(0, usize::MAX).await?);
    Ok(())
}

fn names(changes: &[followup_core::store::Changed]) -> Vec<(&str, u64)> {
    changes.iter().map(|changed| (changed.prospect.as_str(), changed.revision.0)).collect()
}

/// A handle reads and changes only its own book.
pub async fn books_are_kept_apart(subject: &Subject) -> Outcome {
    let (main, agency) = (subject.store(), subject.other_book());
    main.append(vec![change("p-1", 0, "a"), change("p-2", 0, "a")]).await?;
    let (seen, nothing) = (observe(main).await?, observe(agency).await?);
    assert_eq!(agency.head(vec![HeadQuery::new(id("p-1"), vec!["a".to_owned()])]).await?, vec![None]);
    assert!(agency.history(&id("p-1")).await?.is_empty() && !nothing.contains("p-1"));

    agency.append(vec![change("p-1", 0, "x")]).await?;
    agency.append(vec![change("p-1", 1, "y")]).await?;
    assert_eq!(observe(main).await?, seen);
    assert_eq!(agency.scan(None, 9).await?.len(), 1);
    assert_eq!(agency.history(&id("p-1")).await?.len(), 2);
    let revisions = (main.scan(None, 1).await?[0].revision, agency.scan(None, 1).await?[0].revision);
    assert_eq!(revisions, (Revision(1), Revision(2)));
    Ok(())
}
