//! The definitions of the figures on the page, as given by the library.

use followup_insight::report::{GapReport, LoadReport};

/// The fields of the gap report that the page shows.
const SHOWN: [&str; 27] = [
    "prospects",
    "open",
    "won",
    "lost",
    "conversion_pct",
    "touches_per_first_contact",
    "open_without_next_action",
    "never_touched",
    "touches_after_stop",
    "outside_hours",
    "by_weekday",
    "reached",
    "by_stage",
    "time_in_stage",
    "first_touch",
    "between_touches",
    "response",
    "open_silence",
    "cycle_days",
    "lost_cycle_days",
    "follow_ups",
    "prospects_by_touches",
    "won_by_touches",
    "won_pct_by_touches",
    "by_month",
    "first_event",
    "last_event",
];

pub(super) struct Definition {
    /// The name for people.
    pub(super) name: String,
    /// The name for programs.
    pub(super) field: &'static str,
    pub(super) says: &'static str,
}

pub(super) fn all() -> Vec<Definition> {
    let shown = GapReport::DEFINITIONS.iter().filter(|(field, _)| SHOWN.contains(field));
    shown.map(|(field, says)| define("", field, says)).chain(load()).collect()
}

fn load() -> impl Iterator<Item = Definition> {
    LoadReport::DEFINITIONS.iter().map(|(field, says)| define("load: ", field, says))
}

fn define(of: &str, field: &'static str, says: &'static str) -> Definition {
    let name = field.replace("_pct", " in percent").replace('_', " ");
    Definition { name: format!("{of}{name}"), field, says }
}
