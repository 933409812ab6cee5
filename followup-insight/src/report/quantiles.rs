//! Quantiles of many values in little memory.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use followup_core::time::{DAY, HOUR, Micros};

/// Quantiles of a set of values, with linear interpolation at h = (n−1)q.
///
/// Serializes to `{"n","median","p90","mean","min","max"}`; without values, all but `n` are null.
///
/// # Examples
/// ```
/// use followup_insight::report::Quantiles;
///
/// let quantiles = Quantiles::of_counts(&[(1, 1), (2, 2), (10, 1)].into());
/// assert_eq!((quantiles.n, quantiles.median, quantiles.max), (4, 2.0, 10.0));
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct Quantiles {
    /// The number of values.
    pub n: u64,
    /// The median.
    pub median: f64,
    /// The 90th percentile.
    pub p90: f64,
    /// The mean.
    pub mean: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
}

/// The numbers of days for which a [`Spread`] counts longer durations.
pub const SPREAD_DAYS: [u32; 9] = [1, 2, 7, 14, 30, 60, 90, 180, 365];

/// Quantiles of durations, and the number of durations longer than each of [`SPREAD_DAYS`], in days of 24 hours.
///
/// Serializes to the quantiles with a field `over_days`: `{"n",…,"over_days":{"1",…,"365"}}`.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct Spread {
    /// The quantiles, in the unit that the documentation of the field names.
    pub quantiles: Quantiles,
    /// The number of durations longer than each of [`SPREAD_DAYS`].
    pub over: [u64; SPREAD_DAYS.len()],
}

impl Quantiles {
    /// Returns the quantiles of whole numbers, given with the number of occurrences of each. All zero without values.
    ///
    /// # Examples
    /// See [`Quantiles`].
    pub fn of_counts(counts: &BTreeMap<u64, u64>) -> Quantiles {
        Quantiles::weighted(counts.iter().map(|(value, times)| (*value as f64, *times)).collect())
    }

    /// Returns the quantiles of multiples of a unit, given with the number of occurrences of each.
    pub(crate) fn of_values(values: &BTreeMap<i64, u64>, unit: f64) -> Quantiles {
        Quantiles::weighted(values.iter().map(|(value, times)| (*value as f64 * unit, *times)).collect())
    }

    /// Returns the quantiles of ascending values, given with the number of occurrences of each.
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

    fn entries(&self) -> [(&'static str, Option<f64>); 5] {
        let known = |value| (self.n > 0).then_some(value);
        [
            ("median", known(self.median)),
            ("p90", known(self.p90)),
            ("mean", known(self.mean)),
            ("min", known(self.min)),
            ("max", known(self.max)),
        ]
    }
}

impl Serialize for Quantiles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut quantiles = serializer.serialize_struct("Quantiles", 6)?;
        quantiles.serialize_field("n", &self.n)?;
        for (name, value) in self.entries() {
            quantiles.serialize_field(name, &value)?;
        }
        quantiles.end()
    }
}

impl Serialize for Spread {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let over: BTreeMap<u32, u64> = self.longer_than().collect();
        let mut spread = serializer.serialize_map(Some(7))?;
        spread.serialize_entry("n", &self.quantiles.n)?;
        for (name, value) in self.quantiles.entries() {
            spread.serialize_entry(name, &value)?;
        }
        spread.serialize_entry("over_days", &over)?;
        spread.end()
    }
}

impl Spread {
    /// Returns each of [`SPREAD_DAYS`] with the number of longer durations.
    ///
    /// # Examples
    /// ```
    /// use followup_insight::report::Spread;
    ///
    /// assert_eq!(Spread::default().longer_than().next(), Some((1, 0)));
    /// ```
    pub fn longer_than(&self) -> impl Iterator<Item = (u32, u64)> {
        SPREAD_DAYS.into_iter().zip(self.over)
    }
}

/// The maximum number of distinct values that are kept exactly.
const DISTINCT_MAX: usize = 1 << 15;

/// The number of leading bits that are kept beyond that. A value is then off by at most one part in 2,000.
const BITS_KEPT: u32 = 10;

/// A set of durations, in memory that does not grow with their number.
///
/// The quantiles are exact for up to 32,768 distinct durations. Beyond that, `median` and `p90` are within 0.05 % and
/// the other fields stay exact. The order of the durations makes no difference.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    values: BTreeMap<Micros, u64>,
    is_rounded: bool,
    n: u64,
    sum: i128,
    min: Option<Micros>,
    max: Option<Micros>,
    over: [u64; SPREAD_DAYS.len()],
}

impl Tally {
    pub(crate) fn add(&mut self, value: Micros) {
        self.n += 1;
        self.sum += i128::from(value);
        self.min = Some(self.min.map_or(value, |min| min.min(value)));
        self.max = Some(self.max.map_or(value, |max| max.max(value)));
        for (over, days) in self.over.iter_mut().zip(SPREAD_DAYS) {
            *over += u64::from(value > Micros::from(days) * DAY);
        }
        let kept = if self.is_rounded { rounded(value) } else { value };
        *self.values.entry(kept).or_default() += 1;
        if !self.is_rounded && self.values.len() > DISTINCT_MAX {
            self.is_rounded = true;
            for (value, times) in std::mem::take(&mut self.values) {
                *self.values.entry(rounded(value)).or_default() += times;
            }
        }
    }

    /// Returns the spread in days of 24 hours.
    pub(crate) fn in_days(&self) -> Spread {
        self.spread(1.0 / DAY as f64)
    }

    /// Returns the spread in hours.
    pub(crate) fn in_hours(&self) -> Spread {
        self.spread(1.0 / HOUR as f64)
    }

    fn spread(&self, unit: f64) -> Spread {
        let (Some(min), Some(max)) = (self.min, self.max) else { return Spread::default() };
        let (min, max) = (min as f64 * unit, max as f64 * unit);
        let known = Quantiles::of_values(&self.values, unit);
        let quantiles = Quantiles {
            n: self.n,
            median: known.median.clamp(min, max),
            p90: known.p90.clamp(min, max),
            mean: self.sum as f64 * unit / self.n as f64,
            min,
            max,
        };
        Spread { quantiles, over: self.over }
    }
}

/// Returns the middle of the values with the same leading bits.
fn rounded(value: Micros) -> Micros {
    let bits = u64::BITS - value.unsigned_abs().leading_zeros();
    let dropped = bits.saturating_sub(BITS_KEPT);
    let half = if dropped == 0 { 0 } else { 1 << (dropped - 1) };
    let kept = (value.unsigned_abs() >> dropped << dropped) + half;
    Micros::try_from(kept).unwrap_or(Micros::MAX) * value.signum()
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

    fn tally(values: impl IntoIterator<Item = Micros>) -> Tally {
        let mut tally = Tally::default();
        values.into_iter().for_each(|value| tally.add(value));
        tally
    }

    #[test]
    fn durations_are_counted_beyond_each_number_of_days() {
        let spread = tally([DAY, DAY + 1, 3 * DAY, 400 * DAY, -DAY]).in_days();
        assert_eq!(spread.over, [3, 2, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!((spread.quantiles.min, spread.quantiles.max), (-1.0, 400.0));
        let json = serde_json::to_value(spread).unwrap();
        assert_eq!((&json["n"], &json["over_days"]["2"]), (&5.into(), &2.into()));
        let none = serde_json::to_value(Spread::default()).unwrap();
        assert_eq!((&none["n"], &none["median"]), (&0.into(), &serde_json::Value::Null));
    }

    #[test]
    fn many_different_durations_are_rounded_and_few_are_not() {
        let many = 100_000;
        let value = |nth: i64| nth * 977_777_777 % (90 * DAY);
        let rounded = tally((0..many).map(value)).in_hours().quantiles;
        let backwards = tally((0..many).rev().map(value));
        assert!(backwards.values.len() < DISTINCT_MAX, "{}", backwards.values.len());
        assert_eq!(rounded, backwards.in_hours().quantiles, "the order makes no difference");
        let exact: BTreeMap<_, _> = (0..many).map(|nth| (value(nth), 1)).collect();
        let exact = Quantiles::of_values(&exact, 1.0 / HOUR as f64);
        assert_eq!((rounded.n, rounded.min, rounded.max), (exact.n, exact.min, exact.max));
        assert!((rounded.mean - exact.mean).abs() < 1e-6, "{rounded:?}, {exact:?}");
        for (rounded, exact) in [(rounded.median, exact.median), (rounded.p90, exact.p90)] {
            assert!((rounded / exact - 1.0).abs() < 0.0005, "{rounded}, {exact}");
        }
        let few = tally((0..1_000).map(value)).in_hours().quantiles;
        let exact: BTreeMap<_, _> = (0..1_000).map(|nth| (value(nth), 1)).collect();
        assert_eq!(few.median, Quantiles::of_values(&exact, 1.0 / HOUR as f64).median);
    }

    #[test]
    fn a_duration_is_rounded_to_the_middle_of_its_neighbours() {
        for value in [0, 1, -1, 1_023, -1_023] {
            assert_eq!(rounded(value), value);
        }
        assert_eq!((rounded(2_048), rounded(2_051), rounded(2_052)), (2_050, 2_050, 2_054));
        assert_eq!(rounded(-2_048), -2_050);
        assert_eq!(rounded(Micros::MIN).signum(), -1);
    }
}
