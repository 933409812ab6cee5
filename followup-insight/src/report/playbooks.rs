//! The comparison of playbook versions (T3).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Quantiles, Spread, Tally, percent, report};
use followup::read::Past;
use followup::read::Scope;
use followup::{Desk, DeskError};
use followup_core::stage::{Outcome, Rest, text_enum};
use followup_core::state::Decided;
use followup_core::time::to_micros;

report! {
    /// The results of the prospects on a version of a playbook.
    PlaybookOutcome {
        /// Name of the playbook.
        playbook: String,
        /// Version of the playbook.
        version: u32,
        /// Number of prospects who were on the version when they decided, or are on it now.
        prospects: u64,
        /// Number of prospects who bought.
        won: u64,
        /// Number of prospects who said no.
        lost: u64,
        /// Number of prospects who opted out or said stop without having decided before.
        stopped: u64,
        /// Number of prospects who were given up.
        gave_up: u64,
        /// Share of the prospects who bought among those who bought or said no, in percent.
        conversion_pct: Option<f64>,
        /// 95 % confidence interval of the conversion (Wilson's score interval), in percent.
        conversion_interval: Option<[f64; 2]>,
        /// Touches per prospect.
        touches: Quantiles,
        /// Days from the first contact to the decision of the prospects who bought.
        cycle_days: Spread,
        /// Comparison of the conversion with that of the previous version.
        compared: Option<Compared>,
    }
}

/// The difference between the conversions of two versions, and its significance.
///
/// # Examples
/// ```
/// # use followup::{memory::MemoryStore, read::Scope, Desk, Event, Outcome, Playbook};
/// # use followup_insight::Insight;
/// use followup::publish::Moving;
/// use followup_insight::report::{Compared, Verdict};
///
/// # followup::block_on(async {
/// # let t = "2026-03-06T14:00:00Z".parse()?;
/// # let mut desk = Desk::new(MemoryStore::new(), Playbook::default());
/// desk.observe("p-17", Event::decided(t, Outcome::Won)).await?;
/// let monday = "2026-03-09T09:00:00Z".parse()?;
/// desk.publish(Playbook::parse("version = 2\n")?, Moving::Stay, monday).await?;
/// desk.observe("p-18", Event::decided(monday, Outcome::Lost)).await?;
/// let outcomes = Insight::new(&desk).playbooks(&Scope::at(monday)).await?;
/// let Compared { with, difference, verdict, .. } = outcomes[1].compared.as_ref().expect("there are two versions");
/// assert_eq!((*with, *difference, *verdict), (1, -100.0, Verdict::TooFew));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, PartialEq, Debug, Serialize)]
#[non_exhaustive]
pub struct Compared {
    /// The version compared with.
    pub with: u32,
    /// The conversion less that of the other version, in percentage points.
    pub difference: f64,
    /// The 95 % confidence interval of the difference (Newcombe's hybrid of Wilson's intervals), in percentage points.
    pub interval: [f64; 2],
    /// The verdict.
    pub verdict: Verdict,
    /// The comparison in a sentence.
    pub says: String,
}

text_enum! {
    /// The significance of the difference between two versions.
    Verdict, "verdict" {
        /// The conversion is significantly higher.
        Better = "better",
        /// The conversion is significantly lower.
        Worse = "worse",
        /// The difference is not significant.
        NoDifference = "no_difference",
        /// Fewer than 10 prospects decided under one of the versions, too few for a verdict.
        TooFew = "too_few",
    }
}

/// The minimum number of decisions under each version for a verdict.
const DECIDED_MIN: u64 = 10;

/// The quantile of the normal distribution for 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// Returns the 95 % confidence interval of the share `part` of `whole` in percent: Wilson's score interval. `None` if
/// `whole` is 0.
///
/// # Examples
/// ```
/// let [low, high] = followup_insight::report::wilson(15, 100).expect("the whole is not 0");
/// assert!((low - 9.31).abs() < 0.01 && (high - 23.28).abs() < 0.01);
/// ```
///
/// # Source
/// E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference.
pub fn wilson(part: u64, whole: u64) -> Option<[f64; 2]> {
    if whole == 0 {
        return None;
    }
    let (n, share) = (whole as f64, part as f64 / whole as f64);
    let z2 = Z * Z;
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    Some([(middle - half).max(0.0) * 100.0, (middle + half).min(1.0) * 100.0])
}

impl Compared {
    /// Compares two versions, each given as the numbers of prospects who bought and who decided; `None` if nobody
    /// decided under one of them.
    fn of(newer: (u64, u64), older: (u64, u64), with: u32) -> Option<Compared> {
        let (one, other) = (percent(newer.0, newer.1)?, percent(older.0, older.1)?);
        let ([low1, high1], [low2, high2]) = (wilson(newer.0, newer.1)?, wilson(older.0, older.1)?);
        let difference = one - other;
        let interval =
            [difference - (one - low1).hypot(high2 - other), difference + (high1 - one).hypot(other - low2)];
        let verdict = match () {
            () if newer.1.min(older.1) < DECIDED_MIN => Verdict::TooFew,
            () if interval[0] > 0.0 => Verdict::Better,
            () if interval[1] < 0.0 => Verdict::Worse,
            () => Verdict::NoDifference,
        };
        let decided = format!("{} of {} bought, compared with {} of {}", newer.0, newer.1, older.0, older.1);
        let range = format!("difference between {:+.1} and {:+.1} points", interval[0], interval[1]);
        let says = match verdict {
            Verdict::Better => format!("works better than version {with}: {decided}, {range}"),
            Verdict::Worse => format!("works worse than version {with}: {decided}, {range}"),
            Verdict::NoDifference => {
                format!("no significant difference from version {with}: {decided}, {range}")
            }
            Verdict::TooFew => format!("cannot be compared with version {with} yet: {decided}"),
        };
        Some(Compared { with, difference, interval, verdict, says })
    }
}

/// The running totals of a version.
#[derive(Default)]
struct VersionTally {
    outcome: PlaybookOutcome,
    touches: BTreeMap<u64, u64>,
    cycle: Tally,
}

impl VersionTally {
    fn add(&mut self, past: &Past<'_>) {
        let (state, outcome) = (past.state, &mut self.outcome);
        outcome.prospects += 1;
        outcome.stopped += u64::from(matches!(state.at_rest(), Some(Rest::Stopped | Rest::OptedOut)));
        outcome.gave_up += u64::from(state.at_rest() == Some(Rest::GaveUp));
        *self.touches.entry(u64::from(state.touch_count())).or_default() += 1;
        let Some(decided) = state.decided() else { return };
        match decided.outcome() {
            Outcome::Won => {
                outcome.won += 1;
                let first = past.events.iter().find(|event| event.is_contact());
                first
                    .into_iter()
                    .for_each(|first| self.cycle.add(to_micros(decided.at()) - to_micros(first.at())));
            }
            Outcome::Lost => outcome.lost += 1,
            Outcome::Later => {}
        }
    }
}

pub(crate) async fn playbooks(desk: &Desk, scope: &Scope) -> Result<Vec<PlaybookOutcome>, DeskError> {
    let published = desk.read().published_at().await?;
    let mut versions: BTreeMap<(String, u32), VersionTally> = BTreeMap::new();
    desk.read()
        .each_past(scope, |past| {
            let decided_at = past.state.decided().map(Decided::at);
            let (name, newest) = (past.policy.name(), past.policy.settings().version);
            let version = match past.state.playbook_version() {
                Some(version) => version,
                None => version_at(&published, name, decided_at.unwrap_or(scope.now)).unwrap_or(newest),
            };
            versions.entry((name.to_owned(), version)).or_default().add(past);
        })
        .await?;
    let mut outcomes: Vec<PlaybookOutcome> = Vec::with_capacity(versions.len());
    for ((playbook, version), tally) in versions {
        let mut outcome = PlaybookOutcome { playbook, version, ..tally.outcome };
        let decided = outcome.won + outcome.lost;
        outcome.conversion_pct = percent(outcome.won, decided);
        outcome.conversion_interval = wilson(outcome.won, decided);
        outcome.touches = Quantiles::of_counts(&tally.touches);
        outcome.cycle_days = tally.cycle.in_days();
        let older = outcomes.last().filter(|older| older.playbook == outcome.playbook);
        outcome.compared = older.and_then(|older| {
            Compared::of((outcome.won, decided), (older.won, older.won + older.lost), older.version)
        });
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

/// Returns the version that applied at an instant to prospects without a version of their own: the last one published
/// by then, else the first. `None` if none is published.
fn version_at(
    published: &BTreeMap<String, BTreeMap<u32, DateTime<Utc>>>,
    name: &str,
    at: DateTime<Utc>,
) -> Option<u32> {
    let versions = published.get(name)?;
    let published = versions.iter().rev().find(|(_, published)| **published <= at);
    published.or(versions.iter().next()).map(|(version, _)| *version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilsons_interval_matches_the_tables() {
        // Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for (part, whole, low, high) in [
            (81, 263, 25.53, 36.62),
            (15, 148, 6.24, 16.05),
            (0, 20, 0.0, 16.11),
            (1, 29, 0.61, 17.18),
            (29, 29, 88.30, 100.0),
        ] {
            let interval = wilson(part, whole).unwrap();
            assert!((interval[0] - low).abs() < 0.01 && (interval[1] - high).abs() < 0.01, "{interval:?}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn a_difference_matches_the_tables_and_has_the_right_verdict() {
        // Newcombe (1998), interval estimation for the difference, table II, method 10: 56 of 70 against 48 of 80.
        let compared = Compared::of((56, 70), (48, 80), 1).unwrap();
        assert!((compared.interval[0] - 5.24).abs() < 0.01, "{compared:?}");
        assert!((compared.interval[1] - 33.39).abs() < 0.01, "{compared:?}");
        assert_eq!(compared.verdict, Verdict::Better);
        assert_eq!(
            compared.says,
            "works better than version 1: 56 of 70 bought, compared with 48 of 80, \
             difference between +5.2 and +33.4 points"
        );
        let verdict = |newer, older| Compared::of(newer, older, 1).map(|compared| compared.verdict);
        assert_eq!(verdict((48, 80), (56, 70)), Some(Verdict::Worse));
        assert_eq!(verdict((9, 10), (3, 10)), Some(Verdict::Better));
        assert_eq!(verdict((9, 9), (3, 10)), Some(Verdict::TooFew));
        assert_eq!(verdict((5, 10), (3, 10)), Some(Verdict::NoDifference));
        assert_eq!(verdict((0, 0), (3, 10)), None);
    }
}
