//! Reading the past: reports, the audit, and what another playbook would have asked for.
//!
//! Each report streams over the store, a page of prospects and one journal at a time, so that its memory does not grow
//! with their number. All are as of an instant: only events up to it count, and what time alone had changed by then is
//! folded in.

mod audit;
mod backtest;
mod by_touches;
mod facts;
mod follow_up;
mod gap;
mod load;
mod playbooks;
mod quantiles;
mod response;

use chrono::{DateTime, Utc};

pub use audit::{AuditFinding, AuditTotals};
pub use backtest::{Backtest, BacktestLine, Spared};
pub use by_touches::ByTouches;
pub use follow_up::{FollowUp, FollowUps, Promptness};
pub use gap::{GapReport, GapReportBy, InputsReport, Month, Split, Strays};
pub use load::{DayActions, LOAD_DAYS_MAX, LoadReport};
pub use playbooks::{Compared, PlaybookOutcome, Verdict, wilson};
pub(crate) use quantiles::Tally;
pub use quantiles::{Quantiles, SPREAD_DAYS, Spread};
pub use response::{Lateness, ResponseReport};

use crate::state::ProspectState;

/// Whom a report is about, and as of when.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Scope {
    /// As of when.
    pub now: DateTime<Utc>,
    /// Only the prospects that were this owner's then.
    pub owner: Option<String>,
}

impl Scope {
    /// Everybody, as of an instant.
    pub fn at(now: DateTime<Utc>) -> Scope {
        Scope { now, owner: None }
    }

    /// Only an owner's.
    #[must_use]
    pub fn owner(mut self, owner: impl Into<String>) -> Scope {
        self.owner = Some(owner.into());
        self
    }

    pub(crate) fn holds(&self, state: &ProspectState) -> bool {
        self.owner.is_none() || state.owner() == self.owner.as_deref()
    }
}

/// A part of a whole, in percent; `None` of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

/// The part of a report that somebody counts for; nobody's has a word of its own.
fn part_name(name: Option<String>) -> String {
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "(empty)".to_owned())
}

/// Declares a report: a struct whose fields say what they are, also to whoever reads the report.
macro_rules! report {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug, Default, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[doc = $doc])+ pub $field: $type,)*
        }

        impl $name {
            /// What each field says.
            pub const DEFINITIONS: &'static [(&'static str, &'static str)] =
                &[$((stringify!($field), concat!($($doc),+).trim_ascii()),)*];
        }
    };
}
use report;
