//! Chance that is the same in every run: what it gives follows from a seed and a name alone.

/// The generator splitmix64 (Steele, Lea and Flood, 2014).
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(u64);

/// What splitmix64 moves on by.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Chance {
    /// Begins at a seed and a name, so that nobody's fate depends on who else there is or in which order they come.
    pub(super) fn of(seed: u64, name: &str) -> Chance {
        let start = mixed(seed.wrapping_add(STEP)) ^ name.len() as u64;
        let folded = name.as_bytes().chunks(8).fold(start, |folded, chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            mixed(folded.wrapping_add(STEP) ^ u64::from_le_bytes(word))
        });
        Chance(folded)
    }

    /// The chance of the nth thing, whatever was drawn for those before it.
    pub(super) fn nth(self, n: u64) -> Chance {
        Chance(mixed(self.0 ^ mixed(n.wrapping_add(1).wrapping_mul(STEP))))
    }

    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number from 0 up to and without 1, of 53 bits: the same on any machine.
    pub(super) fn share(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn mixed(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_spread_evenly_over_names_and_turns() {
        let mut tenths = [0_u32; 10];
        for name in 0..1_000 {
            for turn in 0..10 {
                let share = Chance::of(7, &format!("p-{name}")).nth(turn).share();
                tenths[(share * 10.0) as usize] += 1;
            }
        }
        assert!(tenths.iter().all(|count| (900..1_100).contains(count)), "{tenths:?}");
    }

    #[test]
    fn seed_name_and_turn_each_give_another_number() {
        let share = |seed, name, turn| Chance::of(seed, name).nth(turn).share();
        assert_eq!(share(1, "p-1", 0).to_bits(), share(1, "p-1", 0).to_bits());
        for other in [share(2, "p-1", 0), share(1, "p-2", 0), share(1, "p-1", 1), share(1, "p-1\0", 0)] {
            assert_ne!(share(1, "p-1", 0).to_bits(), other.to_bits());
        }
    }
}
