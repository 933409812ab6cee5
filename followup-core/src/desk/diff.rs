//! What a playbook would change, before it is published.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Desk, DeskError};
use crate::plan::{self, Decided, Outcome, Plan};
use crate::playbook::Playbook;
use crate::prospect::ProspectId;
use crate::report::Quantiles;
use crate::state::ProspectState;
use crate::store::StoreExt;
use crate::time::{Micros, Zone, to_instant, to_micros};

/// What would change if a playbook held from an instant on for everybody on the one of its name.
#[derive(Clone, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct PlaybookDiff {
    /// Everybody who was compared.
    pub prospects: u64,
    /// For how many the same is next: what, when and how.
    pub same: u64,
    /// For how many it is not.
    pub changed: u64,
    /// Who would start: something is to be done that was not.
    pub starts: u64,
    /// Who would stop: nothing is to be done any more, and nothing waited for.
    pub stops: u64,
    /// Whose next action would have an earlier latest instant.
    pub earlier: u64,
    /// Whose next action would have a later one.
    pub later: u64,
    /// By how many days, of those earlier or later: earlier is negative.
    pub shift_days: Quantiles,
    /// Whose next action would be for another purpose.
    pub purpose: u64,
    /// Whose next action would be on another channel.
    pub channel: u64,
    /// How many next actions each civil day has: that of their target where they are, and of those whose target is
    /// over today.
    pub load: BTreeMap<NaiveDate, DayLoad>,
    /// The first of those who would change, by prospect id: as many as were asked for.
    pub changes: Vec<PlanChange>,
}

/// How many next actions a day has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct DayLoad {
    /// Now.
    pub before: u64,
    /// Under the playbook that is compared.
    pub after: u64,
}

/// Somebody for whom something else would be next.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct PlanChange {
    /// Who.
    pub prospect: ProspectId,
    /// Their name.
    pub name: Option<String>,
    /// Their zone.
    pub zone: Zone,
    /// What is next now.
    pub before: Plan,
    /// What would be.
    pub after: Plan,
}

impl Desk {
    /// What a playbook would change if it were published now and everybody moved: everybody on the playbook of its name
    /// is planned under the one that holds for them and under this one. If nobody can be on that name, because the
    /// desk has no such playbook, everybody is compared.
    ///
    /// What time alone has changed by `now` is folded in under the playbook that held, and then under the new one. With
    /// a `now` before recorded events it is a view of the past, as elsewhere. At most `listed` of those who would change
    /// are listed; memory does not grow with the number of prospects.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn diff(
        &self,
        playbook: &Playbook,
        now: DateTime<Utc>,
        listed: usize,
    ) -> Result<PlaybookDiff, DeskError> {
        let mut diff = PlaybookDiff::default();
        let mut shifts = BTreeMap::new();
        let everybody = self.playbook_named(playbook.name(), None).is_none();
        let mut pages = self.store.pages();
        while let Some(page) = pages.next().await? {
            for log in self.logs(&page).await? {
                let Some((log, state, _)) = self.state_at(log, now).await? else { continue };
                if !everybody && self.shelf.name_of(&state) != playbook.name() {
                    continue;
                }
                let mut moved = state.clone();
                moved.wake(playbook, now);
                let (state, moved) = (self.seen(&log, &state, now), self.seen(&log, &moved, now));
                let old = self.playbook_of(&state);
                let (before, after) = (plan::decide(&state, old), plan::decide(&moved, playbook));
                let changed = diff.count(&state, &before, &after, now, &mut shifts);
                if changed && diff.changes.len() < listed {
                    diff.changes.push(PlanChange {
                        prospect: log.prospect.clone(),
                        name: log.profile.name.clone(),
                        zone: state.zone(),
                        before: plan::plan(&state, old),
                        after: plan::plan(&moved, playbook),
                    });
                }
            }
        }
        diff.shift_days = Quantiles::of_values(&shifts, 1.0 / MICROS_OF_A_DAY);
        Ok(diff)
    }
}

const MICROS_OF_A_DAY: f64 = 86_400e6;

impl PlaybookDiff {
    /// Counts one prospect; whether something else would be next.
    fn count(
        &mut self,
        state: &ProspectState,
        before: &Decided<'_>,
        after: &Decided<'_>,
        now: DateTime<Utc>,
        shifts: &mut BTreeMap<Micros, u64>,
    ) -> bool {
        let day = |target: Micros| state.zone().date_of(to_instant(target.max(to_micros(now))));
        self.prospects += 1;
        if let Outcome::Act { next, .. } = &before.outcome {
            self.load.entry(day(next.when.target)).or_default().before += 1;
        }
        if let Outcome::Act { next, .. } = &after.outcome {
            self.load.entry(day(next.when.target)).or_default().after += 1;
        }
        if before.outcome == after.outcome {
            self.same += 1;
            return false;
        }
        self.changed += 1;
        match (&before.outcome, &after.outcome) {
            (Outcome::Act { next: one, .. }, Outcome::Act { next: other, .. }) => {
                let shift = other.when.latest - one.when.latest;
                self.earlier += u64::from(shift < 0);
                self.later += u64::from(shift > 0);
                if shift != 0 {
                    *shifts.entry(shift).or_default() += 1;
                }
                self.purpose += u64::from(one.purpose != other.purpose);
                self.channel += u64::from(one.form.channel != other.form.channel);
            }
            (Outcome::Rest { .. }, Outcome::Rest { .. }) => {}
            (_, Outcome::Act { .. }) => self.starts += 1,
            (_, Outcome::Rest { .. }) => self.stops += 1,
            _ => {}
        }
        true
    }
}
