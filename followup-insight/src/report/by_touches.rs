//! Counts by number of touches.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::percent;

/// A value for each class of numbers of touches: 0 to 5 each, 6 to 10, and 11 or more.
///
/// Serializes to a map from class to value: `{"0",…,"5","6-10","11+"}`.
///
/// # Examples
/// ```
/// use followup_insight::report::{ByTouches, GapReport};
///
/// let report = GapReport::default();
/// assert_eq!(report.prospects_by_touches.of(7), &0);
/// let classes: Vec<_> = report.prospects_by_touches.iter().map(|(class, _)| class).collect();
/// assert_eq!(classes, ByTouches::CLASSES);
/// ```
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct ByTouches<T>([T; ByTouches::<()>::CLASSES.len()]);

impl ByTouches<()> {
    /// The classes, in order.
    pub const CLASSES: [&'static str; 8] = ["0", "1", "2", "3", "4", "5", "6-10", "11+"];
}

impl<T> ByTouches<T> {
    /// Returns the classes with their values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &T)> {
        ByTouches::CLASSES.into_iter().zip(&self.0)
    }

    /// Returns the value of the class of a number of touches.
    pub fn of(&self, touches: u64) -> &T {
        &self.0[class(touches)]
    }

    pub(super) fn of_mut(&mut self, touches: u64) -> &mut T {
        &mut self.0[class(touches)]
    }
}

impl ByTouches<u64> {
    /// Returns the share of `part` in each class, in percent.
    pub(super) fn percent_of(&self, part: &ByTouches<u64>) -> ByTouches<Option<f64>> {
        ByTouches(std::array::from_fn(|index| percent(part.0[index], self.0[index])))
    }
}

fn class(touches: u64) -> usize {
    match touches {
        0..=5 => touches as usize,
        6..=10 => 6,
        _ => 7,
    }
}

impl<T: Serialize> Serialize for ByTouches<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut classes = serializer.serialize_map(Some(self.0.len()))?;
        for (class, value) in self.iter() {
            classes.serialize_entry(class, value)?;
        }
        classes.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_touches_is_in_one_class() {
        let mut counts = ByTouches::default();
        for touches in [0, 1, 5, 6, 10, 11, 400] {
            *counts.of_mut(touches) += 1;
        }
        let counted: Vec<_> = counts.iter().map(|(class, count)| (class, *count)).collect();
        let expected = [("0", 1), ("1", 1), ("2", 0), ("3", 0), ("4", 0), ("5", 1), ("6-10", 2), ("11+", 2)];
        assert_eq!(counted, expected);
        let shares = counts.percent_of(&counts);
        assert_eq!((shares.of(7), shares.of(3)), (&Some(100.0), &None));
    }
}
