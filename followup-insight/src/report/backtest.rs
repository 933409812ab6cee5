//! The backtest: what a playbook would have planned, compared with what was done.

use std::collections::BTreeMap;

use serde::Serialize;

use super::follow_up::{FollowUp, FollowUpTally, FollowUps, Moment, Visitor, walk};
use super::report;
use followup::read::Past;
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::plan::Bounds;
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::stage::Outcome;

report! {
    /// A replay of history as if a playbook had been in force: what it would have planned, compared with what was done.
    Backtest {
        /// Number of prospects whose history was replayed.
        prospects: u64,
        /// Number of touches that were measured by what the playbook had planned, without touches that begin a history,
        /// touches made while it rested or waited or while an appointment was to be held or a send to be resolved, and
        /// early answers.
        made: u64,
        /// The measured touches by promptness, and the planned follow-ups that were not done.
        follow_ups: FollowUps,
        /// The measured touches by promptness, and the planned follow-ups that were not done, by planned purpose.
        by_purpose: BTreeMap<String, FollowUps>,
        /// Touches made while the playbook rested or waited.
        beyond_rest: AvoidedTouches,
        /// Touches made after as many personal touches without a sign as the prospect's value band allows (S1).
        beyond_limit: AvoidedTouches,
    }
}

/// Touches that a playbook would not have made.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, read::Scope, Channel, Desk, Event, Playbook};
/// # use followup_insight::Insight;
/// use followup_insight::report::AvoidedTouches;
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// let now = "2026-03-09T14:00:00Z".parse()?;
/// desk.observe("p-17", Event::stopped(t)).await?;
/// desk.observe("p-17", Event::touched(now, Channel::PHONE)).await?;
/// let backtest = Insight::new(&desk).backtest(&Scope::at(now), Playbook::default(), |_| {}).await?;
/// let AvoidedTouches { prospects, touches, won, .. } = backtest.beyond_rest;
/// assert_eq!((prospects, touches, won), (1, 1, 0), "the playbook rests after a stop");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct AvoidedTouches {
    /// Number of prospects with such touches.
    pub prospects: u64,
    /// Number of such touches.
    pub touches: u64,
    /// Number of prospects with such touches who bought.
    pub won: u64,
}

/// A follow-up of a backtest.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, read::Scope, Channel, Desk, Event, Playbook};
/// # use followup_insight::Insight;
/// use followup_insight::report::{BacktestLine, FollowUp, FollowUps, Promptness};
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// let touched_at = "2026-05-06T14:00:00Z".parse()?;
/// desk.observe("p-17", Event::added(t)).await?;
/// desk.observe("p-17", Event::touched(touched_at, Channel::PHONE)).await?;
/// let mut lines = Vec::new();
/// let each = |line: BacktestLine| lines.push(line);
/// let backtest = Insight::new(&desk).backtest(&Scope::at(touched_at), Playbook::default(), each).await?;
/// let FollowUp { window, at, promptness, .. } = lines[0].follow_up;
/// assert_eq!((at, promptness), (touched_at, Promptness::TooLate));
/// assert!(window.latest < at);
/// let FollowUps { on_time, too_late, hours_late, .. } = &backtest.follow_ups;
/// assert_eq!((*on_time, *too_late, hours_late.quantiles.n), (0, 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct BacktestLine {
    /// The prospect.
    pub prospect: ProspectId,
    /// The planned follow-up, and what was done.
    #[serde(flatten)]
    pub follow_up: FollowUp,
}

/// A visitor that collects the follow-ups of one prospect.
#[derive(Default)]
struct Replay {
    follow_ups: Vec<FollowUp>,
    beyond_rest: u64,
    beyond_limit: u64,
}

impl Visitor for Replay {
    fn event(&mut self, moment: &Moment<'_>) {
        if moment.touch.is_some() && moment.before.last_event_at().is_some() {
            let bounds = Bounds::new(moment.before, moment.policy);
            self.beyond_limit += u64::from(bounds.limit_reached());
        }
    }

    fn unplanned(&mut self) {
        self.beyond_rest += 1;
    }

    fn follow_up(&mut self, follow_up: FollowUp) {
        self.follow_ups.push(follow_up);
    }
}

/// The running totals of a backtest.
#[derive(Default)]
struct BacktestTally {
    backtest: Backtest,
    follow_ups: FollowUpTally,
    by_purpose: BTreeMap<String, FollowUpTally>,
}

impl BacktestTally {
    fn add(&mut self, past: &Past<'_>, replay: &Replay) {
        let won = past.state.outcome() == Some(Outcome::Won);
        self.backtest.prospects += 1;
        self.backtest.beyond_rest.add(replay.beyond_rest, won);
        self.backtest.beyond_limit.add(replay.beyond_limit, won);
        for follow_up in &replay.follow_ups {
            self.follow_ups.add(follow_up);
            self.by_purpose.entry(follow_up.purpose.to_string()).or_default().add(follow_up);
        }
    }

    fn finish(self) -> Backtest {
        let mut backtest = self.backtest;
        backtest.follow_ups = self.follow_ups.finish();
        let of = &backtest.follow_ups;
        backtest.made = of.too_soon + of.on_time + of.too_late;
        backtest.by_purpose =
            self.by_purpose.into_iter().map(|(purpose, tally)| (purpose, tally.finish())).collect();
        backtest
    }
}

impl AvoidedTouches {
    fn add(&mut self, touches: u64, won: bool) {
        self.prospects += u64::from(touches > 0);
        self.touches += touches;
        self.won += u64::from(touches > 0 && won);
    }
}

pub(crate) async fn backtest(
    desk: &Desk,
    scope: &Scope,
    policy: &Policy,
    mut each: impl FnMut(BacktestLine) + Send,
) -> Result<Backtest, DeskError> {
    let mut tally = BacktestTally::default();
    desk.read()
        .each_past(scope, |past| {
            let mut replay = Replay::default();
            walk(desk, past, Some(policy), scope.now, &mut replay);
            tally.add(past, &replay);
            let line = |follow_up| BacktestLine { prospect: past.prospect.clone(), follow_up };
            replay.follow_ups.into_iter().map(line).for_each(&mut each);
        })
        .await?;
    Ok(tally.finish())
}
