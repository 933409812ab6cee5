//! What the workers were told, and what must hold of it whatever the order in which they were told.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use followup_core::{Fence, Store, StoreExt, UnderClaim};

use crate::tools::id;

/// How a change is written.
#[derive(Clone, Copy)]
pub(super) enum Book {
    Append,
    Erase,
}

/// A claim as its worker knows it.
struct Held {
    fence: Fence,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    has_ended: bool,
}

/// What is known of a prospect.
#[derive(Default)]
struct Known {
    /// By fence.
    claims: BTreeMap<u64, Held>,
    /// For each revision that was written: under which claim.
    written: BTreeMap<u64, Option<UnderClaim>>,
}

/// What the workers were told.
#[derive(Default)]
pub(super) struct Log {
    prospects: BTreeMap<String, Known>,
    turns: i64,
    wrong: Vec<String>,
}

impl Log {
    /// One more turn; the clock goes on by as much.
    pub(super) fn tick(&mut self) -> i64 {
        self.turns += 1;
        self.turns
    }

    /// The largest number that was given out so far: what begins from here under a smaller one is late.
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
            self.wrong.push(format!("{prospect} was handed out twice under claim {fence}"));
        }
    }

    pub(super) fn renewed(&mut self, prospect: &str, fence: Fence, until: DateTime<Utc>, newest: u64) {
        if fence.0 < newest {
            self.wrong
                .push(format!("claim {fence} of {prospect} was renewed after claim {newest} was given out"));
        }
        let known = self.prospects.entry(prospect.to_owned()).or_default();
        known.claims.get_mut(&fence.0).expect("who renews was handed it").until = until;
    }

    pub(super) fn written(&mut self, prospect: &str, revision: u64, claim: Option<UnderClaim>, newest: u64) {
        let known = self.prospects.entry(prospect.to_owned()).or_default();
        if let Some(fence) = claim.map(UnderClaim::fence).filter(|fence| fence.0 < newest) {
            self.wrong.push(format!(
                "{prospect} was changed under claim {fence} after claim {newest} was given out"
            ));
        }
        if let Some(UnderClaim::Ends(fence)) = claim {
            known.claims.get_mut(&fence.0).expect("who ends a claim was handed it").has_ended = true;
        }
        if known.written.insert(revision, claim).is_some() {
            self.wrong.push(format!("{prospect} was changed twice at revision {revision}"));
        }
    }

    /// Whether what was told is what the store says, and fits together.
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
                    format!("{prospect} was changed {right} times, and its head and journal have {found:?}");
                self.wrong.push(why);
            }
            if !known.written.keys().copied().eq(added..right) {
                self.wrong.push(format!("{prospect} has gaps in its revisions: {:?}", known.written.keys()));
            }
        }
        if self.wrong.is_empty() { Ok(()) } else { Err(self.wrong.join("\n")) }
    }
}

/// That of two claims the earlier had ended or run out when the later was given.
///
/// A renewal that succeeded came before the later claim, whenever its worker was told: so its end is the one that
/// counts.
fn held_by_two(prospect: &str, known: &Known) -> Option<String> {
    let claims = || known.claims.values();
    claims().zip(claims().skip(1)).find(|(one, other)| !one.has_ended && one.until > other.now).map(
        |(one, other)| {
            format!(
                "{prospect} was held by two at once: claim {} until {}, and claim {} was given out at {}",
                one.fence, one.until, other.fence, other.now
            )
        },
    )
}

/// That nothing was written under an old claim, in the order of the revisions, which is the order of writing.
fn late(prospect: &str, known: &Known) -> Option<String> {
    let claims: Vec<UnderClaim> = known.written.values().copied().flatten().collect();
    let is_late = |pair: &[UnderClaim]| {
        let ended = matches!(pair[0], UnderClaim::Ends(_)) && pair[0].fence() == pair[1].fence();
        ended || pair[0].fence() > pair[1].fence()
    };
    let late = claims.windows(2).find(|pair| is_late(pair))?;
    Some(format!("{prospect} was changed under {:?} after it had been changed under {:?}", late[1], late[0]))
}
