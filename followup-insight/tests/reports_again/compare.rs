//! Numbers by sorting and counting, compared with those of a report.

use std::collections::BTreeMap;

use chrono::{Duration, TimeDelta};
use followup::Event;
use followup_insight::report::{ByTouches, Quantiles, SPREAD_DAYS, Spread};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::life::Life;

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;

/// The quantile of sorted values, with linear interpolation at h = (n−1)q.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let h = (sorted.len() - 1) as f64 * q;
    let below = sorted[h.floor() as usize];
    below + (sorted[h.ceil() as usize] - below) * h.fract()
}

pub(crate) fn same_quantiles(name: &str, said: &Quantiles, mut values: Vec<f64>) -> TestCaseResult {
    values.sort_by(f64::total_cmp);
    prop_assert_eq!(said.n, values.len() as u64, "{}", name);
    if values.is_empty() {
        return Ok(());
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let (median, p90) = (quantile(&values, 0.5), quantile(&values, 0.9));
    let read = [median, p90, mean, values[0], values[values.len() - 1]];
    for (said, read) in [said.median, said.p90, said.mean, said.min, said.max].into_iter().zip(read) {
        prop_assert!((said - read).abs() < 1e-9 * read.abs().max(1.0), "{}: {} is not {}", name, said, read);
    }
    Ok(())
}

pub(crate) fn same_spread(name: &str, said: &Spread, times: &[TimeDelta], unit: i64) -> TestCaseResult {
    let seconds = |time: &TimeDelta| time.num_microseconds().expect("in range") as f64 / 1e6;
    same_quantiles(name, &said.quantiles, times.iter().map(|time| seconds(time) / unit as f64).collect())?;
    let over =
        SPREAD_DAYS.map(|days| times.iter().filter(|time| **time > Duration::days(days.into())).count());
    prop_assert_eq!(said.over.map(|over| over as usize), over, "{}", name);
    Ok(())
}

/// The classes of numbers of touches, with the count of each.
pub(crate) fn classes(numbers: impl Iterator<Item = usize>) -> [u64; 8] {
    let mut classes = [0; 8];
    for number in numbers {
        classes[match number {
            0..=5 => number,
            6..=10 => 6,
            _ => 7,
        }] += 1;
    }
    classes
}

pub(crate) fn values<T: Copy>(of: &ByTouches<T>) -> Vec<T> {
    of.iter().map(|(_, value)| *value).collect()
}

pub(crate) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

/// The shares, class by class.
pub(crate) fn shares(parts: [u64; 8], wholes: [u64; 8]) -> Vec<Option<f64>> {
    parts.into_iter().zip(wholes).map(|(part, whole)| percent(part, whole)).collect()
}

pub(crate) fn count<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

pub(crate) fn number(lives: &[Life], of: impl Fn(&Life) -> bool) -> u64 {
    lives.iter().filter(|life| of(life)).count() as u64
}

pub(crate) fn times(lives: &[Life], of: impl Fn(&Life) -> Vec<TimeDelta>) -> Vec<TimeDelta> {
    lives.iter().flat_map(of).collect()
}

/// The time from each event to the next one.
pub(crate) fn steps(events: &[&Event]) -> Vec<TimeDelta> {
    events.windows(2).map(|pair| pair[1].at() - pair[0].at()).collect()
}

pub(crate) fn nonzero<K: Ord + Clone>(counts: &BTreeMap<K, u64>) -> BTreeMap<K, u64> {
    counts.iter().filter(|(_, count)| **count > 0).map(|(key, count)| (key.clone(), *count)).collect()
}
