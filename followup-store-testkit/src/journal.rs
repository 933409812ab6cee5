//! Writing: revisions, keys, atomicity, removal.

use chrono::{DateTime, Utc};
use followup_core::store::{
    Append, Due, DueOrder, DueQuery, HeadQuery, Record, Revision, Snapshot, StoreErrorKind,
};

use crate::Subject;
use crate::tools::{
    ORDERS, Outcome, assert_refused, at, change, due, due_ids, erase, head, id, observe, record,
};

/// A store that was never written to has no prospects, journals, due entries or feed.
pub async fn an_empty_store_has_nothing(subject: &Subject) -> Outcome {
    let store = subject.store();
    assert_eq!(store.head(vec![]).await?, vec![]);
    let wanted = vec![HeadQuery::new(id("p-1"), vec!["a".to_owned()]), HeadQuery::new(id("p-2"), vec![])];
    assert_eq!(store.head(wanted).await?, vec![None, None]);
    assert_eq!(store.history(&id("p-1")).await?, vec![]);
    assert_eq!(store.scan(None, 10).await?, vec![]);
    assert_eq!(store.changes(0, 10).await?, vec![]);
    for order in ORDERS {
        let page = store.due(DueQuery::new(order, 10)).await?;
        assert_eq!((page.entries, page.newest_event_at), (vec![], None), "{order:?}");
    }
    Ok(())
}

/// Appending an empty list changes nothing and succeeds.
pub async fn an_empty_list_changes_nothing(subject: &Subject) -> Outcome {
    subject.store().append(vec![]).await?;
    an_empty_store_has_nothing(subject).await
}

/// Every way of reading returns what a first change has written.
pub async fn a_first_append_is_read_back(subject: &Subject) -> Outcome {
    let store = subject.store();
    let first = change("p-1", 0, "crm-1");
    store.append(vec![first.clone()]).await?;

    let keys = vec!["crm-1".to_owned(), "crm-2".to_owned(), "crm-1".to_owned()];
    let found = store.head(vec![HeadQuery::new(id("p-1"), keys)]).await?.pop().flatten().expect("p-1 exists");
    assert_eq!(found.prospect, id("p-1"));
    assert_eq!(found.revision, Revision(1));
    assert_eq!(found.snapshot, first.snapshot);
    assert_eq!(found.profile, first.profile);
    assert_eq!(found.since, first.records[0].recorded_at);
    assert_eq!(found.known, vec![Some(first.records[0].hash), None, Some(first.records[0].hash)]);
    assert_eq!(store.history(&id("p-1")).await?, first.records);
    let page = store.due(DueQuery::new(DueOrder::Rank, 10)).await?;
    assert_eq!(page.entries, Vec::from_iter(first.due));
    assert_eq!(page.newest_event_at, Some(first.records[0].at));
    Ok(())
}

/// The journal is ordered by instant, then `seq`, then key, regardless of the order of writing.
pub async fn the_journal_is_read_by_instant_seq_and_key(subject: &Subject) -> Outcome {
    let store = subject.store();
    let places = [(5, 0, "e"), (5, -1, "d"), (1, 9, "c"), (5, 0, "b"), (-3, 0, "a"), (5, i64::MIN, "z")];
    let records: Vec<Record> = places
        .map(|(micros, seq, key)| {
            let mut record = record(key, micros);
            record.seq = seq;
            record
        })
        .into();
    let (now, later) = records.split_at(3);
    store.append(vec![Append::new(id("p-1"), Revision(0), now.to_vec(), Snapshot::new(1, vec![]))]).await?;
    store.append(vec![Append::new(id("p-1"), Revision(3), later.to_vec(), Snapshot::new(1, vec![]))]).await?;
    let journal = store.history(&id("p-1")).await?;
    let keys: Vec<&str> = journal.iter().map(|record| &*record.key).collect();
    assert_eq!(keys, ["a", "c", "z", "d", "b", "e"]);
    let head = head(store, "p-1").await?.expect("the prospect exists");
    assert_eq!((head.revision, head.since), (Revision(6), at(5 + 7)), "`since` is the first `recorded_at`");
    Ok(())
}

/// Only the current revision of the journal is accepted.
pub async fn another_revision_conflicts_and_nothing_is_written(subject: &Subject) -> Outcome {
    let store = subject.store();
    assert_refused(store.append(vec![change("p-1", 1, "a")]).await, StoreErrorKind::Conflict, "p-1");
    store.append(vec![change("p-1", 0, "a")]).await?;
    store.append(vec![change("p-1", 1, "b")]).await?;
    let before = observe(store).await?;
    for expected in [0, 1, 3, u64::MAX] {
        assert_refused(
            store.append(vec![change_at(expected, "c")]).await,
            StoreErrorKind::Conflict,
            "prospect p-1",
        );
    }
    assert_eq!(observe(store).await?, before);
    store.append(vec![change("p-1", 2, "c")]).await
}

/// Returns a change of p-1 that expects any revision. Nothing else in it depends on the revision.
fn change_at(expected: u64, key: &str) -> Append {
    let mut change = change("p-1", 0, key);
    change.expected = Revision(expected);
    change
}

/// A journal has each key once; keys are compared by their bytes.
pub async fn a_key_that_is_there_conflicts(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![change("p-1", 0, "a")]).await?;
    let before = observe(store).await?;
    assert_refused(store.append(vec![change("p-1", 1, "a")]).await, StoreErrorKind::Conflict, "p-1");
    let mut twice = change("p-1", 1, "b");
    twice.records.extend([record("c", 1), record("b", 2)]);
    assert_refused(store.append(vec![twice]).await, StoreErrorKind::Conflict, "p-1");
    assert_eq!(observe(store).await?, before);
    // Keys are compared by byte, and each prospect has its own.
    store.append(vec![change("p-1", 1, "A"), change("p-2", 0, "a")]).await
}

/// If one change of a list is refused, none of the list is written.
pub async fn one_refused_change_refuses_all(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![change("p-3", 0, "a")]).await?;
    let before = observe(store).await?;
    for refused in [change("p-3", 0, "b"), change("p-3", 1, "a")] {
        let changes = vec![change("p-1", 0, "a"), refused, change("p-4", 0, "a")];
        assert_refused(store.append(changes).await, StoreErrorKind::Conflict, "p-3");
        assert_eq!(observe(store).await?, before);
    }
    store.append(vec![change("p-1", 0, "a"), change("p-3", 1, "b"), change("p-4", 0, "a")]).await?;
    let revisions: Vec<u64> = store.scan(None, 9).await?.iter().map(|head| head.revision.0).collect();
    assert_eq!(revisions, [1, 2, 1]);
    Ok(())
}

/// A change without records, a due entry of another prospect, or a prospect twice in a list is refused.
pub async fn what_no_store_can_take_is_refused(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut nothing = change("p-1", 0, "a");
    nothing.records.clear();
    let mut strange = change("p-1", 0, "a");
    strange.due = Some(Due::new(id("p-2"), Revision(1)));
    let twice = vec![change("p-1", 0, "a"), change("p-1", 1, "b")];
    for refused in [vec![nothing], vec![change("p-0", 0, "a"), strange], twice] {
        assert_refused(store.append(refused).await, StoreErrorKind::Other, "p-1");
    }
    an_empty_store_has_nothing(subject).await
}

/// A change without a profile leaves the profile as it is.
pub async fn a_profile_stays_until_it_is_replaced(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut none = change("p-1", 0, "a");
    none.profile = None;
    store.append(vec![none]).await?;
    assert_eq!(head(store, "p-1").await?.expect("p-1 exists").profile, None);
    store.append(vec![change("p-1", 1, "b")]).await?;
    let mut kept = change("p-1", 2, "c");
    kept.profile = None;
    store.append(vec![kept]).await?;
    assert_eq!(head(store, "p-1").await?.expect("p-1 exists").profile.as_deref(), Some("{\"name\":\"b\"}"));
    store.append(vec![change("p-1", 3, "d")]).await?;
    assert_eq!(head(store, "p-1").await?.expect("p-1 exists").profile.as_deref(), Some("{\"name\":\"d\"}"));
    Ok(())
}

/// `since` is when the first record was recorded, and later records do not change it.
pub async fn since_is_when_the_first_was_recorded(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![change("p-1", 0, "a")]).await?;
    let mut late = change("p-1", 1, "b");
    late.records[0].at = at(-1_000_000);
    late.records[0].recorded_at = at(-999_999);
    store.append(vec![late]).await?;
    assert_eq!(head(store, "p-1").await?.expect("the prospect exists").since, at(7));
    Ok(())
}

/// A page of due entries has the instant of the newest event of the whole book.
pub async fn the_newest_event_is_of_all_prospects_and_never_falls(subject: &Subject) -> Outcome {
    let store = subject.store();
    let newest = async || {
        Ok::<_, followup_core::StoreError>(store.due(DueQuery::new(DueOrder::Rank, 0)).await?.newest_event_at)
    };
    let mut first = change("p-1", 0, "a");
    first.records.extend([record("b", 500), record("c", 20)]);
    store.append(vec![first]).await?;
    assert_eq!(newest().await?, Some(at(500)));
    store.append(vec![change("p-2", 0, "a"), change("p-1", 3, "d")]).await?;
    assert_eq!(newest().await?, Some(at(500)));
    store.append(vec![change("p-2", 1, "e")]).await?;
    assert_eq!(newest().await?, Some(at(500)));
    let mut later = change("p-3", 0, "a");
    later.records[0].at = at(501);
    store.append(vec![later]).await?;
    assert_eq!(newest().await?, Some(at(501)));
    assert_eq!(subject.other_book().due(DueQuery::new(DueOrder::Rank, 0)).await?.newest_event_at, None);
    Ok(())
}

/// Any text is kept unchanged: empty, long, in any script, with NUL characters and quotes.
pub async fn any_text_and_any_length_is_kept(subject: &Subject) -> Outcome {
    let store = subject.store();
    let ids = ["ä", "漢字", "👩‍👩‍👧", "p 1'; --", "%_*?", &"x".repeat(64), &"é".repeat(32)];
    for (n, prospect) in ids.iter().enumerate() {
        let mut first = change(prospect, 0, &"ключ".repeat(25));
        first.records.push(Record::new("", at(1), "kind of its own", "\u{0}\u{10FFFF}\"\\"));
        first.records.push(Record::new("\u{0}", at(2), "", "x".repeat(100_000 * n)));
        first.snapshot = Snapshot::new(u32::MAX, (0..=255).cycle().take(n * 50_000).collect());
        first.profile = Some("ü".repeat(n * 10_000));
        let entry = first.due.as_mut().expect("the change has a due entry");
        entry.owner = Some("Zoë 'O\u{0}".to_owned());
        entry.obligation = "ñ".repeat(200);
        store.append(vec![first.clone()]).await?;
        let found = head(store, prospect).await?.expect("the prospect exists");
        assert_eq!((found.snapshot, found.profile), (first.snapshot, first.profile));
        let mut records = first.records;
        records.sort_by_key(|record| record.at);
        assert_eq!(store.history(&id(prospect)).await?, records);
        let mut query = DueQuery::new(DueOrder::Rank, 10);
        query.owner = first.due.as_ref().and_then(|due| due.owner.clone());
        assert!(due(store, query).await?.contains(first.due.as_ref().expect("the change has a due entry")));
    }
    Ok(())
}

/// The first and the last possible instant, and those around 1970, are kept and sorted.
pub async fn extreme_instants_are_kept(subject: &Subject) -> Outcome {
    let store = subject.store();
    let day = |text: &str| text.parse::<DateTime<Utc>>().expect("the instant is in range");
    let instants = [
        DateTime::from_timestamp_micros(DateTime::<Utc>::MIN_UTC.timestamp_micros())
            .expect("the instant is in range"),
        day("1900-01-01T00:00:00Z"),
        day("1969-12-31T23:59:59.999999Z"),
        day("1970-01-01T00:00:00Z"),
        day("2200-12-31T23:59:59.999999Z"),
        DateTime::from_timestamp_micros(DateTime::<Utc>::MAX_UTC.timestamp_micros())
            .expect("the instant is in range"),
    ];
    for (n, instant) in instants.into_iter().enumerate() {
        let mut change = change(&format!("p-{n}"), 0, "a");
        (change.records[0].at, change.records[0].recorded_at) = (instant, instant);
        change.records[0].seq = [i64::MIN, i64::MAX][n % 2];
        let due = change.due.as_mut().expect("the change has a due entry");
        (due.earliest, due.target, due.latest, due.rank_at) =
            (Some(instant), Some(instant), Some(instant), Some(instant));
        (due.wake_at, due.appointment_at, due.automatic) = (Some(instant), Some(instant), true);
        store.append(vec![change.clone()]).await?;
        assert_eq!(store.history(&change.prospect).await?, change.records);
        assert_eq!(head(store, &format!("p-{n}")).await?.expect("the prospect exists").since, instant);
    }
    for order in ORDERS {
        assert_eq!(
            due_ids(store, DueQuery::new(order, 9)).await?,
            ["p-0", "p-1", "p-2", "p-3", "p-4", "p-5"],
            "{order:?}"
        );
        let mut rest = DueQuery::new(order, 9);
        rest.after = Some((instants[3], id("p-3")));
        rest.before = Some(instants[5]);
        assert_eq!(due_ids(store, rest).await?, ["p-4"], "{order:?}");
    }
    assert_eq!(store.due(DueQuery::new(DueOrder::Rank, 0)).await?.newest_event_at, Some(instants[5]));
    Ok(())
}

/// A removal drops profile and due entry, replaces bodies, and keeps the journal.
pub async fn erasing_leaves_the_journal_without_the_person(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut first = change("p-1", 0, "a");
    first.records.push(record("b", 3));
    store.append(vec![first.clone(), change("p-2", 0, "a")]).await?;
    store.erase(erase("p-1", 2, "erased", &[("a", "{}"), ("erased", "{\"text\":\"*\"}")])).await?;

    let found = store
        .head(vec![HeadQuery::new(id("p-1"), vec!["a".to_owned()])])
        .await?
        .pop()
        .flatten()
        .expect("the prospect exists");
    assert_eq!((found.revision, found.profile), (Revision(3), None));
    assert_eq!(found.snapshot.bytes, b"p-1/erased");
    assert_eq!(found.known, [Some([1; 16])], "the hash is kept, so that a repeated event is recognized");
    let journal = store.history(&id("p-1")).await?;
    let bodies: Vec<(&str, &str)> = journal.iter().map(|record| (&*record.key, &*record.body)).collect();
    assert_eq!(bodies, [("a", "{}"), ("b", "{\"key\":\"b\"}"), ("erased", "{\"text\":\"*\"}")]);
    assert_eq!(due_ids(store, DueQuery::new(DueOrder::Rank, 9)).await?, ["p-2"]);
    let changed = store.changes(0, 9).await?;
    assert_eq!(changed.iter().map(|changed| changed.prospect.as_str()).collect::<Vec<_>>(), ["p-2", "p-1"]);
    // An erased prospect can be added again.
    store.append(vec![change("p-1", 3, "c")]).await?;
    assert_eq!(head(store, "p-1").await?.expect("p-1 exists").profile.as_deref(), Some("{\"name\":\"c\"}"));
    Ok(())
}

/// A refused removal changes nothing.
pub async fn a_refused_removal_removes_nothing(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![change("p-1", 0, "a")]).await?;
    let before = observe(store).await?;
    assert_refused(store.erase(erase("p-1", 0, "x", &[("a", "{}")])).await, StoreErrorKind::Conflict, "p-1");
    assert_refused(store.erase(erase("p-1", 1, "a", &[("a", "{}")])).await, StoreErrorKind::Conflict, "p-1");
    assert_refused(
        store.erase(erase("p-1", 1, "x", &[("a", "{}"), ("b", "")])).await,
        StoreErrorKind::Other,
        "p-1",
    );
    assert_eq!(observe(store).await?, before);
    Ok(())
}

/// Snapshots of unknown folds and records of unknown kinds are kept unchanged.
pub async fn unknown_folds_and_kinds_are_kept_as_they_are(subject: &Subject) -> Outcome {
    let store = subject.store();
    let bytes: [&[u8]; 4] = [b"", b"\0", b"{\"not\": JSON", &[0xFF, 0xFE, 0x80, 0x00]];
    for (n, (fold_version, bytes)) in [0, 1, 77, u32::MAX].into_iter().zip(bytes).enumerate() {
        let mut change = change("p-1", n as u64, &format!("k{n}"));
        change.snapshot = Snapshot::new(fold_version, bytes.to_vec());
        change.records[0].kind = format!("of_a_later_version_{n}");
        change.records[0].body = "no JSON, and none of the store's business".to_owned();
        change.records[0].hash = [n as u8 ^ 0xA5; 16];
        store.append(vec![change.clone()]).await?;
        let found = head(store, "p-1").await?.expect("the prospect exists");
        assert_eq!(found.snapshot, change.snapshot, "a snapshot is opaque to the store");
        assert_eq!(store.history(&id("p-1")).await?.last(), change.records.last());
    }
    Ok(())
}
