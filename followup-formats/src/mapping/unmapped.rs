//! Values that a mapping does not name.

use std::collections::{BTreeMap, HashMap};

use super::cells::{Columns, Slot};

/// The maximum number of values listed; rows with further values are counted together.
const VALUES_MAX: usize = 1_000;
/// The maximum length of a listed value, in characters; a longer one is cut.
const CHARACTERS_MAX: usize = 100;

/// A counter of values, in bounded memory.
#[derive(Default)]
pub(super) struct Unmapped {
    counts: BTreeMap<Slot, Counts>,
    values: usize,
}

#[derive(Default)]
struct Counts {
    listed: HashMap<String, u64>,
    further: u64,
}

impl Unmapped {
    pub(super) fn count(&mut self, slot: Slot, value: &str) {
        let counts = self.counts.entry(slot).or_default();
        let cut = value.char_indices().nth(CHARACTERS_MAX).map_or(value, |(at, _)| &value[..at]);
        if let Some(count) = counts.listed.get_mut(cut) {
            *count += 1;
        } else if self.values < VALUES_MAX {
            self.values += 1;
            counts.listed.insert(cut.to_owned(), 1);
        } else {
            counts.further += 1;
        }
    }

    pub(super) fn list(&self, columns: &Columns) -> BTreeMap<(String, String), u64> {
        let mut list = BTreeMap::new();
        for (slot, counts) in &self.counts {
            let column = columns.name(*slot);
            for (value, count) in &counts.listed {
                list.insert((column.to_owned(), value.clone()), *count);
            }
            if counts.further > 0 {
                *list.entry((column.to_owned(), "…".to_owned())).or_default() += counts.further;
            }
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_listed_up_to_a_limit_and_the_rest_is_counted() {
        let mut columns = Columns::default();
        let slot = columns.slot("status");
        let mut unmapped = Unmapped::default();
        for number in 0..1_500 {
            unmapped.count(slot, &format!("v{number}"));
            unmapped.count(slot, "v7");
        }
        let list = unmapped.list(&columns);
        assert_eq!(list.len(), 1_001);
        assert_eq!(list[&("status".to_owned(), "v7".to_owned())], 1_501);
        assert_eq!(list[&("status".to_owned(), "…".to_owned())], 500);
        unmapped.count(slot, &"é".repeat(300));
    }
}
