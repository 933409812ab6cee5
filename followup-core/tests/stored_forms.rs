//! The values of the store contract as stores keep them, and the parts of the contract that are code.

use std::convert::Infallible;
use std::fmt::Debug;

use chrono::{DateTime, Utc};
use followup_core::ProspectId;
use followup_core::store::{
    AddressHash, Append, Changed, Claim, Claimed, Document, DocumentKind, DocumentQuery, Due, DueOrder,
    DuePage, DueQuery, Erase, Fence, Head, HeadQuery, Kept, Record, Renewal, Revision, Snapshot,
    StoreErrorKind, Suppression, UnderClaim,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// Returns the instant that is a number of microseconds after 14:00 on a day in March.
fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_772_805_600_000_000 + micros).expect("the instant is in range")
}

fn id(id: &str) -> ProspectId {
    ProspectId::new(id).expect("the id is valid")
}

fn record() -> Record {
    let mut record = Record::new("crm-1", at(0), "replied", r#"{"text":"„Zoë“"}"#);
    (record.seq, record.hash, record.recorded_at) = (-3, [0xA5; 16], at(7));
    record
}

fn due() -> Due {
    let mut due = Due::new(id("p-17"), Revision(4));
    (due.owner, due.automatic) = (Some("ines".to_owned()), true);
    (due.earliest, due.target, due.latest) = (Some(at(1)), Some(at(2)), Some(at(3)));
    (due.rank_at, due.wake_at, due.appointment_at) = (Some(at(4)), Some(at(5)), Some(at(6)));
    (due.obligation, due.planned_by) = ("answer:crm-1".to_owned(), "1/abc/2026b".to_owned());
    due
}

fn append() -> Append {
    let snapshot = Snapshot::new(3, vec![0, 7, 255]);
    let mut append = Append::new(id("p-17"), Revision(3), vec![record()], snapshot);
    (append.profile, append.due) = (Some("{}".to_owned()), Some(due()));
    append.claim = Some(UnderClaim::Ends(Fence(9)));
    append.suppressions =
        vec![Suppression::of(AddressHash([1; 16]), at(8)), Suppression::lifted(AddressHash([2; 16]))];
    append
}

fn kept() -> Kept {
    let mut kept = Kept::changed(None, &append(), 12);
    kept.claim(at(60));
    kept
}

fn document() -> Document {
    Document::new(DocumentKind::OwnerAway, "ines", u64::MAX >> 1, "2026-03-09/2026-03-13", at(0))
}

#[track_caller]
fn assert_kept<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let json = serde_json::to_string(value).expect("it can be written as JSON");
    assert_eq!(&serde_json::from_str::<T>(&json).expect("the JSON can be read"), value, "{json}");
    let bytes = postcard::to_stdvec(value).expect("it can be written by postcard");
    assert_eq!(&postcard::from_bytes::<T>(&bytes).expect("the bytes can be read"), value, "{json}");
}

#[test]
fn every_value_is_kept_as_it_is() {
    assert_kept(&record());
    assert_kept(&Snapshot::new(u32::MAX, (0..=255).collect()));
    assert_kept(&[Revision(0), Revision(u64::MAX)]);
    assert_kept(&AddressHash([255; 16]));
    assert_kept(&append().suppressions);
    assert_kept(&append());
    assert_kept(&Erase::new(append(), vec![("crm-1".to_owned(), "{}".to_owned())]));
    assert_kept(&due());
    assert_kept(&Due::new(id("p-17"), Revision(1)));
    assert_kept(&DuePage::new(vec![due()], Some(at(0))));
    for order in [DueOrder::Rank, DueOrder::WakeAt, DueOrder::Appointment] {
        let mut query = DueQuery::new(order, 20);
        assert_kept(&query);
        (query.owner, query.before, query.opens_before) = (Some("ines".to_owned()), Some(at(1)), Some(at(2)));
        query.after = Some((at(0), id("p-16")));
        assert_kept(&query);
    }
    assert_kept(&Claim::new(at(0), at(60), 20));
    assert_kept(&Claimed::new(due(), Fence(u64::MAX)));
    assert_kept(&Renewal::new(id("p-17"), Fence(9), at(90)));
    assert_kept(&[UnderClaim::GoesOn(Fence(9)), UnderClaim::Ends(Fence(9))]);
    assert_kept(&HeadQuery::new(id("p-17"), vec!["crm-1".to_owned()]));
    let mut head = kept().head;
    head.known = vec![None, Some([3; 16])];
    assert_kept(&head);
    assert_kept(&Head::new(id("p-17"), Revision(0), Snapshot::new(1, vec![]), at(0)));
    assert_kept(&kept());
    assert_kept(&Changed::new(u64::MAX, id("p-17"), Revision(2)));
    assert_kept(&document());
    assert_kept(&DocumentQuery::new(DocumentKind::Playbook).named("house"));
    assert_kept(&[StoreErrorKind::Conflict, StoreErrorKind::Unknown, StoreErrorKind::Other]);
}

#[test]
fn extreme_instants_are_kept() {
    for instant in
        [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, at(0) - chrono::TimeDelta::nanoseconds(1)]
    {
        let mut record = record();
        (record.at, record.recorded_at) = (instant, instant);
        assert_kept(&record);
        assert_kept(&Suppression::of(AddressHash([0; 16]), instant));
    }
}

/// A change of these forms makes stores unreadable that are written by an earlier version.
#[test]
fn the_forms_that_stores_keep_do_not_change() {
    let hash: Vec<u8> = vec![0xA5; 16];
    let record_form = json!({
        "key": "crm-1", "at": "2026-03-06T14:00:00Z", "seq": -3, "kind": "replied", "body": "{\"text\":\"„Zoë“\"}",
        "hash": hash, "recorded_at": "2026-03-06T14:00:00.000007Z",
    });
    let due_form = json!({
        "prospect": "p-17", "revision": 4, "owner": "ines", "automatic": true,
        "earliest": "2026-03-06T14:00:00.000001Z", "target": "2026-03-06T14:00:00.000002Z",
        "latest": "2026-03-06T14:00:00.000003Z", "rank_at": "2026-03-06T14:00:00.000004Z",
        "wake_at": "2026-03-06T14:00:00.000005Z", "appointment_at": "2026-03-06T14:00:00.000006Z",
        "obligation": "answer:crm-1", "planned_by": "1/abc/2026b",
    });
    let head_form = json!({
        "prospect": "p-17", "revision": 4, "snapshot": { "fold_version": 3, "bytes": [0, 7, 255] },
        "profile": "{}", "since": "2026-03-06T14:00:00.000007Z", "known": [],
    });
    let kept_form = json!({
        "head": head_form, "due": due_form, "cursor": 12, "fence": 1,
        "leased_until": "2026-03-06T14:00:00.000060Z",
    });
    assert_eq!(json!(record()), record_form);
    assert_eq!(json!(kept()), kept_form);
    assert_eq!(json!(append().suppressions[1]), json!({ "address": vec![2; 16], "since": null }));
    assert_eq!(json!(append().claim), json!({ "ends": 9 }));
    assert_eq!(
        json!(Changed::new(1, id("p-17"), Revision(2))),
        json!({ "cursor": 1, "prospect": "p-17", "revision": 2 })
    );
    let document_form = json!({
        "kind": "owner_away", "name": "ines", "version": u64::MAX >> 1, "body": "2026-03-09/2026-03-13",
        "saved_at": "2026-03-06T14:00:00Z",
    });
    assert_eq!(json!(document()), document_form);
    assert_eq!(json!(DueOrder::WakeAt), "wake_at");
}

#[test]
fn fields_of_other_versions_do_not_make_a_value_unreadable() {
    let least = json!({ "prospect": "p-17", "revision": 1, "automatic": false, "obligation": "", "planned_by": "",
                        "of a later version": [1, 2] });
    let due: Due = serde_json::from_value(least).expect("missing and unknown fields are allowed");
    assert_eq!(due, Due::new(id("p-17"), Revision(1)));
}

#[test]
fn what_cannot_be_a_value_is_not_read() {
    let with = |name: &str, value: serde_json::Value| {
        let mut form = json!(due());
        form[name] = value;
        serde_json::from_value::<Due>(form).is_ok()
    };
    assert!(with("prospect", json!("p-18")));
    assert!(!with("prospect", json!("")), "ids are checked");
    assert!(!with("earliest", json!("yesterday")));
    assert!(!with("revision", json!(-1)));
}

/// Returns one of few different instants, so that many are equal.
fn instant() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    prop::option::weighted(0.8, (-6..6_i64).prop_map(at))
}

fn owner() -> impl Strategy<Value = Option<String>> {
    prop::option::of("ines|jo").prop_map(|owner| owner)
}

prop_compose! {
    fn entry()(owner in owner(), automatic: bool, earliest in instant(), rank_at in instant(), wake_at in instant()) -> Due {
        let mut due = Due::new(id("p"), Revision(1));
        (due.owner, due.automatic, due.earliest, due.rank_at, due.wake_at) = (owner, automatic, earliest, rank_at, wake_at);
        due
    }
}

prop_compose! {
    fn query()(
        order in prop::sample::select(vec![DueOrder::Rank, DueOrder::WakeAt]), owner in owner(), before in instant(),
        opens_before in instant(), after in instant(), after_id in 0..300_usize, limit in 0..40_usize,
    ) -> DueQuery {
        let mut query = DueQuery::new(order, limit);
        (query.owner, query.before, query.opens_before) = (owner, before, opens_before);
        query.after = after.map(|at| (at, id(&format!("p-{after_id:03}"))));
        query
    }
}

proptest! {
    #[test]
    fn any_text_is_kept(key in any::<String>(), kind in any::<String>(), body in any::<String>(),
                        hash: [u8; 16], bytes: Vec<u8>, seq: i64, micros in -10_i64.pow(15)..10_i64.pow(15)) {
        let mut record = Record::new(key, at(micros), kind, body);
        (record.hash, record.seq) = (hash, seq);
        assert_kept(&record);
        assert_kept(&Snapshot::new(1, bytes));
    }

    #[test]
    fn a_search_in_two_indexes_finds_what_a_filter_and_a_sort_find(
        mut entries in prop::collection::vec(entry(), 0..300), query in query(), skips_others: bool,
    ) {
        for (n, due) in entries.iter_mut().enumerate() {
            due.prospect = id(&format!("p-{n:03}"));
        }
        let owned = |due: &&Due| !skips_others || query.owner.is_none() || due.owner == query.owner;
        let index = |place: &dyn Fn(&Due) -> Option<DateTime<Utc>>| {
            let mut index: Vec<_> = entries.iter().filter(owned).filter(|due| place(due).is_some()).collect();
            index.sort_by_key(|due| (place(due), &due.prospect));
            index
        };
        let in_order = |n| {
            let is_after = |due: &&Due| {
                let place = due.place(query.order).expect("the index has only entries with a place");
                query.after.as_ref().is_none_or(|(at, id)| (place, &due.prospect) > (*at, id))
            };
            Ok(index(&|due| due.place(query.order)).into_iter().filter(is_after).take(n).cloned().collect())
        };
        let by_opening = |n| Ok(index(&|due| due.earliest).into_iter().take(n).cloned().collect());
        let found = query.search::<Infallible>(in_order, by_opening).expect("the indexes can be read");
        prop_assert_eq!(found, query.select(&entries));
    }
}

#[test]
fn a_prospect_as_one_value_follows_the_contract() {
    let kept = kept();
    assert_eq!((kept.held(), kept.fence, kept.head.revision), (Some(Fence(1)), Fence(1), Revision(4)));
    assert_eq!(kept.head.since, at(7), "since the first record was recorded");
    assert_eq!(kept.claimable_at(), Some(at(60)), "at the end of the lease");

    let mut next =
        Append::new(id("p-17"), Revision(4), vec![Record::new("b", at(9), "noted", "{}")], append().snapshot);
    let refused = |next: &Append, has_key: bool| {
        Kept::check(Some(&kept), next, |_| has_key).expect_err("it is refused").kind()
    };
    assert_eq!(refused(&next, true), StoreErrorKind::Conflict);
    next.claim = Some(UnderClaim::Ends(Fence(2)));
    assert_eq!(refused(&next, true), StoreErrorKind::Fenced, "fences are checked first");
    next.claim = Some(UnderClaim::GoesOn(Fence(1)));
    Kept::check(Some(&kept), &next, |_| false).expect("it fits");
    let goes_on = Kept::changed(Some(kept.clone()), &next, 13);
    assert_eq!((goes_on.held(), goes_on.cursor, &goes_on.due), (Some(Fence(1)), 13, &None));
    assert_eq!((goes_on.head.profile.as_deref(), goes_on.head.since), (Some("{}"), at(7)), "they stay");
    next.claim = Some(UnderClaim::Ends(Fence(1)));
    let mut ended = Kept::changed(Some(kept.clone()), &next, 13);
    assert_eq!((ended.held(), ended.fence), (None, Fence(1)), "the number is not given again");

    let renewal = Renewal::new(id("p-17"), Fence(1), at(90));
    let late = Kept::renew(Some(&mut ended), &renewal).expect_err("the claim has ended");
    assert_eq!((late.kind(), ended.held()), (StoreErrorKind::Fenced, None));
    assert_eq!(Kept::renew(None, &renewal).expect_err("nobody is there").kind(), StoreErrorKind::Fenced);
    let mut renewed = kept;
    Kept::renew(Some(&mut renewed), &renewal).expect("the claim is in force");
    assert_eq!(renewed.claimable_at(), Some(at(90)));
}
