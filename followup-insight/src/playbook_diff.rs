//! The effect of a new playbook on the plans of all prospects, before it is published.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};

use crate::report::Quantiles;
use crate::simulate::by_day;
use followup::{Desk, DeskError};
use followup_core::plan::{self, Decided, Decision, Plan};
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::state::ProspectState;
use followup_core::time::{Micros, Zone, to_instant, to_micros};

/// The changes to plans if a playbook replaced the one of its name. See [`Insight::diff`](crate::Insight::diff).
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, Desk, Playbook, Prospect};
/// # use followup_insight::Insight;
/// use followup_insight::playbook_diff::{DayLoad, PlanChange, PlaybookDiff};
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.add(Prospect::new("p-17")?.name("Ada").email("ada@example.org")?, t).await?;
/// let slower = Playbook::parse("version = 2\n[cadence]\nfirst_within = \"3 open days\"\n")?;
/// let diff: PlaybookDiff = Insight::new(&desk).diff(slower, t, 10).await?;
/// assert_eq!((diff.prospects, diff.changed, diff.later), (1, 1, 1));
/// let PlanChange { name, before, after, .. } = &diff.changes[0];
/// assert_eq!(name.as_deref(), Some("Ada"));
/// let latest = |plan: &followup::Plan| plan.next().expect("a first contact").window.latest.to_rfc3339();
/// assert_eq!(latest(before), "2026-03-09T17:00:00+00:00");
/// assert_eq!(latest(after), "2026-03-11T17:00:00+00:00");
/// let DayLoad { before, after, .. } = diff.load[&"2026-03-09".parse()?];
/// assert_eq!((before, after), (1, 1), "the target of the first contact stays the same");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct PlaybookDiff {
    /// The name of the new playbook.
    pub playbook: String,
    /// The version of the new playbook.
    pub version: u32,
    /// Number of prospects that were compared.
    pub prospects: u64,
    /// Number of prospects whose plan would stay the same.
    pub same: u64,
    /// Number of prospects whose plan would change.
    pub changed: u64,
    /// Number of prospects who would get a next action and have none now.
    pub starts: u64,
    /// Number of prospects who would come to rest and are not at rest now.
    pub stops: u64,
    /// Number of prospects whose next action would have an earlier latest instant.
    pub earlier: u64,
    /// Number of prospects whose next action would have a later latest instant.
    pub later: u64,
    /// Days by which the latest instant would move, of those that move; earlier is negative.
    pub shift_days: Quantiles,
    /// Number of prospects whose next action would have another purpose.
    pub purpose: u64,
    /// Number of prospects whose next action would be on another channel.
    pub channel: u64,
    /// Number of next actions by civil day of their target in the prospect's zone; targets in the past count for today.
    #[serde(serialize_with = "by_day")]
    pub load: BTreeMap<NaiveDate, DayLoad>,
    /// The first changes, ordered by prospect id, up to the requested number.
    pub changes: Vec<PlanChange>,
}

/// The number of next actions on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct DayLoad {
    /// The number now.
    pub before: u64,
    /// The number under the new playbook.
    pub after: u64,
}

/// A prospect whose plan would change.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct PlanChange {
    /// The prospect.
    pub prospect: ProspectId,
    /// The name of the prospect.
    pub name: Option<String>,
    /// The zone of the prospect.
    pub zone: Zone,
    /// The plan now.
    pub before: Plan,
    /// The plan under the new playbook.
    pub after: Plan,
}

pub(crate) async fn diff(
    desk: &Desk,
    policy: &Policy,
    now: DateTime<Utc>,
    listed: usize,
) -> Result<PlaybookDiff, DeskError> {
    let mut diff = PlaybookDiff {
        playbook: policy.name().to_owned(),
        version: policy.settings().version,
        ..PlaybookDiff::default()
    };
    let mut shifts = BTreeMap::new();
    let everybody = desk.policy_named(policy.name(), None).is_none();
    let mut pages = desk.read().pages();
    while let Some(page) = pages.next().await? {
        for position in desk.read().positions(&page, now).await? {
            let (state, old) = (position.state(), position.policy());
            if !everybody && desk.read().playbook_name_of(state) != policy.name() {
                continue;
            }
            let moved = position.state_under(policy, now);
            let (before, after) = (plan::decide(state, old), plan::decide(&moved, policy));
            let changed = diff.count(state, &before, &after, now, &mut shifts);
            if changed && diff.changes.len() < listed {
                diff.changes.push(PlanChange {
                    prospect: position.prospect().clone(),
                    name: position.profile().name.clone(),
                    zone: state.zone(),
                    before: plan::plan(state, old),
                    after: plan::plan(&moved, policy),
                });
            }
        }
    }
    diff.shift_days = Quantiles::of_values(&shifts, 1.0 / MICROS_OF_A_DAY);
    Ok(diff)
}

const MICROS_OF_A_DAY: f64 = 86_400e6;

impl PlaybookDiff {
    /// Counts one prospect. Returns whether the plan would change.
    fn count(
        &mut self,
        state: &ProspectState,
        before: &Decided<'_>,
        after: &Decided<'_>,
        now: DateTime<Utc>,
        shifts: &mut BTreeMap<Micros, u64>,
    ) -> bool {
        let now = to_instant(to_micros(now));
        let day = |target: DateTime<Utc>| state.zone().date_of(target.max(now));
        self.prospects += 1;
        if let Decision::Act { next, .. } = &before.decision {
            self.load.entry(day(next.window().target)).or_default().before += 1;
        }
        if let Decision::Act { next, .. } = &after.decision {
            self.load.entry(day(next.window().target)).or_default().after += 1;
        }
        if before.decision == after.decision {
            self.same += 1;
            return false;
        }
        self.changed += 1;
        match (&before.decision, &after.decision) {
            (Decision::Act { next: one, .. }, Decision::Act { next: other, .. }) => {
                let shift = to_micros(other.window().latest) - to_micros(one.window().latest);
                self.earlier += u64::from(shift < 0);
                self.later += u64::from(shift > 0);
                if shift != 0 {
                    *shifts.entry(shift).or_default() += 1;
                }
                self.purpose += u64::from(one.purpose != other.purpose);
                self.channel += u64::from(one.form.channel != other.form.channel);
            }
            (Decision::Rest { .. }, Decision::Rest { .. }) => {}
            (_, Decision::Act { .. }) => self.starts += 1,
            (_, Decision::Rest { .. }) => self.stops += 1,
            _ => {}
        }
        true
    }
}

/// Serializes with the prospect id in place of an unknown name.
impl Serialize for PlanChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Fields<'a> {
            prospect: &'a ProspectId,
            name: &'a str,
            before: &'a Plan,
            after: &'a Plan,
        }
        let name = self.name.as_deref().unwrap_or(self.prospect.as_str());
        Fields { prospect: &self.prospect, name, before: &self.before, after: &self.after }
            .serialize(serializer)
    }
}
