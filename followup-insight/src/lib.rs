//! Reading the past of a followup book and trying its future.
//!
//! [`Insight`] answers over a [`Desk`]: where everybody stands and who fell in the gap, what followed on an event, where
//! history breaks the rules, what another playbook would have asked for, and what the next weeks will look like. It
//! writes nothing. Everything streams over the store, a page of prospects and one journal at a time, so that memory does
//! not grow with the number of prospects.

#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod playbook_diff;
pub mod preview;
pub mod report;
pub mod simulate;

use std::fmt;

use chrono::{DateTime, Utc};
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::event::Event;
use followup_core::policy::Policy;
use followup_core::prospect::ProspectId;
use followup_core::time::Span;

pub use preview::preview;

use playbook_diff::PlaybookDiff;
use report::{
    AuditFinding, AuditTotals, Backtest, BacktestLine, GapReport, GapReportBy, LoadReport, PlaybookOutcome,
    ResponseReport, Split,
};
use simulate::{FittedResponses, Scenario, Simulation};

/// Reports and simulations over the book of a desk.
///
/// ```
/// use followup::memory::MemoryStore;
/// use followup::read::Scope;
/// use followup::{Desk, Event, Playbook};
/// use followup_insight::Insight;
///
/// # followup::block_on(async {
/// let t = "2026-03-06T14:00:00Z".parse()?;
/// let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::inquired(t)).await?;
/// let report = Insight::new(&desk).gap(&Scope::at(t)).await?;
/// assert_eq!((report.prospects, report.never_touched), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy)]
pub struct Insight<'a> {
    desk: &'a Desk,
}

impl fmt::Debug for Insight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Insight").field("desk", self.desk).finish()
    }
}

impl<'a> Insight<'a> {
    /// Reports over the book of a desk.
    pub fn new(desk: &'a Desk) -> Insight<'a> {
        Insight { desk }
    }

    /// Reports where everybody stands at an instant, and how prompt we were (T2, T5, C15).
    ///
    /// Quantiles of durations are exact to the microsecond up to 32,768 different durations; beyond that, median and p90
    /// are within 0.05 %.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn gap(&self, scope: &Scope) -> Result<GapReport, DeskError> {
        report::gap::gap(self.desk, scope).await
    }

    /// The same report for all and for each part. Memory grows with the number of parts.
    ///
    /// # Errors
    /// As [`Insight::gap`].
    pub async fn gap_by(&self, scope: &Scope, by: Split) -> Result<GapReportBy, DeskError> {
        report::gap::gap_by(self.desk, scope, by).await
    }

    /// Reports what followed on an event: the first of its name that each prospect has. With a maximum gap it also says
    /// how that gap was kept; its days are civil days where they are.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, read::Scope, Desk, Event, Playbook};
    /// # use followup_insight::Insight;
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::proposal_sent(t)).await?;
    /// let report = Insight::new(&desk).response(&Scope::at(t), "proposal_sent", None).await?;
    /// assert_eq!((report.anchored, report.answered), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn response(
        &self,
        scope: &Scope,
        anchor: &str,
        max_gap: Option<Span>,
    ) -> Result<ResponseReport, DeskError> {
        report::response::response(self.desk, scope, anchor, max_gap).await
    }

    /// Compares the versions of each playbook, with sample sizes and intervals, and says what the difference to the
    /// version before means (T3). A prospect counts for the version that applied to them when they decided, else for the
    /// one that applies now.
    ///
    /// A comparison over time is not an experiment: prospects on the older version were also there in another season.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn playbooks(&self, scope: &Scope) -> Result<Vec<PlaybookOutcome>, DeskError> {
        report::playbooks::playbooks(self.desk, scope).await
    }

    /// Reports what is planned for the coming days, today included: at most ten years. Memory grows with the days,
    /// channels and owners.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn load(&self, scope: &Scope, days: u32) -> Result<LoadReport, DeskError> {
        report::load::load(self.desk, scope, days).await
    }

    /// Finds where the history of one prospect breaks the rules, as of an instant, in order (C15).
    ///
    /// What was done is measured by the playbook that applied, as it is now. A history from before the engine looked
    /// after the prospect is taken as given.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`], also if nothing had happened by `now`; [`DeskError::Store`].
    pub async fn audit(&self, id: &ProspectId, now: DateTime<Utc>) -> Result<Vec<AuditFinding>, DeskError> {
        report::audit::audit(self.desk, id, now).await
    }

    /// The same for everybody, by prospect id; each finding is passed on as it is found.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn audit_all(
        &self,
        scope: &Scope,
        each: impl FnMut(AuditFinding) + Send,
    ) -> Result<AuditTotals, DeskError> {
        report::audit::audit_all(self.desk, scope, each).await
    }

    /// Replays everybody's history as if a playbook had been in force: before each event time does what it would have
    /// done under that playbook, and each touch is measured by what it had planned. What people did in answer stays as
    /// it was.
    ///
    /// Each follow-up is passed on as it is found.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn backtest(
        &self,
        scope: &Scope,
        policy: impl Into<Policy>,
        each: impl FnMut(BacktestLine) + Send,
    ) -> Result<Backtest, DeskError> {
        report::backtest::backtest(self.desk, scope, &policy.into(), each).await
    }

    /// Compares everybody on the playbook of that name under the policy that applies to them and under this one, as if it
    /// were published now and everybody moved. If nobody can be on that name, because the desk has no such playbook,
    /// everybody is compared.
    ///
    /// What time alone has changed by `now` is applied under the old policy, and then under the new one. Before recorded
    /// events this is a view of the past. At most `listed` of those who would change are listed.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn diff(
        &self,
        policy: impl Into<Policy>,
        now: DateTime<Utc>,
        listed: usize,
    ) -> Result<PlaybookDiff, DeskError> {
        playbook_diff::diff(self.desk, &policy.into(), now, listed).await
    }

    /// Runs everybody forward from `now` on, answering as the scenario supposes. Writes nothing.
    ///
    /// Everybody is taken as of `now`, with what time alone has changed by then applied and suppressions of their
    /// addresses (S6); before recorded events this starts from a view of the past. What time alone has changed by `now`
    /// is applied under the policy that applied, and then under the scenario's.
    ///
    /// The same book, scenario and `now` give the same simulation.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn simulate(&self, scenario: &Scenario, now: DateTime<Utc>) -> Result<Simulation, DeskError> {
        simulate::run::simulate(self.desk, scenario, now).await
    }

    /// The same, and passes each event on: prospect by prospect, by their ids, and in order.
    ///
    /// # Errors
    /// As [`Insight::simulate`].
    pub async fn simulate_watched(
        &self,
        scenario: &Scenario,
        now: DateTime<Utc>,
        watch: impl FnMut(&ProspectId, &Event) + Send,
    ) -> Result<Simulation, DeskError> {
        simulate::run::simulate_watched(self.desk, scenario, now, watch).await
    }

    /// Fits a response model to how people have answered, by everything that was recorded by `now`.
    ///
    /// Counts the answer to each touch of ours before the next touch; of several answers the one that goes furthest, and
    /// the last touch without an answer only once it is 14 days old.
    ///
    /// Shares are smoothed additively: if n of N touches had an answer, its share is (n + 20 s) ÷ (N + 20), where s is
    /// the more general share. For touches with a purpose that is the share for all touches; for all touches it is what
    /// is [assumed](simulate::ResponseModel::assumed) of that purpose. So a little history changes the assumptions a
    /// little, and a purpose with little history is answered like all. Confirming, holding and chasing have answers of
    /// their own: they do not count for all, and are smoothed by what is assumed of them. Delays are the deciles of those
    /// seen, if there are 5 or more, within half powers of two of a minute; else the more general ones.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn fit_responses(&self, now: DateTime<Utc>) -> Result<FittedResponses, DeskError> {
        simulate::run::fit_responses(self.desk, now).await
    }
}
