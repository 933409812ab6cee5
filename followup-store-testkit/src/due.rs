//! Due entries: orders, bounds, pages.

use chrono::{DateTime, Utc};
use followup_core::store::{Due, DueOrder, DueQuery, Revision};

use crate::Subject;
use crate::tools::{MICRO, ORDERS, Outcome, Random, add_due, at, change, due, due_ids, id};

/// Returns an entry that has an instant in one order and in no other.
fn only(order: DueOrder, prospect: &str, micros: i64) -> Due {
    let mut due = Due::new(id(prospect), Revision(1));
    let place = match order {
        DueOrder::Rank => &mut due.rank_at,
        DueOrder::WakeAt => &mut due.wake_at,
        _ => &mut due.appointment_at,
    };
    *place = Some(at(micros));
    due
}

/// Every field of a due entry is kept.
pub async fn an_entry_is_read_back_whole(subject: &Subject) -> Outcome {
    let mut entry = Due::new(id("p-1"), Revision(1));
    entry.owner = Some("ines".to_owned());
    entry.automatic = true;
    (entry.earliest, entry.target, entry.latest) = (Some(at(1)), Some(at(2)), Some(at(3)));
    (entry.rank_at, entry.wake_at, entry.appointment_at) = (Some(at(4)), Some(at(5)), Some(at(6)));
    entry.obligation = "touch:crm-1".to_owned();
    entry.planned_by = "1/abc/2026b".to_owned();
    add_due(subject.store(), entry.clone()).await?;
    for order in ORDERS {
        assert_eq!(due(subject.store(), DueQuery::new(order, 1)).await?, [entry.clone()], "{order:?}");
    }
    Ok(())
}

/// An entry without an order's instant is not in that order.
pub async fn each_order_has_only_those_with_its_instant(subject: &Subject) -> Outcome {
    let store = subject.store();
    for (n, order) in ORDERS.into_iter().enumerate() {
        add_due(store, only(order, &format!("p-{n}"), 0)).await?;
    }
    let mut nowhere = Due::new(id("p-nowhere"), Revision(1));
    (nowhere.earliest, nowhere.latest) = (Some(at(0)), Some(at(0)));
    add_due(store, nowhere).await?;
    for (n, order) in ORDERS.into_iter().enumerate() {
        assert_eq!(due_ids(store, DueQuery::new(order, 9)).await?, [format!("p-{n}")], "{order:?}");
    }
    Ok(())
}

/// Equal instants are ordered by the bytes of the id, and pages of any size neither skip nor repeat entries.
pub async fn equal_instants_go_by_the_bytes_of_the_id(subject: &Subject) -> Outcome {
    let store = subject.store();
    for order in ORDERS {
        let name = |prospect: &str| format!("{order:?}-{prospect}");
        for (prospect, micros) in [("b", 5), ("é", 5), ("a", 5), ("c", 4), ("A", 5), ("a1", 5), ("0", 6)] {
            add_due(store, only(order, &name(prospect), micros)).await?;
        }
        let in_order = ["c", "A", "a", "a1", "b", "é", "0"].map(name);
        for limit in [1, 2, 3, 6, 7, 8, usize::MAX] {
            let (mut query, mut paged) = (DueQuery::new(order, limit), Vec::new());
            loop {
                let page = due(store, query.clone()).await?;
                paged.extend(page.iter().map(|due| due.prospect.to_string()));
                let Some(last) = page.last().filter(|_| page.len() == limit) else { break };
                query.after = last.place(order).map(|place| (place, last.prospect.clone()));
            }
            assert_eq!(paged, in_order, "pages of {limit}");
        }
        assert!(due(store, DueQuery::new(order, 0)).await?.is_empty());
    }
    Ok(())
}

/// `before` and `after` are exclusive, to the microsecond.
pub async fn the_end_is_exclusive_to_the_microsecond(subject: &Subject) -> Outcome {
    let store = subject.store();
    for order in ORDERS {
        let prospect = format!("{order:?}");
        add_due(store, only(order, &prospect, 0)).await?;
        let mut query = DueQuery::new(order, 9);
        for (before, is_in) in [(at(0) - MICRO, false), (at(0), false), (at(0) + MICRO, true)] {
            query.before = Some(before);
            assert_eq!(
                due(store, query.clone()).await?.len(),
                usize::from(is_in),
                "{order:?} before {before}"
            );
        }
        query.before = None;
        for (after, is_in) in [(at(0) - MICRO, true), (at(0), false), (at(0) + MICRO, false)] {
            query.after = Some((after, id(&prospect)));
            assert_eq!(due(store, query.clone()).await?.len(), usize::from(is_in), "{order:?} after {after}");
        }
    }
    Ok(())
}

/// `opens_before` is exclusive, to the microsecond, and a waiting entry never opens.
pub async fn the_opening_is_exclusive_to_the_microsecond(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut entry = Due::new(id("p-1"), Revision(1));
    entry.automatic = true;
    (entry.earliest, entry.latest, entry.rank_at) = (Some(at(0)), Some(at(90)), Some(at(-90)));
    (entry.wake_at, entry.appointment_at) = (Some(at(50)), Some(at(60)));
    add_due(store, entry.clone()).await?;
    // A waiting entry never opens.
    (entry.prospect, entry.earliest) = (id("p-2"), None);
    add_due(store, entry).await?;
    for order in ORDERS {
        let mut query = DueQuery::new(order, 9);
        for (opens_before, is_in) in [(at(0) - MICRO, false), (at(0), false), (at(0) + MICRO, true)] {
            query.opens_before = Some(opens_before);
            let found = due_ids(store, query.clone()).await?;
            assert_eq!(found, vec!["p-1"; usize::from(is_in)], "{order:?} opens before {opens_before}");
        }
    }
    Ok(())
}

/// A query for an owner returns that owner's entries, in any order.
pub async fn an_owner_sees_their_own(subject: &Subject) -> Outcome {
    let store = subject.store();
    for (n, owner) in [Some("ines"), None, Some("jo"), Some("ines"), Some("Ines")].into_iter().enumerate() {
        let mut entry = Due::new(id(&format!("p-{n}")), Revision(1));
        entry.automatic = true;
        entry.owner = owner.map(str::to_owned);
        (entry.earliest, entry.latest, entry.rank_at) = (Some(at(0)), Some(at(9)), Some(at(-(n as i64))));
        (entry.wake_at, entry.appointment_at) = (Some(at(5)), Some(at(6)));
        add_due(store, entry).await?;
    }
    for order in ORDERS {
        for opens_before in [None, Some(at(1))] {
            let mut query = DueQuery::new(order, 9);
            query.opens_before = opens_before;
            query.owner = Some("ines".to_owned());
            let mut expected = ["p-0", "p-3"];
            if order == DueOrder::Rank {
                expected.reverse();
            }
            assert_eq!(due_ids(store, query.clone()).await?, expected, "{order:?}");
            query.owner = Some("nobody".to_owned());
            assert!(due(store, query).await?.is_empty());
        }
    }
    Ok(())
}

/// A prospect has at most one due entry: that of its newest change.
pub async fn a_change_replaces_the_entry_or_clears_it(subject: &Subject) -> Outcome {
    let store = subject.store();
    for (n, order) in ORDERS.into_iter().enumerate() {
        let mut first = change("p-1", n as u64 * 2, &format!("a{n}"));
        first.due = Some(only(order, "p-1", n as i64));
        store.append(vec![first.clone()]).await?;
        for other in ORDERS {
            let expected = if other == order { Vec::from_iter(first.due.clone()) } else { Vec::new() };
            assert_eq!(due(store, DueQuery::new(other, 9)).await?, expected, "{order:?} then {other:?}");
        }
        // The same entry again, with changes in fields that do not affect its place.
        let mut second = change("p-1", n as u64 * 2 + 1, &format!("b{n}"));
        let mut entry = only(order, "p-1", n as i64);
        (entry.obligation, entry.revision) = ("answer:b".to_owned(), second.revision());
        second.due = Some(entry.clone());
        store.append(vec![second]).await?;
        assert_eq!(due(store, DueQuery::new(order, 9)).await?, [entry]);
    }
    let mut rest = change("p-1", ORDERS.len() as u64 * 2, "rest");
    rest.due = None;
    store.append(vec![rest]).await?;
    for order in ORDERS {
        assert!(due(store, DueQuery::new(order, 9)).await?.is_empty(), "{order:?}");
    }
    Ok(())
}

/// Open entries are found among many that are not.
pub async fn little_that_is_open_is_found_among_much(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut changes = Vec::new();
    for n in 0..3000_i64 {
        // Every hundredth entry is open, with a late rank; the others open later and rank before them.
        let is_open = n % 100 == 7;
        let mut added = change(&format!("p-{n:04}"), 0, "added");
        let entry = added.due.as_mut().expect("the change has a due entry");
        entry.owner = Some(["ines", "jo"][usize::from(n % 200 == 7)].to_owned());
        entry.earliest = Some(at(if is_open { -n } else { 1000 + n }));
        entry.rank_at = Some(at(if is_open { 100_000 - n / 1000 } else { n }));
        changes.push(added);
    }
    store.append(changes).await?;
    let mut query = DueQuery::new(DueOrder::Rank, 100);
    query.opens_before = Some(at(0));
    let found = due_ids(store, query.clone()).await?;
    assert_eq!((found.len(), &*found[0], &*found[29]), (30, "p-2007", "p-0907"));
    query.limit = 25;
    assert_eq!(due_ids(store, query.clone()).await?, found[..25]);
    query.after = Some((at(100_000), id("p-0207")));
    assert_eq!(due_ids(store, query.clone()).await?, found[23..]);
    query.owner = Some("jo".to_owned());
    assert_eq!(due_ids(store, query.clone()).await?, ["p-0407", "p-0607", "p-0807"]);
    query.after = None;
    query.before = Some(at(100_000));
    assert_eq!(due_ids(store, query).await?.len(), 10);
    Ok(())
}

/// The answer to any query is a filter and a sort of all entries.
pub async fn any_query_is_a_filter_and_a_sort(subject: &Subject) -> Outcome {
    const SEED: u64 = 20_261_122;
    let store = subject.store();
    let mut random = Random(SEED);
    let mut entries: Vec<Due> = Vec::new();
    for n in 0..400 {
        let mut added = change(&format!("p-{:03}", n * 7 % 400), 0, "added");
        added.due =
            (random.below(10) > 0).then(|| random_entry(&mut random, added.due.expect("it has an entry")));
        entries.extend(added.due.clone());
        store.append(vec![added]).await?;
    }
    for n in 0..600 {
        let mut query = DueQuery::new(random.one_of(&ORDERS), random.one_of(&[0, 1, 2, 7, 50, 1000]));
        query.owner = random.one_of(&[None, None, Some("ines".to_owned()), Some("jo".to_owned())]);
        query.before = instant(&mut random);
        query.opens_before = instant(&mut random);
        query.after = instant(&mut random).map(|at| (at, id(&format!("p-{:03}", random.below(400)))));
        assert_eq!(
            due(store, query.clone()).await?,
            filtered(&entries, &query),
            "seed {SEED}, query {n}: {query:?}"
        );
    }
    Ok(())
}

/// Returns one of few different instants, so that many are equal.
fn instant(random: &mut Random) -> Option<DateTime<Utc>> {
    (random.below(3) > 0).then(|| at(random.below(12) as i64 - 6))
}

fn random_entry(random: &mut Random, mut entry: Due) -> Due {
    entry.owner = random.one_of(&[None, Some("ines".to_owned()), Some("jo".to_owned())]);
    entry.automatic = random.below(2) == 0;
    (entry.earliest, entry.latest, entry.rank_at) = (instant(random), instant(random), instant(random));
    (entry.wake_at, entry.appointment_at) = (instant(random), instant(random));
    entry
}

fn filtered(entries: &[Due], query: &DueQuery) -> Vec<Due> {
    let mut found: Vec<(DateTime<Utc>, &Due)> = entries
        .iter()
        .filter_map(|due| Some((due.place(query.order)?, due)))
        .filter(|(_, due)| query.owner.is_none() || due.owner == query.owner)
        .filter(|(place, _)| query.before.is_none_or(|before| *place < before))
        .filter(|(_, due)| query.opens_before.is_none_or(|end| due.earliest.is_some_and(|opens| opens < end)))
        .filter(|(place, due)| query.after.as_ref().is_none_or(|(at, id)| (place, &due.prospect) > (at, id)))
        .collect();
    found.sort_by_key(|(place, due)| (*place, due.prospect.clone()));
    found.into_iter().take(query.limit).map(|(_, due)| due.clone()).collect()
}
