//! Handing out what is sent without a person: leases and fences.

use std::thread;

use chrono::{DateTime, Utc};
use followup_core::{
    Claim, Claimed, DueOrder, DueQuery, Fence, Renewal, Revision, Store, StoreError, StoreErrorKind,
    UnderClaim,
};

use crate::Subject;
use crate::tools::{
    MICRO, Outcome, assert_refused, at, automatic, change, claim, due, erase, head, id, observe, polled_once,
};

/// Who was handed out, in order.
fn names(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|claimed| claimed.due.prospect.as_str()).collect()
}

/// The one claim that is made of the one prospect that is due.
async fn claim_the_one(
    store: &dyn Store,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Fence, StoreError> {
    let claimed = claim(store, now, until, 9).await?;
    assert_eq!(claimed.len(), 1, "the one entry that is open and free is handed out at {now}: {claimed:?}");
    Ok(claimed[0].fence)
}

/// What is handed out is the due entry as it was written.
pub async fn what_is_handed_out_is_the_entry(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut first = automatic("p-1", 0, "a", 0);
    let entry = first.due.as_mut().expect("it has one");
    entry.owner = Some("ines".to_owned());
    (entry.target, entry.latest) = (Some(at(1)), Some(at(2)));
    (entry.wake_at, entry.appointment_at) = (Some(at(3)), Some(at(4)));
    store.append(vec![first.clone()]).await?;
    let claimed = claim(store, at(0), at(10), 9).await?;
    assert_eq!(claimed.iter().map(|claimed| &claimed.due).collect::<Vec<_>>(), Vec::from_iter(&first.due));
    let still_due = due(store, DueQuery::new(DueOrder::Rank, 9)).await?;
    assert_eq!(still_due, Vec::from_iter(first.due), "what is claimed is due all the same");
    Ok(())
}

/// What a person sends, and what waits, is never handed out.
pub async fn what_is_not_automatic_is_not_handed_out(subject: &Subject) -> Outcome {
    let store = subject.store();
    let mut by_hand = automatic("p-1", 0, "a", 0);
    by_hand.due.as_mut().expect("it has one").automatic = false;
    let mut waiting = automatic("p-2", 0, "a", 0);
    waiting.due.as_mut().expect("it has one").earliest = None;
    let mut at_rest = automatic("p-3", 0, "a", 0);
    at_rest.due = None;
    store.append(vec![by_hand, waiting, at_rest]).await?;
    assert_eq!(claim(store, at(1_000_000), at(2_000_000), 9).await?, []);
    // Neither is it once it was, and is no more.
    store.append(vec![automatic("p-4", 0, "a", 0), automatic("p-5", 0, "a", 0)]).await?;
    let mut by_hand = automatic("p-4", 1, "b", 0);
    by_hand.due.as_mut().expect("it has one").automatic = false;
    let mut at_rest = automatic("p-5", 1, "b", 0);
    at_rest.due = None;
    store.append(vec![by_hand, at_rest]).await?;
    assert_eq!(claim(store, at(1_000_000), at(2_000_000), 9).await?, []);
    Ok(())
}

/// An entry is open at its earliest instant, and not a microsecond before.
pub async fn what_opens_a_microsecond_later_is_not_handed_out(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0), automatic("p-2", 0, "a", 1)]).await?;
    assert_eq!(claim(store, at(0) - MICRO, at(10), 9).await?, [], "at −1 µs nothing is open");
    assert_eq!(names(&claim(store, at(0), at(10), 9).await?), ["p-1"], "at 0 µs the first is");
    assert_eq!(names(&claim(store, at(0) + MICRO, at(10), 9).await?), ["p-2"], "at +1 µs the second is");
    Ok(())
}

/// A lease ends at its end, and not a microsecond before.
pub async fn what_is_claimed_is_free_at_the_end_of_its_lease(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    assert_eq!(claim(store, at(5), at(10), 9).await?.len(), 1);
    for now in [at(5), at(9), at(10) - MICRO] {
        assert_eq!(claim(store, now, at(20), 9).await?, [], "it is leased until after {now}");
    }
    assert_eq!(names(&claim(store, at(10), at(20), 9).await?), ["p-1"], "the end of a lease is exclusive");
    // A lease that has ended when it begins keeps nobody off.
    assert_eq!(names(&claim(store, at(20), at(20), 9).await?), ["p-1"]);
    assert_eq!(names(&claim(store, at(20), at(30), 9).await?), ["p-1"]);
    assert_eq!(claim(store, at(20), at(30), 9).await?, []);
    Ok(())
}

/// Each claim of a prospect has a larger number than all before it, whatever became of those.
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
    // A removal does not begin anew either.
    store.erase(erase("p-1", 5, "erased", &[])).await?;
    store.append(vec![automatic("p-1", 6, "again", 0)]).await?;
    let fence = claim_the_one(store, at(1_000), at(1_010)).await?;
    assert!(last < Some(fence), "claim {fence} comes after {last:?}");
    Ok(())
}

/// Who waits longest comes first: by the later of the opening and the end of the last lease, then by prospect id.
pub async fn what_waits_longest_is_handed_out_first(subject: &Subject) -> Outcome {
    let store = subject.store();
    for (prospect, opens) in [("é", 3), ("b", 3), ("a", 5), ("B", 3), ("c", 1), ("b1", 3), ("z", 0)] {
        store.append(vec![automatic(prospect, 0, "a", opens)]).await?;
    }
    assert_eq!(claim(store, at(9), at(99), 0).await?, [], "a limit of 0 gives none");
    assert_eq!(names(&claim(store, at(9), at(12), 2).await?), ["z", "c"]);
    assert_eq!(names(&claim(store, at(9), at(11), 1).await?), ["B"]);
    assert_eq!(names(&claim(store, at(11), at(100), 4).await?), ["b", "b1", "é", "a"]);
    // Those whose leases have ended stand behind what opened before, by the ends of their leases.
    store.append(vec![automatic("y", 0, "a", 11), automatic("x", 0, "a", 12)]).await?;
    assert_eq!(names(&claim(store, at(50), at(100), 3).await?), ["B", "y", "c"]);
    assert_eq!(names(&claim(store, at(50), at(100), 1).await?), ["x"]);
    assert_eq!(names(&claim(store, at(50), at(100), usize::MAX).await?), ["z"]);
    assert_eq!(claim(store, at(50), at(100), 9).await?, []);
    // A limit may be any number, and the store goes on.
    assert_eq!(claim(store, at(100), at(200), usize::MAX).await?.len(), 9);
    store.append(vec![automatic("w", 0, "a", 0)]).await?;
    assert_eq!(names(&claim(store, at(100), at(200), usize::MAX).await?), ["w"]);
    Ok(())
}

/// A change that ends the claim that it is made under gives the prospect back at once.
pub async fn a_claim_that_has_ended_may_be_claimed_again(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let first = claim_the_one(store, at(0), at(1_000)).await?;
    let mut sent = automatic("p-1", 1, "b", 5);
    sent.claim = Some(UnderClaim::Ends(first));
    store.append(vec![sent]).await?;
    assert_eq!(claim(store, at(4), at(1_000), 9).await?, [], "what is due now opens later");
    let second = claim_the_one(store, at(5), at(1_000)).await?;
    assert!(first < second, "claim {second} comes after {first}");
    // Ended is ended, whoever asks.
    let mut late = automatic("p-1", 2, "c", 5);
    late.claim = Some(UnderClaim::Ends(first));
    assert_refused(store.append(vec![late]).await, StoreErrorKind::Fenced, "p-1");
    Ok(())
}

/// A change under a claim that does not end it leaves the lease as it is.
pub async fn a_claim_that_goes_on_keeps_its_lease(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let fence = claim_the_one(store, at(0), at(50)).await?;
    for revision in 1..4 {
        let mut intent = automatic("p-1", revision, &format!("b{revision}"), 1);
        intent.claim = Some(UnderClaim::GoesOn(fence));
        store.append(vec![intent]).await?;
        assert_eq!(claim(store, at(49), at(99), 9).await?, [], "the lease runs until 50 µs as before");
    }
    claim_the_one(store, at(50), at(99)).await?;
    Ok(())
}

/// A change without a claim is made whoever has claimed the prospect, and leaves the claim as it is.
pub async fn a_change_without_a_claim_leaves_it_as_it_is(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let fence = claim_the_one(store, at(0), at(50)).await?;
    // Somebody records an answer, after which nothing is due, and then another.
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

/// A change or a removal under a claim that is not the newest, or has ended, is refused, whatever else is wrong.
pub async fn an_old_fence_is_refused_and_nothing_is_written(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0), change("p-2", 0, "a")]).await?;
    let old = claim_the_one(store, at(0), at(10)).await?;
    let new = claim_the_one(store, at(10), at(20)).await?;
    let unknown = Fence(new.0 + 1);
    let before = observe(store).await?;
    for fence in [old, unknown, Fence(0), Fence(u64::MAX)] {
        for claim in [UnderClaim::GoesOn(fence), UnderClaim::Ends(fence)] {
            // The fence is looked at first: the revision and the key may be wrong too.
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
    assert_eq!(observe(store).await?, before, "what is fenced off writes nothing");

    // The newest is good even after the end of its lease, as long as nobody else has claimed: stores read no clock.
    let mut sent = automatic("p-1", 1, "b", 0);
    sent.claim = Some(UnderClaim::Ends(new));
    store.append(vec![sent]).await?;
    let mut again = automatic("p-1", 2, "c", 0);
    again.claim = Some(UnderClaim::GoesOn(new));
    assert_refused(store.append(vec![again]).await, StoreErrorKind::Fenced, "p-1");
    Ok(())
}

/// A removal under a claim is made, and ends the claim if it says so.
pub async fn a_removal_can_be_made_under_a_claim(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let fence = claim_the_one(store, at(0), at(10)).await?;
    let mut removal = erase("p-1", 1, "erased", &[("a", "{}")]);
    removal.append.claim = Some(UnderClaim::Ends(fence));
    store.erase(removal).await?;
    assert_refused(store.renew(Renewal::new(id("p-1"), fence, at(20))).await, StoreErrorKind::Fenced, "p-1");
    assert_eq!(claim(store, at(100), at(200), 9).await?, [], "nothing is due of who is erased");
    Ok(())
}

/// A lease can be moved later, to work on, and earlier, to give back.
pub async fn a_lease_can_be_renewed_and_given_back(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    let fence = claim_the_one(store, at(0), at(10)).await?;
    store.renew(Renewal::new(id("p-1"), fence, at(30))).await?;
    assert_eq!(claim(store, at(30) - MICRO, at(99), 9).await?, [], "renewed until 30 µs");
    store.renew(Renewal::new(id("p-1"), fence, at(20))).await?;
    assert_eq!(claim(store, at(20) - MICRO, at(99), 9).await?, [], "given back at 20 µs");
    // Nobody has claimed it in between, so it can be taken up again after its end.
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

/// Claims and renewals are nothing that the feed, heads or what is due would show.
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

/// Claims in one book say nothing about another.
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

/// Of many workers who claim at once, no two hold the same prospect, and each sends what it holds.
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
    assert_eq!(all, each_once.iter().collect::<Vec<_>>(), "each prospect is held by one worker once");
    for prospect in each_once {
        assert_eq!(head(store, &prospect).await?.map(|head| head.revision), Some(Revision(2)), "{prospect}");
    }
    Ok(())
}

/// Claims a few at a time until there are no more, and records that they were sent, after which nothing is due.
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

/// What a claim leased whose future was dropped comes back at the end of the lease.
pub async fn a_dropped_claim_is_free_at_the_end_of_its_lease(subject: &Subject) -> Outcome {
    let store = subject.store();
    store.append(vec![automatic("p-1", 0, "a", 0)]).await?;
    drop(store.claim(Claim::new(at(0), at(10), 9)));
    let mut last = claim_the_one(store, at(0), at(10)).await?;
    for n in 1..20 {
        let (now, until) = (at(n * 10), at(n * 10 + 5));
        let polled = polled_once(store.claim(Claim::new(now, until, 9)));
        let lost = polled.transpose()?.is_none();
        // What comes after is written after.
        store.append(vec![change(&format!("q-{n}"), 0, "a")]).await?;
        let meanwhile = claim(store, now, until, 9).await?;
        assert!(lost || meanwhile.is_empty(), "what was handed out to one is not handed out to another");
        let next = claim_the_one(store, until, until + MICRO).await?;
        assert!(last < next, "claim {next} comes after {last}");
        last = next;
    }
    Ok(())
}
