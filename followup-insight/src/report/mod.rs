//! Reading the past: reports, the audit, and what another playbook would have asked for.
//!
//! Each report streams over the store, a page of prospects and one journal at a time, so that its memory does not grow
//! with their number. All are as of an instant: only events up to it count, and what time alone had changed by then is
//! folded in.

pub(crate) mod audit;
pub(crate) mod backtest;
mod by_touches;
mod facts;
mod follow_up;
pub(crate) mod gap;
pub(crate) mod load;
pub(crate) mod playbooks;
mod quantiles;
pub(crate) mod response;

use serde::{Serialize, Serializer};

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

/// A part of a whole, in percent; `None` of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

/// The part of a report that somebody counts for; nobody's has a word of its own.
fn part_name(name: Option<String>) -> String {
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "(empty)".to_owned())
}

/// A report with the definitions of its fields.
///
/// Serializes to the report with a further field `definitions`, from the name of each field to what it says.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Defined<'a, T> {
    #[serde(flatten)]
    report: &'a T,
    #[serde(serialize_with = "definitions")]
    definitions: &'static [(&'static str, &'static str)],
}

impl<'a, T> Defined<'a, T> {
    pub(crate) fn new(report: &'a T, definitions: &'static [(&'static str, &'static str)]) -> Defined<'a, T> {
        Defined { report, definitions }
    }
}

fn definitions<S: Serializer>(
    definitions: &&'static [(&'static str, &'static str)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(definitions.iter().copied())
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

            /// Returns the report with its definitions, to be serialized.
            pub fn defined(&self) -> $crate::report::Defined<'_, $name> {
                $crate::report::Defined::new(self, $name::DEFINITIONS)
            }
        }
    };
}
use report;
