//! What another playbook would have asked for, against what was done.

use std::collections::BTreeMap;

use serde::Serialize;

use super::follow_up::{FollowUp, FollowUpTally, FollowUps, Moment, Witness, walk};
use super::report;
use followup::read::Past;
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::plan::Bounds;
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::stage::Outcome;

report! {
    /// History, as if a playbook had been in force: what it would have asked for and when, against what was done.
    Backtest {
        /// Everybody whose history was replayed.
        prospects: u64,
        /// Touches that were measured by what it had planned. Those are not that begin a history, that were made while it
        /// would have rested or waited, or while an appointment was to be held or a send to be resolved, and those that
        /// answer before they would have to.
        made: u64,
        /// How those touches lay to what it asked for, and what it asked for that was not done.
        follow_ups: FollowUps,
        /// By what it asked for.
        by_purpose: BTreeMap<String, FollowUps>,
        /// Touches while it would have rested or waited.
        beyond_rest: Spared,
        /// Touches after as many personal ones without a sign as their value band is worth (S1).
        beyond_limit: Spared,
    }
}

/// Touches that a playbook would not have made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Spared {
    /// Who would have been spared some.
    pub prospects: u64,
    /// How many touches.
    pub touches: u64,
    /// Who of them bought.
    pub won: u64,
}

/// One follow-up of a backtest.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct BacktestLine {
    /// Whose.
    pub prospect: ProspectId,
    /// What was asked for, and what was done.
    #[serde(flatten)]
    pub follow_up: FollowUp,
}

/// Whoever replays one prospect's past.
#[derive(Default)]
struct Replay {
    follow_ups: Vec<FollowUp>,
    beyond_rest: u64,
    beyond_limit: u64,
}

impl Witness for Replay {
    fn event(&mut self, moment: &Moment<'_>) {
        if moment.touch.is_some() && moment.before.last_event_at().is_some() {
            let bounds = Bounds::new(moment.before, moment.policy);
            self.beyond_limit += u64::from(bounds.limit_reached());
        }
    }

    fn unasked(&mut self) {
        self.beyond_rest += 1;
    }

    fn follow_up(&mut self, follow_up: FollowUp) {
        self.follow_ups.push(follow_up);
    }
}

/// A backtest that is being counted.
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

impl Spared {
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
