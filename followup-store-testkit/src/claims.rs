//! Claims of automatic entries: leases and fences.

use std::thread;

use chrono::{DateTime, Utc};
use followup_core::store::{
    Claim, Claimed, DueOrder, DueQuery, Fence, Renewal, Revision, StoreErrorKind, UnderClaim,
};
use followup_core::{Store, StoreError};

use crate::Subject;
use crate::tools::{
    MICRO, Outcome, assert_refused, at, automatic, change, claim, due, erase, head, id, observe, polled_once,
};

/// Returns the ids of the claimed prospects, in order.
fn names(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|claimed| claimed.due.prospect.as_str()).collect()
}

/// Claims the one entry that can be claimed, and returns its fence.
async fn claim_the_one(
    store: &dyn Store,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Fence, StoreError> {
    let claimed = claim(store, now, until, 9).await?;
    assert_eq!(claimed.len(), 1, "exactly one entry is handed out at {now}: {claimed:?}");
    Ok(claimed[0].fence)
}

/// A claim returns the due entry as it was written.
pub async fn what_is_handed_out_is_the_entry(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut first = automatic("p-1", 0, "a", 0);
    let entry = first.due.as_mut().expect("the change has a due entry");
    entry.owner = Some("ines".to_owned());
    (entry.target, entry.latest) = (Some(at(1)), Some(at(2)));
    (entry.wake_at, entry.appointment_at) = (Some(at(3)), Some(at(4)));
    store.append(vec![first.clone()]).await?;
    let claimed = claim(store, at(0), at(10), 9).await?;
    assert_eq!(claimed.iter().map(|claimed| &claimed.due).collect::<Vec<_>>(), Vec::from_iter(&first.due));
    let still_due = due(store, DueQuery::new(DueOrder::Rank, 9)).await?;
    assert_eq!(still_due, Vec::from_iter(first.due), "a claimed entry is still due");
    Ok(())
}

/// An entry that is sent by hand, or that waits, is never handed out.
pub async fn what_is_not_automatic_is_not_handed_out(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut by_hand = automatic("p-1", 0, "a", 0);
    by_hand.due.as_mut().expect("the change has a due entry").automatic = false;
    let mut waiting = automatic("p-2", 0, "a", 0);
    waiting.due.as_mut().expect("the change has a due entry").earliest = None;
    let mut at_rest = automatic("p-3", 0, "a", 0);
    at_rest.due = None;
    store.append(vec![by_hand, waiting, at_rest]).await?;
    assert_eq!(claim(store, at(1_000_000), at(2_000_000), 9).await?, []);
    // Entries that used to be automatic are not handed out either.
    store.append(vec![automatic("p-4", 0, "a", 0), automatic("p-5", 0, "a", 0)]).await?;
    let mut by_hand = automatic("p-4", 1, "b", 0);
    by_hand.due.as_mut().expect("the change has a due entry").automatic = false;
    let mut at_rest = automatic("p-5", 1, "b", 0);
    at_rest.due = None;
    store.append(vec![by_hand, at_rest]).await?;
    assert_eq!(claim(store, at(1_000_000), at(2_000_000), 9).await?, []);
    Ok(())
}

/// An entry opens at its earliest instant, and not a microsecond before.
pub async fn what_opens_a_microsecond_later_is_not_handed_out(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0), automatic("p-2", 0, "a", 1)]).await?;
    assert_eq!(claim(store, at(0) - MICRO, at(10), 9).await?, [], "at −1 µs nothing is open");
    assert_eq!(names(&claim(store, at(0), at(10), 9).await?), ["p-1"], "at 0 µs the first is");
    assert_eq!(names(&claim(store, at(0) + MICRO, at(10), 9).await?), ["p-2"], "at +1 µs the second is");
    Ok(())
}

/// A claimed entry is free at the end of its lease (exclusive), and not a microsecond before.
pub async fn what_is_claimed_is_free_at_the_end_of_its_lease(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    assert_eq!(claim(store, at(5), at(10), 9).await?.len(), 1);
    for now in [at(5), at(9), at(10) - MICRO] {
        assert_eq!(claim(store, now, at(20), 9).await?, [], "the lease ends after {now}");
    }
    assert_eq!(names(&claim(store, at(10), at(20), 9).await?), ["p-1"], "the end of a lease is exclusive");
    // A lease that ends when it begins prevents no other claim.
    assert_eq!(names(&claim(store, at(20), at(20), 9).await?), ["p-1"]);
    assert_eq!(names(&claim(store, at(20), at(30), 9).await?), ["p-1"]);
    assert_eq!(claim(store, at(20), at(30), 9).await?, []);
    Ok(())
}

/// The answer to a claim says when the next entry can be claimed, at its opening or at the end of its lease, and a
/// limit of 0 asks for no more.
pub async fn a_claim_says_when_the_next_entry_can_be_claimed(subject: &Subject) -> Outcome {
    let store = subject.store();
    let ask = |now, limit| async move { Ok(store.claim(Claim::new(at(now), at(30), limit)).await?.next_at) };
    assert_eq!(ask(0, 9).await?, None, "an empty book has no entry");
    store.append(vec![change("p-0", 0, "by hand"), automatic("p-1", 0, "a", 10)]).await?;
    store.append(vec![automatic("p-2", 0, "a", 10), automatic("p-3", 0, "a", 40)]).await?;
    assert_eq!(ask(0, 9).await?, Some(at(10)), "the first opens at 10 µs");
    assert_eq!(ask(10, 0).await?, Some(at(10)), "a limit of 0 claims none");
    assert_eq!(ask(10, 1).await?, Some(at(10)), "the second is left");
    assert_eq!(ask(10, 9).await?, Some(at(30)), "both have a lease");
    let claimed = claim(store, at(30), at(90), 9).await?;
    assert_eq!((names(&claimed), ask(31, 0).await?), (vec!["p-1", "p-2"], Some(at(40))), "the third opens");
    let mut sent = change("p-3", 1, "sent");
    sent.due = None;
    store.append(vec![sent]).await?;
    assert_eq!(ask(31, 0).await?, Some(at(90)));
    Ok(())
}

/// Each claim of a prospect has a larger fence than all claims before it, ended or not.
pub async fn fences_grow(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "k0", 0)]).await?;
    let mut last = None;
    for n in 0..12 {
        let (now, until) = (at(n * 10), at(n * 10 + 10));
        let fence = claim_the_one(store, now, until).await?;
        assert!(last < Some(fence), "claim {fence} comes after {last:?}");
        last = Some(fence);
        let written = 1 + n as u64 / 3;
        match n % 3 {
            0 => {
                let mut ends = automatic("p-1", written, &format!("k{written}"), 0);
                ends.claim = Some(UnderClaim::Ends(fence));
                store.append(vec![ends]).await?;
            }
            1 => store.renew(Renewal::new(id("p-1"), fence, now)).await?,
            _ => {}
        }
    }
    // A removal does not reset fences either.
    store.erase(erase("p-1", 5, "erased", &[])).await?;
    store.append(vec![automatic("p-1", 6, "again", 0)]).await?;
    let fence = claim_the_one(store, at(1_000), at(1_010)).await?;
    assert!(last < Some(fence), "claim {fence} comes after {last:?}");
    Ok(())
}

/// Entries are ordered by the later of their opening and the end of their last lease, then by prospect id.
pub async fn what_waits_longest_is_handed_out_first(subject: &Subject) -> Outcome {
    let store = subject.store();
    for (prospect, opens) in [("é", 3), ("b", 3), ("a", 5), ("B", 3), ("c", 1), ("b1", 3), ("z", 0)] {
        store.append(vec![automatic(prospect, 0, "a", opens)]).await?;
    }
    assert_eq!(claim(store, at(9), at(99), 0).await?, [], "a limit of 0 returns none");
    assert_eq!(names(&claim(store, at(9), at(12), 2).await?), ["z", "c"]);
    assert_eq!(names(&claim(store, at(9), at(11), 1).await?), ["B"]);
    assert_eq!(names(&claim(store, at(11), at(100), 4).await?), ["b", "b1", "é", "a"]);
    // Entries whose lease has ended come after entries that opened before that end.
    store.append(vec![automatic("y", 0, "a", 11), automatic("x", 0, "a", 12)]).await?;
    assert_eq!(names(&claim(store, at(50), at(100), 3).await?), ["B", "y", "c"]);
    assert_eq!(names(&claim(store, at(50), at(100), 1).await?), ["x"]);
    assert_eq!(names(&claim(store, at(50), at(100), usize::MAX).await?), ["z"]);
    assert_eq!(claim(store, at(50), at(100), 9).await?, []);
    // Any number is a valid limit, and the store continues to work.
    assert_eq!(claim(store, at(100), at(200), usize::MAX).await?.len(), 9);
    store.append(vec![automatic("w", 0, "a", 0)]).await?;
    assert_eq!(names(&claim(store, at(100), at(200), usize::MAX).await?), ["w"]);
    Ok(())
}

/// A change that ends its claim makes the prospect free at once.
pub async fn a_claim_that_has_ended_may_be_claimed_again(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let first = claim_the_one(store, at(0), at(1_000)).await?;
    let mut sent = automatic("p-1", 1, "b", 5);
    sent.claim = Some(UnderClaim::Ends(first));
    store.append(vec![sent]).await?;
    assert_eq!(claim(store, at(4), at(1_000), 9).await?, [], "the new entry opens later");
    let second = claim_the_one(store, at(5), at(1_000)).await?;
    assert!(first < second, "claim {second} comes after {first}");
    // A claim that has ended stays ended.
    let mut late = automatic("p-1", 2, "c", 5);
    late.claim = Some(UnderClaim::Ends(first));
    assert_refused(store.append(vec![late]).await, StoreErrorKind::Fenced, "p-1");
    Ok(())
}

/// A change under a claim that goes on leaves the lease unchanged.
pub async fn a_claim_that_goes_on_keeps_its_lease(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let fence = claim_the_one(store, at(0), at(50)).await?;
    for revision in 1..4 {
        let mut intent = automatic("p-1", revision, &format!("b{revision}"), 1);
        intent.claim = Some(UnderClaim::GoesOn(fence));
        store.append(vec![intent]).await?;
        assert_eq!(claim(store, at(49), at(99), 9).await?, [], "the lease still ends at 50 µs");
    }
    claim_the_one(store, at(50), at(99)).await?;
    Ok(())
}

/// A change without a claim succeeds even if the prospect is claimed, and leaves the claim unchanged.
pub async fn a_change_without_a_claim_leaves_it_as_it_is(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let fence = claim_the_one(store, at(0), at(50)).await?;
    // One answer is recorded, after which nothing is due, and then another.
    let mut rest = automatic("p-1", 1, "b", 0);
    rest.due = None;
    store.append(vec![rest]).await?;
    assert_eq!(claim(store, at(60), at(99), 9).await?, [], "nothing is due");
    store.append(vec![automatic("p-1", 2, "c", 1)]).await?;
    assert_eq!(claim(store, at(49), at(99), 9).await?, [], "the lease runs on");
    let mut sent = automatic("p-1", 3, "d", 1);
    sent.claim = Some(UnderClaim::GoesOn(fence));
    store.append(vec![sent]).await?;
    claim_the_one(store, at(50), at(99)).await?;
    Ok(())
}

/// A change or removal under a claim that is not the newest or has ended is refused, before all other checks.
pub async fn an_old_fence_is_refused_and_nothing_is_written(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0), change("p-2", 0, "a")]).await?;
    let old = claim_the_one(store, at(0), at(10)).await?;
    let new = claim_the_one(store, at(10), at(20)).await?;
    let unknown = Fence(new.0 + 1);
    let before = observe(store).await?;
    for fence in [old, unknown, Fence(0), Fence(u64::MAX)] {
        for claim in [UnderClaim::GoesOn(fence), UnderClaim::Ends(fence)] {
            // The fence is checked first: the revision and the key may be wrong too.
            for (revision, key) in [(1, "b"), (7, "b"), (1, "a")] {
                let mut late = change("p-1", revision, key);
                late.claim = Some(claim);
                let list = vec![change("p-2", 1, "x"), late.clone()];
                assert_refused(store.append(list).await, StoreErrorKind::Fenced, "p-1");
                let mut removal = erase("p-1", revision, key, &[]);
                removal.append.claim = Some(claim);
                assert_refused(store.erase(removal).await, StoreErrorKind::Fenced, "p-1");
            }
        }
    }
    for (prospect, revision) in [("p-2", 1), ("p-9", 0)] {
        let mut never_claimed = change(prospect, revision, "b");
        never_claimed.claim = Some(UnderClaim::GoesOn(Fence(1)));
        assert_refused(store.append(vec![never_claimed]).await, StoreErrorKind::Fenced, prospect);
    }
    assert_eq!(observe(store).await?, before, "a fenced change writes nothing");

    // The newest claim is valid even after the end of its lease, until another claim: stores do not read a clock.
    let mut sent = automatic("p-1", 1, "b", 0);
    sent.claim = Some(UnderClaim::Ends(new));
    store.append(vec![sent]).await?;
    let mut again = automatic("p-1", 2, "c", 0);
    again.claim = Some(UnderClaim::GoesOn(new));
    assert_refused(store.append(vec![again]).await, StoreErrorKind::Fenced, "p-1");
    Ok(())
}

/// A removal can be made under a claim, and can end the claim.
pub async fn a_removal_can_be_made_under_a_claim(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let fence = claim_the_one(store, at(0), at(10)).await?;
    let mut removal = erase("p-1", 1, "erased", &[("a", "{}")]);
    removal.append.claim = Some(UnderClaim::Ends(fence));
    store.erase(removal).await?;
    assert_refused(store.renew(Renewal::new(id("p-1"), fence, at(20))).await, StoreErrorKind::Fenced, "p-1");
    assert_eq!(claim(store, at(100), at(200), 9).await?, [], "an erased prospect has no due entry");
    Ok(())
}

/// A lease can be extended, and shortened to give the entry back.
pub async fn a_lease_can_be_renewed_and_given_back(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let fence = claim_the_one(store, at(0), at(10)).await?;
    store.renew(Renewal::new(id("p-1"), fence, at(30))).await?;
    assert_eq!(claim(store, at(30) - MICRO, at(99), 9).await?, [], "renewed until 30 µs");
    store.renew(Renewal::new(id("p-1"), fence, at(20))).await?;
    assert_eq!(claim(store, at(20) - MICRO, at(99), 9).await?, [], "given back at 20 µs");
    // There was no other claim in between, so the lease can be renewed after its end.
    store.renew(Renewal::new(id("p-1"), fence, at(40))).await?;
    assert_eq!(claim(store, at(39), at(99), 9).await?, []);
    store.renew(Renewal::new(id("p-1"), fence, at(-5))).await?;
    let next = claim_the_one(store, at(0), at(50)).await?;
    assert!(fence < next, "claim {next} comes after {fence}");
    Ok(())
}

/// A claim that is not the newest, or has ended, cannot be renewed.
pub async fn only_the_newest_claim_can_be_renewed(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0), change("p-2", 0, "a")]).await?;
    let old = claim_the_one(store, at(0), at(10)).await?;
    let new = claim_the_one(store, at(10), at(20)).await?;
    for (prospect, fence) in [
        ("p-1", old),
        ("p-1", Fence(new.0 + 1)),
        ("p-1", Fence(0)),
        ("p-2", Fence(0)),
        ("p-2", new),
        ("p-9", new),
    ] {
        let renewal = Renewal::new(id(prospect), fence, at(99));
        assert_refused(store.renew(renewal).await, StoreErrorKind::Fenced, prospect);
    }
    assert_eq!(claim(store, at(19), at(99), 9).await?, [], "a refused renewal moves nothing");
    let mut sent = automatic("p-1", 1, "b", 0);
    sent.claim = Some(UnderClaim::Ends(new));
    store.append(vec![sent]).await?;
    assert_refused(store.renew(Renewal::new(id("p-1"), new, at(99))).await, StoreErrorKind::Fenced, "p-1");
    claim_the_one(store, at(19), at(99)).await?;
    Ok(())
}

/// Claims and renewals change neither the feed nor heads nor due entries.
pub async fn a_claim_is_no_change(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0), automatic("p-2", 0, "a", 0)]).await?;
    let before = observe(store).await?;
    let claimed = claim(store, at(0), at(10), 1).await?;
    assert_eq!(observe(store).await?, before, "after a claim");
    store.renew(Renewal::new(id("p-1"), claimed[0].fence, at(20))).await?;
    assert_eq!(observe(store).await?, before, "after a renewal");
    Ok(())
}

/// Claims in one book do not affect another.
pub async fn books_have_their_own(subject: &Subject) -> Outcome {
    let (main, agency) = (subject.store(), subject.other_book());
    main.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    assert_eq!(claim(agency, at(9), at(99), 9).await?, [], "another book's entries are not handed out");
    let fence = claim_the_one(main, at(0), at(10)).await?;
    let elsewhere = agency.renew(Renewal::new(id("p-1"), fence, at(99))).await;
    assert_refused(elsewhere, StoreErrorKind::Fenced, "p-1");
    agency.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let theirs = claim_the_one(agency, at(0), at(50)).await?;
    assert_eq!(claim(main, at(9), at(99), 9).await?, []);
    claim_the_one(main, at(10), at(99)).await?;
    let mut sent = automatic("p-1", 1, "b", 0);
    sent.claim = Some(UnderClaim::Ends(theirs));
    agency.append(vec![sent]).await
}

/// Of many workers that claim at once, no two hold the same prospect, and each sends what it holds.
pub async fn many_workers_at_once_never_hold_the_same(subject: &Subject) -> Outcome {
    const WORKERS: usize = 8;
    const PROSPECTS: usize = 60;
    let store = subject.store();
    let added = (0..PROSPECTS).map(|n| automatic(&format!("p-{n:02}"), 0, "added", n as i64 % 3));
    store.append(added.collect()).await?;
    let sent: Vec<Vec<String>> = thread::scope(|scope| {
        let workers: Vec<_> =
            (0..WORKERS).map(|worker| scope.spawn(move || pollster::block_on(work(store, worker)))).collect();
        workers.into_iter().map(|worker| worker.join().expect("no worker panics")).collect::<Result<_, _>>()
    })?;
    let mut all: Vec<&String> = sent.iter().flatten().collect();
    all.sort();
    let each_once: Vec<String> = (0..PROSPECTS).map(|n| format!("p-{n:02}")).collect();
    assert_eq!(all, each_once.iter().collect::<Vec<_>>(), "each prospect is held once, by one worker");
    for prospect in each_once {
        assert_eq!(head(store, &prospect).await?.map(|head| head.revision), Some(Revision(2)), "{prospect}");
    }
    Ok(())
}

/// Claims a few entries at a time until none are left, and records each as sent, after which it is not due.
async fn work(store: &dyn Store, worker: usize) -> Result<Vec<String>, StoreError> {
    let mut sent = Vec::new();
    loop {
        let claimed = claim(store, at(10), at(1_000), 1 + worker % 4).await?;
        if claimed.is_empty() {
            return Ok(sent);
        }
        for Claimed { due, fence, .. } in claimed {
            let mut change = change(due.prospect.as_str(), due.revision.0, &format!("sent by {worker}"));
            (change.due, change.claim) = (None, Some(UnderClaim::Ends(fence)));
            store.append(vec![change]).await?;
            sent.push(due.prospect.to_string());
        }
    }
}

/// Entries leased by a claim whose future was dropped are free at the end of the lease.
pub async fn a_dropped_claim_is_free_at_the_end_of_its_lease(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    drop(store.claim(Claim::new(at(0), at(10), 9)));
    let mut last = claim_the_one(store, at(0), at(10)).await?;
    for n in 1..20 {
        let (now, until) = (at(n * 10), at(n * 10 + 5));
        let polled = polled_once(store.claim(Claim::new(now, until, 9)));
        let lost = polled.transpose()?.is_none();
        // A later change is written later.
        store.append(vec![change(&format!("q-{n}"), 0, "a")]).await?;
        let meanwhile = claim(store, now, until, 9).await?;
        assert!(lost || meanwhile.is_empty(), "an entry is handed out only once");
        let next = claim_the_one(store, until, until + MICRO).await?;
        assert!(last < next, "claim {next} comes after {last}");
        last = next;
    }
    Ok(())
}
