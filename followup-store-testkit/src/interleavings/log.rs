//! A log of the answers that the workers got, and the statements that hold for it in any order of turns.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use followup_core::Store;
use followup_core::store::{Fence, StoreExt, UnderClaim};

use crate::tools::id;

/// How a change is written.
#[derive(Clone, Copy)]
pub(super) enum Book {
    Append,
    Erase,
}

/// A claim as known to its worker.
struct Held {
    fence: Fence,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    has_ended: bool,
}

/// The log of a prospect.
#[derive(Default)]
struct Known {
    /// The claims, by fence.
    claims: BTreeMap<u64, Held>,
    /// The claim under which each revision was written.
    written: BTreeMap<u64, Option<UnderClaim>>,
}

/// The answers that the workers got.
#[derive(Default)]
pub(super) struct Log {
    prospects: BTreeMap<String, Known>,
    turns: i64,
    wrong: Vec<String>,
}

impl Log {
    /// Begins a turn, and returns the time of the clock, which is the number of turns.
    pub(super) fn tick(&mut self) -> i64 {
        self.turns += 1;
        self.turns
    }

    /// Returns the largest fence given so far. An operation that begins now under a smaller one is late.
    pub(super) fn newest(&self, prospect: &str) -> u64 {
        self.prospects.get(prospect).and_then(|known| known.claims.keys().last().copied()).unwrap_or(0)
    }

    pub(super) fn handed_out(
        &mut self,
        prospect: &str,
        fence: Fence,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) {
        let known = self.prospects.entry(prospect.to_owned()).or_default();
        let held = Held { fence, now, until, has_ended: false };
        if known.claims.insert(fence.0, held).is_some() {
            self.wrong.push(format!("{prospect} was handed out twice with fence {fence}"));
        }
    }

    pub(super) fn renewed(&mut self, prospect: &str, fence: Fence, until: DateTime<Utc>, newest: u64) {
        if fence.0 < newest {
            self.wrong
                .push(format!("claim {fence} of {prospect} was renewed after claim {newest} was given"));
        }
        let known = self.prospects.entry(prospect.to_owned()).or_default();
        known.claims.get_mut(&fence.0).expect("a worker renews a claim that it has got").until = until;
    }

    pub(super) fn written(&mut self, prospect: &str, revision: u64, claim: Option<UnderClaim>, newest: u64) {
        let known = self.prospects.entry(prospect.to_owned()).or_default();
        if let Some(fence) = claim.map(UnderClaim::fence).filter(|fence| fence.0 < newest) {
            self.wrong
                .push(format!("{prospect} was changed under claim {fence} after claim {newest} was given"));
        }
        if let Some(UnderClaim::Ends(fence)) = claim {
            known.claims.get_mut(&fence.0).expect("a worker ends a claim that it has got").has_ended = true;
        }
        if known.written.insert(revision, claim).is_some() {
            self.wrong.push(format!("{prospect} was changed twice at revision {revision}"));
        }
    }

    /// Checks that the log is consistent and agrees with the store.
    pub(super) async fn verdict(mut self, store: &dyn Store, added: u64) -> Result<(), String> {
        for (prospect, known) in &self.prospects {
            self.wrong.extend(held_by_two(prospect, known));
            self.wrong.extend(late(prospect, known));
            let head = store.head_of(&id(prospect)).await.map_err(|error| error.to_string())?;
            let journal = store.history(&id(prospect)).await.map_err(|error| error.to_string())?;
            let right = added + known.written.len() as u64;
            let found = (head.map_or(0, |head| head.revision.0), journal.len() as u64);
            if found != (right, right) {
                let why =
                    format!("{prospect} was changed {right} times, but its head and journal have {found:?}");
                self.wrong.push(why);
            }
            if !known.written.keys().copied().eq(added..right) {
                self.wrong.push(format!("{prospect} has gaps in its revisions: {:?}", known.written.keys()));
            }
        }
        if self.wrong.is_empty() { Ok(()) } else { Err(self.wrong.join("\n")) }
    }
}

/// Checks that of two claims, the earlier one had ended or expired when the later one was given.
///
/// A successful renewal happened before the later claim, no matter when its worker got the answer, so the renewed end
/// counts.
fn held_by_two(prospect: &str, known: &Known) -> Option<String> {
    let claims = || known.claims.values();
    claims().zip(claims().skip(1)).find(|(one, other)| !one.has_ended && one.until > other.now).map(
        |(one, other)| {
            format!(
                "{prospect} was held twice at once: claim {} until {}, but claim {} was given at {}",
                one.fence, one.until, other.fence, other.now
            )
        },
    )
}

/// Checks that nothing was written under an old claim, in the order of revisions, which is the order of writing.
fn late(prospect: &str, known: &Known) -> Option<String> {
    let claims: Vec<UnderClaim> = known.written.values().copied().flatten().collect();
    let is_late = |pair: &[UnderClaim]| {
        let ended = matches!(pair[0], UnderClaim::Ends(_)) && pair[0].fence() == pair[1].fence();
        ended || pair[0].fence() > pair[1].fence()
    };
    let late = claims.windows(2).find(|pair| is_late(pair))?;
    Some(format!("{prospect} was changed under {:?} after it had been changed under {:?}", late[1], late[0]))
}
