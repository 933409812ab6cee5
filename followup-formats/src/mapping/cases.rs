//! What is remembered of each case while a log is read.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// Each case's number of rows, its state and what may happen only once: 16 bytes a case.
///
/// A case is known by a hash of its id of 64 bits, with a secret of this run: two of a million cases are taken
/// for one with a chance of one in thirty million. The table is cut in parts that grow one by one, because a
/// table that grows as a whole needs half of its space again while it does.
pub(super) struct Cases {
    secret: RandomState,
    parts: Vec<HashMap<u64, Case, BuildHasherDefault<AsItIs>>>,
}

/// What is remembered of one case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Case {
    /// How many rows of it were read.
    pub(super) rows: u32,
    /// The state that its last row had: an index, 0 for none of those that the mapping names.
    pub(super) state: u16,
    /// A bit for each rule that gives an event once and has given it.
    pub(super) once: u16,
}

impl Cases {
    pub(super) fn new() -> Cases {
        Cases { secret: RandomState::new(), parts: (0..256).map(|_| HashMap::default()).collect() }
    }

    pub(super) fn of(&mut self, id: &str) -> &mut Case {
        let hash = self.secret.hash_one(id);
        // A part's own table uses the lowest and the highest bits of the hash.
        let part = (hash >> 32) as u8;
        self.parts[usize::from(part)].entry(hash).or_default()
    }
}

/// The keys are hashes already.
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
    fn each_case_keeps_what_was_put_in_and_takes_16_bytes() {
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
