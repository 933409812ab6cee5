//! Reports on the past of a followup book, and simulations of its future.
//!
//! [`Insight`] has the reports over a [`Desk`]: the state of all prospects and who fell in the gap, the responses to
//! an event, the audit of rule breaches, the backtest of a playbook, the effect of a new playbook, and the simulation
//! of the next weeks. It writes nothing. Everything streams over the store, a page of prospects and one journal at a
//! time, so that memory does not grow with the number of prospects.

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
/// # Examples
/// ```
/// use followup::memory::MemoryStore;
/// use followup::read::Scope;
/// use followup::{Desk, Event, Playbook};
/// use followup_insight::Insight;
///
/// # followup::block_on(async {
/// let t = "2026-03-06T14:00:00Z".parse()?;
/// let desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::inquired(t, None)).await?;
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
    /// Creates reports over the book of a desk.
    ///
    /// # Examples
    /// See [`Insight`].
    pub fn new(desk: &'a Desk) -> Insight<'a> {
        Insight { desk }
    }

    /// Reports the state of all prospects at an instant, and how prompt we were (T2, T5, C15).
    ///
    /// Quantiles of durations are exact to the microsecond for up to 32,768 distinct durations. Beyond that, median
    /// and p90 are within 0.05 %.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// See [`Insight`].
    pub async fn gap(&self, scope: &Scope) -> Result<GapReport, DeskError> {
        report::gap::gap(self.desk, scope).await
    }

    /// Returns the report of [`Insight::gap`] for all prospects and for each group. Memory grows with the number of
    /// groups.
    ///
    /// # Errors
    /// As [`Insight::gap`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, read::Scope, Desk, Playbook, Prospect};
    /// # use followup_insight::Insight;
    /// use followup_insight::report::Split;
    ///
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.add(Prospect::new("p-17")?.owner("kim"), t).await?;
    /// desk.add(Prospect::new("p-18")?, t).await?;
    /// let report = Insight::new(&desk).gap_by(&Scope::at(t), Split::Owner).await?;
    /// let groups: Vec<_> = report.groups.iter().map(|(name, group)| (name.as_str(), group.prospects)).collect();
    /// assert_eq!(groups, [("(empty)", 1), ("kim", 1)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn gap_by(&self, scope: &Scope, by: Split) -> Result<GapReportBy, DeskError> {
        report::gap::gap_by(self.desk, scope, by).await
    }

    /// Reports touches and signs after an anchor: the first event of a name that each prospect has. With a maximum
    /// gap, also reports how it was kept; its days are civil days in the prospect's zone.
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
    /// desk.observe("p-17", Event::proposal_sent(t, None, None)).await?;
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

    /// Compares the versions of each playbook, with sample sizes and confidence intervals, and judges the difference
    /// from the previous version (T3). A prospect counts for the version that applied when they decided, else for the
    /// one that applies now.
    ///
    /// A comparison over time is not an experiment: the prospects on the older version also came in another season.
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
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let outcomes = Insight::new(&desk).playbooks(&Scope::at(t)).await?;
    /// assert_eq!((outcomes[0].playbook.as_str(), outcomes[0].prospects), ("default", 1));
    /// assert_eq!(outcomes[0].compared, None, "the first version has no previous one");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn playbooks(&self, scope: &Scope) -> Result<Vec<PlaybookOutcome>, DeskError> {
        report::playbooks::playbooks(self.desk, scope).await
    }

    /// Reports the planned actions for a number of days from today on, at least 1 and at most
    /// [`LOAD_DAYS_MAX`](report::LOAD_DAYS_MAX). Memory grows with the number of days, channels and owners.
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
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let load = Insight::new(&desk).load(&Scope::at(t), 7).await?;
    /// assert_eq!((load.actions, load.days.len()), (1, 7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn load(&self, scope: &Scope, days: u32) -> Result<LoadReport, DeskError> {
        report::load::load(self.desk, scope, days).await
    }

    /// Returns the rule breaches in the history of one prospect as of an instant, ordered by time (C15).
    ///
    /// Touches are measured by the current text of the playbook that applied. Imported history is taken as given: no
    /// wake-ups are added to it.
    ///
    /// # Errors
    /// [`DeskError::UnknownProspect`], also if nothing had happened by `now`; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook, ProspectId};
    /// # use followup_insight::Insight;
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::stopped(t)).await?;
    /// desk.observe("p-17", Event::noted("2026-03-07T14:00:00Z".parse()?, "they moved")).await?;
    /// let now = "2026-03-08T14:00:00Z".parse()?;
    /// let findings = Insight::new(&desk).audit(&ProspectId::new("p-17")?, now).await?;
    /// assert!(findings.is_empty(), "a note is not a touch");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn audit(&self, id: &ProspectId, now: DateTime<Utc>) -> Result<Vec<AuditFinding>, DeskError> {
        report::audit::audit(self.desk, id, now).await
    }

    /// Audits all prospects in scope, ordered by prospect id. Calls `each` with every finding and returns the totals.
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
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let scope = Scope::at("2026-04-06T14:00:00Z".parse()?);
    /// let mut rules = Vec::new();
    /// let totals = Insight::new(&desk).audit_all(&scope, |finding| rules.push(finding.rule)).await?;
    /// assert_eq!((totals.prospects, totals.by_finding["never"], rules.len()), (1, 1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn audit_all(
        &self,
        scope: &Scope,
        each: impl FnMut(AuditFinding) + Send,
    ) -> Result<AuditTotals, DeskError> {
        report::audit::audit_all(self.desk, scope, each).await
    }

    /// Replays the history of all prospects in scope as if a playbook had been in force. Wake-ups are those of that
    /// playbook, and each touch is measured by what the playbook had planned. Other events stay as they were.
    ///
    /// Calls `each` with every follow-up and returns the totals.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, read::Scope, Channel, Desk, Event, Playbook};
    /// # use followup_insight::Insight;
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// let touched_at = "2026-05-06T14:00:00Z".parse()?;
    /// desk.observe("p-17", Event::added(t)).await?;
    /// desk.observe("p-17", Event::touched(touched_at, Channel::PHONE)).await?;
    /// let services = Playbook::shipped("services").expect("the playbook ships with the library");
    /// let backtest = Insight::new(&desk).backtest(&Scope::at(touched_at), services, |_| {}).await?;
    /// assert_eq!((backtest.made, backtest.follow_ups.too_late), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn backtest(
        &self,
        scope: &Scope,
        policy: impl Into<Policy>,
        each: impl FnMut(BacktestLine) + Send,
    ) -> Result<Backtest, DeskError> {
        report::backtest::backtest(self.desk, scope, &policy.into(), each).await
    }

    /// Compares the plans of all prospects on the playbook of that name under the policy that applies to them and
    /// under a new one, as if it were published now and all of them moved. If the desk has no playbook of that name,
    /// all prospects are compared.
    ///
    /// Wake-ups that are due by `now` are applied under the old policy, and then under the new one. Only events up to
    /// `now` count, so an earlier `now` gives a view of the past. At most `listed` changes are listed.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # use followup_insight::Insight;
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let sunday = Playbook::parse("version = 2\n[working_hours]\nsun = [\"09:00-17:00\"]\n")?;
    /// let diff = Insight::new(&desk).diff(sunday, t, 10).await?;
    /// assert_eq!((diff.prospects, diff.same + diff.changed), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn diff(
        &self,
        policy: impl Into<Policy>,
        now: DateTime<Utc>,
        listed: usize,
    ) -> Result<PlaybookDiff, DeskError> {
        playbook_diff::diff(self.desk, &policy.into(), now, listed).await
    }

    /// Simulates all prospects from `now` on, with responses drawn as the scenario says. Writes nothing.
    ///
    /// The simulation starts from the states as of `now`, with suppressions of the prospects' addresses applied (S6).
    /// Wake-ups that are due by `now` are applied under the policy that applies, and then under the scenario's. Only
    /// events up to `now` count, so an earlier `now` starts from a view of the past.
    ///
    /// The same book, scenario and `now` give the same simulation.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # use followup_insight::Insight;
    /// use followup_insight::simulate::{ResponseModel, Scenario};
    ///
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let scenario = Scenario::of_days(30).responses(ResponseModel::silent());
    /// let simulation = Insight::new(&desk).simulate(&scenario, t).await?;
    /// assert_eq!((simulation.prospects, simulation.won, simulation.days()), (1, 0, 30));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn simulate(&self, scenario: &Scenario, now: DateTime<Utc>) -> Result<Simulation, DeskError> {
        simulate::run::simulate(self.desk, scenario, now).await
    }

    /// Simulates as [`Insight::simulate`] and calls `watch` with each event, ordered by prospect id and then by time.
    ///
    /// # Errors
    /// As [`Insight::simulate`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # use followup_insight::{simulate::Scenario, Insight};
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let mut events = 0;
    /// let simulation = Insight::new(&desk).simulate_watched(&Scenario::of_days(30), t, |_, _| events += 1).await?;
    /// assert_eq!(simulation.events, events);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn simulate_watched(
        &self,
        scenario: &Scenario,
        now: DateTime<Utc>,
        watch: impl FnMut(&ProspectId, &Event) + Send,
    ) -> Result<Simulation, DeskError> {
        simulate::run::simulate_watched(self.desk, scenario, now, watch).await
    }

    /// Fits a response model to the events that were recorded by `now`.
    ///
    /// Counts one response per touch of ours: the strongest one before the next touch. A last touch without a
    /// response only counts once it is 14 days old.
    ///
    /// Shares are smoothed additively: if n of N touches had a response, its share is (n + 20 s) ÷ (N + 20), where s
    /// is the prior share. The prior of a purpose is the share for all touches; the prior of all touches is the
    /// [assumed](simulate::ResponseModel::assumed) share of that purpose. So a little history changes the assumptions
    /// a little, and a purpose with little history gets the responses of all touches. The purposes `confirm`, `hold`
    /// and `chase_inputs` have responses of their own: they do not count for all touches, and their prior is the
    /// assumed share. Delays are the deciles of the observed delays, in buckets of half powers of two of a minute, if
    /// there are 5 or more; else they are those of the prior.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    ///
    /// # Examples
    /// ```
    /// # use followup::{memory::MemoryStore, Desk, Event, Playbook};
    /// # use followup_insight::Insight;
    /// use followup_insight::simulate::ResponseModel;
    ///
    /// # followup::block_on(async {
    /// # let t = "2026-03-06T14:00:00Z".parse()?;
    /// # let desk = Desk::new(MemoryStore::new(), Playbook::default());
    /// desk.observe("p-17", Event::added(t)).await?;
    /// let fitted = Insight::new(&desk).fit_responses(t).await?;
    /// assert_eq!((fitted.prospects, fitted.touches), (1, 0));
    /// assert_eq!(&fitted.model, ResponseModel::assumed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn fit_responses(&self, now: DateTime<Utc>) -> Result<FittedResponses, DeskError> {
        simulate::run::fit_responses(self.desk, now).await
    }
}
