//! Reports on the past: the gap, responses, playbook versions, load, audit and backtest.
//!
//! Each report streams over the store, a page of prospects and one journal at a time, so that its memory does not
//! grow with the number of prospects. All reports are as of an instant: only events up to it count, and the wake-ups
//! that are due by then are applied.

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
pub use backtest::{AvoidedTouches, Backtest, BacktestLine};
pub use by_touches::ByTouches;
pub use follow_up::{FollowUp, FollowUps, Promptness};
pub use gap::{GapReport, GapReportBy, InputsReport, Month, Split, UnwantedTouches};
pub use load::{DayActions, LOAD_DAYS_MAX, LoadReport};
pub use playbooks::{Compared, PlaybookOutcome, Verdict, wilson};
pub(crate) use quantiles::Tally;
pub use quantiles::{Quantiles, SPREAD_DAYS, Spread};
pub use response::{Lateness, ResponseReport};

/// Returns a part of a whole in percent; `None` if the whole is 0.
pub(crate) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

/// Returns the name of a group of a report; prospects without one are in the group `(empty)`.
fn group_name(name: Option<String>) -> String {
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "(empty)".to_owned())
}

/// A report with the definitions of its fields.
///
/// Serializes to the report with an additional field `definitions`, which maps the name of each field to its
/// definition.
///
/// # Examples
/// ```
/// use followup_insight::report::GapReport;
///
/// let json = serde_json::to_value(GapReport::default().defined())?;
/// assert_eq!(json["touches"]["n"], 0);
/// assert_eq!(json["definitions"]["touches"], "Touches per prospect.");
/// # Ok::<(), serde_json::Error>(())
/// ```
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

/// Declares a report: a struct whose field docs are also printed with the report, as definitions.
macro_rules! report {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug, Default, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[doc = $doc])+ pub $field: $type,)*
        }

        impl $name {
            /// The definition of each field, by its name.
            pub const DEFINITIONS: &'static [(&'static str, &'static str)] =
                &[$((stringify!($field), concat!($($doc),+).trim_ascii()),)*];

            /// Returns the report with the definitions of its fields, for serialization.
            pub fn defined(&self) -> $crate::report::Defined<'_, $name> {
                $crate::report::Defined::new(self, $name::DEFINITIONS)
            }
        }
    };
}
use report;
