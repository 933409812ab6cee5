//! The desk for hosts without an async runtime.
//!
//! Each call blocks the thread until it is done. Inside an async runtime use [`Desk`] itself.

use chrono::{DateTime, Utc};
use pollster::block_on;

use crate::agenda::{Agenda, AgendaItem};
use crate::desk::{
    Desk, DeskBuilder, DeskError, Dispatcher, HistoryEntry, ImportItem, Imported, Moving, PlaybookDiff,
    Prepared, Published, Receipt, TickLimits, Ticked, View,
};
use crate::event::Event;
use crate::playbook::Playbook;
use crate::prospect::{Prospect, ProspectId};
use crate::report::{
    AuditFinding, AuditTotals, Backtest, BacktestLine, GapReport, GapReportBy, LoadReport, PlaybookOutcome,
    ResponseReport, Scope, Split,
};
use crate::simulate::{FittedResponses, Scenario, Simulation};
use crate::state::Finding;
use crate::time::Span;

/// A [`Desk`] whose calls block. Cheap to clone.
#[derive(Clone)]
pub struct BlockingDesk {
    desk: Desk,
}

impl From<Desk> for BlockingDesk {
    fn from(desk: Desk) -> BlockingDesk {
        BlockingDesk { desk }
    }
}

macro_rules! blocking {
    ($($method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        impl BlockingDesk {
            $(
                #[doc = concat!("As [`Desk::", stringify!($method), "`].")]
                ///
                /// # Errors
                #[doc = concat!("As [`Desk::", stringify!($method), "`].")]
                pub fn $method(&self, $($argument: $type),*) -> Result<$answer, DeskError> {
                    block_on(self.desk.$method($($argument),*))
                }
            )*
        }
    };
}

blocking! {
    add(prospect: Prospect, at: DateTime<Utc>) -> Receipt;
    record_at(id: &ProspectId, event: Event, now: DateTime<Utc>) -> Receipt;
    observe_at(id: &ProspectId, event: Event, now: DateTime<Utc>) -> Receipt;
    prepare(id: &ProspectId, event: Event, now: DateTime<Utc>) -> Prepared;
    check(id: &ProspectId, event: &Event, now: DateTime<Utc>) -> Vec<Finding>;
    import(batch: &[ImportItem], now: DateTime<Utc>) -> Imported;
    plan(id: &ProspectId, now: DateTime<Utc>) -> View;
    stored_plan(id: &ProspectId) -> View;
    history(id: &ProspectId) -> Vec<HistoryEntry>;
    wake(now: DateTime<Utc>) -> usize;
    owner_away(owner: &str, from: DateTime<Utc>, until: DateTime<Utc>, now: DateTime<Utc>) -> usize;
    tick(now: DateTime<Utc>, dispatcher: &dyn Dispatcher, limits: TickLimits) -> Vec<Ticked>;
    erase(id: &ProspectId, now: DateTime<Utc>) -> ();
    report_gap(scope: &Scope) -> GapReport;
    report_gap_by(scope: &Scope, by: Split) -> GapReportBy;
    report_response(scope: &Scope, anchor: &str, max_gap: Option<Span>) -> ResponseReport;
    report_playbooks(scope: &Scope) -> Vec<PlaybookOutcome>;
    report_load(scope: &Scope, days: u32) -> LoadReport;
    audit(id: &ProspectId, now: DateTime<Utc>) -> Vec<AuditFinding>;
    audit_all(scope: &Scope, each: impl FnMut(AuditFinding) + Send) -> AuditTotals;
    backtest(scope: &Scope, playbook: &Playbook, each: impl FnMut(BacktestLine) + Send) -> Backtest;
    diff(playbook: &Playbook, now: DateTime<Utc>, listed: usize) -> PlaybookDiff;
    simulate(scenario: &Scenario, now: DateTime<Utc>) -> Simulation;
    fit_responses(now: DateTime<Utc>) -> FittedResponses;
}

impl BlockingDesk {
    /// As [`DeskBuilder::open`](crate::DeskBuilder::open).
    ///
    /// # Errors
    /// As [`DeskBuilder::open`](crate::DeskBuilder::open).
    pub fn open(builder: DeskBuilder) -> Result<BlockingDesk, DeskError> {
        Ok(block_on(builder.open())?.into())
    }

    /// The desk itself.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// As [`Desk::record`].
    ///
    /// # Errors
    /// As [`Desk::record`].
    pub fn record<I>(&self, prospect: I, event: Event) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        block_on(self.desk.record(prospect, event))
    }

    /// As [`Desk::observe`].
    ///
    /// # Errors
    /// As [`Desk::observe`].
    pub fn observe<I>(&self, prospect: I, event: Event) -> Result<Receipt, DeskError>
    where
        I: TryInto<ProspectId>,
        DeskError: From<I::Error>,
    {
        block_on(self.desk.observe(prospect, event))
    }

    /// As [`Desk::publish`].
    ///
    /// # Errors
    /// As [`Desk::publish`].
    pub fn publish(
        &mut self,
        playbook: Playbook,
        moving: Moving,
        now: DateTime<Utc>,
    ) -> Result<Published, DeskError> {
        block_on(self.desk.publish(playbook, moving, now))
    }

    /// As [`Desk::reload`].
    ///
    /// # Errors
    /// As [`Desk::reload`].
    pub fn reload(&mut self) -> Result<(), DeskError> {
        block_on(self.desk.reload())
    }

    /// As [`Desk::agenda`]; it is asked with [`Agenda::wait`].
    pub fn agenda(&self, now: DateTime<Utc>) -> Agenda<'_> {
        self.desk.agenda(now)
    }
}

impl Agenda<'_> {
    /// Asks, and blocks the thread until the answer is there.
    ///
    /// # Errors
    /// As awaiting it.
    pub fn wait(self) -> Result<Vec<AgendaItem>, DeskError> {
        block_on(self.into_future())
    }
}
