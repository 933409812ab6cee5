//! The memory of each case while a log is read.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// The row count, state and `once` bits of each case, in 16 bytes per case.
///
/// A case is identified by a 64-bit hash of its id, keyed with a secret of this run: the probability that any two of
/// a million cases collide is one in thirty million. The table is split into parts that grow one at a time, because
/// growing a single table needs half of its space again meanwhile.
pub(super) struct Cases {
    secret: RandomState,
    parts: Vec<HashMap<u64, Case, BuildHasherDefault<AsItIs>>>,
}

/// The memory of one case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Case {
    /// The number of rows of the case read so far.
    pub(super) rows: u32,
    /// The state of its last row, as an index; 0 for a state that the mapping does not name.
    pub(super) state: u16,
    /// A bit for each `once` rule that has already given its event.
    pub(super) once: u16,
}

impl Cases {
    pub(super) fn new() -> Cases {
        Cases { secret: RandomState::new(), parts: (0..256).map(|_| HashMap::default()).collect() }
    }

    pub(super) fn of(&mut self, id: &str) -> &mut Case {
        let hash = self.secret.hash_one(id);
        // The table of a part uses the lowest and the highest bits of the hash.
        let part = (hash >> 32) as u8;
        self.parts[usize::from(part)].entry(hash).or_default()
    }
}

/// A hasher for keys that are already hashes.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_keeps_its_values_and_takes_16_bytes() {
        assert_eq!(size_of::<(u64, Case)>(), 16);
        let mut cases = Cases::new();
        for round in 1..=2 {
            for number in 0..10_000 {
                let case = cases.of(&format!("INC{number}"));
                case.rows += 1;
                assert_eq!(case.rows, round);
            }
        }
    }
}
