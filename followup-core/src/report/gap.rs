//! Where people stand, and who has fallen in the gap (T2).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::desk::{Desk, DeskError, View};
use crate::plan::Decision;
use crate::stage::{Kind, Outcome, Stage};
use crate::store::StoreExt;

/// Where everybody stands at an instant.
///
/// The basic fields: counts by stage and standing, decisions, and whoever is open without a next action.
#[derive(Clone, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct GapReport {
    /// Everybody to whom something had happened.
    pub prospects: u64,
    /// How many stand at each stage.
    pub by_stage: BTreeMap<Stage, u64>,
    /// How many have each standing: active, waiting, or the reason to rest.
    pub by_standing: BTreeMap<&'static str, u64>,
    /// How many ever got to each stage.
    pub reached: BTreeMap<Stage, u64>,
    /// Who bought.
    pub won: u64,
    /// Who said no.
    pub lost: u64,
    /// Neither decided for good, nor stopped, given up, opted out, erased, merged, or complete.
    pub open: u64,
    /// Nobody of ours was ever in touch with them.
    pub never_touched: u64,
    /// Touches per prospect.
    pub touches: Quantiles,
    /// Open, with neither a next action nor a wake-up: nobody, or the engine is broken.
    pub open_without_next_action: u64,
}

/// Quantiles, with linear interpolation at h = (n−1)q.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct Quantiles {
    /// How many values there are.
    pub n: u64,
    /// The middle one.
    pub median: f64,
    /// Nine tenths are at most this.
    pub p90: f64,
    /// The mean.
    pub mean: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Quantiles {
    /// Quantiles of whole numbers, each with how often it occurs. All zero if there is none.
    pub fn of_counts(counts: &BTreeMap<u64, u64>) -> Quantiles {
        Quantiles::weighted(counts.iter().map(|(value, times)| (*value as f64, *times)).collect())
    }

    /// Quantiles of whole numbers of a unit, negative ones too, each with how often it occurs.
    pub(crate) fn of_values(values: &BTreeMap<i64, u64>, unit: f64) -> Quantiles {
        Quantiles::weighted(values.iter().map(|(value, times)| (*value as f64 * unit, *times)).collect())
    }

    /// Quantiles of values, ascending, each with how often it occurs.
    fn weighted(values: Vec<(f64, u64)>) -> Quantiles {
        let n: u64 = values.iter().map(|(_, times)| times).sum();
        let (Some((min, _)), Some((max, _))) = (values.first(), values.last()) else {
            return Quantiles::default();
        };
        let nth = |rank: u64| {
            let mut before = 0;
            let found = values.iter().find(|(_, times)| {
                before += times;
                before > rank
            });
            found.map_or(*max, |(value, _)| *value)
        };
        let quantile = |q: f64| {
            let h = (n - 1) as f64 * q;
            let (low, high) = (nth(h.floor() as u64), nth(h.ceil() as u64));
            low + (high - low) * h.fract()
        };
        let sum: f64 = values.iter().map(|(value, times)| value * *times as f64).sum();
        Quantiles { n, median: quantile(0.5), p90: quantile(0.9), mean: sum / n as f64, min: *min, max: *max }
    }
}

impl GapReport {
    /// The share of the decided who bought, in percent; `None` if nobody decided.
    pub fn conversion_pct(&self) -> Option<f64> {
        share(self.won, self.won + self.lost)
    }

    /// The share of all who bought, in percent; `None` if there is nobody.
    pub fn won_pct(&self) -> Option<f64> {
        share(self.won, self.prospects)
    }

    fn count(&mut self, view: &View) {
        let state = &view.state;
        self.prospects += 1;
        *self.by_stage.entry(state.stage()).or_default() += 1;
        *self.by_standing.entry(view.plan.standing().as_str()).or_default() += 1;
        for stage in Stage::ALL {
            *self.reached.entry(*stage).or_default() += u64::from(state.has_reached(*stage));
        }
        self.won += u64::from(state.outcome() == Some(Outcome::Won));
        self.lost += u64::from(state.outcome() == Some(Outcome::Lost));
        self.never_touched += u64::from(state.touches() == 0);
        // Judged by the history, not by the plan: this count is there to find plans that are wrong.
        let complete = state.kind() == Kind::Stakeholder && !state.is_owed_inputs();
        let open = state.at_rest().is_none() && !complete;
        self.open += u64::from(open);
        let idle = match view.plan.decision {
            Decision::Act { .. } => false,
            Decision::Wait { .. } => view.plan.wake.is_none(),
            Decision::Rest { .. } => true,
        };
        self.open_without_next_action += u64::from(open && idle);
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

impl Desk {
    /// Where everybody stands at an instant, what time alone has changed by then folded in. Memory does not grow
    /// with the number of prospects.
    ///
    /// # Errors
    /// [`DeskError::Corrupt`]; [`DeskError::Store`].
    pub async fn report_gap(&self, now: DateTime<Utc>) -> Result<GapReport, DeskError> {
        let mut report = GapReport::default();
        let mut touches: BTreeMap<u64, u64> = BTreeMap::new();
        let mut page = self.store().scan_page(None).await?;
        while let Some(last) = page.last().map(|head| head.prospect.clone()) {
            for view in self.views(&page, now).await?.into_iter().flatten() {
                report.count(&view);
                *touches.entry(u64::from(view.state.touches())).or_default() += 1;
            }
            page = self.store().scan_page(Some(&last)).await?;
        }
        report.touches = Quantiles::of_counts(&touches);
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_neighbours() {
        let counts = BTreeMap::from([(1, 1), (2, 1), (3, 1), (10, 1)]);
        let quantiles = Quantiles::of_counts(&counts);
        assert_eq!((quantiles.n, quantiles.median, quantiles.mean), (4, 2.5, 4.0));
        assert!((quantiles.p90 - 7.9).abs() < 1e-9);
    }
}
